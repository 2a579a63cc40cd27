"""One layer of layers.py, forward and backward: out, every gradient, and inputs left as they were."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.code.bench import Bench, FoundError
from grader.code.checks.differences import explained
from grader.code.checks.numpy_calls import keep, layer, send
from grader.code.compare import Mistake, Numbers, as_numbers, inputs, items, require
from grader.code.frames import Array, Kept


@dataclass(frozen=True)
class Pass:
    """Both functions of a layer at one input: arrays by name in the order of the arguments.

    `options` come behind the arrays, each call with a fresh copy.
    """

    forward: str
    backward: str
    arrays: Mapping[str, Numbers]
    options: tuple[Any, ...] = ()

    @property
    def single(self) -> bool:
        """Whether the numbers are float32."""
        return any(values.dtype == np.float32 for values in self.arrays.values())

    @property
    def at(self) -> str:
        """In words, for messages."""
        return f"at {inputs(**self.arrays)}" + (", float32" if self.single else "")

    def step(self, arrays: Mapping[str, Any]) -> dict[str, Any]:
        """The call of the student's forward pass, which keeps (out, cache) as "result"."""
        return layer(self.forward, *arrays.values(), *self.options)


def as_float32(arrays: Mapping[str, Numbers]) -> dict[str, Numbers]:
    """The same inputs as networks use them."""
    return {name: values.astype(np.float32) for name, values in arrays.items()}


def tensors(arrays: Mapping[str, Numbers], device: str) -> tuple[Tensor, ...]:
    """The arrays in float64 for a reference, whatever type the student's code gets."""
    return tuple(torch.from_numpy(a.astype(np.float64)).to(device) for a in arrays.values())


def require_out(
    bench: Bench, of: Pass, expected: Any, *, at: str, mistakes: Iterable[Mistake] = ()
) -> None:
    """The forward pass gives what is expected, and leaves its inputs as they were."""
    names = {name: Kept(name) for name in of.arrays}
    steps = [
        *(keep(values, name) for name, values in of.arrays.items()),
        of.step(names),
        send(Kept("result")[0], "out"),
        *(send(name, name) for name in names),
    ]
    results = bench.results(steps, f"{of.forward} {at}")
    first = as_numbers(expected)[0]
    alone = Mistake(
        "cache-not-returned",
        f"{of.forward} should return (out, cache); what came back begins with the first example's "
        "result, as if out alone was returned.",
        lambda: first,
    )
    require(
        "out",
        results["out"],
        expected,
        at=at,
        tolerance=bench.tolerance,
        mistakes=[*mistakes, alone],
    )
    for name, values in of.arrays.items():
        require_unchanged(of.forward, name, results[name], values, at=at)


@contextlib.contextmanager
def named_elsewhere() -> Iterator[None]:
    """A mistake that is recognised has cost its points in the check of the values."""
    try:
        yield
    except FoundError as error:
        if error.finding.mistake is None:
            raise


def require_unchanged(function: str, name: str, found: Any, given: Numbers, *, at: str) -> None:
    """An array that belongs to the caller is as it was before the call."""
    if isinstance(found, Array) and np.array_equal(found.values, given):
        return
    raise FoundError(
        f"The result is right, but {function} changes {name}, which belongs to its caller and may "
        f"be needed again: work on a copy ({at}).",
        mistake="inputs-changed",
    )


def require_gradients(
    bench: Bench,
    of: Pass,
    dout: Numbers,
    expected: Mapping[str, Tensor],
    *,
    at: str,
    mistakes: Mapping[str, Iterable[Mistake]],
) -> None:
    """The backward pass gives what is expected for dout, by the names of the arrays, in order.

    A wrong one that no mistake explains is compared with finite differences of the student's own
    forward pass, too.
    """
    dout = dout.astype(np.float32) if of.single else dout
    steps = [
        of.step(of.arrays),
        keep(dout, "dout"),
        layer(of.backward, Kept("dout"), Kept("result")[1], keep="back"),
        send("back", "back"),
        send("dout", "dout"),
    ]
    results = bench.results(steps, f"{of.forward} and {of.backward} {at}")
    back = results["back"]
    if len(expected) == 1 and not isinstance(back, (tuple, list)):
        back = (back,)  # a single gradient comes alone or in a tuple
    found = dict(zip(expected, items(of.backward, back, len(expected)), strict=True))
    for name, gradient in expected.items():
        try:
            require(
                f"d{name}", found[name], gradient, at=at, tolerance=bench.tolerance,
                mistakes=mistakes.get(name, ()),
            )  # fmt: skip
        except FoundError as error:
            if of.single:  # differences of float32 numbers are too coarse
                raise
            raise explained(error, bench, of.step, of.arrays, dout, found) from None
    require_unchanged(of.backward, "dout", results["dout"], dout, at=at)
