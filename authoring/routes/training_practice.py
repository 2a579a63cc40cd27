"""Lecture 6 by experiments: searches counted out, faulty trainings run, drawn curves read back."""

from __future__ import annotations

import itertools
import math
from functools import lru_cache
from typing import Any

_BOUND = 1e6


def drawn_search_claims(
    points_a: Any,
    points_b: Any,
    letters: Any,
    rates: int,
    third: int,
    trials: int,
    last: str,
) -> list[bool]:
    """Statements on two searches, from the points drawn: rates of a search, new decays only, grid size, last one.

    `last`: shared (trials with one rate and several decays), or best (best trial never worse, whatever the loss).
    """
    searches = {
        letter: [(round(float(x), 9), round(float(y), 9)) for x, y in points]
        for letter, points in (("A", points_a), ("B", points_b))
    }
    first, second, third_letter = (searches[letter] for letter in letters)
    other = searches["B" if letters[2] == "A" else "A"]
    grid = next(
        points
        for points in searches.values()
        if set(points) == set(itertools.product(*map(set, zip(*points, strict=True))))
    )
    pairs = list(itertools.combinations(third_letter, 2))
    # A loss that is lowest right at a trial of the other search is a counterexample.
    best = all(
        min(math.dist(p, bottom) for p in third_letter)
        <= min(math.dist(p, bottom) for p in other) + 1e-12
        for bottom in [*other, *third_letter]
    )
    return [
        len({x for x, _ in first}) == rates,
        len({y for _, y in second}) == len(second),
        len(list(itertools.product(grid, range(third)))) == trials,
        any(p[0] == q[0] and p[1] != q[1] for p, q in pairs) if last == "shared" else best,
    ]


def measures_that_bound(names: Any) -> list[bool]:
    """Whether each measure keeps the loss of a diverging training of a small network bounded, by running it."""
    return [_bounded(str(name)) for name in names]


@lru_cache(maxsize=32)
def _bounded(measure: str) -> bool:
    if _largest_loss("none") < _BOUND:
        raise ValueError("the training does not diverge without a measure")
    return _largest_loss(measure) < _BOUND


def _largest_loss(measure: str) -> float:
    import torch

    torch.manual_seed(0)
    samples = 2560 if measure == "more_data" else 256
    x = torch.rand(samples, 6, dtype=torch.float64) * 255
    y = (x @ torch.linspace(-1, 1, 6, dtype=torch.float64).unsqueeze(1)) / 255 + 1
    if measure == "standardised":
        x = (x - x.mean(0)) / x.std(0)
    units = 32 if measure == "more_units" else 16
    net = torch.nn.Sequential(
        torch.nn.Linear(6, units), torch.nn.LeakyReLU(0.1), torch.nn.Linear(units, 1)
    ).double()
    rate = 0.003 * {"lower_rate": 0.001, "higher_rate": 10.0}.get(measure, 1.0)
    optimiser = torch.optim.SGD(net.parameters(), lr=rate)
    order, largest = torch.arange(samples), 0.0
    for step in range(4000 if measure == "more_epochs" else 400):
        first = step * 32 % samples
        if first == 0 and measure == "reshuffled":
            order = torch.randperm(samples)
        rows = order[first : first + 32]
        squares = (net(x[rows]) - y[rows]) ** 2
        plain = squares.mean()
        loss = squares.sum() if measure == "summed_loss" else plain
        if measure == "scaled_loss":
            loss = loss * 0.001
        optimiser.zero_grad()
        loss.backward()
        if measure == "clipping":
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        value = float(plain.detach())
        if not math.isfinite(value):
            return math.inf
        largest = max(largest, value)
    return largest


def run_training_code(softmax: int, zeroed: int, mode: str) -> list[bool]:
    """The training code with its faults, run: summed gradients, softmax twice, dropout in validation, in training."""
    return list(_observed(softmax, zeroed, mode))


@lru_cache(maxsize=64)
def _observed(softmax: int, zeroed: int, mode: str) -> tuple[bool, ...]:
    import torch

    torch.manual_seed(0)
    functional = torch.nn.functional
    first = torch.nn.Linear(6, 40)
    layers: list[Any] = [
        first,
        torch.nn.ReLU(),
        torch.nn.Dropout(0.5),
        torch.nn.Linear(40, 3),
    ]
    if softmax == 1:
        layers.append(torch.nn.Softmax(dim=1))
    net = torch.nn.Sequential(*layers)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.05)
    batches = [(torch.randn(8, 6), torch.randint(3, (8,))) for _ in range(3)]
    weight = first.weight
    masked: dict[tuple[int, str], bool] = {}
    place = (0, "train")
    layers[2].register_forward_hook(
        lambda _, given, out: masked.__setitem__(place, not torch.equal(given[0], out))
    )
    own, used, probabilities = [], [], []
    for epoch in range(2):
        place = (epoch, "train")
        if mode == "both":
            net.train()
        for x, y in batches:
            if zeroed == 1:
                optimiser.zero_grad()
            out = net(x)
            probabilities.append(bool(torch.allclose(out.sum(1), torch.ones(8))))
            loss = functional.cross_entropy(out, y)
            own.append(torch.autograd.grad(loss, weight, retain_graph=True)[0].clone())
            loss.backward()
            if weight.grad is not None:
                used.append(weight.grad.clone())
            optimiser.step()
        if mode != "neither":
            net.eval()
        place = (epoch, "validation")
        with torch.no_grad():
            for x, _ in batches:
                net(x)
    summed = bool(torch.allclose(used[2], own[0] + own[1] + own[2], atol=1e-7))
    return summed, all(probabilities), masked[(0, "validation")], masked[(1, "train")]


def drawn_width_claims(
    training: Any, validation: Any, picked: int, measures: Any, wider: int, direction: str
) -> list[bool]:
    """Statements on errors over widths: the choice, the remedies at both ends, the course of the gap."""
    import numpy as np

    train, val = np.array(training, dtype=float), np.array(validation, dtype=float)
    gap = val - train
    # The larger share of the validation error says what to act upon.
    remedy = ["units" if train[end] - 2 > gap[end] else "penalty" for end in (0, -1)]
    rises = bool(np.diff(gap)[wider] > 0)
    return [
        int(np.argsort(val, kind="stable")[0]) == picked,
        remedy[0] == measures[0],
        remedy[1] == measures[1],
        rises == (direction == "grows"),
    ]


def drawn_sample_claims(curves: Any, asked: Any, measures: Any, course: str) -> list[bool]:
    """Statements on errors over numbers of samples: two remedies, the course of the training error, reaching 8 %.

    The curves are extended by fits of limit + factor / (samples + shift).
    """
    import numpy as np
    from scipy.optimize import curve_fit

    count = np.arange(1, 11, dtype=float)

    def law(n: Any, limit: float, factor: float, shift: float) -> Any:
        return limit + factor / (n + shift)

    limits, gaps = [], []
    for panel in curves:
        rows = [np.array([float(v) for v in curve]) for curve in panel]
        fits = [curve_fit(law, count, row, p0=(row[-1], 1.0, 1.0), maxfev=20000)[0] for row in rows]
        limits.append([fit[0] for fit in fits])
        gaps.append(rows[1][-1] - rows[0][-1])
    reaches = [max(limit) < 8 for limit in limits]
    underfits = [gap < limit[0] - 8 for gap, limit in zip(gaps, limits, strict=True)]
    return [
        (measures[0] == "network") == underfits[asked[0]],
        (measures[1] == "network") == underfits[asked[1]],
        (float(curves[asked[2]][0][-1]) > float(curves[asked[2]][0][0])) == (course == "rises"),
        not reaches[asked[3]],
    ]


def range_test_claims(
    losses: Any, start: Any, tried: int, spacing: str, power: int, moves: str, flat: str
) -> list[bool]:
    """Statements on a test over learning rates: raised loss, five spaced rates, a scaled loss, the flat part."""
    import numpy as np

    exponents, values = np.arange(-6.0, 1.0), np.array([float(v) for v in losses])
    rates = np.linspace(1e-6, 1, 5) if spacing == "differences" else np.geomspace(1e-6, 1, 5)
    found = np.interp(np.log10(rates), exponents, values)
    plain, scaled = _tried_rates(1.0), _tried_rates(10.0**power)
    shift = int(np.argmin(scaled)) - int(np.argmin(plain))
    longer = int(np.argmin(_tried_rates(1.0, 20000)))
    return [
        bool(values[tried] > float(start)),
        bool(found.min() < float(start) / 2),
        (shift < 0) == (moves == "left") and shift == (-power if moves == "left" else shift),
        {
            # In the experiment too, steps at the smallest rates are short, and more of them help.
            "short_steps": bool(_tried_rates(1.0, 20000)[1] < plain[1] * 0.99),
            "lowest": bool(min(plain) >= plain[0]),
            "best_later": longer == int(np.argmin(plain)),
        }[flat],
    ]


@lru_cache(maxsize=16)
def _tried_rates(scale: float, updates: int = 100) -> tuple[float, ...]:
    """The expected loss after noisy gradient steps on a quadratic, for the rates 10^-8 to 10^0.

    The loss is scale / 2 sum_i c_i theta_i^2 with curvatures 1, 10 and 100; each gradient has noise of variance
    scale^2. The expectations of the squares follow E' = (1 - rate scale c)^2 E + rate^2 scale^2.
    """
    found = []
    for exponent in range(-8, 1):
        rate, squares = 10.0**exponent * scale, [9.0, 1.0, 0.1]
        for _ in range(updates):
            squares = [
                min(1e12, (1 - rate * c) ** 2 * s + rate**2)
                for s, c in zip(squares, (1.0, 10.0, 100.0), strict=True)
            ]
        found.append(
            sum(scale * c * s / 2 for s, c in zip(squares, (1.0, 10.0, 100.0), strict=True))
        )
    return tuple(found)


def faults_by_training(curves: Any, claims: Any) -> list[bool]:
    """Whether each panel shows the claimed fault: how its losses move, compared with trainings with that fault.

    Faults: 0 no update, 1 shuffled training labels, 2 steps uphill, 3 validation on training samples.
    """
    shown = []
    for training, validation in curves:
        train, val = [float(v) for v in training], [float(v) for v in validation]
        shown.append((_direction(train[0], train[-1]), _direction(val[0], val[-1])))
    return [drawn == _moves(int(fault)) for drawn, fault in zip(shown, claims, strict=True)]


def _direction(first: float, last: float) -> int:
    return 0 if abs(last - first) < 0.05 else 1 if last > first else -1


@lru_cache(maxsize=4)
def _moves(fault: int) -> tuple[int, int]:
    import torch

    torch.manual_seed(1)
    functional = torch.nn.functional
    centres = torch.randn(10, 16)

    def samples(count: int) -> tuple[Any, Any]:
        y = torch.arange(count) % 10
        return centres[y] + 0.5 * torch.randn(count, 16), y

    (x, y), (x_val, y_val) = samples(200), samples(200)
    if fault == 1:
        y = y[torch.randperm(200)]
    if fault == 3:
        x_val, y_val = x, y
    last = torch.nn.Linear(256, 10)
    with torch.no_grad():
        last.weight.mul_(0.01)
        last.bias.zero_()
    net = torch.nn.Sequential(torch.nn.Linear(16, 256), torch.nn.ReLU(), last)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.5, maximize=fault == 2)
    if fault == 2:
        optimiser.param_groups[0]["lr"] = 0.05

    def losses() -> list[float]:
        with torch.no_grad():
            pairs = ((x, y), (x_val, y_val))
            return [float(functional.cross_entropy(net(a), b)) for a, b in pairs]

    before = losses()
    for _ in range(20 if fault == 2 else 1500):
        optimiser.zero_grad()
        functional.cross_entropy(net(x), y).backward()
        if fault != 0:
            optimiser.step()
    after = losses()
    return _direction(before[0], after[0]), _direction(before[1], after[1])
