"""Penalties and their minimisers, dropout, ensembles and mirrored keypoints (lecture 8)."""

from __future__ import annotations

from fractions import Fraction

from question_bank.counts import positive
from question_bank.counts import steps as counted_steps

Real = int | Fraction | float
Vector = tuple[Real, ...]


def penalised_step(
    weight: Real, gradient: Real, learning_rate: Real, strength: Real, penalty: str
) -> Real:
    """One step of gradient descent on loss + strength * w^2 ("L2", no factor 1/2) or strength * |w| ("L1").

    `gradient` is that of the loss without the penalty. |w| has no derivative at 0: ValueError.
    """
    if penalty == "L2":
        slope = 2 * strength * weight
    elif penalty == "L1":
        if weight == 0:
            raise ValueError("|w| has no derivative at 0")
        slope = strength if weight > 0 else -strength
    else:
        raise ValueError(f'there is no penalty "{penalty}": L1 or L2')
    return weight - learning_rate * (gradient + slope)


def ridge_minimiser(best: Real, curvature: Real, strength: Real) -> Real:
    """Where curvature / 2 (w - best)^2 + strength / 2 w^2 is smallest (both with the factor 1/2)."""
    _check_bowl(curvature, strength)
    return Fraction(curvature) / (curvature + strength) * best


def lasso_minimiser(best: Real, curvature: Real, strength: Real) -> Real:
    """Where curvature / 2 (w - best)^2 + strength |w| is smallest: drawn to 0 by strength / curvature."""
    _check_bowl(curvature, strength)
    size = (best if best > 0 else -best) - Fraction(strength) / curvature
    if size <= 0:
        return Fraction(0)
    return size if best > 0 else -size


def stopped_descent(best: Real, curvature: Real, learning_rate: Real, steps: int) -> Real:
    """w after so many steps of gradient descent from 0 on curvature / 2 (w - best)^2."""
    counted_steps(steps=steps)
    return (1 - (1 - learning_rate * Fraction(curvature)) ** steps) * best


def ensemble_variance(members: int, variance: Real, covariance: Real = 0) -> Real:
    """Variance of the mean of so many errors of one variance, each two with the same covariance."""
    positive(members=members)
    return Fraction(1, members) * (variance + (members - 1) * covariance)


def dropout_mean(products: Vector, bias: Real, drop: Real, inverted: bool = True) -> Real:
    """Expected w x + b in training, where each product w_i x_i is dropped with probability `drop`.

    Inverted dropout divides what is kept by 1 - drop; the bias is never dropped.
    """
    keep = _keep(drop)
    return sum(products) * (1 if inverted else keep) + bias


def dropout_largest(products: Vector, bias: Real, drop: Real, inverted: bool = True) -> Real:
    """The largest w x + b over all masks: the positive products kept, the others dropped."""
    kept = sum((p for p in products if p > 0), start=Fraction(0))
    return kept / (_keep(drop) if inverted else 1) + bias


def mirrored_column(column: int, width: int) -> int:
    """The column of a pixel after mirroring left and right, columns counted from 0 to width - 1."""
    if not 0 <= column < width:
        raise ValueError(f"column {column} is outside of 0 to {width - 1}")
    return width - 1 - column


def _check_bowl(curvature: Real, strength: Real) -> None:
    if curvature <= 0 or strength < 0:
        raise ValueError(f"curvature {curvature} and strength {strength}: positive, not negative")


def _keep(drop: Real) -> Real:
    if not 0 <= drop < 1:
        raise ValueError(f"the probability to drop must lie in [0, 1), not {drop}")
    return 1 - drop
