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

Only dh and dc wait for the step after: the slopes are computed for all steps before the loop, and
each sum over t is one product after it, of all T N rows at once.

Source: Werbos (1990), "Backpropagation through time", Proceedings of the IEEE 78(10).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

STACKED = ("o", "f", "i", "g")  # the first three are squashed by sigmoid, the last three make c_t


def lstm_forward(
    x: Tensor, W: Tensor, V: Tensor, b: Tensor, h: Tensor, c: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """x (T, N, I), W (4H, H), V (4H, I), b (4H,), h and c (N, H), to the states, cells and gates.

    States h_0 .. h_T and cells c_0 .. c_T are (T + 1, N, H), gates (T, N, 4H), after squashing.
    """
    H = W.shape[1]
    # The input's part of z_t waits for no state: all steps of it are one product.
    gates = torch.addmm(b, x.flatten(0, 1), V.T).unflatten(0, x.shape[:2])
    to_gates, states, cells = W.T, [h], [c]
    for z_t in gates.unbind():
        z_t.addmm_(h, to_gates)
        z_t[:, : 3 * H].sigmoid_()
        z_t[:, 3 * H :].tanh_()
        o, f, i, g = z_t.chunk(4, dim=1)
        c = f * c + i * g
        h = o * torch.tanh(c)
        states.append(h)
        cells.append(c)
    return torch.stack(states), torch.stack(cells), gates


def lstm_backward(
    dh_seq: Tensor, dc: Tensor, cells: Tensor, gates: Tensor, W: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """dh_seq (T, N, H) from outside for every h_t, dc (N, H) for c_T; the rest of lstm_forward.

    Returns dz (T, N, 4H), dh_0 and dc_0 (N, H).
    """
    H = W.shape[1]
    o, f, i, g = gates.chunk(4, dim=2)
    shown = torch.tanh(cells[1:])
    through_h = o * (1 - shown * shown)  # dc_t / dh_t
    dz = torch.cat(
        [
            shown * o * (1 - o),
            cells[:-1] * f * (1 - f),
            g * i * (1 - i),
            i * (1 - g * g),
        ],
        dim=2,
    )  # the slopes, which the loop multiplies by dh_t and dc_t
    dh = torch.zeros_like(dc)
    for dh_t, dz_t, through_t, f_t in reversed(
        list(zip(dh_seq.unbind(), dz.unbind(), through_h.unbind(), f.unbind(), strict=True))
    ):
        dh = dh + dh_t
        dc = torch.addcmul(dc, dh, through_t)
        dz_t[:, :H].mul_(dh)
        dz_t[:, H:].unflatten(1, (3, H)).mul_(dc.unsqueeze(1))
        dh, dc = dz_t @ W, dc * f_t
    return dz, dh, dc


class ThroughTime(torch.autograd.Function):
    """`lstm_forward` as autograd sees it, with `lstm_backward` instead of a graph of T steps.

    apply(x, W, V, b, h, c) returns h_1 .. h_T (T, N, H) and c_T (N, H). It has no second derivative.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, W: Tensor, V: Tensor, b: Tensor, h: Tensor, c: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Values, and what the way back needs."""
        states, cells, gates = lstm_forward(x, W, V, b, h, c)
        ctx.save_for_backward(x, W, V, states, cells, gates)
        return states[1:], cells[-1].clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dh_seq: Tensor, dc: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of x, W, V, b, h and c."""
        x, W, V, states, cells, gates = ctx.saved_tensors
        dz, dh, dc = lstm_backward(dh_seq, dc, cells, gates, W)
        rows = dz.flatten(0, 1)  # (T N, 4H)
        dx = (rows @ V).unflatten(0, x.shape[:2]) if ctx.needs_input_grad[0] else None
        dW = rows.T @ states[:-1].flatten(0, 1)
        return dx, dW, rows.T @ x.flatten(0, 1), rows.sum(dim=0), dh, dc
