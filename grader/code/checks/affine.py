"""The affine layer of layers.py: forward and backward."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

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
from reference_impl.affine import affine, affine_backward

# N, (d1, ..., dk), M. In the first draw N = D = M: code that mixes axes up then runs, and can be
# recognised by what it computes. In the second all lengths differ.
Size = tuple[int, tuple[int, ...], int]
SIZES: tuple[Size, ...] = ((4, (2, 2), 4), (3, (2, 1, 4), 5), (6, (3,), 2))
SMALLER: tuple[Size, ...] = ((2, (2,), 2), (1, (2,), 1), (1, (1,), 1))


def _drawn(rng: np.random.Generator, size: Size, *, single: bool = False) -> Pass:
    examples, axes, outputs = size
    arrays = {
        "x": numbers(rng, examples, *axes),
        "w": numbers(rng, prod(axes), outputs),
        "b": numbers(rng, outputs),
    }
    return Pass("affine_forward", "affine_backward", as_float32(arrays) if single else arrays)


MIXED = (
    "examples-mixed",
    "The reshape mixes numbers of different examples: keep the first axis, x.reshape(N, -1).",
)
ORDER = (
    "columns-first-order",
    "Each example is read column by column; NumPy's usual order (row by row) is meant.",
)


def values(bench: Bench) -> Finding:
    """out for x of two and more axes."""

    def attempt(size: Size, *, single: bool = False) -> None:
        of = _drawn(bench.rng, size, single=single)
        expected = affine(*tensors(of.arrays, bench.device))
        require_out(bench, of, expected, at=of.at, mistakes=_mistakes(**of.arrays))

    large_to_small(attempt, SIZES, SMALLER)
    attempt(SIZES[1], single=True)
    return Finding("right", "out equals the reference, for x of two, three and four axes.")


def _mistakes(x: Numbers, w: Numbers, b: Numbers) -> Iterator[Mistake]:
    flat = x.reshape(len(x), -1)
    yield Mistake("bias-forgotten", "The bias b is not added.", lambda: flat @ w)
    yield Mistake("bias-subtracted", "The bias b is subtracted; it is added.", lambda: flat @ w - b)
    yield Mistake(*MIXED, lambda: x.reshape(-1, len(x)).T @ w + b)
    yield Mistake(*ORDER, lambda: x.reshape(len(x), -1, order="F") @ w + b)
    if w.shape[0] == w.shape[1]:
        yield Mistake("w-transposed", "w is transposed: out is x w + b.", lambda: flat @ w.T + b)
    if len(x) == len(b):
        yield Mistake(
            "bias-along-the-examples",
            "b[n] is added to example n; b has one number for each output, added to its column.",
            lambda: flat @ w + b[:, None],
        )


def gradients(bench: Bench) -> Finding:
    """dx, dw, db for a random dout."""

    def attempt(size: Size, *, single: bool = False) -> None:
        of = _drawn(bench.rng, size, single=single)
        dout = numbers(bench.rng, size[0], size[2])
        x, w = of.arrays["x"], of.arrays["w"]
        upstream, x_reference, w_reference = tensors({"dout": dout, "x": x, "w": w}, bench.device)
        expected = affine_backward(upstream, x_reference, w_reference)
        mistakes = {
            "x": _dx_mistakes(x, w, dout),
            "w": _dw_mistakes(x, w, dout),
            "b": _db_mistakes(x, dout),
        }
        by_name = dict(zip("xwb", expected, strict=True))
        require_gradients(bench, of, dout, by_name, at=of.at, mistakes=mistakes)

    large_to_small(attempt, SIZES, SMALLER)
    attempt(SIZES[1], single=True)
    return Finding("right", "dx, dw and db equal the reference for a random dout.")


AVERAGED = (
    "gradient-averaged",
    (
        "It is divided by N. The mean over the batch belongs to the loss, which has put 1/N into "
        "dout already; here the examples are summed."
    ),
)


def _dx_mistakes(x: Numbers, w: Numbers, dout: Numbers) -> Iterator[Mistake]:
    right = dout @ w.T
    if right.shape != x.shape:
        yield Mistake(
            "dx-not-reshaped",
            "dx has the shape of the flattened x; it should have the shape of x itself.",
            lambda: right,
        )
    yield Mistake(*AVERAGED, lambda: right.reshape(x.shape) / len(x))
    yield Mistake(*ORDER, lambda: right.reshape(x.shape, order="F"))
    yield Mistake(*MIXED, lambda: right.T.reshape(x.shape))
    yield Mistake(
        "multiplied-by-x",
        "dout w^T is multiplied by x; out is linear in x, so dx does not depend on it.",
        lambda: right.reshape(x.shape) * x,
    )
    if w.shape[0] == w.shape[1]:
        sentence = "dx is dout w; it should be dout w^T."
        yield Mistake("w-not-transposed", sentence, lambda: (dout @ w).reshape(x.shape))


def _dw_mistakes(x: Numbers, w: Numbers, dout: Numbers) -> Iterator[Mistake]:
    flat = x.reshape(len(x), -1)
    yield Mistake(
        "dw-transposed", "dw is transposed: it should be x^T dout, of the shape of w.",
        lambda: dout.T @ flat,
    )  # fmt: skip
    yield Mistake(*AVERAGED, lambda: flat.T @ dout / len(x))
    if w.shape[0] == len(x):  # then the reshape that mixes gives the same
        yield Mistake(
            "x-not-transposed", "dw is x dout; it should be x^T dout.", lambda: flat @ dout
        )
    yield Mistake(*MIXED, lambda: x.reshape(-1, len(x)) @ dout)
    yield Mistake(*ORDER, lambda: x.reshape(len(x), -1, order="F").T @ dout)
    yield Mistake(
        "last-example-only",
        "Only the last example's part is there: every example adds its part to dw (+=).",
        lambda: np.outer(flat[-1], dout[-1]),
    )


def _db_mistakes(x: Numbers, dout: Numbers) -> Iterator[Mistake]:
    yield Mistake(
        "db-not-summed",
        "b is added to every example, so db is the sum of dout over the examples.",
        lambda: dout,
    )
    yield Mistake(*AVERAGED, lambda: dout.sum(axis=0) / len(x))
    yield Mistake(
        "db-summed-over-the-outputs",
        "db is summed over the outputs; it is summed over the examples (axis 0).",
        lambda: dout.sum(axis=1),
    )
    yield Mistake(
        "db-summed-over-everything",
        "db is one number, the sum of all of dout; each output has its own bias: sum over axis 0.",
        dout.sum,
    )
    yield Mistake(
        "db-with-an-extra-axis", "db should have the shape of b, (M,).",
        lambda: dout.sum(axis=0, keepdims=True),
    )  # fmt: skip
    yield Mistake(
        "db-of-ones",
        "db counts the examples; each one adds its dout.",
        lambda: np.full(dout.shape[1], float(len(dout))),
    )
    yield Mistake(
        "last-example-only",
        "Only the last example's part is there: every example adds its part to db (+=).",
        lambda: dout[-1],
    )


TESTS = {
    "affine_forward.values": CodeTest(values, LAYERS),
    "affine_backward.gradients": CodeTest(gradients, LAYERS),
}
