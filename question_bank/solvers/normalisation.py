"""Batch normalisation by hand: forward, backward, running statistics, and folding into the layer before (lecture 8)."""

from __future__ import annotations

from fractions import Fraction

from question_bank.grammar.functions import sqrt

Real = int | Fraction | float
Vector = tuple[Real, ...]


def batchnorm_column(values: Vector, gamma: Real, beta: Real) -> Vector:
    """Batch normalisation of one feature in training mode: gamma (x - mean) / sigma + beta.

    The variance is the biased one (divided by N), epsilon is left out. Exact where sigma is a fraction.
    """
    return tuple(gamma * value + beta for value in _normalised(values))


def batchnorm_parameter_gradients(values: Vector, upstream: Vector) -> tuple[Real, Real]:
    """(dL/dgamma, dL/dbeta) for one feature, from dL/dy: sums over the batch; epsilon is left out."""
    if len(values) != len(upstream):
        raise ValueError(f"{len(values)} values and {len(upstream)} gradients")
    scaled = _normalised(values)
    return sum((g * x for g, x in zip(upstream, scaled, strict=True)), start=0), sum(upstream)


def batchnorm_input_gradient(values: Vector, upstream: Vector, gamma: Real) -> Vector:
    """dL/dx for one feature in training mode: gamma / sigma (g - mean(g) - x_hat mean(g x_hat)), g = dL/dy.

    The statistics depend on x; the variance is the biased one, epsilon is left out.
    """
    slope, shift = batchnorm_parameter_gradients(values, upstream)
    size = len(values)
    mean = sum(values, start=Fraction(0)) / size
    sigma = sqrt(sum(((v - mean) ** 2 for v in values), start=Fraction(0)) / size)
    return tuple(
        _exact(gamma) / _exact(sigma) * (g - _exact(shift) / size - x * _exact(slope) / size)
        for g, x in zip(upstream, _normalised(values), strict=True)
    )


def layernorm_row(values: Vector) -> Vector:
    """Layer normalisation of one sample without gamma and beta: (x - mean) / sigma over its features.

    The variance is the biased one, epsilon is left out.
    """
    return _normalised(values)


def running_average(old: Real, sample: Real, momentum: Real) -> Real:
    """momentum * old + (1 - momentum) * sample: the momentum weights the old value (torch's weights the new one)."""
    if not 0 <= momentum <= 1:
        raise ValueError(f"the momentum must lie between 0 and 1, not {momentum}")
    return momentum * old + (1 - momentum) * sample


def fold_batchnorm(
    weights: Vector, bias: Real, mean: Real, variance: Real, gamma: Real, beta: Real
) -> Vector:
    """(w1', ..., wn', b') of the one affine map that equals w x + b followed by batch normalisation in test mode.

    `mean` and `variance` are the running statistics; epsilon is left out.
    """
    if variance <= 0:
        raise ValueError(f"the variance must be positive, not {variance}")
    scale = gamma / _exact(sqrt(variance))
    return (*(scale * w for w in weights), scale * (bias - mean) + beta)


def _normalised(values: Vector) -> Vector:
    if len(values) < 2 or len(set(values)) == 1:
        raise ValueError("a batch needs at least two different values")
    mean = sum(values, start=Fraction(0)) / len(values)
    variance = sum(((v - mean) ** 2 for v in values), start=Fraction(0)) / len(values)
    sigma = sqrt(variance)
    return tuple((v - mean) / sigma for v in values)


def _exact(value: Real) -> Fraction | float:
    return value if isinstance(value, float) else Fraction(value)
