from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.boards import shown
from leaderboard.distribution import MOST_BARS, distribution
from leaderboard.page import render_page
from leaderboard.points import MILLION
from leaderboard.policy import Policy
from leaderboard.ranking import Board, Plan, Result, rank
from leaderboard.sparkline import sparkline
from leaderboard.times import to_microseconds

POINTS = st.decimals(0, 200, places=3)


def results(count: int) -> list[Result]:
    moment = to_microseconds(datetime(2020, 1, 14, 7, 42, 59, tzinfo=UTC))
    return [
        Result(f"w{n:04d}", n, moment, n * 7 % 100 * MILLION, 100 * MILLION, 0, n * 7 % 100 >= 50, 50 * MILLION)
        for n in range(count)
    ]  # fmt: skip


def board(count: int, name: str = "exercise_3", **policy: Any) -> Board:
    return rank(Plan(f"t/{name}", name, name, Policy(**policy)), results(count))


def page(count: int) -> str:
    return render_page([board(count)])


def test_the_page_asks_nobody_for_anything() -> None:
    html = render_page([board(40), board(5, "other")])
    assert not re.search(r"""(?:src|href)=["'](?!data:,|#board-)""", html)
    assert not re.search(r"@import|url\(|https?:|fetch|XMLHttp|import\(", html)
    assert "default-src 'none'" in html


def test_the_browser_runs_our_script_and_no_other() -> None:
    html = page(3)
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in html


def test_every_board_is_a_tab_by_its_address_alone() -> None:
    html = render_page([board(3), board(4, "other"), board(0, "third")])
    tree = lxml.html.document_fromstring(html)
    links = [link.get("href") for link in tree.xpath("//nav/a")]
    assert links == ["#board-1", "#board-2", "#board-3"]
    assert [section.get("id") for section in tree.xpath("//section")] == [
        link[1:] for link in links
    ]
    assert "<nav" not in page(3), "one board needs no tabs"


def test_a_hidden_board_tells_its_date_and_nothing_else() -> None:
    until = datetime(2020, 2, 1, tzinfo=UTC)
    secret = board(40, "secret", hidden_until=to_microseconds(until))
    before = render_page(shown([secret], until - timedelta(seconds=1)))
    assert "shown from 2020-02-01 00:00:00 UTC" in before
    assert "w0001" not in before
    assert "w0001" in render_page(shown([secret], until))


def test_the_submissions_of_a_user_are_a_line_with_a_dot_at_the_one_that_counts() -> None:
    drawn = sparkline([(1, 0), (2, 100), (5, 50)], 2, 50)
    assert drawn is not None
    assert drawn.path == "M2 14L28 2L54 8"
    assert (drawn.dot, drawn.mark) == ((28, 2), 8)
    assert drawn.spoken == "3 submissions, from 0.00 to 0.00"
    lower = sparkline([(1, 0), (2, 100)], 1, higher_is_better=False)
    assert lower is not None
    assert lower.path == "M2 2L54 14"
    assert sparkline([(1, 0)], 1) is None
    html = render_page([board(3)], attempts={"exercise_3": {"w0001": ((0, 5), (1, 7_000_000))}})
    assert html.count('<svg class="trend"') == 1


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(-(10**9), 10**9)), min_size=2, max_size=80)
)
def test_a_line_stays_on_its_drawing(submissions: list[tuple[int, int]]) -> None:
    drawn = sparkline(submissions, submissions[-1][0], 0)
    assert drawn is not None
    numbers = [float(x) for x in re.findall(r"[\d.]+", drawn.path)]
    assert all(2 <= x <= 54 for x in numbers[::2])
    assert all(2 <= y <= 14 for y in numbers[1::2])
    assert drawn.dot is not None


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
