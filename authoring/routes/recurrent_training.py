"""Training recurrent networks, and adapting trained ones (lecture 11): autograd, torch modules, step-by-step counts."""

from __future__ import annotations

from typing import Any


def torch_linear_rnn(w: int, v: int, inputs: Any, targets: Any, wanted: str) -> list[float]:
    """h_t = w h_(t-1) + v x_t with half the squared error at every step, by autograd.

    `wanted`: the "states", their whole derivatives "deltas", or the "slopes" by w and v.
    """
    import torch

    double = torch.float64
    weight, into = (torch.tensor(float(e), dtype=double, requires_grad=True) for e in (w, v))
    state = torch.zeros((), dtype=double)
    states = []
    for x in inputs:
        state = weight * state + into * float(x)
        states.append(state)
    if wanted == "states":
        return [float(s.detach()) for s in states]
    goal = torch.tensor([float(t) for t in targets], dtype=double)
    loss = 0.5 * (torch.stack(states) - goal).square().sum()
    variables = states if wanted == "deltas" else [weight, into]
    return [float(g) for g in torch.autograd.grad(loss, variables)]


def torch_adapted_params(features: int, classes: int, thawed: bool) -> int:
    """Parameters that require a gradient: a new torch head, and the last convolution where it is thawed."""
    import torch

    nn = torch.nn
    with torch.device("meta"):
        network = nn.Sequential(
            nn.Conv2d(3, features, 7, bias=False),
            nn.Conv2d(features, features, 3, bias=False),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(features, 1000),
        ).requires_grad_(False)
        network[4] = nn.Linear(features, classes)
    network[1].requires_grad_(thawed)
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


def simulated_training_seconds(images: int, epochs: int, milliseconds: int) -> list[float]:
    """Seconds of training all layers, and of computing stored features, on a clock that is moved batch by batch."""
    batch = 1000
    clocks = [0, 0]
    kept: set[int] = set()
    for _ in range(epochs):
        for start in range(0, images, batch):
            clocks[0] += batch * milliseconds  # forward
            clocks[0] += 2 * batch * milliseconds  # backward
            if start not in kept:
                clocks[1] += batch * milliseconds
                kept.add(start)
    return [clock / 1000 for clock in clocks]


def stored_megabytes(images: int, features: int) -> float:
    """Millions of bytes of a float32 tensor with a row of features for each image."""
    import torch

    table = torch.zeros(images, features, dtype=torch.float32, device="meta")
    return table.numel() * table.element_size() / 1e6


def torch_gru_step(odds: Any, old: Any, candidate: Any) -> list[float]:
    """The new state of torch's GRUCell with this update gate and candidate, and its slope in the old state."""
    import math

    import torch

    cell = torch.nn.GRUCell(1, 1, dtype=torch.float64)
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.zero_()
        # torch's order: reset, update, candidate; torch's update gate is the share of the *old* state
        keep = math.log(odds[1] / odds[0])
        bias = [0.0, keep, math.atanh(float(candidate))]
        cell.bias_ih.copy_(torch.tensor(bias, dtype=torch.float64))
    state = torch.tensor([[float(old)]], dtype=torch.float64, requires_grad=True)
    new = cell(torch.zeros(1, 1, dtype=torch.float64), state)
    (slope,) = torch.autograd.grad(new, state)
    return [float(new.detach()), float(slope)]


def searched_gradient_bound(squashing: str, w: Any, steps: int) -> float:
    """The largest |dh_(t+n)/dh_t| that autograd finds when each pre-activation is moved over a grid around 0."""
    import torch

    shape = torch.tanh if squashing == "tanh" else torch.sigmoid
    weight, best = float(w), 1.0
    grid = torch.linspace(-3, 3, 601, dtype=torch.float64, requires_grad=True)
    (slopes,) = torch.autograd.grad(shape(grid).sum(), grid)
    # The pre-activations of the steps can be set one by one through the inputs, so that each factor has its own maximum.
    for _ in range(steps):
        best *= float((weight * slopes).abs().max())
    return best
