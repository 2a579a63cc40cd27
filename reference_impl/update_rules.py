"""Update rules: how a gradient becomes a step.

w and dw = dL/dw have any one shape; everything below is element by element. Each rule maps
(w, dw, state) to (next w, next state) and changes nothing in place; state None is the start.

    sgd        w <- w - a dw
    momentum   v <- b v + dw                 w <- w - a v             form "gradient"
               v <- b v - a dw               w <- w + v               form "step"
    nesterov   v <- b v + dw                 w <- w - a (dw + b v)
    rmsprop    s <- b s + (1-b) dw^2         w <- w - a dw / (sqrt(s) + eps)
    adam       t <- t + 1
               m <- b1 m + (1-b1) dw         m_hat = m / (1 - b1^t)
               v <- b2 v + (1-b2) dw^2       v_hat = v / (1 - b2^t)
               w <- w - a m_hat / (sqrt(v_hat) + eps)

with a the learning rate, v, s and m zero and t = 0 before the first step.

Both forms of momentum take the same path while a stays as it is (v of one is -a times v of the
other); when a changes, "gradient" (torch's) changes all of the next step at once, "step" (the
slides') only the newest gradient's part. Adam's m and v begin at 0 and are too small at first:
the division by 1 - b^t corrects it. t is raised before it is used; with t = 0 that would be a
division by 0, and one step late m_hat would be wrong in every step.

Nesterov's gradient is taken one step of momentum ahead of the parameters. `nesterov` is torch's form:
its w *is* the point ahead. `nesterov_look_ahead` is the slide's: it keeps the parameters themselves,
and needs a function that gives gradients.

torch's default for RMSProp's b (its `alpha`) is 0.99.

Sources: Polyak (1964); Nesterov (1983); Sutskever et al. (2013), ICML; Tieleman and Hinton (2012),
Coursera lecture 6.5; Kingma and Ba (2015), arXiv:1412.6980, Algorithm 1. Lecture 5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor


@dataclass(frozen=True)
class Velocity:
    """Decaying sum of gradients (form "gradient") or of steps (form "step"), of w's shape."""

    v: Tensor


@dataclass(frozen=True)
class SquaredAverage:
    """RMSProp's decaying average of squared gradients, of w's shape."""

    s: Tensor


@dataclass(frozen=True)
class Moments:
    """Adam's averages of gradients and of squared gradients, of w's shape, and the steps so far."""

    m: Tensor
    v: Tensor
    t: int


def sgd(
    w: Tensor,
    dw: Tensor,
    state: None = None,  # noqa: ARG001 - every rule is called alike; this one remembers nothing
    *,
    learning_rate: float = 1e-2,
) -> tuple[Tensor, None]:
    """A step against the gradient."""
    return w - learning_rate * dw, None


def momentum(
    w: Tensor,
    dw: Tensor,
    state: Velocity | None = None,
    *,
    learning_rate: float = 1e-2,
    beta: float = 0.9,
    form: Literal["gradient", "step"] = "gradient",
) -> tuple[Tensor, Velocity]:
    """A step along the decaying sum of gradients; under a constant one it grows to a/(1-b) dw.

    Raises ValueError for a form that is neither "gradient" nor "step".
    """
    if form not in {"gradient", "step"}:
        raise ValueError(f"form is {form!r}; it can be gradient or step")
    v = torch.zeros_like(w) if state is None else state.v
    if form == "gradient":
        v = beta * v + dw
        return w - learning_rate * v, Velocity(v)
    v = beta * v - learning_rate * dw
    return w + v, Velocity(v)


def nesterov(
    w: Tensor,
    dw: Tensor,
    state: Velocity | None = None,
    *,
    learning_rate: float = 1e-2,
    beta: float = 0.9,
) -> tuple[Tensor, Velocity]:
    """Nesterov's momentum in torch's form: w is the point ahead, dw the gradient there."""
    v = torch.zeros_like(w) if state is None else state.v
    v = beta * v + dw
    return w - learning_rate * (dw + beta * v), Velocity(v)


def nesterov_look_ahead(
    w: Tensor,
    gradient: Callable[[Tensor], Tensor],
    state: Velocity | None = None,
    *,
    learning_rate: float = 1e-2,
    beta: float = 0.9,
) -> tuple[Tensor, Velocity]:
    """Nesterov's momentum in the slide's form: v <- b v - a dL/dw(w + b v), w <- w + v."""
    v = torch.zeros_like(w) if state is None else state.v
    v = beta * v - learning_rate * gradient(w + beta * v)
    return w + v, Velocity(v)


def rmsprop(
    w: Tensor,
    dw: Tensor,
    state: SquaredAverage | None = None,
    *,
    learning_rate: float = 1e-2,
    beta: float = 0.9,
    epsilon: float = 1e-8,
) -> tuple[Tensor, SquaredAverage]:
    """A step in which each entry is divided by the size that its gradients had of late."""
    s = torch.zeros_like(w) if state is None else state.s
    s = beta * s + (1 - beta) * dw**2
    return w - learning_rate * dw / (s.sqrt() + epsilon), SquaredAverage(s)


def adam(
    w: Tensor,
    dw: Tensor,
    state: Moments | None = None,
    *,
    learning_rate: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
) -> tuple[Tensor, Moments]:
    """Momentum and RMSProp together, both corrected for their start at 0."""
    before = Moments(torch.zeros_like(w), torch.zeros_like(w), 0) if state is None else state
    t = before.t + 1
    m = beta1 * before.m + (1 - beta1) * dw
    v = beta2 * before.v + (1 - beta2) * dw**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return w - learning_rate * m_hat / (v_hat.sqrt() + epsilon), Moments(m, v, t)
