"""Gradients of small layers and of losses, by autograd and by counting what a gradient check runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def torch_jacobian_shapes(inputs: int, outputs: int, batch: int) -> list[Any]:
    """Shape of the Jacobian of a random Linear layer for one sample, for a flattened batch, and its non-zeros."""
    import torch

    torch.manual_seed(0)
    layer = torch.nn.Linear(inputs, outputs, dtype=torch.float64)
    jacobian: Any = torch.autograd.functional.jacobian
    one = jacobian(layer, torch.randn(inputs, dtype=torch.float64))
    flat = torch.randn(batch * inputs, dtype=torch.float64)
    whole = jacobian(lambda x: layer(x.reshape(batch, inputs)).flatten(), flat)
    return [list(one.shape), list(whole.shape), int(whole.count_nonzero())]


def gradient_check_claims(parameters: int, shrink: int, claims: Sequence[int]) -> list[bool]:
    """Which claims on a gradient check hold, by running it with a counter in the function.

    claims: calls for central differences, calls for forward differences, the factor by which the error of a
    central difference falls when its step is divided by `shrink`, backward passes of torch for the whole gradient.
    """
    import math

    import torch

    calls = 0

    def loss(values: list[float]) -> float:
        nonlocal calls
        calls += 1
        return sum(v * v for v in values)

    start, step = [0.5] * parameters, 1e-3

    def moved(index: int, by: float) -> list[float]:
        return [v + by if i == index else v for i, v in enumerate(start)]

    for i in range(parameters):
        loss(moved(i, step))
        loss(moved(i, -step))
    central, calls = calls, 0
    loss(start)
    for i in range(parameters):
        loss(moved(i, step))

    def error(h: float) -> float:
        return abs((math.exp(h) - math.exp(-h)) / (2 * h) - 1)

    ratio = error(0.01) / error(0.01 / shrink)
    x = torch.full((parameters,), 0.5, dtype=torch.float64, requires_grad=True)
    passes = 0
    while x.grad is None or x.grad.numel() < parameters:
        (x * x).sum().backward()
        passes += 1
    found = [central, calls, round(ratio), passes]
    return [f == c for f, c in zip(found, claims, strict=True)]


def torch_logistic_gradient(odds: Any, x: Any, label: int) -> list[float]:
    """Gradient of torch's binary cross-entropy in w1, w2 and b, where w . x + b is the logarithm of the odds."""
    import torch

    features = torch.tensor([*map(float, x), 1.0], dtype=torch.float64)
    w = torch.zeros(3, dtype=torch.float64)
    w[2] = torch.tensor(float(odds), dtype=torch.float64).log()
    w.requires_grad_()
    target = torch.tensor(float(label), dtype=torch.float64)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(w @ features, target)
    return [float(g) for g in torch.autograd.grad(loss, w)[0]]


def torch_two_heads(w: Any, x: Any, heads: Any, targets: Any, factor: Any, wanted: str) -> float:
    """Derivative in h or w of 1/2 (a h - s)^2 + factor 1/2 (b h - t)^2 with h = w x, by autograd."""
    import torch

    weight = torch.tensor(float(w), dtype=torch.float64, requires_grad=True)
    h = weight * float(x)
    losses = [0.5 * (float(a) * h - float(t)) ** 2 for a, t in zip(heads, targets, strict=True)]
    total = losses[0] + float(factor) * losses[1]
    return float(torch.autograd.grad(total, {"h": h, "w": weight}[wanted])[0])


def torch_sigmoid_neuron(weights: Any, x: Any, rest: Any, odds: Any, target: Any, part: str) -> Any:
    """Output, [dL/da, dL/dz] or [dL/dw1, dL/dw2, dL/dx1, dL/dx2] of L = 1/2 (sigmoid(z) - target)^2.

    z is w . x - rest + ln(odds).
    """
    import torch

    w, v = (
        torch.tensor([float(e) for e in u], dtype=torch.float64, requires_grad=True)
        for u in (weights, x)
    )
    z = w @ v - float(rest) + torch.tensor(float(odds), dtype=torch.float64).log()
    a = torch.sigmoid(z)
    loss = 0.5 * (a - float(target)) ** 2
    if part == "output":
        return float(a.detach())
    if part == "upstream":
        return [float(g) for g in torch.autograd.grad(loss, (a, z))]
    return [float(g) for pair in torch.autograd.grad(loss, (w, v)) for g in pair]


def torch_two_layer_step(w: Any, v: Any, x: Any, target: Any, rate: Any, part: str) -> Any:
    """Hidden outputs, output, gradients and weights after one step of torch's SGD, for L = 1/2 (v . relu(W x) - t)^2."""
    import torch

    first, last = (torch.tensor(u, dtype=torch.float64, requires_grad=True) for u in (w, v))
    h = torch.relu(first @ torch.tensor(x, dtype=torch.float64))
    y = last @ h
    (0.5 * (y - float(target)) ** 2).backward()
    found = {
        "forward": [*h.tolist(), float(y.detach())],
        "v": last.grad.tolist(),  # type: ignore[union-attr]
        "W": first.grad.tolist(),  # type: ignore[union-attr]
    }
    torch.optim.SGD([first, last], lr=float(rate)).step()
    found["step"] = [*first.detach().tolist(), last.detach().tolist()]
    return found[part]


def torch_gradient_formulas(batch: int, inputs: int, outputs: int, formulas: Any) -> list[bool]:
    """Which of the named products is the gradient that it is said to be, for Y = X W + b, by autograd.

    A formula is [quantity, left, right] with W, X, dY or their transposes ("XT"), or [quantity, "dY", "rows" or
    "columns"] for a sum over rows (samples) or columns. A product that does not exist is wrong.
    """
    import torch

    torch.manual_seed(0)
    x, w, b = (
        torch.randn(*shape, dtype=torch.float64, requires_grad=True)
        for shape in ((batch, inputs), (inputs, outputs), (outputs,))
    )
    upstream = torch.randn(batch, outputs, dtype=torch.float64)
    gradients = torch.autograd.grad(x @ w + b, (x, w, b), upstream)
    true = dict(zip(("X", "W", "b"), gradients, strict=True))
    named = {"X": x, "W": w, "dY": upstream}
    named |= {f"{name}T": value.T for name, value in named.items()}
    flags = []
    for quantity, left, right in formulas:
        if right in ("rows", "columns"):
            claim = named[left].sum(0 if right == "rows" else 1)
        elif named[left].shape[1] != named[right].shape[0]:
            flags.append(False)
            continue
        else:
            claim = named[left] @ named[right]
        wanted = true[quantity]
        flags.append(claim.shape == wanted.shape and bool(torch.allclose(claim, wanted)))
    return flags


def torch_weight_shape(inputs: int, outputs: int) -> list[int]:
    """Shape of the gradient in W of X W, by autograd."""
    import torch

    w = torch.ones(inputs, outputs, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad((torch.ones(1, inputs, dtype=torch.float64) @ w).sum(), w)
    return list(gradient.shape)
