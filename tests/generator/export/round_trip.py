"""The same answers, marked by the bank and by another system: where the marks differ, the report must say so."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from question_bank.answers import answer_type, key_from
from question_bank.answers.base import Key
from question_bank.answers.marking import mark
from question_bank.answers.numeric import NumericKey, number_of
from question_bank.key import FormKey, KeyPart, mark_question
from tests.generator.export.reading import Answer, Place, Places
from tests.generator.export.reading_canvas import read_canvas
from tests.generator.export.reading_gift import read_gift
from tests.generator.export.reading_moodle import read_moodle
from tests.generator.export.reading_qti import read_qti

READERS = {
    "moodle": read_moodle,
    "gift": read_gift,
    "qti21": read_qti,
    "qti3": read_qti,
    "canvas": read_canvas,
}
CLOSE = 1e-4
# These say something else than that one answer by itself earns other marks.
NO_EXCUSE = {"carried_forward", "points", "more_digits"}
LISTS = ("matrix", "vector", "tuple", "shape")


@dataclass(frozen=True)
class Case:
    """An answer as it is typed for the bank, and as it goes into the fields of another system."""

    what: str
    typed: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Mismatch:
    """An answer that earns other marks than in the bank."""

    form: str
    label: str
    question: str
    what: str
    typed: str
    ours: float
    theirs: float


def cases(part: KeyPart) -> Iterator[Case]:
    """Right, wrong, each mistake's answer, everything and nothing."""
    key = part.key
    if key.type == "multiple_choice":
        yield from boxes(key)
    elif key.type == "numeric" or key.type in LISTS:
        yield from numbers(key, [mistake.key for mistake in mistakes(part)])
    elif key.type in ("ordering", "matching"):
        yield from letters(key)
    else:
        yield Case("right", answer_type(key.type).written(key), ())
        yield Case("wrong", "something else", ())


@dataclass(frozen=True)
class _Named:
    name: str
    key: Key


def mistakes(part: KeyPart) -> list[_Named]:
    return [_Named(mistake.name, key_from(mistake.answer)) for mistake in part.mistakes]


def boxes(key) -> Iterator[Case]:
    right = frozenset(key.right)
    every = frozenset(key.letters)
    chosen = {
        "right": right,
        "all": every,
        "none": frozenset(),
        "turned": every - right,
        **{f"{letter} alone": frozenset({letter}) for letter in every},
        **{f"without {letter}": right - {letter} for letter in right},
        **{f"with {letter}": right | {letter} for letter in every - right},
    }
    for what, letters_ in chosen.items():
        fields = tuple(sorted(letters_)) or ("none",)
        yield Case(what, ", ".join(fields), fields)
    yield Case("none with another", f"none, {key.letters[0]}", ("none", key.letters[0]))
    every_right = ("none", *sorted(right))
    yield Case("none with the right ones", ", ".join(every_right) if right else "none", every_right)
    yield Case("nothing", "", ())


def values_of(key) -> list[Fraction]:
    if key.type == "numeric":
        return [exactly(number_of(key))]
    rows = key.value if key.type == "matrix" else (key.value,)
    return [exactly(number_of(NumericKey(value=str(entry)))) for row in rows for entry in row]


def exactly(number) -> Fraction:
    return Fraction(str(number)) if isinstance(number, float) else Fraction(number)


def numbers(key, wrong: Sequence[Key]) -> Iterator[Case]:
    right = values_of(key)
    far = 2 + 2 * max(abs(value) for value in right)
    found = {
        "right": right,
        "wrong": [value + far for value in right],
        "first wrong": [right[0] + far, *right[1:]],
        "last wrong": [*right[:-1], right[-1] - far],
        "one number": [right[0]] * len(right),
        "turned": right[::-1],
        "zeros": [Fraction(0)] * len(right),
        "a tenth off": [value + (abs(value) + 1) / 10 for value in right],
    }
    for place, made in enumerate(wrong):
        values = values_of(made)
        if len(values) == len(right):
            found[f"mistake {place}"] = values
    for what, values in found.items():
        yield typed_case(key, what, [decimals(value, 6) for value in values])
    yield typed_case(key, "three digits", [decimals(value, 3) for value in right])
    yield Case("nothing", "", ("",) * len(right))


def decimals(value: Fraction, digits: int) -> str:
    """A number as people type it: whole numbers whole, short ones in full, others rounded."""
    if value.denominator == 1:
        return str(value.numerator)
    short = Decimal(value.numerator) / Decimal(value.denominator)
    if Fraction(short) == value and -short.as_tuple().exponent <= 6:
        return f"{short.normalize():f}"
    context = Context(prec=digits)
    return f"{context.divide(Decimal(value.numerator), Decimal(value.denominator)).normalize():f}"


def typed_case(key, what: str, texts: list[str]) -> Case:
    if key.type == "numeric":
        return Case(what, texts[0], tuple(texts))
    if key.type == "shape":
        return Case(what, "x".join(texts), tuple(texts))
    if key.type != "matrix" or key.vector:
        return Case(what, "(" + ", ".join(texts) + ")", tuple(texts))
    width = len(key.value[0])
    rows = [", ".join(texts[at : at + width]) for at in range(0, len(texts), width)]
    return Case(what, "[[" + "], [".join(rows) + "]]", tuple(texts))


def letters(key) -> Iterator[Case]:
    right = list(key.order if key.type == "ordering" else key.pairs)
    known = sorted(right) if key.type == "ordering" else string.ascii_lowercase[: len(key.right)]
    swapped = [right[1], right[0], *right[2:]]
    found = {
        "right": right,
        "turned": right[::-1],
        "swapped": swapped,
        "shifted": right[1:] + right[:1],
    }
    if key.type == "matching":
        found["one letter"] = [known[0]] * len(right)
    for what, chosen in found.items():
        typed = ", ".join(chosen)
        if key.type == "matching":
            typed = ", ".join(f"{number}{letter}" for number, letter in enumerate(chosen, 1))
        yield Case(what, typed, tuple(chosen))
    yield Case("nothing", "", ("",) * len(right))


def answer_for(place: Place, case: Case, key: Key) -> Answer:
    if place.kind == "line":
        sign = "x" if key.type == "shape" else ", "
        line = sign.join(case.fields)
        return line if key.type == "shape" or not any(case.fields) else f"({line})"
    return case.fields


def ours(question, part: KeyPart, typed: str, *, whole: bool) -> float | None:
    """The share that the bank gives for one answer by itself; None where a person decides."""
    if whole:
        label = f"{question.number}{part.label}"
        found = next(m for m in mark_question(question, {label: typed}) if m.label == label)
        verdict, share = found.mark.verdict, found.mark.fraction
    else:
        found = mark(part.key, typed, part.mistake_keys)
        verdict, share = found.verdict, found.fraction
    return None if verdict in ("needs_person", "undecided") else float(share)


def mismatches(
    key: FormKey, places: Places, losses: Sequence, *, whole: bool = True, memo: dict | None = None
) -> tuple[list[Mismatch], int, set[tuple[str, str]]]:
    """What differs and is in no line of the report; how many answers were compared; which lines were seen to hold.

    `memo` keeps the bank's marks of one form, for the next format.
    """
    memo = {} if memo is None else memo
    told: dict[tuple[str, str], set[str]] = {}
    for one in losses:
        told.setdefault((one.form, one.label), set()).add(one.kind)
    effects = {one.kind: one.effect for one in losses}
    found: list[Mismatch] = []
    witnessed: set[tuple[str, str]] = set()
    compared = 0
    for label, (question, part) in key.labels().items():
        place = places[key.form, label]
        kinds = told.get((key.form, label), set())
        excuses = {k for k in kinds if effects[k] in ("marks", "person")} - NO_EXCUSE
        if (
            abs(place.most - part.points) > CLOSE
            and place.kind != "person"
            and "points" not in kinds
        ):
            found.append(
                Mismatch(key.form, label, question.id, "points", "", part.points, place.most)
            )
        for case in cases(part):
            compared += 1
            if (label, case.typed) not in memo:
                memo[label, case.typed] = ours(question, part, case.typed, whole=whole)
            mine = memo[label, case.typed]
            theirs = place.earned(answer_for(place, case, part.key))
            if theirs is None:
                # A text waits for a person in the bank as well.
                excused = part.key.type == "text" or excuses & {"by_person", "exact"}
            else:
                excused = mine is not None and abs(mine - theirs) <= CLOSE
            if excused:
                continue
            witnessed.add((key.form, label))
            if not excuses:
                found.append(
                    Mismatch(key.form, label, question.id, case.what, case.typed, mine, theirs)
                )
    return found, compared, witnessed
