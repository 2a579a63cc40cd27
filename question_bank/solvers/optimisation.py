"""Steps of the optimisers, stability and step counts (lecture 5). Vectors are tuples, entry by entry."""

from __future__ import annotations

from fractions import Fraction

from question_bank.counts import positive, share_below_one
from question_bank.counts import steps as counted_steps
from question_bank.grammar.functions import sqrt

Real = int | Fraction | float
Vector = tuple[Real, ...]
Symmetric = tuple[tuple[Real, Real], tuple[Real, Real]]


def gd_on_quadratic(theta: Real, curvature: Real, rate: Real, steps: int) -> Real:
    """Gradient descent on L = curvature / 2 * theta^2: theta (1 - rate curvature)^steps."""
    counted_steps(steps=steps)
    return theta * (1 - rate * curvature) ** steps


def stable_rate_limit(hessian: Symmetric) -> Real:
    """The learning rate below which gradient descent converges on theta^T H theta / 2: 2 / largest eigenvalue.

    H is symmetric, 2 x 2 and positive definite.
    """
    smallest, largest = eigenvalues_2x2(hessian)
    if smallest <= 0:
        raise ValueError("the Hessian is not positive definite")
    return 2 / largest if isinstance(largest, float) else Fraction(2) / largest


def eigenvalues_2x2(matrix: Symmetric) -> tuple[Real, Real]:
    """The eigenvalues of a symmetric 2 x 2 matrix, the smaller first; exact where they are fractions."""
    (a, b), (c, d) = matrix
    if b != c:
        raise ValueError("the matrix is not symmetric")
    half, root = Fraction(a + d) / 2, sqrt(Fraction(a - d) ** 2 / 4 + b * b)
    return half - root, half + root


def momentum_step(
    theta: Vector, velocity: Vector, gradient: Vector, rate: Real, beta: Real
) -> tuple[Vector, Vector]:
    """(theta, velocity) after v <- beta v - rate g, theta <- theta + v. For Nesterov, g is taken at theta + beta v."""
    after = tuple(beta * v - rate * g for v, g in zip(velocity, gradient, strict=True))
    return tuple(t + v for t, v in zip(theta, after, strict=True)), after


def momentum_terminal_velocity(gradient: Real, rate: Real, beta: Real) -> Real:
    """Where v <- beta v - rate g ends under a constant gradient: -rate g / (1 - beta)."""
    if not 0 <= beta < 1:
        raise ValueError(f"beta must lie in [0, 1), not {beta}")
    return -rate * gradient / (1 - beta)


def adam_step(
    theta: Vector,
    m: Vector,
    v: Vector,
    gradient: Vector,
    t: int,
    rate: Real,
    beta1: Real,
    beta2: Real,
    correct: bool = True,
) -> tuple[Vector, Vector, Vector]:
    """(theta, m, v) after Adam's step number t (from 1) with epsilon = 0; `correct=false` leaves the bias in."""
    positive(t=t)
    counted_steps(t=t)
    share_below_one(beta1=beta1, beta2=beta2)
    if 0 in gradient and t == 1:
        raise ValueError("with epsilon = 0, a gradient of 0 gives 0 / 0 in the first step")
    m = tuple(beta1 * a + (1 - beta1) * g for a, g in zip(m, gradient, strict=True))
    v = tuple(beta2 * a + (1 - beta2) * g * g for a, g in zip(v, gradient, strict=True))
    first, second = (1 - beta1**t, 1 - beta2**t) if correct else (1, 1)
    moved = tuple(
        p - rate * (a / first) / sqrt(b / second) for p, a, b in zip(theta, m, v, strict=True)
    )
    return moved, m, v


def adam_steps(
    gradients: tuple[Vector | Real, ...],
    theta: Vector | Real = 0,
    rate: Real = Fraction(1, 1000),
    beta1: Real = Fraction(9, 10),
    beta2: Real = Fraction(999, 1000),
    epsilon: Real = 0,
    correct: bool = True,
) -> tuple[Vector | Real, ...]:
    """Adam's parameters after each step, for the gradient of each step (a number, or a vector for several parameters).

    theta <- theta - rate m^ / (sqrt(v^) + epsilon), m^ = m / (1 - beta1^t), v^ = v / (1 - beta2^t), t from 1, moments
    from 0; `correct=false` leaves the bias in. With epsilon = 0, a first gradient of 0 has no step.
    """
    share_below_one(beta1=beta1, beta2=beta2)
    single = not isinstance(theta, tuple)
    rows = [g if isinstance(g, tuple) else (g,) for g in gradients]
    place: Vector = theta if isinstance(theta, tuple) else (theta,)
    m: Vector = (0,) * len(place)
    v = m
    after: list[Vector | Real] = []
    for t, gradient in enumerate(rows, 1):
        m = tuple(beta1 * a + (1 - beta1) * g for a, g in zip(m, gradient, strict=True))
        v = tuple(beta2 * a + (1 - beta2) * g * g for a, g in zip(v, gradient, strict=True))
        first, second = (1 - beta1**t, 1 - beta2**t) if correct else (1, 1)
        divisors = [sqrt(b / second) + epsilon for b in v]
        if 0 in divisors:
            raise ValueError(f"step {t} divides by 0: its gradients were all 0, and epsilon is 0")
        place = tuple(
            p - rate * (a / first) / d for p, a, d in zip(place, m, divisors, strict=True)
        )
        after.append(place[0] if single else place)
    return tuple(after)


def newton_step(theta: Vector, gradient: Vector, hessian: Symmetric) -> Vector:
    """theta - H^-1 g for a 2 x 2 Hessian; exact."""
    (a, b), (c, d) = hessian
    determinant = Fraction(a * d - b * c)
    if determinant == 0:
        raise ValueError("the Hessian is singular")
    x, y = gradient
    return theta[0] - (d * x - b * y) / determinant, theta[1] - (a * y - c * x) / determinant


def training_iterations(samples: int, batch: int, epochs: int = 1, drop_last: bool = False) -> int:
    """Parameter updates: batches per epoch (the last one may be smaller, unless dropped) times epochs."""
    positive(samples=samples, batch=batch, epochs=epochs)
    return epochs * (samples // batch if drop_last else -(-samples // batch))


def quadratic_path(
    method: str,
    curvatures: Vector,
    start: Vector,
    rate: Real = 1,
    beta: Real = 0,
    steps: int = 10,
) -> tuple[Vector, ...]:
    """The points of "gd", "momentum" (v <- beta v - rate g) or "newton" on sum_i curvature_i theta_i^2 / 2, as floats."""
    if method not in ("gd", "momentum", "newton"):
        raise ValueError(f'there is no method "{method}": gd, momentum or newton')
    counted_steps(steps=steps)
    theta: Vector = tuple(float(t) for t in start)
    velocity: Vector = (0.0,) * len(theta)
    points: list[Vector] = [theta]
    for _ in range(steps):
        gradient: Vector = tuple(float(c) * t for c, t in zip(curvatures, theta, strict=True))
        if method == "newton":
            gradient = theta
        kept = float(beta) if method == "momentum" else 0.0
        theta, velocity = momentum_step(theta, velocity, gradient, float(rate), kept)
        points.append(theta)
    return tuple(points)
