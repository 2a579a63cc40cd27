"""A board as text: on a terminal a table that fits its width, through a pipe aligned columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from leaderboard.exports import COLUMNS, pass_sign, pass_word, summary
from leaderboard.points import printed
from leaderboard.times import printed as printed_date
from leaderboard.untrusted import visible

if TYPE_CHECKING:
    from typing import TextIO

    from leaderboard.ranking import Board, Entry

    Row = tuple[str, str, str, str, str]

RIGHT = frozenset({"Rank", "Score"})
STYLES = {"yes": "green", "no": "red", "pending": "yellow"}
GAP = 2  # cells between two columns
DAY, MOMENT = len("2020-01-14"), len("2020-01-14 07:42:59")
NARROWEST_NAME = 12  # cells; below that the date breaks between day and time


def print_boards(boards: list[Board], out: TextIO, *, me: str | None = None) -> None:
    """Print boards one after the other; the row of `me` is marked `(you)`.

    On a terminal: tables with colour (NO_COLOR is respected) that fit its width. Elsewhere: text
    whose columns line up, with nothing cut off. Where ticks cannot be shown, Pass says yes or no.
    """
    terminal = out.isatty()
    console = Console(file=out, highlight=False, markup=False, emoji=False)
    ticks = _can_show("✓✗", out)
    for index, board in enumerate(boards):
        gap = "\n" if index else ""
        title, line = _title(board), summary(board)
        rows = [_cells(entry, me, ticks=ticks) for entry in board.entries]
        if terminal:
            console.print(gap + title, style="bold", overflow="fold")
            if rows:
                console.print(_table(board, rows, me, console))
            console.print(line, style="dim")
        else:
            print("\n".join([gap + title, *(_aligned(rows) if rows else ()), line]), file=out)
        if (
            me is not None
            and not board.hidden
            and all(entry.row.user != me for entry in board.entries)
        ):
            console.print(f"{visible(me)} {_absence(board, me)}.", soft_wrap=True)


def _title(board: Board) -> str:
    about = f" ({visible(board.plan.about)})" if board.plan.about else ""
    return visible(board.name) + about


def _absence(board: Board, me: str) -> str:
    if me in board.waiting:
        return "has no result yet"
    if me in board.unranked:
        return "is not ranked (leaderboard why says the reason)"
    return "has no points here" if board.part_names else "has handed in nothing here"


def _table(board: Board, rows: list[Row], me: str | None, console: Console) -> Table:
    widths = _widths([COLUMNS, *rows])
    # Rich would shrink every column for one long name: the name alone gives way, then the date.
    others = sum(widths) - widths[1] + GAP * (len(COLUMNS) - 1)
    if console.width - others < min(widths[1], NARROWEST_NAME):
        widths[2] = DAY
        others -= MOMENT - DAY
    widths[1] = max(1, min(widths[1], console.width - others))
    ascii_only = console.options.ascii_only
    table = Table(
        box=None if ascii_only else box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, GAP if ascii_only else GAP - 1, 0, 0),
    )
    for name, width in zip(COLUMNS, widths, strict=True):
        folds = name == "Date submitted"
        table.add_column(
            name,
            width=width,
            justify="right" if name in RIGHT else "left",
            overflow="fold" if folds else "crop" if ascii_only else "ellipsis",
            no_wrap=not folds,
        )
    for entry, row in zip(board.entries, rows, strict=True):
        cells = [Text(cell) for cell in row]
        cells[-1].stylize(STYLES.get(pass_word(entry.row), ""))
        table.add_row(*cells, style="bold reverse" if entry.row.user == me else None)
    return table


def _aligned(rows: list[Row]) -> list[str]:
    widths = _widths([COLUMNS, *rows])
    return [
        (" " * GAP)
        .join(
            _padded(cell, width, right=name in RIGHT)
            for cell, width, name in zip(row, widths, COLUMNS, strict=True)
        )
        .rstrip()
        for row in [COLUMNS, *rows]
    ]


def _widths(rows: list[Row]) -> list[int]:
    return [max(cell_len(row[column]) for row in rows) for column in range(len(COLUMNS))]


def _padded(cell: str, width: int, *, right: bool) -> str:
    blank = " " * (width - cell_len(cell))
    return blank + cell if right else cell + blank


def _can_show(text: str, out: TextIO) -> bool:
    try:
        text.encode(out.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _cells(entry: Entry, me: str | None, *, ticks: bool) -> Row:
    row = entry.row
    you = " (you)" if row.user == me else ""
    return (
        f"#{entry.rank}",
        visible(row.user) + you,
        printed_date(row.received),
        printed(row.points),
        pass_sign(row) if ticks else pass_word(row),
    )
