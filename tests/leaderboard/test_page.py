from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.distribution import MOST_BARS, distribution
from leaderboard.page import render_page
from leaderboard.ranking import Result, rank

POINTS = st.decimals(0, 200, places=3)


def page(count: int) -> str:
    moment = datetime(2020, 1, 14, 7, 42, 59, tzinfo=UTC)
    mark = Decimal(50)
    rows = [
        Result(
            user=f"w{n:04d}",
            assignment="exercise_3",
            submission=n,
            received_at=moment,
            score=Decimal(n * 7 % 100),
            max_score=Decimal(100),
            pending_points=Decimal(0),
            passed=n * 7 % 100 >= mark,
            pass_mark=mark,
        )
        for n in range(count)
    ]
    return render_page(rank("exercise_3", rows))


def test_the_page_asks_nobody_for_anything() -> None:
    html = page(40)
    assert "<script" not in html
    assert not re.search(r"""(?:src|href)=["'](?!data:,)""", html)
    assert not re.search(r"@import|url\(|https?:", html)
    assert "default-src 'none'" in html


def test_a_screen_reader_finds_its_way() -> None:
    html = page(40)
    assert '<html lang="en">' in html
    assert html.count("<h1>") == 1
    assert html.count('<th scope="col">') == 5
    assert html.count('<th scope="row">') == 40
    assert "<caption>" in html
    assert 'role="img" aria-label="Distribution of 40 scores, from 0.00 to 98.00' in html
    assert html.count(">passed</span>") + html.count(">not passed</span>") == 40
    assert '<time datetime="2020-01-14T07:42:59Z">' in html


def test_few_results_get_no_distribution() -> None:
    assert 'role="img"' not in page(2)
    assert 'role="img"' in page(3)


@given(st.lists(POINTS, min_size=1, max_size=40), st.none() | POINTS, st.none() | POINTS)
def test_every_score_is_in_the_bar_that_it_belongs_to(
    scores: list[Decimal], mark: Decimal | None, full: Decimal | None
) -> None:
    found = distribution(scores, mark, full)
    assert all(bar.width > 0 for bar in found.bars)
    assert 1 <= len(found.bars) <= MOST_BARS + 1
    for place, bar in enumerate(found.bars):
        last = place == len(found.bars) - 1
        inside = [x for x in scores if bar.start <= x < bar.end or (last and x == bar.end)]
        assert bar.count == len(inside)
        assert 0 <= bar.left <= bar.left + bar.width <= 1 + 1e-9
        assert 0 <= bar.height <= 1
    reached = sum(bar.count for bar in found.bars if bar.reached)
    if mark is None:
        assert (reached, found.mark) == (0, None)
    else:
        assert reached == sum(x >= mark for x in scores)
        assert found.mark is not None
        assert -1e-9 <= found.mark <= 1 + 1e-9


@pytest.mark.parametrize(
    ("scores", "mark", "full", "ends"),
    [
        ("16 45 90", "45", "90", ("5", "90")),
        ("16 45 120", "45", "90", ("5", "125")),
        ("93.37 92.61 92.49", "97", "100", ("92", "98")),
        ("90", "90", "90", ("90", "91")),
        ("0", None, "100", ("0", "1")),
    ],
)
def test_the_axis_ends_at_round_numbers(
    scores: str, mark: str | None, full: str, ends: tuple[str, str]
) -> None:
    values = [Decimal(each) for each in scores.split()]
    found = distribution(values, None if mark is None else Decimal(mark), Decimal(full))
    assert (found.low, found.high) == ends
    assert sum(bar.count for bar in found.bars) == len(values)
