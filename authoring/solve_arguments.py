"""Whether a value can be an argument of a closed form: read from the types that its function declares."""

from __future__ import annotations

import types
from fractions import Fraction
from typing import Any, Union, get_args, get_origin

from question_bank.grammar.exact import Value
from question_bank.text import plain

_NUMBERS = (int, Fraction, float)
SHOWN = 60


def fitted(name: str, annotation: Any, value: Value) -> Value:
    """The value as the function takes it: a number stands for a list of one where a list is asked for.

    Raises ValueError with a sentence for people.
    """
    try:
        if get_origin(annotation) is tuple and not isinstance(value, tuple):
            return _fitted(annotation, (value,))
        return _fitted(annotation, value)
    except _Misfit as misfit:
        shown = plain(value)
        shown = shown if len(shown) <= SHOWN else shown[: SHOWN - 3] + "..."
        why = f" ({misfit})" if str(misfit) else ""
        raise ValueError(f"{name} is {described(annotation)}, not {shown}{why}") from None


def described(annotation: Any) -> str:
    """What an annotation asks for, in words."""
    if _is_number(annotation):
        return "a whole number" if annotation is int else "a number"
    if annotation in _WORDS:
        return _WORDS[annotation]
    if get_origin(annotation) is tuple:
        inner = get_args(annotation)
        if inner[-1] is not Ellipsis:
            return f"[{', '.join(described(one) for one in inner)}]"
        if get_origin(inner[0]) is tuple and inner[0] and get_args(inner[0])[-1] is Ellipsis:
            return f"a list of rows, each {described(inner[0])}"
        return f"a list ({described(inner[0])} each)"
    ways = [described(one) for one in get_args(annotation) if one not in _NUMBERS]
    numbers = [one for one in get_args(annotation) if one in _NUMBERS]
    return " or ".join(["a number"] * bool(numbers) + ways)


_WORDS = {bool: "true or false", str: "a text"}


class _Misfit(Exception):
    pass


def _fitted(annotation: Any, value: Value) -> Value:
    if _is_number(annotation):
        if isinstance(value, bool) or not isinstance(value, _NUMBERS):
            raise _Misfit
        if annotation is int and not isinstance(value, int):
            raise _Misfit
        return value
    if annotation in _WORDS:
        if not isinstance(value, annotation):
            raise _Misfit
        return value
    if get_origin(annotation) is tuple:
        return _list(get_args(annotation), value)
    for way in get_args(annotation):
        try:
            return _fitted(way, value)
        except _Misfit:
            continue
    raise _Misfit


def _list(inner: tuple[Any, ...], value: Value) -> Value:
    if inner[-1] is not Ellipsis:
        if not isinstance(value, tuple) or len(value) != len(inner):
            raise _Misfit
        return tuple(_fitted(one, item) for one, item in zip(inner, value, strict=True))
    if not isinstance(value, tuple):
        raise _Misfit
    if not value:
        raise _Misfit("a list has an entry")
    found = tuple(_fitted(inner[0], item) for item in value)
    numbers = get_origin(inner[0]) is tuple and _is_number(get_args(inner[0])[0])
    if numbers and len({len(row) for row in found}) > 1:
        raise _Misfit("its rows have one length")
    return found


def _is_number(annotation: Any) -> bool:
    if get_origin(annotation) in (Union, types.UnionType):
        return all(one in _NUMBERS for one in get_args(annotation))
    return annotation in _NUMBERS
