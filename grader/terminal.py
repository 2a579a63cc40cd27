"""A report as text: coloured on a terminal, plain through a pipe."""

from __future__ import annotations

import textwrap
from typing import TextIO

from rich.console import Console
from rich.text import Text

from grader.report import Check, Report
from question_bank.diagnostics import printable

WORDS = {
    "right": "right",
    "partly_right": "partly right",
    "wrong": "wrong",
    "unreadable": "unreadable",
    "not_answered": "not answered",
    "needs_person": "waits for a person",
    "undecided": "undecided (our fault)",
}
_STYLES = {"right": "green", "wrong": "red", "unreadable": "red", "not_answered": "dim"}
_WIDTH = 100


def print_report(report: Report, out: TextIO) -> None:
    """Print the report: the score first, then each check with its reason."""
    console = Console(file=out, highlight=False, markup=False, emoji=False, soft_wrap=True)
    width = min(console.width, _WIDTH) if out.isatty() else _WIDTH
    form = f", form {report.form}" if report.form else ""
    user = f" by {report.user}" if report.user else ""
    console.print(Text(printable(f"{report.title}{form}{user}"), style="bold"))
    console.print(Text(summary(report)))
    console.print()
    label = max((len(check.id) for check in report.checks), default=0)
    for check in report.checks:
        _print_check(console, check, min(label, 44), width)
    for note in report.notes:
        console.print(Text(printable(f"note: {note}"), style="dim"))
    if report.missing_layers:
        console.print(
            Text(printable(f"sandbox without: {', '.join(report.missing_layers)}"), style="yellow")
        )
    seconds = sum(check.seconds for check in report.checks)
    console.print(Text(f"seed {report.seed}, checks took {seconds:.2f} s", style="dim"))


def summary(report: Report) -> str:
    """`31.5 of 90 points (35 %), not passed (pass mark 45)`."""
    passed = {True: "passed", False: "not passed", None: "open"}[report.passed]
    pending = f", {report.pending_points:g} points pending" if report.pending_points else ""
    return (
        f"{report.score:g} of {report.max_score:g} points ({report.percent:g} %){pending}: "
        f"{passed} (pass mark {report.pass_mark:g})"
    )


def _print_check(console: Console, check: Check, label: int, width: int) -> None:
    points = f"{check.points:g}/{check.max_points:g}"
    line = Text(f"{printable(check.id):<{label}}  {points:>7}  ")
    line.append(WORDS[check.verdict], style=_STYLES.get(check.verdict, "yellow"))
    if check.mistake:
        line.append(f"  [{printable(check.mistake)}]", style="dim")
    console.print(line)
    if check.verdict == "right" and not check.message.startswith("follows"):
        return
    details = check.message
    if check.read_as and check.read_as not in details and check.verdict != "needs_person":
        details = f"read as {check.read_as}; {details}"
    if check.verdict == "not_answered":
        return
    indent = " " * 4
    from templates.richtext import to_terminal

    text = printable(to_terminal(details) if "$" in details else details)
    for paragraph in text.splitlines():
        filled = textwrap.fill(
            paragraph,
            width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        console.print(Text(filled))
