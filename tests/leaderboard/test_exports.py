from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from leaderboard.exports import (
    COLUMNS,
    WRITERS,
    csv_board,
    html_board,
    json_board,
    markdown_board,
    summary,
)
from leaderboard.ranking import Board, Result, rank
from leaderboard.untrusted import csv_text, markdown_text, visible

NAMES = yaml.safe_load((Path(__file__).parent / "hostile_names.yaml").read_text("utf-8"))
IDS = [ascii(case["name"])[:24] for case in NAMES]
MOMENT = datetime(2020, 1, 14, 7, 42, 59, 999_999, tzinfo=UTC)


def row(user: str, score: str = "93.37", *, minutes: int = 0, **more: Any) -> Result:
    fields: dict[str, Any] = {
        "user": user,
        "assignment": "exercise_3",
        "submission": 1,
        "received_at": MOMENT + timedelta(minutes=minutes),
        "score": Decimal(score),
        "max_score": Decimal(100),
        "pending_points": Decimal(0),
        "passed": True,
        "pass_mark": Decimal(50),
    }
    return Result(**{**fields, **more})


@pytest.fixture
def board() -> Board:
    """Two who tie, one pending, one who failed, one without a result."""
    rows = [
        row("w0256"),
        row("w0220", minutes=1),
        row("w0445", "60.005", passed=None, pending_points=Decimal("10.5")),
        row("w0001", "7", passed=False),
    ]
    return rank("exercise_3", rows, waiting=["w0999"])


def named(name: str) -> Board:
    return rank("exercise_3", [row(name)])


class Cells(HTMLParser):
    """The text of the cells of a table, as a browser reads it, and all tags and attributes."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
            self.open = True

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self.open = False

    def handle_data(self, data: str) -> None:
        if self.open:
            self.rows[-1][-1] += data


def test_csv(board: Board) -> None:
    assert csv_board(board) == (
        "Rank,User,Date submitted,Score,Pass,Pending points,Full points\n"
        "#1,w0256,2020-01-14 07:42:59,93.37,yes,0.00,100.00\n"
        "#1,w0220,2020-01-14 07:43:59,93.37,yes,0.00,100.00\n"
        "#3,w0445,2020-01-14 07:42:59,60.01,pending,10.50,100.00\n"
        "#4,w0001,2020-01-14 07:42:59,7.00,no,0.00,100.00\n"
    )


def test_json(board: Board) -> None:
    data = json.loads(json_board(board))
    assert {name: data[name] for name in ("assignment", "time_zone", "pass_mark")} == {
        "assignment": "exercise_3",
        "time_zone": "UTC",
        "pass_mark": 50,
    }
    assert data["without_result"] == ["w0999"]
    assert [list(each)[:5] for each in data["rows"]] == [list(COLUMNS)] * 4
    assert [each["Rank"] for each in data["rows"]] == [1, 1, 3, 4]
    assert [each["Pass"] for each in data["rows"]] == [True, True, None, False]
    assert data["rows"][2]["Score"] == 60.005
    assert data["rows"][0]["Date submitted"] == "2020-01-14 07:42:59"


def test_markdown(board: Board) -> None:
    lines = markdown_board(board).splitlines()
    assert lines[4] == "| Rank | User | Date submitted | Score | Pass |"
    assert lines[6] == "| #1 | w0256 | 2020-01-14 07:42:59 | 93.37 | ✓ |"
    assert lines[8] == "| #3 | w0445 | 2020-01-14 07:42:59 | 60.01 | pending |"
    assert "UTC" in lines[2]


def test_html(board: Board) -> None:
    found = Cells(html_board(board))
    assert found.rows[0] == list(COLUMNS)
    assert [each[0].split()[0] for each in found.rows[1:]] == ["#1", "#1", "#3", "#4"]
    assert found.rows[1][1:4] == ["w0256", "2020-01-14 07:42:59", "93.37"]
    assert [each[4].strip() for each in found.rows[1:]] == [
        "passed",
        "passed",
        "pending",
        "not passed",
    ]
    assert "up to +10.5" in found.rows[3][3]


@pytest.mark.parametrize("form", WRITERS)
def test_an_empty_board_can_be_written(form: str) -> None:
    empty = rank("exercise_3", [], waiting=["w0999"])
    assert "Rank" in WRITERS[form](empty) or "No submission has a result yet" in WRITERS[form](
        empty
    )


@pytest.mark.parametrize("form", WRITERS)
def test_the_same_board_gives_the_same_bytes(form: str, board: Board) -> None:
    rows = [entry.result for entry in reversed(board.entries)]
    again = rank("exercise_3", rows, waiting=board.waiting)
    assert WRITERS[form](again) == WRITERS[form](board)


@pytest.mark.parametrize("case", NAMES, ids=IDS)
def test_a_name_in_csv_is_one_cell_and_no_formula(case: dict[str, str]) -> None:
    rows = list(csv.reader(io.StringIO(csv_board(named(case["name"])))))
    assert rows[1][:2] == ["#1", case["csv"]]
    assert len(rows) == 2


@pytest.mark.parametrize("case", NAMES, ids=IDS)
def test_a_name_in_json_is_shown(case: dict[str, str]) -> None:
    assert json.loads(json_board(named(case["name"])))["rows"][0]["User"] == case["shown"]


@pytest.mark.parametrize("case", NAMES, ids=IDS)
def test_a_name_in_markdown_is_text_and_nothing_else(case: dict[str, str]) -> None:
    # With the widest syntax that is around: raw HTML on, addresses turned into links.
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    found = Cells(reader.render(markdown_board(named(case["name"]))))
    # Browsers do not show blanks at the ends of a cell.
    assert found.rows[1] == ["#1", case["shown"].strip(), "2020-01-14 07:42:59", "93.37", "✓"]
    assert set(found.tags) == {"h1", "p", "table", "thead", "tbody", "tr", "th", "td"}


@pytest.mark.parametrize("address", ["www.evil.com", "http://evil.com", "me@evil.com"])
def test_markdown_makes_no_link_of_an_address(address: str) -> None:
    # GitHub looks for these words in the source; none may be left whole.
    assert address not in markdown_text(address)


@pytest.mark.parametrize("case", NAMES, ids=IDS)
def test_a_name_in_html_is_text_and_nothing_else(case: dict[str, str]) -> None:
    harmless, found = Cells(html_board(named("w0256"))), Cells(html_board(named(case["name"])))
    assert found.rows[1][1] == case["shown"]
    assert found.tags == harmless.tags


def test_the_name_of_an_assignment_is_not_trusted_either() -> None:
    rows = [row("w0256", assignment="</title><script>\x1b|[a](b)")]
    hostile = rank("</title><script>\x1b|[a](b)", rows)
    assert "script" not in Cells(html_board(hostile)).tags
    assert "&lt;script&gt;\\\\u001b\\|\\[a\\](b)" in markdown_board(hostile).splitlines()[0]


@given(st.text())
def test_visible_text_is_one_line_that_steers_nothing(text: str) -> None:
    shown = visible(text)
    assert all(char.isprintable() for char in shown)
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")


@given(st.text())
def test_no_csv_cell_starts_a_formula(text: str) -> None:
    assert not csv_text(text).lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_the_summary_counts_and_names_the_time_zone(board: Board) -> None:
    assert summary(board) == (
        "4 users are ranked; 1 more handed in, without a result yet; pass mark 50 points; "
        "1 pending: points so far; times are UTC."
    )
