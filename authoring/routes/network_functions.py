"""What small networks compute: fitted by least squares, compared on random inputs, counted in torch's layers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import lru_cache
from typing import Any


def relu_fits_by_least_squares(chains: Any, units: int) -> list[bool]:
    """Whether so many ReLU units (one hidden layer, an output bias) can draw each chain, outside its window too.

    Candidates are the units with a kink at a point of the chain (or at 0 and beyond), open to either side; each choice of
    so many of them is fitted by least squares.
    """
    import numpy as np

    found = []
    for chain in chains:
        xs, ys = (np.array([float(p[k]) for p in chain]) for k in (0, 1))
        # The outer pieces go on straight ahead.
        left, right = ((ys[1] - ys[0]) / (xs[1] - xs[0]), (ys[-1] - ys[-2]) / (xs[-1] - xs[-2]))
        grid = np.linspace(-12, 12, 193)
        wanted = np.interp(grid, xs, ys)
        wanted += np.minimum(grid - xs[0], 0) * left + np.maximum(grid - xs[-1], 0) * right
        # A curve has a kink wherever it was sampled: a few of them show already that no choice fits.
        kinks = np.unique([*xs[1:-1][:: max(1, len(xs) // 6)], 0.0])
        columns = [np.maximum(s * (grid - t), 0) for t in kinks for s in (1, -1)]
        fits = False
        choices = (itertools.combinations(columns, k) for k in range(units + 1))
        for some in itertools.chain.from_iterable(choices):
            design = np.stack([*some, np.ones_like(grid)], axis=1)
            solution = np.linalg.lstsq(design, wanted, rcond=None)[0]
            fits = fits or bool(np.abs(design @ solution - wanted).max() < 1e-9)
        found.append(fits)
    return found


def same_function_after(
    activation: str, swapped: str, scaled: str, factor: int, flipped: str
) -> list[bool]:
    """Whether each change of weights keeps the outputs of a random network, by torch on random inputs."""
    import torch

    functional = torch.nn.functional
    known: dict[str, Callable[[Any], Any]] = {
        "relu": torch.relu,
        "leaky_relu": lambda z: functional.leaky_relu(z, 0.1),
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
    }
    phi = known[activation]
    torch.manual_seed(1)
    x = torch.randn(50, 2, dtype=torch.float64)
    start = [torch.randn(s, dtype=torch.float64) for s in ((3, 2), (3,), (3,), ())]

    def output(w: Any, b: Any, v: Any, c: Any) -> Any:
        return phi(x @ w.T + b) @ v + c

    exchanged, larger, signs, shifted = ([t.clone() for t in start] for _ in range(4))
    for t in exchanged[: 3 if swapped == "whole" else 2]:
        t[[0, 1]] = t[[1, 0]]
    larger[0][0] *= factor
    if scaled == "whole":
        larger[1][0] *= factor
    larger[2][0] /= factor
    for t in [signs[0], signs[2]] if flipped == "incoming_outgoing" else signs[:3]:
        t[0] *= -1
    for t in shifted[:3]:
        t[0] *= -1
    shifted[3] += start[2][0]
    before = output(*start)
    return [
        bool(torch.allclose(output(*changed), before))
        for changed in (exchanged, larger, signs, shifted)
    ]


def torch_width_and_depth(
    widths: Any, growth: int, factor: int, products: int, error: str
) -> list[bool]:
    """Three claims by counting in torch's layers; the last holds if it says that the error may be larger."""
    import torch

    def parameters(sizes: Any) -> int:
        layers = [torch.nn.Linear(a, b) for a, b in itertools.pairwise(sizes)]
        return sum(p.numel() for layer in layers for p in layer.parameters())

    inputs, width, _, outputs = widths
    deeper = parameters([inputs, width, width, width, outputs]) - parameters(widths)
    between = torch.nn.Linear(2 * width, 2 * width).weight.numel()
    used = 0
    value = torch.ones(inputs)
    for a, b in itertools.pairwise(widths):
        terms = torch.nn.Linear(a, b).weight * value
        used += terms.numel()
        value = terms.sum(1)
    return [deeper == growth, between == factor * width**2, used == products, error == "may"]


@lru_cache(maxsize=64)
def _design_is_right(design: str) -> bool:
    import torch

    # The probabilities of three classes, of three tags, of spam; a temperature.
    truths = {
        "kinds": [0.5, 0.3, 0.2],
        "labels": [0.9, 0.7, 0.2],
        "decision": [0.3],
        "number": [-7.0],
    }
    task, _, kind = design.partition("_")
    truth = torch.tensor(truths[task], dtype=torch.float64)
    size = 2 if kind == "two_softmax" else len(truth)

    def outputs(z: Any) -> Any:
        if "softmax" in kind:
            return z.softmax(0)
        if kind in ("linear", "absolute"):
            return z
        return torch.relu(z) if kind == "relu" else torch.sigmoid(z)

    def loss(p: Any) -> Any:
        if task == "number":
            return ((p - truth).abs() if kind == "absolute" else (p - truth) ** 2).sum()
        if kind == "two_softmax":
            return -(truth[0] * p[0].log() + (1 - truth[0]) * p[1].log())
        binary = design in ("labels_sigmoids", "decision_sigmoid", "decision_one_softmax")
        against = (1 - truth) * (1 - p).clamp(min=1e-12).log() if binary else 0
        return -(truth * p.log() + against).sum()

    z = torch.full((size,), 0.1, dtype=torch.float64, requires_grad=True)
    steps = torch.optim.Adam([z], lr=0.1)
    for step in range(500):
        if step == 400:
            steps.param_groups[0]["lr"] = 0.001
        steps.zero_grad()
        loss(outputs(z)).backward()
        steps.step()
    found = outputs(z.detach())[: len(truth)]
    return bool(torch.allclose(found, truth, atol=0.02))


def designs_reach_the_truth(designs: Any) -> list[bool]:
    """Whether minimising the expected loss over the logits, by torch, leads to the right outputs."""
    return [_design_is_right(design) for design in designs]


def bias_by_truth_table(w: Any, b: Any, v: Any, targets: Any) -> list[float]:
    """The output biases with which threshold units give the targets, tried in steps of 1/4: (low, high]."""
    import numpy as np

    inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
    hidden = (inputs @ np.array(w, float).T + np.array(b, float) > 0).astype(float)
    tried = np.arange(-80, 81) / 4
    right = [
        c for c in tried if ((hidden @ np.array(v, float) + c > 0).astype(int) == targets).all()
    ]
    if not np.allclose(np.diff(right), 0.25):
        raise ValueError("the biases that fit are no interval")
    # The lower end does not belong to it, the upper end does.
    return [float(min(right)) - 0.25, float(max(right))]


def torch_merged_layers(w1: Any, b1: Any, w2: Any, b2: Any, asked: str) -> Any:
    """Weight or bias of two of torch's Linear layers in a row, by their outputs at 0 and at the unit vectors."""
    import torch

    first, second = (torch.nn.Linear(2, 2, dtype=torch.float64) for _ in range(2))
    with torch.no_grad():
        for layer, w, b in ((first, w1, b1), (second, w2, b2)):
            layer.weight.copy_(torch.tensor([[float(v) for v in row] for row in w]))
            layer.bias.copy_(torch.tensor([float(v) for v in b]))
        both = torch.nn.Sequential(first, second)
        at_0 = both(torch.zeros(2, dtype=torch.float64))
        columns = both(torch.eye(2, dtype=torch.float64)) - at_0
    return at_0.tolist() if asked == "bias" else columns.T.tolist()


def _one_input_network(w: Any, b: Any, v: Any, c: Any) -> Any:
    import torch

    def y(x: Any) -> Any:
        sums = torch.outer(x, torch.tensor([float(k) for k in w], dtype=torch.float64))
        sums = sums + torch.tensor([float(k) for k in b], dtype=torch.float64)
        return torch.relu(sums) @ torch.tensor([float(k) for k in v], dtype=torch.float64) + float(
            c
        )

    return y


def kinks_on_a_grid(w: Any, b: Any, v: Any) -> list[float]:
    """Where the second difference of the network's output is not zero, on a grid of step 1/4."""
    import torch

    x = torch.arange(-80, 81, dtype=torch.float64) / 4
    y = _one_input_network(w, b, v, 0)(x)
    bends = (y[2:] - 2 * y[1:-1] + y[:-2]).abs()
    return x[1:-1][bends > 1e-9].tolist()


def torch_outer_slopes(w: Any, b: Any, v: Any, c: Any) -> list[float]:
    """The network's slopes at -1000 and at 1000, by autograd."""
    import torch

    x = torch.tensor([-1000.0, 1000.0], dtype=torch.float64, requires_grad=True)
    y = _one_input_network(w, b, v, c)(x)
    return torch.autograd.grad(y.sum(), x)[0].tolist()


def biases_of_boundaries(w: Any, pairs: Any) -> list[float]:
    """The bias of each unit whose boundary passes through its two points; both must lead to the same one."""
    import numpy as np

    found = []
    for row, points in zip(w, pairs, strict=True):
        sums = np.array([[float(v) for v in p] for p in points]) @ np.array(row, float)
        if not np.isclose(sums[0], sums[1]):
            raise ValueError("the line of these weights does not pass through both points")
        found.append(-float(sums[0]))
    return found


def sides_of_triangle(corners: Any, points: Any) -> list[list[int]]:
    """Whether each point lies on the inner side of the triangle's side at x1 = const, at x2 = const, of the slanted one.

    By barycentric coordinates: they are positive on the side of a line where the opposite corner lies.
    """
    import numpy as np

    system = np.vstack([np.array(corners, float).T, np.ones(3)])
    rows = []
    for point in points:
        at_right_angle, above, beside = np.linalg.solve(system, [*map(float, point), 1.0])
        rows.append([int(beside > 0), int(above > 0), int(at_right_angle > 0)])
    return rows


def triangle_bias_by_grid(w: Any, b: Any, v: Any) -> list[float]:
    """The output biases, tried in steps of 1/4, that single out the pattern of ones among all that occur: (low, high]."""
    import numpy as np

    axis = np.arange(-100, 101) / 4 + 0.1
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    above = grid @ np.array(w, float).T + np.array(b, float) > 0
    codes = np.flatnonzero(np.bincount(above @ np.array([4, 2, 1]), minlength=8))
    patterns = codes[:, None] >> np.array([2, 1, 0]) & 1
    if len(patterns) != 7:
        raise ValueError(f"{len(patterns)} patterns where three lines make 7 regions")
    wanted = patterns.all(axis=1)
    right = [
        c
        for c in np.arange(-80, 81) / 4
        if ((patterns @ np.array(v, float) + c > 0) == wanted).all()
    ]
    return [float(min(right)) - 0.25, float(max(right))]


def slopes_of_chain(points: Any) -> list[float]:
    """The slopes of a chain of straight pieces, by numpy's interpolation around the middle of each."""
    import numpy as np

    xs, ys = (np.array([float(p[k]) for p in points]) for k in (0, 1))
    middles = (xs[1:] + xs[:-1]) / 2
    step = 0.01
    slopes = (np.interp(middles + step, xs, ys) - np.interp(middles - step, xs, ys)) / (2 * step)
    return [round(float(s), 9) for s in slopes]


def weights_fitted_to_chain(points: Any, kinks: Any, asked: str = "all") -> list[float]:
    """[c, v1, ...] of c + sum v_j max(0, x - t_j) with these kinks, by least squares on the chain; or the weights alone."""
    import numpy as np

    xs, ys = (np.array([float(p[k]) for p in points]) for k in (0, 1))
    grid = np.linspace(xs[0], xs[-1], 401)
    columns = [np.ones_like(grid), *(np.maximum(grid - float(t), 0) for t in kinks)]
    design = np.stack(columns, axis=1)
    solution = np.linalg.lstsq(design, np.interp(grid, xs, ys), rcond=None)[0]
    if np.abs(design @ solution - np.interp(grid, xs, ys)).max() > 1e-9:
        raise ValueError("no weights fit the chain")
    found = [round(float(v), 9) for v in solution]
    return found[1:] if asked == "weights" else found


def chain_continued(points: Any, x: int) -> float:
    """The value of the chain right of its last point, where its last piece goes on straight."""
    import numpy as np

    (x0, y0), (x1, y1) = points[-2:]
    line = np.polynomial.Polynomial.fit([float(x0), float(x1)], [float(y0), float(y1)], 1)
    return round(float(line(float(x))), 9)


def rescaled_unit(points: Any, kinks: Any, stretch: int) -> list[float]:
    """[b, u] of a unit u max(0, stretch x + b) in place of the last one of the fitted network, checked on a grid."""
    import torch

    weight = weights_fitted_to_chain(points, kinks)[-1]
    x = torch.linspace(-10, 10, 401, dtype=torch.float64)
    wanted = weight * torch.relu(x - float(kinks[-1]))
    fits = []
    for b in range(-40, 41):
        unit = torch.relu(stretch * x + b)
        u = float((unit * wanted).sum() / (unit * unit).sum().clamp(min=1e-9))
        if torch.allclose(u * unit, wanted):
            fits.append([float(b), round(u, 9)])
    if len(fits) != 1:
        raise ValueError(f"{len(fits)} units fit")
    return fits[0]


def _folded(x: Any, folds: int) -> Any:
    import torch

    # The distance to the nearest even multiple of 1 / folds, stretched: a triangle wave.
    period = 2.0 / folds
    return folds * (x - period * torch.round(x / period)).abs()


def zigzag_values(folds: int, x: Any) -> list[float]:
    """The zigzag applied once, twice and three times, as a triangle wave."""
    import torch

    value = torch.tensor(float(x), dtype=torch.float64)
    found = []
    for _ in range(3):
        value = _folded(value, folds)
        found.append(float(value))
    return found


def zigzag_pieces(folds: int, depth: int) -> int:
    """How often the slope of the zigzag applied so many times changes on a fine grid, and one more."""
    import torch

    # Each piece gets eight intervals of the grid.
    points = torch.arange(8 * folds**depth + 1, dtype=torch.float64) / (8 * folds**depth)
    value = points
    for _ in range(depth):
        value = _folded(value, folds)
    steps = value.diff()
    return 1 + int((steps.diff().abs() > steps.abs().max()).sum())
