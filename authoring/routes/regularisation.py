"""Penalties, dropout and mirroring, by autograd, by listing all masks, and by mirroring a picture."""

from __future__ import annotations

import itertools
from typing import Any


def torch_penalised_steps(weight: Any, gradient: Any, learning_rate: Any, strength: Any) -> Any:
    """The weight after one step of torch's SGD, with the penalty strength * w^2 and with strength * |w|."""
    import torch

    results = []
    for power in (2, 1):
        w = torch.tensor(float(weight), dtype=torch.float64, requires_grad=True)
        loss = float(gradient) * w + float(strength) * w.abs() ** power
        w.grad = torch.autograd.grad(loss, w)[0]
        torch.optim.SGD([w], lr=float(learning_rate)).step()
        results.append(w.item())
    return results


def dropout_by_masks(products: Any, bias: Any, drop: Any) -> list[float]:
    """[mean without rescaling, largest value of inverted dropout], by listing all masks with their probabilities."""
    p = float(drop)
    mean, largest = 0.0, float("-inf")
    for mask in itertools.product((0, 1), repeat=len(products)):
        chance = 1.0
        for kept in mask:
            chance *= (1 - p) if kept else p
        kept_sum = float(sum(m * q for m, q in zip(mask, products, strict=True)))
        mean += chance * (kept_sum + float(bias))
        largest = max(largest, kept_sum / (1 - p) + float(bias))
    return [mean, largest]


def torch_dropout_statements(
    drop: Any, units: int, kept_factor: Any, test_factor: Any, quantity: str, masks: int
) -> list[bool]:
    """Four statements on inverted dropout, tried on torch's Dropout and on the list of all masks."""
    import torch

    p = float(drop)
    layer = torch.nn.Dropout(p).double()
    torch.manual_seed(0)
    ones = torch.ones(4000, dtype=torch.float64)
    trained = layer(ones)
    kept = float(trained.max())
    tested = float(layer.eval()(ones)[0])
    chances, outputs = torch.tensor([p, 1 - p]), torch.tensor([0.0, kept])
    mean = float((chances * outputs).sum())
    spread = float((chances * (outputs - mean) ** 2).sum())
    same = abs(mean - tested) < 1e-5 if quantity == "expected value" else spread < 1e-5
    return [
        abs(kept - float(kept_factor)) < 1e-9,
        abs(tested - float(test_factor)) < 1e-9,
        same,
        len(set(itertools.product((0, 1), repeat=units))) == masks,
    ]


def mirrored_eyes(height: int, width: int, left: Any, right: Any) -> list[list[int]]:
    """[x, y] of the left and the right eye after mirroring: a picture with two marks is mirrored with numpy.

    The person faces the camera upright, so that the left eye is the one further to the right in the picture.
    """
    import numpy as np

    picture = np.zeros((height, width))
    for x, y in (left, right):
        picture[y, x] = 1
    found = [[int(x), int(y)] for y, x in np.argwhere(np.fliplr(picture) == 1)]
    return sorted(found, reverse=True)
