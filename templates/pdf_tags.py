"""The tags of a PDF where WeasyPrint's own say too little: the language of a section, and what is a formula.

A `<section lang="...">` becomes a structure element with /Lang, and so a screen reader changes its voice. A
picture of class `math` is tagged /Formula, as ISO 14289-1, 7.7 asks, where WeasyPrint tags all pictures /Figure;
its alternative text stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def correct_tags(document: Any, pdf: Any) -> None:
    """Mark languages and formulas: a finisher for WeasyPrint's `write_pdf`."""
    boxes = [box for page in document.pages for box in _tagged(page._page_box)]  # noqa: SLF001
    # WeasyPrint walks the boxes in the same order, and makes one element of each.
    tags = {"/Sect": "section", "/Figure": "img"}
    elements = [
        thing for thing in pdf.objects if isinstance(thing, dict) and thing.get("S") in tags
    ]
    if [tags[element["S"]] for element in elements] != [box.element_tag for box in boxes]:
        raise RuntimeError("boxes and their tags differ: is WeasyPrint the pinned version?")
    string = type(pdf.catalog["Lang"])
    for box, element in zip(boxes, elements, strict=True):
        if box.element_tag == "img":
            if box.element.get("class") == "math":
                element["S"] = "/Formula"
        elif language := box.element.get("lang"):
            element["Lang"] = string(language)


def _tagged(top: Any) -> Iterator[Any]:
    """All sections and pictures, in reading order."""
    waiting = [top]
    while waiting:
        box = waiting.pop()
        box = getattr(box, "_box", box)
        if box.element_tag in {"section", "img"} and box.element is not None:
            yield box
        waiting.extend(reversed(getattr(box, "children", ())))
