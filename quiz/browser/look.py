"""What a page shows of a question: here keys end. Before a part is settled, nothing of its key passes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from question_bank.answers import answer_type
from question_bank.variant import Variant
from question_bank.wording import counted
from quiz.browser.fields import Field, field_of
from quiz.engine import OPEN
from quiz.events import Asked, Item
from quiz.feedback import Box, Worked, boxes, feedback, right_answer, solutions
from quiz.material import Material
from quiz.results import outcome
from quiz.state import PartState, Phase, State
from web.forms import Form

Rubric = tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Said:
    """What is said of an answer. `tone` is good, bad or open; texts are Markdown."""

    verdict: str
    tone: str
    answer: str
    read_as: str | None
    slip: str | None
    message: str | None
    readings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settled:
    """What is shown once a part is settled, or while free text is marked by the student."""

    boxes: tuple[Box, ...]
    right_answer: str | None
    solutions: tuple[Worked, ...]
    rubric: Rubric


@dataclass(frozen=True)
class PartLook:
    """One part on a page: its text, then a field, or what came of it.

    `step` names what had happened to the part: a form that shows another step is out of date.
    """

    label: str
    sign: str
    points: str
    text: str
    figure: str | None
    settled: bool
    skipped: bool
    marking: bool
    field: Field | None
    step: str
    hints: tuple[str, ...]
    hints_left: int
    said: Said | None
    shown: Settled | None
    earned: str | None
    by_person: bool
    most: float


@dataclass(frozen=True)
class QuestionLook:
    """One question on a page."""

    number: int
    place: int
    many: int
    section: str
    points: str
    lecture: int
    topic: str
    text: str
    figure: str | None
    alts: Mapping[str, str]
    parts: tuple[PartLook, ...]
    done: bool


def step_of(part: PartState) -> str:
    """What had happened to a part when a form was made."""
    return f"{len(part.attempts)}.{part.hints}"


def practice_look(
    material: Material,
    state: State,
    item: Item,
    form: Form | None = None,
    of: str | None = None,
) -> QuestionLook:
    """A question of practice: what is settled with its solution, then the part that is asked now.

    form: what was typed into the form of the part `of`, where the page is shown again.
    """
    variant, parts, over = material.of(item), [], state.phase == "over"
    for asked, label in zip(item.parts, item.labels(), strict=True):
        own = state.parts[label]
        typed = form if label == of else None
        parts.append(_part(material, item, asked, own, typed, over=over))
        if own.settled is None and not over:
            break
    return _question(state, item, variant, tuple(parts))


def exam_look(
    material: Material, state: State, item: Item, form: Form | None = None
) -> QuestionLook:
    """A question of a running exam: every part with its field, and nothing said of any."""
    variant = material.of(item)
    parts = tuple(
        _bare(material, item, asked, state.parts[label], form)
        for asked, label in zip(item.parts, item.labels(), strict=True)
    )
    return _question(state, item, variant, parts)


def review_look(material: Material, state: State, item: Item) -> QuestionLook:
    """A question after the end: answers, marks, solutions; where the student still marks, the form for it."""
    variant = material.of(item)
    parts = tuple(
        _part(material, item, asked, state.parts[label], None, over=True, open_to=state.phase)
        for asked, label in zip(item.parts, item.labels(), strict=True)
    )
    return _question(state, item, variant, parts)


def _question(
    state: State, item: Item, variant: Variant, parts: tuple[PartLook, ...]
) -> QuestionLook:
    drawn = {part.label or "whole": part.figure for part in variant.parts}
    if variant.figure is not None:
        drawn["whole"] = variant.figure
    return QuestionLook(
        number=item.number,
        place=state.place(item.number),
        many=len(state.items),
        section=item.section,
        points=counted(sum(part.points for part in item.parts), "point"),
        lecture=item.lecture,
        topic=item.topic,
        text=variant.text,
        figure="whole" if variant.figure is not None else None,
        alts={name: call.alt for name, call in drawn.items() if call is not None},
        parts=parts,
        done=all(state.parts[label].settled is not None for label in item.labels()),
    )


def _bare(
    material: Material, item: Item, asked: Asked, own: PartState, form: Form | None
) -> PartLook:
    return _look(
        material,
        item,
        asked,
        field=field_of(
            material.key_part(item, asked).key, f"{item.number}{asked.label}", own.written, form
        ),
        step="",
    )


def _part(
    material: Material,
    item: Item,
    asked: Asked,
    own: PartState,
    form: Form | None,
    *,
    over: bool = False,
    open_to: Phase = "asking",
) -> PartLook:
    key = material.key_part(item, asked)
    label = f"{item.number}{asked.label}"
    settled = own.settled is not None
    last = own.attempts[-1] if own.attempts else None
    # Who marks free text has seen the solution: there is nothing to type any more.
    prose = last is not None and last.mark.verdict == "needs_person" and asked.by_person
    left = last is not None and last.mark.verdict in OPEN and open_to == "marking"
    marking = own.own_points is None and ((prose and not settled and not over) or left)
    said = None
    if last is not None and last.mark.verdict != "not_answered":
        shown = own.last if settled and own.last is not None else last
        told = feedback(key, shown.mark, settled=settled or marking)
        asks_which = bool(shown.mark.ask) and not settled and not over
        said = Said(
            verdict="To be marked by you" if marking else told.verdict,
            tone=_TONES.get(shown.mark.verdict, "open"),
            answer=shown.text,
            read_as=None if asks_which or told.read_as == shown.text.strip() else told.read_as,
            slip=told.slip,
            message=None if asked.by_person or asks_which else _sentence(told.message),
            readings=shown.mark.ask if asks_which else (),
        )
    opened = (settled and own.settled != "skipped") or marking
    revealed = None
    if opened:
        revealed = Settled(
            boxes=tuple(boxes(key, own.last.text if own.last is not None else "")),
            right_answer=right_answer(key),
            solutions=tuple(solutions(material.key(item), key)),
            rubric=tuple((line.points, line.earns) for line in key.rubric),
        )
    asks = not settled and not marking and not over
    hints = material.hints(item, asked) if own.hints or asks else ()
    return _look(
        material,
        item,
        asked,
        settled=settled,
        skipped=own.settled == "skipped",
        marking=marking,
        field=field_of(key.key, label, last.text if last else "", form) if asks else None,
        step=step_of(own),
        hints=hints[: own.hints],
        hints_left=len(hints) - own.hints if asks else 0,
        said=said,
        shown=revealed,
        earned=_earned(asked, own) if settled and not marking else None,
    )


_WORD = re.compile(r"[a-z]{2}")


def _sentence(text: str | None) -> str | None:
    """With a capital at its beginning, where that is a word."""
    return text[0].upper() + text[1:] if text and _WORD.match(text) else text


_TONES: Mapping[str, str] = {"right": "good", "wrong": "bad"}


def _earned(asked: Asked, own: PartState) -> str | None:
    if own.settled == "skipped":
        return None
    points = outcome(asked, own).points
    return f"{'open' if points is None else f'{points:g}'} of {counted(asked.points, 'point')}"


def _look(
    material: Material,
    item: Item,
    asked: Asked,
    *,
    field: Field | None,
    step: str,
    settled: bool = False,
    skipped: bool = False,
    marking: bool = False,
    hints: tuple[str, ...] = (),
    hints_left: int = 0,
    said: Said | None = None,
    shown: Settled | None = None,
    earned: str | None = None,
) -> PartLook:
    drawn = next(part for part in material.of(item).parts if part.label == asked.label)
    text = drawn.text
    if field is not None:
        # The field shows what is to be ordered or matched.
        text = text.removesuffix(answer_type(drawn.answer.type).printed(drawn.answer)).rstrip()
    return PartLook(
        label=f"{item.number}{asked.label}",
        sign=asked.label,
        points=counted(asked.points, "point"),
        text=text,
        figure=asked.label if drawn.figure is not None else None,
        settled=settled,
        skipped=skipped,
        marking=marking,
        field=field,
        step=step,
        hints=hints,
        hints_left=hints_left,
        said=said,
        shown=shown,
        earned=earned,
        by_person=asked.by_person,
        most=asked.points,
    )
