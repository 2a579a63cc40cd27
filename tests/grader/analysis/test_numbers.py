"""The formulas, against known values, against numpy and scipy, and against themselves in another order."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from grader.analysis.numbers import correlation, holm, mean_share, quantile_groups, weighted_mean

TABLE = yaml.safe_load(Path(__file__).with_name("numbers.yaml").read_text("utf-8"))
SHARE = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])


@pytest.mark.parametrize("row", TABLE["shares"], ids=lambda row: row["name"])
def test_a_share_has_wilsons_interval(row):
    found = mean_share(np.array([1.0] * row["right"] + [0.0] * (row["of"] - row["right"])))
    assert found is not None
    assert (found.value, found.n) == (row["right"] / row["of"], row["of"])
    assert (found.low, found.high) == pytest.approx((row["low"], row["high"]), abs=1e-4)


def test_a_share_of_parts_is_surer_than_one_of_right_and_wrong():
    halves = mean_share(np.array([0.5, 0.5, 0.25, 0.75] * 10))
    whole = mean_share(np.array([0.0, 1.0] * 20))
    assert halves is not None
    assert whole is not None
    assert halves.high - halves.low < (whole.high - whole.low) / 2


def test_nothing_is_said_of_nobody():
    assert mean_share(np.array([np.nan])) is None
    assert mean_share(np.array([])) is None
    assert weighted_mean(np.array([np.nan, 1.0]), np.array([1.0, 0.0])) is None


def test_a_share_below_nothing_has_an_interval_too():
    found = mean_share(np.array([-0.5, -0.25, 0.25] * 5))
    assert found is not None
    assert found.low < found.value < 0


@pytest.mark.parametrize("row", TABLE["holm"])
def test_chances_among_many_tests(row):
    assert holm(row["chances"]) == pytest.approx(row["adjusted"])


@pytest.mark.parametrize("row", TABLE["thirds"])
def test_thirds_share_those_who_are_equal(row):
    values = np.array([math.nan if v is None else v for v in row["values"]], dtype=float)
    assert quantile_groups(values, 3) == pytest.approx(np.array(row["groups"]), abs=1e-3)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=40), st.integers(2, 5), st.randoms())
def test_groups_are_equally_large_and_know_no_order(values, groups, random):
    known = np.array(values, dtype=float)
    found = quantile_groups(known, groups)
    assert found.sum(axis=1) == pytest.approx(1)
    assert found.sum(axis=0) == pytest.approx(len(values) / groups)
    order = list(range(len(values)))
    random.shuffle(order)
    assert quantile_groups(known[order], groups) == pytest.approx(found[order])


@given(st.lists(st.tuples(SHARE, st.floats(0, 1)), min_size=10, max_size=60))
def test_a_correlation_is_pearsons(pairs):
    x, y = np.array(pairs).T
    assume(x.std() > 1e-3 and y.std() > 1e-3)
    found = correlation(x, y)
    assert found is not None
    assert found.value == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-9)
    assert found.low <= found.value <= found.high


def test_a_correlations_interval_is_fishers():
    x = np.arange(30, dtype=float)
    y = np.where(x % 3 == 0, 29 - x, x)
    found, theirs = correlation(x, y), stats.pearsonr(x, y).confidence_interval(0.95)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([0.1] * 20, list(range(20))),
        (list(range(9)), list(range(9))),
        ([math.nan] * 15 + list(range(5)), list(range(20))),
    ],
    ids=["constant", "too few", "too few that are known"],
)
def test_no_correlation_where_there_is_none(x, y):
    assert correlation(np.array(x, dtype=float), np.array(y, dtype=float)) is None
