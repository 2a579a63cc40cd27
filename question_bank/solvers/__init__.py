"""The closed forms behind the keys. Each public function of a module of this folder is a solver.

A solver takes and gives whole numbers, fractions and tuples, and raises ValueError for impossible values.
`question-bank solve NAME key=value ...` calls it by name; its docstring states the convention.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from question_bank.catalogue import functions_of


@dataclass(frozen=True)
class Solver:
    """A closed form: how it is called, and the convention that it follows."""

    name: str
    function: Callable[..., Any]
    signature: str
    convention: str


@lru_cache(maxsize=1)
def solvers() -> Mapping[str, Solver]:
    """Every solver by name."""
    return {
        name: Solver(name, function, _signature(function), inspect.getdoc(function) or "")
        for name, function in functions_of(sys.modules[__name__]).items()
    }


def _signature(function: Callable[..., Any]) -> str:
    """`input kernel stride=1 bias=true`: as the command line takes it."""
    pieces = []
    for parameter in inspect.signature(function).parameters.values():
        default = parameter.default
        if default is inspect.Parameter.empty:
            pieces.append(parameter.name)
        else:
            shown = str(default).lower() if isinstance(default, bool) else default
            pieces.append(f"{parameter.name}={shown}")
    return " ".join(pieces)
