"""Lecture 4 by simulation, counting, and torch's autograd: descent, code, chains of functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any


def simulated_descent(
    points: Any, starts: Sequence[Any], leftward: bool, nears: int, top: int, stays: bool
) -> list[bool]:
    """Claims on gradient descent from four starts, by small steps down the drawn chain of points."""
    import numpy as np

    x, y = np.array([[float(a), float(b)] for a, b in points]).T

    def slope(w: float) -> float:
        return float(np.interp(w + 0.01, x, y) - np.interp(w - 0.01, x, y)) / 0.02

    def end(w: float) -> float:
        for _ in range(4000):
            w -= 0.002 * slope(w)
        return w

    s = [float(w) for w in starts]
    ends = [end(w) for w in s]
    losses = [float(np.interp(w, x, y)) for w in ends]
    # The graph is symmetric to first order at its maximum: no step in either direction.
    at_rest = abs(slope(float(top))) < 0.05
    return [
        (slope(s[0]) > 0) == leftward,
        abs(ends[1] - nears) < 0.3,
        at_rest == stays,
        losses[2] < losses[3],
    ]


def run_backward_lines(lines: Sequence[str], skip: bool) -> list[bool]:
    """Which lines of a backward pass give autograd's gradients, on random numbers."""
    import torch

    torch.manual_seed(5)
    x, w = (
        torch.randn(s, dtype=torch.float64, requires_grad=True) for s in ((6, 4), (4, 4))
    )
    b = torch.randn(4, dtype=torch.float64, requires_grad=True)
    z = x @ w + b
    h = z.clamp(min=0)
    y = x + h if skip else h
    up = torch.randn(6, 4, dtype=torch.float64)
    dx, dw, db, dz = torch.autograd.grad(y, (x, w, b, z), up)
    # dX of the layer alone and past it: z is an inner node, whose own gradient autograd gives as well.
    results: Mapping[str, Callable[[], Any]] = {
        "dZ = dY * (Z > 0)": lambda: up * (z > 0),
        "dZ = dY * (dY > 0)": lambda: up * (up > 0),
        "dZ = dY * H": lambda: up * h,
        "dW = X.T @ dZ": lambda: x.T @ dz,
        "dW = X.T @ dY": lambda: x.T @ up,
        "dW = Z.T @ dZ": lambda: z.T @ dz,
        "db = dZ.sum(axis=0)": lambda: dz.sum(dim=0),
        "db = dZ.mean(axis=0)": lambda: dz.mean(dim=0),
        "db = dY.sum(axis=0)": lambda: up.sum(dim=0),
        "dX = dZ @ W.T + dY": lambda: dz @ w.T + up,
        "dX = dZ @ W.T": lambda: dz @ w.T,
        "dX = dZ @ W + dY": lambda: dz @ w + up,
        "dX = dZ @ W": lambda: dz @ w,
        "dX = dY @ W.T": lambda: up @ w.T,
    }
    wanted = {"dZ": dz, "dW": dw, "db": db, "dX": dx}
    return [bool(torch.allclose(results[line](), wanted[line[:2]])) for line in lines]


def torch_quotient_graph(x: int, y: int, k: int) -> list[float]:
    """Gradients of x / (y + exp(u)) at u = ln k, by autograd."""
    import torch

    leaves = [torch.tensor(float(v), dtype=torch.float64) for v in (x, y, k)]
    leaves[2] = leaves[2].log()
    for leaf in leaves:
        leaf.requires_grad_()
    f = leaves[0] / (leaves[1] + leaves[2].exp())
    return [float(g) for g in torch.autograd.grad(f, leaves)]


def torch_unit_length(x: Any, upstream: Any) -> list[float]:
    """The gradient through torch's normalize, by autograd."""
    import torch

    leaf = torch.tensor([float(v) for v in x], dtype=torch.float64, requires_grad=True)
    up = torch.tensor([float(g) for g in upstream], dtype=torch.float64)
    y = torch.nn.functional.normalize(leaf, dim=0)
    return [float(g) for g in torch.autograd.grad(y, leaf, up)[0]]


def torch_unit_length_factor(x: Any, upstream: Any, scale: int) -> float:
    """The quotient of the gradients at scale * x and at x."""
    small = torch_unit_length(x, upstream)
    large = torch_unit_length([scale * v for v in x], upstream)
    entry = max(range(2), key=lambda i: abs(small[i]))
    return large[entry] / small[entry]


def simulated_memory(sizes: Sequence[int], batch: int, room: int) -> list[int]:
    """Values held in training, at most in inference, and the largest batch for training, by running it."""
    held = {0: sizes[0] * batch}
    most = 0
    for layer in range(1, len(sizes)):
        held[layer] = sizes[layer] * batch
        most = max(most, sum(held.values()))
        del held[layer - 1]

    def kept(samples: int) -> int:
        return sum(1 for _ in range(samples) for size in sizes for _ in range(size))

    largest = 0
    while kept(largest + 1) <= room:
        largest += 1
    return [kept(batch), most, largest]


def searched_wrong_entry(above: Any, below: Any, claimed: Any) -> list[float]:
    """The entry (from 1) that is furthest from NumPy's gradient of the samples, and that gradient."""
    import numpy as np

    numeric = [
        float(np.polyfit([-0.1, 0.1], [float(b), float(a)], 1)[0])
        for a, b in zip(above, below, strict=True)
    ]
    errors = [abs(n - float(c)) for n, c in zip(numeric, claimed, strict=True)]
    worst = max(range(3), key=errors.__getitem__)
    if sum(e > 0.05 for e in errors) != 1:
        raise ValueError("not exactly one wrong entry")
    return [worst + 1, round(numeric[worst], 9)]


def counted_products(sizes: Sequence[int]) -> list[int]:
    """Multiplications of (J3 J2) J1 and of J3 (J2 J1): products of ones add up to their number."""
    import numpy as np

    m, n2, n1, n0 = sizes
    j3, j2, j1 = np.ones((m, n2)), np.ones((n2, n1)), np.ones((n1, n0))

    def cost(a: Any, b: Any) -> int:
        # Products of ones: the sum of all entries of the product is the number of multiplications.
        return int((np.sign(a) @ np.sign(b)).sum())

    return [cost(j3, j2) + cost(j3 @ j2, j1), cost(j2, j1) + cost(j3, j2 @ j1)]
