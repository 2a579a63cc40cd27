"""Second-order methods (lecture 5) by torch, numpy and simulation."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any


def torch_hessian_entries(inputs: int, outputs: int) -> int:
    """Entries of the Hessian of a fully connected layer's loss, by torch's autograd."""
    import torch

    generator = torch.Generator().manual_seed(5)
    x = torch.randn(inputs, generator=generator, dtype=torch.float64)
    layer = torch.nn.Linear(inputs, outputs, dtype=torch.float64)
    size = sum(p.numel() for p in layer.parameters())

    def loss(flat: Any) -> Any:
        w, b = flat[: inputs * outputs], flat[inputs * outputs :]
        return torch.tanh(w.view(outputs, inputs) @ x + b).pow(2).sum()

    functional: Any = torch.autograd.functional
    return int(functional.hessian(loss, torch.zeros(size, dtype=torch.float64)).numel())


def quasi_newton_claims(
    exponent: int,
    history: int,
    dimension: int,
    cg_claim: int,
    bfgs_power: int,
    vectors: int,
    needs_hessian: int,
) -> list[bool]:
    """The statements on CG, BFGS and L-BFGS, by running them on small problems."""
    entries = [_bfgs(n)[0] for n in (4, 8)]
    power = round(math.log2(entries[1] / entries[0]))
    minimised_by_gradients = _bfgs(6)[1] < 1e-6
    return [
        _cg_steps(dimension) == cg_claim,
        power == bfgs_power,
        vectors * 10**exponent == _lbfgs_numbers(history) * 10**exponent,
        needs_hessian == 0 and minimised_by_gradients,
    ]


@lru_cache(maxsize=16)
def _cg_steps(dimension: int) -> int:
    """Steps of conjugate gradients in exact arithmetic until the gradient is zero, Hessian diag(1, ..., n)."""
    from fractions import Fraction

    curvatures = [Fraction(k + 1) for k in range(dimension)]
    theta = [Fraction(1)] * dimension
    gradient = [c * t for c, t in zip(curvatures, theta, strict=True)]
    direction = [-g for g in gradient]
    steps = 0
    while any(gradient):
        bent = sum((c * d * d for c, d in zip(curvatures, direction, strict=True)), Fraction(0))
        length = sum((g * g for g in gradient), Fraction(0)) / bent
        theta = [t + length * d for t, d in zip(theta, direction, strict=True)]
        old, gradient = gradient, [c * t for c, t in zip(curvatures, theta, strict=True)]
        squares = [sum((g * g for g in gs), Fraction(0)) for gs in (gradient, old)]
        kept = squares[0] / squares[1]
        direction = [kept * d - g for d, g in zip(direction, gradient, strict=True)]
        steps += 1
    return steps


@lru_cache(maxsize=16)
def _bfgs(size: int) -> tuple[int, float]:
    """(entries of the matrix that BFGS keeps, norm of the last gradient); it sees gradients alone."""
    import numpy as np

    curvatures = np.arange(1, size + 1.0)
    theta, inverse = np.ones(size), np.eye(size)
    gradient = curvatures * theta
    for _ in range(20 * size):
        if np.linalg.norm(gradient) < 1e-9:
            break
        direction = -inverse @ gradient
        length = -(gradient @ direction) / (curvatures * direction @ direction)
        s = length * direction
        theta = theta + s
        y = curvatures * theta - gradient
        gradient = gradient + y
        rho = 1 / (y @ s)
        left = np.eye(size) - rho * np.outer(s, y)
        inverse = left @ inverse @ left.T + rho * np.outer(s, s)
    return inverse.size, float(np.linalg.norm(gradient))


@lru_cache(maxsize=16)
def _lbfgs_numbers(history: int) -> int:
    """Numbers for each weight in the pairs that torch's L-BFGS keeps once its history is full."""
    import torch

    size = 60
    theta = torch.linspace(0.5, 2.0, size, dtype=torch.float64, requires_grad=True)
    weights = torch.logspace(0, 3, size, dtype=torch.float64)
    optimiser = torch.optim.LBFGS(
        [theta],
        lr=0.3,
        max_iter=history + 30,
        history_size=history,
        tolerance_grad=0,
        tolerance_change=0,
    )

    def closure() -> Any:
        optimiser.zero_grad()
        loss = (weights * theta**4).sum() + (theta**2).sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    state = optimiser.state[theta]
    pairs: list[Any] = [*state["old_dirs"], *state["old_stps"]]
    return int(sum(t.numel() for t in pairs)) // size


def vertex_through_three_losses(knots: Any, theta: Any) -> float:
    """The vertex of the parabola through three values of the loss, the integral of a piecewise linear derivative."""
    import numpy as np

    xs, ys = ([float(p[k]) for p in knots] for k in (0, 1))

    def loss(x: float) -> float:
        grid = np.arange(xs[0], x + 0.25, 0.5)  # each corner lies on it: the sum is exact
        heights = np.interp(grid, xs, ys)
        return float(((heights[1:] + heights[:-1]) / 2 * np.diff(grid)).sum())

    near = [float(theta) - 0.5, float(theta), float(theta) + 0.5]
    a, b, _ = np.polyfit(near, [loss(x) for x in near], 2)
    return float(f"{-b / (2 * a):.6g}")


def damping_by_bisection(jacobian: Any, residuals: Any, parts: int) -> float:
    """The lambda at which the damped step is 1/parts of the undamped one, by trying."""
    import numpy as np

    j, r = (np.array([[float(x)] for x in values]) for values in (jacobian, residuals))

    def step(damping: float) -> float:
        # The damped step minimises |J d + r|^2 + damping |d|^2: plain least squares with one more row.
        rows = np.vstack([j, [[math.sqrt(damping)]]])
        return float(np.linalg.lstsq(rows, -np.vstack([r, [[0.0]]]), rcond=None)[0][0, 0])

    low, high = 0.0, 1e4
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if step(middle) / step(0.0) > 1 / parts else (low, middle)
    return float(f"{low:.8g}")


def valley_by_running(through: Any) -> list[float]:
    """(condition number, factor of a step) of the ellipse with these half axes, by numpy and by running descent."""
    import numpy as np

    hessian = np.diag([1 / float(x) ** 2 for x in through])
    rate = 2 / np.trace(hessian)
    theta = np.array([1.0, 1.0])
    norms = []
    for _ in range(21):
        norms.append(float(np.abs(theta).max()))
        theta = theta - rate * hessian @ theta
    return [float(np.linalg.cond(hessian)), (norms[20] / norms[0]) ** (1 / 20)]


def parabola_from_gradients(before: Any, theta: Any, gradient_before: Any, gradient: Any) -> float:
    """The vertex of the parabola whose slopes at two points are given, by a linear system."""
    import numpy as np

    rows = np.array([[2 * float(before), 1.0], [2 * float(theta), 1.0]])
    a, b = np.linalg.solve(rows, [float(gradient_before), float(gradient)])
    return float(f"{-b / (2 * a):.9g}")


def rate_of_the_path(curvature: Any, centre: Any, path: Any) -> float:
    """The learning rate at which torch's SGD walks the path, by bisection on its first step."""
    import torch

    def walk(rate: float) -> list[float]:
        theta = torch.tensor(float(path[0]), dtype=torch.float64, requires_grad=True)
        optimiser = torch.optim.SGD([theta], lr=rate)
        found = []
        for _ in path[1:]:
            optimiser.zero_grad()
            (float(curvature) / 2 * (theta - float(centre)) ** 2).backward()
            optimiser.step()
            found.append(float(theta.detach()))
        return found

    way = math.copysign(1.0, float(centre) - float(path[0]))
    low, high = 0.0, 4.0
    for _ in range(60):
        middle = (low + high) / 2
        short = (float(path[1]) - walk(middle)[0]) * way > 0
        low, high = (middle, high) if short else (low, middle)
    if not all(
        math.isclose(x, float(y), abs_tol=1e-6) for x, y in zip(walk(low), path[1:], strict=True)
    ):
        raise ValueError("no constant learning rate walks this path")
    return float(f"{low:.9g}")


def torch_growth_fit(a: Any, labels: Any, what: str) -> Any:
    """residuals, jacobian, step or losses of a b^x fitted to labels at 0, 1, 2 from (a, 1), by torch and numpy."""
    import numpy as np
    import torch

    y = torch.tensor(_plain(labels), dtype=torch.float64)
    x = torch.arange(3, dtype=torch.float64)
    start = torch.tensor([float(a), 1.0], dtype=torch.float64)

    def residuals(theta: Any) -> Any:
        return theta[0] * theta[1] ** x - y

    def loss(theta: Any) -> float:
        return float(0.5 * (residuals(theta) ** 2).sum())

    functional: Any = torch.autograd.functional
    if what == "residuals":
        return [float(r) for r in residuals(start)]
    jacobian = functional.jacobian(residuals, start)
    if what == "jacobian":
        return [[float(v) for v in row] for row in jacobian]
    delta = np.linalg.lstsq(jacobian.numpy(), -residuals(start).numpy(), rcond=None)[0]
    after = start + torch.tensor(delta)
    if what == "step":
        return [float(f"{v:.9g}") for v in after.tolist()]
    return [loss(start), float(f"{loss(after):.9g}")]


def torch_double_well(a: Any, c: Any, x: Any, y: Any, what: str) -> Any:
    """gradient, critical, hessian, determinants or newton of x^4/4 - a^2 x^2/2 + c (y - x)^2/2, by torch and sympy."""
    import torch

    def loss(theta: Any) -> Any:
        u, v = theta
        return u**4 / 4 - float(a) ** 2 * u**2 / 2 + float(c) * (v - u) ** 2 / 2

    functional: Any = torch.autograd.functional

    def at(*place: Any) -> Any:
        return torch.tensor([float(p) for p in place], dtype=torch.float64)

    if what == "gradient":
        return functional.jacobian(loss, at(x, y)).tolist()
    if what == "critical":
        return list(_double_well_rests(int(a), int(c)))
    if what == "hessian":
        return functional.hessian(loss, at(0, 0)).tolist()
    if what == "determinants":
        places = (at(0, 0), at(a, a))
        found = [float(torch.linalg.eigvalsh(functional.hessian(loss, p)).prod()) for p in places]
        return [float(f"{d:.9g}") for d in found]
    step = torch.linalg.solve(
        functional.hessian(loss, at(x, y)), functional.jacobian(loss, at(x, y))
    )
    return [float(f"{v:.9g}") for v in (at(x, y) - step).tolist()]


@lru_cache(maxsize=128)
def _double_well_rests(a: int, c: int) -> tuple[int, ...]:
    import sympy

    u, v = sympy.symbols("u v", real=True)
    formula = u**4 / 4 - a**2 * u**2 / 2 + c * (v - u) ** 2 / sympy.Integer(2)
    found = sympy.solve([formula.diff(u), formula.diff(v)], [u, v], dict=True)
    return tuple(sorted(int(solution[u]) for solution in found))


def torch_conjugate_gradients(hessian: Any, b: Any, theta: Any, what: str) -> list[float]:
    """gradient, first point, second direction or second point, by autograd and by what defines them.

    The first point is the best one along the gradient (by a search); the second direction is conjugate to the first;
    the second point is the minimum of the quadratic loss.
    """
    import numpy as np
    import torch

    h, c, start = (torch.tensor(_plain(v), dtype=torch.float64) for v in (hessian, b, theta))

    def loss(t: Any) -> Any:
        return 0.5 * t @ h @ t - c @ t

    functional: Any = torch.autograd.functional
    gradient = functional.jacobian(loss, start)
    if what == "gradient":
        return [float(v) for v in gradient]
    if what == "second":
        return [float(f"{v:.9g}") + 0.0 for v in np.linalg.solve(h.numpy(), c.numpy()).round(9)]
    # The parabola through three losses along the ray has its vertex at the end of the line search.
    lengths = [0.0, 1.0, 2.0]
    fit = np.polyfit(lengths, [float(loss(start - t * gradient)) for t in lengths], 2)
    first = start + fit[1] / (2 * fit[0]) * gradient
    if what == "first":
        return [float(f"{v:.9g}") for v in first.numpy().round(9) + 0.0]
    fresh = -functional.jacobian(loss, first)
    kept = -(fresh @ h @ -gradient) / (gradient @ h @ gradient)
    return [float(f"{v:.9g}") for v in (fresh + kept * -gradient).numpy().round(9) + 0.0]


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else float(value)
