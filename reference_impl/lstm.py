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

from reference_impl.lstm_through_time import STACKED, ThroughTime, lstm_forward

GATES = ("f", "i", "g", "o")


@dataclass(frozen=True)
class LSTMWeights:
    """For each gate ("f", "i", "g", "o"): W (H, H), V (H, I), b (H,)."""

    W: Mapping[str, Tensor]
    V: Mapping[str, Tensor]
    b: Mapping[str, Tensor]

    def stacked(self) -> tuple[Tensor, Tensor, Tensor]:
        """W (4H, H), V (4H, I), b (4H,), gates in the order of STACKED."""
        W, V, b = (torch.cat([of[g] for g in STACKED]) for of in (self.W, self.V, self.b))
        return W, V, b


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

    Its gradient is written out for backward(). torch.func (grad, jacrev, vmap) and second
    derivatives need a loop over `lstm_cell` instead.
    """
    return stacked_lstm(x, *weights.stacked(), h, c)


def stacked_lstm(
    x: Tensor, W: Tensor, V: Tensor, b: Tensor, h: Tensor | None = None, c: Tensor | None = None
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """`lstm` with stacked weights: W (4H, H), V (4H, I), b (4H,), gates in the order of STACKED.

    All gates of a step are one product instead of eight, and the input's part of all steps is one
    product too. What is computed is `lstm_cell`; its gradient is written out beside it, without a
    second derivative.
    """
    # Two tensors of zeros: torch.compile takes no function that is given one tensor twice.
    start = [x.new_zeros(x.shape[1], W.shape[1]) if s is None else s[0] for s in (h, c)]  # (N, H)
    if torch.is_grad_enabled():
        states, cell = ThroughTime.apply(x, W, V, b, *start)  # type: ignore[no-untyped-call]
    else:
        steps = lstm_forward(x, W, V, b, *start, keep=False)
        states, cell = torch.stack(steps.states[1:]), steps.cells[-1]
    last = states[-1:] if len(x) else start[0].unsqueeze(0)
    return states, (last, cell.unsqueeze(0))
