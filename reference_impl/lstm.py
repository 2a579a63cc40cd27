"""The long short-term memory cell and network.

Axes:  T  steps      N  sequences of the batch      I  input features      H  hidden units

    f_t = sigmoid(W_f h_{t-1} + V_f x_t + b_f)        how much of the old cell stays
    i_t = sigmoid(W_i h_{t-1} + V_i x_t + b_i)        how much of the candidate comes in
    g_t = tanh   (W_g h_{t-1} + V_g x_t + b_g)        the candidate
    o_t = sigmoid(W_o h_{t-1} + V_o x_t + b_o)        how much of the cell is shown
    c_t = f_t * c_{t-1} + i_t * g_t
    h_t = o_t * tanh(c_t)

The course writes c for g. The cell c passes from step to step through a sum and the factor f_t
alone, no matrix and no squashing: that is why its gradient survives long sequences.
torch.nn.LSTM stacks the four gates in the order i, f, g, o and has two biases per gate.

Source: Hochreiter and Schmidhuber (1997), Neural Computation 9(8); forget gate: Gers et al. (2000).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

GATES = ("f", "i", "g", "o")


@dataclass(frozen=True)
class LSTMWeights:
    """For each gate ("f", "i", "g", "o"): W (H, H), V (H, I), b (H,)."""

    W: Mapping[str, Tensor]
    V: Mapping[str, Tensor]
    b: Mapping[str, Tensor]


def lstm_cell(x: Tensor, h: Tensor, c: Tensor, weights: LSTMWeights) -> tuple[Tensor, Tensor]:
    """One step: x (N, I), h (N, H), c (N, H) to the next h and c."""

    def preactivation(gate: str) -> Tensor:
        return h @ weights.W[gate].T + x @ weights.V[gate].T + weights.b[gate]  # (N, H)

    f = torch.sigmoid(preactivation("f"))
    i = torch.sigmoid(preactivation("i"))
    g = torch.tanh(preactivation("g"))
    o = torch.sigmoid(preactivation("o"))
    c = f * c + i * g
    return o * torch.tanh(c), c


def lstm(
    x: Tensor, weights: LSTMWeights, h: Tensor | None = None, c: Tensor | None = None
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """A whole sequence x (T, N, I), from h and c (1, N, H).

    Returns all hidden states (T, N, H), and the last hidden state and cell, (1, N, H) each.
    """
    zeros = x.new_zeros(x.shape[1], weights.b["f"].shape[0])  # (N, H)
    hidden = zeros if h is None else h[0]
    cell = zeros if c is None else c[0]
    states = []
    for x_t in x:
        hidden, cell = lstm_cell(x_t, hidden, cell, weights)
        states.append(hidden)
    return torch.stack(states), (hidden.unsqueeze(0), cell.unsqueeze(0))
