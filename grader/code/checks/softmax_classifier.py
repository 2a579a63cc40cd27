"""The softmax classifier of classifiers/softmax.py: both functions pass the same checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from grader.code.bench import Bench, CodeTest, Finding, FoundError, large_to_small
from grader.code.checks.layer_pass import named_elsewhere
from grader.code.checks.numpy_calls import call, keep, numbers, on, send
from grader.code.checks.softmax_classifier_loops import require_no_loops
from grader.code.compare import (
    Mistake,
    Numbers,
    agree,
    as_numbers,
    inputs,
    items,
    require,
    require_number,
)
from grader.code.frames import Array, Kept
from grader.code.tolerances import Tolerance
from reference_impl.softmax_classifier import loss_and_gradient

FILE = "exercise_code/classifiers/softmax.py"
MODULE = "exercise_code.classifiers.softmax"
FUNCTIONS = ("cross_entropy_loss_naive", "cross_entropy_loss_vectorized")

# N examples, D features, C classes, and whether there is regularisation.
Size = tuple[int, int, int, bool]
SIZES: tuple[Size, ...] = ((7, 5, 4, False), (7, 5, 4, True), (4, 3, 6, True))
SMALLER: tuple[Size, ...] = ((2, 2, 2, True), (1, 1, 2, False))
# reg * sum(W^2), or half of it: both are accepted, if the gradient belongs to the loss.
FACTORS = (0.5, 1.0)
# exp overflows beyond 709 and is 0 below -745.
SHIFTS = (2000.0, -2000.0)


@dataclass(frozen=True)
class Draw:
    """One random input: W (D, C), X (N, D), y (N,), reg."""

    W: Numbers
    X: Numbers
    y: Numbers
    reg: float

    @classmethod
    def of(cls, rng: np.random.Generator, size: Size) -> Draw:
        """Fresh numbers of a size."""
        examples, features, classes, regularised = size
        return cls(
            numbers(rng, features, classes),
            numbers(rng, examples, features),
            rng.integers(0, classes, examples),
            round(float(rng.uniform(0.2, 0.6)), 2) if regularised else 0.0,
        )

    @property
    def at(self) -> str:
        """In words, for messages."""
        return f"at {inputs(W=self.W, X=self.X, y=self.y)}, reg = {self.reg:g}"

    def tensors(self, device: str) -> tuple[Tensor, Tensor, Tensor]:
        """W, X, y for a reference."""
        w, x, y = on(device, self.W, self.X, self.y)
        return w, x, y

    def expected(self, device: str, factor: float) -> tuple[Tensor, Tensor]:
        """The reference's loss and gradient, with reg * sum(W^2) times the factor."""
        return loss_and_gradient(*self.tensors(device), self.reg, factor=factor)


def _answer(bench: Bench, name: str, draw: Draw) -> tuple[Any, Any]:
    """Loss and dW; a second call with the same arrays must give the same loss."""
    again = [Kept("W"), Kept("X"), Kept("y"), draw.reg]
    steps = [
        keep(draw.W, "W"), keep(draw.X, "X"), keep(draw.y, "y"),
        call(f"{MODULE}:{name}", *again, keep="first"), send("first", "first"),
        call(f"{MODULE}:{name}", *again, keep="second"), send("second", "second"),
    ]  # fmt: skip
    results = bench.results(steps, f"{name} {draw.at}")
    loss, gradient = items(name, results["first"], 2)
    repeated = items(name, results["second"], 2)[0]
    once, twice = _number(loss), _number(repeated)
    if once is not None and np.isfinite(once) and once != twice:
        raise FoundError(
            f"A second call with the same arrays gives another loss ({draw.at}): the function "
            "changes W, X or y, which belong to its caller.",
            mistake="inputs-changed",
        )
    return loss, gradient


def _number(value: Any) -> float | None:
    if isinstance(value, Array) and value.values.size == 1:
        return float(value.values.reshape(-1)[0])
    return float(value) if isinstance(value, (int, float)) else None


def _factor(value: Any, candidates: dict[float, Tensor], tolerance: Tolerance) -> float | None:
    """With which factor of the regularisation a result is right."""
    found = value.values if isinstance(value, Array) else np.asarray(_number(value) or 0.0)
    for factor, expected in candidates.items():
        right = as_numbers(expected)
        if found.size == right.size and agree(found.reshape(right.shape), right, tolerance):
            return factor
    return None


# --------------------------------------------------------------------------------------- loss


def loss(name: str, bench: Bench) -> Finding:
    """The loss, with and without regularisation."""

    def attempt(size: Size) -> None:
        draw = Draw.of(bench.rng, size)
        found, _ = _answer(bench, name, draw)
        expected = {f: draw.expected(bench.device, f)[0] for f in FACTORS}
        factor = _factor(found, expected, bench.tolerance) or FACTORS[0]
        require_number(
            "The loss", found, expected[factor], at=draw.at,
            mistakes=_loss_mistakes(draw, bench.device),
        tolerance=bench.tolerance)  # fmt: skip

    large_to_small(attempt, SIZES, SMALLER)
    return Finding("right", "The loss equals the reference, with and without regularisation.")


def _loss_mistakes(draw: Draw, device: str) -> Iterator[Mistake]:
    w, x, y = draw.tensors(device)
    count, classes = len(x), w.shape[1]
    data, _ = loss_and_gradient(w, x, y, 0.0)
    probabilities = torch.softmax(x @ w, 1)[torch.arange(count, device=y.device), y]
    for factor in FACTORS:
        penalty = factor * draw.reg * (w**2).sum()
        for mistake, sentence, value in (
            ("loss-not-averaged",
             "The loss is the sum over the examples; divide by N.", count * data + penalty),
            ("loss-averaged-over-the-classes",
             "The loss is divided by the number of classes; divide by the number of examples, N.",
             count * data / classes + penalty),
            ("loss-divided-twice",
             "The loss is divided by N twice.", data / count + penalty),
            ("sign-of-the-loss",
             "The sign is the other way round: the loss is minus the logarithm.", penalty - data),
            ("logarithm-of-another-base",
             "The logarithm is of base 2; the natural one is meant (np.log).",
             data / np.log(2) + penalty),
            ("logarithm-of-another-base",
             "The logarithm is of base 10; the natural one is meant (np.log).",
             data / np.log(10) + penalty),
            ("logarithm-missing",
             "The logarithm is missing: the loss is -log of the right class's probability.",
             -probabilities.mean() + penalty),
            ("logarithm-missing",
             "The logarithm is missing: the loss is -log of the right class's probability.",
             (1 - probabilities).mean() + penalty),
            ("regularisation-divided-by-n",
             "The regularisation is divided by N; it is added after the mean is taken.",
             data + penalty / count),
            ("regularisation-added-for-each-example",
             "The regularisation is added once for each example; it is added once.",
             data + penalty * count),
            ("regularisation-by-the-norm",
             "The regularisation is the norm of W; it is the sum of the squares, without the root.",
             data + factor * draw.reg * (w**2).sum().sqrt()),
            ("regularisation-by-absolute-values",
             "The regularisation sums absolute values; it sums squares.",
             data + factor * draw.reg * w.abs().sum()),
            ("regularisation-without-reg",
             "The sum of the squares is not multiplied by reg.", data + factor * (w**2).sum()),
            ("regularisation-subtracted",
             "The regularisation is subtracted; it is added.", data - penalty),
        ):  # fmt: skip
            yield Mistake(mistake, sentence, partial(_same, value))
    yield Mistake("regularisation-missing", "The regularisation is missing.", lambda: data)


def _same(value: Tensor) -> Tensor:
    return value


# ----------------------------------------------------------------------------------- gradient


def gradient(name: str, bench: Bench) -> Finding:
    """dW, with and without regularisation, and that it belongs to the loss."""

    def attempt(size: Size) -> None:
        draw = Draw.of(bench.rng, size)
        found_loss, found = _answer(bench, name, draw)
        losses, gradients = (
            {f: draw.expected(bench.device, f)[part] for f in FACTORS} for part in (0, 1)
        )
        of_loss, of_gradient = (
            _factor(value, candidates, bench.tolerance)
            for value, candidates in ((found_loss, losses), (found, gradients))
        )
        require(
            "dW", found, gradients[of_gradient or of_loss or FACTORS[0]], at=draw.at,
            mistakes=_gradient_mistakes(draw, bench.device),
        tolerance=bench.tolerance)  # fmt: skip
        if draw.reg and of_loss and of_loss != of_gradient:
            words = {0.5: "0.5 * reg * sum(W^2)", 1.0: "reg * sum(W^2)"}
            derivative = {0.5: "reg * W", 1.0: "2 * reg * W"}
            raise FoundError(
                f"The regularisation's loss and gradient do not belong together: the loss adds "
                f"{words[of_loss]}, whose gradient is {derivative[of_loss]}, but dW adds "
                f"{derivative[of_gradient or FACTORS[0]]} ({draw.at}).",
                mistake="regularisation-factors-differ",
            )

    large_to_small(attempt, SIZES, SMALLER)
    return Finding("right", "dW equals the reference, with and without regularisation.")


def _gradient_mistakes(draw: Draw, device: str) -> Iterator[Mistake]:
    w, x, y = draw.tensors(device)
    count, classes = len(x), w.shape[1]
    probabilities = torch.softmax(x @ w, 1)
    target = one_hot(y, classes).to(w.dtype)
    data = x.T @ (probabilities - target) / count
    for factor in FACTORS:
        penalty = 2 * factor * draw.reg * w
        for mistake, sentence, value in (
            ("gradient-not-averaged",
             "The data's part of dW is the sum over the examples; divide by N.",
             count * data + penalty),
            ("gradient-divided-twice",
             "The data's part of dW is divided by N twice.", data / count + penalty),
            ("gradient-sign",
             "The data's part of dW has the other sign: it is X^T (probabilities - one-hot) / N.",
             penalty - data),
            ("one-hot-forgotten",
             ("The 1 of the right class is not subtracted: dL/dscores is the probabilities less the "
             "one-hot row of y."), x.T @ probabilities / count + penalty),
            ("one-hot-only",
             ("dW comes from the right class alone; every class gets its probability, too: "
             "dL/dscores is the probabilities less the one-hot row of y."),
             -x.T @ target / count + penalty),
            ("one-hot-added",
             "The one-hot row of y is added to the probabilities; it is subtracted.",
             x.T @ (probabilities + target) / count + penalty),
            ("one-hot-subtracted-after-the-mean",
             ("The probabilities are averaged, the one-hot rows are not (or the other way round): "
             "take the mean of the difference."),
             x.T @ (probabilities / count - target) + penalty),
            ("one-hot-subtracted-after-the-mean",
             ("The probabilities are averaged, the one-hot rows are not (or the other way round): "
             "take the mean of the difference."),
             x.T @ (probabilities - target / count) + penalty),
            ("regularisation-subtracted-in-the-gradient",
             "The regularisation is subtracted in dW; it is added.", data - penalty),
            ("regularisation-divided-by-n",
             "The regularisation is divided by N in dW; it is added after the mean is taken.",
             data + penalty / count),
            ("regularisation-without-reg",
             "W is not multiplied by reg in dW.", data + 2 * factor * w),
            ("gradient-transposed",
             "dW is transposed: it has the shape of W, (D, C).", (data + penalty).T),
        ):  # fmt: skip
            yield Mistake(mistake, sentence, partial(_same, value))
    yield Mistake(
        "regularisation-missing-in-the-gradient",
        "The regularisation is missing in dW.",
        lambda: data,
    )


# --------------------------------------------------------------------------------- large scores


def large_scores(name: str, bench: Bench) -> Finding:
    """Scores of thousands: softmax does not change when all scores of an example are shifted."""
    draw = Draw.of(bench.rng, SIZES[0])
    plain, slope = draw.expected(bench.device, 1.0)
    ones = np.ones((len(draw.X), 1))
    for shift in SHIFTS:
        # One more feature, always 1, whose weights are equal for all classes: it shifts scores.
        row = np.full((1, draw.W.shape[1]), shift)
        shifted = Draw(
            np.concatenate([draw.W, row]), np.concatenate([draw.X, ones], axis=1), draw.y, 0.0
        )
        found, found_slope = _answer(bench, name, shifted)
        at = f"all scores shifted by {shift:g}, {shifted.at}"
        number = _number(found)
        if number is not None and not np.isfinite(number):
            raise FoundError(
                f"The loss is {number} where scores are large ({at}): exp overflows, or is 0. "
                "Subtract each example's largest score from its scores first; that leaves the "
                "softmax as it is.",
                mistake="overflow",
            )
        with named_elsewhere():
            require_number("The loss", found, plain, at=at,
                           mistakes=_loss_mistakes(draw, bench.device), tolerance=bench.tolerance)  # fmt: skip
        last = (torch.softmax(torch.from_numpy(draw.X @ draw.W), 1).numpy()).sum(0)
        last = (last - np.bincount(draw.y, minlength=draw.W.shape[1])) / len(draw.X)
        expected = np.concatenate([as_numbers(slope), last[None]])
        with named_elsewhere():
            require("dW", found_slope, expected, at=at,
                    mistakes=_gradient_mistakes(shifted, bench.device), tolerance=bench.tolerance)  # fmt: skip
    return Finding("right", "Shifting all scores by thousands changes neither loss nor gradient.")


def without_loops(test: Callable[[str, Bench], Finding], name: str, bench: Bench) -> Finding:
    """The same test, and that what is right was computed without loops."""
    finding = test(name, bench)
    require_no_loops(bench, MODULE, name)
    return finding


def _tests() -> dict[str, CodeTest]:
    aspects: dict[str, Callable[[str, Bench], Finding]] = {
        "loss": loss,
        "gradient": gradient,
        "large_scores": large_scores,
    }
    naive, vectorized = FUNCTIONS
    return {f"{naive}.{a}": CodeTest(partial(t, naive), FILE) for a, t in aspects.items()} | {
        f"{vectorized}.{a}": CodeTest(partial(without_loops, t, vectorized), FILE)
        for a, t in aspects.items()
    }


TESTS = _tests()
