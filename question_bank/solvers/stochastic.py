"""Stochastic gradients and running moments (lecture 5). Vectors are tuples, entry by entry."""

from __future__ import annotations

import random
from fractions import Fraction
from functools import lru_cache

from question_bank.grammar.functions import sqrt

Real = int | Fraction | float
Vector = tuple[Real, ...]


def rmsprop_step(
    theta: Vector, square: Vector, gradient: Vector, rate: Real, decay: Real
) -> tuple[Vector, Vector]:
    """(theta, s) after s <- decay s + (1 - decay) g^2, theta <- theta - rate g / sqrt(s); epsilon is 0."""
    after = tuple(decay * s + (1 - decay) * g * g for s, g in zip(square, gradient, strict=True))
    if 0 in after:
        raise ValueError("with epsilon = 0, the mean of squares must not be 0")
    moved = tuple(t - rate * g / sqrt(s) for t, g, s in zip(theta, gradient, after, strict=True))
    return moved, after


def running_moments(values: Vector, beta: Real, start: Real = 0) -> Vector:
    """m after each value, m <- beta m + (1 - beta) value; without bias correction."""
    found: list[Real] = []
    m = start
    for value in values:
        m = beta * m + (1 - beta) * value
        found.append(m)
    return tuple(found)


def sgd_towards_samples(samples: Vector, start: Real, rates: Vector) -> Vector:
    """theta after each step of SGD on the losses (theta - x_i)^2 / 2, a sample and a rate for each step."""
    found: list[Real] = []
    theta = start
    for x, rate in zip(samples, rates, strict=True):
        theta = theta - rate * (theta - x)
        found.append(theta)
    return tuple(found)


def minibatch_losses(batch: int, seed: int, steps: int = 40, rate: Real = 0.1) -> Vector:
    """The loss of each minibatch while SGD learns the mean of noisy samples, to draw curves; seeded.

    The loss of a sample is (theta - x)^2 / 2, x normal with mean 0 and variance 1, theta 2.4 at the start.
    """
    if not 1 <= batch <= 1024 or not 1 <= steps <= 200:
        raise ValueError(f"batch from 1 to 1024 and steps from 1 to 200, not {batch} and {steps}")
    return _curve(batch, seed, steps, float(rate))


# The same curve is asked for by the figure, the statements and the mistakes of a draw.
@lru_cache(maxsize=512)
def _curve(batch: int, seed: int, steps: int, rate: float) -> Vector:
    rng = random.Random(f"{seed}:{batch}")  # noqa: S311  a picture, not a secret
    theta, found = 2.4, []
    for _ in range(steps):
        samples = [rng.gauss(0, 1) for _ in range(batch)]
        found.append(round(sum((theta - x) ** 2 for x in samples) / (2 * batch), 3))
        theta -= rate * (theta - sum(samples) / batch)
    return tuple(found)
