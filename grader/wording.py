"""How a report speaks: the words that the terminal and the page share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from grader.report import Check, Report, Verdict
from question_bank.diagnostics import printable
from question_bank.grammar.answer_tokens import canonical_name

T = TypeVar("T")

VERDICTS: dict[Verdict, str] = {
    "right": "right",
    "partly_right": "partly right",
    "wrong": "wrong",
    "unreadable": "not readable",
    "not_answered": "not answered",
    "needs_person": "waits for a person",
    "undecided": "undecided (our fault)",
}
RESULTS = {True: "passed", False: "not passed", None: "still open"}
LONGEST_SHOWN = 120
# How a check of code words what it found: `SENTENCE. (EVIDENCE)`, or `NAME differs from the reference: EVIDENCE.`, or `NAMES differ ...`
_FOUND = re.compile(
    r"(?P<sentence>.+?[.!?]) \((?P<evidence>.+)\)\.?|(?P<name>[^.]+? differs? from the reference): (?P<by>.+?)\.?"
)
# LaTeX that says how a formula looks.
_LAYOUT = re.compile(r"\\(?:[dt]?frac|cdot|times|left|right|mathrm|text)(?![A-Za-z])")
_SMALLEST = " The smallest input that fails: "


@dataclass(frozen=True)
class Told:
    """A message in its parts; only that of a check of code has the last two."""

    sentence: str
    evidence: str | None = None
    smallest: str | None = None


def summary(report: Report) -> str:
    """`31.5 of 90 points (35 %): not passed, the pass mark is 45`."""
    more = points(report.pending_points)
    pending = (
        f", {more} more {'is' if more == '1' else 'are'} open" if report.pending_points else ""
    )
    return (
        f"{points(report.score)} of {points(report.max_score)} points ({report.percent:g} %){pending}: "
        f"{RESULTS[report.passed]}, the pass mark is {points(report.pass_mark)}"
    )


def standing(report: Report) -> str:
    """What the score means for passing, as a sentence's end: `15 more`, `reached already`."""
    if report.passed is not None:
        return "reached" if report.passed else f"{points(report.pass_mark - report.score)} more"
    if report.score >= report.pass_mark:
        return "reached already"
    if report.score + report.pending_points < report.pass_mark:
        return "out of reach, whatever the open points bring"
    return f"{points(report.pass_mark - report.score)} of the open points reach it"


def points(value: float) -> str:
    """Points for people: at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def verdict_words(verdict: Verdict, count: int) -> str:
    """A verdict's words behind a number of checks: `1 waits for a person`, `2 wait for a person`."""
    words = VERDICTS[verdict]
    return words.replace("waits", "wait") if count > 1 else words


def mistake_words(name: str) -> str:
    """The name of a mistake as words; of two that were made together, both."""
    return " and ".join(one.replace("_", " ").replace("-", " ") for one in name.split("+"))


def shortened(text: str) -> str:
    """A text of bounded length on one line."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SHOWN else line[: LONGEST_SHOWN - 3] + "..."


def adds_to_verdict(check: Check) -> bool:
    """Whether the message says more than the verdict's own words do."""
    if check.verdict == "needs_person":
        return not check.message.startswith(VERDICTS["needs_person"])
    return check.message not in ("", VERDICTS[check.verdict])


def told(check: Check) -> Told:
    """The message in its parts."""
    if check.topic or check.verdict not in ("wrong", "partly_right"):
        return Told(check.message)
    text, _, smallest = check.message.partition(_SMALLEST)
    read = _FOUND.fullmatch(text)
    if read is None:
        return Told(text, None, smallest or None)
    sentence = read["sentence"] or f"{read['name']}."
    return Told(sentence, read["evidence"] or read["by"], smallest or None)


def took(check: Check) -> str:
    """How long a check took: `12 ms`, `1.4 s`; nothing where no time was worth taking."""
    if check.topic is not None or check.seconds < 0.0005:
        return ""
    return f"{check.seconds:.1f} s" if check.seconds >= 1 else f"{1000 * check.seconds:.0f} ms"


def earned(check: Check) -> str:
    """`1.5 of 2`; a check of no points is told and never counted."""
    if not check.max_points:
        return "not counted"
    return f"{points(check.points)} of {points(check.max_points)}"


def message_as(check: Check, render: Callable[[str], T], plain: Callable[[str], T]) -> T:
    """The message (of code: its sentence alone) through `render` where the bank wrote it (Markdown), through `plain` where it may quote a student.

    Only the questions of a bank have topics, and only what it says of a wrong answer is Markdown.
    """
    ours = check.topic is not None and check.verdict in ("wrong", "partly_right")
    if ours:
        return rendered(check.message, render, plain)
    return plain(printable(told(check).sentence))


def rendered(text: str, render: Callable[[str], T], plain: Callable[[str], T]) -> T:
    """The text through `render`, or as it is where it does not typeset: a report must not fail for that."""
    from templates.mathematics import MathError

    harmless = printable(text)
    try:
        return render(harmless)
    except (MathError, ValueError):
        return plain(harmless)


def written_otherwise(typed: str, read_as: str | None) -> str | None:
    """What was typed, shortened, where it was read as something else than itself in another spelling."""
    if read_as is None or _signs(typed) == _signs(read_as):
        return None
    return shortened(typed)


def _signs(text: str) -> str:
    """Letters and digits alone, without what only says how they look."""
    plain = unicodedata.normalize("NFKC", canonical_name(_LAYOUT.sub("", text)))
    return re.sub(r"[\W_]", "", plain.casefold())
