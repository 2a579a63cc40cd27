"""A report as text: coloured on a terminal, plain through a pipe."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TextIO

from rich.console import Console
from rich.text import Text

from grader.batch_summary import Row, verdict_counts
from grader.report import Check, Report
from grader.wording import (
    RESULTS,
    VERDICTS,
    adds_to_verdict,
    message_as,
    mistake_words,
    points,
    summary,
)
from question_bank.diagnostics import printable

_STYLES = {"right": "green", "wrong": "red", "unreadable": "red", "not_answered": "dim"}
_RESULT_STYLES = {True: "bold green", False: "bold red", None: "bold yellow"}
_WIDTH = 100
_LABEL_WIDTH = 44
_INDENT = "    "


def print_report(report: Report, out: TextIO) -> None:
    """Print the report: the score first, then each check with its reason."""
    console = _console(out)
    width = min(console.width, _WIDTH) if out.isatty() else _WIDTH
    form = f", form {report.form}" if report.form else ""
    user = f" by {report.user}" if report.user else ""
    _print(console, f"{report.title}{form}{user}", "bold", width)
    _print(console, summary(report), _RESULT_STYLES[report.passed], width)
    console.print()
    label = min(max((len(check.id) for check in report.checks), default=0), _LABEL_WIDTH)
    said: dict[str, str] = {}
    for check in report.checks:
        console.print(_line(check, label))
        for paragraph in _details(check, said):
            _print(console, paragraph, "", width, _INDENT)
    console.print()
    for note in report.notes:
        _print(console, f"note: {note}", "yellow", width)
    if report.missing_layers:
        _print(console, f"sandbox without: {', '.join(report.missing_layers)}", "yellow", width)
    seconds = sum(check.seconds for check in report.checks)
    _print(console, f"seed {report.seed}, checks took {seconds:.2f} s", "dim", width)


def print_summary(rows: Sequence[Row], out: TextIO) -> None:
    """The table of a batch: `w0256.zip  31.5/90  35 %  not passed  12 right, 20 wrong`, a line each."""
    console = _console(out)
    label = min(max((len(row.member.name) for row in rows), default=0), _LABEL_WIDTH)
    for row in rows:
        line = Text(f"{printable(row.member.name):<{label}}  ")
        report = row.report
        if report is None:
            line.append(row.outcome.state, style="bold red")
            line.append(f": {printable(row.reason)}" if row.reason else "")
        else:
            earned = f"{points(report.score)}/{points(report.max_score)}"
            line.append(f"{earned:>9}  {report.percent:>6g} %  ")
            line.append(f"{RESULTS[report.passed]:<10}", style=_RESULT_STYLES[report.passed])
            counted = verdict_counts(report)
            said = [f"{counted[name]} {words}" for name, words in VERDICTS.items() if counted[name]]
            line.append("  " + ", ".join(said), style="dim")
        console.print(line)


def _console(out: TextIO) -> Console:
    return Console(file=out, highlight=False, markup=False, emoji=False, soft_wrap=True)


def _line(check: Check, label: int) -> Text:
    earned = f"{points(check.points)}/{points(check.max_points)}"
    line = Text(f"{printable(check.id):<{label}}  {earned:>7}  ")
    line.append(VERDICTS[check.verdict], style=_STYLES.get(check.verdict, "yellow"))
    if check.mistake:
        line.append(f"  [{printable(mistake_words(check.mistake))}]", style="dim")
    return line


def _details(check: Check, said: dict[str, str]) -> Iterator[str]:
    """What stands below a check: how its answer was read, and why it got what it got.

    The sentences on a mistake that several checks share stand at the first of them alone.
    """
    from templates.richtext import to_terminal

    # Of code that is right nothing needs to be said; of an answer that is, only an error carried forward.
    if not adds_to_verdict(check) or (check.verdict == "right" and check.topic is None):
        return
    if check.read_as and check.verdict in ("wrong", "partly_right"):
        yield f"read as {check.read_as}"
    message = message_as(check, to_terminal, str)
    first = said.setdefault(message, check.id) if check.mistake else check.id
    yield message if first == check.id else f"the same as at {first}"


def _print(console: Console, text: str, style: str, width: int, indent: str = "") -> None:
    for paragraph in printable(text).splitlines():
        filled = textwrap.fill(
            paragraph,
            width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        console.print(Text(filled, style=style))
