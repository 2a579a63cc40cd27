"""The LSTM over a whole sequence, and backpropagation through time written out.

Axes:  T  steps      N  sequences of the batch      I  input features      H  hidden units

The four gates of a step are stacked along 4H in the order of STACKED, z_t = W h_{t-1} + V x_t + b.
Going back from the last step, with dh_t and dc_t the gradients of the loss in h_t and c_t:

    dh_t = what h_t is used for outside + dz_{t+1} W
    dc_t = dh_t * o_t * (1 - tanh(c_t)^2) + f_{t+1} * dc_{t+1}
    dz_t = [ dh_t * tanh(c_t) * o_t (1 - o_t)          through the output gate
             dc_t * c_{t-1}   * f_t (1 - f_t)          the forget gate
             dc_t * g_t       * i_t (1 - i_t)          the input gate
             dc_t * i_t       * (1 - g_t^2)   ]        the candidate

    dW = sum over t of dz_t^T h_{t-1}      dV = sum of dz_t^T x_t      db = sum of dz_t      dx_t = dz_t V

The sums over t are one product each after the loop, of all T N rows at once: that, and no graph of
T steps to build, is what makes it faster than letting autograd do the same. Nothing is written in
place, as torch.compile would copy whole sequences for that.

Source: Werbos (1990), "Backpropagation through time", Proceedings of the IEEE 78(10).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

STACKED = ("o", "f", "i", "g")  # the first three are squashed by sigmoid, the last three make c_t


@dataclass(frozen=True)
class Steps:
    """What the forward pass leaves: h_0 .. h_T and c_0 .. c_T, (N, H) each.

    Of every step the gates o, f, i, stacked to (N, 3H), and the candidate g (N, H).
    """

    states: list[Tensor]
    cells: list[Tensor]
    gates: list[Tensor]
    candidates: list[Tensor]


def lstm_forward(
    x: Tensor, W: Tensor, V: Tensor, b: Tensor, h: Tensor, c: Tensor, *, keep: bool = True
) -> Steps:
    """All steps of x (T, N, I), with W (4H, H), V (4H, I), b (4H,), from h and c (N, H).

    Without `keep` only the states and the last cell are left: nothing can go back then, and the
    memory of the gates serves the next step.
    """
    H, to_gates = W.shape[1], W.T
    # The input's part of z_t waits for no state: all steps of it are one product.
    from_input = torch.addmm(b, x.flatten(0, 1), V.T).unflatten(0, x.shape[:2])  # (T, N, 4H)
    steps = Steps([h], [c], [], [])
    for z_t in from_input.unbind():
        z = torch.addmm(z_t, h, to_gates)
        gates, g = torch.sigmoid(z[:, : 3 * H]), torch.tanh(z[:, 3 * H :])
        o, f, i = gates.chunk(3, dim=1)
        c = f * c + i * g
        h = o * torch.tanh(c)
        steps.states.append(h)
        if keep:
            steps.cells.append(c)
            steps.gates.append(gates)
            steps.candidates.append(g)
    return steps if keep else Steps(steps.states, [c], [], [])


def lstm_backward(dh_seq: Tensor, dc: Tensor, steps: Steps, W: Tensor) -> tuple[Tensor, ...]:
    """dh_seq (T, N, H) from outside for every h_t, and dc (N, H) for c_T.

    Returns dz (T, N, 4H), dh_0 and dc_0 (N, H).
    """
    dh = torch.zeros_like(dc)
    dz = []
    for t in reversed(range(len(dh_seq))):
        gates, g = steps.gates[t], steps.candidates[t]
        o, f, i = gates.chunk(3, dim=1)
        shown = torch.tanh(steps.cells[t + 1])
        dh = dh + dh_seq[t]
        dc = dc + dh * o * (1 - shown * shown)
        to_gates = torch.cat([dh * shown, dc * steps.cells[t], dc * g], dim=1)
        dz_t = torch.cat([to_gates * gates * (1 - gates), dc * i * (1 - g * g)], dim=1)
        dz.append(dz_t)
        dh, dc = dz_t @ W, dc * f
    return torch.stack(dz[::-1]), dh, dc


class ThroughTime(torch.autograd.Function):
    """`lstm_forward` as autograd sees it, with `lstm_backward` instead of a graph of T steps.

    apply(x, W, V, b, h, c) returns h_1 .. h_T (T, N, H) and c_T (N, H). It has no second derivative.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, W: Tensor, V: Tensor, b: Tensor, h: Tensor, c: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Values, and what the way back needs."""
        steps = lstm_forward(x, W, V, b, h, c)
        states = torch.stack(steps.states)
        kept = (*steps.cells, *steps.gates, *steps.candidates)
        ctx.save_for_backward(x, W, V, states, *kept)
        return states[1:], steps.cells[-1].clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dh_seq: Tensor, dc: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of x, W, V, b, h and c."""
        x, W, V, states, *kept = ctx.saved_tensors
        T = len(x)
        steps = Steps([], kept[: T + 1], kept[T + 1 : 2 * T + 1], kept[2 * T + 1 :])
        dz, dh, dc = lstm_backward(dh_seq, dc, steps, W)
        rows = dz.flatten(0, 1)  # (T N, 4H)
        dx = (rows @ V).unflatten(0, x.shape[:2]) if ctx.needs_input_grad[0] else None
        dW = rows.T @ states[:-1].flatten(0, 1)
        return dx, dW, rows.T @ x.flatten(0, 1), rows.sum(dim=0), dh, dc
