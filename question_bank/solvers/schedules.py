"""Learning rate schedules, early stopping and the search for hyperparameters (lecture 6)."""

from __future__ import annotations

import math
from fractions import Fraction

from question_bank.counts import steps
from question_bank.grammar.functions import log10

Real = int | Fraction | float


def step_decay(rate: Real, factor: Real, every: int, epoch: int) -> Real:
    """rate factor^floor(epoch / every); epochs are counted from 0."""
    if every < 1 or epoch < 0:
        raise ValueError(f"every must be from 1 and epoch from 0, not {every} and {epoch}")
    steps(drops=epoch // every)
    return rate * factor ** (epoch // every)


def inverse_time_decay(rate: Real, decay: Real, epoch: Real) -> Real:
    """rate / (1 + decay epoch); epochs are counted from 0."""
    if decay < 0 or epoch < 0:
        raise ValueError(f"decay and epoch must not be negative, not {decay} and {epoch}")
    return _quotient(rate, 1 + decay * epoch)


def cosine_decay(rate: Real, progress: Real) -> Real:
    """rate / 2 (1 + cos(pi progress)) for progress from 0 to 1; exact at 0, 1/3, 1/2, 2/3 and 1."""
    if not 0 <= progress <= 1:
        raise ValueError(f"progress runs from 0 to 1, not {progress}")
    if not isinstance(progress, float) and 6 % Fraction(progress).denominator == 0:
        exact = {0: 4, 2: 3, 3: 2, 4: 1, 6: 0}.get(int(6 * Fraction(progress)))
        if exact is not None:
            return _quotient(rate * exact, 4)
    return rate / 2 * (1 + math.cos(math.pi * progress))


def early_stopping(values: tuple[Real, ...], patience: int, min_delta: Real = 0) -> tuple[int, int]:
    """(last epoch, best epoch), counted from 1; lower is better.

    Training stops after `patience` epochs in a row without a new lowest value, and keeps the weights of the best
    epoch so far. Only a value that is strictly lower, by at least `min_delta`, than that of the best epoch so far
    makes a new best epoch. ValueError where training does not stop within the values.
    """
    if patience < 1:
        raise ValueError(f"patience must be a whole number from 1, not {patience}")
    best = 0
    for epoch, value in enumerate(values):
        if value <= values[best] - min_delta and value < values[best]:
            best = epoch
        if epoch - best == patience:
            return epoch + 1, best + 1
    raise ValueError(f"training does not stop within {len(values)} epochs")


def log_uniform_share(low: Real, high: Real, first: Real, last: Real) -> Real:
    """The share of draws in [first, last] where the logarithm is uniform on [log low, log high]."""
    if not 0 < low <= first <= last <= high or low == high:
        raise ValueError("the interval must lie inside the range, and the range above 0")
    return _quotient(_decades(first, last), _decades(low, high))


def _decades(a: Real, b: Real) -> Real:
    if isinstance(a, float) or isinstance(b, float):
        return log10(b / a)
    ratio, count = Fraction(b) / Fraction(a), 0
    while ratio % 10 == 0:
        ratio, count = ratio / 10, count + 1
    # A whole number of decades stays exact.
    return count if ratio == 1 else count + log10(ratio)


def _quotient(a: Real, b: Real) -> Real:
    return a / b if isinstance(a, float) or isinstance(b, float) else Fraction(a) / Fraction(b)
