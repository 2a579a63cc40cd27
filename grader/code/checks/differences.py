"""A second look at a wrong gradient: finite differences of the student's own forward pass.

Along a random direction u the forward pass f gives (f(x + h u) - f(x - h u)) / 2h; its product with
dout should equal the product of dx and u. Where both agree, the backward pass fits the forward pass
that was handed in, and the fault may lie in that one. This explains; it never earns points, because
a forward and a backward pass can agree and both be wrong.

Source: Griewank and Walther (2008), "Evaluating Derivatives", on central differences.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.code.bench import Bench, FoundError
from grader.code.checks.numpy_calls import send
from grader.code.compare import Numbers
from grader.code.frames import Array, Kept

STEP = 1e-5
RELATIVE = 1e-5
Forward = Callable[[Mapping[str, Numbers]], dict[str, Any]]


def explained(
    error: FoundError,
    bench: Bench,
    forward: Forward,
    inputs: Mapping[str, Numbers],
    dout: Numbers,
    found: Mapping[str, Any],
) -> FoundError:
    """The same finding, with what the differences say where no mistake was recognised.

    `forward` makes the step that calls the student's forward pass and keeps (out, cache) as
    "result"; `found` holds the gradients that came back, by the names of `inputs`.
    """
    if error.finding.mistake is not None:
        return error
    try:
        words = [_words(bench, forward, inputs, dout, found, name) for name in inputs]
    except FoundError:
        return error
    text = " ".join(word for word in words if word)
    finding = error.finding
    return FoundError(
        f"{finding.message} {text}".strip(), verdict=finding.verdict, detail=error.detail
    )


def _words(
    bench: Bench,
    forward: Forward,
    inputs: Mapping[str, Numbers],
    dout: Numbers,
    found: Mapping[str, Any],
    name: str,
) -> str:
    gradient = found.get(name)
    if not isinstance(gradient, Array) or gradient.values.shape != inputs[name].shape:
        return ""
    if gradient.values.dtype == np.float32:
        return ""  # differences of numbers in float32 are rounding noise
    along = bench.rng.standard_normal(inputs[name].shape)
    outs = []
    for sign in (1, -1):
        moved = {**inputs, name: inputs[name] + sign * STEP * along}
        steps = [forward(moved), send(Kept("result")[0], "out")]
        out = bench.results(steps, "the forward pass")["out"]
        if not isinstance(out, Array) or out.values.shape != dout.shape:
            return ""
        if out.values.dtype == np.float32:
            return ""
        outs.append(out.values.astype(np.float64))
    slope = float((dout * (outs[0] - outs[1])).sum() / (2 * STEP))
    told = float((gradient.values.astype(np.float64) * along).sum())
    size = float(np.abs(dout * (outs[0] - outs[1])).sum() / (2 * STEP)) + 1e-6
    if abs(slope - told) <= RELATIVE * size:
        return f"d{name} fits finite differences of your own forward pass."
    return (
        f"By finite differences of your own forward pass along a random direction, d{name} should "
        f"give {slope:.6g}; it gives {told:.6g}."
    )
