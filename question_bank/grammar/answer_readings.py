"""Every sensible reading of a student's formula.

What can be meant in two ways is read in both: 1/2x, √2x, e^-2x, 0,5. Readings that hardly anybody means are remote:
2.5(4) as a product rather than a period, 2e-1 as 2*e - 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from question_bank.grammar.answer_syntax import (
    ENTRY,
    ENTRY_FIRST,
    ENTRY_LAST,
    Fork,
    Way,
    parsed_answer,
)
from question_bank.grammar.answer_tokens import answer_tokens, canonical_name, check_length
from question_bank.grammar.answer_words import ARRAY_FUNCTIONS, FUNCTIONS, NUMBER_FUNCTIONS
from question_bank.grammar.nodes import Call, Node, children
from question_bank.grammar.syntax import GrammarError

# In how many ways a formula is read at most.
MOST_WAYS = 16
_PERIOD = re.compile(r"(?<![0-9])([0-9]*[.,][0-9]+)(?=\([0-9]{1,9}\))")
_ROUND_INDEX = re.compile(r"(?<![\\A-Za-z])(sqrt\s*)\[([^\[\]]{1,40})\](?=\s*\()", re.IGNORECASE)
_POWER_APART = re.compile(r"(?<=[0-9.])[ \t]+(?=[eE][-+−]?[0-9]{1,2}(?![\w.]))")
_POWER_OF_TEN = re.compile(
    r"(?<![\w.])([0-9]+(?:[.,][0-9]*)?|\.[0-9]+)(?=e[-+−][0-9]{1,2}(?![\w.]))"
)
# √1/16, which goes on to the end of the quotient where someone draws the line above it.
_ROOT_OF_QUOTIENT = re.compile(r"√\s*([0-9]+\s*[/⁄÷]\s*[0-9]+)(?![0-9.,])")


@dataclass(frozen=True)
class FormulaReading:
    """A formula as it can be read; `remote` where it counts only if the usual readings are not right."""

    node: Node
    remote: bool = False


def readings(
    text: str,
    symbols: Iterable[str],
    functions: Iterable[str],
    arrays: bool = False,
    entry: int = ENTRY,
) -> tuple[FormulaReading, ...]:
    """Every sensible reading, the usual one first. Raises GrammarError when there is none."""
    check_length(text)
    symbols, functions = tuple(symbols), frozenset(functions)
    found: dict[Node, FormulaReading] = {}
    first: GrammarError | None = None
    left = MOST_WAYS
    for typed, start, remote in _starts(text, symbols, arrays, entry):
        ways, forks = [(start, False)], frozenset[Fork]()
        while ways and left:
            (way, far), left = ways.pop(0), left - 1
            try:
                node, forks = parsed_answer(typed, symbols, functions, way)
                check_arity(node)
                found.setdefault(node, FormulaReading(node, remote or far))
            except GrammarError as error:
                first = first or error
            if way is start:
                ways = list(_others(typed, start, forks))
    if first is not None and not found:
        raise first
    usual = [reading for reading in found.values() if not reading.remote]
    if not usual:
        return tuple(FormulaReading(node) for node in found)
    return (*usual, *(reading for reading in found.values() if reading.remote))


def regrouped(text: str, symbols: Iterable[str], functions: Iterable[str]) -> tuple[Node, ...]:
    """The readings of a formula of arrays in which its products by entry bind more or less than its other products.

    What W a ⊙ b is, (W a) ⊙ b or W (a ⊙ b), nobody has agreed on.
    """
    if not any(token.text == ".*" for token in answer_tokens(text, False)):
        return ()
    found: dict[Node, None] = {}
    for entry in (ENTRY_FIRST, ENTRY_LAST):
        try:
            every = readings(text, symbols, functions, arrays=True, entry=entry)
        except GrammarError:
            continue
        found |= dict.fromkeys(reading.node for reading in every)
    return tuple(found)


def check_arity(node: Node) -> None:
    """Raises GrammarError where a function gets the wrong number of values."""
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, Call):
            least, most = _TAKES[node.function]
            given = len(node.arguments)
            if not least <= given <= most:
                wanted = str(least) if least == most else f"{least} to {most}"
                raise GrammarError(
                    f'"{node.function}" takes {wanted}, not {given}, values', node.at
                )
        stack += children(node)


_TAKES = {**FUNCTIONS, **ARRAY_FUNCTIONS, **NUMBER_FUNCTIONS}


def _starts(
    text: str, symbols: tuple[str, ...], arrays: bool, entry: int
) -> Iterator[tuple[str, Way, bool]]:
    """The formula in each way to take its signs, and whether that one is remote."""
    ways = [Way(arrays=arrays, entry=entry)]
    if _comma_in_number(text):
        ways.append(replace(ways[0], decimal_comma=True))
    for typed, way in product(dict.fromkeys((text, _with_braces(text, symbols))), ways):
        yield typed, way, False
    remote = (
        _PERIOD.sub(r"\1*", text),
        _ROUND_INDEX.sub(r"\1(\2)", text),
        _POWER_APART.sub("", text),
        _POWER_OF_TEN.sub(r"\1*", text),
        _ROOT_OF_QUOTIENT.sub(r"√(\1)", text),
    )
    for typed, way in product(dict.fromkeys(remote), ways):
        if typed != text:
            yield typed, way, True


def _others(text: str, way: Way, forks: frozenset[Fork]) -> Iterator[tuple[Way, bool]]:
    """The ways beside one that read a formula otherwise, and whether each is remote."""
    quotients = (0, 1) if "/" in text or "÷" in text or "⁄" in text else (0,)
    reaches = (0, 1) if ("reach", 1) in forks else (0,)
    for tight, reach in list(product(quotients, reaches))[1:]:
        yield replace(way, tight=tight, reach=reach), False
    far = [replace(way, tight=2)] if ("tight", 2) in forks else []
    # A root that takes in what is glued to it shows only then what comes next.
    far += [replace(way, reach=2)] if forks & {("reach", 1), ("reach", 2)} else []
    if len(far) == 2:
        far.append(replace(way, tight=2, reach=2))
    for other in far:
        yield other, True


def _with_braces(text: str, symbols: Iterable[str]) -> str:
    """h_t-1 as h_{t-1}, where the question has such a symbol."""
    for symbol in symbols:
        stem, _, index = canonical_name(symbol).rpartition("t")
        if stem and re.fullmatch(r"[-+][0-9]", index):
            pattern = rf"(?<![A-Za-z0-9_]){re.escape(stem)}_?t *[{index[0]}−] *{index[1]}(?![\w.])"
            text = re.sub(pattern, f"{stem}_{{t{index}}}", text)
    return text


def _comma_in_number(text: str) -> bool:
    return any(
        text[i] == "," and text[i - 1].isdigit() and text[i + 1].isdigit()
        for i in range(1, len(text) - 1)
    )
