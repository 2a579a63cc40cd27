"""Vanishing and exploding gradients as an experiment: how much of x_tau reaches the last state.

The gradient dh_T/dx_tau of a simple RNN shrinks or grows as the (T - tau)-th power of the size of W,
up to the slopes of the activation; that of an LSTM's cell passes through the forget gates alone.
`simple_rnn` and `lstm_cell_state` measure the norm of the gradient for every distance T - tau, and
`plot` draws them on a logarithmic axis, where a power is a straight line.

Source: Hochreiter (1991); Pascanu, Mikolov and Bengio (2013), arXiv:1211.5063. Lecture 11.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from reference_impl.lstm import LSTMWeights, lstm
from reference_impl.rnn import RNNWeights, rnn


def scaled(matrix: Tensor, radius: float) -> Tensor:
    """The square matrix with its spectral radius (largest |eigenvalue|) brought to `radius`.

    Raises ValueError for a matrix whose eigenvalues are all 0, which no factor can scale.
    """
    largest: Tensor = torch.linalg.eigvals(matrix).abs().max()
    if not largest > 0:
        raise ValueError("all eigenvalues are 0: no factor changes the spectral radius")
    return matrix * (radius / largest)


def simple_rnn(x: Tensor, weights: RNNWeights, activation: str = "tanh") -> Tensor:
    """Norm of d(sum of h_T's units along a fixed direction)/dx_tau for each step: x (T, N, I) -> (T,).

    Entry tau is the mean over the batch. The direction is the vector of ones over sqrt(H): one row
    of numbers stands for the whole Jacobian, at the price of one backward pass.
    """
    inputs = x.detach().requires_grad_()
    _, last = rnn(inputs, weights, activation=activation)
    return _norms(last, inputs)


def lstm_cell_state(x: Tensor, weights: LSTMWeights) -> Tensor:
    """The same for the last cell c_T of an LSTM: x (T, N, I) -> (T,)."""
    inputs = x.detach().requires_grad_()
    _, (_, cell) = lstm(inputs, weights)
    return _norms(cell, inputs)


def _norms(last: Tensor, inputs: Tensor) -> Tensor:
    direction = torch.full_like(last, last.shape[-1] ** -0.5)
    (gradient,) = torch.autograd.grad(last, inputs, direction)  # (T, N, I)
    norms: Tensor = torch.linalg.vector_norm(gradient, dim=-1)  # (T, N)
    return norms.mean(dim=-1)


def decay_per_step(norms: Tensor) -> float:
    """The factor by which the gradient changes with each further step into the past: norms (T,).

    Least squares on the logarithms: below 1 the gradient vanishes, above 1 it explodes. Steps at
    which it has underflown to 0 are left out; raises ValueError when fewer than two are left.
    """
    distances = torch.arange(len(norms) - 1, -1, -1, dtype=norms.dtype, device=norms.device)
    there = norms > 0
    if int(there.sum()) < 2:
        raise ValueError("fewer than two steps have a gradient: no factor can be fitted")
    d, logs = distances[there], norms[there].log()
    d = d - d.mean()
    return float(torch.exp((d * (logs - logs.mean())).sum() / (d * d).sum()))


def plot(curves: Mapping[str, Tensor], path: Path) -> None:
    """Draw norms (T,) by name against the distance T - tau into a file (.svg, .png or .pdf).

    Needs matplotlib (the extra `plots`); raises ImportError without it.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.add_subplot()
    for name, norms in curves.items():
        distances = range(len(norms) - 1, -1, -1)
        axes.plot(distances, norms.detach().cpu().numpy(), label=name)
    axes.set_yscale("log")
    axes.set_xlabel("steps between input and state")
    axes.set_ylabel("norm of the gradient")
    axes.grid(visible=True, which="major", linewidth=0.4)
    axes.legend(frameon=False)
    figure.savefig(path)
