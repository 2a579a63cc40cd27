"""What an author says of a formula, and the key that it becomes: its symbols, their shapes, and what they stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, model_validator

from question_bank.answers.base import Key
from question_bank.answers.symbols import MOST_SYMBOLS, ListedSymbols, Symbols, Taken, ranges
from question_bank.grammar.relations import ACTIVATION
from question_bank.grammar.shapes import Shape, sizes

Axis = Annotated[int, Field(ge=1, le=6)] | Annotated[str, Field(pattern=r"^[a-zA-Z]$")]


class ExpressionSpec(ListedSymbols):
    """A formula. `value` is a template in the students' grammar; `symbols` lists them, or gives [low, high] each.

    What is only listed takes positive values, or values of both signs where the formula holds relu, abs, max or min.

    {y: {choice: [0, 1]}} says that y is 0 or 1: the formula is compared for each of these alone.

    `relations` say what a symbol stands for, in terms of symbols and of relations above it: {h3: tanh(z3)}; 1 - h3^2 and
    tanh'(z3) are then the same. {sigma: tanh} says which function sigma is.

    `shapes` makes a symbol a vector or a matrix: W: [n, m], h: [n]; letters are sizes, the same wherever they stand.
    """

    type: Literal["expression"]
    value: str = Field(description="a formula, as a student would type it; may hold {{ values }}")
    symbols: Symbols
    shapes: dict[str, Annotated[tuple[Axis, ...], Field(min_length=1, max_length=2)]] = Field(
        default_factory=dict, description="of vectors and matrices among them: {W: [n, m], x: [m]}"
    )
    relations: Annotated[dict[str, str], Field(max_length=MOST_SYMBOLS)] = Field(
        default_factory=dict,
        description="what symbols stand for, in terms of others: {h3: tanh(z3)}",
    )

    @model_validator(mode="after")
    def _declared(self) -> ExpressionSpec:
        unknown = sorted(set(self.shapes) - set(self.symbols))
        if unknown:
            raise ValueError(f'"{unknown[0]}" has a shape but is no symbol')
        free = sorted(set(self.relations) - set(self.symbols) - {ACTIVATION})
        if free:
            raise ValueError(f'"{free[0]}" has a relation but is no symbol')
        chosen = sorted(set(self.symbols) - set(ranges(self.symbols)))
        twice = [name for name in chosen if name in self.shapes or name in self.relations]
        if twice:
            raise ValueError(f'"{twice[0]}" takes a few values, and has a shape or a relation too')
        return self


class ExpressionKey(Key):
    """The formula in the students' grammar, and the box in which it is compared."""

    omitted_when_default = frozenset({"shapes", "relations"})

    type: Literal["expression"] = "expression"
    value: str
    symbols: dict[str, Taken]
    shapes: dict[str, tuple[Axis, ...]] = Field(default_factory=dict)
    relations: dict[str, str] = Field(default_factory=dict)

    @property
    def asked(self) -> Asked:
        """What reading an answer takes from the key."""
        symbols, shapes = tuple(self.symbols), tuple(self.shapes.items())
        return Asked(symbols, shapes, tuple(self.relations.items()))


@dataclass(frozen=True)
class Asked:
    """The symbols of a formula, their shapes, and what they stand for."""

    symbols: tuple[str, ...]
    shapes: tuple[tuple[str, tuple[Axis, ...]], ...] = ()
    relations: tuple[tuple[str, str], ...] = ()

    @property
    def known(self) -> dict[str, Shape]:
        """Rows and columns of each symbol."""
        return sizes(dict(self.shapes))
