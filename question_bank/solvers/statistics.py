"""Nearest neighbours, least-squares lines and counts of a confusion matrix (lecture 2)."""

from __future__ import annotations

from fractions import Fraction

Real = int | Fraction
Point = tuple[Real, ...]


def knn_class_counts(
    points: tuple[Point, ...],
    labels: tuple[int, ...],
    query: Point,
    neighbours: tuple[int, ...],
    metric: str = "L2",
) -> tuple[int, ...]:
    """How many of the k nearest points carry label 1, for each k of `neighbours`.

    Metric L1 (sum of absolute differences), L2 (Euclidean) or max (largest absolute difference). A tie at the
    border between neighbours and the rest has no answer: ValueError.
    """
    if len(points) != len(labels):
        raise ValueError(f"{len(points)} points and {len(labels)} labels")
    distances = [_distance(point, query, metric) for point in points]
    order = sorted(range(len(points)), key=lambda i: distances[i])
    counts = []
    for k in neighbours:
        if not 1 <= k <= len(points):
            raise ValueError(f"k must lie between 1 and {len(points)}, not {k}")
        if k < len(points) and distances[order[k - 1]] == distances[order[k]]:
            raise ValueError(f"two points tie for place {k}")
        counts.append(sum(labels[i] == 1 for i in order[:k]))
    return tuple(counts)


def least_squares_line(xs: tuple[Real, ...], ys: tuple[Real, ...]) -> tuple[Real, Real]:
    """(slope, intercept) of the line that minimises the sum of squared vertical residuals; exact."""
    if len(xs) != len(ys) or len(xs) < 2:
        raise ValueError(f"{len(xs)} values of x and {len(ys)} of y: at least two pairs are needed")
    x_mean, y_mean = Fraction(sum(xs)) / len(xs), Fraction(sum(ys)) / len(ys)
    spread = sum((x - x_mean) ** 2 for x in xs)
    if spread == 0:
        raise ValueError("all x are equal: the slope is not determined")
    slope = sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True)) / spread
    return slope, y_mean - slope * x_mean


def mean_squared_error(predictions: tuple[Real, ...], targets: tuple[Real, ...]) -> Real:
    """The mean (not the sum, no factor 1/2) of the squared differences; exact."""
    if len(predictions) != len(targets) or not targets:
        raise ValueError(f"{len(predictions)} predictions and {len(targets)} targets")
    squares = [Fraction(p - t) ** 2 for p, t in zip(predictions, targets, strict=True)]
    return sum(squares, start=Fraction(0)) / len(squares)


def confusion_counts(
    scores: tuple[Real, ...], labels: tuple[int, ...], threshold: Real
) -> tuple[int, int, int, int]:
    """(TP, FP, FN, TN), where a score of at least the threshold is predicted as class 1."""
    if len(scores) != len(labels) or any(label not in (0, 1) for label in labels):
        raise ValueError("each score needs a label that is 0 or 1")
    pairs = [(score >= threshold, label == 1) for score, label in zip(scores, labels, strict=True)]
    return (
        pairs.count((True, True)),
        pairs.count((True, False)),
        pairs.count((False, True)),
        pairs.count((False, False)),
    )


def _distance(a: Point, b: Point, metric: str) -> Real:
    """The distance, or for L2 its square, which orders points alike and stays exact."""
    gaps: list[Real] = [max(p - q, q - p) for p, q in zip(a, b, strict=True)]
    if metric == "L1":
        return sum(gaps)
    if metric == "L2":
        return sum(gap**2 for gap in gaps)
    if metric == "max":
        return max(gaps)
    raise ValueError(f'there is no metric "{metric}": L1, L2 or max')
