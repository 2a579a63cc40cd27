"""Terms that claim to be equal, W = 64/2 = 32 and 2/3 ≈ 0.7: whether they are, and which of them are the answer."""

from __future__ import annotations

import re
from dataclasses import replace

from question_bank.answers.base import Reading, Unreadable
from question_bank.answers.closeness import Real, near, plain_echo
from question_bank.answers.decimals import Group, chain
from question_bank.answers.left_side import check_left_side
from question_bank.answers.number_term import is_noted, once, one_term, rounds_to, term_readings
from question_bank.answers.typed import check_formula
from question_bank.grammar.answer_tokens import canonical_name
from question_bank.grammar.answer_words import CONSTANTS

# What stands left of a sign of equality and is no term, whatever its letters could mean: W_out, e.
NAME = re.compile(r"\A(?!.*[²³])[^\W\d]\w*\Z")
# 10 (= 2*5): no product is meant.
_EQUAL_NOTE = re.compile(r"\A(.*\S)\s+\(\s*(?:≈|=|~|\\approx(?![A-Za-z]))\s*(.+)\)\Z", re.DOTALL)


def check_note(text: str, unit: str | None) -> None:
    """Raises Unreadable where brackets say what the value before them is equal to, and it is not: 5 (= 4)."""
    noted = _EQUAL_NOTE.match(text.strip())
    if noted is None:
        return
    try:
        values, notes = one_term(chain(noted[1])[-1].terms[-1], unit), one_term(noted[2], unit)
    except Unreadable:
        return
    if not any(is_noted(one, note) for one in values for note in notes):
        shown = f"{values[0].echo} = {notes[0].echo}"
        raise Unreadable(f"{shown} does not hold", "write the result alone")


def result_last(groups: list[Group]) -> list[Group]:
    """The chain without a name at its end: 32 = W_out."""
    terms = groups[-1].terms
    named = len(terms) > 1 and NAME.match(terms[-1]) and canonical_name(terms[-1]) not in CONSTANTS
    return [*groups[:-1], replace(groups[-1], terms=terms[:-1])] if named else groups


def check_first(terms: list[str], unit: str | None) -> None:
    """Raises Unreadable where the first of several terms has no value and is more than a name: 2x = 4."""
    if len(terms) < 2 or NAME.match(terms[0]):
        return
    try:
        term_readings(terms[0], unit)
    except Unreadable:
        check_left_side(terms[0], terms[1])


def holding_readings(terms: tuple[str, ...], unit: str | None) -> tuple[Reading, ...]:
    """The readings of the last term: of 2,303 only those that are equal to the term before it. Raises Unreadable."""
    found = term_readings(terms[-1], unit)
    for term in reversed(terms[:-1]) if len(found) > 1 else ():
        if NAME.match(term):
            continue
        try:
            values = [reading.value.value for reading in term_readings(term, unit)]
        except Unreadable:
            continue
        equal = [one for one in found if any(near(value, one.value.value) for value in values)]
        return tuple(equal) or found
    return found


def check_equal(parts: list[str], unit: str | None) -> None:
    """Raises Unreadable where terms of a chain have values that differ by more than rounding; names have none."""
    before: list[Real] = []
    for part in parts:
        try:
            values = [reading.value.value for reading in term_readings(part, unit)]
        except Unreadable:
            check_formula(part)
            continue
        if before and not any(near(a, b) for a in before for b in values):
            shown = f"{plain_echo(before[0])} = {plain_echo(values[0])}"
            raise Unreadable(f"{shown} does not hold", "write the result alone")
        before = values


def with_exact_terms(
    terms: tuple[str, ...], found: tuple[Reading, ...], unit: str | None, expected: Real
) -> tuple[Reading, ...]:
    """The terms before the last one that it rounds at its last digit are the answer too, and meant first: 3/16 = 0.188.

    Rounded to a whole number, that one is meant first, unless a term is just what is `expected`.
    """
    exact: list[Reading] = []
    if any(one.value.value == expected for one in found):
        return found
    for term in terms[:-1]:
        if NAME.match(term):
            continue
        try:
            values = term_readings(term, unit)
        except Unreadable:
            continue
        exact += [one for one in values if any(_is_rounded(one, last) for last in found)]
    if right := [one for one in exact if one.value.value == expected]:
        return once((*right, *(replace(one, remote=True) for one in found)))
    if not exact:
        return found
    if isinstance(found[0].value.value, int):
        return once((*found, *(replace(one, remote=True) for one in exact)))
    return once((*exact, *(replace(one, remote=True) for one in found)))


def _is_rounded(exact: Reading, last: Reading) -> bool:
    """Whether `last` is another number with fewer digits: rounded, or cut off, at its last one."""
    place, earlier = last.value.last_place, exact.value.last_place
    if place is None or (earlier is not None and earlier >= place):
        return False
    return 0 < abs(float(exact.value.value) - float(last.value.value)) < float(place)


def with_what_was_rounded(
    term: str, rounded: tuple[Reading, ...], unit: str | None
) -> tuple[Reading, ...]:
    """The term left of ≈ is the answer too: 2/3 ≈ 0.7, as long as it rounds to what stands right of it.

    Rounded to a whole number, that one is meant first: 63/2 ≈ 32. Raises Unreadable where the two are apart.
    """
    try:
        exact = term_readings(term, unit)
    except Unreadable:
        return rounded  # a formula or a name
    holding = [one for one in exact if any(rounds_to(one, other) for other in rounded)]
    if not holding:
        # A name that is a constant elsewhere, or a unit that is left out on one side.
        if NAME.match(term) or unit is not None:
            return rounded
        shown = f"{exact[0].echo} ≈ {rounded[0].echo}"
        raise Unreadable(f"{shown} does not hold", "write the result alone")
    rounded = tuple(one for one in rounded if any(rounds_to(e, one) for e in holding))
    if isinstance(rounded[0].value.value, int) and not isinstance(holding[0].value.value, int):
        return once((*rounded, *(replace(one, remote=True) for one in holding)))
    return once((*holding, *(replace(one, remote=True) for one in rounded)))
