"""One question as an assessmentItem of QTI 2.1 (QTI 3.0 is the same with other names: `qti_version3`).

All parts of a question stand in one item, each with its own responses and its own SCORE_x; SCORE is their
sum. Response processing counts in whole numbers and divides once, so that shares of points stay exact.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence

from generator.export import qti_scoring as scoring
from generator.export.asked import choice_hint, field_names, fields_hint
from generator.export.hypertext import elements, line_elements
from generator.export.losses import Loss
from generator.export.numbers import decimal
from generator.export.qti_names import (
    IMAGES,
    feedback_name,
    hits_name,
    outcome_name,
    response_names,
)
from generator.export.responses import Choice, Field, Fields, MenuField, NumberField, Person
from generator.export.shared_losses import loss, shared_losses
from generator.export.view import Figure, View, ViewPart, ViewQuestion
from generator.export.words import EXPORT_WORDS
from generator.export.xml_writing import sub
from generator.sheet import BANK_LANGUAGE

SOLUTION = "SOLUTION"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def item(view: View, question: ViewQuestion, identifier: str) -> tuple[ET.Element, list[Loss]]:
    """Return an assessmentItem and what it loses."""
    title = question.shown_title or EXPORT_WORDS[view.language].question.format(question.number)
    root = ET.Element(
        "assessmentItem",
        {
            "identifier": identifier,
            "title": title,
            "adaptive": "false",
            "timeDependent": "false",
            _LANG: BANK_LANGUAGE,
        },
    )
    for part in question.parts:
        _declare_responses(root, part)
    _declare_outcomes(root, question)
    _body(root, view, question)
    processing = sub(root, "responseProcessing")
    for part in question.parts:
        scoring.score(processing, part)
    scoring.total(processing, [outcome_name(part) for part in question.parts])
    if _has_solution(question):
        scoring.show(processing, SOLUTION)
    for name, text in _feedback(question):
        shown = sub(
            root, "modalFeedback", outcomeIdentifier="FEEDBACK", identifier=name, showHide="show"
        )
        shown.extend(elements(text))
    losses = list(shared_losses(view, question))
    for part in question.parts:
        losses += [loss(view, question, part, kind, detail) for kind, detail in _lost(part)]
    return root, losses


def _lost(part: ViewPart) -> Iterator[tuple[str, str]]:
    if isinstance(part.response, Fields) and part.response.by_entry and part.response.neighbours:
        yield "neighbours", ""


def _declare_responses(root: ET.Element, part: ViewPart) -> None:
    response = part.response
    names = response_names(part)
    match response:
        case Choice():
            declared = _declaration(root, names[0], "multiple", "identifier")
            _correct(declared, [option.letter for option in response.options if option.right])
            scoring.mapping(declared, response)
        case Person():
            _declaration(root, names[0], "single", "string")
        case Fields():
            for name, field in zip(names, response.fields, strict=True):
                if isinstance(field, MenuField):
                    _correct(_declaration(root, name, "single", "identifier"), [field.right])
                else:
                    value = decimal(field.accepted.value)
                    _correct(_declaration(root, name, "single", "float"), [value])


def _declaration(root: ET.Element, name: str, cardinality: str, base_type: str) -> ET.Element:
    return sub(
        root, "responseDeclaration", identifier=name, cardinality=cardinality, baseType=base_type
    )


def _correct(declared: ET.Element, values: Sequence[str]) -> None:
    correct = sub(declared, "correctResponse")
    for value in values:
        sub(correct, "value", value)


def _declare_outcomes(root: ET.Element, question: ViewQuestion) -> None:
    score = _outcome(root, "SCORE", "float", normalMaximum=decimal(question.points))
    sub(sub(score, "defaultValue"), "value", "0")
    most = _outcome(root, "MAXSCORE", "float")
    sub(sub(most, "defaultValue"), "value", decimal(question.points))
    for part in question.parts:
        by_person = isinstance(part.response, Person)
        more = {"externalScored": "human"} if by_person else {}
        declared = _outcome(
            root, outcome_name(part), "float", normalMaximum=decimal(part.points), **more
        )
        sub(sub(declared, "defaultValue"), "value", "0")
        if isinstance(part.response, Fields):
            hits = _outcome(root, hits_name(part), "float")
            sub(sub(hits, "defaultValue"), "value", "0")
    sub(
        root,
        "outcomeDeclaration",
        identifier="FEEDBACK",
        cardinality="multiple",
        baseType="identifier",
    )


def _outcome(root: ET.Element, name: str, base_type: str, **more: str) -> ET.Element:
    return sub(
        root,
        "outcomeDeclaration",
        identifier=name,
        cardinality="single",
        baseType=base_type,
        **more,
    )


def _body(root: ET.Element, view: View, question: ViewQuestion) -> None:
    body = sub(root, "itemBody")
    stem = sub(body, "div", class_="stem")
    stem.extend(elements(question.text))
    _picture(stem, question.figure)
    for part in question.parts:
        holder = sub(body, "div", class_="part")
        shown = f"**{part.letter})** {part.text}" if part.letter else part.text
        if shown:
            holder.extend(elements(shown))
        _picture(holder, part.figure)
        _interaction(holder, view, part)
        if part.rubric or isinstance(part.response, Person):
            _rubric(body, part)


def _interaction(holder: ET.Element, view: View, part: ViewPart) -> None:
    names = response_names(part)
    match part.response:
        case Choice() as choice:
            hint = elements(choice_hint(choice, part, view.language, kept=True))
            holder.extend(_ours(element, view) for element in hint)
            box = sub(
                holder,
                "choiceInteraction",
                responseIdentifier=names[0],
                shuffle="false",
                maxChoices="0",
            )
            for option in choice.options:
                shown = sub(box, "simpleChoice", identifier=option.letter)
                shown.append(line_elements(option.text))
                if option.letter == "none":
                    _ours(shown, view)
        case Fields() as fields:
            if said := fields_hint(fields, view.language):
                sub(_ours(sub(holder, "p"), view), "em", said)
            _fields(holder, view, fields, names)
        case Person() as person:
            sub(
                holder,
                "extendedTextInteraction",
                responseIdentifier=names[0],
                expectedLines=str(person.lines),
            )


def _ours(element: ET.Element, view: View) -> ET.Element:
    """The element, which says something in the language of the form: that of the questions may be another."""
    if view.foreign:
        element.set(_LANG, view.language)
    return element


def _fields(holder: ET.Element, view: View, fields: Fields, names: Sequence[str]) -> None:
    labels = field_names(fields, view.language)
    if 1 < fields.columns < len(fields.fields):
        _grid(holder, fields, names)
        return
    for field, name, label in zip(fields.fields, names, labels, strict=True):
        _field(_ours(sub(holder, "p", f"{label} " if label else None), view), field, name)


def _grid(holder: ET.Element, fields: Fields, names: Sequence[str]) -> None:
    rows = sub(sub(holder, "table"), "tbody")
    for place, (field, name) in enumerate(zip(fields.fields, names, strict=True)):
        if place % fields.columns == 0:
            row = sub(rows, "tr")
        _field(sub(row, "td"), field, name)


def _field(holder: ET.Element, field: Field, name: str) -> None:
    if isinstance(field, NumberField):
        sub(holder, "textEntryInteraction", responseIdentifier=name, expectedLength="12")
        return
    menu = sub(holder, "inlineChoiceInteraction", responseIdentifier=name, shuffle="false")
    for letter in field.letters:
        sub(menu, "inlineChoice", letter, identifier=letter)


def _rubric(body: ET.Element, part: ViewPart) -> None:
    block = sub(body, "rubricBlock", view="scorer")
    if part.letter:
        sub(sub(block, "p"), "strong", f"{part.letter})")
    if isinstance(part.response, Person) and part.response.expected:
        block.extend(elements(part.response.expected))
    if part.rubric:
        listed = sub(block, "ul")
        for points, earns in part.rubric:
            entry = sub(listed, "li")
            sub(entry, "strong", f"{decimal(points)}: ")
            entry.append(line_elements(earns))
    if not len(block):
        body.remove(block)


def _picture(holder: ET.Element, figure: Figure | None) -> None:
    if figure is not None:
        sub(sub(holder, "p"), "img", src=f"../{IMAGES}/{figure.name}", alt=figure.alt)


def _has_solution(question: ViewQuestion) -> bool:
    return any(part.solution.strip() for part in question.parts) or bool(question.solution.strip())


def _feedback(question: ViewQuestion) -> Iterator[tuple[str, str]]:
    """The sentences on options and mistakes by the name that shows them, and the worked solution."""
    for part in question.parts:
        response = part.response
        if isinstance(response, Choice):
            for option in response.options:
                if option.why:
                    yield feedback_name(part, option.letter), f"**{option.letter})** {option.why}"
        elif isinstance(response, Fields):
            for misstep in response.missteps:
                yield feedback_name(part, misstep.name), misstep.why
    if _has_solution(question):
        yield SOLUTION, "\n\n".join(_solution(question))


def _solution(question: ViewQuestion) -> Iterable[str]:
    for part in question.parts:
        if part.solution:
            yield f"**{part.letter})** {part.solution}" if part.letter else part.solution
    if question.solution:
        yield question.solution
