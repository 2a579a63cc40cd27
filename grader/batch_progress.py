"""How far a batch is, on standard error: a bar on a terminal, a line for each submission elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from grader.batch_summary import Row
from grader.isolation import told
from grader.wording import summary
from question_bank.diagnostics import printable

Watch = Callable[[Row], None]


@contextmanager
def watching(count: int) -> Iterator[Watch]:
    """What to call with each row that is ready."""
    if sys.stderr.isatty():
        with _bar(count) as watch:
            yield watch
        return
    done = 0
    said: set[str] = set()

    def line(row: Row) -> None:
        nonlocal done
        done += 1
        tell(f"{done:>{len(str(count))}}/{count} {_said(row)}")
        for each in [*_details(row), *_first_time(row, said)]:
            tell(each)

    yield line


def tell(text: str) -> None:
    """A line on standard error, in the command's name."""
    print(printable(f"grade: {text}"), file=sys.stderr, flush=True)


@contextmanager
def _bar(count: int) -> Iterator[Watch]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining
    from rich.text import Text

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    name = TextColumn("{task.description}", markup=False)
    columns = (BarColumn(), MofNCompleteColumn(), Remaining(), name)
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=count)
        said: set[str] = set()

        def advance(row: Row) -> None:
            progress.update(task, advance=1, description=row.member.name)
            if row.report is None:
                console.print(Text(f"grade: {_said(row)}", style="red"))
            for each in [*_details(row), *_first_time(row, said)]:
                console.print(Text(printable(f"grade: {each}")))

        yield advance


def _first_time(row: Row, said: set[str]) -> list[str]:
    """What was missing around the code of this submission, and was not `said` before."""
    new = [] if row.report is None else [line for line in told([row.report]) if line not in said]
    said.update(new)
    return new


def _said(row: Row) -> str:
    if row.report is None:
        return f"{row.member.name}: {row.outcome.state}"
    kept = "kept from before, " if row.outcome.state == "kept" else ""
    return f"{row.member.name}: {kept}{summary(row.report)}"


def _details(row: Row) -> list[str]:
    """Why there is no report, and whatever else was told."""
    return [each.render() for each in row.outcome.diagnostics] + [
        f"{row.member.name}: {line}" for line in row.outcome.told
    ]
