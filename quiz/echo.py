"""How an answer is read while it is typed, as a formula. It never depends on which answer is right.

What reading takes from a key beyond what is printed (how many numbers a list has, for one) is put aside, so that
nobody can feel for it; the reading that is marked is shown with the mark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from question_bank.answers import answer_type
from question_bank.answers.answer_set import SetKey
from question_bank.answers.base import MAX_ANSWER, Key, Unreadable
from question_bank.answers.equation import EquationKey
from question_bank.answers.formula_key import ExpressionKey
from question_bank.answers.formula_reading import readings_of
from question_bank.answers.formula_side import terms_of
from question_bank.answers.interval import IntervalKey
from question_bank.answers.layout import plain
from question_bank.answers.marking import printable, says_nothing
from question_bank.answers.matching import MatchingKey
from question_bank.answers.matrix import MatrixKey
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.answers.numeric import NumericKey
from question_bank.answers.ordering import OrderingKey
from question_bank.answers.pseudo_code import PseudoCodeKey
from question_bank.answers.rows import ways
from question_bank.answers.shape import ShapeKey
from question_bank.answers.tuple import TupleKey
from question_bank.answers.typed import bare
from question_bank.answers.vector import VectorKey
from question_bank.grammar.shown import echo, latex
from question_bank.text import by


@dataclass(frozen=True)
class Echo:
    """How an answer is read: as text, and as LaTeX where it is mathematics; or why it cannot be read (yet)."""

    text: str = ""
    latex: str | None = None
    fault: str | None = None


def echo_of(key: Key, typed: str) -> Echo:
    """The reading of what was typed so far; nothing for nothing. Signs alone are no answer, and told as such."""
    if not typed.strip():
        return Echo()
    if says_nothing(key, typed):
        return Echo(fault="signs alone are no answer")
    if len(typed) > MAX_ANSWER:
        return Echo(fault=f"longer than {MAX_ANSWER} characters")
    try:
        found = _read(key, bare(typed))
    except Unreadable as fault:
        return Echo(fault=printable(fault.message))
    return Echo(printable(found.text), found.latex)


def _read(key: Key, text: str) -> Echo:
    match key:
        case ExpressionKey():
            formulas = readings_of(terms_of(text)[1][-1], tuple(key.symbols), bool(key.shapes))
            nodes = [each.node for each in formulas if not each.remote]
            shown = list(dict.fromkeys(map(echo, nodes)))
            return Echo(" or ".join(shown), latex(nodes[0]) if len(shown) == 1 else None)
        case EquationKey():
            kind = answer_type("equation")
            found = kind.parse(text, EquationKey(value="1 = 1", symbols=key.symbols))[0].echo
            sides = [readings_of(side, tuple(key.symbols), False)[0] for side in found.split("=")]
            return Echo(found, " = ".join(latex(side.node) for side in sides))
        case MatrixKey() | VectorKey() | TupleKey():
            found = _rows(text)
            rows = [line.split(", ") for line in found.strip("[]").split("], [")]
            lying = not (isinstance(key, MatrixKey) and not key.vector) and len(rows[0]) == 1
            if lying:
                rows = [[line[0] for line in rows]]
            entries = [[_number(entry) or entry for entry in line] for line in rows]
            body = r" \\ ".join(" & ".join(line) for line in entries)
            return Echo(found, rf"\begin{{pmatrix}} {body} \end{{pmatrix}}")
        case ShapeKey():
            reading = answer_type("shape").parse(text, ShapeKey(value=(1,)))[0]
            return Echo(reading.echo, by(reading.value))
        case IntervalKey():
            anything = IntervalKey(low="0", high="1", closed="both")
            found = answer_type("interval").parse(text, anything)[0].echo
            low, _, high = found[1:-1].partition(", ")
            return Echo(found, rf"{found[0]}{_number(low)},\; {_number(high)}{found[-1]}")
        case SetKey():
            anything_listed = SetKey(value=(), numbers=key.numbers)
            found = answer_type("set").parse(text, anything_listed)[0].echo
            members = [_number(each) or each for each in found.strip("{}").split(", ") if each]
            if not key.numbers:
                return Echo(found)
            return Echo(found, r"\{" + r",\; ".join(members) + r"\}" if members else r"\emptyset")
        case NumericKey():
            any_number = NumericKey(value="0", unit=key.unit)
            readings = answer_type("numeric").parse(text, any_number)
            usual = list(dict.fromkeys(each.echo for each in readings if not each.remote))
            return Echo(" or ".join(usual), _number(usual[0]) if len(usual) == 1 else None)
        case MultipleChoiceKey() | OrderingKey() | PseudoCodeKey() | MatchingKey():
            # What is read are the signs that are printed, whichever of them are right.
            return Echo(answer_type(key.type).parse(text, key)[0].echo)
    return Echo()


def _rows(text: str) -> str:
    """A list or table of numbers in the usual way to read it. Raises Unreadable."""
    size = tuple(tuple("0" for _ in line) for line in ways(plain(text))[0].rows)
    return answer_type("matrix").parse(text, MatrixKey(value=size))[0].echo


_NUMERAL = re.compile(r"([-−]?)([0-9.]+)(?:/([0-9]+)|e([-+]?[0-9]+))?")


def _number(text: str) -> str | None:
    """A number as it was echoed, typeset; None where it has words in it, such as a unit."""
    if text.strip("-−") in ("inf", "infinity", "∞"):
        return r"-\infty" if text[0] in "-−" else r"\infty"
    found = _NUMERAL.fullmatch(text)
    if found is None:
        return None
    sign, digits, below, power = found.groups()
    shown = rf"\frac{{{digits}}}{{{below}}}" if below else digits
    if power:
        shown += rf" \cdot 10^{{{int(power)}}}"
    return ("-" if sign else "") + shown
