"""One input for each answer type, and the answer as text that its form means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from string import ascii_lowercase
from typing import Literal

from question_bank.answers import answer_type
from question_bank.answers.base import MAX_ANSWER, MAX_PROSE, Key, Unreadable
from question_bank.answers.code import CodeKey
from question_bank.answers.matching import MatchingKey
from question_bank.answers.matrix import MatrixKey
from question_bank.answers.multiple_choice import NONE, SCORED, MultipleChoiceKey
from question_bank.answers.ordering import OrderingKey, check_labels
from question_bank.answers.pieces import labels
from question_bank.answers.pseudo_code import PseudoCodeKey
from question_bank.answers.typed import bare
from quiz.engine import Refused
from templates.richtext import to_terminal
from web.forms import Form

Kind = Literal["boxes", "line", "rows", "prose", "code", "places", "pairs"]

GAP = "-"
"""Stands where a place is left out; whoever marks the answer reads over it."""

ECHOED = frozenset(
    {"numeric", "expression", "equation", "interval", "set", "shape", "tuple", "vector", "matrix"}
)
"""Types whose typed answer is shown back while it is typed."""


@dataclass(frozen=True)
class Choice:
    """An option, a line or an item: its sign, its Markdown, and how it sounds."""

    sign: str
    text: str
    spoken: str


@dataclass(frozen=True)
class Field:
    """What the form of a part asks for. `values` holds what is chosen or typed already, by the field's own names.

    `columns` are the letters of `pairs`; `places` how many places there are to give. `unshown` is a kept answer that
    boxes and lists cannot show: it was typed in a terminal.
    """

    name: str
    kind: Kind
    help: str
    values: Mapping[str, tuple[str, ...]]
    choices: tuple[Choice, ...] = ()
    columns: tuple[Choice, ...] = ()
    lines: int = 1
    echo: bool = False
    longest: int = MAX_ANSWER
    unshown: str = ""

    @property
    def value(self) -> str:
        """What is typed already, for fields of one text."""
        return (self.values.get(self.name) or ("",))[0]

    @property
    def places(self) -> range:
        """The places that can be given."""
        return range(1, len(self.choices) + 1)

    def is_chosen(self, name: str, value: object) -> bool:
        """Whether a box is ticked, or an entry of a list selected, already."""
        return str(value) in self.values.get(name, ())


def field_of(key: Key, label: str, text: str = "", form: Form | None = None) -> Field:
    """The field for an answer to a key, holding the text that was kept, or else what a refused form held.

    Nothing in it depends on which answer is right.
    """
    name = f"answer-{label}"
    values = {} if form is None else {n: v for n, v in form.fields.items() if n.startswith(name)}
    if form is None and text:
        values = _split(key, name, text)
        return replace(_field(key, name, values), unshown="" if values else text)
    return _field(key, name, values)


def _field(key: Key, name: str, values: Mapping[str, tuple[str, ...]]) -> Field:
    match key:
        case MultipleChoiceKey():
            how = SCORED.get(key.scheme)
            told = "None, one or several can be right: tick every right one, or none of them"
            return Field(
                name,
                "boxes",
                f"{told} ({how})." if how else f"{told}.",
                values,
                _lettered([option.text for option in key.options]),
            )
        case OrderingKey():
            return Field(name, "places", "Give each its place.", values, _lettered(key.items))
        case PseudoCodeKey():
            told = "Give each line that is needed its place; leave out the others."
            return Field(name, "places", told, values, _lettered(key.lines))
        case MatchingKey():
            return Field(
                name,
                "pairs",
                "Choose a letter for each number.",
                values,
                _signed([str(number) for number in range(1, len(key.left) + 1)], key.left),
                _lettered(key.right),
            )
    kind = answer_type(key.type)
    asked = kind.instruction(key)
    told = f"{asked[0].upper()}{asked[1:]}."
    if isinstance(key, CodeKey):
        return Field(name, "code", told, values, lines=max(6, key.lines), longest=MAX_PROSE)
    if kind.by_person:
        return Field(name, "prose", told, values, lines=5, longest=MAX_PROSE)
    if isinstance(key, MatrixKey) and not key.vector:
        # Three lines whatever the size: it may be what is asked.
        told = f"{told} Or a row on each line, with blanks between its numbers."
        return Field(name, "rows", told, values, lines=3, echo=True)
    return Field(name, "line", told, values, echo=key.type in ECHOED)


def answer_over(key: Key, label: str, form: Form, kept: str) -> str:
    """The answer that a form means which was filled from a kept one: that one, as it was typed, where nothing changed.

    Raises Refused.
    """
    text = answer_text(key, label, form).strip()
    filled = answer_text(key, label, Form(_split(key, f"answer-{label}", kept))) if kept else ""
    return kept if text == filled.strip() else text


def answer_text(key: Key, label: str, form: Form) -> str:
    """The answer that a form means, as it would be typed; empty where there is none. Raises Refused."""
    name = f"answer-{label}"
    match key:
        case MultipleChoiceKey():
            chosen = [each for each in form.texts(name) if each in (*key.letters, NONE)]
            if NONE in chosen and len(chosen) > 1:
                raise Refused('"None of them" goes with no other box.')
            return ", ".join(chosen)
        case OrderingKey():
            return _in_places(form, name, key.items)
        case PseudoCodeKey():
            return _in_places(form, name, key.lines)
        case MatchingKey():
            letters = {each.sign for each in _lettered(key.right)}
            pairs = []
            for number in range(1, len(key.left) + 1):
                letter = form.text(f"{name}-{number}")
                if letter in letters:
                    pairs.append(f"{number}{letter}")
            return ", ".join(pairs)
    # Browsers send lines as CR LF.
    return form.text(name).replace("\r\n", "\n")


def _in_places(form: Form, name: str, items: tuple[str, ...]) -> str:
    taken: dict[int, str] = {}
    for each in _lettered(items):
        place = form.whole(f"{name}-{each.sign}", 1, len(items))
        if place is None:
            continue
        if place in taken:
            raise Refused(f"{taken[place]}) and {each.sign}) have the same place, {place}.")
        taken[place] = each.sign
    # A place that nothing has is kept: what is saved half done comes back as it was.
    return ", ".join(taken.get(place, GAP) for place in range(1, max(taken, default=0) + 1))


def _split(key: Key, name: str, text: str) -> dict[str, tuple[str, ...]]:
    """A kept answer as the values of its form's fields."""
    if not isinstance(key, (MultipleChoiceKey, OrderingKey, PseudoCodeKey, MatchingKey)):
        return {name: (text,)}
    try:
        if isinstance(key, (OrderingKey, PseudoCodeKey)):
            listed = [each.strip() for each in text.split(",")]
            letters = listed if GAP in listed else labels(bare(text))
            placed = {sign: place for place, sign in enumerate(letters, 1) if sign != GAP}
            many = len(key.items if isinstance(key, OrderingKey) else key.lines)
            check_labels([sign for sign in letters if sign != GAP], tuple(ascii_lowercase[:many]))
            return {f"{name}-{sign}": (str(place),) for sign, place in placed.items()}
        found = answer_type(key.type).parse(bare(text), key)[0].value
    except Unreadable:
        return {}
    if isinstance(key, MatchingKey):
        return {f"{name}-{number}": (letter,) for number, letter in found.items()}
    return {name: tuple(sorted(found)) or (NONE,)}


def _lettered(texts: tuple[str, ...] | list[str]) -> tuple[Choice, ...]:
    return _signed(ascii_lowercase[: len(texts)], texts)


def _signed(signs: str | list[str], texts: tuple[str, ...] | list[str]) -> tuple[Choice, ...]:
    return tuple(
        Choice(sign, text, " ".join(to_terminal(text).split()))
        for sign, text in zip(signs, texts, strict=True)
    )
