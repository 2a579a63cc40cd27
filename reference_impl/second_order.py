"""Second-order methods: steps that use the curvature, so that no learning rate need be chosen.

Axes:  P  parameters theta      R  residuals r(theta)

    Newton                theta <- theta - H^-1 g              g = dL/dtheta (P,), H = d2L/dtheta2 (P, P)

For a sum of squares L = sum_i r_i(theta)^2 with J[i,p] = dr_i/dtheta_p (R, P):

    g = 2 J^T r           H = 2 J^T J + 2 sum_i r_i d2r_i/dtheta2

Gauss-Newton leaves the last sum out, so that first derivatives are enough (the 2 cancels):

    Gauss-Newton          theta <- theta - (J^T J)^-1 J^T r
    Levenberg             theta <- theta - (J^T J + damping I)^-1 J^T r
    Levenberg-Marquardt   theta <- theta - (J^T J + damping diag(J^T J))^-1 J^T r

Damping 0 is Gauss-Newton. With growing damping the step turns towards the gradient and shrinks:
Levenberg's becomes -J^T r / damping, Marquardt's the same with each parameter in its own units.
A step is kept if it lowers L, and the damping is then divided by 10; otherwise multiplied by 10.

On a quadratic L, Newton ends in one step, and on linear residuals Gauss-Newton is linear least
squares. Newton goes to any stationary point: where H is not positive definite the step may climb.
H has P^2 entries and solving costs P^3: for networks with millions of weights this is not done.

Sources: Levenberg (1944), Quart. Appl. Math. 2; Marquardt (1963), J. SIAM 11. Lecture 5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Function = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Iterate:
    """Parameters (P,), their loss, and the damping that the next step will try (0 if there is none)."""

    theta: Tensor
    loss: float
    damping: float = 0.0


def newton_step(theta: Tensor, gradient: Tensor, hessian: Tensor) -> Tensor:
    """theta - H^-1 g for theta (P,), g (P,), H (P, P). torch.linalg.LinAlgError if H is singular."""
    step: Tensor = torch.linalg.solve(hessian, gradient)
    return theta - step


def gauss_newton_step(theta: Tensor, residuals: Tensor, jacobian: Tensor) -> Tensor:
    """theta (P,) minus the least-squares solution of J step = r, for r (R,) and J (R, P) of rank P.

    Solved without forming J^T J, whose condition number is the square of J's.
    """
    step: Tensor = torch.linalg.lstsq(jacobian, residuals.unsqueeze(1)).solution
    return theta - step.squeeze(1)


def levenberg_marquardt_step(
    theta: Tensor,
    residuals: Tensor,
    jacobian: Tensor,
    damping: float,
    scaling: Literal["identity", "diagonal"] = "diagonal",
) -> Tensor:
    """The damped step; scaling "identity" is Levenberg's, "diagonal" Marquardt's.

    Raises ValueError for a negative damping or another scaling.
    """
    if not damping >= 0:
        raise ValueError(f"damping is {damping}; it must not be negative")
    if scaling not in {"identity", "diagonal"}:
        raise ValueError(f"scaling is {scaling!r}; it can be identity or diagonal")
    square = jacobian.T @ jacobian  # (P, P)
    scale = torch.ones_like(square.diagonal()) if scaling == "identity" else square.diagonal()
    step: Tensor = torch.linalg.solve(square + damping * scale.diag(), jacobian.T @ residuals)
    return theta - step


def newton(loss: Function, theta: Tensor, steps: int) -> list[Iterate]:
    """The start and each of `steps` Newton steps on loss(theta) (a number), derivatives by autograd."""
    path = [Iterate(theta, float(loss(theta)))]
    for _ in range(steps):
        gradient = torch.func.grad(loss)
        theta = newton_step(theta, gradient(theta), torch.func.jacrev(gradient)(theta))
        path.append(Iterate(theta, float(loss(theta))))
    return path


def gauss_newton(residuals: Function, theta: Tensor, steps: int) -> list[Iterate]:
    """The start and each of `steps` Gauss-Newton steps on the sum of squares of residuals(theta) (R,)."""
    path = [Iterate(theta, _sum_of_squares(residuals(theta)))]
    for _ in range(steps):
        theta = gauss_newton_step(theta, residuals(theta), torch.func.jacrev(residuals)(theta))
        path.append(Iterate(theta, _sum_of_squares(residuals(theta))))
    return path


def levenberg_marquardt(
    residuals: Function,
    theta: Tensor,
    steps: int,
    *,
    damping: float = 1e-3,
    scaling: Literal["identity", "diagonal"] = "diagonal",
) -> list[Iterate]:
    """The start and the state after each of `steps` tries; a try that would raise the loss stays put."""
    current = Iterate(theta, _sum_of_squares(residuals(theta)), damping)
    path = [current]
    for _ in range(steps):
        r, jacobian = residuals(current.theta), torch.func.jacrev(residuals)(current.theta)
        tried = levenberg_marquardt_step(current.theta, r, jacobian, current.damping, scaling)
        loss = _sum_of_squares(residuals(tried))
        if loss <= current.loss:
            current = Iterate(tried, loss, current.damping / 10)
        else:
            current = Iterate(current.theta, current.loss, current.damping * 10)
        path.append(current)
    return path


def _sum_of_squares(r: Tensor) -> float:
    return float((r**2).sum())
