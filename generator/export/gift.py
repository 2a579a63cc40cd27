"""GIFT, Moodle's text format: https://docs.moodle.org/en/GIFT_format.

It knows neither points nor fields within a question nor files: each number is a question of its own, and
figures stand in the text as data.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from generator.export.asked import field_names, text_of
from generator.export.hypertext import escape, line, markup
from generator.export.losses import Loss
from generator.export.moodle import part_name
from generator.export.numbers import Range, decimal
from generator.export.responses import Choice, Fields, Misstep, NumberField, Person
from generator.export.shared_losses import loss, shared_losses
from generator.export.spelling import of_line
from generator.export.view import Figure, View, ViewPart, ViewQuestion
from generator.export.weights import option_weights, weight

_MARGIN_DIGITS = 12
_SIGNS = re.compile(r"([~=#{}:\\])")

Kinds = list[tuple[str, str]]


def gift_text(views: Sequence[View]) -> tuple[bytes, list[Loss]]:
    """Write forms as one GIFT file, a category each. Returns the file, and what it loses."""
    blocks: list[str] = []
    losses: list[Loss] = []
    for view in views:
        title = f"{view.title} ({view.tag})".replace("/", "//")
        blocks.append(f"$CATEGORY: $course$/top/{title}/{view.label}")
        for question in view.questions:
            losses += shared_losses(view, question)
            if len(question.parts) > 1:
                losses.append(loss(view, question, None, "parts"))
            for part in question.parts:
                found, kinds = _part(view, question, part)
                blocks += found
                kinds += _common(question, part)
                losses += [loss(view, question, part, kind, detail) for kind, detail in kinds]
    return ("\n\n".join(blocks) + "\n").encode(), losses


def _common(question: ViewQuestion, part: ViewPart) -> Iterator[tuple[str, str]]:
    response = part.response
    entries = 1
    if isinstance(response, Fields) and not response.menus and response.on_one_line is None:
        entries = len(response.fields)
    if part.points != entries:
        detail = f"{entries} in Moodle for {decimal(part.points)}"
        yield "points", detail
    if entries > 1:
        yield "entries", ""
    if part.rubric:
        yield "rubric", ""
    if question.figure is not None or part.figure is not None:
        yield "figure", ""


def _part(view: View, question: ViewQuestion, part: ViewPart) -> tuple[list[str], Kinds]:
    match part.response:
        case Choice() as choice:
            return _choice(view, question, part, choice)
        case Person() as person:
            expected = markup(person.expected) if person.expected else ""
            return [_block(view, question, part, "", before_solution=expected)], []
        case Fields() as fields:
            if fields.menus:
                return _matching(view, question, part, fields)
            if fields.on_one_line is not None:
                return _short_answer(view, question, part, fields)
            return _numbers(view, question, part, fields)


def _block(
    view: View,
    question: ViewQuestion,
    part: ViewPart,
    answers: str,
    *,
    entry: int | None = None,
    asked: str = "",
    before_solution: str = "",
) -> str:
    name = part_name(view, question, part)
    if entry is not None:
        form, _, title = name.partition(" ")
        name = f"{form}.{entry} {title}"
    text = text_of(question, part, view.language, markup, _picture)
    solution = markup("\n\n".join(filter(None, [part.solution, question.solution])))
    general = _escaped(before_solution + solution)
    inside = f"{answers}####{general}" if general else answers
    return f"::{_escaped(name)}::[html]{_escaped(text + asked)}{{{inside}}}"


def _choice(
    view: View, question: ViewQuestion, part: ViewPart, choice: Choice
) -> tuple[list[str], Kinds]:
    weights, kind = option_weights(choice)
    answers = "".join(
        f"\n~%{fraction}%{_escaped(line(option.text))}{_feedback(option.why)}"
        for option, fraction in zip(choice.options, weights, strict=True)
    )
    kinds: Kinds = [] if kind is None else [(kind, "")]
    return [_block(view, question, part, f"{answers}\n")], kinds


def _numbers(
    view: View, question: ViewQuestion, part: ViewPart, fields: Fields
) -> tuple[list[str], Kinds]:
    kinds: Kinds = []
    count = len(fields.fields)
    blocks = []
    for place, (accepted, name) in enumerate(
        zip(fields.numbers, field_names(fields, view.language), strict=True)
    ):
        answers = ["#", f"=%100%{_number(accepted)}"]
        seen = [accepted]
        for misstep in fields.missteps:
            made = misstep.fields[place]
            if not isinstance(made, NumberField) or made.accepted in seen:
                continue
            if count > 1 and accepted.holds(made.accepted.value):
                continue
            seen.append(made.accepted)
            fraction = _credit(misstep, kinds) if count == 1 else "0"
            answers.append(f"=%{fraction}%{_number(made.accepted)}{_feedback(misstep.why)}")
        asked = f"<p><strong>{escape(name)}</strong></p>" if name else ""
        entry = place + 1 if count > 1 else None
        written = "\n".join(answers) + "\n"
        blocks.append(_block(view, question, part, written, entry=entry, asked=asked))
    if count > 1:
        kinds.append(("one_number" if fields.by_entry else "list_all_or_nothing", ""))
        if fields.missteps:
            kinds.append(("mistakes_by_entry", ""))
        if any(misstep.credit for misstep in fields.missteps):
            kinds.append(("mistake_credit", "by entry, a mistake earns nothing"))
    return blocks, kinds


def _short_answer(
    view: View, question: ViewQuestion, part: ViewPart, fields: Fields
) -> tuple[list[str], Kinds]:
    kinds: Kinds = [("spelling", "")]
    written: dict[str, str] = {}
    for text in of_line(fields.on_one_line or ()):
        written[text] = f"\n=%100%{_escaped(text)}"
    for misstep in fields.missteps:
        made = replace(fields, fields=misstep.fields).on_one_line or ()
        fraction = _credit(misstep, kinds)
        for text in of_line(made):
            answer = f"\n=%{fraction}%{_escaped(text)}{_feedback(misstep.why)}"
            written.setdefault(text, answer)
    return [_block(view, question, part, "".join(written.values()) + "\n")], kinds


def _matching(
    view: View, question: ViewQuestion, part: ViewPart, fields: Fields
) -> tuple[list[str], Kinds]:
    names = field_names(fields, view.language)
    menus = fields.menus
    pairs = [
        f"\n={_escaped(name)} -> {menu.right}" for name, menu in zip(names, menus, strict=True)
    ]
    used = {menu.right for menu in menus}
    pairs += [f"\n= -> {letter}" for letter in menus[0].letters if letter not in used]
    kinds: Kinds = []
    if not fields.by_entry:
        kinds.append(("list_all_or_nothing", ""))
    else:
        kinds.append(("neighbours" if fields.neighbours else "one_number", ""))
    return [_block(view, question, part, "".join(pairs) + "\n")], kinds


def _credit(misstep: Misstep, kinds: Kinds) -> str:
    fraction, exact = weight(misstep.credit)
    if not exact:
        kinds.append(("mistake_credit", f"{fraction} % for {misstep.name}"))
    return fraction


def _number(accepted: Range) -> str:
    return f"{decimal(accepted.value)}:{decimal(accepted.margin, _MARGIN_DIGITS)}"


def _feedback(why: str) -> str:
    return f"#{_escaped(markup(why))}" if why else ""


def _escaped(text: str) -> str:
    return _SIGNS.sub(r"\\\1", text.strip()).replace("\n", r"\n")


def _picture(figure: Figure) -> str:
    data = base64.b64encode(figure.svg.encode()).decode()
    return f'<p><img src="data:image/svg+xml;base64,{data}" alt="{escape(figure.alt)}" /></p>'
