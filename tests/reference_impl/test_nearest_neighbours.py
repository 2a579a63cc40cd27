from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from reference_impl.nearest_neighbours import (
    classify,
    cross_validate,
    distances,
    neighbours,
    regress,
)


@pytest.mark.parametrize(("norm", "p"), [("L1", 1.0), ("L2", 2.0)])
def test_distances_are_torchs(norm: Any, p: float) -> None:
    torch.manual_seed(0)
    a, b = torch.randn(5, 7, dtype=torch.float64), torch.randn(4, 7, dtype=torch.float64)
    assert_close(distances(a, b, norm), torch.cdist(a, b, p=p))


def test_close_points_far_from_the_origin_stay_apart() -> None:
    a = torch.tensor([[1e4, 1e4]])
    b = torch.tensor([[1e4, 1e4], [1e4 + 1, 1e4]])
    assert distances(a, b).tolist() == [[0.0, 1.0]]


# Small whole numbers, so that ties of distances and of votes come up all the time.
POINTS = st.lists(
    st.tuples(st.integers(-2, 2), st.integers(-2, 2), st.integers(0, 2)), min_size=1, max_size=9
)


@given(POINTS, st.tuples(st.integers(-2, 2), st.integers(-2, 2)), st.data())
def test_classes_are_those_of_a_plain_count(
    points: list[tuple[int, int, int]], new: tuple[int, int], data: st.DataObject
) -> None:
    k = data.draw(st.integers(1, len(points)))
    places = sorted(
        range(len(points)),
        key=lambda i: ((points[i][0] - new[0]) ** 2 + (points[i][1] - new[1]) ** 2, i),
    )[:k]
    labels = [points[i][2] for i in places]
    winner = max(labels, key=lambda label: (labels.count(label), -labels.index(label)))

    known = torch.tensor([p[:2] for p in points], dtype=torch.float64)
    x = torch.tensor([new], dtype=torch.float64)
    assert neighbours(known, x, k).tolist() == [places]
    assert classify(known, torch.tensor([p[2] for p in points]), x, k).tolist() == [winner]


@pytest.mark.parametrize(
    ("labels", "k", "expected", "why"),
    [
        ([1, 0, 0, 2], 1, 1, "the first of equally near points"),
        ([1, 0, 0, 2], 2, 1, "one vote each: the nearest member wins"),
        ([1, 0, 0, 2], 3, 0, "two votes against one"),
        ([1, 0, 2, 0], 3, 1, "three classes with one vote each"),
    ],
)
def test_ties(labels: list[int], k: int, expected: int, why: str) -> None:
    # The first two points are equally far from 0.
    known = torch.tensor([[1.0], [-1.0], [2.0], [3.0]])
    assert classify(known, torch.tensor(labels), torch.zeros(1, 1), k).tolist() == [expected], why


def test_the_norm_decides() -> None:
    known, x = torch.tensor([[3.0, 0.0], [2.0, 2.0]]), torch.zeros(1, 2)
    labels = torch.tensor([0, 1])
    assert classify(known, labels, x, 1, "L1").tolist() == [0]
    assert classify(known, labels, x, 1, "L2").tolist() == [1]


def test_one_neighbour_is_never_wrong_on_the_known_points() -> None:
    torch.manual_seed(1)
    known, labels = torch.randn(30, 3), torch.randint(4, (30,))
    assert torch.equal(classify(known, labels, known, 1), labels)
    # With all of them, everybody gets the commonest class.
    assert classify(known, labels, known, 30).unique().numel() == 1


def test_regression_is_the_mean_of_the_neighbours() -> None:
    known, targets = torch.tensor([[0.0], [1.0], [5.0]]), torch.tensor([2.0, 4.0, 100.0])
    assert regress(known, targets, torch.tensor([[0.4]]), 2).tolist() == [3.0]


def test_cross_validation_never_looks_at_the_fold() -> None:
    torch.manual_seed(2)
    x, labels = torch.randn(40, 5), torch.randint(2, (40,))
    # Labels are noise: k = 1 would be perfect if a point could find itself.
    found = cross_validate(x, labels, 1, 4)
    assert len(found) == 4
    assert 0.2 < sum(found) / 4 < 0.8
    clear = (x[:, 0] > 0).long()
    x[:, 0] += 100 * clear
    assert cross_validate(x, clear, 3, 4) == [1.0] * 4


def test_folds_of_unequal_size_cover_everything() -> None:
    x = torch.arange(7.0).unsqueeze(1)
    labels = torch.tensor([0, 0, 0, 0, 0, 0, 1])
    # Folds of 3, 2 and 2; the lone 1 is wrong in the last one.
    assert cross_validate(x, labels, 1, 3) == [1.0, 1.0, 0.5]


def test_senseless_arguments_are_refused() -> None:
    x, labels = torch.zeros(3, 2), torch.zeros(3, dtype=torch.long)
    for k in (0, 4):
        with pytest.raises(ValueError, match="1 to 3"):
            neighbours(x, x, k)
    for folds in (1, 4):
        with pytest.raises(ValueError, match="2 to 3"):
            cross_validate(x, labels, 1, folds)
    wrong: Any = "L3"
    with pytest.raises(ValueError, match="L1 or L2"):
        distances(x, x, wrong)
