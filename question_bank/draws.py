"""Parameter domains, and the draws from them.

Every draw comes from SHA-256 of (question id, version of its parameters, seed, counter), so that it is the same
in every version of Python and on every machine. The version is a digest of the domains: rewording a question
keeps its draws, changing a domain renews them.
"""

from __future__ import annotations

import builtins
import hashlib
import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator

from question_bank.grammar.exact import Value, exact

Scalar = StrictBool | StrictInt | float | str
Choosable = Scalar | list[Any]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Repeated(_Model):
    """`length` draws from one domain."""

    length: Annotated[int, Field(ge=1, le=64, description="how many draws")]
    of: Domain = Field(description="the domain that each is drawn from")


class Grid(_Model):
    """A matrix of draws from one domain."""

    rows: Annotated[int, Field(ge=1, le=16, description="how many rows")]
    columns: Annotated[int, Field(ge=1, le=16, description="how many columns")]
    of: Domain = Field(description="the domain that each entry is drawn from")


class Domain(_Model):
    """What a parameter may be: exactly one of the ways below."""

    choice: Annotated[list[Choosable], Field(min_length=1)] | None = Field(
        None, description="one of the listed values"
    )
    range: Annotated[list[StrictInt], Field(min_length=2, max_length=3)] | None = Field(
        None, description="[first, last] or [first, last, step]: whole numbers, both ends included"
    )
    vector: Repeated | None = Field(None, description="a list of independent draws")
    distinct: Repeated | None = Field(None, description="a list of draws without repetition")
    matrix: Grid | None = Field(None, description="rows of independent draws")
    permutation: Annotated[list[Choosable], Field(min_length=2, max_length=12)] | None = Field(
        None, description="the listed values in any order"
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            ways = ", ".join(type(self).model_fields)
            raise ValueError(f"a domain needs exactly one of {ways}")
        if self.range is not None and not self._steps():
            raise ValueError("the range is empty")
        if self.distinct is not None and self.distinct.of.size() < self.distinct.length:
            raise ValueError("distinct: the domain has fewer values than the length asks for")
        return self

    def _steps(self) -> Sequence[int]:
        first, last, step = (*(self.range or [0, -1]), 1)[:3]
        return builtins.range(first, last + 1, step) if step > 0 else ()

    def size(self) -> int:
        """How many different values the domain has."""
        if self.choice is not None:
            return len(self.choice)
        if self.range is not None:
            return len(self._steps())
        if self.vector is not None:
            return int(self.vector.of.size() ** self.vector.length)
        if self.distinct is not None:
            return math.perm(self.distinct.of.size(), self.distinct.length)
        if self.matrix is not None:
            return int(self.matrix.of.size() ** (self.matrix.rows * self.matrix.columns))
        return math.factorial(len(self.permutation or []))

    def draw(self, source: Source) -> Value:
        """One value, from the source of chance."""
        return exact(self.one(source))

    def one(self, source: Source) -> Any:
        """One value as it stands in the file (lists, not tuples)."""
        if self.choice is not None:
            return self.choice[source.below(len(self.choice))]
        if self.range is not None:
            return self._steps()[source.below(len(self._steps()))]
        if self.vector is not None:
            return [self.vector.of.one(source) for _ in builtins.range(self.vector.length)]
        if self.distinct is not None:
            return _without_repetition(self.distinct, source)
        if self.matrix is not None:
            grid = self.matrix
            return [
                [grid.of.one(source) for _ in builtins.range(grid.columns)]
                for _ in builtins.range(grid.rows)
            ]
        return source.shuffled(self.permutation or [])

    def values(self) -> Iterator[Value]:
        """Every value of the domain, in a fixed order."""
        yield from map(exact, self.all())

    def all(self) -> Iterator[Any]:
        """Every value as it stands in the file."""
        if self.choice is not None:
            yield from self.choice
        elif self.range is not None:
            yield from self._steps()
        elif self.vector is not None:
            yield from itertools.product(list(self.vector.of.all()), repeat=self.vector.length)
        elif self.distinct is not None:
            yield from itertools.permutations(list(self.distinct.of.all()), self.distinct.length)
        elif self.matrix is not None:
            grid = self.matrix
            rows = itertools.product(list(grid.of.all()), repeat=grid.columns)
            yield from itertools.product(list(rows), repeat=grid.rows)
        else:
            yield from itertools.permutations(self.permutation or [])


def _without_repetition(repeated: Repeated, source: Source) -> list[Any]:
    found: list[Any] = []
    while len(found) < repeated.length:
        value = repeated.of.one(source)
        if value not in found:
            found.append(value)
    return found


class Source:
    """A stream of chance that is a pure function of its label (SHA-256 in counter mode)."""

    def __init__(self, *label: object) -> None:
        self._label = json.dumps([str(part) for part in label]).encode()
        self._counter = 0

    def below(self, bound: int) -> int:
        """A whole number in [0, bound), each equally likely."""
        limit = (1 << 64) - (1 << 64) % bound
        while True:
            digest = hashlib.sha256(self._label + self._counter.to_bytes(8, "big")).digest()
            self._counter += 1
            number = int.from_bytes(digest[:8], "big")
            if number < limit:
                return number % bound

    def shuffled(self, items: list[Any]) -> list[Any]:
        """The items in a random order (Fisher-Yates)."""
        result = list(items)
        for last in range(len(result) - 1, 0, -1):
            other = self.below(last + 1)
            result[last], result[other] = result[other], result[last]
        return result


def version_of(parameters: Mapping[str, Domain]) -> str:
    """A digest of the domains."""
    plain = {name: domain.model_dump(exclude_none=True) for name, domain in parameters.items()}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]


def draw(
    question_id: str, parameters: Mapping[str, Domain], seed: int, counter: int
) -> dict[str, Value]:
    """One value for each parameter; `counter` counts the draws that a requirement has turned down."""
    version = version_of(parameters)
    return {
        name: domain.draw(Source(question_id, version, seed, counter, name))
        for name, domain in parameters.items()
    }
