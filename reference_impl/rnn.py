"""The simple recurrent network.

Axes:  T  steps      N  sequences of the batch      I  input features      H  hidden units

    h_t = act(W h_{t-1} + V x_t + b)            act is tanh or relu, h_0 = 0 unless given

W (H, H) acts on the hidden state, V (H, I) on the input, b (H,) is the bias. torch.nn.RNN calls
them weight_hh, weight_ih, and bias_ih + bias_hh: it has two biases where one says the same.

Because h_{t-1} depends on all earlier inputs, the gradient of h_t passes through W once per
step; its norm therefore decides whether gradients vanish or explode.

Source: Elman (1990), "Finding structure in time", Cognitive Science 14.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"tanh": torch.tanh, "relu": torch.relu}


@dataclass(frozen=True)
class RNNWeights:
    """W (H, H), V (H, I), b (H,)."""

    W: Tensor
    V: Tensor
    b: Tensor


def rnn_cell(x: Tensor, h: Tensor, weights: RNNWeights, activation: str = "tanh") -> Tensor:
    """One step: x (N, I) and h (N, H) to the next h (N, H)."""
    z = h @ weights.W.T + x @ weights.V.T + weights.b  # (N, H)
    return ACTIVATIONS[activation](z)


def rnn(
    x: Tensor, weights: RNNWeights, h: Tensor | None = None, activation: str = "tanh"
) -> tuple[Tensor, Tensor]:
    """A whole sequence x (T, N, I), from h (1, N, H): all states (T, N, H), the last (1, N, H).

    Of no steps there are no states, and the last one is the one given. Raises ValueError for another activation than "tanh" or "relu".
    """
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation is {activation!r}; it can be tanh or relu")
    act = ACTIVATIONS[activation]
    state = x.new_zeros(x.shape[1], weights.b.shape[0]) if h is None else h[0]  # (N, H)
    # The input's part of z_t waits for no state: all steps of it are one product.
    from_input = torch.addmm(weights.b, x.flatten(0, 1), weights.V.T).unflatten(0, x.shape[:2])
    to_state = weights.W.T
    states = []
    for z_t in from_input.unbind():
        state = act(torch.addmm(z_t, state, to_state))  # rnn_cell, with V x_t + b at hand
        states.append(state)
    # Without steps there is nothing to stack, and from_input has no rows.
    return torch.stack(states) if states else from_input, state.unsqueeze(0)
