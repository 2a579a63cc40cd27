"""Dropout of layers.py: rate and scale in training, test mode, the seed, backward.

Which units are dropped is the student's own choice of random numbers: the mask is read off what
comes back, and only how many, how independent and how scaled they are is compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.code.bench import Bench, CodeTest, Finding, FoundError
from grader.code.checks.layer_pass import Pass, as_float32, require_out, require_unchanged
from grader.code.checks.numpy_calls import LAYERS, call, keep, layer, numbers, send
from grader.code.compare import Mistake, Numbers, agree, describe, require
from grader.code.frames import Array, Kept
from grader.code.tolerances import FLOAT32, Tolerance

FORWARD, BACKWARD = "dropout_forward", "dropout_backward"
# Far from 1/2, on both sides: then dropping and keeping with probability p cannot be confused.
PROBABILITIES = ((0.15, 0.3), (0.7, 0.85))
# No share p of either length is whole: units that are dropped in blocks leave a row or column in part.
SHAPE = (61, 79)
# The share of dropped units among 4819 has a standard deviation of at most 0.0066; that of a row (79)
# or a column (61) of at most 0.052 and 0.059.
SHARE, LINE = 0.05, 0.4


@dataclass(frozen=True)
class Draw:
    """x without zeros, the probability to drop, and a seed."""

    x: Numbers
    p: float
    seed: int

    @classmethod
    def of(cls, rng: np.random.Generator, low: float, high: float, *, single: bool = False) -> Draw:
        """Fresh numbers with p between two bounds."""
        x = numbers(rng, *SHAPE)
        p = round(float(rng.uniform(low, high)), 2)
        return cls(as_float32({"x": x})["x"] if single else x, p, int(rng.integers(1, 2**31 - 1)))

    def param(self, mode: str, **more: Any) -> dict[str, Any]:
        """The options; without a seed unless it is among the others."""
        return {"mode": mode, "p": self.p} | more

    @property
    def at(self) -> str:
        """In words, for messages."""
        kind = ", float32" if self.x.dtype == np.float32 else ""
        return f"at x of shape {self.x.shape}{kind}, p = {self.p:g}"


def draws(rng: np.random.Generator) -> list[Draw]:
    """One p on each side of 1/2, and one in float32."""
    found = [Draw.of(rng, *bounds) for bounds in PROBABILITIES]
    return [*found, Draw.of(rng, *PROBABILITIES[0], single=True)]


# -------------------------------------------------------------------------------------- training


def values(bench: Bench) -> Finding:
    """In training: the share of dropped units, and how the others are scaled."""
    for draw in draws(bench.rng):
        steps = [
            keep(draw.x, "x"),
            layer(FORWARD, Kept("x"), draw.param("train")),
            send(Kept("result")[0], "out"),
            send("x", "x"),
        ]
        at = f"{draw.at}, mode 'train'"
        results = bench.results(steps, f"{FORWARD} {at}")
        kept = _mask(results["out"], draw, at)
        _require_drawn_for_each(kept, at)
        _require_share(kept, results["out"].values, draw, at)
        _require_scaled(results["out"], kept, draw, at, bench.tolerance)
        _require_independent(kept, draw, at)
        require_unchanged(FORWARD, "x", results["x"], draw.x, at=at)
    _require_varying_counts(bench)
    return Finding(
        "right",
        "Each unit is dropped with probability p by itself, and the others are divided by 1 - p.",
    )


def _mask(out: Any, draw: Draw, at: str) -> Numbers:
    """Where out is not 0."""
    if isinstance(out, Array) and out.values.shape == draw.x.shape[1:]:
        raise FoundError(
            f"{FORWARD} should return (out, cache); what came back begins with the first example's "
            f"result, as if out alone was returned ({at}).",
            mistake="cache-not-returned",
        )
    if not isinstance(out, Array) or out.kind != "array" or out.values.shape != draw.x.shape:
        raise FoundError(
            f"out should be an array of shape {draw.x.shape}; it is {describe(out)} ({at})."
        )
    if out.values.dtype.kind != "f":
        raise FoundError(
            f"out should hold floating-point numbers; its dtype is {out.values.dtype} ({at})."
        )
    return np.asarray(out.values != 0)


def _require_share(kept: Numbers, out: Numbers, draw: Draw, at: str) -> None:
    dropped = 1 - float(kept.mean())
    if abs(dropped - draw.p) <= SHARE:
        return
    told = (
        f"{dropped:.1%} of the units are dropped where p = {draw.p:g} asks for {draw.p:.0%} ({at})"
    )
    if dropped == 0 and np.allclose(out, draw.x):
        raise FoundError(
            f"Nothing is dropped: x comes back as it was ({at}).", mistake="nothing-dropped"
        )
    if dropped == 0:
        raise FoundError(
            f"No unit becomes 0: dropped units must be exactly 0 ({at}).", mistake="nothing-dropped"
        )
    if abs(dropped - (1 - draw.p)) <= SHARE:
        raise FoundError(
            f"p is the probability to drop a unit; here it is the probability to keep it. {told}",
            mistake="drops-with-1-minus-p",
        )
    raise FoundError(f"The share of dropped units is wrong: {told}.", mistake="other-share")


def _require_scaled(out: Array, kept: Numbers, draw: Draw, at: str, tolerance: Tolerance) -> None:
    def masked(factor: float) -> Numbers:
        return np.where(kept, draw.x.astype(np.float64) * factor, 0.0)

    mistakes = [
        Mistake(name, f"{sentence} Inverted dropout divides by 1 - p already in training, so "
                "that testing needs no factor.", lambda factor=factor: masked(factor))  # type: ignore[misc]
        for name, sentence, factor in _factors(draw.p)
    ]  # fmt: skip
    mistakes.append(
        Mistake(
            "mask-instead-of-x",
            "The mask comes back instead of x times the mask.",
            lambda: kept / (1 - draw.p),
        )
    )
    mistakes.append(
        Mistake(
            "mask-instead-of-x", "The mask comes back instead of x times the mask.",
            lambda: kept.astype(float),
        )
    )  # fmt: skip
    require("out", out, masked(1 / (1 - draw.p)), at=at, tolerance=tolerance, mistakes=mistakes)


def _factors(p: float) -> Iterator[tuple[str, str, float]]:
    yield "not-scaled", "The units that are kept are not scaled.", 1.0
    yield "divided-by-p", "The units that are kept are divided by p.", 1 / p
    yield "multiplied-by-1-minus-p", "The units that are kept are multiplied by 1 - p.", 1 - p
    yield "multiplied-by-p", "The units that are kept are multiplied by p.", p
    yield "scaled-twice", "The units that are kept are divided by 1 - p twice.", (1 - p) ** -2


def _require_drawn_for_each(kept: Numbers, at: str) -> None:
    if kept.all() or not kept.any():
        return
    for axis, name, sentence in (
        (0, "one-mask-for-all-examples",
         ("Every example loses the same units: one mask serves the whole batch. Draw a number "
          "for each entry of x (np.random.rand(*x.shape)).")),
        (1, "whole-examples-dropped",
         ("Examples are dropped or kept as a whole: draw a number for each entry of x "
          "(np.random.rand(*x.shape)).")),
    ):  # fmt: skip
        if bool((kept == np.take(kept, [0], axis=axis)).all()):
            raise FoundError(f"{sentence} ({at})", mistake=name)


def _require_independent(kept: Numbers, draw: Draw, at: str) -> None:
    for axis in (0, 1):
        if float(np.abs(1 - kept.mean(axis=axis) - draw.p).max()) > LINE:
            raise FoundError(
                f"Some rows or columns of x are dropped far more often than others ({at}): draw "
                "a number for each entry of x by itself.",
                mistake="units-not-independent",
            )


def _require_varying_counts(bench: Bench) -> None:
    """How many units are dropped is itself random, where each one is drawn by itself.

    That six masks of 4819 units have the same number happens to a right one once in 10^9.
    """
    draw = Draw.of(bench.rng, *PROBABILITIES[0])
    labels = [str(number) for number in range(6)]
    steps = [
        step
        for label in labels
        for step in (
            layer(FORWARD, draw.x, draw.param("train"), keep=label),
            call("numpy:count_nonzero", Kept(label)[0], keep="count"),
            call("builtins:float", Kept("count"), keep="count"),
            send("count", label),
        )
    ]
    steps += [
        call("numpy:array_equal", Kept("0")[0], Kept("1")[0], keep="alike"),
        send("alike", "alike"),
    ]
    at = f"{draw.at}, mode 'train'"
    sent = bench.results(steps, f"{FORWARD} {at}")
    # The same mask each time is another mistake, which the check of the seed tells.
    if (
        sent["alike"] is not True
        and len({sent[label] for label in labels if isinstance(sent[label], float)}) == 1
    ):
        raise FoundError(
            f"Every call drops the same number of units ({at}): the units are not drawn by themselves, as "
            "they are by np.random.rand(*x.shape) >= p.",
            mistake="exact-count-dropped",
        )


# -------------------------------------------------------------------------------------- test mode


def test_mode(bench: Bench) -> Finding:
    """In test mode x passes as it is."""
    for draw in draws(bench.rng):
        of = Pass(FORWARD, BACKWARD, {"x": draw.x}, (draw.param("test", seed=draw.seed),))
        p = draw.p
        scaled = (
            ("It is plain dropout that scales in testing; inverted dropout has divided by 1 - p in "
             "training already."),
            "scaled-in-test-mode",
        )  # fmt: skip
        mistakes = [
            Mistake(scaled[1], f"x is multiplied by {words}. {scaled[0]}",
                    lambda factor=factor: draw.x * factor)  # type: ignore[misc]  # noqa: B023
            for words, factor in (("1 - p", 1 - p), ("p", p), ("1 / (1 - p)", 1 / (1 - p)),
                                  ("1 / p", 1 / p))
        ]  # fmt: skip
        at = f"{draw.at}, mode 'test'"
        try:
            require_out(bench, of, draw.x, at=at, mistakes=mistakes)
        except FoundError as error:
            if error.finding.mistake is None and _drops(bench, of, at):
                raise FoundError(
                    f"Units are dropped in test mode, too; there x passes as it is ({at}).",
                    mistake="dropped-in-test-mode",
                ) from None
            raise
    return Finding("right", "In test mode x comes back as it is.")


def _drops(bench: Bench, of: Pass, at: str) -> bool:
    steps = [of.step(of.arrays), send(Kept("result")[0], "out")]
    out = bench.results(steps, f"{of.forward} {at}")["out"]
    return isinstance(out, Array) and 0 < float((out.values == 0).mean()) < 1


# ------------------------------------------------------------------------------------------ seed


def seed(bench: Bench) -> Finding:
    """The same seed gives the same mask, another seed or none another one."""
    draw = Draw.of(bench.rng, *PROBABILITIES[0])
    same, other = {"seed": draw.seed}, {"seed": draw.seed + 1}
    steps = []
    for label, more in (
        ("first", same), ("second", same), ("other", other), ("free", {}), ("freer", {}),
    ):  # fmt: skip
        steps.append(layer(FORWARD, draw.x, draw.param("train", **more), keep=label))
        steps.append(send(Kept(label)[0], label))
    at = f"{draw.at}, mode 'train'"
    results = bench.results(steps, f"{FORWARD} {at}")
    masks = {label: _mask(out, draw, at) for label, out in results.items()}
    if masks["first"].all():
        raise FoundError(f"Nothing is dropped ({at}).", mistake="nothing-dropped")
    if np.array_equal(masks["first"], masks["free"]) or np.array_equal(
        masks["free"], masks["freer"]
    ):
        raise FoundError(
            f"Calls without a seed drop the same units each time ({at}): the random numbers are set "
            "back without a seed in dropout_param, or the mask is kept.",
            mistake="always-the-same-mask",
        )
    if not np.array_equal(masks["first"], masks["second"]):
        raise FoundError(
            f"Two calls with the same seed in dropout_param drop different units ({at}): "
            "np.random.seed(seed) before the mask is drawn makes them the same.",
            mistake="seed-ignored",
        )
    if np.array_equal(masks["first"], masks["other"]):
        raise FoundError(
            f"Another seed in dropout_param drops the same units ({at}).", mistake="seed-ignored"
        )
    return Finding("right", "The same seed drops the same units, another seed others.")


# -------------------------------------------------------------------------------------- backward


def gradient(bench: Bench) -> Finding:
    """dx with the mask of the forward pass in training, dout itself in test mode."""
    for draw in draws(bench.rng):
        dout = numbers(bench.rng, *SHAPE).astype(draw.x.dtype)
        for mode in ("train", "test"):
            _backward(bench, draw, dout, mode)
    return Finding("right", "dx has the mask and the scale of the forward pass.")


def _backward(bench: Bench, draw: Draw, dout: Numbers, mode: str) -> None:
    steps = [
        layer(FORWARD, draw.x, draw.param(mode)),
        send(Kept("result")[0], "out"),
        keep(dout, "dout"),
        layer(BACKWARD, Kept("dout"), Kept("result")[1], keep="back"),
        send("back", "back"),
        send("dout", "dout"),
    ]
    at = f"{draw.at}, mode {mode!r}"
    results = bench.results(steps, f"{FORWARD} and {BACKWARD} {at}")
    back = results["back"]
    found = back[0] if isinstance(back, (tuple, list)) and len(back) == 1 else back
    kept = _mask(results["out"], draw, at)
    if mode == "train" and kept.all():
        raise FoundError(
            f"The forward pass drops nothing, so there is no mask to go back through ({at}).",
            mistake="nothing-dropped",
        )
    wide = dout.astype(np.float64)
    scale = 1 / (1 - draw.p)
    expected = np.where(kept, wide * scale, 0.0) if mode == "train" else wide
    mistakes = list(_gradient_mistakes(draw, wide, kept, mode))
    try:
        require("dx", found, expected, at=at, tolerance=bench.tolerance, mistakes=mistakes)
    except FoundError as error:
        if _taken_over(error, results["out"], found, draw, kept, wide):
            return
        if error.finding.mistake is None and mode == "train" and _other_mask(found, wide, kept):
            raise FoundError(
                "dx loses other units than the forward pass did: keep the mask in the cache, and "
                f"use it again; a new one has nothing to do with what happened ({at}).",
                mistake="new-mask",
            ) from None
        raise
    require_unchanged(BACKWARD, "dout", results["dout"], dout, at=at)


def _taken_over(
    error: FoundError, out: Array, dx: Any, draw: Draw, kept: Numbers, dout: Numbers
) -> bool:
    """Whether the factor is another one because the forward pass has it so, where it has cost points."""
    if error.finding.mistake not in {name for name, _, _ in _factors(draw.p)}:
        return False
    forward = out.values.astype(np.float64)[kept] / draw.x.astype(np.float64)[kept]
    backward = dx.values.astype(np.float64)[kept] / dout[kept]
    return agree(backward, forward, FLOAT32)


def _gradient_mistakes(draw: Draw, dout: Numbers, kept: Numbers, mode: str) -> Iterator[Mistake]:
    p, x = draw.p, draw.x.astype(np.float64)
    if mode == "test":
        for factor in (1 - p, p, 1 / (1 - p), 1 / p):
            yield Mistake(
                "scaled-in-test-mode",
                "dx is scaled in test mode; there out is x, so dx is dout.",
                lambda factor=factor: dout * factor,  # type: ignore[misc]
            )
        return
    for name, sentence, factor in _factors(p):
        yield Mistake(
            name, sentence + " dx has the factor of the forward pass, 1 / (1 - p).",
            lambda factor=factor: np.where(kept, dout * factor, 0.0),  # type: ignore[misc]
        )  # fmt: skip
    for name, sentence, value in (
        ("mask-forgotten", "dout passes everywhere: units that were dropped learn nothing.", dout),
        ("mask-forgotten", "dout passes everywhere: units that were dropped learn nothing.",
         dout / (1 - p)),
        ("mask-reversed", "dout passes where units were dropped, and not where they were kept.",
         np.where(kept, 0.0, dout / (1 - p))),
        ("mask-reversed", "dout passes where units were dropped, and not where they were kept.",
         np.where(kept, 0.0, dout)),
        ("multiplied-by-x", "dx is dout times out; out is linear in x, so dx is dout times mask.",
         np.where(kept, dout * x / (1 - p), 0.0)),
        ("mask-instead-of-dout", "The mask comes back instead of dout times the mask.",
         kept / (1 - p)),
    ):  # fmt: skip
        yield Mistake(name, sentence, lambda value=value: value)  # type: ignore[misc]


def _other_mask(found: Any, dout: Numbers, kept: Numbers) -> bool:
    """Whether dx is dout, scaled somehow, with other units at 0."""
    if not isinstance(found, Array) or found.values.shape != dout.shape:
        return False
    dx = found.values.astype(np.float64)
    passed = dx != 0
    if not 0 < float(passed.mean()) < 1 or np.array_equal(passed, kept):
        return False
    ratio = dx[passed] / dout[passed]
    return agree(ratio, np.full_like(ratio, float(np.median(ratio))), FLOAT32)


TESTS = {
    "dropout_forward.values": CodeTest(values, LAYERS),
    "dropout_forward.test_mode": CodeTest(test_mode, LAYERS),
    "dropout_forward.seed": CodeTest(seed, LAYERS),
    "dropout_backward.gradient": CodeTest(gradient, LAYERS),
}
