"""Elements and bytes of XML: same elements, same bytes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

# What XML 1.0 cannot hold at all, not even as a reference.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def sub(parent: ET.Element, name: str, text: str | None = None, /, **attributes: str) -> ET.Element:
    """Add an element with a text."""
    element = ET.SubElement(
        parent, name, {key.rstrip("_"): clean(v) for key, v in attributes.items()}
    )
    element.text = None if text is None else clean(text)
    return element


def clean(text: str) -> str:
    """Return the text without the signs that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)


def written(root: ET.Element) -> bytes:
    """Write a document in UTF-8."""
    body = ET.tostring(root, encoding="unicode", short_empty_elements=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'.encode()
