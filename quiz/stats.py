"""Statistics of one student: mastery by lecture over time, calibration, what is due, predicted points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from question_bank.diagnostics import InputError
from question_bank.loader import Bank
from quiz.blueprints import practice_blueprint
from quiz.choose import check_practice
from quiz.mastery import Belief, Range, belief, share
from quiz.predict import Prediction, predict
from quiz.schedule import Card, due_at
from quiz.store import Tried

MOST_MOMENTS = 40
"""Days for which mastery is worked out again: more would not be seen on a plot."""
AHEAD_DAYS = 14


@dataclass(frozen=True)
class LectureStats:
    """One lecture: answers that count, what was left without one, mastery now and over time, and its cards."""

    number: int
    answers: int
    left: int
    mastery: Range
    history: tuple[tuple[date, Range], ...]
    due: int
    weakest_topic: str | None


@dataclass(frozen=True)
class Confidence:
    """How often answers of one confidence were right: the share of points, and its range."""

    name: str
    answers: int
    right: Range


@dataclass(frozen=True)
class Stats:
    """Everything that is shown; `prediction` is None where no exam of the blueprint can be made, and `why` says so.

    left: how many parts earned nothing since they were left without an answer: in an exam, or with the solution shown.
    questions: how many were answered.
    """

    user: str
    at: datetime
    answers: int
    left: int
    questions: int
    sessions: int
    minutes: float
    lectures: tuple[LectureStats, ...]
    calibration: tuple[Confidence, ...]
    due_now: int
    due_days: tuple[tuple[date, int], ...]
    exam: date | None
    prediction: Prediction | None
    why: str | None
    mistakes: tuple[tuple[str, int], ...]


def statistics(
    user: str,
    tried: Sequence[Tried],
    cards: Mapping[str, Card],
    bank: Bank,
    now: datetime,
    *,
    exam: date | None,
    blueprint: str,
    asked: Sequence[int] = (),
) -> Stats:
    """The statistics at a time, from what is kept.

    asked: lectures, for a blueprint that is for one lecture at a time.
    Raises InputError: there is no such blueprint.
    """
    counted = [t for t in tried if t.points is not None]
    answers = [t for t in counted if _answered(t)]
    lectures = sorted({q.lecture for q in bank.questions.values() if q.use != "exam"})
    known = belief(counted, now)
    source = practice_blueprint(blueprint, asked)
    try:
        check_practice(bank)
        prediction, why = predict(bank, known, source), None
    except InputError as error:
        prediction, why = None, error.diagnostics[0].message
    due = {
        question: due_at(card, exam)
        for question, card in cards.items()
        if question in bank.questions and bank.questions[question].use != "exam"
    }
    today = now.astimezone(UTC).date()
    days = [today + timedelta(days=ahead) for ahead in range(AHEAD_DAYS)]
    by_day = {day: sum(max(at.date(), today) == day for at in due.values()) for day in days}
    return Stats(
        user=user,
        at=now,
        answers=len(answers),
        left=len(counted) - len(answers),
        questions=len({t.question for t in answers}),
        sessions=len({t.session for t in tried}),
        minutes=round(sum(t.seconds for t in tried) / 60, 1),
        lectures=_lectures(lectures, counted, known, now, bank, due),
        calibration=_calibration(answers),
        due_now=sum(at <= now for at in due.values()),
        due_days=tuple(by_day.items()),
        exam=exam,
        prediction=prediction,
        why=why,
        mistakes=_mistakes(counted),
    )


def _answered(tried: Tried) -> bool:
    """Whether something was answered: what was left without an answer earns nothing, and is none."""
    return tried.verdict != "not_answered"


def topic_mastery(tried: Sequence[Tried], now: datetime) -> Callable[[str], float]:
    """From a topic to the share of points to expect; of one that was never practised, by all others."""
    return belief(tried, now, lambda t: t.topic).mean


def _lectures(
    numbers: Sequence[int],
    counted: Sequence[Tried],
    known: Belief,
    now: datetime,
    bank: Bank,
    due: Mapping[str, datetime],
) -> tuple[LectureStats, ...]:
    now_ranges = known.ranges(numbers)
    moments = _moments(counted, now)
    over_time = [(day, belief(counted, at).ranges(numbers)) for day, at in moments]
    topics = belief(counted, now, lambda t: t.topic)
    found = []
    for number in numbers:
        mine = [t for t in counted if t.lecture == number]
        answers = sum(map(_answered, mine))
        first = min((t.at for t in mine), default=None)
        own_topics = sorted({t.topic for t in mine}, key=topics.mean)
        found.append(
            LectureStats(
                number=number,
                answers=answers,
                left=len(mine) - answers,
                mastery=now_ranges[number],
                history=tuple(
                    (day, ranges[number])
                    for day, ranges in over_time
                    if first is not None and first.astimezone(UTC).date() <= day
                ),
                due=sum(bank.questions[q].lecture == number and at <= now for q, at in due.items()),
                weakest_topic=own_topics[0] if own_topics else None,
            )
        )
    return tuple(found)


def _moments(counted: Sequence[Tried], now: datetime) -> list[tuple[date, datetime]]:
    """The ends of the days on which something was answered, thinned out; the last is now."""
    days = sorted({t.at.astimezone(UTC).date() for t in counted})
    if len(days) > MOST_MOMENTS:
        step = (len(days) - 1) / (MOST_MOMENTS - 1)
        days = [days[round(place * step)] for place in range(MOST_MOMENTS)]
    ends = [(day, datetime.combine(day + timedelta(days=1), time(0), UTC)) for day in days]
    return [(day, min(end, now)) for day, end in ends]


def _calibration(answers: Sequence[Tried]) -> tuple[Confidence, ...]:
    import numpy as np

    found = []
    for name, sure in (("sure", True), ("not sure", False), ("not said", None)):
        shares = [share(t) for t in answers if t.sure is sure]
        right, wrong = sum(shares), len(shares) - sum(shares)
        # Beta(1, 1) before the first answer: nothing is known.
        low, high = np.percentile(
            np.random.default_rng(0).beta(1 + right, 1 + wrong, 4_000), [10, 90]
        )
        middle = (1 + right) / (2 + len(shares))
        found.append(Confidence(name, len(shares), Range(float(low), middle, float(high))))
    return tuple(found)


def _mistakes(counted: Sequence[Tried]) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for answer in counted:
        for name in (answer.mistake or "").split("+"):
            if name:
                counts[name] = counts.get(name, 0) + 1
    often = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return tuple(often[:5])
