"""A report as one self-contained web page: no script, no request to anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.isolation import lacks
from grader.report import Check, Report
from grader.wording import (
    RESULTS,
    VERDICTS,
    Told,
    adds_to_verdict,
    earned,
    message_as,
    mistake_words,
    points,
    rendered,
    standing,
    summary,
    told,
    took,
    verdict_words,
)
from leaderboard.report_sums import PENDING
from question_bank.diagnostics import printable

TEMPLATE = "report/report.html"
HASH_DIGITS = 64
MOST_STEPS = 5  # topics or mistakes that "what to do next" names


@dataclass(frozen=True)
class Place:
    """A check that something else on the page points to."""

    id: str
    anchor: str


@dataclass(frozen=True)
class Row:
    """One check, ready for the template.

    A `typed` message keeps its lines; `evidence` and `smallest` say where code went wrong and at which
    smallest input; `same_as` is an earlier check that says the same.
    """

    place: Place
    title: str
    points: str
    verdict: str
    verdict_words: str
    message: Markup | str | None
    typed: bool
    evidence: str | None
    smallest: str | None
    same_as: Place | None
    took: str
    typed_answer: str | None
    read_as: str | None
    mistake: str | None
    topic: str | None
    solution: Markup | str | None


@dataclass(frozen=True)
class Step:
    """Something to go over: a topic or a recognised mistake, the points that it cost, and where."""

    name: str
    lost: str
    places: tuple[Place, ...]


def render_page(report: Report) -> str:
    """The page's HTML."""
    from templates.environment import environment

    places = {
        check.id: Place(printable(check.id), f"check-{number}")
        for number, check in enumerate(report.checks, start=1)
    }
    steps = _steps(report.checks, places)
    return (
        environment()
        .get_template(TEMPLATE)
        .render(
            report=report,
            user=None if report.user is None else printable(report.user),
            form=None if report.form is None else printable(report.form),
            title=printable(report.title),
            result=RESULTS[report.passed],
            summary=summary(report),
            rows=list(_rows(report.checks, places)),
            by_question=any(check.topic for check in report.checks),
            counts=_counts(report.checks),
            steps=steps[:MOST_STEPS],
            more_steps=len(steps) - MOST_STEPS,
            unreadable=_places(report.checks, places, "unreadable"),
            not_answered=_places(report.checks, places, "not_answered"),
            waiting=_places(report.checks, places, "needs_person"),
            undecided=_places(report.checks, places, "undecided"),
            score=points(report.score),
            full=points(report.max_score),
            pending=points(report.pending_points),
            pass_mark=points(report.pass_mark),
            percent=f"{report.percent:g}",
            earned_share=_share(report.score, report),
            pending_share=_share(report.pending_points, report),
            mark_share=_share(report.pass_mark, report),
            standing=standing(report),
            notes=[printable(note) for note in report.notes],
            lacks=[(lack.tone, printable(lack.sentence)) for lack in lacks([report])],
            versions=[(name, _short(version)) for name, version in report.versions.items()],
        )
    )


def _short(version: str) -> str:
    """A version for people: of a hash its beginning."""
    return version[:12] if len(version) == HASH_DIGITS else version


def _share(value: float, report: Report) -> str:
    return f"{100 * min(value / report.max_score, 1) if report.max_score else 0:.2f}"


def _counts(checks: Sequence[Check]) -> list[tuple[str, int, str]]:
    counted = Counter(check.verdict for check in checks if check.max_points)
    return [
        (
            verdict,
            counted[verdict],
            verdict_words(verdict, counted[verdict]),
        )
        for verdict in VERDICTS
        if counted[verdict]
    ]


def _places(checks: Iterable[Check], places: dict[str, Place], verdict: str) -> list[Place]:
    return [places[check.id] for check in checks if check.verdict == verdict]


def _steps(checks: Iterable[Check], places: dict[str, Place]) -> list[Step]:
    """Where points were lost, by topic (of a form) or by mistake and title (of code), the dearest first.

    What could not be read says nothing about what a student knows: it is listed by itself. So is code
    that was not handed in.
    """
    lost: dict[str, list[Check]] = {}
    for check in checks:
        unwritten = check.verdict == "not_answered" and check.topic is None
        if unwritten or check.verdict in PENDING:
            continue
        if check.points < check.max_points:
            name = check.topic or (mistake_words(check.mistake) if check.mistake else check.title)
            lost.setdefault(name, []).append(check)
    costs = {
        name: sum(check.max_points - check.points for check in found)
        for name, found in lost.items()
    }
    return [
        Step(printable(name), points(cost), tuple(places[check.id] for check in lost[name]))
        for name, cost in sorted(costs.items(), key=lambda item: -item[1])
    ]


def _rows(checks: Iterable[Check], places: dict[str, Place]) -> Iterable[Row]:
    from templates.richtext import to_browser

    said: dict[str, Place] = {}
    for check in checks:
        place = places[check.id]
        message: Markup | str | None = None
        same_as = None
        parts = told(check) if adds_to_verdict(check) else Told("")
        if parts.sentence:
            shared = check.mistake or check.verdict == "not_answered"
            first = said.setdefault(parts.sentence, place) if shared else place
            if first is place:
                message = message_as(check, to_browser, str)
            else:
                same_as = first
        yield Row(
            place=place,
            title=printable(check.title),
            points=earned(check),
            verdict=check.verdict,
            verdict_words=VERDICTS[check.verdict],
            message=message,
            typed=not isinstance(message, Markup),
            evidence=None if parts.evidence is None else printable(parts.evidence),
            smallest=None if parts.smallest is None else printable(parts.smallest),
            same_as=same_as,
            took=took(check),
            typed_answer=None if check.typed is None else printable(check.typed),
            read_as=None if check.read_as is None else printable(check.read_as),
            mistake=None if check.mistake is None else printable(mistake_words(check.mistake)),
            topic=None if check.topic is None else printable(check.topic),
            solution=rendered(check.solution, to_browser, str) if check.solution else None,
        )
