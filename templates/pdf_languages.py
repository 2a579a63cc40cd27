"""The language of a stretch of a tagged PDF, where it is not the document's: WeasyPrint leaves it out.

A `<section lang="...">` becomes a structure element with /Lang, and so a screen reader changes its voice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def mark_languages(document: Any, pdf: Any) -> None:
    """Give every section its language: a finisher for WeasyPrint's `write_pdf`."""
    sections = [box for page in document.pages for box in _sections(page._page_box)]  # noqa: SLF001
    if not any(_language(box) for box in sections):
        return
    # WeasyPrint walks the boxes in the same order, and makes one element of each section's box.
    elements = [
        thing for thing in pdf.objects if isinstance(thing, dict) and thing.get("S") == "/Sect"
    ]
    if len(elements) != len(sections):
        raise RuntimeError("sections and their tags differ: is WeasyPrint the pinned version?")
    string = type(pdf.catalog["Lang"])
    for box, element in zip(sections, elements, strict=True):
        if language := _language(box):
            element["Lang"] = string(language)


def _language(box: Any) -> str:
    return str(box.element.get("lang", ""))


def _sections(top: Any) -> Iterator[Any]:
    waiting = [top]
    while waiting:
        box = waiting.pop()
        box = getattr(box, "_box", box)
        if box.element_tag == "section" and box.element is not None:
            yield box
        waiting.extend(reversed(getattr(box, "children", ())))
