"""A report as text: coloured on a terminal, plain through a pipe."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TextIO

from rich.console import Console
from rich.text import Text

from grader.batch_summary import Row, verdict_counts
from grader.isolation import Tone, lacks
from grader.report import Check, Report
from grader.wording import (
    RESULTS,
    VERDICTS,
    adds_to_verdict,
    message_as,
    mistake_words,
    points,
    shortened,
    summary,
    told,
    took,
    verdict_words,
)
from question_bank.diagnostics import printable

_STYLES = {"right": "green", "wrong": "red", "not_answered": "dim"}
_RESULT_STYLES = {True: "bold green", False: "bold red", None: "bold yellow"}
_TONES: dict[Tone, str] = {"exposed": "bold red", "reduced": "yellow", "stood_in": "dim"}
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
    around = lacks([report])
    for lack in around:
        if lack.tone == "exposed":
            _print(console, lack.sentence, _TONES[lack.tone], width)
    console.print()
    label = min(max((len(check.id) for check in report.checks), default=0), _LABEL_WIDTH)
    said: dict[str, str] = {}
    for check in report.checks:
        console.print(_line(check, label))
        for paragraph, style in _details(check, said):
            _print(console, paragraph, style, width, _INDENT)
    console.print()
    for note in report.notes:
        _print(console, f"note: {note}", "yellow", width)
    for lack in around:
        if lack.tone != "exposed":
            _print(console, lack.sentence, _TONES[lack.tone], width)
    seconds = sum(check.seconds for check in report.checks)
    version = report.versions.get("assignment") or report.versions.get("key") or ""
    known = f", version {version[:12]}" if version else ""
    end = f"seed {report.seed}{known}, on {report.device}, checks took {seconds:.2f} s"
    _print(console, end, "dim", width)


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
            said = [
                f"{counted[name]} {verdict_words(name, counted[name])}"
                for name in VERDICTS
                if counted[name]
            ]
            line.append("  " + ", ".join(said), style="dim")
        console.print(line)
    for lack in lacks([row.report for row in rows if row.report is not None]):
        _print(console, lack.sentence, _TONES[lack.tone], _WIDTH)


def _console(out: TextIO) -> Console:
    return Console(file=out, highlight=False, markup=False, emoji=False, soft_wrap=True)


def _line(check: Check, label: int) -> Text:
    counted = f"{points(check.points)}/{points(check.max_points)}" if check.max_points else "-"
    line = Text(f"{printable(check.id):<{label}}  {counted:>7}  ")
    line.append(VERDICTS[check.verdict], style=_STYLES.get(check.verdict, "yellow"))
    if check.mistake:
        line.append(f"  [{printable(mistake_words(check.mistake))}]", style="dim")
    if not check.max_points:
        line.append("  not counted", style="dim")
    line.append(f"  {took(check)}" if took(check) else "", style="dim")
    # How an answer was read stands below it where there is more to say; what was meant need not be what was read.
    if check.read_as and check.verdict == "right":
        line.append(f"  read as {printable(shortened(check.read_as))}", style="dim")
    return line


def _details(check: Check, said: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What stands below a check, with its style: how its answer was read, and why it got what it got.

    The sentences that several checks share (on a mistake, on what is not there) stand at the first of
    them alone.
    """
    from templates.richtext import to_terminal

    # Of code that is right nothing needs to be said; of an answer that is, only an error carried forward.
    if not adds_to_verdict(check) or (check.verdict == "right" and check.topic is None):
        return
    if check.typed and check.verdict in ("wrong", "partly_right", "needs_person"):
        yield f"you wrote {check.typed}", ""
    if check.read_as and check.verdict in ("wrong", "partly_right"):
        yield f"read as {check.read_as}", ""
    message, parts = message_as(check, to_terminal, str), told(check)
    shared = check.mistake or check.verdict == "not_answered"
    first = said.setdefault(message, check.id) if shared else check.id
    if first == check.id:
        yield message, ""
    elif check.verdict != "not_answered":
        yield f"the same as at {first}", ""
    if parts.evidence:
        yield parts.evidence, "dim"
    if parts.smallest:
        yield f"The smallest input that fails: {parts.smallest}", "dim"


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
