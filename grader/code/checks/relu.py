"""relu of layers.py: forward and backward."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from grader.code.bench import Bench, CodeTest, Finding, large_to_small
from grader.code.checks.layer_pass import (
    Pass,
    as_float32,
    require_gradients,
    require_out,
    tensors,
)
from grader.code.checks.numpy_calls import LAYERS, numbers
from grader.code.compare import Mistake, Numbers
from reference_impl.activations import relu, relu_backward

Size = tuple[int, ...]
# Also feature maps: relu works number by number, whatever the axes.
SIZES: tuple[Size, ...] = ((4, 5), (2, 3, 4), (2, 3, 4, 5))
SMALLER: tuple[Size, ...] = ((2, 2), (1, 2), (1, 1))


def _drawn(rng: np.random.Generator, size: Size, *, single: bool = False) -> Pass:
    x = numbers(rng, *size)
    # Both signs, also among few numbers: positive ones alone would pass through anything.
    x.flat[0] = -np.abs(x.flat[0])
    arrays = {"x": x}
    return Pass("relu_forward", "relu_backward", as_float32(arrays) if single else arrays)


def values(bench: Bench) -> Finding:
    """out for x of any shape."""

    def attempt(size: Size, *, single: bool = False) -> None:
        of = _drawn(bench.rng, size, single=single)
        expected = relu(*tensors(of.arrays, bench.device))
        require_out(bench, of, expected, at=of.at, mistakes=_mistakes(of.arrays["x"]))

    large_to_small(attempt, SIZES, SMALLER)
    attempt(SIZES[0], single=True)
    return Finding("right", "out equals the reference, for x of two, three and four axes.")


def _mistakes(x: Numbers) -> Iterator[Mistake]:
    for name, sentence, value in (
        ("absolute-value", "This is |x|; relu is max(0, x).", np.abs(x)),
        ("minimum", "This is min(0, x); relu is max(0, x).", np.minimum(0, x)),
        ("leaky", "Negative numbers are scaled by 0.01 (leaky relu); relu makes them 0.",
         np.where(x > 0, x, 0.01 * x)),
        ("step", "This is 1 where x is positive (relu's derivative); relu keeps x there.",
         (x > 0).astype(float)),
        ("unchanged", "x comes back as it was: negative numbers should become 0.", x),
        ("sigmoid", "This is the sigmoid; relu is max(0, x).", 1 / (1 + np.exp(-x))),
        ("threshold-at-one", "Numbers up to 1 become 0; the threshold is 0.", np.where(x > 1, x, 0)),
        ("cut-at-one", "Numbers above 1 become 1; relu leaves positive numbers as they are.",
         np.clip(x, 0, 1)),
        ("maximum-of-one-number",
         "The largest number of all, or 0, comes back; np.maximum compares number by number.",
         np.asarray(max(0.0, float(x.max())))),
    ):  # fmt: skip
        yield Mistake(name, sentence, lambda value=value: value)  # type: ignore[misc]


def gradient(bench: Bench) -> Finding:
    """dx for a random dout."""

    def attempt(size: Size, *, single: bool = False) -> None:
        of = _drawn(bench.rng, size, single=single)
        dout = numbers(bench.rng, *size)
        x, upstream = tensors({"x": of.arrays["x"], "dout": dout}, bench.device)
        mistakes = {"x": _gradient_mistakes(of.arrays["x"], dout)}
        expected = {"x": relu_backward(upstream, x)}
        require_gradients(bench, of, dout, expected, at=of.at, mistakes=mistakes)

    large_to_small(attempt, SIZES, SMALLER)
    attempt(SIZES[0], single=True)
    return Finding("right", "dx equals the reference for a random dout.")


def _gradient_mistakes(x: Numbers, dout: Numbers) -> Iterator[Mistake]:
    for name, sentence, value in (
        ("dout-masked-by-itself",
         "dout is set to 0 where dout is negative; it is set to 0 where x was negative.",
         np.where(dout > 0, dout, 0)),
        ("mask-forgotten", "dout passes everywhere, also where x was negative.", dout),
        ("dout-forgotten",
         "This is the local derivative alone (1 where x is positive); multiply it by dout.",
         (x > 0).astype(float)),
        ("mask-reversed", "dout passes where x was negative, and not where it was positive.",
         np.where(x > 0, 0, dout)),
        ("multiplied-by-x", "dout is multiplied by relu(x) instead of relu's derivative.",
         np.maximum(x, 0) * dout),
        ("multiplied-by-x", "dout is multiplied by x instead of relu's derivative.", x * dout),
        ("leaky", "Where x was negative, 0.01 * dout passes (leaky relu); nothing passes.",
         np.where(x > 0, dout, 0.01 * dout)),
        ("minus-where-negative",
         "Where x was negative, -dout comes back, as for |x|; there relu's derivative is 0.",
         np.sign(x) * dout),
        ("forward-again", "This is relu(x) itself; the gradient is dout where x was positive.",
         np.maximum(x, 0)),
    ):  # fmt: skip
        yield Mistake(name, sentence, lambda value=value: value)  # type: ignore[misc]


TESTS = {
    "relu_forward.values": CodeTest(values, LAYERS),
    "relu_backward.gradient": CodeTest(gradient, LAYERS),
}
