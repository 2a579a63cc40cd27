"""How a hidden state depends on an earlier input: the gradient dh_t/dx_tau of a simple RNN, step by step.

Axes:  T  steps      I  input features      H  hidden units      (one sequence, no batch)

With z_t = W h_{t-1} + V x_t + b and h_t = act(z_t):

    dh_t/dx_tau = diag(act'(z_t)) (W dh_{t-1}/dx_tau + V [t = tau]),        dh_t/dx_tau = 0 for t < tau

h_t depends on x_tau along one path only, through every state between them; each step multiplies by
diag(act'(z_t)) W. Written out for h_3 and x_1:

    dh_3/dx_1 = diag(act'(z_3)) W  diag(act'(z_2)) W  diag(act'(z_1)) V

so its size goes as the (t - tau)-th power of the norm of W. The course's slide asks for dh_3/dx_0
and works out dh_3/dx_1; it leaves b out of z_t, which changes act'(z_t) and nothing else.

Source: Bengio, Simard and Frasconi (1994), IEEE Transactions on Neural Networks 5(2). Lecture 11.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from reference_impl.rnn import ACTIVATIONS, RNNWeights


@dataclass(frozen=True)
class Step:
    """One step t: z_t and h_t (H,), slope act'(z_t) (H,), and gradient dh_t/dx_tau (H, I)."""

    t: int
    z: Tensor
    h: Tensor
    slope: Tensor
    gradient: Tensor


def slope_of(z: Tensor, activation: str) -> Tensor:
    """act'(z), any shape; 0 at the kink of relu, as torch has it. Raises ValueError for another name."""
    if activation == "tanh":
        return 1 - torch.tanh(z) ** 2
    if activation == "relu":
        return (z > 0).to(z.dtype)
    raise ValueError(f"activation is {activation!r}; it can be tanh or relu")


def gradient_steps(
    x: Tensor,
    weights: RNNWeights,
    tau: int,
    h: Tensor | None = None,
    activation: str = "tanh",
) -> list[Step]:
    """Every step t = 0 .. T-1 of x (T, I) with dh_t/dx_tau, from h (H,); steps are counted from 0.

    Raises ValueError when tau is no step of x, or for another activation than tanh or relu.
    """
    if not 0 <= tau < len(x):
        raise ValueError(f"tau is {tau}; x has the steps 0 to {len(x) - 1}")
    hidden, inputs = weights.V.shape
    state = x.new_zeros(hidden) if h is None else h
    gradient = x.new_zeros(hidden, inputs)
    steps = []
    for t, x_t in enumerate(x):
        z = weights.W @ state + weights.V @ x_t + weights.b  # (H,)
        slope = slope_of(z, activation)
        through_state = weights.W @ gradient  # (H, I)
        gradient = slope[:, None] * (through_state + weights.V if t == tau else through_state)
        state = ACTIVATIONS[activation](z)
        steps.append(Step(t, z, state, slope, gradient))
    return steps


def bound_on_gradient(weights: RNNWeights, distance: int) -> float:
    """No dh_{tau+distance}/dx_tau of this network is larger: ||W||^distance ||V||, spectral norms.

    It holds for tanh and relu, whose slope is at most 1. Raises ValueError for a negative distance.
    """
    if distance < 0:
        raise ValueError(f"distance is {distance}; a state depends on no later input")
    norms = [float(torch.linalg.matrix_norm(m, ord=2)) for m in (weights.W, weights.V)]
    return norms[0] ** distance * norms[1]
