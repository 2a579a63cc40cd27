"""Answers by chance, to keys of all types: signs, words, formulas, and rows of the tables with something changed.

Answer `n` is always the same.
"""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import yaml

from authoring.attempt import key_of
from question_bank.answers import answer_type, answer_types
from question_bank.answers.base import MAX_ANSWER, Key
from question_bank.grammar.answer_words import FUNCTIONS

HERE = Path(__file__).parent
SYMBOLS = yaml.safe_load((HERE.parent / "data/expression_symbols.yaml").read_text())
WORDS = (
    *FUNCTIONS, "W", "V", "x", "h1", "h_2", "h_{t-1}", "h_t-1", "z", "e", "pi", "T", "a", "b", "c", "true", "none",
    "0", "1", "2", "3.5", "0,5", "1e-3", "10^9", "98,816", "50 %", "-", "+", "*", "/", "^", "**", ".*", "@", "(", ")",
    "[", "]", "{", "}", ",", ";", "|", "=", "<", "≤", "²", "₂", "ᵀ", "⊙", "·", "×", "√", "σ", "\\frac", "\\cdot", "\\sqrt",
    "\\left(", "^T", "^-1", " ", "\n", "->", "ms", "kB", "if", "x=1", "...",
)  # fmt: skip
SIGNS = "".join(map(chr, range(32, 127))) + "\0\t\n\x1b\x85\u00a0\u00b2\u00b5\u0301\u200b\u202e\u2028\u2212\u2248\ud800\ufeff\uff11\U0001d465σπ⊙√∞ßİ"  # fmt: skip


@cache
def rows() -> tuple[tuple[str, str, str, str], ...]:
    """Kind, answer, key and the name of its symbols, of every row of every table."""
    found = []
    for kind in sorted(answer_types()):
        for answer, key, _verdict, _why, *more in yaml.safe_load(
            (HERE / f"{kind}.yaml").read_text()
        ):
            names = str(more[0]) if more and kind == "expression" else "plain"
            found.append((kind, str(answer), str(key), names))
    return tuple(found)


@cache
def bound(kind: str, key: str, names: str = "plain") -> Key:
    """The key of a row."""
    if kind != "expression":
        return key_of(kind, key)
    model = answer_type("expression")
    spec = {"type": "expression", "value": key, **SYMBOLS[names]}
    return model.bind(model.Spec.model_validate(spec), {})


def answer(number: int) -> tuple[Key, str]:
    """A key and what someone, or something, answered."""
    rng = random.Random(number)
    drawn = "expression" if rng.random() < 0.6 else rng.choice(sorted(answer_types()))
    kind, typed, key, names = rng.choice([row for row in rows() if row[0] == drawn])
    ways = (by_signs, by_words, by_formula, by_formula, by_change, by_change)
    text = rng.choice(ways)(rng, typed, tuple(SYMBOLS[names]["symbols"]))
    return bound(kind, key, names), text[: MAX_ANSWER + rng.randrange(3)]


def by_signs(rng: random.Random, _typed: str, _symbols: tuple[str, ...]) -> str:
    return "".join(rng.choices(SIGNS, k=rng.choice([3, 10, 40, 200])))


def by_words(rng: random.Random, _typed: str, symbols: tuple[str, ...]) -> str:
    return "".join(rng.choices(WORDS + symbols * 6, k=rng.choice([2, 5, 12, 30, 120])))


def by_formula(rng: random.Random, _typed: str, symbols: tuple[str, ...]) -> str:
    """A formula that can be read, mostly."""
    left = [rng.choice([5, 15, 40, 120])]

    def grown(depth: int) -> str:
        left[0] -= 1
        if depth > 30 or left[0] <= 0 or rng.random() < 0.15:
            return rng.choice([*symbols, *symbols, "2", "1/3", "0.25", "10^20", "e"])
        way = rng.randrange(8)
        if way == 0:
            return f"{rng.choice(tuple(FUNCTIONS))}({grown(depth + 1)})"
        if way == 1:
            return f"-{grown(depth + 1)}"
        if way == 2:
            power = rng.choice(["2", "-1", "12", "0.3", "10^9", f"({grown(depth + 1)})", "T"])
            return f"({grown(depth + 1)})^{power}"
        sign = rng.choice(["+", "-", "*", "/", " ", ".*", "@"])
        return f"({grown(depth + 1)}{sign}{grown(depth + 1)})"

    return grown(0)


def by_change(rng: random.Random, typed: str, symbols: tuple[str, ...]) -> str:
    """A row's answer after some changes that a hand, a keyboard or a paste may make."""
    text = typed
    for _ in range(rng.choice([1, 1, 2, 5])):
        at, to = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        piece = rng.choice(
            [
                "",
                text[at:to] * rng.choice([2, 2, 9]),
                text[at:to][::-1],
                rng.choice(SIGNS),
                rng.choice(WORDS),
                rng.choice(symbols),
                rng.choice(rows())[1],
                text[at:to].upper(),
            ]
        )
        text = text[:at] + piece + text[to:]
        text = text[: MAX_ANSWER + 1]
    return text
