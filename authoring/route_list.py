"""`question-bank routes`: the second routes that a question may name under `verify`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from authoring.routes import routes


@dataclass(frozen=True)
class RouteLine:
    """A route: its call as one writes it under `verify`, and what it computes and how."""

    call: str
    says: str


def routes_with(words: Sequence[str]) -> list[RouteLine]:
    """The routes whose name, arguments or sentence hold all of the words, in alphabetical order."""
    wanted = [word.casefold() for word in words]
    lines = [_line(name, function) for name, function in sorted(routes().items())]
    return [
        line
        for line in lines
        if all(word in f"{line.call} {line.says}".casefold() for word in wanted)
    ]


def _line(name: str, function: Callable[..., Any]) -> RouteLine:
    parameters = inspect.signature(function).parameters.values()
    call = ", ".join(
        p.name if p.default is inspect.Parameter.empty else f"{p.name}={p.default!r}"
        for p in parameters
    )
    says = inspect.getdoc(function) or ""
    return RouteLine(f"{name}({call})", " ".join(says.partition("\n\n")[0].split()))
