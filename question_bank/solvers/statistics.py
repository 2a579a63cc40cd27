"""Nearest neighbours, least squares, counts of a confusion matrix and rankings (lecture 2)."""

from __future__ import annotations

import math
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


def nearest_neighbours(
    points: tuple[Point, ...], query: Point, k: int, metric: str = "L2"
) -> tuple[int, ...]:
    """The positions (from 0) of the k nearest points, the nearest first; metrics as for `knn_class_counts`.

    A tie among them, or between them and the rest, has no answer: ValueError.
    """
    if not 1 <= k <= len(points):
        raise ValueError(f"k must lie between 1 and {len(points)}, not {k}")
    distances = [_distance(point, query, metric) for point in points]
    order = sorted(range(len(points)), key=lambda i: distances[i])
    for place in range(min(k, len(points) - 1)):
        if distances[order[place]] == distances[order[place + 1]]:
            raise ValueError(f"two points tie for place {place + 1}")
    return tuple(order[:k])


def knn_training_errors(points: tuple[Point, ...], labels: tuple[int, ...], k: int) -> int:
    """How many training points get the other label by majority vote of their k nearest (k odd, itself included).

    Euclidean distance. Where a tie between points of both labels decides, there is no answer: ValueError.
    """
    if len(points) != len(labels) or set(labels) != {0, 1}:
        raise ValueError("each point needs a label, and both labels 0 and 1 must be there")
    if k % 2 == 0 or not 1 <= k <= len(points):
        raise ValueError(f"k must be odd and between 1 and {len(points)}, not {k}")
    places = [tuple(float(v) for v in point) for point in points]
    rank, errors = (k - 1) // 2, 0
    for place, label in zip(places, labels, strict=True):
        # Label 1 has the majority where its point of this rank is nearer than that of label 0.
        reach = []
        for group in (0, 1):
            gaps = sorted(
                math.dist(place, p) for p, q in zip(places, labels, strict=True) if q == group
            )
            reach.append(gaps[rank] if rank < len(gaps) else math.inf)
        if reach[0] == reach[1]:
            raise ValueError("points of both labels tie")
        errors += (reach[1] < reach[0]) != (label == 1)
    return errors


def leave_one_out_labels(
    points: tuple[Point, ...], labels: tuple[int, ...], k: int
) -> tuple[int, ...]:
    """The label 0 or 1 that each point gets by majority vote of the k nearest others (k odd, Euclidean distance).

    A tie for the last place has no answer: ValueError.
    """
    if len(points) != len(labels) or any(label not in (0, 1) for label in labels):
        raise ValueError("each point needs a label that is 0 or 1")
    if k % 2 == 0 or not 1 <= k < len(points):
        raise ValueError(f"k must be odd and between 1 and {len(points) - 1}, not {k}")
    places = [tuple(float(v) for v in point) for point in points]
    said = []
    for i, place in enumerate(places):
        others = sorted(
            (math.dist(place, p), label)
            for j, (p, label) in enumerate(zip(places, labels, strict=True))
            if j != i
        )
        if k < len(others) and others[k - 1][0] == others[k][0]:
            raise ValueError(f"two points tie for place {k}")
        said.append(int(2 * sum(label for _, label in others[:k]) > k))
    return tuple(said)


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


def linear_solution(
    matrix: tuple[tuple[Real, ...], ...], right: tuple[Real, ...]
) -> tuple[Real, ...]:
    """The x with matrix x = right for a square matrix, by exact elimination; ValueError if it is singular."""
    size = len(matrix)
    if len(right) != size or any(len(row) != size for row in matrix):
        raise ValueError(f"{size} rows need {size} columns and as many numbers on the right")
    rows = [[Fraction(v) for v in (*row, b)] for row, b in zip(matrix, right, strict=True)]
    for column in range(size):
        pivot = next((r for r in range(column, size) if rows[r][column] != 0), None)
        if pivot is None:
            raise ValueError("the matrix is singular")
        rows[column], rows[pivot] = rows[pivot], rows[column]
        head = rows[column][column]
        rows[column] = [v / head for v in rows[column]]
        for other in range(size):
            if other != column:
                factor = rows[other][column]
                rows[other] = [
                    v - factor * w for v, w in zip(rows[other], rows[column], strict=True)
                ]
    return tuple(row[size] for row in rows)


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


def ranking_area(scores: tuple[Real, ...], labels: tuple[int, ...]) -> Real:
    """The area under the ROC curve: the share of pairs of both classes in which label 1 has the higher score.

    Equal scores count one half.
    """
    if len(scores) != len(labels) or any(label not in (0, 1) for label in labels):
        raise ValueError("each score needs a label that is 0 or 1")
    ones = [score for score, label in zip(scores, labels, strict=True) if label == 1]
    zeros = [score for score, label in zip(scores, labels, strict=True) if label == 0]
    if not ones or not zeros:
        raise ValueError("both labels are needed")
    halves = sum(2 * (p > q) + (p == q) for p in ones for q in zeros)
    return Fraction(halves, 2 * len(ones) * len(zeros))


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
