"""Lecture 5 by torch's own optimisers, autograd and simulation."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any


def torch_bowl_steps(
    curvatures: Any, start: Any, rate: Any, beta: Any, steps: int, nesterov: bool = False
) -> list[float]:
    """theta after steps of torch's SGD with momentum on sum_i curvature_i theta_i^2 / 2.

    Torch keeps u = -v / rate, and its Nesterov form tracks the point that looks ahead, theta + beta v.
    """
    import torch

    theta = torch.tensor([float(t) for t in start], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([theta], lr=float(rate), momentum=float(beta), nesterov=nesterov)
    for _ in range(steps):
        optimiser.zero_grad()
        _bowl(curvatures, theta).backward()
        optimiser.step()
    found = theta.detach()
    if nesterov:
        found = found + float(rate) * float(beta) * optimiser.state[theta]["momentum_buffer"]
    return [float(t) for t in found]


def torch_adam_bowl(
    curvatures: Any, start: Any, rate: Any, beta1: Any, beta2: Any, steps: int = 1
) -> list[float]:
    """theta after steps of torch's Adam (epsilon 0) on sum_i curvature_i theta_i^2 / 2."""
    import torch

    theta = torch.tensor([float(t) for t in start], dtype=torch.float64, requires_grad=True)
    betas = (float(beta1), float(beta2))
    optimiser = torch.optim.Adam([theta], lr=float(rate), betas=betas, eps=0.0)
    for _ in range(steps):
        optimiser.zero_grad()
        _bowl(curvatures, theta).backward()
        optimiser.step()
    return [float(t) for t in theta.detach()]


def torch_newton(hessian: Any, theta: Any, gradient: Any) -> list[float]:
    """The minimum of the quadratic model, by torch's linear solver."""
    import torch

    h, t, g = (
        torch.tensor(_floats(value), dtype=torch.float64) for value in (hessian, theta, gradient)
    )
    return [float(x) for x in t - torch.linalg.solve(h, g)]


def rate_limit_by_bisection(hessian: Any) -> float:
    """The largest learning rate at which gradient descent still shrinks, by running it."""
    import numpy as np

    h = np.array(_floats(hessian))

    def shrinks(rate: float) -> bool:
        step = np.linalg.matrix_power(np.eye(2) - rate * h, 2**22)
        return bool(np.isfinite(step).all() and np.abs(step).max() < 1)

    low, high = 0.0, 8.0
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if shrinks(middle) else (low, middle)
    return float(f"{low:.6g}")


def torch_terminal_velocity(gradient: Any, rate: Any, beta: Any) -> float:
    """The last of many steps of torch's SGD with momentum on a linear loss."""
    import torch

    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([theta], lr=float(rate), momentum=float(beta))
    moved = 0.0
    # 0.99^4000 is far below the rounding of a float.
    for _ in range(math.ceil(40 / (1 - float(beta)))):
        before = float(theta.detach())
        theta.grad = torch.tensor([float(gradient)], dtype=torch.float64)
        optimiser.step()
        moved = float(theta.detach()) - before
    return float(f"{moved:.9g}")


def dataloader_updates(samples: int, batch: int, epochs: int) -> int:
    """Batches that torch's own sampler gives, epoch after epoch."""
    from torch.utils.data import BatchSampler

    sampler = BatchSampler(range(samples), batch, drop_last=False)
    return sum(sum(1 for _ in sampler) for _ in range(epochs))


def scaled_loss_claims(factor: Any, claims: Any) -> list[bool]:
    """Whether steps grow by the claimed factors: SGD with momentum, RMSProp, Adam, Newton; by running them."""
    grown = _growth(float(factor))
    return [
        math.isclose(found, float(claim), rel_tol=1e-6)
        for found, claim in zip(grown, claims, strict=True)
    ]


@lru_cache(maxsize=32)
def _growth(factor: float) -> list[float]:
    import torch

    optim = torch.optim
    makers: list[Callable[[Any], Any]] = [
        lambda p: optim.SGD([p], lr=0.01, momentum=0.9),
        lambda p: optim.RMSprop([p], lr=0.01, alpha=0.9, eps=0.0),
        lambda p: optim.Adam([p], lr=0.01, eps=0.0),
    ]

    def loss(theta: Any) -> Any:
        return (theta**4).sum() + (theta[0] - 2 * theta[1]) ** 2 + theta.exp().sum()

    def first_step(make: Callable[[Any], Any], scale: float) -> float:
        theta = torch.tensor([0.7, -0.4], dtype=torch.float64, requires_grad=True)
        before = theta.detach().clone()
        optimiser = make(theta)
        (scale * loss(theta)).backward()
        optimiser.step()
        return float((theta.detach() - before).norm())

    def newton(scale: float) -> float:
        theta = torch.tensor([0.7, -0.4], dtype=torch.float64)
        functional: Any = torch.autograd.functional
        hessian = functional.hessian(lambda t: scale * loss(t), theta)
        gradient = functional.jacobian(lambda t: scale * loss(t), theta)
        return float(torch.linalg.solve(hessian, gradient).norm())

    return [first_step(m, factor) / first_step(m, 1.0) for m in makers] + [
        newton(factor) / newton(1.0)
    ]


def robbins_monro_by_sympy(formulas: Any) -> list[bool]:
    """For each step size (a formula in t): the sum diverges and the sum of squares converges, by sympy's tests."""
    return [_robbins_monro(formula) for formula in formulas]


@lru_cache(maxsize=64)
def _robbins_monro(formula: str) -> bool:
    import sympy

    t = sympy.Symbol("t", integer=True, positive=True)
    rate = sympy.sympify(formula, locals={"t": t})
    sums = [sympy.Sum(term, (t, 1, sympy.oo)) for term in (rate, rate**2)]
    return not sums[0].is_convergent() and bool(sums[1].is_convergent())


def path_claims(paths: Any, curvatures: Any, claims: Any) -> list[bool]:
    """Whether each path fits its claimed description, told from its points alone.

    newton: ends in the minimum after one step; momentum: its second step is not along the gradient;
    gd_large, gd_small: every step is, with a steep coordinate that does or does not change its sign.
    """
    return [_kind(path, curvatures) == claim for path, claim in zip(paths, claims, strict=True)]


def _kind(path: Any, curvatures: Any) -> str:
    a, b = (float(c) for c in curvatures)
    points = [(float(x), float(y)) for x, y in path]
    if math.hypot(*points[1]) < 1e-9:
        return "newton"
    (_x0, y0), (x1, y1), (x2, y2) = points[:3]
    off = (x2 - x1) * b * y1 - (y2 - y1) * a * x1
    if abs(off) > 1e-9:
        return "momentum"
    return "gd_large" if y0 * y1 < 0 else "gd_small"


def _bowl(curvatures: Any, theta: Any) -> Any:
    import torch

    return (torch.tensor([float(c) for c in curvatures], dtype=torch.float64) * theta**2).sum() / 2


def _floats(value: Any) -> Any:
    return [_floats(item) for item in value] if isinstance(value, (list, tuple)) else float(value)
