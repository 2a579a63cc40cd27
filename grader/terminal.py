"""A report as text: coloured on a terminal, plain through a pipe."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TextIO

from rich.console import Console
from rich.text import Text

from grader.report import Check, Report
from grader.wording import VERDICTS, adds_to_verdict, message_as, mistake_words, points, summary
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


def print_one_line(report: Report, name: str, out: TextIO) -> None:
    """One member of a batch: `w0256.zip: 31.5 of 90 points (35 %): not passed, the pass mark is 45`."""
    text = Text(printable(f"{name}: "))
    text.append(summary(report), style=_RESULT_STYLES[report.passed])
    _console(out).print(text)


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
