"""Statistics as one self-contained web page: no script, no font, no request to anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from leaderboard.untrusted import visible
from question_bank.wording import counted
from quiz.mastery import Range
from quiz.stats import LectureStats, Stats

TEMPLATE = "quiz/progress.html"
# The plots' own coordinates: each is drawn in a box of this size and scaled to its place.
WIDE, HIGH = 240.0, 84.0
DAYS_HIGH = 88.0


@dataclass(frozen=True)
class Curve:
    """Mastery of a lecture over time: a band, a line, and its last point, as SVG coordinates."""

    band: str
    line: str
    x: float
    y: float
    top: float
    bottom: float


@dataclass(frozen=True)
class LectureRow:
    """One lecture, as text ready for the template."""

    number: int
    curve: Curve | None
    percent: int
    low: int
    high: int
    answers: int
    left: int
    due: int
    weakest: str | None


@dataclass(frozen=True)
class Span:
    """A range on an axis from 0 to 100 %, and its words."""

    name: str
    answers: int
    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Day:
    """A day's bar: left and height in the plot's coordinates."""

    name: str
    count: int
    left: float
    height: float
    exam: bool


def render_stats(stats: Stats) -> str:
    """The page's HTML, the same bytes for the same statistics."""
    from templates.environment import environment

    return environment().get_template(TEMPLATE).render(commands=True, **shown_stats(stats))


def shown_stats(stats: Stats) -> dict[str, Any]:
    """What the template of the plots takes."""
    first = min((day for x in stats.lectures for day, _ in x.history), default=None)
    last = stats.at.astimezone(UTC).date()
    found = stats.prediction
    return {
        "user": visible(stats.user),
        "at": f"{stats.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        "answers": stats.answers,
        "left": stats.left,
        "questions": stats.questions,
        "sessions": stats.sessions,
        "hours": _duration(stats.minutes),
        "since": None if first is None else _day(first),
        "until": _day(last),
        "lectures": [_row(lecture, first, last) for lecture in stats.lectures],
        "wide": WIDE,
        "tall": HIGH,
        "calibration": [
            Span(
                c.name,
                c.answers,
                *(100 * x for x in (c.right.low, c.right.middle, c.right.high)),
            )
            for c in stats.calibration
            if c.answers
        ],
        "due_now": stats.due_now,
        "days": _days(stats.due_days, stats.exam),
        "days_tall": DAYS_HIGH,
        "exam": None if stats.exam is None else stats.exam.isoformat(),
        "prediction": found,
        "shares": None if found is None else _shares(found.points, found.possible),
        "pass_share": 0.0 if found is None else 100 * found.pass_mark / found.possible,
        "why": stats.why,
        "mistakes": [(name.replace("_", " "), count) for name, count in stats.mistakes],
        "counted": counted,
    }


def _row(lecture: LectureStats, first: date | None, last: date) -> LectureRow:
    mastery = lecture.mastery
    return LectureRow(
        number=lecture.number,
        curve=_curve(lecture.history, first, last) if first is not None else None,
        percent=round(100 * mastery.middle),
        low=round(100 * mastery.low),
        high=round(100 * mastery.high),
        answers=lecture.answers,
        left=lecture.left,
        due=lecture.due,
        weakest=lecture.weakest_topic,
    )


def _curve(history: Sequence[tuple[date, Range]], first: date, last: date) -> Curve | None:
    if not history:
        return None
    days = max((last - first).days, 1)
    # What is known on the last day with answers holds until today.
    points = [*history, (last, history[-1][1])] if history[-1][0] < last else list(history)
    if len(points) == 1 or first == last:
        points = [(first, points[-1][1]), (last, points[-1][1])]
        xs = [0.0, WIDE]
    else:
        xs = [WIDE * (day - first).days / days for day, _ in points]
    ranges = [each for _, each in points]
    upper = [f"{x:.1f},{_y(r.high):.1f}" for x, r in zip(xs, ranges, strict=True)]
    lower = [f"{x:.1f},{_y(r.low):.1f}" for x, r in zip(xs, ranges, strict=True)]
    middle = [f"{x:.1f},{_y(r.middle):.1f}" for x, r in zip(xs, ranges, strict=True)]
    end = ranges[-1]
    return Curve(
        band=" ".join([*upper, *reversed(lower)]),
        line=" ".join(middle),
        x=xs[-1],
        y=_y(end.middle),
        top=_y(end.high),
        bottom=_y(end.low),
    )


def _y(share: float) -> float:
    return round(HIGH * (1 - share), 1)


def _days(due: Sequence[tuple[date, int]], exam: date | None) -> list[Day]:
    most = max((count for _, count in due), default=0) or 1
    step = 100 / max(len(due), 1)
    return [
        Day(_day(day), count, place * step, (DAYS_HIGH - 16) * count / most, day == exam)
        for place, (day, count) in enumerate(due)
    ]


def _shares(points: Range, possible: float) -> Range:
    return Range(*(100 * x / possible for x in (points.low, points.middle, points.high)))


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _duration(minutes: float) -> str:
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"
