"""Formulas as students type them, read over the symbols of a question, in each way in which they can be meant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from question_bank.answers.base import Reading, Unreadable
from question_bank.answers.formula_key import Asked, ExpressionKey
from question_bank.grammar.answer_readings import FormulaReading, readings, regrouped
from question_bank.grammar.answer_words import ARRAY_FUNCTIONS, CONSTANTS, FUNCTIONS
from question_bank.grammar.formula import Formula
from question_bank.grammar.nodes import Node, names_in
from question_bank.grammar.relations import ACTIVATION, Relations
from question_bank.grammar.shapes import (
    IDENTITY,
    OPEN,
    SCALAR,
    Sense,
    Shape,
    ShapeFault,
    loosely,
    senses,
    shown,
)
from question_bank.grammar.shown import echo
from question_bank.grammar.syntax import GrammarError


def parse(text: str, key: ExpressionKey) -> Node:
    """The usual reading of a formula over the key's symbols, e and pi. Raises Unreadable."""
    return readings_of(text, tuple(key.symbols), bool(key.shapes))[0].node


@lru_cache(maxsize=256)
def readings_of(text: str, symbols: tuple[str, ...], arrays: bool) -> tuple[FormulaReading, ...]:
    """Every sensible reading of a formula, the usual one first. Raises Unreadable."""
    words, text = _words(symbols, arrays), undollared(text)
    try:
        found = readings(text, *words, arrays=arrays)
    except GrammarError as error:
        raise Unreadable(str(error), error.hint) from None
    if "\n" not in text:
        return found
    # A line that begins with a minus goes on, or it is the result below the way to it.
    try:
        last = readings(text.rpartition("\n")[2], *words, arrays=arrays)
    except GrammarError:
        return found
    return (*found, *(replace(one, remote=True) for one in last))


def _words(symbols: tuple[str, ...], arrays: bool) -> tuple[list[str], set[str]]:
    """The names and the functions that a formula may hold."""
    # A question's own symbol wins over a function or constant of the same name (sigma, e).
    functions = {*FUNCTIONS, *(ARRAY_FUNCTIONS if arrays else ())} - set(symbols)
    return [*CONSTANTS, *symbols, *((IDENTITY,) if arrays else ())], functions


def undollared(text: str) -> str:
    """Without the dollar signs of LaTeX around all of it; blanks in their place keep the columns."""
    if len(text) > 2 and text[0] == text[-1] == "$":
        return f" {text[1:-1]} "
    return text


@dataclass(frozen=True)
class Unfit:
    """An answer whose shapes do not fit: why, and what may have been meant by it."""

    why: str
    meant: tuple[Formula, ...]


@lru_cache(maxsize=512)
def _relations(asked: Asked) -> Relations:
    """Raises Unreadable or ShapeFault."""
    found = Relations()
    for name, text in asked.relations:
        if name == ACTIVATION and name not in asked.symbols:
            if f"{text}'" not in FUNCTIONS:
                raise Unreadable(f'"{text}" is no function with a derivative here')
            found = replace(found, activation=text)
            continue
        node = readings_of(text, asked.symbols, bool(asked.shapes))[0].node
        early = (names_in(node) & {later for later, _ in asked.relations}) - set(found.formulas)
        if early:
            raise Unreadable(
                f'the relation of "{name}" holds "{min(early)}", which does not stand above it'
            )
        if asked.shapes:
            sense = senses(node, asked.known)[0]
            if sense.shape != asked.known.get(name, SCALAR):
                raise ShapeFault(f"the relation of {name} gives {shown(sense.shape)}", node.at)
            node = sense.node
        found = replace(found, formulas={**found.formulas, name: found.written_out(node)})
    return found


# The formulas of one answer are kept while it is compared with the key and with what mistakes lead to.
@lru_cache(maxsize=256)
def read(text: str, asked: Asked, wanted: Shape | None) -> tuple[Reading, ...]:
    """The formula in each way in which it can be meant, of those whose shapes fit where it has any. Raises Unreadable."""
    symbols, whole = asked.symbols, _relations(asked)
    ways = readings_of(text, symbols, bool(asked.shapes))
    if wanted is None:
        return tuple(
            Reading(Formula(whole.written_out(way.node)), echo(way.node), way.remote)
            for way in ways
        )
    known = asked.known
    nodes = [way.node for way in ways if not way.remote]
    others = {way.node for way in ways if way.remote}
    others |= set(regrouped(undollared(text), *_words(symbols, arrays=True))) - set(nodes)
    found: list[Sense] = []
    meant: list[Sense] = []
    fault: ShapeFault | None = None
    for node in (*nodes, *sorted(others, key=echo)):
        try:
            fitting = senses(node, known, wanted)
            found += [replace(s, remote=True) for s in fitting] if node in others else fitting
        except ShapeFault as unfit:
            fault = fault or unfit
            meant += [sense for sense in loosely(node, known, wanted) if sense.shape == wanted]
    # Another association may fit, and give something else than is asked for: h x^T as (h x)^T.
    if not any(sense.shape == wanted for sense in found) and (meant or not found):
        nothing_fits = Unfit(
            str(fault), tuple(Formula(whole.written_out(s.node), s.shape) for s in meant)
        )
        return (Reading(nothing_fits, echo(nodes[0])),)
    found += meant
    # A reading of which the shapes do not fit is not meant where another one fits.
    wanted_ones = [sense for sense in found if sense.shape == wanted] or found[:1]
    read = [
        Reading(Formula(whole.written_out(s.node), s.shape), echo(s.node), s.remote)
        for s in wanted_ones
    ]
    return tuple({way.echo: way for way in reversed(read)}.values())[::-1]


def key_formula(key: ExpressionKey) -> Formula:
    """The key as it is compared. Raises Unreadable or ShapeFault."""
    return _key_formula(key.value, key.asked)


@lru_cache(maxsize=512)
def _key_formula(value: str, asked: Asked) -> Formula:
    node = readings_of(value, asked.symbols, bool(asked.shapes))[0].node
    whole = _relations(asked)
    if not asked.shapes:
        return Formula(whole.written_out(node))
    usual = senses(node, asked.known)[0]
    if usual.shape == OPEN:
        raise ShapeFault("the size of I cannot be told", node.at)
    return Formula(whole.written_out(usual.node), usual.shape)
