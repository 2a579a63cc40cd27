"""Lecture 7 by torch's initialisers, losses and autograd, and by numerical integration."""

from __future__ import annotations

import itertools
import math
from functools import lru_cache
from typing import Any


def torch_conv_he_std(channels: int, filters: int, kernel: int) -> float:
    """Torch's gain for ReLU over the root of the fan-in: the inputs that reach one output, counted by autograd."""
    import torch

    image = torch.ones(1, channels, kernel + 2, kernel + 2, dtype=torch.float64, requires_grad=True)
    weight = torch.ones(filters, channels, kernel, kernel, dtype=torch.float64)
    torch.nn.functional.conv2d(image, weight)[0, 0, 1, 1].backward()
    if image.grad is None:
        raise ValueError("no gradient")
    fan_in = int((image.grad != 0).sum())
    return float(torch.nn.init.calculate_gain("relu")) / math.sqrt(fan_in)


def torch_multi_margin(scores: Any, target: int) -> float:
    """Torch's MultiMarginLoss, which divides by the number of classes, times that number."""
    import torch

    row = torch.tensor([[float(s) for s in scores]], dtype=torch.float64)
    loss = torch.nn.functional.multi_margin_loss(row, torch.tensor([target]))
    return float(loss) * len(scores)


def torch_largest_shares(predictions: Any, targets: Any) -> list[float]:
    """The largest term's share of torch's L1 loss and of its squared loss."""
    import torch

    p, t = (
        torch.tensor([float(v) for v in side], dtype=torch.float64)
        for side in (predictions, targets)
    )
    found = []
    for loss in (torch.nn.functional.l1_loss, torch.nn.functional.mse_loss):
        terms = loss(p, t, reduction="none")
        found.append(float(terms.max() / terms.sum()))
    return found


def variance_by_quadrature(
    fan_in: int, weight_variance: Any, input_square: Any, layers: int
) -> float:
    """Variance of the last pre-activations: each layer's mean square of ReLU(s) integrated over s ~ N(0, v)."""
    import numpy as np

    # The integrand is a half parabola: integrate over the positive half with Gauss-Legendre.
    nodes, weights = np.polynomial.legendre.leggauss(80)
    square = float(input_square)
    variance = 0.0
    for _ in range(layers):
        variance = fan_in * float(weight_variance) * square
        s = (nodes + 1) / 2 * 12 * math.sqrt(variance)
        density = np.exp(-(s**2) / (2 * variance)) / math.sqrt(2 * math.pi * variance)
        square = float((weights * s**2 * density).sum() * 6 * math.sqrt(variance))
    return float(f"{variance:.9g}")


def torch_relu_unit(
    inputs: Any, weights: Any, bias: Any, upstream: Any, rate: Any, wanted: str
) -> list[float]:
    """The gradient of a ReLU unit's parameters ("gradient"), or its pre-activations after one step ("after")."""
    import torch

    x, g = (torch.tensor(_floats(value), dtype=torch.float64) for value in (inputs, upstream))
    unit = torch.nn.Linear(x.shape[1], 1).double()
    with torch.no_grad():
        unit.weight.copy_(torch.tensor([_floats(weights)]))
        unit.bias.fill_(float(bias))
    optimiser = torch.optim.SGD(unit.parameters(), lr=float(rate))
    torch.relu(unit(x))[:, 0].backward(g)
    if unit.weight.grad is None or unit.bias.grad is None:
        raise ValueError("no gradient")
    if wanted == "gradient":
        return [*unit.weight.grad[0].tolist(), float(unit.bias.grad)]
    optimiser.step()
    return [float(z) for z in unit(x)[:, 0].detach()]


def constant_weight_claims(activation: str, constant: Any, width: int, stays: bool) -> list[bool]:
    """Claims on one hidden layer with constant weights, by training it in torch.

    Equal hidden outputs; zero gradient of the first weights; of the second; units that stay (or become un-) equal.
    """
    same_output, first_zero, second_zero, equal = _constant(activation, float(constant), width)
    return [same_output, first_zero, second_zero, equal if stays else not equal]


@lru_cache(maxsize=64)
def _constant(activation: str, constant: float, width: int) -> tuple[bool, bool, bool, bool]:
    import torch

    torch.manual_seed(0)
    x, y = torch.randn(16, 5, dtype=torch.float64), torch.randn(16, 1, dtype=torch.float64) + 2
    sizes = (5, width, 1)
    layers = [torch.nn.Linear(a, b).double() for a, b in itertools.pairwise(sizes)]
    for layer in layers:
        torch.nn.init.constant_(layer.weight, constant)
        torch.nn.init.zeros_(layer.bias)
    act = {"tanh": torch.tanh, "sigmoid": torch.sigmoid}[activation]
    parameters = [p for layer in layers for p in layer.parameters()]
    optimiser = torch.optim.SGD(parameters, lr=0.01)
    hidden = act(layers[0](x))
    same_output = bool((hidden - hidden[:, :1]).abs().max() < 1e-12)
    zero: list[bool] = []
    for step in range(100):
        optimiser.zero_grad()
        loss = ((layers[1](act(layers[0](x))) - y) ** 2).mean()
        loss.backward()
        if step == 0:
            gradients = [layer.weight.grad for layer in layers]
            zero = [g is not None and bool(g.abs().max() < 1e-12) for g in gradients]
        optimiser.step()
    rows = layers[0].weight.detach()
    equal = bool((rows - rows[:1]).abs().max() < 1e-9)
    return same_output, zero[0], zero[1], equal


def scaled_score_claims(factor: Any, claims: Any) -> list[bool]:
    """What holds for random scores when they are multiplied by the factor.

    `claims` gives the direction that each of the last three statements names (1 up, -1 down): probability of the
    predicted class, loss of samples classified rightly, loss of each sample classified wrongly.
    """
    same, kept_top, kept_right, kept_wrong = _scaled(float(factor))
    return [
        same,
        *(
            kept == int(c)
            for kept, c in zip((kept_top, kept_right, kept_wrong), claims, strict=True)
        ),
    ]


@lru_cache(maxsize=16)
def _scaled(factor: float) -> tuple[bool, int, int, int]:
    """Whether the argmax stays, and the common direction of each of the three changes (0: there is none)."""
    import torch

    torch.manual_seed(0)
    scores = 2 * torch.randn(4000, 4, dtype=torch.float64)
    labels = torch.randint(4, (4000,))
    before, after = (torch.log_softmax(s, 1) for s in (scores, factor * scores))
    right = before.argmax(1) == labels
    pick = labels[:, None]
    change = (before.gather(1, pick) - after.gather(1, pick))[:, 0]

    def direction(values: Any) -> int:
        return 1 if bool((values > 0).all()) else -1 if bool((values < 0).all()) else 0

    top = direction(after.max(1).values - before.max(1).values)
    same = bool((before.argmax(1) == after.argmax(1)).all())
    return same, top, direction(change[right]), direction(change[~right])


def usable_nonlinearities(names: Any) -> list[bool]:
    """Whether each activation bends a line and lets gradients through somewhere, by torch's autograd."""
    return [_usable(str(name)) for name in names]


@lru_cache(maxsize=16)
def _usable(name: str) -> bool:
    import torch

    functional: Any = torch.nn.functional
    function = {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "leaky_relu": lambda x: functional.leaky_relu(x, 0.2),
        "elu": functional.elu,
        "softplus": functional.softplus,
        "hard_tanh": functional.hardtanh,
        "step": lambda x: (x > 0).double() + 0 * x,
        "linear": lambda x: x,
        "constant": lambda x: 0 * x + 1,
    }[name]
    x = torch.linspace(-3, 3, 62, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(function(x).sum(), x)
    # All second differences are 0 for an affine function alone.
    y = function(x).detach()
    bends = bool((y[2:] - 2 * y[1:-1] + y[:-2]).abs().max() > 1e-9)
    return bends and bool((slope.abs() > 1e-9).any())


def _floats(value: Any) -> Any:
    return [_floats(item) for item in value] if isinstance(value, (list, tuple)) else float(value)
