"""Initialisation, ReLU units and the hinge loss (lecture 7)."""

from __future__ import annotations

from fractions import Fraction

from question_bank.counts import positive, steps
from question_bank.grammar.functions import sqrt

Real = int | Fraction | float
Vector = tuple[Real, ...]


def initial_std(fan_in: int, scheme: str = "he") -> Real:
    """Standard deviation of the weights: "xavier" sqrt(1 / fan_in), "he" sqrt(2 / fan_in)."""
    positive(fan_in=fan_in)
    if scheme not in ("xavier", "he"):
        raise ValueError(f'there is no scheme "{scheme}": xavier or he')
    return sqrt(Fraction(2 if scheme == "he" else 1) / fan_in)


def relu_variances(fan_in: int, weight_variance: Real, input_square: Real, layers: int) -> Vector:
    """Variance of the pre-activations of each layer, with ReLU between the layers and no biases.

    Weights are independent with mean 0, `input_square` is the mean of a squared input. A ReLU halves the mean square of
    a symmetric pre-activation.
    """
    positive(fan_in=fan_in, layers=layers)
    steps(layers=layers)
    if weight_variance < 0 or input_square < 0:
        raise ValueError("a variance must not be negative")
    gain = fan_in * weight_variance
    return tuple(gain * input_square * (gain * Fraction(1, 2)) ** layer for layer in range(layers))


def relu_unit_gradient(
    inputs: tuple[Vector, ...], weights: Vector, bias: Real, upstream: Vector
) -> Vector:
    """(dL/dw_1, ..., dL/dw_n, dL/db) of h = max(0, w x + b), summed over the samples; upstream is dL/dh.

    ValueError where a pre-activation is 0: ReLU has no derivative there.
    """
    if len(inputs) != len(upstream):
        raise ValueError(f"{len(inputs)} samples and {len(upstream)} upstream gradients")
    total: list[Real] = [0] * (len(weights) + 1)
    for x, g in zip(inputs, upstream, strict=True):
        z = sum((w * v for w, v in zip(weights, x, strict=True)), start=bias)
        if z == 0:
            raise ValueError("a pre-activation is 0")
        if z > 0:
            total = [t + g * v for t, v in zip(total, (*x, 1), strict=True)]
    return tuple(total)


def multiclass_hinge(scores: Vector, target: int, margin: Real = 1) -> Real:
    """Sum over the wrong classes of max(0, s_j - s_target + margin); classes are counted from 0."""
    if not 0 <= target < len(scores):
        raise ValueError(f"there is no class {target} among {len(scores)}")
    terms = (max(0, s - scores[target] + margin) for j, s in enumerate(scores) if j != target)
    return sum(terms, start=0)
