"""Signals through random layers, units on a data set, heads and losses on scores (lecture 7): by torch, by
convolving distributions and by search.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from functools import lru_cache
from typing import Any


def _f(value: Any) -> Any:
    return [_f(item) for item in value] if isinstance(value, (list, tuple)) else float(value)


def derivative_columns(names: Any, slopes: Any, shown: Any, shown_slopes: Any) -> list[bool]:
    """Whether the derivative of function shown[i] is that of function names[i], by torch's autograd.

    The slopes are those of the leaky ReLU below 0.
    """
    import torch

    functional: Any = torch.nn.functional
    x = torch.linspace(-3.9, 3.9, 52, dtype=torch.float64, requires_grad=True)

    def slope(name: str, a: float) -> Any:
        laws: dict[str, Any] = {
            "sigmoid": torch.sigmoid,
            "tanh": torch.tanh,
            "relu": torch.relu,
            "leaky_relu": lambda v: functional.leaky_relu(v, a),
            "elu": functional.elu,
            "softplus": functional.softplus,
            "hard_tanh": functional.hardtanh,
            "absolute": torch.abs,
        }
        return torch.autograd.grad(laws[name](x).sum(), x)[0]

    # The derivative that is shown, from differences of what the figure draws.
    from templates.figures.function_plot import Function, _law

    found = []
    for name, a, other, b in zip(names, slopes, shown, shown_slopes, strict=True):
        law = _law(Function(name=other, a=float(b)))
        drawn = [(law(v + 1e-6) - law(v - 1e-6)) / 2e-6 for v in x.tolist()]
        gap = slope(str(name), float(a)) - torch.tensor(drawn, dtype=torch.float64)
        found.append(bool(gap.abs().max() < 1e-4))
    return found


def drawn_network_claims(activations: Any, gains: Any, claimed: Any) -> list[bool]:
    """Whether each histogram is nearest to that of a simulated network of the claimed kind.

    `claimed` holds [activation, gain] for each; the candidates are all kinds among the claims and the truth.
    """
    from templates.figures.histograms import Panel, bin_shares

    kinds = {(str(a), float(g)) for a, g in zip(activations, gains, strict=True)}
    kinds |= {(str(a), float(g)) for a, g in claimed}
    found = []
    for i, (a, g) in enumerate(zip(activations, gains, strict=True)):
        shares = bin_shares(Panel(str(a), float(g), 5), (-1.0, 1.0), 21)  # type: ignore[arg-type]
        near = min(
            kinds,
            key=lambda kind: sum(
                abs(p - q) for p, q in zip(shares, _simulated(*kind), strict=True)
            ),
        )
        found.append(near == (str(claimed[i][0]), float(claimed[i][1])))
    return found


@lru_cache(maxsize=16)
def _simulated(activation: str, gain: float) -> list[float]:
    """Shares of the outputs of layer 5 of a random network with 400 units a layer."""
    import torch

    torch.manual_seed(0)
    width = 400
    function = {"tanh": torch.tanh, "sigmoid": torch.sigmoid}[activation]
    h = torch.randn(200, width)
    for _ in range(5):
        h = function(h @ (torch.randn(width, width) * math.sqrt(gain / width)))
    counts = torch.histc(h, bins=21, min=-1.05, max=1.05)
    return (counts / counts.sum()).tolist()


def torch_units_active(points: Any, weights: Any, biases: Any) -> list[int]:
    """On how many points each ReLU unit passes a gradient to its bias, by torch's autograd."""
    import torch

    x = torch.tensor(_f(points), dtype=torch.float64)
    w = torch.tensor(_f(weights), dtype=torch.float64)
    found = []
    for row, bias in zip(w, biases, strict=True):
        b = torch.full((len(x),), float(bias), dtype=torch.float64, requires_grad=True)
        torch.relu(x @ row + b).sum().backward()
        if b.grad is None:
            raise ValueError("no gradient")
        found.append(int(b.grad.sum()))
    return found


def convolved_variance(
    inputs: int, mean: Any, input_variance: Any, weight_std: Any, bias_variance: Any
) -> float:
    """Variance of w x + b with two-point weights, inputs and bias, from the distribution of the whole sum.

    The distribution of one product is convolved with itself; none of the rules for variances is used.
    """
    import numpy as np

    std = Fraction(math.isqrt(Fraction(input_variance).numerator)) / math.isqrt(
        Fraction(input_variance).denominator
    )
    if std**2 != input_variance:
        raise ValueError("the variance of the inputs must be a square")
    terms = [w * (mean + d) for w in (-1, 1) for d in (-std, std)]
    unit = Fraction(1, math.lcm(*(Fraction(t).denominator for t in terms)))
    steps = [int(t / unit) for t in terms]
    reach = max(abs(s) for s in steps) or 1
    one = np.zeros(2 * reach + 1)
    for s in steps:
        one[reach + s] += 0.25
    whole = np.array([1.0])
    for _ in range(inputs):
        whole = np.convolve(whole, one)
    places = (np.arange(len(whole)) - inputs * reach) * float(unit) * float(weight_std)
    values = np.concatenate([places - math.sqrt(bias_variance), places + math.sqrt(bias_variance)])
    chances = np.concatenate([whole, whole]) / 2
    middle = (chances * values).sum()
    return float(f"{((values - middle) ** 2 * chances).sum():.9g}")


def torch_uniform_limit(fan_in: int, fan_out: int) -> list[float]:
    """[limit of torch's Xavier initialisation, n Var(w)] of a layer; the variance by integrating over the limit."""
    import numpy as np
    import torch

    drawn, unit = (torch.empty(fan_out, fan_in, dtype=torch.float64) for _ in range(2))
    torch.manual_seed(0)
    torch.nn.init.xavier_uniform_(drawn)
    # The same random numbers between -1 and 1 tell the limit.
    torch.manual_seed(0)
    unit.uniform_(-1, 1)
    limit = float((drawn / unit).median())
    nodes, weights = np.polynomial.legendre.leggauss(8)
    variance = float((weights * (nodes * limit) ** 2).sum()) / 2
    return [float(f"{limit:.9g}"), float(f"{fan_in * variance:.9g}")]


def gap_of_least_smoothed_loss(classes: int, smoothing: Any) -> float:
    """The lead of the true logit at which torch's smoothed cross-entropy has no slope, by halving."""
    import torch

    low, high = 0.0, 60.0
    for _ in range(60):
        lead = torch.tensor((low + high) / 2, dtype=torch.float64, requires_grad=True)
        scores = torch.cat([lead[None], torch.zeros(classes - 1, dtype=torch.float64)])
        loss = torch.nn.functional.cross_entropy(
            scores[None], torch.tensor([0]), label_smoothing=float(smoothing)
        )
        (slope,) = torch.autograd.grad(loss, lead)
        low, high = (low, lead.item()) if slope > 0 else (lead.item(), high)
    return float(f"{(low + high) / 2:.9g}")


def best_constants(values: Any, delta: Any) -> list[float]:
    """The constants with the least squared, absolute and Huber loss in torch, by narrowing an interval."""
    import torch

    functional: Any = torch.nn.functional
    data = torch.tensor(_f(values), dtype=torch.float64)
    losses = (
        functional.mse_loss,
        functional.l1_loss,
        lambda p, t: functional.huber_loss(p, t, delta=float(delta)),
    )
    found = []
    for loss in losses:
        low, high = float(data.min()), float(data.max())
        for _ in range(80):
            a, b = low + (high - low) / 3, high - (high - low) / 3
            first, second = (float(loss(torch.full_like(data, c), data)) for c in (a, b))
            low, high = (low, b) if first <= second else (a, high)
        found.append(round((low + high) / 2, 5))
    return found


def scores_of_hinge_curve(points: Any) -> list[int]:
    """The two whole scores of the wrong classes whose hinge loss, by torch, is the chain of lines; smaller first."""
    import numpy as np
    import torch

    xs, ys = ([float(p[k]) for p in points] for k in (0, 1))
    grid = np.linspace(xs[0], xs[-1], 81)
    drawn = torch.tensor(np.interp(grid, xs, ys))
    fits = []
    for pair in itertools.combinations_with_replacement(range(-8, 13), 2):
        rows = torch.tensor([[t, *map(float, pair)] for t in grid], dtype=torch.float64)
        loss = 3 * torch.nn.functional.multi_margin_loss(
            rows, torch.zeros(len(grid), dtype=torch.long), reduction="none"
        )
        if bool((loss - drawn).abs().max() < 1e-9):
            fits.append(list(pair))
    if len(fits) != 1:
        raise ValueError(f"{len(fits)} pairs of scores fit")
    return fits[0]


def limits_of_shift(scores: Any, highest: Any, lowest: Any, every: bool) -> list[float]:
    """The smallest and the largest constant (in steps of 1/4) to subtract before the exponential.

    No exponent may be above `highest`; no exponent (or, without `every`, not all of them) may be below `lowest`.
    """
    # Whole numbers of the finest unit that occurs.
    unit = math.lcm(4, *(Fraction(v).denominator for v in (*scores, highest, lowest)))
    whole, top, bottom = [int(s * unit) for s in scores], int(highest * unit), int(lowest * unit)
    fits = []
    for k in range(-2000, 2001):
        moved = [s - k * unit // 4 for s in whole]
        lost = [m < bottom for m in moved]
        if max(moved) <= top and not (any(lost) if every else all(lost)):
            fits.append(k)
    return [min(fits) / 4, max(fits) / 4]


def multi_label_head_claims(head: str, labels: int, claims: Any) -> list[bool]:
    """Four statements on K logits with sigmoids or a softmax, tried on many logits with torch.

    `claims`: [number of tags, "same" or "fall", chance with zero logits, "rise" or "same"].
    """
    tags, others, chance, all_rise = claims
    counts, falls, at_zero, rises = _head(str(head), int(labels))
    return [
        int(tags) in counts,
        falls == (others == "fall"),
        abs(at_zero - float(chance)) < 1e-12,
        rises == (all_rise == "rise"),
    ]


@lru_cache(maxsize=32)
def _head(head: str, labels: int) -> tuple[frozenset[int], bool, float, bool]:
    """Numbers of tags that occur; whether other probabilities fall; the one at zero; whether all rise together."""
    import torch

    torch.manual_seed(0)
    # Each pattern of high and low logits for up to 12 labels, and some noise.
    patterns = torch.tensor([[1.0] * k + [-1.0] * (labels - k) for k in range(labels + 1)])
    logits = torch.cat([6 * patterns, torch.randn(500, labels), 8 * torch.randn(500, labels)])
    logits = logits.double()

    def chances(z: Any) -> Any:
        return torch.sigmoid(z) if head == "sigmoid" else torch.softmax(z, 1)

    counts = frozenset(int(n) for n in (chances(logits) > 0.5).sum(1).unique())
    # Changes are looked at where no output is close to 0 or 1.
    logits = torch.randn(500, labels, dtype=torch.float64)
    before = chances(logits)
    raised = logits.clone()
    raised[:, 0] += 1
    change = (torch.log(chances(raised)) - torch.log(before))[:, 1:]
    both = (torch.log(chances(logits + 1)) - torch.log(before)).abs().max()
    zero = chances(torch.zeros(1, labels, dtype=torch.float64))[0, 0]
    return counts, bool((change < -1e-12).all()), float(zero), bool(both > 1e-6)


def torch_head(odds: Any, labels: Any, wanted: str) -> list[float]:
    """Of logits ln(odds): "softmax" and "sigmoid" outputs, or the "gradient" of the summed binary cross-entropies."""
    import torch

    logits = torch.tensor([math.log(float(o)) for o in odds], dtype=torch.float64)
    if wanted == "softmax":
        return torch.softmax(logits, 0).tolist()
    if wanted == "sigmoid":
        return torch.sigmoid(logits).tolist()
    logits.requires_grad_()
    target = torch.tensor(_f(labels), dtype=torch.float64)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="sum")
    return torch.autograd.grad(loss, logits)[0].tolist()


def torch_head_after(odds: Any) -> list[float]:
    """Two softmax outputs and two sigmoids of logits ln(odds), the first of which was raised by ln 2."""
    import torch

    logits = torch.tensor([math.log(float(o)) for o in odds], dtype=torch.float64)
    logits[0] += math.log(2)
    return [*torch.softmax(logits, 0)[:2].tolist(), *torch.sigmoid(logits)[:2].tolist()]


def torch_hinge_step(weights: Any, x: Any, target: int, rate: Any, wanted: str) -> Any:
    """A linear classifier under torch's multiclass margin loss: scores, loss, gradient, and both after one step."""
    import torch

    w = torch.tensor(_f(weights), dtype=torch.float64, requires_grad=True)
    sample, label = torch.tensor(_f(x), dtype=torch.float64), torch.tensor([target])

    def loss_of(matrix: Any) -> Any:
        scores = (matrix @ sample)[None]
        return torch.nn.functional.multi_margin_loss(scores, label) * scores.shape[1]

    (gradient,) = torch.autograd.grad(loss_of(w), w)
    after = w - float(rate) * gradient
    results: dict[str, Any] = {
        "scores": (w @ sample).tolist(),
        "loss": loss_of(w).item(),
        "gradient": gradient.tolist(),
        "new scores": (after @ sample).tolist(),
        "new loss": loss_of(after).item(),
    }
    return results[wanted]


def torch_equal_units(row: Any, outgoing: Any, x: Any, target: Any, rate: Any, wanted: str) -> Any:
    """Two ReLU units with equal incoming weights, one step of SGD in torch on half the squared error.

    "forward": h1, h2, y; "W": the gradient of the incoming weights; "output": h1, h2, y after the step; "outgoing":
    the weight of one unit that does the work of both, before and after; "difference": of the two rows after the step.
    """
    import torch

    hidden = torch.nn.Linear(2, 2, bias=False).double()
    last = torch.nn.Linear(2, 1, bias=False).double()
    with torch.no_grad():
        hidden.weight.copy_(torch.tensor([_f(row), _f(row)]))
        last.weight.copy_(torch.tensor([_f(outgoing)]))
    sample = torch.tensor([_f(x)], dtype=torch.float64)

    def forward() -> Any:
        h = torch.relu(hidden(sample))
        return h, last(h)

    def one_unit() -> Any:
        # The output over that of the first unit alone with the outgoing weight 1, at another sample.
        other = 2 * sample
        h = torch.relu(hidden(other))
        return (last(h) / h[0, 0]).item()

    h, y = forward()
    before, single = [*h[0].tolist(), y.item()], one_unit()
    (0.5 * (y - float(target)) ** 2).sum().backward()
    gradient = hidden.weight.grad
    if gradient is None:
        raise ValueError("no gradient")
    kept = gradient.tolist()
    torch.optim.SGD([*hidden.parameters(), *last.parameters()], lr=float(rate)).step()
    h, y = forward()
    results: dict[str, Any] = {
        "forward": before,
        "W": kept,
        "output": [*h[0].tolist(), y.item()],
        "outgoing": [single, one_unit()],
        "difference": (hidden.weight[0] - hidden.weight[1]).tolist(),
    }
    return results[wanted]


def layer_factors(fan_in: int, weight_variances: Any, slope: Any = 0) -> list[float]:
    """By what the variance of the pre-activations is multiplied from layer to layer; E[max(s, a s)^2] integrated."""
    square = _mean_square(float(slope))
    return [float(f"{fan_in * float(v) * square:.9g}") for v in weight_variances]


@lru_cache(maxsize=16)
def _mean_square(slope: float) -> float:
    """E[max(s, a s)^2] over s ~ N(0, 1), by integration."""
    import numpy as np

    nodes, weights = np.polynomial.legendre.leggauss(200)
    # Each half by itself: the kink must not lie inside a piece.
    total = 0.0
    for side, factor in ((1.0, 1.0), (-1.0, slope)):
        s = side * (nodes + 1) / 2 * 12
        density = np.exp(-(s**2) / 2) / math.sqrt(2 * math.pi)
        total += float((weights * (factor * s) ** 2 * density).sum() * 6)
    return total


def weight_variances_of_factors(fan_in: int, points: Any) -> list[float]:
    """The variances of weights with which a simulated step has the slope of each drawn curve (of log2), by halving."""
    found = []
    for chain in points:
        (x0, y0), (x1, y1) = _f(chain)
        wanted = 2.0 ** ((y1 - y0) / (x1 - x0))
        low, high = 0.0, 1000.0
        for _ in range(100):
            middle = (low + high) / 2
            (factor,) = layer_factors(fan_in, [middle])
            low, high = (middle, high) if factor < wanted else (low, middle)
        found.append(float(f"{low:.8g}"))
    return found


def log2_far_on(first: Any, fan_in: int, weight_variance: Any, layer: int) -> float:
    """log2 of the variance of a layer's pre-activations: that of the first, and one integrated step after the other."""
    (factor,) = layer_factors(fan_in, [weight_variance])
    variance = float(first)
    for _ in range(layer - 1):
        variance *= factor
    return float(f"{math.log2(variance):.8g}")


def leaky_weight_variance() -> str:
    """The variance of weights that keeps that of the signals behind a leaky ReLU, by symbolic integration."""
    return _leaky()


@lru_cache(maxsize=1)
def _leaky() -> str:
    import sympy

    a, n, s = sympy.symbols("a n s", positive=True)
    density = sympy.exp(-(s**2) / 2) / sympy.sqrt(2 * sympy.pi)
    square = sympy.integrate(s**2 * density, (s, 0, sympy.oo)) * (1 + a**2)
    v = sympy.symbols("v", positive=True)
    (solution,) = sympy.solve(sympy.Eq(n * v * square, 1), v)
    return str(sympy.simplify(solution)).replace("**", "^")
