"""Texts as well-formed XHTML with MathML, for formats that hold HTML and for those that hold elements."""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from functools import lru_cache

from templates.richtext import to_browser

MATHML = "http://www.w3.org/1998/Math/MathML"

_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_OF_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})
_ALIGNED = re.compile(r"text-align: (left|right|center)")
# What a presentational hint of the two MathML engines may keep: the rest is for the newest browsers alone.
_MATH_ATTRIBUTES = frozenset(
    {
        "display",
        "mathvariant",
        "form",
        "lspace",
        "rspace",
        "stretchy",
        "accent",
        "accentunder",
        "width",
    }
)
_HTML_ATTRIBUTES = frozenset({"class", "href", "scope", "src", "alt"})


@lru_cache(maxsize=4096)
def markup(text: str) -> str:
    """Render Markdown as XHTML with MathML. Kept: each part of a question repeats the text above it."""
    return _NAMED.sub(_character, str(to_browser(text)))


def _character(entity: re.Match[str]) -> str:
    """XML knows five names of characters, HTML two thousand."""
    return entity[0] if entity[1] in _OF_XML else html.unescape(entity[0])


def line(text: str) -> str:
    """Render Markdown as XHTML for a place that takes one paragraph: without the paragraph around it."""
    found = markup(text).strip()
    inner = found.removeprefix("<p>").removesuffix("</p>")
    alone = found.startswith("<p>") and found.endswith("</p>") and "<p>" not in inner
    return inner if alone else found


def slim(text: str) -> str:
    """Render Markdown as XHTML with only what is drawn: for systems that bound the length of texts."""
    found = re.sub(r' aria-label="[^"]*"', "", markup(text))
    found = re.sub(r' (?:lspace|rspace|stretchy)="[^"]*"', "", found)
    found = found.replace("<span> </span>", " ")
    return re.sub(r'<span class="nowrap">((?:(?!<span).)*?)</span>', r"\1", found)


def escape(text: str) -> str:
    """Escape plain text for XHTML."""
    return html.escape(text)


def elements(text: str) -> list[ET.Element]:
    """Render Markdown as elements of XHTML without attributes of style, and MathML in its namespace."""
    return _cleaned(f"<body>{markup(text)}</body>")


def line_elements(text: str) -> ET.Element:
    """Render Markdown as one element: a paragraph, or a division where the text is more than one."""
    found = elements(text)
    if len(found) == 1:
        return found[0]
    whole = ET.Element("div")
    whole.extend(found)
    return whole


def _cleaned(text: str) -> list[ET.Element]:
    root = ET.fromstring(text)  # noqa: S314 - our own renderer's output
    _clean(root, in_math=False)
    found = list(root)
    for element in found:
        element.tail = None
    return found


def _clean(parent: ET.Element, *, in_math: bool) -> None:
    for place, element in enumerate(list(parent)):
        math = in_math or element.tag == "math"
        if math:
            _clean_math(parent, place, element)
        else:
            element.attrib = {k: v for k, v in element.attrib.items() if k in _HTML_ATTRIBUTES}
        _clean(element, in_math=math)


def _clean_math(parent: ET.Element, place: int, element: ET.Element) -> None:
    spoken = element.get("aria-label")
    aligned = _ALIGNED.search(element.get("style", ""))
    tall = element.tag == "mtable" and element.get("displaystyle") == "true"
    element.attrib = {k: v for k, v in element.attrib.items() if k in _MATH_ATTRIBUTES}
    if spoken is not None:
        element.set("alttext", spoken)
    if aligned is not None and element.tag == "mtd":
        element.set("columnalign", aligned[1])
    element.tag = f"{{{MATHML}}}{element.tag}"
    if tall:
        # MathML 2 and 3 know the size of what is in a table from the style around it.
        style = ET.Element(f"{{{MATHML}}}mstyle", {"displaystyle": "true", "scriptlevel": "0"})
        style.tail, element.tail = element.tail, None
        parent.remove(element)
        style.append(element)
        parent.insert(place, style)
