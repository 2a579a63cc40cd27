"""The closed forms behind the keys. Each public function of a module of this folder is a solver.

A solver takes and gives whole numbers, fractions and tuples, and raises ValueError for impossible values.
`question-bank solve NAME key=value ...` calls it by name; its docstring states the convention.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any


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
    found: dict[str, Solver] = {}
    for info in pkgutil.iter_modules(__path__):
        module = import_module(f"{__name__}.{info.name}")
        for name, function in vars(module).items():
            own = inspect.isfunction(function) and function.__module__ == module.__name__
            if own and not name.startswith("_"):
                found[name] = Solver(name, function, _signature(function), inspect.getdoc(function) or "")
    return dict(sorted(found.items()))


def _signature(function: Callable[..., Any]) -> str:
    pieces = []
    for parameter in inspect.signature(function).parameters.values():
        default = parameter.default
        if default is inspect.Parameter.empty:
            pieces.append(parameter.name)
        else:
            pieces.append(f"{parameter.name}={str(default).lower() if isinstance(default, bool) else default}")
    return " ".join(pieces)
