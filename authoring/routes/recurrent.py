"""Recurrent networks and transfer learning by running torch, autograd, sympy and matrix powers."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any


def torch_relu_rnn(w: Any, v: Any, b: Any, inputs: Any, wanted: str) -> list[float]:
    """A scalar ReLU network run by torch's RNN cell from h = 0.

    `wanted`: "states" (all of them), or "gradients" (of the last state by the first input and by the bias).
    """
    import torch

    cell = torch.nn.RNNCell(1, 1, nonlinearity="relu", dtype=torch.float64)
    with torch.no_grad():
        for parameter, value in zip(cell.parameters(), (v, w, b, 0), strict=True):
            parameter.fill_(float(value))
    xs = [torch.tensor([[float(x)]], dtype=torch.float64, requires_grad=True) for x in inputs]
    states = []
    state = torch.zeros(1, 1, dtype=torch.float64)
    for x in xs:
        state = cell(x, state)
        states.append(state)
    if wanted == "states":
        return [float(s.detach()) for s in states]
    return [float(g) for g in torch.autograd.grad(states[-1], (xs[0], cell.bias_ih))]


def sympy_rnn_derivative(squashing: str, horizon: int, by: str, tau: int = 0) -> str:
    """dh_horizon by x_tau (by "x") or by W (by "W"), from the whole nested formula, with the states named again."""
    return _named_derivative(squashing, horizon, by, tau)


@lru_cache(maxsize=64)
def _named_derivative(squashing: str, horizon: int, by: str, tau: int) -> str:
    import sympy

    weight, into, bias = sympy.symbols("W V b")
    xs = {t: sympy.Symbol(f"x{t}") for t in range(1, horizon + 1)}
    state: Any = sympy.Symbol("h0")
    steps = []
    for t in range(1, horizon + 1):
        z = weight * state + into * xs[t] + bias
        state = sympy.tanh(z) if squashing == "tanh" else 1 / (1 + sympy.exp(-z))
        steps.append((t, z))
    derivative = sympy.diff(state, xs[tau] if by == "x" else weight)
    for t, z in reversed(steps):
        named = sympy.Symbol(f"h{t}")
        if squashing == "tanh":
            derivative = derivative.subs(sympy.tanh(z), named)
        else:
            derivative = derivative.subs(sympy.exp(-z), 1 / named - 1)
    return str(sympy.factor(derivative))


def powers_vanish(matrices: Any) -> list[bool]:
    """Whether the 400th power of each matrix is almost zero."""
    import numpy as np

    found = []
    for matrix in matrices:
        power = np.linalg.matrix_power(np.array(matrix, dtype=np.float64), 400)
        found.append(bool(np.abs(power).max() < 1e-6))
    return found


def torch_frozen_backbone(features: int, classes: int, said: int, features_kept: int) -> list[bool]:
    """A small frozen network with batch normalisation and a new head, in torch: what each option states, tried out."""
    import torch

    torch.manual_seed(0)
    nn = torch.nn
    backbone = nn.Sequential(
        nn.Conv2d(1, features, 3), nn.BatchNorm2d(features), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    head = nn.Linear(features, classes)
    for parameter in backbone.parameters():
        parameter.requires_grad_(False)
    trained = [p for p in (*backbone.parameters(), *head.parameters()) if p.requires_grad]
    images = torch.rand(4, 1, 5, 5)
    norm: Any = backbone[1]
    before = norm.running_mean.clone()
    output = head(backbone(images))
    changed = not torch.equal(before, norm.running_mean)
    output.sum().backward()
    first: Any = backbone[0]
    head_learns = head.weight.grad is not None
    needs_first = not (head_learns and first.weight.grad is None)
    backbone.eval()
    # A flip stands for augmentation: what the next epoch shows.
    next_epoch = images if features_kept else images.flip(-1)
    storable = torch.equal(backbone(images), backbone(next_epoch))
    return [sum(p.numel() for p in trained) == said, changed, needs_first, storable]


def torch_lstm_cell_state(exponents: Any, old: int, candidate: Any) -> float:
    """The new cell state of torch's LSTMCell whose gates get exponent * ln 3 (forget, input, output) by its bias."""
    import torch

    cell = torch.nn.LSTMCell(1, 1, dtype=torch.float64)
    forget, enter, leave = (exponent * math.log(3) for exponent in exponents)
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.zero_()
        # torch's order: input, forget, candidate, output
        bias = [enter, forget, math.atanh(float(candidate)), leave]
        cell.bias_ih.copy_(torch.tensor(bias, dtype=torch.float64))
        zero = torch.zeros(1, 1, dtype=torch.float64)
        _, state = cell(zero, (zero, torch.full_like(zero, old)))
    return float(state)


def torch_lstm_one_bias(inputs: int, hidden: int) -> int:
    """Parameters of torch's LSTM with two layers, without the second bias of each."""
    import torch

    lstm = torch.nn.LSTM(inputs, hidden, num_layers=2, device="meta")
    return sum(p.numel() for name, p in lstm.named_parameters() if not name.startswith("bias_hh"))


def torch_clip_by_norm(gradient: Any, threshold: Any) -> list[float]:
    """The gradient after torch's clip_grad_norm_."""
    import torch

    parameter = torch.zeros(len(gradient), dtype=torch.float64, requires_grad=True)
    parameter.grad = torch.tensor([float(g) for g in gradient], dtype=torch.float64)
    torch.nn.utils.clip_grad_norm_([parameter], float(threshold))
    # torch adds 1e-6 to the norm that it divides by.
    return [round(float(g), 4) for g in parameter.grad]


def torch_lstm_output_shape(
    batch: int, rows: int, columns: int, hidden: int, layers: int, directions: int
) -> list[int]:
    """The shape of the first output of torch's LSTM on images that are read row by row."""
    import torch

    with torch.device("meta"):  # the shape alone
        lstm = torch.nn.LSTM(columns, hidden, num_layers=layers, bidirectional=directions == 2)
        return list(lstm(torch.zeros(rows, batch, columns))[0].shape)
