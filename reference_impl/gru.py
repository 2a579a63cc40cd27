"""The gated recurrent unit.

Axes:  T  steps      N  sequences of the batch      I  input features      H  hidden units

    r_t = sigmoid(W_r h_{t-1} + V_r x_t + b_r)                 reset: how much of the old state the candidate sees
    z_t = sigmoid(W_z h_{t-1} + V_z x_t + b_z)                 update: how much of the old state stays
    n_t = tanh   (r_t * (W_n h_{t-1} + c_n) + V_n x_t + b_n)   the candidate
    h_t = z_t * h_{t-1} + (1 - z_t) * n_t

One state and two gates where the LSTM has two states and three gates: the update gate plays the
forget gate f = z and the input gate i = 1 - z at once. The old state passes on through z alone, a
sum and a factor, so that its gradient survives long sequences.

Like torch.nn.GRU, and unlike the first paper, the reset gate acts after the product with W_n, which
is why the candidate has two biases: c_n inside of r_t's reach, b_n outside. torch stacks the gates
in the order r, z, n, and its z is ours; Cho et al. write z for 1 - z.

Source: Cho et al. (2014), arXiv:1406.1078; this variant: Chung et al. (2014), arXiv:1412.3555.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class GRUWeights:
    """For each of "r", "z", "n": W (H, H), V (H, I), b (H,); and the candidate's inner bias c_n (H,)."""

    W: Mapping[str, Tensor]
    V: Mapping[str, Tensor]
    b: Mapping[str, Tensor]
    c_n: Tensor


def gru_cell(x: Tensor, h: Tensor, weights: GRUWeights) -> Tensor:
    """One step: x (N, I) and h (N, H) to the next h (N, H)."""

    def from_input(gate: str) -> Tensor:
        return x @ weights.V[gate].T + weights.b[gate]  # (N, H)

    def from_state(gate: str) -> Tensor:
        return h @ weights.W[gate].T  # (N, H)

    r = torch.sigmoid(from_state("r") + from_input("r"))
    z = torch.sigmoid(from_state("z") + from_input("z"))
    n = torch.tanh(r * (from_state("n") + weights.c_n) + from_input("n"))
    return z * h + (1 - z) * n


def gru(x: Tensor, weights: GRUWeights, h: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """A whole sequence x (T, N, I), from h (1, N, H): all states (T, N, H), the last (1, N, H)."""
    state = x.new_zeros(x.shape[1], weights.c_n.shape[0]) if h is None else h[0]  # (N, H)
    states = []
    for x_t in x:
        state = gru_cell(x_t, state, weights)
        states.append(state)
    return torch.stack(states), state.unsqueeze(0)
