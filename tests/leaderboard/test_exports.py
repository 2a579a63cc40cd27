from __future__ import annotations

import csv
import io
import json
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import lxml.etree
import lxml.html
import openpyxl
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from leaderboard.exports import COLUMNS, csv_boards, json_boards, markdown_boards, summary
from leaderboard.gradebooks import canvas_csv, moodle_csv
from leaderboard.page import render_page
from leaderboard.people import Person
from leaderboard.platforms import gradescope_json, lti_json
from leaderboard.points import MILLION, two_decimals
from leaderboard.points import printed as printed_points
from leaderboard.policy import Mark, Policy
from leaderboard.ranking import Board, Plan, Result, rank
from leaderboard.spreadsheet import xlsx_boards
from leaderboard.times import to_microseconds
from leaderboard.untrusted import csv_text, markdown_text, visible
from question_bank.diagnostics import InputError

NAMES = yaml.safe_load((Path(__file__).parent / "hostile_names.yaml").read_text("utf-8"))
IDS = [ascii(case["name"])[:24] for case in NAMES]
MOMENT = datetime(2020, 1, 14, 7, 42, 59, 999_999, tzinfo=UTC)
Writer = Callable[[list[Board]], "str | bytes"]


def row(user: str, score: float = 93.37, *, minutes: int = 0, **more: Any) -> Result:
    fields: dict[str, Any] = {
        "user": user,
        "submission": 1,
        "received": to_microseconds(MOMENT + timedelta(minutes=minutes)),
        "score": round(score * MILLION),
        "full": 100 * MILLION,
        "pending": 0,
        "passed": True,
        "mark": 50 * MILLION,
    }
    return Result(**{**fields, **more})


def board_of(
    rows: list[Result], name: str = "exercise_3", waiting: list[str] | None = None, **policy: Any
) -> Board:
    return rank(Plan(f"t/{name}", name, name, Policy(**policy)), rows, waiting=waiting or [])


@pytest.fixture
def board() -> Board:
    """Two who tie, one pending, one who failed, one without a result."""
    rows = [
        row("w0256"),
        row("w0220", minutes=1),
        row("w0445", 60.005, passed=None, pending=10_500_000),
        row("w0001", 7, passed=False),
    ]
    return board_of(rows, waiting=["w0999"])


def named(name: str) -> Board:
    return board_of([row(name)])


def people_named(name: str) -> dict[str, Person]:
    return {name: Person(name, name=name, email=name, id_number=name, canvas_id=name)}


WRITERS: dict[str, Writer] = {
    "csv": csv_boards,
    "json": json_boards,
    "markdown": markdown_boards,
    "html": render_page,
    "xlsx": xlsx_boards,
    "moodle": lambda boards: moodle_csv(boards, {}),
    "canvas": lambda boards: canvas_csv(boards, {}),
    "gradescope": gradescope_json,
    "lti": lambda boards: lti_json(boards, {}, 0),
}


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
    assert csv_boards([board]) == (
        "Rank,User,Date submitted,Score,Pass,Pending points,Full points,Late penalty,Board\n"
        "#1,w0256,2020-01-14 07:42:59,93.37,yes,0.00,100.00,0.00,exercise_3\n"
        "#1,w0220,2020-01-14 07:43:59,93.37,yes,0.00,100.00,0.00,exercise_3\n"
        "#3,w0445,2020-01-14 07:42:59,60.01,pending,10.50,100.00,0.00,exercise_3\n"
        "#4,w0001,2020-01-14 07:42:59,7.00,no,0.00,100.00,0.00,exercise_3\n"
    )


def test_csv_of_several_boards_is_one_table(board: Board) -> None:
    rows = list(csv.reader(io.StringIO(csv_boards([board, board_of([row("x")], "other")]))))
    assert {len(each) for each in rows} == {9}
    assert [each[-1] for each in rows[1:]] == ["exercise_3"] * 4 + ["other"]


def test_json(board: Board) -> None:
    data = json.loads(json_boards([board]))["boards"][0]
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
    lines = markdown_boards([board]).splitlines()
    assert lines[4] == "| Rank | User | Date submitted | Score | Pass |"
    assert lines[6] == "| #1 | w0256 | 2020-01-14 07:42:59 | 93.37 | ✓ |"
    assert lines[8] == "| #3 | w0445 | 2020-01-14 07:42:59 | 60.01 | pending |"
    assert "UTC" in lines[2]


def test_html(board: Board) -> None:
    found = Cells(render_page([board]))
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


def sheet_of(data: bytes, name: str | None = None) -> Any:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return book.active if name is None else book[name]


def test_xlsx(board: Board) -> None:
    sheet = sheet_of(xlsx_boards([board]), "exercise_3")
    rows = list(sheet.iter_rows(min_row=3, max_col=5, values_only=True))
    assert rows[0] == COLUMNS
    assert rows[1] == (1, "w0256", datetime(2020, 1, 14, 7, 42, 59), 93.37, "yes")  # noqa: DTZ001
    assert [each[4] for each in rows[1:]] == ["yes", "yes", "pending", "no"]
    assert sheet["A4"].number_format == '"#"0'
    frame = pd.read_excel(io.BytesIO(xlsx_boards([board])), header=2)
    assert list(frame.columns[:5]) == list(COLUMNS)
    assert list(frame["Score"]) == [93.37, 93.37, 60.005, 7]


@pytest.mark.parametrize(
    "names",
    [
        ["a/b", "a\\b", "[x]", "a" * 40, "A" * 40],
        ["history", "'quoted'", "x: y", "", "***"],
    ],
)
def test_every_board_has_a_sheet_whatever_it_is_called(names: list[str]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_boards([board_of([], name) for name in names])))
    assert len(book.sheetnames) == len(names)
    assert all(len(name) <= 31 for name in book.sheetnames)
    assert [book[name]["A1"].value or "" for name in book.sheetnames] == names


def test_parquet(board: Board) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    from leaderboard.parquet import parquet_boards

    table = parquet.read_table(io.BytesIO(parquet_boards([board])))
    assert table.column_names[:5] == list(COLUMNS)
    first = table.to_pylist()[0]
    assert (first["Rank"], first["User"], first["Pass"]) == (1, "w0256", True)
    assert first["Score"] == Decimal("93.37")
    assert first["Date submitted"] == MOMENT
    assert table.column("Pass").to_pylist() == [True, True, None, False]
    frame = pd.read_parquet(io.BytesIO(parquet_boards([board])))
    assert list(frame["Rank"]) == [1, 1, 3, 4]
    assert parquet.read_table(io.BytesIO(parquet_boards([board_of([])]))).num_rows == 0
    for case in NAMES:
        data = io.BytesIO(parquet_boards([named(case["name"])]))
        assert parquet.read_table(data).column("User").to_pylist() == [case["shown"]]


def test_without_pyarrow_the_cure_is_named(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    from leaderboard.parquet import parquet_boards

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"mockexam\[parquet\]"):
        parquet_boards([board])


def test_moodle_and_canvas(board: Board) -> None:
    person = Person(
        "w0256", "Lovelace, Ada", "ada@example.org", "0371", "77", "sis1", "ada", "Group 1"
    )
    boards = [board, board_of([row("w0256", 12.5)], "=other")]
    moodle = list(csv.reader(io.StringIO(moodle_csv(boards, {"w0256": person}))))
    assert moodle[0] == ["Username", "Name", "ID number", "Email address", "exercise_3", "'=other"]
    assert moodle[1] == ["w0001", "", "", "", "7", ""]
    assert moodle[3] == ["w0256", "Lovelace, Ada", "0371", "ada@example.org", "93.37", "12.5"]
    assert moodle[4] == ["w0445", "", "", "", "", ""], "a pending score is no grade yet"
    canvas = list(csv.reader(io.StringIO(canvas_csv(boards, {"w0256": person}))))
    assert canvas[0][:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert canvas[1] == ["    Points Possible", "", "", "", "", "100", "100"]
    assert canvas[2] == ["w0001", "", "", "w0001", "", "7", ""]
    assert canvas[4] == ["Lovelace, Ada", "77", "sis1", "ada", "Group 1", "93.37", "12.5"]
    frame = pd.read_csv(io.StringIO(canvas_csv(boards, {"w0256": person})))
    assert list(frame.columns[:5]) == canvas[0][:5]


def test_gradescope(board: Board) -> None:
    low = board_of([row("w0256", 0.25)], "loss", higher_is_better=False)
    data = json.loads(gradescope_json([board, low]))
    assert data["users"]["w0256"] == {
        "leaderboard": [
            {"name": "exercise_3", "value": 93.37, "order": "desc"},
            {"name": "loss", "value": 0.25, "order": "asc"},
        ]
    }


def test_lti_scores(board: Board) -> None:
    changed = to_microseconds(MOMENT)
    person = Person("w0256", lti_user_id="5323497")
    data = json.loads(lti_json([board], {"w0256": person}, changed))
    (item,) = data["lineItems"]
    assert item["lineItem"] == {
        "label": "exercise_3", "scoreMaximum": 100, "resourceId": "t/exercise_3", "tag": "mockexam",
    }  # fmt: skip
    assert item["scores"][0] == {
        "userId": "5323497",
        "timestamp": "2020-01-14T07:42:59.999Z",
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "scoreGiven": 93.37,
        "scoreMaximum": 100,
    }
    pending = item["scores"][2]
    assert pending["gradingProgress"] == "PendingManual"
    assert "scoreGiven" not in pending


@pytest.mark.parametrize("form", WRITERS)
def test_an_empty_board_can_be_written(form: str) -> None:
    empty = board_of([], waiting=["w0999"])
    written = WRITERS[form]([empty])
    assert written
    assert WRITERS[form]([empty]) == written


@pytest.mark.parametrize("form", WRITERS)
def test_the_same_log_gives_the_same_bytes(form: str) -> None:
    rows = [
        row("w0256"),
        row("w0220", minutes=1),
        row("w0445", 60.005),
        row("w0445", 3, submission=2),
    ]
    one, other = board_of(rows), board_of(list(reversed(rows)))
    assert WRITERS[form]([one]) == WRITERS[form]([other])


@pytest.mark.parametrize("case", NAMES, ids=IDS)
def test_a_name_in_csv_is_one_cell_and_no_formula(case: dict[str, str]) -> None:
    rows = list(csv.reader(io.StringIO(csv_boards([named(case["name"])]))))
    assert rows[1][:2] == ["#1", case["csv"]]
    assert len(rows) == 2


@pytest.mark.parametrize("writer", [moodle_csv, canvas_csv])
@pytest.mark.parametrize("case", NAMES, ids=IDS)
def test_a_name_in_a_gradebook_is_one_cell_and_no_formula(
    case: dict[str, str], writer: Any
) -> None:
    text = writer([named(case["name"])], people_named(case["name"]))
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[-1][0] == rows[-1][1] == case["csv"]
    assert {len(each) for each in rows} == {len(rows[0])}


@pytest.mark.parametrize("case", NAMES, ids=IDS)
def test_a_name_in_json_is_shown(case: dict[str, str]) -> None:
    boards = [named(case["name"])]
    assert json.loads(json_boards(boards))["boards"][0]["rows"][0]["User"] == case["shown"]
    assert list(json.loads(gradescope_json(boards))["users"]) == [case["shown"]]
    (score,) = json.loads(lti_json(boards, {}, 0))["lineItems"][0]["scores"]
    assert score["userId"] == case["shown"]


@pytest.mark.parametrize("case", NAMES, ids=IDS)
def test_a_name_in_a_workbook_is_text(case: dict[str, str]) -> None:
    data = xlsx_boards([named(case["name"])])
    cell = sheet_of(data)["B4"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (case["shown"], "s", None)
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        xml = parts.read("xl/worksheets/sheet1.xml")
    assert not lxml.etree.fromstring(xml).xpath("//*[local-name()='f' or local-name()='hyperlink']")


@pytest.mark.parametrize("case", NAMES, ids=IDS)
def test_a_name_in_markdown_is_text_and_nothing_else(case: dict[str, str]) -> None:
    # With the widest syntax that is around: raw HTML on, addresses turned into links.
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    found = Cells(reader.render(markdown_boards([named(case["name"])])))
    # Browsers do not show blanks at the ends of a cell.
    assert found.rows[1] == ["#1", case["shown"].strip(), "2020-01-14 07:42:59", "93.37", "✓"]
    assert set(found.tags) == {"h1", "p", "table", "thead", "tbody", "tr", "th", "td"}


@pytest.mark.parametrize("address", ["www.evil.com", "http://evil.com", "me@evil.com"])
def test_markdown_makes_no_link_of_an_address(address: str) -> None:
    # GitHub looks for these words in the source; none may be left whole.
    assert address not in markdown_text(address)


@pytest.mark.parametrize("case", NAMES, ids=IDS)
def test_a_name_in_html_is_text_and_nothing_else(case: dict[str, str]) -> None:
    harmless, found = (
        Cells(render_page([named("w0256")])),
        Cells(render_page([named(case["name"])])),
    )
    assert found.rows[1][1] == case["shown"]
    assert found.tags == harmless.tags
    # A second reader, of another make.
    page = lxml.html.document_fromstring(render_page([named(case["name"])]))
    (cell,) = page.xpath("//tbody/tr/th")
    assert cell.text_content() == case["shown"]


def test_the_name_of_a_board_is_not_trusted_either() -> None:
    hostile = board_of([row("w0256")], "</title><script>\x1b|[a](b)")
    page = render_page([hostile, hostile], title="</title><script>")
    assert Cells(page).tags.count("script") == 1, "our own"
    assert "&lt;script&gt;\\\\u001b\\|\\[a\\](b)" in markdown_boards([hostile]).splitlines()[0]


@given(st.text())
def test_visible_text_is_one_line_that_steers_nothing(text: str) -> None:
    shown = visible(text)
    assert all(char.isprintable() for char in shown)
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")


@given(st.text())
def test_no_csv_cell_starts_a_formula(text: str) -> None:
    assert not csv_text(text).lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(st.lists(st.sampled_from([*';,"=+-@ \t\n1x', "\uff1d"])).map("".join), st.sampled_from(";,"))
def test_no_spreadsheet_s_separator_makes_a_formula_of_what_stands_in_a_cell(
    text: str, separator: str
) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(["#1", csv_text(text), "end"])
    for line in csv.reader(io.StringIO(out.getvalue()), delimiter=separator):
        for cell in line:
            bare = cell.lstrip(' "')
            assert not bare.startswith(tuple("=@\uff1d"))
            assert (
                not bare.startswith(("+", "-")) or bare.rstrip(" )]").split(",")[0][1:].isdecimal()
            )


@given(st.integers(-(10**15), 10**15))
def test_points_are_printed_alike_by_both_ways(millionths: int) -> None:
    assert printed_points(millionths) == two_decimals(Decimal(millionths).scaleb(-6))


def test_the_summary_counts_and_names_the_time_zone(board: Board) -> None:
    assert summary(board) == (
        "4 users are ranked; 1 more handed in, without a result yet; pass mark 50 points; "
        "1 pending: points so far; times are UTC."
    )
    low = board_of(
        [row("w1", 3), row("w2", 2, decision="flagged")],
        higher_is_better=False,
        mark=Mark(5 * MILLION, beyond=True),
    )
    assert (
        summary(low) == "1 user is ranked; 1 not ranked; pass mark below 5 points; times are UTC."
    )
