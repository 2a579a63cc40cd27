"""The options of a multiple-choice answer, the same whichever form prints them, wherever and with whatever numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from grader.report import Check
from question_bank.answers import key_from
from question_bank.answers.multiple_choice import NONE, MultipleChoiceKey
from question_bank.key import KeyPart

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


@dataclass(frozen=True)
class Choice:
    """An option, the same on every form; `letters` says what each form calls it, `name` tells it from the others."""

    name: tuple[object, ...]
    text: str
    correct: bool
    letters: Mapping[str, str]


def choices_of(parts: Sequence[tuple[str | None, KeyPart]]) -> tuple[Choice, ...]:
    """The options of all forms, each once; a form without a name is a student's own, and letters then say nothing."""
    found: dict[tuple[object, ...], Choice] = {}
    for form, part in parts:
        key = part.key
        if not isinstance(key, MultipleChoiceKey):
            return ()
        rights = right_options(part, key)
        for letter, option, right, name in zip(
            key.letters, key.options, rights, _names(part, key), strict=True
        ):
            known = found.get(name, Choice(name, option.text, right, {}))
            letters = {} if form is None else {**known.letters, form: letter}
            found[name] = replace(known, letters=letters)
    return tuple(found.values())


def right_options(part: KeyPart, key: MultipleChoiceKey) -> tuple[bool, ...]:
    """Which options are right, by the key or by a correction of it."""
    also = [
        accepted.right
        for accepted in map(key_from, part.accept)
        if isinstance(accepted, MultipleChoiceKey)
    ]
    right = key.right.union(*also)
    return tuple(letter in right for letter in key.letters)


def none_is_right(part: KeyPart) -> bool:
    """Whether checking no option is right, by the key or by a correction of it."""
    keys = [part.key, *map(key_from, part.accept)]
    return any(isinstance(key, MultipleChoiceKey) and not key.right for key in keys)


def boxes(
    check: Check, part: KeyPart, choices: Sequence[Choice]
) -> tuple[frozenset[int] | None, frozenset[int] | None]:
    """The places, among the choices, of the options that were checked and of those that were printed.

    None for the first where the answer names no options, and for both where the question has none.
    """
    key = part.key
    if not isinstance(key, MultipleChoiceKey):
        return None, None
    places = {choice.name: place for place, choice in enumerate(choices)}
    at = dict(zip(key.letters, (places[name] for name in _names(part, key)), strict=True))
    printed = frozenset(at.values())
    if check.read_as is None:
        return None, printed
    letters = set() if check.read_as == NONE else set(check.read_as.split(", "))
    if not letters <= at.keys():
        return None, printed
    return frozenset(at[letter] for letter in letters), printed


def _names(part: KeyPart, key: MultipleChoiceKey) -> list[tuple[object, ...]]:
    """What tells the options apart on every form: whether they are right, and the slip, or the words without their numbers.

    Where that leaves several alike, they count through as they are printed.
    """
    counts: Counter[tuple[object, ...]] = Counter()
    names: list[tuple[object, ...]] = []
    for option, right in zip(key.options, right_options(part, key), strict=True):
        name = (right, option.mistake or _NUMBER.sub("#", option.text))
        counts[name] += 1
        names.append((*name, counts[name]))
    return names
