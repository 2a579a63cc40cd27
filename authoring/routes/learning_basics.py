"""Statements of lecture 2 tried out: regions of neighbours, random splits, ROC curves, choices on a validation set."""

from __future__ import annotations

from functools import lru_cache
from typing import Any


def torch_region_claims(first: Any, second: Any, ks: Any, asked: Any, claim: str) -> list[bool]:
    """Statements on panels with the regions of the given k, told from predictions on a grid by torch.

    The smallest k is where the prediction changes most from cell to cell, the largest where it changes least.
    """
    import torch

    points = torch.tensor([*first, *second], dtype=torch.float64)
    labels = torch.tensor([1] * len(first) + [0] * len(second))

    def predicted(away: Any, k: int) -> Any:
        near = away.topk(k, largest=False).indices
        return labels[near].sum(1) * 2 > k

    side = torch.linspace(0, 100, 101, dtype=torch.float64)
    grid = torch.cdist(torch.cartesian_prod(side, side), points)
    among_themselves = torch.cdist(points, points)
    changes, clean = [], []
    for k in ks:
        region = predicted(grid, k).reshape(101, 101)
        along = (region[1:] != region[:-1]).sum() + (region[:, 1:] != region[:, :-1]).sum()
        changes.append(int(along))
        clean.append(bool((predicted(among_themselves, k) == (labels == 1)).all()))
    every = predicted(grid, len(points))
    larger = bool(every.all()) if len(first) > len(second) else not bool(every.any())
    return [
        changes[asked[0]] == max(changes),
        changes[asked[1]] == min(changes),
        clean[asked[2]],
        larger == (claim == "larger"),
    ]


def simulated_optimism(kinds: Any) -> list[bool]:
    """For each kind of data: whether a nearest neighbour does better on a random test part than in later use.

    Kind 0: one sample of each group, used on new groups; 1: many samples, new groups; 2: many samples, same groups.
    """
    gains = [_optimism(int(kind)) for kind in kinds]
    if any(0.05 < gain < 0.15 for gain in gains):
        raise ValueError(f"the simulation does not decide: {gains}")
    return [gain > 0.1 for gain in gains]


@lru_cache(maxsize=8)
def _optimism(kind: int) -> float:
    import numpy as np

    random = np.random.default_rng(5)
    groups, each = (1500, 1) if kind == 0 else (60, 25)
    direction = np.full(8, 0.3)

    def centres(count: int) -> tuple[Any, Any]:
        labels = random.integers(0, 2, count)
        return random.normal(size=(count, 8)) + np.outer(2 * labels - 1, direction), labels

    def samples(where: Any, labels: Any, count: int) -> tuple[Any, Any]:
        x = np.repeat(where, count, axis=0)
        return x + 0.2 * random.normal(size=x.shape), np.repeat(labels, count)

    known = centres(groups)
    x, y = samples(*known, each)
    order = random.permutation(len(x))
    train, test = order[: len(x) // 2], order[len(x) // 2 :]
    later = samples(*(known if kind == 2 else centres(800)), 1 if kind != 2 else 15)

    def accuracy(places: Any, truth: Any) -> float:
        gaps = ((places[:, None] - x[train][None]) ** 2).sum(-1)
        return float((y[train][gaps.argmin(1)] == truth).mean())

    return accuracy(x[test], y[test]) - accuracy(*later)


def counted_roc_claims(
    first: Any, second: Any, positives: int, negatives: int, chosen: int, diagonal: int
) -> list[bool]:
    """Statements on two ROC curves with corners over 0.2 and 0.5, by listing samples with three scores each."""
    from scipy.stats import mannwhitneyu

    def scores(tenths: Any) -> tuple[list[int], list[int]]:
        # 100 samples of each class: score 3 above the first threshold, 2 above the second, else 1
        ones = [3] * (10 * tenths[0]) + [2] * (10 * (tenths[1] - tenths[0]))
        return ones + [1] * (100 - len(ones)), [3] * 20 + [2] * 30 + [1] * 50

    both = [scores(first), scores(second)]
    areas = [mannwhitneyu(ones, zeros).statistic / 10_000 for ones, zeros in both]
    found = [ones.count(3) for ones, _ in both]
    hits = both[chosen][0].count(3) / 100 * positives
    alarms = both[chosen][1].count(3) / 100 * negatives
    ones, zeros = both[diagonal]
    below = any(sum(s >= level for s in ones) < sum(s >= level for s in zeros) for level in (2, 3))
    return [found[0] > found[1], bool(areas[0] > areas[1]), hits / (hits + alarms) > 1 / 2, below]


def accuracy_of_choice(validation: Any, test: Any) -> float:
    """The test accuracy of the row that stands first when sorted by the validation accuracy."""
    import torch

    order = torch.tensor([float(v) for v in validation]).sort(descending=True).indices
    return float(torch.tensor([float(v) for v in test], dtype=torch.float64)[order[0]])


def torch_image_distances(query: Any, images: Any) -> list[list[float]]:
    """[L1, L2] of the query to each image, by torch's cdist on the flattened pixels."""
    import torch

    q = torch.tensor(query, dtype=torch.float64).reshape(1, -1)
    others = torch.tensor(images, dtype=torch.float64).reshape(len(images), -1)
    columns = [torch.cdist(others, q, p=p).flatten() for p in (1.0, 2.0)]
    return [[float(v) for v in row] for row in torch.stack(columns, dim=1)]


def torch_scores_of_counts(counts: Any, asked: int) -> list[float]:
    """[accuracy, precision of one class, mean recall], from all single samples of a confusion matrix."""
    import torch

    pairs = [
        (i, j) for i, row in enumerate(counts) for j, often in enumerate(row) for _ in range(often)
    ]
    true, said = torch.tensor(pairs).T
    hit = (true == said).double()
    recalls = [float(hit[true == c].mean()) for c in range(len(counts))]
    return [float(hit.mean()), float(hit[said == asked].mean()), sum(recalls) / len(recalls)]


def torch_probabilities_off_a_line(ends: Any, points: Any, known: Any) -> list[float]:
    """p at the second and third point of a logistic regression with p = 1/2 on the line and a known p at the first.

    The three weights solve the linear system of the three known logits.
    """
    import torch

    places = torch.tensor([[*ends[0], 1], [*ends[1], 1], [*points[0], 1]], dtype=torch.float64)
    p = torch.tensor([0.5, 0.5, float(known)], dtype=torch.float64)
    weights = torch.linalg.solve(places, p.logit())
    asked = torch.tensor([[*point, 1] for point in points[1:]], dtype=torch.float64)
    return [float(v) for v in torch.sigmoid(asked @ weights)]


def torch_knn_regression(xs: Any, ys: Any, query: Any) -> list[float]:
    """Predictions of the nearest sample, of the mean of three, and of two weighted by one over their distance."""
    import torch

    x, y = (torch.tensor([float(v) for v in values], dtype=torch.float64) for values in (xs, ys))
    gaps = (x - float(query)).abs()
    near = {k: gaps.topk(k, largest=False).indices for k in (1, 2, 3)}
    shares = torch.softmax(-gaps[near[2]].log(), dim=0)
    return [float(y[near[1]]), float(y[near[3]].mean()), float(shares @ y[near[2]])]


def torch_leave_one_out(xs: Any, labels: Any, ks: Any) -> list[int]:
    """Errors of leave-one-out for each k, with each sample at an infinite distance from itself."""
    import torch

    x = torch.tensor([[float(v)] for v in xs], dtype=torch.float64)
    y = torch.tensor(list(labels))
    gaps = torch.cdist(x, x).fill_diagonal_(torch.inf)
    votes = [y[gaps.topk(k, largest=False).indices].double().mean(1) > 1 / 2 for k in ks]
    return [int((vote != (y == 1)).sum()) for vote in votes]


def rates_and_rank_sum(scores: Any, labels: Any, threshold: Any) -> list[float]:
    """[true positive rate, false positive rate, area under the ROC curve], the last by the rank sum of scipy."""
    from scipy.stats import rankdata

    flagged = [float(s) >= float(threshold) for s in scores]
    rates = []
    for label in (1, 0):
        own = [f for f, y in zip(flagged, labels, strict=True) if y == label]
        rates.append(sum(own) / len(own))
    ranks = rankdata([float(s) for s in scores])
    ones = sum(labels)
    rank_sum = float(sum(r for r, y in zip(ranks, labels, strict=True) if y == 1))
    area = (rank_sum - ones * (ones + 1) / 2) / (ones * (len(labels) - ones))
    return [*rates, area]


def lines_that_read_test(leaks: Any, scaled_first: int) -> list[int]:
    """The lines of a small pipeline whose own result changes when the test samples change."""
    import numpy as np

    random = np.random.default_rng(1)
    x, y = random.normal(size=(90, 40)), random.integers(0, 2, 90)
    parts = {"train": range(40), "validation": range(40, 60), "test": range(60, 90)}

    def results(x: Any, y: Any) -> dict[int, Any]:
        def rows(*names: str) -> list[int]:
            return [i for name in names for i in parts[name]]

        fitted = rows("train", "test") if leaks[0] else rows("train")
        ranked = rows("train", "test") if leaks[1] else rows("train")
        scored = rows("test") if leaks[2] else rows("validation")
        stored = rows("train", "validation", "test") if leaks[3] else rows("train", "validation")
        scale = np.stack([x[fitted].mean(0), x[fitted].std(0)])
        match = np.abs(np.corrcoef(x[ranked].T, y[ranked])[-1, :-1])
        gaps = ((x[scored][:, None] - x[rows("train")][None]) ** 2).sum(-1)
        hits = y[rows("train")][gaps.argsort(1)[:, :5]].mean(1) - y[scored]
        memory = np.column_stack([x[stored], y[stored]])
        first, second = (2, 4) if scaled_first else (4, 2)
        return {first: scale, second: match, 7: np.sort(hits), 9: memory}

    other_x, other_y = x.copy(), y.copy()
    other_x[60:] += random.normal(size=(30, 40))
    other_y[60:] = 1 - other_y[60:]
    before, after = results(x, y), results(other_x, other_y)
    return sorted(line for line in before if not np.array_equal(before[line], after[line]))


def numpy_ridge_weight(xs: Any, ys: Any, strength: Any) -> float:
    """The best weight with an L2 penalty: least squares with one more sample (sqrt(strength), 0)."""
    import numpy as np

    design = np.array([[float(x)] for x in xs] + [[float(strength) ** 0.5]])
    target = np.array([*(float(y) for y in ys), 0.0])
    return float(np.linalg.lstsq(design, target, rcond=None)[0][0])


def scipy_strength_for(xs: Any, ys: Any, share: Any) -> float:
    """The strength at which the best weight has this share of the one without a penalty, by bisection."""
    from scipy.optimize import brentq

    plain = numpy_ridge_weight(xs, ys, 0)
    return float(
        brentq(lambda s: numpy_ridge_weight(xs, ys, s) / plain - float(share), 0, 1000, xtol=1e-12)
    )


def root_of_likelihood_slope(family: str, values: Any, centre: int) -> float:
    """Where the derivative of the log-likelihood of torch's distributions vanishes, by bisection."""
    import torch
    from scipy.optimize import brentq

    laws = torch.distributions
    data = torch.tensor([float(v) for v in values], dtype=torch.float64)
    made: dict[str, Any] = {
        "exponential": laws.Exponential,
        "geometric": laws.Geometric,
        "variance": lambda v: laws.Normal(torch.tensor(float(centre), dtype=v.dtype), v.sqrt()),
        "poisson": laws.Poisson,
    }

    def slope(parameter: float) -> float:
        p = torch.tensor(parameter, dtype=torch.float64, requires_grad=True)
        return float(torch.autograd.grad(made[family](p).log_prob(data).sum(), p)[0])

    high = 1 - 1e-6 if family == "geometric" else 100.0
    return float(brentq(slope, 1e-3, high, xtol=1e-13))


def sympy_least_squares_gradient() -> str:
    """The gradient of |X theta - y|^2, entry by entry for a small X by sympy, and put together by a fit.

    It is a X^T X theta + b X^T y; sympy finds a and b.
    """
    import sympy

    x = sympy.Matrix(3, 2, sympy.symbols("x0:6"))
    theta, y = sympy.Matrix(sympy.symbols("t0:2")), sympy.Matrix(sympy.symbols("y0:3"))
    loss = ((x * theta - y).T * (x * theta - y))[0]
    gradient = sympy.Matrix([sympy.diff(loss, t) for t in theta])
    a, b = sympy.symbols("a b")
    rest = (gradient - a * x.T * x * theta - b * x.T * y).expand()
    terms = [c for entry in rest for c in sympy.Poly(entry, *x, *theta, *y).coeffs()]
    found = sympy.solve(terms, [a, b], dict=True)[0]
    return f"{found[a]}*X^T*X*theta + ({found[b]})*X^T*y"


def numpy_normal_matrix(x: Any, y: Any) -> list[list[float]]:
    """[X^T X | X^T y], by numpy."""
    import numpy as np

    matrix, target = np.array(x, dtype=float), np.array([float(v) for v in y])
    joined = np.column_stack([matrix, target])
    return [[float(v) for v in row] for row in (joined.T @ joined)[:2]]


def numpy_penalised_weights(x: Any, y: Any, strength: Any) -> list[float]:
    """Least squares with a penalty, as plain least squares with one more row for each weight."""
    import numpy as np

    matrix = np.vstack([np.array(x, dtype=float), float(strength) ** 0.5 * np.eye(len(x[0]))])
    target = np.array([float(v) for v in y] + [0.0] * len(x[0]))
    return [float(v) for v in np.linalg.lstsq(matrix, target, rcond=None)[0]]


def torch_logistic_start(xs: Any, labels: Any, rate: Any, wanted: str) -> Any:
    """Loss and gradient at zero weights, and weights and logits after a step of torch's SGD."""
    import torch

    x, y = torch.tensor(xs, dtype=torch.float64), torch.tensor(labels, dtype=torch.float64)
    unit = torch.nn.Linear(2, 1, dtype=torch.float64)
    torch.nn.init.zeros_(unit.weight)
    torch.nn.init.zeros_(unit.bias)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(unit(x)[:, 0], y)
    loss.backward()
    if wanted == "loss":
        return float(loss.detach())
    slopes = [float(v) for p in unit.parameters() if p.grad is not None for v in p.grad.flatten()]
    if wanted == "gradient":
        return slopes
    torch.optim.SGD(unit.parameters(), lr=float(rate)).step()
    if wanted == "step":
        return [float(v) for p in unit.parameters() for v in p.detach().flatten()]
    return [float(v) for v in unit(x)[:, 0].detach()]


def line_of_even_odds(xs: Any, labels: Any, rate: Any) -> str:
    """The line of p = 1/2 after the step, through the two points where it meets x1 = 0 and x1 = 1."""
    from fractions import Fraction

    w1, w2, b = torch_logistic_start(xs, labels, rate, "step")
    low, high = (Fraction(-(w1 * x + b) / w2).limit_denominator(10_000) for x in (0, 1))
    return f"x2 = ({low}) + ({high - low})*x1"


def sympy_gaussian_information() -> str:
    """Minus the logarithm of sympy's normal density."""
    import sympy
    from sympy import stats

    y, m = sympy.symbols("y m", real=True)
    s = sympy.Symbol("s", positive=True)
    found = sympy.expand_log(-sympy.log(stats.density(stats.Normal("Y", m, s))(y)), force=True)
    return str(found).replace("log(", "ln(")


def sympy_bernoulli_information() -> str:
    """Minus the logarithm of p^y (1 - p)^(1 - y), expanded by sympy."""
    import sympy

    y, p = sympy.symbols("y p", positive=True)
    found = sympy.expand_log(-sympy.log(p**y * (1 - p) ** (1 - y)), force=True)
    return str(found).replace("log(", "ln(")


def weighted_least_squares_constant(values: Any, ratio: Any, wanted: str) -> float:
    """The constant fitted to the values, the last three with a standard deviation of `ratio`; or the squares left.

    By numpy's least squares on rows that are divided by their standard deviations.
    """
    import numpy as np

    deviations = np.array([1.0, 1.0] + [float(ratio)] * 3)
    target = np.array([float(v) for v in values]) / deviations
    solution, rest, *_ = np.linalg.lstsq((1 / deviations)[:, None], target, rcond=None)
    return float(solution[0] if wanted == "constant" else rest[0])


def torch_least_absolute(values: Any) -> float:
    """The m with the largest likelihood under torch's Laplace distribution, among steps of 1/10."""
    import torch

    data = torch.tensor([float(v) for v in values], dtype=torch.float64)
    tenths = torch.arange(10 * int(data.min()), 10 * int(data.max()) + 1, dtype=torch.float64)
    law = torch.distributions.Laplace(tenths[:, None] / 10, 1.0)
    return float(tenths[law.log_prob(data).sum(1).argmax()] / 10)


def torch_squared_distances(points: Any, query: Any, first: int, second: int) -> list[float]:
    """Squared distances by torch's cdist, with the two features multiplied by factors."""
    import torch

    factors = torch.tensor([first, second], dtype=torch.float64)
    x = torch.tensor(points, dtype=torch.float64) * factors
    q = torch.tensor([query], dtype=torch.float64) * factors
    return [round(float(v) ** 2, 6) for v in torch.cdist(x, q)[:, 0]]
