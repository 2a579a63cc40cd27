"""Plain JSON arguments, checked against the typed signature of a figure's `draw`."""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from templates.figures.drawing.errors import FigureError, did_you_mean

MAX_VALUES = 2000
"""Most numbers and strings that one figure takes."""

_UNKNOWN = frozenset({"extra_forbidden", "unexpected_keyword_argument"})


@dataclasses.dataclass(frozen=True)
class _Signature:
    model: Any
    names: tuple[str, ...]
    all_names: frozenset[str]


def bind(draw: Callable[..., str], args: Mapping[str, Any], figure: str) -> dict[str, Any]:
    """The keyword arguments for `draw`: nested mappings become its dataclasses, lists become
    tuples.

    Raises FigureError for a name that is not there, one that is missing, a value of the wrong kind,
    NaN or infinity.
    """
    from pydantic import ValidationError

    count = sum(1 for _ in _leaves(args))
    if count > MAX_VALUES:
        raise FigureError(f"{figure}: {count} values", f"at most {MAX_VALUES}")
    signature = _signature(draw)
    try:
        bound = signature.model.model_validate(dict(args))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        # a misspelt name is also a missing one: say the first
        first = next((e for e in found if e["type"] in _UNKNOWN), found[0])
        raise _figure_error(figure, signature, first) from None
    return {name: getattr(bound, name) for name in signature.names}


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


@lru_cache(maxsize=64)
def _signature(draw: Callable[..., str]) -> _Signature:
    from pydantic import ConfigDict, create_model

    hints = typing.get_type_hints(draw)
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(draw).parameters.items():
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        fields[name] = (hints[name], default)
    config = ConfigDict(extra="forbid", allow_inf_nan=False, str_max_length=1000)
    model = create_model(draw.__module__, __config__=config, **fields)
    nested = {field.name for hint in hints.values() for kind in _records(hint) for field in kind}
    return _Signature(model, tuple(fields), frozenset(nested | set(fields)))


def _records(hint: Any) -> Iterator[tuple[dataclasses.Field[Any], ...]]:
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        yield dataclasses.fields(hint)
        for inner in typing.get_type_hints(hint).values():
            yield from _records(inner)
    elif isinstance(hint, types.UnionType) or typing.get_origin(hint) is not None:
        for inner in typing.get_args(hint):
            yield from _records(inner)


def _figure_error(figure: str, signature: _Signature, error: Any) -> FigureError:
    path = [part for part in error["loc"] if isinstance(part, int) or _is_name(part, signature)]
    where = ".".join(str(part) for part in path) or figure
    kind = error["type"]
    if kind in _UNKNOWN:
        wrong = str(error["loc"][-1])
        known = signature.names if len(error["loc"]) == 1 else signature.all_names
        prefix = "".join(f"{part}." for part in path if str(part) != wrong)
        return FigureError(
            f'{figure}: there is no argument "{prefix}{wrong}"', did_you_mean(wrong, known)
        )
    if kind in {"missing", "missing_argument"}:
        hint = "arguments: " + ", ".join(signature.names)
        return FigureError(f'{figure}: the argument "{where}" is missing', hint)
    shown = repr(error.get("input"))
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return FigureError(f"{figure}: {where} = {shown}", str(error["msg"]))


def _is_name(part: object, signature: _Signature) -> bool:
    # pydantic adds the tried member of a union to the path; only names that an author wrote
    # may be shown
    return part in signature.all_names
