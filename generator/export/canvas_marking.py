"""How Canvas's questions are answered and marked, in the words of QTI 1.2 that its importer reads."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from fractions import Fraction

from generator.export.hypertext import slim
from generator.export.numbers import decimal
from generator.export.responses import Choice, Fields
from generator.export.spelling import of_line, of_number
from generator.export.xml_writing import sub

Comments = list[tuple[str, str]]
Marking = tuple[Comments, list[str]]

_RESPONSE = "response1"


def choice(presentation: ET.Element, processing: ET.Element, options: Choice) -> Marking:
    """Add boxes to check."""
    ids = [str(1001 + place) for place in range(len(options.options))]
    box = sub(presentation, "response_lid", ident=_RESPONSE, rcardinality="Multiple")
    shown = sub(box, "render_choice")
    for name, option in zip(ids, options.options, strict=True):
        _label(shown, name, slim(option.text))
    comments: Comments = []
    for name, option in zip(ids, options.options, strict=True):
        if option.why:
            _show_for(processing, name, f"{name}_fb")
            comments.append((f"{name}_fb", option.why))
    condition = ET.SubElement(processing, "respcondition", {"continue": "No"})
    together = sub(sub(condition, "conditionvar"), "and")
    for name, option in zip(ids, options.options, strict=True):
        _equal(together if option.right else sub(together, "not"), _RESPONSE, name)
    _set(condition, "100")
    return comments, ids


def number(presentation: ET.Element, processing: ET.Element, fields: Fields) -> Marking:
    """Add one number: between two ends, or exactly one."""
    box = sub(presentation, "response_str", ident=_RESPONSE, rcardinality="Single")
    sub(sub(box, "render_fib", fibtype="Decimal"), "response_label", ident="answer1")
    accepted = fields.numbers[0]
    condition = ET.SubElement(processing, "respcondition", {"continue": "No"})
    where = sub(condition, "conditionvar")
    if accepted.margin == 0:
        either = sub(where, "or")
        _equal(either, _RESPONSE, decimal(accepted.value))
        where = sub(either, "and")
    sub(where, "vargte", decimal(accepted.low, 17), respident=_RESPONSE)
    sub(where, "varlte", decimal(accepted.high, 17), respident=_RESPONSE)
    _set(condition, "100")
    return [], ["1001"]


def line_of_numbers(presentation: ET.Element, processing: ET.Element, fields: Fields) -> Marking:
    """Add the axes of a shape on one line, as text."""
    box = sub(presentation, "response_str", ident=_RESPONSE, rcardinality="Single")
    sub(sub(box, "render_fib"), "response_label", ident="answer1", rshuffle="No")
    condition = ET.SubElement(processing, "respcondition", {"continue": "No"})
    where = sub(condition, "conditionvar")
    found = of_line(fields.on_one_line or ())
    for text in found:
        _equal(where, _RESPONSE, text)
    _set(condition, "100")
    return [], [str(1001 + place) for place in range(len(found))]


def blanks(presentation: ET.Element, processing: ET.Element, fields: Fields) -> Marking:
    """Add a blank for each number: its spellings are all right."""
    spellings = [of_number(accepted) for accepted in fields.numbers]
    return _gaps(presentation, processing, spellings, [frozenset(each) for each in spellings])


def menus(presentation: ET.Element, processing: ET.Element, fields: Fields) -> Marking:
    """Add a menu of letters for each field."""
    letters = [menu.letters for menu in fields.menus]
    return _gaps(
        presentation, processing, letters, [frozenset({menu.right}) for menu in fields.menus]
    )


def _gaps(
    presentation: ET.Element,
    processing: ET.Element,
    texts: Sequence[Sequence[str]],
    right: Sequence[frozenset[str]],
) -> Marking:
    ids: list[str] = []
    share = _percent(Fraction(100, len(texts)))
    for place, (listed, wanted) in enumerate(zip(texts, right, strict=True), 1):
        response = f"response_entry{place}"
        box = sub(presentation, "response_lid", ident=response)
        sub(sub(box, "material"), "mattext", f"entry{place}")
        shown = sub(box, "render_choice")
        for text in listed:
            ids.append(str(1001 + len(ids)))
            _label(shown, ids[-1], text, kind="text/plain")
            if text in wanted:
                condition = sub(processing, "respcondition")
                _equal(sub(condition, "conditionvar"), response, ids[-1])
                _set(condition, share, action="Add")
    return [], ids


def person(presentation: ET.Element, processing: ET.Element) -> Marking:
    """Add a text that a person marks."""
    box = sub(presentation, "response_str", ident=_RESPONSE, rcardinality="Single")
    sub(sub(box, "render_fib"), "response_label", ident="answer1", rshuffle="No")
    condition = ET.SubElement(processing, "respcondition", {"continue": "No"})
    sub(sub(condition, "conditionvar"), "other")
    return [], []


def _percent(share: Fraction) -> str:
    """A share as Canvas writes it; it counts right blanks itself, and does not add these up."""
    return f"{float(share):.2f}"


def _label(parent: ET.Element, name: str, text: str, kind: str = "text/html") -> None:
    label = sub(parent, "response_label", ident=name)
    sub(sub(label, "material"), "mattext", text, texttype=kind)


def _equal(parent: ET.Element, response: str, value: str) -> None:
    sub(parent, "varequal", value, respident=response)


def _set(condition: ET.Element, points: str, action: str = "Set") -> None:
    sub(condition, "setvar", points, action=action, varname="SCORE")


def _show_for(processing: ET.Element, answer: str, name: str) -> None:
    condition = ET.SubElement(processing, "respcondition", {"continue": "Yes"})
    _equal(sub(condition, "conditionvar"), _RESPONSE, answer)
    sub(condition, "displayfeedback", feedbacktype="Response", linkrefid=name)
