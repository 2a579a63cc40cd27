"""Gauss-Newton, Levenberg-Marquardt, quasi-Newton and line searches (lecture 5). Vectors are tuples."""

from __future__ import annotations

from fractions import Fraction

from question_bank.counts import steps as counted_steps
from question_bank.grammar.functions import dot, matmul, transpose

Real = int | Fraction | float
Vector = tuple[Real, ...]
Matrix = tuple[Vector, ...]


def gauss_newton_step(jacobian: Matrix, residuals: Vector, damping: Real = 0) -> Vector:
    """delta of (J^T J + damping I) delta = -J^T r, for one or two parameters; exact.

    The loss is |r|^2 / 2 and J the Jacobian of r, a row for each residual. Damping 0 is Gauss-Newton's method.
    """
    columns = transpose(jacobian)
    right = tuple(-dot(column, residuals) for column in columns)
    if len(columns) == 1:
        return (_quotient(right[0], dot(columns[0], columns[0]) + damping),)
    if len(columns) != 2:
        raise ValueError(f"one or two parameters, not {len(columns)}")
    a, b = dot(columns[0], columns[0]) + damping, dot(columns[0], columns[1])
    d = dot(columns[1], columns[1]) + damping
    determinant = a * d - b * b
    x = _quotient(d * right[0] - b * right[1], determinant)
    return x, _quotient(a * right[1] - b * right[0], determinant)


def secant_step(before: Real, theta: Real, gradient_before: Real, gradient: Real) -> Real:
    """One quasi-Newton step in one dimension: the curvature is the slope between the last two gradients."""
    if before == theta:
        raise ValueError("the two points must differ")
    curvature = _quotient(gradient - gradient_before, theta - before)
    return theta - _quotient(gradient, curvature)


def line_search_path(
    hessian: Matrix, minimum: Vector, start: Vector, steps: int, conjugate: bool = False
) -> tuple[Vector, ...]:
    """Points of exact line searches on (theta - minimum)^T H (theta - minimum) / 2.

    Along the negative gradient, or along conjugate directions (Fletcher-Reeves): d <- -g + (g^T g / old g^T g) d.
    The path ends early in the minimum.
    """
    counted_steps(steps=steps)
    theta, points = start, [start]
    gradient = _slope(hessian, minimum, theta)
    direction = tuple(-g for g in gradient)
    for _ in range(steps):
        if not any(gradient):
            break
        bent = dot(direction, _times(hessian, direction))
        length = _quotient(-dot(gradient, direction), bent)
        theta = tuple(t + length * d for t, d in zip(theta, direction, strict=True))
        points.append(theta)
        old, gradient = gradient, _slope(hessian, minimum, theta)
        kept = _quotient(dot(gradient, gradient), dot(old, old)) if conjugate else 0
        direction = tuple(kept * d - g for d, g in zip(direction, gradient, strict=True))
    return tuple(points)


def _slope(hessian: Matrix, minimum: Vector, theta: Vector) -> Vector:
    return _times(hessian, tuple(t - m for t, m in zip(theta, minimum, strict=True)))


def _times(matrix: Matrix, vector: Vector) -> Vector:
    column: Matrix = matmul(matrix, tuple((x,) for x in vector))
    return tuple(row[0] for row in column)


def _quotient(a: Real, b: Real) -> Real:
    if b == 0:
        raise ValueError("the matrix (or the curvature) of the step is zero or singular")
    return a / b if isinstance(a, float) or isinstance(b, float) else Fraction(a) / Fraction(b)
