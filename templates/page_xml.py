"""Pages as XML: what our templates write is well-formed but for its empty elements, and XML is read fast."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

_DOCTYPE = re.compile(r"\s*<!doctype html>\s*", re.IGNORECASE)
_EMPTY = re.compile(r"<(area|base|br|col|embed|hr|img|input|link|meta|source|wbr)\b([^<>]*?)/?>")
_SHAPE = ("head", "body")


def parse_as_xml(html: str) -> ET.Element | None:
    """Read a page; None where a parser of HTML has to: it is not well-formed, or has a shape of its own."""
    text = _DOCTYPE.sub("", html, count=1)
    # Comments, CDATA, entities of its own: rare, and read differently.
    if "<!" in text or "<?" in text:
        return None
    try:
        root = ET.fromstring(_EMPTY.sub(r"<\1\2/>", text))  # noqa: S314 - no entities: see above
    except ET.ParseError:
        return None
    if root.tag != "html" or tuple(child.tag for child in root) != _SHAPE:
        return None
    # HTML has a row group in each table, written or not, and lower-case names.
    for element in root.iter():
        if element.tag != element.tag.lower():
            return None
        if element.tag == "table" and any(child.tag == "tr" for child in element):
            return None
        if element.tag in {"pre", "textarea"} and (element.text or "").startswith("\n"):
            return None
    return root
