"""Sets of numbers or of words: {1, 2, 3}, or ReLU, Leaky ReLU. Order and repetition do not count."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Literal

from pydantic import Field

from question_bank.answers.base import (
    AnswerType,
    Comparison,
    Key,
    NoKey,
    Reading,
    Samples,
    Spec,
    Tolerance,
    Unreadable,
)  # fmt: skip
from question_bank.answers.brackets import unwrapped
from question_bank.answers.closeness import Real, agrees, in_three_digits, plain_echo
from question_bank.answers.entries import row_ways
from question_bank.answers.layout import layouts, names_and_list, plain, side_by_side, without_name
from question_bank.answers.numeric import IN_THREE_DIGITS, NumericKey, number_in
from question_bank.answers.numeric import TYPE as NUMERIC
from question_bank.answers.pieces import MAX_PIECES, Credit, pieces, share
from question_bank.answers.rows import readable
from question_bank.derive import parsed, value_of
from question_bank.grammar.exact import Value
from question_bank.grammar.nodes import names_in
from question_bank.text import tex

Member = int | Fraction | float | str

_OR = re.compile(r",?\s+(?:or|oder)\s+|\s*(?:∨|\\(?:lor|vee)(?![A-Za-z]))\s*")
# x_1 = 0,5, x_2 = 1,5: a comma within what stands between words, or behind names, is a decimal one.
_NAMED = r"[^\W\d]\w{0,12}(?:_\{\w{1,5}\})?\s*=\s*"
_APART = re.compile(rf"{_OR.pattern}|,?\s+(?:and|und)\s+|[,;]\s+(?={_NAMED})")
_MEMBER = re.compile(rf"({_NAMED})?[-+−]?[0-9]+(,[0-9]+)?")
_TWO_SIGNS = re.compile(r"±|\+\s*/?\s*[-−–]|\\pm(?![A-Za-z])")
_EMPTY = {"{}", "[]", "()", "∅", "none", "empty", "empty set", "\\emptyset", "keine"}


class SetSpec(Spec):
    """`value` is an expression that gives a list of numbers or of texts."""

    type: Literal["set"]
    value: str = Field(description="an expression that gives a list of numbers or of texts")
    tolerance: Tolerance | None = None
    credit: Credit = "all_or_nothing"


class SetKey(Key):
    """The members as text; `numbers` says how they are read."""

    omitted_when_default = frozenset({"tolerance"})

    type: Literal["set"] = "set"
    value: tuple[str, ...]
    numbers: bool
    tolerance: float | None = None
    credit: Credit = "all_or_nothing"


class AnswerSet(AnswerType[SetSpec, SetKey]):
    """Sets; credit by entry takes one member off for each that does not belong there."""

    kind = "set"
    Spec = SetSpec
    Key = SetKey

    def names(self, spec: SetSpec) -> frozenset[str]:
        return names_in(parsed(spec.value))

    def bind(self, spec: SetSpec, values: Mapping[str, Value]) -> SetKey:
        members = value_of(spec.value, values)
        if not isinstance(members, tuple) or any(isinstance(m, (tuple, bool)) for m in members):
            raise NoKey(f'"{spec.value}" is no list of numbers or texts but {members!r}')
        numbers = all(isinstance(m, (int, Fraction, float)) for m in members)
        if not numbers and not all(isinstance(m, str) for m in members):
            raise NoKey(f'"{spec.value}" mixes numbers and texts')
        ordered = sorted(members, key=float) if numbers else members
        texts = tuple(dict.fromkeys(str(m) for m in ordered))
        return SetKey(value=texts, numbers=numbers, tolerance=spec.tolerance, credit=spec.credit)

    def parse(self, text: str, key: SetKey) -> tuple[Reading, ...]:
        typed = plain(text)
        inner = names_and_list(typed)[1] if key.numbers else without_name(typed)
        if inner.lower() in _EMPTY:
            return (Reading((), "{}"),)
        read = _numbers if key.numbers else _texts
        usual, *others = readable(read, [layout.text for layout in layouts(inner)])
        if key.numbers and (digits := side_by_side(unwrapped(inner), len(key.value))):
            others += _of_row(digits)
        # {0,5, 1,5}: another way to divide the members counts where the usual one is not right.
        return (usual, *(replace(reading, remote=True) for reading in others))

    def compare(self, reading: Reading, key: SetKey) -> Comparison:
        wanted = _members(key)
        missing = [w for w in wanted if not any(_same(w, m, key) for m in reading.value)]
        extra = [m for m in reading.value if not any(_same(w, m, key) for w in wanted)]
        if not missing and not extra:
            return Comparison(Fraction(1), "right")
        if key.tolerance is None and len(missing) == len(extra) == sum(
            any(_in_three_digits(m, w) for w in missing) for m in extra
        ):
            return Comparison(None, IN_THREE_DIGITS)
        got = len(wanted) - len(missing) - len(extra)
        said = [f"{len(missing)} of {len(wanted)} missing"] if missing else []
        said += [f"{len(extra)} too many"] if extra else []
        return Comparison(share(got, max(len(wanted), 1), key.credit), ", ".join(said))

    def render(self, key: SetKey) -> str:
        if not key.numbers:
            return ", ".join(key.value) or r"$\emptyset$"
        members = ",\\; ".join(tex(number_in(text)) for text in key.value)
        return rf"$\{{{members}\}}$" if members else r"$\emptyset$"

    def instruction(self, key: SetKey) -> str:
        return "all members with commas between them, such as {1, 2}; {} for none"

    def written(self, key: SetKey) -> str:
        return "{" + ", ".join(key.value) + "}"

    def samples(self, key: SetKey) -> Samples:
        written = self.written(key)
        right = (written, written.replace("{", "[").replace("}", "]"))
        other = "987654321" if key.numbers else "something else"
        unreadable = ("{1, 2", "1,,2", "one, two") if key.numbers else ("{a, b", "a,,b")
        return Samples(right, (f"{{{other}}}",), unreadable)


def _texts(text: str) -> list[Reading]:
    inner = unwrapped(text)
    if not re.search("[,;\n]", inner):
        inner = re.sub(r"\s+(?:and|und)\s+", ",", inner)
    return [_reading([_word(item) for item in pieces(inner)])]


def _word(text: str) -> str:
    """Words without case and needless blanks: Leaky ReLU, leaky-relu and LeakyReLU are one."""
    word = re.sub(r"[\s\-_\"'`]+", "", re.sub(r"\A(?:and|und)\s+", "", text.strip().lower()))
    if not word or len(word) > 80:
        raise Unreadable("a member that is no word")
    return word


def _number(text: str) -> Real:
    value: Real = NUMERIC.parse(text, NumericKey(value="0"))[0].value.value
    return value


def _numbers(text: str) -> list[Reading]:
    """The members in each way in which they can be divided: 0,5, 1,5 is two of them or four."""
    if _TWO_SIGNS.search(text):
        raise Unreadable("± stands for two members", "write both: {-2, 2}")
    found = row_ways(unwrapped(_OR.sub(", ", text)))
    if german := _with_decimal_commas(text):
        found = [german, *(row for row in found if row != german)]
    return readable(_of_row, found)


def _with_decimal_commas(text: str) -> list[str] | None:
    """The members, where each has its name, or its comma, and a word divides them: x = 0,5 or x = 2."""
    pieces = [piece.strip() for piece in _APART.split(unwrapped(text))]
    read = [_MEMBER.fullmatch(piece) for piece in pieces]
    if len(pieces) < 2 or not any(one and one[2] for one in read):
        return None
    if not (all(one and one[1] for one in read) or all(one and one[2] for one in read)):
        return None
    return [piece.replace(",", ".") for piece in pieces]


def _of_row(items: list[str]) -> list[Reading]:
    _check_size(items)
    return [_reading([_number(item) for item in items])]


def _members(key: SetKey) -> list[Member]:
    return [number_in(text) if key.numbers else _word(text) for text in key.value]


def _reading(members: Sequence[Member]) -> Reading:
    shown = [m if isinstance(m, str) else plain_echo(m) for m in members]
    _check_size(members)
    return Reading(tuple(members), "{" + ", ".join(dict.fromkeys(shown)) + "}")


def _check_size(members: Sequence[object]) -> None:
    if len(members) > MAX_PIECES:
        raise Unreadable(f"has more than {MAX_PIECES} members")


def _same(wanted: Member, found: Member, key: SetKey) -> bool:
    if isinstance(wanted, str) or isinstance(found, str):
        return wanted == found
    return agrees(found, wanted, key.tolerance) is not False


def _in_three_digits(found: Member, wanted: Member) -> bool:
    if isinstance(found, str) or isinstance(wanted, str):
        return False
    return in_three_digits(found, wanted)


TYPE = AnswerSet()
