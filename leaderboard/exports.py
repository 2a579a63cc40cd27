"""A board written down for other programs and people: CSV, JSON, Markdown, HTML.

Every form begins with the columns Rank, User, Date submitted, Score, Pass. Dates are UTC. Score is
in points, as the course's page has it: a score there can pass 100 (the keypoints' 1 / (2 * MSE)),
so it is no percentage. Printed scores have two decimals; JSON has them exactly.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from leaderboard.points import shortest, two_decimals
from leaderboard.untrusted import csv_text, markdown_text, visible

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from decimal import Decimal

    from leaderboard.ranking import Board, Entry

COLUMNS = ("Rank", "User", "Date submitted", "Score", "Pass")


def printed_date(moment: datetime) -> str:
    """`2020-01-14 07:42:59`, UTC."""
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def csv_board(board: Board) -> str:
    """The board as CSV (RFC 4180, UTF-8, lines end in LF).

    Pass is yes, no or pending. Two columns follow the five: the points that are still to be
    decided, and the full points.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*COLUMNS, "Pending points", "Full points"])
    for entry in board.entries:
        result = entry.result
        writer.writerow(
            [
                f"#{entry.rank}",
                csv_text(result.user),
                printed_date(result.received_at),
                two_decimals(result.score),
                pass_word(result.passed),
                two_decimals(result.pending_points),
                two_decimals(result.max_score),
            ]
        )
    return out.getvalue()


def board_data(board: Board, *, me: str | None = None) -> dict[str, Any]:
    """The board as plain JSON values. Rank is a number, Pass true, false, or null while pending.

    me: a user whose row gets `"you": true`, the others false.
    """
    return {
        "schema_version": 1,
        "assignment": visible(board.assignment),
        "time_zone": "UTC",
        "pass_mark": _number(board.pass_mark),
        "full_points": _number(board.max_score),
        "columns": list(COLUMNS),
        "rows": [_row_data(entry, me) for entry in board.entries],
        "without_result": [visible(user) for user in board.waiting],
    }


def json_board(board: Board) -> str:
    """The board as JSON text, the same bytes for the same board."""
    return json.dumps(board_data(board), ensure_ascii=False, indent=2) + "\n"


def markdown_board(board: Board) -> str:
    """The board as a GitHub-flavoured Markdown table under a heading."""
    lines = [f"# Leaderboard: {markdown_text(board.assignment)}", "", f"{summary(board)}", ""]
    lines += ["| " + " | ".join(COLUMNS) + " |", "| ---: | :--- | :--- | ---: | :---: |"]
    for entry in board.entries:
        result = entry.result
        cells = (
            f"#{entry.rank}",
            markdown_text(result.user),
            printed_date(result.received_at),
            two_decimals(result.score),
            pass_sign(result.passed),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def html_board(board: Board) -> str:
    """The board as one self-contained HTML page."""
    from leaderboard.page import render_page

    return render_page(board)


WRITERS: dict[str, Callable[[Board], str]] = {
    "csv": csv_board,
    "json": json_board,
    "markdown": markdown_board,
    "html": html_board,
}


def pass_sign(passed: bool | None) -> str:
    """A tick, a cross, or the word for what is not decided yet."""
    return "pending" if passed is None else "✓" if passed else "✗"


def pass_word(passed: bool | None) -> str:
    """yes, no or pending."""
    return "pending" if passed is None else "yes" if passed else "no"


def summary(board: Board) -> str:
    """The line under a board's title: how many are ranked, what is open, the time zone."""
    count = len(board.entries)
    words = ["1 user is ranked" if count == 1 else f"{count} users are ranked"]
    if board.waiting:
        words.append(f"{len(board.waiting)} more handed in, without a result yet")
    if board.pass_mark is not None:
        words.append(f"pass mark {shortest(board.pass_mark)} points")
    pending = sum(entry.result.passed is None for entry in board.entries)
    if pending:
        words.append(f"{pending} pending: points so far")
    return "; ".join([*words, "times are UTC"]) + "."


def _row_data(entry: Entry, me: str | None) -> dict[str, Any]:
    result = entry.result
    row: dict[str, Any] = {
        "Rank": entry.rank,
        "User": visible(result.user),
        "Date submitted": printed_date(result.received_at),
        "Score": _number(result.score),
        "Pass": result.passed,
        "pending_points": _number(result.pending_points),
        "full_points": _number(result.max_score),
        "submission": result.submission,
    }
    if me is not None:
        row["you"] = result.user == me
    return row


def _number(points: Decimal | None) -> int | float | None:
    if points is None:
        return None
    return int(points) if points == points.to_integral_value() else float(points)
