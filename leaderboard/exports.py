"""Boards written down for other programs and people: CSV, JSON, Markdown.

Every form begins with the columns Rank, User, Date submitted, Score, Pass. Dates are UTC. Score is
in points, as the course's page has it: a score there can pass 100 (the keypoints' 1 / (2 * MSE)),
so it is no percentage. Printed scores have two decimals; JSON has them exactly. Where being late
cost points, Score is what is left. What is hidden until a date is left empty before it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from leaderboard.points import from_millionths, printed, shortest
from leaderboard.policy import in_words
from leaderboard.ranking import Board, Entry, Row
from leaderboard.times import from_microseconds
from leaderboard.times import printed as printed_date
from leaderboard.untrusted import csv_text, markdown_text, visible

COLUMNS = ("Rank", "User", "Date submitted", "Score", "Pass")
BEHIND = ("Pending points", "Full points", "Late penalty", "Board")


def csv_boards(boards: Sequence[Board]) -> str:
    """Boards as CSV (RFC 4180, UTF-8, lines end in LF), one below the other.

    Pass is yes, no or pending. Behind the five columns: points that are still to be decided, full
    points, what being late cost, and the board. A total by itself has a column for each of its parts.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    parts = boards[0].part_names if len(boards) == 1 else ()
    writer.writerow([*COLUMNS, *BEHIND, *(csv_text(name) for name in parts)])
    for board in boards:
        name = csv_text(board.name)
        for rank, row in board.entries:
            writer.writerow(
                [
                    f"#{rank}",
                    csv_text(row.user),
                    printed_date(row.received),
                    printed(row.points),
                    pass_word(row),
                    printed(row.pending),
                    printed(row.full),
                    printed(penalty(row)),
                    name,
                    *(_cell(part) for part in board.parts.get(row.user, ()) if parts),
                ]
            )
    return out.getvalue()


def json_boards(boards: Sequence[Board]) -> str:
    """Boards as JSON text, the same bytes for the same boards."""
    data = {"schema_version": 2, "boards": [board_data(each) for each in boards]}
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def board_data(board: Board, *, me: str | None = None) -> dict[str, Any]:
    """A board as plain JSON values. Rank is a number, Pass true, false, or null while pending.

    me: a user whose row gets `"you": true`, the others false.
    """
    until = board.plan.policy.hidden_until
    return {
        "board": visible(board.name),
        "assignment": visible(board.plan.assignment),
        "about": visible(board.plan.about),
        "time_zone": "UTC",
        "rule": in_words(board.plan.policy),
        "hidden_until": None if until is None else f"{from_microseconds(until):%Y-%m-%dT%H:%M:%SZ}",
        "pass_mark": number(board.pass_mark),
        "full_points": number(board.max_score),
        "columns": list(COLUMNS),
        "rows": [_row_data(entry, board, me) for entry in board.entries],
        "without_result": [visible(user) for user in board.waiting],
        "not_ranked": [visible(user) for user in board.unranked],
    }


def markdown_boards(boards: Sequence[Board]) -> str:
    """Boards as GitHub-flavoured Markdown: a heading, a line about it and a table for each."""
    lines: list[str] = []
    for board in boards:
        lines += [f"# Leaderboard: {markdown_text(board.name)}", "", summary(board), ""]
        lines += ["| " + " | ".join(COLUMNS) + " |", "| ---: | :--- | :--- | ---: | :---: |"]
        for rank, row in board.entries:
            cells = (
                f"#{rank}",
                markdown_text(row.user),
                printed_date(row.received),
                printed(row.points),
                pass_sign(row),
            )
            lines.append("| " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def penalty(row: Row) -> int:
    """Millionths of points that being late cost."""
    return abs(row.score - row.points)


def pass_sign(row: Row) -> str:
    """A tick, a cross, or what `pass_word` says."""
    return pass_word(row) if row.passed is None else "✓" if row.passed else "✗"


def pass_word(row: Row) -> str:
    """yes, no or pending; a dash where nothing is open and there is no mark to pass."""
    if row.passed is None:
        return "pending" if row.pending else "-"
    return "yes" if row.passed else "no"


def summary(board: Board) -> str:
    """The line under a board's title: how many are ranked, what is open, the time zone."""
    until = board.plan.policy.hidden_until
    if board.hidden and until is not None:
        return f"Hidden until {printed_date(until)}, UTC."
    count = len(board.entries)
    words = ["1 user is ranked" if count == 1 else f"{count} users are ranked"]
    if board.waiting:
        words.append(f"{len(board.waiting)} more handed in, without a result yet")
    if board.unranked:
        words.append(f"{len(board.unranked)} not ranked")
    if board.pass_mark is not None:
        mark = board.plan.policy.mark
        beyond = "above " if mark is not None and mark.beyond else ""
        if beyond and not board.plan.policy.higher_is_better:
            beyond = "below "
        words.append(f"pass mark {beyond}{shortest(board.pass_mark)} points")
    pending = sum(entry.row.pending > 0 for entry in board.entries)
    if pending:
        words.append(f"{pending} pending: points so far")
    return "; ".join([*words, "times are UTC"]) + "."


def number(points: Decimal | None) -> int | float | None:
    """Points as a JSON number."""
    if points is None:
        return None
    return int(points) if points == points.to_integral_value() else float(points)


def _row_data(entry: Entry, board: Board, me: str | None) -> dict[str, Any]:
    row = entry.row
    data: dict[str, Any] = {
        "Rank": entry.rank,
        "User": visible(row.user),
        "Date submitted": printed_date(row.received),
        "Score": number(from_millionths(row.points)),
        "Pass": row.passed,
        "pending_points": number(from_millionths(row.pending)),
        "full_points": number(from_millionths(row.full)),
        "late_penalty": number(from_millionths(penalty(row))),
        "submission": row.submission or None,
    }
    if board.part_names:
        values = board.parts[row.user]
        data["parts"] = {
            visible(name): None if part is None else number(from_millionths(part.points))
            for name, part in zip(board.part_names, values, strict=True)
        }
    if me is not None:
        data["you"] = row.user == me
    return data


def _cell(part: Row | None) -> str:
    return "" if part is None else printed(part.points)
