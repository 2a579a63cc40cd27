"""What students see depends on what is asked, and never on what is right: other right answers, the same page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest

from generator.exam import Form
from generator.export.exporting import FORMATS
from generator.export.view import View, view
from tests.generator.export.forms import sample, whole_bank
from tests.generator.export.shown import SHOWN

# A whole number, one that ends after three digits, one that never ends, one of many digits.
NUMBERS = ("7", "0.125", "-2/3", "123456")
RIGHT = (
    lambda place, count: False,
    lambda place, count: place == 0,
    lambda place, count: place == count - 1,
    lambda place, count: place % 2 == 0,
    lambda place, count: True,
)
TURNS = {"sample": range(len(RIGHT)), "bank": range(2)}


def other(key, turn: int):
    """A key of the same kind with other right answers; turns differ in how many and which they are."""
    number = NUMBERS[turn % len(NUMBERS)]
    match key.type:
        case "multiple_choice":
            right = RIGHT[turn]
            options = tuple(
                option.model_copy(update={"correct": right(place, len(key.options))})
                for place, option in enumerate(key.options)
            )
            return key.model_copy(update={"options": options})
        case "numeric" if key.between is not None:
            return key.model_copy(update={"value": "5", "between": (4.0 - turn, 6.0)})
        case "numeric":
            return key.model_copy(update={"value": number})
        case "vector" | "tuple":
            return key.model_copy(update={"value": mixed(number, len(key.value))})
        case "matrix":
            rows = tuple(mixed(number, len(row)) for row in key.value)
            return key.model_copy(update={"value": rows})
        case "shape":
            return key.model_copy(
                update={"value": tuple(10**turn + n for n in range(len(key.value)))}
            )
        case "ordering":
            return key.model_copy(update={"order": turned(key.order, turn)})
        case "matching":
            return key.model_copy(update={"pairs": turned(key.pairs, turn)})
    return key


def mixed(number: str, count: int) -> tuple[str, ...]:
    return ("1", *[number] * (count - 1))


def turned(entries, turn: int):
    first = turn % len(entries)
    return (*entries[first:], *entries[:first])


def with_other_keys(form: Form, turn: int) -> Form:
    sections = []
    for section in form.sections:
        questions = []
        for question in section.questions:
            parts = tuple(
                replace(part, answer=other(part.answer, (question.number + turn) % len(RIGHT)))
                for part in question.variant.parts
            )
            questions.append(replace(question, variant=replace(question.variant, parts=parts)))
        sections.append(replace(section, questions=tuple(questions)))
    return replace(form, sections=tuple(sections))


@cache
def views(which: str) -> Sequence[View]:
    """The form as it is, and with other keys."""
    form = {"sample": sample, "bank": whole_bank}[which]()
    return [view(form), *(view(with_other_keys(form, turn)) for turn in TURNS[which])]


@cache
def contents(which: str, name: str) -> Sequence[bytes]:
    return [FORMATS[name].write([one])[0] for one in views(which)]


@pytest.mark.parametrize("which", sorted(TURNS))
@pytest.mark.parametrize("name", sorted(SHOWN))
def test_nothing_that_students_see_depends_on_the_key(which, name):
    first, *others = [SHOWN[name](content) for content in contents(which, name)]
    for other_one in others:
        assert len(other_one) == len(first)
        assert [pair for pair in zip(first, other_one, strict=True) if pair[0] != pair[1]] == []


@pytest.mark.parametrize("name", sorted(set(SHOWN) - {"html"}))
def test_the_keys_are_others(name):
    """The comparison above is no formality: what the systems mark with does change."""
    for which in TURNS:
        found = contents(which, name)
        assert len(set(found)) == len(found)
