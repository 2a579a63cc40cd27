"""The words of QTI 3.0: the elements of QTI 2.1 with hyphens and a prefix, those of HTML and MathML as they are."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

_HTML = frozenset(
    [
        "a",
        "blockquote",
        "br",
        "code",
        "div",
        "em",
        "img",
        "li",
        "ol",
        "p",
        "pre",
        "span",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
# These hold their content in a body of its own.
_WITH_BODY = frozenset({"modalFeedback", "rubricBlock"})
_CAPITAL = re.compile(r"(?<!^)([A-Z])")


def as_version3(element: ET.Element) -> None:
    """Rename an element of QTI 2.1 and all below it."""
    for child in list(element):
        as_version3(child)
    if element.tag.startswith("{") or element.tag in _HTML:
        return
    if element.tag in _WITH_BODY:
        body = ET.Element("qti-content-body")
        body.extend(list(element))
        for child in list(element):
            element.remove(child)
        element.append(body)
    if element.tag == "rubricBlock":
        element.set("use", "scoring")
    element.tag = f"qti-{_hyphened(element.tag)}"
    element.attrib = {_attribute(name): value for name, value in element.attrib.items()}


def _attribute(name: str) -> str:
    return name if name.startswith("{") else _hyphened(name)


def _hyphened(name: str) -> str:
    return _CAPITAL.sub(r"-\1", name).lower()
