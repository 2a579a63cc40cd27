"""Shapes, softmax, cross-entropy and sigmoid outputs by torch, by bisection and by fits."""

from __future__ import annotations

import math
from typing import Any


def torch_batch_shapes(rows: bool, batch: int, widths: Any, asked: str) -> list[int]:
    """The shape of one of W2, H2 and W3 in a forward pass that torch carries out; samples as rows or columns."""
    import torch

    value = torch.ones(batch, widths[0]) if rows else torch.ones(widths[0], batch)
    shapes = {}
    for layer in (1, 2, 3):
        weight = torch.nn.Linear(widths[layer - 1], widths[layer]).weight.detach()
        if rows:
            weight = weight.T
        value = value @ weight if rows else weight @ value
        shapes[f"W{layer}"], shapes[f"H{layer}"] = weight.shape, value.shape
    return list(shapes[asked])


def torch_equal_logits_loss(classes: int, logit: int) -> float:
    """Torch's cross-entropy of one sample whose logits are all alike."""
    import torch

    logits = torch.full((1, classes), float(logit), dtype=torch.float64)
    return float(torch.nn.functional.cross_entropy(logits, torch.tensor([0])))


def probability_by_bisection(base: int, rows: Any, labels: Any) -> float:
    """The probability of the third sample's true class with which torch's mean loss becomes ln(base)."""
    import torch

    known = [float(row[label - 1]) for row, label in zip(rows, labels, strict=False)]

    def loss(q: float) -> float:
        p = torch.tensor([*known, q], dtype=torch.float64)
        ones = torch.ones_like(p)
        return float(torch.nn.functional.binary_cross_entropy(p, ones))

    low, high = 1e-9, 1.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if loss(middle) > math.log(base) else (low, middle)
    return (low + high) / 2


def torch_tempered_softmax(odds: Any, temperature: Any, index: int) -> float:
    """One entry of torch's softmax of the logarithms divided by the temperature."""
    import torch

    logits = torch.tensor([float(o) for o in odds], dtype=torch.float64).log()
    return float((logits / float(temperature)).softmax(0)[index])


def temperature_by_bisection(gap: int, odds: int) -> float:
    """The temperature at which torch's softmax of (ln gap, 0) has the ratio `odds`."""
    import torch

    logits = torch.tensor([math.log(gap), 0.0], dtype=torch.float64)
    low, high = 0.02, 50.0
    for _ in range(100):
        middle = (low + high) / 2
        p = (logits / middle).softmax(0)
        low, high = (middle, high) if float(p[0] / p[1]) > odds else (low, middle)
    return (low + high) / 2


def sigmoid_fitted_to_tanh(w: int, b: int, v: int, c: int) -> list[float]:
    """(w, b, v, c) of v sigmoid(w x + b) + c, read off the graph of v tanh(w x + b) + c.

    The limits give v and c; the logit of what lies between them is straight and gives w and b.
    """
    import torch

    def y(x: Any) -> Any:
        return v * torch.tanh(w * torch.as_tensor(x, dtype=torch.float64) + b) + c

    far = 60.0 if w > 0 else -60.0
    bottom, top = float(y(-far)), float(y(far))
    shares = (y([0.0, 0.1]) - bottom) / (top - bottom)
    at_0, at_1 = shares.logit().tolist()
    return [round((at_1 - at_0) * 10, 5), round(at_0, 5), round(top - bottom, 9), round(bottom, 9)]


def torch_two_logit_head(w: Any, bias: Any, odds: Any, x: Any, label: int, asked: str) -> Any:
    """Probabilities, loss and gradients of a softmax over two logits, by torch; its sigmoid by fitting the logit of p1."""
    import torch

    weight = torch.tensor([[float(v) for v in row] for row in w], dtype=torch.float64)
    shift = torch.tensor(
        [float(b) + math.log(o) for b, o in zip(bias, odds, strict=True)], dtype=torch.float64
    )

    def logits(features: Any) -> Any:
        return torch.tensor(features, dtype=torch.float64) @ weight.T + shift

    z = logits([[float(v) for v in x]]).requires_grad_()
    loss = torch.nn.functional.cross_entropy(z, torch.tensor([label - 1]))
    if asked == "p":
        return z.softmax(1)[0].tolist()
    if asked == "loss":
        return loss.item()
    if asked == "gradient":
        return torch.autograd.grad(loss, z)[0][0].tolist()
    if asked == "head":
        # What a sigmoid must get at the origin and one step along each feature.
        at = logits([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]).softmax(1)[:, 0].logit()
        along = [float(at[k] - at[0]) for k in (1, 2)]
        return [round(v, 6) for v in (*along, float(at[0]) - math.log(odds[0] / odds[1]))]
    one = z.softmax(1)[0, 0].detach().logit().requires_grad_()
    squared = (torch.sigmoid(one) - (1.0 if label == 1 else 0.0)) ** 2
    return float(torch.autograd.grad(squared, one)[0])
