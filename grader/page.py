"""A report as one self-contained web page: no script, no request to anywhere."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from grader.report import Check, Report
from grader.terminal import WORDS, summary
from question_bank.diagnostics import printable

TEMPLATE = "report/report.html"


@dataclass(frozen=True)
class Row:
    """One check, ready for the template."""

    id: str
    title: str
    points: str
    verdict: str
    verdict_words: str
    message: Markup | str
    read_as: str | None
    mistake: str | None
    topic: str | None
    solution: Markup | None


def render_page(report: Report) -> str:
    """The page's HTML."""
    from templates.environment import environment

    lost = [c for c in report.checks if c.verdict not in ("right", "needs_person", "undecided")]
    topics = list(dict.fromkeys(c.topic for c in lost if c.topic))
    return (
        environment()
        .get_template(TEMPLATE)
        .render(
            report=report,
            summary=summary(report),
            rows=[_row(check) for check in report.checks],
            right=sum(check.verdict == "right" for check in report.checks),
            waiting=[c.id for c in report.checks if c.verdict in ("needs_person", "undecided")],
            topics=topics,
            score=f"{report.score:g}",
            full=f"{report.max_score:g}",
            percent=f"{report.percent:g}",
            notes=[printable(note) for note in report.notes],
        )
    )


def _row(check: Check) -> Row:
    from templates.richtext import to_browser

    message = printable(check.message)
    # Messages of named mistakes come from the bank and hold mathematics; those of code checks are plain text.
    shown = to_browser(message, inline=True) if "$" in message and check.topic else message
    return Row(
        id=check.id,
        title=check.title,
        points=f"{check.points:g} of {check.max_points:g}",
        verdict=check.verdict,
        verdict_words=WORDS[check.verdict],
        message="" if check.verdict == "right" and check.message == "right" else shown,
        read_as=None if check.read_as is None else printable(check.read_as),
        mistake=None
        if check.mistake is None
        else check.mistake.replace("_", " ").replace("-", " "),
        topic=check.topic,
        solution=to_browser(check.solution) if check.solution else None,
    )
