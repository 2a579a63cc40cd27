"""A board as text: on a terminal a table that fits its width, through a pipe aligned columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from leaderboard.exports import COLUMNS, pass_sign, printed_date, summary
from leaderboard.points import two_decimals
from leaderboard.untrusted import visible

if TYPE_CHECKING:
    from typing import TextIO

    from leaderboard.ranking import Board, Entry

RIGHT = frozenset({"Rank", "Score"})
STYLES = {True: "green", False: "red", None: "yellow"}


def print_boards(boards: list[Board], out: TextIO, *, me: str | None = None) -> None:
    """Print boards one after the other; the row of `me` is marked `(you)`.

    On a terminal: tables with colour (NO_COLOR is respected), cut to its width. Elsewhere: text
    whose columns line up, with nothing cut off.
    """
    terminal = out.isatty()
    console = Console(file=out, highlight=False, markup=False, emoji=False)
    for index, board in enumerate(boards):
        gap = "\n" if index else ""
        title, line = visible(board.assignment), summary(board)
        if terminal:
            console.print(gap + title, style="bold", end="\n", overflow="fold")
            if board.entries:
                console.print(_table(board, me, ascii_only=console.options.ascii_only))
            console.print(line, style="dim")
        else:
            rows = _plain_rows(board, me) if board.entries else []
            print("\n".join([gap + title, *rows, line]), file=out)
        if me is not None and all(entry.result.user != me for entry in board.entries):
            waits = me in board.waiting
            text = "has no result yet" if waits else "has handed in nothing here"
            console.print(f"{visible(me)} {text}.", soft_wrap=True)


def _table(board: Board, me: str | None, *, ascii_only: bool) -> Table:
    table = Table(box=box.ASCII if ascii_only else box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for name in COLUMNS:
        # The date may break between day and time; a name gives way first, and loses its end.
        user = name == "User"
        table.add_column(
            name,
            justify="right" if name in RIGHT else "center" if name == "Pass" else "left",
            overflow="ellipsis" if user else "fold",
            no_wrap=user or name in RIGHT or name == "Pass",
            min_width=len(name) if name != "Date submitted" else 10,
            ratio=None,
        )
    for entry in board.entries:
        mine = entry.result.user == me
        cells = [Text(cell) for cell in _cells(entry, me)]
        cells[-1].stylize(STYLES[entry.result.passed])
        table.add_row(*cells, style="bold reverse" if mine else None)
    return table


def _plain_rows(board: Board, me: str | None) -> list[str]:
    rows = [COLUMNS, *(_cells(entry, me) for entry in board.entries)]
    widths = [max(cell_len(row[i]) for row in rows) for i in range(len(COLUMNS))]
    return [
        "  ".join(
            _padded(cell, width, right=name in RIGHT)
            for cell, width, name in zip(row, widths, COLUMNS, strict=True)
        ).rstrip()
        for row in rows
    ]


def _padded(cell: str, width: int, *, right: bool) -> str:
    blank = " " * (width - cell_len(cell))
    return blank + cell if right else cell + blank


def _cells(entry: Entry, me: str | None) -> tuple[str, str, str, str, str]:
    result = entry.result
    you = " (you)" if result.user == me else ""
    return (
        f"#{entry.rank}",
        visible(result.user) + you,
        printed_date(result.received_at),
        two_decimals(result.score),
        pass_sign(result.passed),
    )
