from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.points import from_millionths, shortest, to_millionths, two_decimals
from leaderboard.times import printed_exactly, to_microseconds


@pytest.mark.parametrize(
    ("value", "millionths"),
    [(93.37, 93_370_000), (0.1 + 0.2, 300_000), (1 / 3, 333_333), (7, 7_000_000)],
)
def test_points_are_kept_in_millionths(value: float, millionths: int) -> None:
    assert to_millionths(value) == millionths


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, 1e300, "5", None, True, 10**400, Decimal("NaN")]
)
def test_what_is_no_number_of_points_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="number of points"):
        to_millionths(value)


@given(st.integers(-(10**15), 10**15))
def test_nothing_is_lost_between_store_and_program(millionths: int) -> None:
    assert to_millionths(from_millionths(millionths)) == millionths
    # A float has 15 digits for sure: a score as JSON writes it comes back as it was.
    if abs(millionths) < 10**15:
        assert to_millionths(float(from_millionths(millionths))) == millionths


@pytest.mark.parametrize(
    ("points", "printed", "short"),
    [
        ("93.370000", "93.37", "93.37"),
        ("0.125000", "0.13", "0.125"),
        ("-0.001000", "0.00", "-0.001"),
        ("50.000000", "50.00", "50"),
        ("100", "100.00", "100"),
    ],
)
def test_points_are_printed(points: str, printed: str, short: str) -> None:
    assert (two_decimals(Decimal(points)), shortest(Decimal(points))) == (printed, short)


@pytest.mark.parametrize(
    ("part", "shown"),
    [(0, ""), (400_000, ".4"), (1, ".000001"), (999_999, ".999999"), (20_000, ".02")],
)
def test_a_moment_is_printed_with_the_part_of_a_second_that_it_has(part: int, shown: str) -> None:
    at = to_microseconds(datetime(2020, 1, 14, 7, 42, 59, part, tzinfo=UTC))
    assert printed_exactly(at) == f"2020-01-14 07:42:59{shown}"
