"""Comparing what came back with the reference: kind, shape, finiteness, then every number."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from grader.code.bench import FoundError
from grader.code.frames import Array, Other
from grader.code.sanitise import one_line
from grader.code.tolerances import CLOSE, EXACT, Tolerance

Numbers = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Mistake:
    """A known wrong formula: its name, the sentence that helps, and what it leads to."""

    name: str
    sentence: str
    value: Callable[[], Any]


def describe(value: Any) -> str:
    """What something is, in words: "an array of shape (2, 3) and dtype float64", "None", ..."""
    if isinstance(value, Array):
        if value.kind == "number":
            return f"a single number of dtype {value.values.dtype}"
        what = "a tensor" if value.kind == "tensor" else "an array"
        return f"{what} of shape {value.values.shape} and dtype {value.values.dtype}"
    if isinstance(value, Other):
        return f"an object of type {one_line(value.type_name, 60)}"
    if isinstance(value, (tuple, list, dict)):
        return f"a {type(value).__name__} of {len(value)} items"
    if value is None:
        return "None"
    return f"{type(value).__name__} {one_line(repr(value), 60)}"


def as_numbers(reference: Any) -> Numbers:
    """A reference (tensor on any device, or array) as a float64 array."""
    if isinstance(reference, torch.Tensor):
        return reference.detach().to("cpu", torch.float64).numpy()
    return np.asarray(reference, dtype=np.float64)


def agree(found: Numbers, expected: Numbers, tolerance: Tolerance) -> bool:
    """Whether shapes are equal and every number is finite and within the tolerance."""
    if found.shape != expected.shape:
        return False
    found = found.astype(np.float64)
    if not np.isfinite(found).all():
        return False
    size = np.abs(expected)
    largest = float(size.max()) if size.size else 0.0
    allowed = tolerance.absolute + tolerance.relative * size + tolerance.of_largest * largest
    return bool((np.abs(found - expected) <= allowed).all())


def require(
    name: str,
    value: Any,
    reference: Any,
    *,
    at: str,
    tolerance: Tolerance = EXACT,
    kind: str = "array",
    mistakes: Iterable[Mistake] = (),
    loose_shape: bool = False,
) -> None:
    """Raise FoundError unless `value` is the right kind of array and equals the reference.

    `at` says at which input. `loose_shape` forgives axes of length 1.
    """
    expected = as_numbers(reference)
    if not isinstance(value, Array) or (value.kind == "tensor") != (kind == "tensor"):
        what = "a tensor" if kind == "tensor" else "an array"
        raise FoundError(
            f"{name} should be {what} of shape {expected.shape}; it is {describe(value)} ({at})."
        )
    found = value.values
    if loose_shape and found.size == expected.size:
        found = found.reshape(expected.shape)
    if found.dtype.kind == "f" and agree(found, expected, tolerance):
        return
    mistake = _fitting(found, mistakes, tolerance, loose_shape=loose_shape)
    if mistake:
        raise FoundError(
            f"{mistake.sentence} ({name}, {_difference(found, expected)}; {at})",
            mistake=mistake.name,
            detail=_detail(name, found, expected, at),
        )
    detail = _detail(name, found, expected, at)
    if found.shape != expected.shape:
        raise FoundError(
            f"{name} should have shape {expected.shape}; it has shape {found.shape} ({at}).",
            detail=detail,
        )
    if found.dtype.kind != "f":
        raise FoundError(
            f"{name} should hold floating-point numbers; its dtype is {found.dtype} ({at}).",
            detail=detail,
        )
    raise FoundError(
        f"{name} {'differ' if name.startswith('The scores') else 'differs'} from the reference: "
        f"{_difference(found, expected)}; {at}.{_small(found, expected)}",
        detail=detail,
    )


def _small(found: Numbers, expected: Numbers) -> str:
    """A hint where the numbers are nearly right: rounding, or a small constant."""
    if not np.isfinite(found).all() or not expected.size:
        return ""
    share = float(np.abs(found - expected).max()) / max(float(np.abs(expected).max()), 1e-300)
    if share > NEARLY:
        return ""
    kind = "float32, which is allowed for, or " if found.dtype == np.float32 else ""
    return (
        f" That is {share:.1g} of the largest number: more than the rounding of {kind}float64 leaves, and "
        "little enough for a small constant (an eps, say) in the wrong place."
    )


def _fitting(
    found: Numbers, mistakes: Iterable[Mistake], tolerance: Tolerance, *, loose_shape: bool
) -> Mistake | None:
    """The mistake that explains what was found: the first that fits closely, else the first that fits.

    Two mistakes may lie closer together than the rounding that is allowed for.
    """
    loosely: Mistake | None = None
    for mistake in mistakes:
        wrong = as_numbers(mistake.value())
        if loose_shape and found.size == wrong.size:
            wrong = wrong.reshape(found.shape)
        if agree(found, wrong, CLOSE):
            return mistake
        if loosely is None and agree(found, wrong, tolerance):
            loosely = mistake
    return loosely


FEW = 6
NEARLY = 1e-3


def inputs(**arrays: Numbers | float) -> str:
    """Inputs in words: the numbers themselves where each has at most 6, else their shapes."""
    few = all(np.size(value) <= FEW for value in arrays.values())
    return ", ".join(
        f"{name} = {_listed(np.asarray(value))}" if few else f"{name} of shape {np.shape(value)}"
        for name, value in arrays.items()
    )


def _listed(values: Numbers) -> str:
    text = np.array2string(values, separator=", ", formatter={"all": lambda v: f"{v:.6g}"})
    return " ".join(text.split())


def _detail(name: str, found: Numbers, expected: Numbers, at: str) -> str:
    """The difference at one input, with all numbers where there are few."""
    if max(found.size, expected.size) > FEW:
        return f"{name} {at}: {_difference(found, expected)}."
    return f"{name} {at}: expected {_listed(expected)}, found {_listed(found)}."


def _difference(found: Numbers, expected: Numbers) -> str:
    if found.shape != expected.shape:
        return f"expected shape {expected.shape}, found {found.shape}"
    values = found.astype(np.float64)
    bad = ~np.isfinite(values)
    if bad.any():
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        return f"{int(bad.sum())} of {bad.size} numbers are NaN or infinite, first at {index}"
    error = np.abs(values - expected)
    index = tuple(int(i) for i in np.unravel_index(int(error.argmax()), error.shape))
    return (
        f"shape {found.shape}, dtype {found.dtype}, largest error {error[index]:.3g} at {index}: "
        f"expected {expected[index]:.6g}, found {values[index]:.6g}"
    )


def require_number(
    name: str,
    value: Any,
    reference: Any,
    *,
    at: str,
    tolerance: Tolerance = EXACT,
    mistakes: Iterable[Mistake] = (),
) -> None:
    """`require` for a single number: a float of Python or NumPy, or an array that holds one."""
    if isinstance(value, float):
        value = Array(np.asarray(value), "number")
    if not isinstance(value, Array) or value.values.size != 1:
        raise FoundError(f"{name} should be a single number; it is {describe(value)} ({at}).")
    require(name, value, reference, at=at, tolerance=tolerance, mistakes=mistakes, loose_shape=True)


def items(name: str, value: Any, count: int) -> tuple[Any, ...]:
    """The items of a tuple or list of the given length; FoundError when it is something else."""
    if not isinstance(value, (tuple, list)) or len(value) != count:
        raise FoundError(f"{name} should return {count} values; it returned {describe(value)}.")
    return tuple(value)
