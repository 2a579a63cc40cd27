"""Activations, losses and outputs of lecture 7, by torch's layers, its autograd and its float32 arithmetic."""

from __future__ import annotations

import math
from typing import Any


def reachable_by_one_step(signs: Any, offsets: Any) -> list[bool]:
    """Whether one step of SGD on one sample can move the two weights of a unit by each offset.

    Tried with torch on a grid of inputs of the given signs and upstream gradients: a direction counts as reached where
    some gradient points against it.
    """
    import torch

    sizes = [k / 4 for k in range(1, 33)]
    found = []
    for offset in offsets:
        target = torch.tensor([float(o) for o in offset], dtype=torch.float64)
        target = target / target.norm()
        inputs = torch.tensor(
            [[float(signs[0]) * a, float(signs[1]) * b] for a in sizes for b in sizes],
            dtype=torch.float64,
        )
        # z = w x: the gradient of each sample's loss is its upstream gradient times the sample.
        steps = torch.cat([-1.0 * inputs, 1.0 * inputs])
        directions = steps / steps.norm(dim=1, keepdim=True)
        found.append(bool((directions @ target).max() > 1 - 1e-9))
    return found


def torch_margin_means(classes: int, lead: Any, batch: int) -> list[float]:
    """Torch's multiclass margin loss of a batch, all scores alike, then with the true score in the lead."""
    import torch

    labels = torch.arange(batch) % classes
    found = []
    for ahead in (0.0, float(lead)):
        scores = torch.zeros(batch, classes, dtype=torch.float64)
        scores[torch.arange(batch), labels] += ahead
        # Torch divides each sample's sum by the number of classes.
        found.append(float(torch.nn.functional.multi_margin_loss(scores, labels)) * classes)
    return found


def torch_hinge_and_entropy(scores: Any, target: int, watched: int) -> list[float]:
    """[hinge loss, cross-entropy, hinge gradient and cross-entropy gradient of the watched score]."""
    import torch

    row = torch.tensor([[float(s) for s in scores]], dtype=torch.float64, requires_grad=True)
    label = torch.tensor([target])
    hinge = torch.nn.functional.multi_margin_loss(row, label) * len(scores)
    entropy = torch.nn.functional.cross_entropy(row, label)
    slopes = [torch.autograd.grad(loss, row)[0][0, watched] for loss in (hinge, entropy)]
    return [hinge.item(), entropy.item(), *(s.item() for s in slopes)]


def hinge_and_entropy_claims(scores: Any, target: int, watched: int, claims: Any) -> list[bool]:
    """The claimed value of the hinge loss, its claimed slope, and two statements on the cross-entropy.

    `claims`: [hinge loss, slope of the hinge loss in the watched score, name of each of two statements].
    """
    hinge, entropy, hinge_slope, entropy_slope = torch_hinge_and_entropy(scores, target, watched)
    higher = [float(s) + (4.0 if i == target else 0.0) for i, s in enumerate(scores)]
    hinge_later, entropy_later, *_ = torch_hinge_and_entropy(higher, target, watched)
    known = {
        "entropy zero": entropy < 1e-12,
        "entropy positive": entropy > 0,
        "entropy falls on": entropy_later < entropy,
        "hinge falls on": hinge_later < hinge - 1e-12,
        "entropy slope zero": abs(entropy_slope) < 1e-12,
        "entropy slope positive": entropy_slope > 0,
    }
    first = abs(hinge - float(claims[0])) < 1e-9
    second = abs(hinge_slope - float(claims[1])) < 1e-9
    return [first, second, known[claims[2]], known[claims[3]]]


def torch_mean_cross_entropy(odds: Any, targets: Any) -> float:
    """Torch's cross-entropy of a batch whose scores are the logarithms of the odds; classes from 1."""
    import torch

    scores = torch.tensor([[math.log(o) for o in row] for row in odds], dtype=torch.float64)
    return float(torch.nn.functional.cross_entropy(scores, torch.tensor(list(targets)) - 1))


def torch_prelu_gradients(inputs: Any, slope: Any, upstream: Any) -> list[float]:
    """Gradients of the two inputs and of the shared slope of torch's PReLU."""
    import torch

    x = torch.tensor([float(v) for v in inputs], dtype=torch.float64, requires_grad=True)
    a = torch.tensor([float(slope)], dtype=torch.float64, requires_grad=True)
    out = torch.nn.functional.prelu(x, a)
    dx, da = torch.autograd.grad(
        out, (x, a), torch.tensor([float(u) for u in upstream], dtype=torch.float64)
    )
    return [*dx.tolist(), float(da)]


def elu_of_input(output: Any, alpha: Any) -> list[float]:
    """The input at which torch's ELU has this output, found by halving, and the slope there by autograd."""
    import torch

    low, high = -50.0, 50.0
    slope = 0.0
    for _ in range(200):
        at = torch.tensor((low + high) / 2, dtype=torch.float64, requires_grad=True)
        out = torch.nn.functional.elu(at, alpha=float(alpha))
        slope = float(torch.autograd.grad(out, at)[0])
        low, high = (low, at.item()) if out.item() > float(output) else (at.item(), high)
    return [float(f"{low:.9g}"), float(f"{slope:.9g}")]


def torch_maxout(
    weights: Any, biases: Any, inputs: Any, size: int, pieces: int, units: int
) -> list[float]:
    """[value, its derivatives by both inputs] of a maxout unit, and the parameters of torch's layer of such units."""
    import torch

    x = torch.tensor([float(v) for v in inputs], dtype=torch.float64, requires_grad=True)
    w = torch.tensor([[float(v) for v in row] for row in weights], dtype=torch.float64)
    b = torch.tensor([float(v) for v in biases], dtype=torch.float64)
    value = torch.nn.functional.max_pool1d((w @ x + b)[None], len(weights))[0, 0]
    slopes = torch.autograd.grad(value, x)[0].tolist()
    layer = torch.nn.Linear(size, pieces * units)
    return [float(value.detach()), *slopes, sum(p.numel() for p in layer.parameters())]


def maxout_can_draw(chains: Any, pieces: int) -> list[bool]:
    """Whether each chain of straight lines is the maximum of so many lines: of those through its own pieces."""
    import numpy as np

    found = []
    for chain in chains:
        xs, ys = (np.array([float(p[k]) for p in chain]) for k in (0, 1))
        slopes = np.diff(ys) / np.diff(xs)
        lines = {(float(m), float(y - m * x)) for m, x, y in zip(slopes, xs, ys, strict=False)}
        grid = np.linspace(xs[0], xs[-1], 241)
        drawn = np.interp(grid, xs, ys)
        highest = np.max([m * grid + c for m, c in lines], axis=0)
        found.append(bool(np.abs(highest - drawn).max() < 1e-9) and len(lines) <= pieces)
    return found


def float32_losses(scores: Any, target: int, kept: bool = True) -> list[bool]:
    """Which of four ways to compute the cross-entropy of a sample in float32 gives the right value to 1 %.

    Without `kept`, the second way forgets the subtracted maximum in its last term.
    """
    import torch

    s = torch.tensor([float(v) for v in scores], dtype=torch.float32)
    exact = torch.nn.functional.cross_entropy(s.double()[None], torch.tensor([target]))
    e = torch.exp
    stable = e(s - s.max()) / e(s - s.max()).sum()
    ways = [
        -torch.log(e(s[target]) / e(s).sum()),
        torch.log(e(s - s.max()).sum()) - (s[target] - (s.max() if kept else 0)),
        torch.log(e(s - s.min()).sum()) - (s[target] - s.min()),
        -torch.log(stable[target]),
    ]
    return [
        bool(torch.isfinite(way)) and abs(float(way) - float(exact)) <= 0.01 * max(float(exact), 1)
        for way in ways
    ]


def torch_multi_label_loss(odds: Any, labels: Any) -> float:
    """The sum of torch's binary cross-entropies with logits ln(odds)."""
    import torch

    logits = torch.tensor([math.log(float(o)) for o in odds], dtype=torch.float64)
    target = torch.tensor([float(y) for y in labels], dtype=torch.float64)
    return float(
        torch.nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="sum")
    )
