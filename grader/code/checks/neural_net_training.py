"""TwoLayerNet of exercise 1: train() makes the steps of gradient descent that its arguments ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.code.bench import Bench, CodeTest, Finding, FoundError
from grader.code.checks.neural_net import CLASS, FILE, NAMES, Draw
from grader.code.checks.neural_net_walk import (
    DECAY,
    ITERATIONS,
    PER_EPOCH,
    RATE,
    WORDS,
    Parameters,
    Walk,
    asked,
    four,
    own_gradients,
    trained,
    walked,
)
from grader.code.checks.numpy_calls import numbers, send
from grader.code.compare import Numbers

# Of parameters that are kept in float32, a step is seen less exactly.
CLOSE = 1e-3
STILL = 1e-12
# Powers of the decay in the rates of an iteration: it acts after each epoch. The course's frame
# counts an epoch's first iteration as its end, so that the first decay comes early.
SCHEDULES = tuple(
    tuple((iteration + early) // PER_EPOCH for iteration in range(ITERATIONS))
    for early in range(PER_EPOCH)
)


def train(bench: Bench) -> Finding:
    """Steps by the rate, the decay and the regularisation asked for; random batches of a size."""
    walk = walked(bench)
    _require_movement(walk)
    rates = [_rate(walk, iteration) for iteration in range(ITERATIONS)]
    _require_rates(rates)
    _require_batches(bench)
    return Finding(
        "right",
        "Each step is the learning rate times the gradient of a random batch of the size asked "
        "for; the rate decays after each epoch.",
    )


# ---------------------------------------------------------------------------------- each step


def _require_movement(walk: Walk) -> None:
    start, first, last = walk.path[0], walk.path[1], walk.path[-1]
    if not all(np.isfinite(v).all() for p in walk.path for v in p.values()):
        raise FoundError(f"Parameters become NaN or infinite {WORDS}.", mistake="loss-rises")
    slopes = walk.slopes[0]
    if not any(np.abs(v).max() > STILL for v in slopes.values()):
        raise FoundError(
            f"loss() gives gradients of 0 only, so nothing can be trained {WORDS}.",
            mistake="parameters-not-updated",
        )
    still = [n for n in NAMES if np.array_equal(start[n], last[n]) and slopes[n].any()]
    if all(np.array_equal(start[n], last[n]) for n in NAMES):
        raise FoundError(
            f"The parameters are as they were {WORDS}: each step takes learning_rate times the "
            "gradient from self.params.",
            mistake="parameters-not-updated",
        )
    if still:
        raise FoundError(
            f"{', '.join(still)} did not change {WORDS}; all four parameters are trained.",
            mistake="some-parameters-not-updated",
        )
    if all(np.array_equal(first[n], last[n]) for n in NAMES):
        raise FoundError(
            f"A training of one iteration does as much as one of {ITERATIONS} {WORDS}: num_iters "
            "says how many steps are made.",
            mistake="number-of-iterations-ignored",
        )


def _flat(values: Parameters) -> Numbers:
    return np.concatenate([values[n].ravel() for n in NAMES])


def _along(step: Numbers, slope: Numbers) -> float | None:
    """The factor f of step = -f * slope; None where the step has another direction."""
    size = float(slope @ slope)
    if size <= STILL:
        return None
    factor = -float(step @ slope) / size
    off = float(np.abs(step + factor * slope).max())
    return factor if off <= CLOSE * float(np.abs(step).max()) else None


def _rate(walk: Walk, iteration: int) -> float:
    """The rate of one step, which must go along the gradient that loss() gives."""
    step = _flat(walk.path[iteration + 1]) - _flat(walk.path[iteration])
    rate = _along(step, _flat(walk.slopes[iteration]))
    if rate is not None:
        return rate
    if _along(step, _flat(walk.plain[iteration])) is not None:
        raise FoundError(
            f"The steps are made without regularisation {WORDS}: hand reg on to self.loss.",
            mistake="regularisation-not-handed-on",
        )
    raise FoundError(
        f"Step {iteration + 1} is no multiple of the gradient that loss() gives for the batch "
        f"{WORDS}: each step takes learning_rate times the gradient from every parameter.",
        mistake="steps-not-along-the-gradient",
    )


def _require_rates(rates: Sequence[float]) -> None:
    shown = ", ".join(f"{rate:.3g}" for rate in rates)
    if rates[0] < 0:
        raise FoundError(
            f"The steps go along the gradient and the loss rises {WORDS}: a step goes against the "
            "gradient, W -= learning_rate * dW.",
            mistake="loss-rises",
        )
    if abs(rates[0] / RATE - 1) > CLOSE:
        ignored = any(abs(rates[0] / other - 1) <= CLOSE for other in (1.0, 1e-3))
        raise FoundError(
            f"The first step is {rates[0]:.3g} times the gradient; the learning rate is {RATE:g} "
            f"({WORDS}).",
            mistake="learning-rate-ignored" if ignored else "another-step-size",
        )
    powers = np.log(np.maximum(rates, 1e-12) / RATE) / np.log(DECAY)
    if any(np.abs(powers - schedule).max() <= 0.1 for schedule in SCHEDULES):
        return
    if np.abs(powers).max() <= 0.1:
        raise FoundError(
            f"The learning rate stays {RATE:g} {WORDS}: after each epoch (here {PER_EPOCH} "
            "iterations) it is multiplied by learning_rate_decay.",
            mistake="learning-rate-decay-ignored",
        )
    each = np.abs(np.diff(powers) - 1).max() <= 0.1
    raise FoundError(
        f"The rates of the {ITERATIONS} iterations are {shown} {WORDS}; learning_rate_decay "
        f"multiplies the rate after each epoch (here {PER_EPOCH} iterations).",
        mistake="decayed-in-every-iteration" if each else "another-decay",
    )


# ------------------------------------------------------------------------------- which examples

# Example i is 1 in feature i alone, so a step moves row i of W1 as often as i is in the batch. That a
# right training leaves one of 40 out in 200 batches of 8 happens once in 10^16; that a random batch
# is in a row, once in 10^6.
MANY, SMALL, LONG = 40, 8, 200


@dataclass(frozen=True)
class _Marked:
    """A net all of whose hidden units are on, and examples that each mark a row of W1."""

    draw: Draw

    @classmethod
    def of(cls, rng: np.random.Generator) -> _Marked:
        parameters = {
            "W1": np.abs(numbers(rng, MANY, 6)) + 0.1,
            "b1": np.full(6, 0.1),
            "W2": numbers(rng, 6, 3),
            "b2": numbers(rng, 3),
        }
        return cls(Draw(parameters, np.eye(MANY), np.arange(MANY) % 3))

    def moved(self, bench: Bench, iterations: int, rate: float) -> Numbers:
        """By how much a training moves W1."""
        # The whole set also serves for validation: nothing is looked at but W1.
        steps = trained(
            self.draw, (self.draw.X, self.draw.y), iterations,
            learning_rate=rate, learning_rate_decay=1.0, reg=0.0, batch_size=SMALL,
        )  # fmt: skip
        params = bench.results([*steps, send("params", "params")], "train")["params"]
        start = self.draw.parameters
        return np.asarray(four(params, start)["W1"] - start["W1"])

    def slopes(self, bench: Bench) -> Numbers:
        """Row i: the gradient of row i of W1, for example i by itself."""
        steps = []
        for i in range(MANY):
            one = Draw(self.draw.parameters, self.draw.X[i : i + 1], self.draw.y[i : i + 1])
            steps += asked(one, 0.0, str(i))
        sent = bench.results(steps, f"{CLASS.split(':')[1]}.loss")
        rows = [own_gradients(sent[str(i)], self.draw.parameters)["W1"][i] for i in range(MANY)]
        return np.stack(rows)


def _require_batches(bench: Bench) -> None:
    """One batch: of the size asked for, with its own labels, at random. All: every example."""
    marked = _Marked.of(bench.rng)
    slopes, once = marked.slopes(bench), marked.moved(bench, 1, 0.5)
    words = f"in train(..., batch_size={SMALL}) on {MANY} examples"
    if not np.isfinite(slopes).all() or (np.abs(slopes).max(1) <= STILL).any():
        raise FoundError(
            "loss() gives some examples no gradient of W1, so the batches of train() cannot be "
            "seen. The check of the gradients tells that; a person will look at the training.",
            verdict="needs_person",
            mistake="fault-in-the-loss",
        )
    used = np.flatnonzero(np.abs(once).max(1) > 0)
    shares = -(once * slopes).sum(1) / (slopes**2).sum(1)
    if np.abs(once + shares[:, None] * slopes).max() > CLOSE * np.abs(once).max():
        raise FoundError(
            f"The gradient of a batch is not that of its examples with their own labels {words}: "
            "choose X and y by the same indices.",
            mistake="labels-of-other-examples",
        )
    if len(used) == MANY and np.abs(shares / shares.mean() - 1).max() <= CLOSE:
        raise FoundError(
            f"Every step uses all {MANY} examples {words}: draw batch_size of them for each step.",
            mistake="batch-size-ignored",
        )
    counts = SMALL * shares / shares.sum()
    if len(used) > SMALL or np.abs(counts - np.round(counts)).max() > 0.05:
        raise FoundError(
            f"A step does not use {SMALL} examples {words}: {len(used)} different ones are in it.",
            mistake="another-batch-size",
        )
    in_a_row = len(used) == SMALL and used[-1] - used[0] == SMALL - 1
    if in_a_row:
        raise FoundError(
            f"The first step uses the examples {used[0]} to {used[-1]} in a row {words}: a batch "
            "is drawn at random (np.random.choice).",
            mistake="batch-not-random",
        )
    never = np.flatnonzero(np.abs(marked.moved(bench, LONG, 1e-3)).max(1) == 0)
    if len(never):
        raise FoundError(
            f"In {LONG} iterations {len(never)} of the examples are never used {words}: every step "
            "draws a batch of its own.",
            mistake="the-same-batch-in-every-step",
        )


TESTS = {"two_layer_net.train": CodeTest(train, FILE)}
