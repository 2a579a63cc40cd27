"""The symbols of a formula, and what each of them may take: a range, or a few values alone."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from typing import Annotated

from pydantic import AfterValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from question_bank.answers.base import Model, Spec
from question_bank.grammar.answer_words import PIECEWISE
from question_bank.grammar.formula import SIGNED, USUAL, Domain
from question_bank.grammar.nodes import Node, Number

# A step of an LSTM has 15 symbols: three of each of its gates and of its candidate, the input, and what comes from before.
MOST_SYMBOLS = 24
# A formula is compared once for each choice of values.
MOST_CASES = 8

_KINK = re.compile(rf"\||(?<![a-z])(?:{'|'.join(PIECEWISE)})(?![a-z])", re.IGNORECASE)


class Choice(Model):
    """A few numbers, of which a symbol takes one: {choice: [0, 1]}."""

    choice: Annotated[
        tuple[Annotated[float, Field(allow_inf_nan=False)], ...],
        Field(min_length=1, max_length=MOST_CASES),
    ]


def _kind(taken: object) -> str:
    return "choice" if isinstance(taken, (dict, Choice)) else "range"


Taken = Annotated[
    Annotated[Domain, Tag("range")] | Annotated[Choice, Tag("choice")], Discriminator(_kind)
]

_RANGE_SCHEMA = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 2,
    "maxItems": 2,
}
_CHOICE_SCHEMA = {
    "type": "object",
    "properties": {
        "choice": {
            "description": "the only values that the symbol takes: {y: {choice: [0, 1]}}",
            "type": "array",
            "items": {"type": "number"},
            "minItems": 1,
            "maxItems": MOST_CASES,
        }
    },
    "required": ["choice"],
    "additionalProperties": False,
}


def _few_cases(symbols: dict[str, Taken]) -> dict[str, Taken]:
    count = math.prod(len(taken.choice) for taken in symbols.values() if isinstance(taken, Choice))
    if count > MOST_CASES:
        raise ValueError(f"{count} ways to choose values of the symbols; at most {MOST_CASES}")
    return symbols


def _schema(description: str, *taken: Mapping[str, object]) -> WithJsonSchema:
    listed = {
        "type": "array",
        "items": {"type": "string"},
        "minItems": 1,
        "maxItems": MOST_SYMBOLS,
    }
    each = {
        "type": "object",
        "additionalProperties": taken[0] if len(taken) == 1 else {"anyOf": list(taken)},
        "minProperties": 1,
        "maxProperties": MOST_SYMBOLS,
    }
    return WithJsonSchema({"description": description, "anyOf": [listed, each]})


Ranges = Annotated[
    dict[str, Domain],
    Field(min_length=1, max_length=MOST_SYMBOLS),
    _schema(
        "the symbols of the formula: listed, [W, x], or with a range each, {x: [0.5, 2]}",
        _RANGE_SCHEMA,
    ),
]
Symbols = Annotated[
    dict[str, Taken],
    Field(min_length=1, max_length=MOST_SYMBOLS),
    AfterValidator(_few_cases),
    _schema(
        "the symbols of the formula: listed, [W, x], or with a range each, {x: [0.5, 2]}, or with all their values, "
        "{y: {choice: [0, 1]}}",
        _RANGE_SCHEMA,
        _CHOICE_SCHEMA,
    ),
]


class ListedSymbols(Spec):
    """What an author writes of a formula's symbols."""

    # A plain list of names takes a usual domain.
    @model_validator(mode="before")
    @classmethod
    def _listed(cls, data: object) -> object:
        if not isinstance(data, dict) or not isinstance(data.get("symbols"), list):
            return data
        domain = SIGNED if _KINK.search(str(data.get("value"))) else USUAL
        return {**data, "symbols": dict.fromkeys(data["symbols"], domain)}


def ranges(symbols: Mapping[str, Taken]) -> dict[str, Domain]:
    """The symbols that take all numbers of a range."""
    return {name: taken for name, taken in symbols.items() if not isinstance(taken, Choice)}


def cases(symbols: Mapping[str, Taken]) -> list[dict[str, Node]]:
    """Each way to choose the values of the symbols that take a few alone; one without any where there are none."""
    chosen = {name: taken.choice for name, taken in symbols.items() if isinstance(taken, Choice)}
    return [
        {name: Number(Fraction(str(value))) for name, value in zip(chosen, values, strict=True)}
        for values in product(*chosen.values())
    ]
