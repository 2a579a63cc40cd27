"""Gradients of layers and losses, exact (lecture 4)."""

from __future__ import annotations

from fractions import Fraction

Real = int | Fraction
Vector = tuple[Real, ...]
Matrix = tuple[Vector, ...]


def affine_rows(x: Matrix, w: Matrix, b: Vector) -> Matrix:
    """X W + b with one sample a row: X (N, D), W (D, M), b (M,)."""
    columns = tuple(zip(*w, strict=True))
    if len(columns) != len(b) or any(len(row) != len(w) for row in x):
        raise ValueError("the shapes do not fit: X (N, D), W (D, M), b (M,)")
    return tuple(
        tuple(
            sum((p * q for p, q in zip(row, column, strict=True)), start=bias)
            for column, bias in zip(columns, b, strict=True)
        )
        for row in x
    )


def affine_weight_gradient(x: Matrix, upstream: Matrix) -> Matrix:
    """dL/dW = X^T dY for Y = X W + b, with the samples as rows."""
    return _product(_transposed(x), upstream)


def affine_input_gradient(w: Matrix, upstream: Matrix) -> Matrix:
    """dL/dX = dY W^T for Y = X W + b, with the samples as rows."""
    return _product(upstream, _transposed(w))


def affine_bias_gradient(upstream: Matrix) -> Vector:
    """dL/db: the rows of dY added up (the sum over the samples, not the mean)."""
    return tuple(sum(column) for column in zip(*upstream, strict=True))


def softmax_loss_gradient(probabilities: Vector, label: int, batch: int = 1) -> Vector:
    """Gradient of the batch's mean cross-entropy in one sample's logits: (p - y) / batch, label from 0."""
    if not 0 <= label < len(probabilities):
        raise ValueError(f"there is no class {label}")
    if sum(probabilities) != 1:
        raise ValueError("the probabilities do not add up to 1")
    if batch < 1:
        raise ValueError(f"a batch has at least one sample, not {batch}")
    return tuple(Fraction(p - (i == label)) / batch for i, p in enumerate(probabilities))


def _transposed(a: Matrix) -> Matrix:
    return tuple(zip(*a, strict=True))


def _product(a: Matrix, b: Matrix) -> Matrix:
    if any(len(row) != len(b) for row in a):
        raise ValueError("the shapes do not fit")
    return affine_rows(a, b, (0,) * len(b[0]))
