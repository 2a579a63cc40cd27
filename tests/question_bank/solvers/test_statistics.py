from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from question_bank.solvers.statistics import (
    confusion_counts,
    knn_class_counts,
    knn_training_errors,
    least_squares_line,
    leave_one_out_labels,
    linear_solution,
    mean_squared_error,
    nearest_neighbours,
    ranking_area,
)

POINTS = ((0, 0), (3, 0), (2, 2), (0, 5))


@pytest.mark.parametrize(
    ("metric", "counts"), [("L1", (1, 1, 2)), ("L2", (1, 1, 2)), ("max", (1, 1, 2))]
)
def test_neighbours_are_counted_by_class(metric, counts):
    # distances from (0, 0): L1 0 3 4 5, L2 0 9 8 25, max 0 3 2 5
    labels = (1, 0, 0, 1)
    assert knn_class_counts(POINTS, labels, (0, 0), (1, 3, 4), metric) == counts


def test_the_metric_decides_between_second_and_third():
    labels = (0, 1, 0, 0)
    assert knn_class_counts(POINTS, labels, (0, 0), (2,), "L1") == (1,)
    assert knn_class_counts(POINTS, labels, (0, 0), (2,), "L2") == (0,)
    assert knn_class_counts(POINTS, labels, (0, 0), (2,), "max") == (0,)


@pytest.mark.parametrize(
    ("points", "neighbours", "metric"),
    [
        (((0, 1), (1, 0)), (1,), "L1"),
        (POINTS, (5,), "L1"),
        (POINTS, (0,), "L1"),
        (POINTS, (1,), "L3"),
    ],
    ids=["tie", "too many", "none", "unknown metric"],
)
def test_no_vote_without_a_clear_neighbourhood(points, neighbours, metric):
    with pytest.raises(ValueError):
        knn_class_counts(points, (1,) * len(points), (0, 0), neighbours, metric)


def test_labels_belong_to_points():
    with pytest.raises(ValueError, match="labels"):
        knn_class_counts(POINTS, (1,), (0, 0), (1,))


def test_line_and_error_agree_with_numpy():
    random = np.random.default_rng(5)
    for _ in range(30):
        xs = tuple(int(v) for v in random.permutation(20)[:6])
        ys = tuple(int(v) for v in random.integers(-9, 10, 6))
        slope, intercept = least_squares_line(xs, ys)
        assert np.allclose([float(slope), float(intercept)], np.polyfit(xs, ys, 1))
        fitted = tuple(slope * x + intercept for x in xs)
        expected = float(np.mean((np.polyval(np.polyfit(xs, ys, 1), xs) - ys) ** 2))
        assert float(mean_squared_error(fitted, ys)) == pytest.approx(expected)


def test_line_is_exact():
    assert least_squares_line((0, 1, 3), (0, 1, 1)) == (Fraction(2, 7), Fraction(2, 7))


@pytest.mark.parametrize(("xs", "ys"), [((1, 1), (0, 2)), ((1,), (2,)), ((1, 2), (3,))])
def test_no_line_through_these(xs, ys):
    with pytest.raises(ValueError):
        least_squares_line(xs, ys)


def test_no_error_of_nothing():
    with pytest.raises(ValueError):
        mean_squared_error((), ())
    with pytest.raises(ValueError):
        mean_squared_error((1,), (1, 2))


def test_a_score_at_the_threshold_counts_as_class_1():
    half = Fraction(1, 2)
    scores, labels = (half, Fraction(3, 5), Fraction(1, 5), Fraction(2, 5)), (1, 0, 1, 0)
    assert confusion_counts(scores, labels, half) == (1, 1, 1, 1)
    assert confusion_counts(scores, labels, Fraction(51, 100)) == (0, 1, 2, 1)


@pytest.mark.parametrize("labels", [(1,), (1, 2)])
def test_labels_are_0_or_1(labels):
    with pytest.raises(ValueError, match="label"):
        confusion_counts((Fraction(1, 2), Fraction(1, 3)), labels, Fraction(1, 2))


def test_neighbours_come_in_the_order_of_their_distances():
    points = ((5, 0), (1, 1), (0, 3), (4, 4))
    assert nearest_neighbours(points, (0, 0), 3, "L1") == (1, 2, 0)
    assert nearest_neighbours(points, (0, 0), 4, "L2") == (1, 2, 0, 3)
    assert nearest_neighbours(((7,), (2,), (4,)), (5,), 1) == (2,)


@pytest.mark.parametrize(
    ("points", "k"),
    [(((0, 1), (1, 0), (5, 5)), 1), (((0, 1), (1, 0), (5, 5)), 2), (((1, 1),), 2), (((1, 1),), 0)],
    ids=["tie with the rest", "tie among them", "too many", "none"],
)
def test_no_neighbours_without_an_order(points, k):
    with pytest.raises(ValueError):
        nearest_neighbours(points, (0, 0), k)


def test_linear_systems_agree_with_numpy():
    random = np.random.default_rng(2)
    for size in (1, 2, 3, 4):
        for _ in range(10):
            matrix = random.integers(-5, 6, (size, size))
            if abs(np.linalg.det(matrix)) < 0.5:
                continue
            right = random.integers(-9, 10, size)
            found = linear_solution(
                tuple(tuple(int(v) for v in row) for row in matrix), tuple(int(v) for v in right)
            )
            assert np.allclose([float(v) for v in found], np.linalg.solve(matrix, right))


def test_a_linear_system_is_solved_exactly_with_rows_exchanged():
    assert linear_solution(((0, 3), (2, 1)), (1, 1)) == (Fraction(1, 3), Fraction(1, 3))


@pytest.mark.parametrize(
    ("matrix", "right"), [(((1, 2), (2, 4)), (1, 2)), (((1, 2),), (1,)), (((1,),), (1, 2))]
)
def test_no_solution_of_these(matrix, right):
    with pytest.raises(ValueError):
        linear_solution(matrix, right)


def test_ranking_area_counts_pairs_and_agrees_with_the_trapezoids():
    assert ranking_area((9, 7, 5, 3), (1, 1, 0, 0)) == 1
    assert ranking_area((9, 7, 5, 3), (0, 0, 1, 1)) == 0
    assert ranking_area((4, 4, 4), (1, 0, 1)) == Fraction(1, 2)
    random = np.random.default_rng(7)
    for _ in range(20):
        scores = tuple(int(v) for v in random.integers(0, 9, 12))
        labels = (1, 0, *(int(v) for v in random.integers(0, 2, 10)))
        points = [(0.0, 0.0)]
        for threshold in sorted(set(scores), reverse=True):
            tp, fp, fn, tn = confusion_counts(scores, labels, threshold)
            points.append((fp / (fp + tn), tp / (tp + fn)))
        area = np.trapezoid([p[1] for p in points], [p[0] for p in points])
        assert float(ranking_area(scores, labels)) == pytest.approx(float(area))


@pytest.mark.parametrize(("scores", "labels"), [((1, 2), (1, 1)), ((1,), (1, 0)), ((1, 2), (0, 3))])
def test_no_ranking_without_both_classes(scores, labels):
    with pytest.raises(ValueError):
        ranking_area(scores, labels)


def test_training_errors_agree_with_the_votes():
    random = np.random.default_rng(3)
    for _ in range(20):
        points = tuple((int(x), int(y)) for x, y in random.integers(0, 1000, (15, 2)))
        labels = (1, 0, *(int(v) for v in random.integers(0, 2, 13)))
        for k in (1, 3, 7):
            votes = [knn_class_counts(points, labels, p, (k,))[0] for p in points]
            wrong = [(2 * v > k) != (q == 1) for v, q in zip(votes, labels, strict=True)]
            assert knn_training_errors(points, labels, k) == sum(wrong)
    assert knn_training_errors(points, labels, 15) == min(labels.count(0), labels.count(1))
    assert knn_training_errors(points, labels, 1) == 0


@pytest.mark.parametrize(
    ("points", "labels", "k"),
    [
        (((0, 0), (1, 0), (-1, 0)), (1, 0, 1), 2),
        (((0, 0), (1, 0), (-1, 0)), (1, 0, 1), 5),
        (((0, 0), (1, 0)), (1, 1), 1),
        (((0, 0),), (1, 0), 1),
        (((0, 0), (0, 0)), (1, 0), 1),
    ],
    ids=["even", "too many", "one label", "no label", "tie"],
)
def test_no_training_errors_of_these(points, labels, k):
    with pytest.raises(ValueError):
        knn_training_errors(points, labels, k)


def test_leaving_one_out_asks_the_others():
    points, labels = ((0,), (1,), (3,), (10,), (12,)), (1, 0, 1, 0, 0)
    assert leave_one_out_labels(points, labels, 1) == (0, 1, 0, 0, 0)
    assert leave_one_out_labels(points, labels, 3) == (0, 1, 0, 0, 0)
    random = np.random.default_rng(4)
    for _ in range(20):
        points = tuple((int(x), int(y)) for x, y in random.integers(0, 1000, (9, 2)))
        labels = tuple(int(v) for v in random.integers(0, 2, 9))
        for k in (1, 3, 5):
            votes = [
                knn_class_counts(
                    points[:i] + points[i + 1 :], labels[:i] + labels[i + 1 :], p, (k,)
                )
                for i, p in enumerate(points)
            ]
            assert leave_one_out_labels(points, labels, k) == tuple(
                int(2 * v[0] > k) for v in votes
            )


@pytest.mark.parametrize(
    ("points", "labels", "k"),
    [
        (((0,), (1,), (2,)), (1, 0, 1), 1),
        (((0,), (1,), (5,)), (1, 0, 1), 2),
        (((0,), (1,), (5,)), (1, 0, 1), 3),
        (((0,), (1,)), (1, 2), 1),
        (((0,),), (1, 0), 1),
    ],
    ids=["tie", "even", "too many", "third label", "no label"],
)
def test_nothing_is_left_out_of_these(points, labels, k):
    with pytest.raises(ValueError):
        leave_one_out_labels(points, labels, k)
