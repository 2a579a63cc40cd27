"""Ensembles, dropout masks and bounded weights, by covariance matrices, by listing masks, and by torch."""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Any


def ensemble_variances(members: int, variance: Any, covariance: Any) -> list[float]:
    """Variance of the mean, independent and correlated, from the covariance matrix; the limit by extrapolation."""
    import numpy as np

    def of_mean(size: int, shared: float) -> float:
        matrix = np.full((size, size), shared)
        np.fill_diagonal(matrix, float(variance))
        share = np.full(size, 1 / size)
        return float(share @ matrix @ share)

    small, large = (of_mean(size, float(covariance)) for size in (200, 400))
    # V(n) = limit + c / n
    limit = 2 * large - small
    return [of_mean(members, 0.0), of_mean(members, float(covariance)), limit]


def zeros_by_masks(channels: int, pixels: int, drop: Any) -> list[float]:
    """[chance that channel 1 is all zero by entries, by channels, sets of zeros by entries, by channels]."""
    p = float(drop)
    whole = 0.0
    patterns = set()
    for mask in itertools.product((0, 1), repeat=channels * pixels):
        patterns.add(mask)
        if not any(mask[:pixels]):
            whole += p ** mask.count(0) * (1 - p) ** mask.count(1)
    by_channel = 0.0
    coarse = set()
    for mask in itertools.product((0, 1), repeat=channels):
        coarse.add(tuple(kept for kept in mask for _ in range(pixels)))
        if not mask[0]:
            by_channel += p ** mask.count(0) * (1 - p) ** mask.count(1)
    return [whole, by_channel, float(len(patterns)), float(len(coarse))]


def torch_renormed_step(weights: Any, gradients: Any, bound: Any) -> list[list[float]]:
    """One step of torch's SGD with learning rate 0.1, then torch's renorm of each row."""
    import torch

    w, g = (
        torch.tensor([[float(v) for v in row] for row in matrix], dtype=torch.float64)
        for matrix in (weights, gradients)
    )
    w.requires_grad_()
    w.grad = g
    torch.optim.SGD([w], lr=0.1).step()
    # torch adds 1e-7 to the norm that it divides by
    renormed = torch.renorm(w.detach(), 2, 0, float(bound))
    return [[round(value, 6) for value in row] for row in renormed.tolist()]


def torch_decay_claims(
    theta: Any, gradient: Any, strength: Any, learning_rate: Any, claims: Any, same: bool, way: str
) -> list[bool]:
    """Four statements on Adam with an L2 penalty and on AdamW, tried on torch's optimisers."""
    import torch

    rate, decay = float(learning_rate), float(strength)

    def after(make: Any, slopes: Any, start: float) -> float:
        w = torch.tensor([start], dtype=torch.float64, requires_grad=True)
        optimiser = make([w])
        for slope in slopes:
            w.grad = torch.tensor([slope], dtype=torch.float64)
            optimiser.step()
        return w.item()

    def adam(ws: Any) -> Any:
        return torch.optim.Adam(ws, lr=rate, weight_decay=decay, eps=0)

    def decoupled(ws: Any) -> Any:
        return torch.optim.AdamW(ws, lr=rate, weight_decay=decay, eps=0)

    def descent(ws: Any) -> Any:
        return torch.optim.SGD(ws, lr=rate, weight_decay=decay)

    start, slope = float(theta), float(gradient)
    first, second = (after(make, [slope], start) for make in (adam, decoupled))
    by_hand = (1 - rate * decay) * start - rate * slope
    equal = abs(after(descent, [slope], start) - by_hand) < 1e-12
    pulled = _pull_on_noise("Adam" if way == "the L2 penalty" else "AdamW")
    return [
        abs(first - float(claims[0])) < 1e-6,
        abs(second - float(claims[1])) < 1e-6,
        equal == same,
        pulled[1] < pulled[0] - 0.01,
    ]


@lru_cache(maxsize=2)
def _pull_on_noise(optimiser: str) -> tuple[float, float]:
    """How far a torch optimiser with decay 0.1 pulls a weight of 5 with small, and one with large random gradients."""
    import torch

    torch.manual_seed(0)
    w = torch.tensor([5.0, 5.0], dtype=torch.float64, requires_grad=True)
    rule = getattr(torch.optim, optimiser)([w], lr=1e-3, weight_decay=0.1, eps=0)
    for noise in torch.randn(1500, dtype=torch.float64):
        w.grad = noise * torch.tensor([1.0, 100.0], dtype=torch.float64)
        rule.step()
    small, large = (5.0 - w.detach()).tolist()
    return small, large


def torch_possible_dropout(before: Any, after: Any, drop: Any, other: Any) -> list[bool]:
    """Whether Dropout and Dropout2d with `drop`, Dropout2d with `other`, or Dropout2d in evaluation mode can give `after`.

    Torch drops many copies; entries of Dropout are independent, so that each is looked at by itself.
    """
    import torch

    torch.manual_seed(0)
    x = torch.tensor([[[[float(v) for v in row] for row in m] for m in before]])
    y = torch.tensor([[[[float(v) for v in row] for row in m] for m in after]])
    copies = x.repeat(3000, 1, 1, 1)

    def close(t: torch.Tensor) -> torch.Tensor:
        return (t - y).abs() < 1e-4

    def whole(p: Any) -> bool:
        matches = close(torch.nn.Dropout2d(float(p))(copies))
        return bool(matches.flatten(1).all(dim=1).any())

    entries = close(torch.nn.Dropout(float(drop))(copies)).any(dim=0)
    asleep = close(torch.nn.Dropout2d(float(drop)).eval()(x))
    return [bool(entries.all()), whole(drop), whole(other), bool(asleep.all())]


def brute_penalty_statements(
    best: Any,
    curvature: Any,
    paths: Any,
    named: int,
    reach: Any,
    strength: Any,
    claim: Any,
    first_zero: int,
) -> list[bool]:
    """Four statements on L1 and L2 penalties, by searching for minimisers on a fine grid of weights."""
    import numpy as np

    grid = np.arange(0, 5201) / 1000

    def minimiser(size: float, penalty: Any) -> list[float]:
        return [
            float(grid[np.argmin(float(h) / 2 * (grid - float(b)) ** 2 + size * penalty(grid))])
            for b, h in zip(best, curvature, strict=True)
        ]

    def square(w: Any) -> Any:
        return w**2 / 2

    sizes = np.arange(1, 50) / 2 + 1 / 16
    absolute = [minimiser(float(s), np.abs) for s in sizes]
    chain = np.array([[float(v) for v in p] for p in paths[named]])

    def distance(point: list[float]) -> float:
        found = np.inf
        for a, b in itertools.pairwise(chain):
            along = b - a
            t = np.clip(np.dot(np.array(point) - a, along) / np.dot(along, along), 0, 1)
            found = min(found, float(np.linalg.norm(np.array(point) - a - t * along)))
        return found

    on_path = max(distance(p) for p in absolute) < 1e-2
    zeros = minimiser(float(reach), np.abs).count(0.0)
    ridge = minimiser(float(strength), square)
    when = [next(s for s, p in zip(sizes, absolute, strict=True) if p[i] == 0) for i in (0, 1)]
    return [
        on_path,
        zeros == 1,
        all(abs(a - float(c)) < 2e-3 for a, c in zip(ridge, claim, strict=True)),
        int(when[1] < when[0]) == first_zero,
    ]


def torch_dropped_network(
    x: Any, w: Any, b: Any, v: Any, c: Any, passes: int, what: str
) -> float | list[float]:
    """A network of two hidden units and its four dropout networks: hidden, outs, average, scaled or spreads."""
    spread, found = _dropped(x, tuple(w), tuple(b), tuple(v), c)
    return [spread, spread / passes] if what == "spreads" else found[what]


@lru_cache(maxsize=8)
def _dropped(
    x: Any, w: tuple[Any, ...], b: tuple[Any, ...], v: tuple[Any, ...], c: Any
) -> tuple[float, dict[str, float | list[float]]]:
    import torch

    nn = torch.nn
    first, last = nn.Linear(1, 2).double(), nn.Linear(2, 1).double()
    first.load_state_dict(
        {
            "weight": torch.tensor([[float(k)] for k in w]),
            "bias": torch.tensor([float(k) for k in b]),
        }
    )
    last.load_state_dict(
        {
            "weight": torch.tensor([[float(k) for k in v]]),
            "bias": torch.tensor([float(c)]),
        }
    )
    with torch.no_grad():
        hidden = first(torch.tensor([float(x)], dtype=torch.float64)).relu()
        masks = torch.tensor([[1, 1], [1, 0], [0, 1], [0, 0]], dtype=torch.float64)
        outs = last(masks * hidden).relu()[:, 0]
        scaled = float(last(hidden / 2).relu())
    return float(outs.var(correction=0)), {
        "hidden": hidden.tolist(),
        "outs": outs.tolist(),
        "average": float(outs.mean()),
        "scaled": scaled,
    }


def brute_shrunk_weights(best: Any, curvature: Any, strength: Any, penalty: str) -> list[float]:
    """Where loss and penalty together are smallest, coordinate by coordinate, by ternary search."""
    found = []
    for centre, h in zip(best, curvature, strict=True):

        def value(w: float, a: float = float(centre), k: float = float(h)) -> float:
            extra = abs(w) if penalty == "L1" else w * w / 2
            return k / 2 * (w - a) ** 2 + float(strength) * extra

        low, high = -100.0, 100.0
        for _ in range(200):
            third = (high - low) / 3
            if value(low + third) < value(high - third):
                high -= third
            else:
                low += third
        found.append(round((low + high) / 2, 5))
    return found


def torch_two_steps(best: Any, curvature: Any) -> list[float]:
    """The weights after two steps of torch's SGD from 0 with learning rate 1/8."""
    import torch

    a, h = (
        torch.tensor([float(v) for v in given], dtype=torch.float64) for given in (best, curvature)
    )
    w = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([w], lr=0.125)
    for _ in range(2):
        w.grad = torch.autograd.grad((h * (w - a) ** 2).sum() / 2, w)[0]
        optimiser.step()
    weights: list[float] = w.detach().tolist()
    return weights


def torch_matching_strength(best: Any, curvature: Any) -> float:
    """The L2 strength whose minimiser, found by bisection, is where two steps of torch's SGD from 0 lead."""
    wanted = abs(torch_two_steps([best, best], [curvature, curvature])[0])
    low, high = 0.0, 1000.0
    for _ in range(100):
        middle = (low + high) / 2
        # at the minimiser the slopes of loss and penalty cancel; it falls as the strength grows
        slope = float(curvature) * (wanted - abs(float(best))) + middle * wanted
        low, high = (middle, high) if slope < 0 else (low, middle)
    return (low + high) / 2
