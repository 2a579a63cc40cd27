"""Lecture 4 by simulation, counting, and torch's autograd: descent, code, chains of functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any


def simulated_descent(
    roots: Sequence[int],
    starts: Sequence[Any],
    leftward: bool,
    nears: int,
    top: int,
    stays: bool,
) -> list[bool]:
    """Claims on gradient descent from four starts, by small steps down a curve that is added up numerically.

    The slope of the curve has these roots: two minima, and a maximum between them.
    """
    import numpy as np

    x = np.linspace(min(roots) - 1, max(roots) + 1, 4001)
    rises = np.prod([x - r for r in roots], axis=0)
    steps = (rises[1:] + rises[:-1]) / 2 * np.diff(x)
    y = np.concatenate([[0.0], np.cumsum(steps)])

    def slope(w: Any) -> Any:
        return (np.interp(w + 0.01, x, y) - np.interp(w - 0.01, x, y)) / 0.02

    s = np.array([float(w) for w in starts])
    ends = s.copy()
    # Small steps while the slope may be large, then larger ones.
    for rate, times in ((0.002, 1000), (0.01, 600)):
        for _ in range(times):
            ends -= rate * slope(ends)
    losses = np.interp(ends, x, y)
    at_rest = abs(slope(float(top))) < 0.05
    return [
        bool(slope(s[0]) > 0) == leftward,
        bool(abs(ends[1] - nears) < 0.3),
        bool(at_rest) == stays,
        bool(losses[2] < losses[3]),
    ]


def run_backward_lines(lines: Sequence[str], skip: bool) -> list[bool]:
    """Which lines of a backward pass give autograd's gradients, on random numbers."""
    import torch

    torch.manual_seed(5)
    x, w = (torch.randn(s, dtype=torch.float64, requires_grad=True) for s in ((6, 4), (4, 4)))
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

    of_one = sum(1 for size in sizes for _ in range(size))
    largest = kept = 0
    while kept + of_one <= room:
        largest, kept = largest + 1, kept + of_one
    return [sum(of_one for _ in range(batch)), most, largest]


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


def torch_shortcut_block(w: Any, v: Any, x: Any, target: Any, wanted: str) -> Any:
    """h and y of y = V relu(W x) + x ("forward"), or the gradient of half the squared error in y, V, z or x."""
    import torch

    tw, tv, tx, tt = (torch.tensor(a, dtype=torch.float64) for a in (w, v, x, target))
    tx.requires_grad_()
    tv.requires_grad_()
    z = tw @ tx
    h = torch.nn.functional.relu(z)
    y = tv @ h + tx
    if wanted == "forward":
        return torch.cat([h, y]).tolist()
    loss = torch.nn.functional.mse_loss(y, tt, reduction="sum") / 2
    leaf = {"y": y, "V": tv, "z": z, "x": tx}[wanted]
    return torch.autograd.grad(loss, leaf)[0].tolist()


def torch_shared_windows(samples: Any, w: Any, b: Any, targets: Any, rate: Any, wanted: str) -> Any:
    """A torch convolution over the inputs, its maximum, the mean of half the squared errors, by autograd."""
    import torch

    weight = torch.tensor([[list(w)]], dtype=torch.float64, requires_grad=True)
    bias = torch.tensor([float(b)], dtype=torch.float64, requires_grad=True)
    x = torch.tensor(samples, dtype=torch.float64)[:, None].requires_grad_()
    y = torch.nn.functional.conv1d(x, weight, bias)
    if wanted == "outputs":
        return y[:, 0].tolist()
    top = torch.nn.functional.adaptive_max_pool1d(y, 1)[:, 0, 0]
    t = torch.tensor([float(v) for v in targets], dtype=torch.float64)
    loss = torch.nn.functional.mse_loss(top, t) / 2
    at_top, at_inputs = torch.autograd.grad(loss, (top, x), retain_graph=True)
    if wanted == "top":
        return at_top.tolist()
    if wanted == "inputs":
        return at_inputs[0, 0].tolist()
    if wanted == "parameters":
        found = torch.autograd.grad(loss, (weight, bias))
        return torch.cat([g.flatten() for g in found]).tolist()
    loss.backward()
    torch.optim.SGD([weight, bias], lr=float(rate)).step()
    return torch.cat([weight.flatten(), bias]).tolist()
