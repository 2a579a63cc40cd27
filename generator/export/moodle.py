"""Moodle XML: https://docs.moodle.org/en/Moodle_XML_format.

Each part of a question becomes a question of Moodle's, named by form and printed label. Several numbers
are a Cloze question with a field each; the axes of a shape, a short answer.
"""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from generator.export.asked import field_names, text_of
from generator.export.hypertext import escape, line, markup
from generator.export.losses import Loss
from generator.export.numbers import decimal
from generator.export.responses import Choice, Field, Fields, MenuField, Person
from generator.export.shared_losses import loss, shared_losses
from generator.export.spelling import of_line
from generator.export.view import Figure, View, ViewPart, ViewQuestion, figures_of
from generator.export.weights import option_weights, weight
from generator.export.xml_writing import sub, written

_MARGIN_DIGITS = 12
# Moodle makes a field of Cloze as wide as the longest number in its list, which would tell whole numbers
# from others. This one is longer than any right one, earns nothing, and gives all fields one width.
_WIDEST = "%0%1000000000000000000000000:0"
_CLOZE_SIGNS = re.compile(r"[{}~\\]")


def moodle_xml(views: Sequence[View]) -> tuple[bytes, list[Loss]]:
    """Write forms as one Moodle XML file, a category each. Returns the file, and what it loses."""
    quiz = ET.Element("quiz")
    losses: list[Loss] = []
    for view in views:
        _category(quiz, view)
        for question in view.questions:
            losses += shared_losses(view, question)
            if len(question.parts) > 1:
                losses.append(loss(view, question, None, "parts"))
            for part in question.parts:
                element, kinds = _part(view, question, part)
                quiz.append(element)
                losses += [loss(view, question, part, kind, detail) for kind, detail in kinds]
    return written(_spread(quiz)), losses


def part_name(view: View, question: ViewQuestion, part: ViewPart) -> str:
    """Return the name of a part in another system: form, number with two digits, letter, title."""
    return f"{view.label}-{question.number:02d}{part.letter} {question.title}"


def _category(quiz: ET.Element, view: View) -> None:
    # A slash divides categories; two of them are one in a name.
    title = f"{view.title} ({view.tag})".replace("/", "//")
    element = sub(quiz, "question", type="category")
    sub(sub(element, "category"), "text", f"$course$/top/{title}/{view.label}")


Kinds = list[tuple[str, str]]


def _part(view: View, question: ViewQuestion, part: ViewPart) -> tuple[ET.Element, Kinds]:
    match part.response:
        case Choice() as choice:
            return _choice(view, question, part, choice)
        case Person() as person:
            return _essay(view, question, part, person), []
        case Fields() as fields:
            if fields.on_one_line is not None:
                return _short_answer(view, question, part, fields)
            if len(fields.fields) == 1 and not fields.menus:
                return _numerical(view, question, part, fields)
            return _cloze(view, question, part, fields)


def _question(
    view: View, question: ViewQuestion, part: ViewPart, kind: str, more: str = ""
) -> ET.Element:
    element = ET.Element("question", type=kind)
    sub(sub(element, "name"), "text", part_name(view, question, part))
    text = text_of(question, part, view.language, markup, _picture)
    shown = _html(element, "questiontext", text + more)
    for figure in _pictures_of(question, part):
        encoded = base64.b64encode(figure.svg.encode()).decode()
        sub(shown, "file", encoded, name=figure.name, path="/", encoding="base64")
    solution = "\n\n".join(filter(None, [part.solution, question.solution]))
    _html(element, "generalfeedback", markup(solution))
    if kind != "cloze":
        sub(element, "defaultgrade", _points(part.points))
    sub(element, "penalty", "0")
    sub(element, "hidden", "0")
    return element


def _choice(
    view: View, question: ViewQuestion, part: ViewPart, choice: Choice
) -> tuple[ET.Element, Kinds]:
    element = _question(view, question, part, "multichoice")
    sub(element, "single", "false")
    sub(element, "shuffleanswers", "false")
    sub(element, "answernumbering", "abc")
    sub(element, "showstandardinstruction", "0")
    weights, kind = option_weights(choice)
    for option, fraction in zip(choice.options, weights, strict=True):
        _answer(element, fraction, line(option.text), markup(option.why), form="html")
    return element, [] if kind is None else [(kind, "")]


def _numerical(
    view: View, question: ViewQuestion, part: ViewPart, fields: Fields
) -> tuple[ET.Element, Kinds]:
    element = _question(view, question, part, "numerical")
    right = fields.numbers[0]
    kinds: Kinds = []
    answer = _answer(element, "100", decimal(right.value), "")
    sub(answer, "tolerance", decimal(right.margin, _MARGIN_DIGITS))
    for misstep in fields.missteps:
        made = Fields(misstep.fields, 1, by_entry=False).numbers[0]
        fraction, exact = weight(misstep.credit)
        if not exact:
            kinds.append(("mistake_credit", f"{fraction} % for {misstep.name}"))
        answer = _answer(element, fraction, decimal(made.value), markup(misstep.why))
        sub(answer, "tolerance", decimal(made.margin, _MARGIN_DIGITS))
    sub(element, "unitgradingtype", "0")
    sub(element, "unitpenalty", "0")
    sub(element, "showunits", "3")
    sub(element, "unitsleft", "0")
    return element, kinds


def _short_answer(
    view: View, question: ViewQuestion, part: ViewPart, fields: Fields
) -> tuple[ET.Element, Kinds]:
    element = _question(view, question, part, "shortanswer")
    sub(element, "usecase", "0")
    kinds: Kinds = [("spelling", "")]
    taken: set[str] = set()
    for text in of_line(fields.on_one_line or ()):
        _answer(element, "100", text, "")
        taken.add(text)
    for misstep in fields.missteps:
        made = replace(fields, fields=misstep.fields).on_one_line or ()
        fraction, exact = weight(misstep.credit)
        if not exact:
            kinds.append(("mistake_credit", f"{fraction} % for {misstep.name}"))
        for text in of_line(made):
            if text not in taken:
                _answer(element, fraction, text, markup(misstep.why))
                taken.add(text)
    return element, kinds


def _essay(view: View, question: ViewQuestion, part: ViewPart, person: Person) -> ET.Element:
    element = _question(view, question, part, "essay")
    sub(element, "responseformat", "editor")
    sub(element, "responserequired", "0")
    sub(element, "responsefieldlines", str(max(5, person.lines)))
    sub(element, "attachments", "0")
    sub(element, "attachmentsrequired", "0")
    _html(element, "graderinfo", for_graders(part, person))
    _html(element, "responsetemplate", "")
    return element


def for_graders(part: ViewPart, person: Person) -> str:
    """Return what a person needs to mark a part, as XHTML: the answer and the rubric."""
    pieces = [markup(person.expected)] if person.expected else []
    if part.rubric:
        rows = [f"<li>{_points(points)}: {line(earns)}</li>" for points, earns in part.rubric]
        pieces.append(f"<ul>{''.join(rows)}</ul>")
    return "".join(pieces)


def _cloze(
    view: View, question: ViewQuestion, part: ViewPart, fields: Fields
) -> tuple[ET.Element, Kinds]:
    count = len(fields.fields)
    names = field_names(fields, view.language)
    kinds = list(_cloze_losses(fields))
    each = Fraction(part.points, count)
    # Cloze takes whole weights alone. Where the points of an entry are whole they stay what they are.
    points = each.numerator if each.denominator == 1 else 1
    if points != each:
        kinds.append(("points", f"{count} points in Moodle for {_points(part.points)}"))
    fields_text = "".join(
        f"<p>{escape(name)}{': ' if name else ''}{_gap(fields, place, points)}</p>"
        for place, name in enumerate(names)
    )
    return _question(view, question, part, "cloze", fields_text), kinds


def _cloze_losses(fields: Fields) -> Iterator[tuple[str, str]]:
    if not fields.by_entry:
        yield "list_all_or_nothing", ""
    elif fields.neighbours:
        yield "neighbours", ""
    elif len(fields.fields) > 1:
        yield "one_number", ""
    if any(misstep.credit for misstep in fields.missteps):
        yield "mistake_credit", "by entry, a mistake earns nothing"
    if fields.missteps:
        yield "mistakes_by_entry", ""


def _gap(fields: Fields, place: int, points: int) -> str:
    field = fields.fields[place]
    if isinstance(field, MenuField):
        options = [("=" if letter == field.right else "") + letter for letter in field.letters]
        return f"{{{points}:MULTICHOICE:{'~'.join(options)}}}"
    accepted = field.accepted
    answers = [f"={decimal(accepted.value)}:{decimal(accepted.margin, _MARGIN_DIGITS)}"]
    seen: list[Field] = [field]
    for misstep in fields.missteps:
        made = misstep.fields[place]
        if isinstance(made, MenuField) or made in seen or accepted.holds(made.accepted.value):
            continue
        seen.append(made)
        # Moodle decodes what stands after # once, so that its own signs can stand there as numbers.
        why = _CLOZE_SIGNS.sub(
            lambda sign: f"&#{ord(sign[0])};", escape(markup(misstep.why).strip())
        )
        value = f"{decimal(made.accepted.value)}:{decimal(made.accepted.margin, _MARGIN_DIGITS)}"
        answers.append(f"%0%{value}#{why}")
    answers.append(_WIDEST)
    return f"{{{points}:NUMERICAL:{'~'.join(answers)}}}"


def _answer(
    parent: ET.Element, fraction: str, text: str, feedback: str, form: str = "moodle_auto_format"
) -> ET.Element:
    answer = sub(parent, "answer", fraction=fraction, format=form)
    sub(answer, "text", text)
    _html(answer, "feedback", feedback)
    return answer


def _html(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = sub(parent, name, format="html")
    sub(element, "text", text)
    return element


def _picture(figure: Figure) -> str:
    return f'<p><img src="@@PLUGINFILE@@/{figure.name}" alt="{escape(figure.alt)}" /></p>'


def _pictures_of(question: ViewQuestion, part: ViewPart) -> list[Figure]:
    shown = {figure.name: figure for figure in (question.figure, part.figure) if figure is not None}
    return [figure for figure in dict.fromkeys(figures_of(question)) if figure.name in shown]


def _points(points: Fraction) -> str:
    return decimal(points)


def _spread(quiz: ET.Element) -> ET.Element:
    """One question a line, so that two exports can be compared."""
    quiz.text = "\n"
    for element in quiz:
        element.tail = "\n"
    return quiz
