"""When a question comes again: spaced repetition by FSRS, one card for each question. Pure: the time is an argument.

Intervals end before the exam. Without its date they are at most `LONGEST_DAYS`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from fsrs import Card as FsrsCard
from fsrs import Rating as FsrsRating
from fsrs import Scheduler, State
from pydantic import AwareDatetime

from quiz.events import Rating, Record

LONGEST_DAYS = 180
_AGAIN_AFTER = timedelta(minutes=10)
_RATINGS = {"again": FsrsRating.Again, "hard": FsrsRating.Hard, "good": FsrsRating.Good}


MOST_YEARS = 1000
"""An exam's day further ahead is a slip of the keyboard."""


class Card(Record):
    """What the schedule knows of one question: FSRS's stability (days) and difficulty, and when it is due."""

    question: str
    state: int
    step: int | None
    stability: float | None
    difficulty: float | None
    due: AwareDatetime
    reviewed: AwareDatetime
    rating: Rating
    reviews: int = 1
    lapses: int = 0


def reviewed(
    card: Card | None, question: str, rating: Rating, now: datetime, exam: date | None = None
) -> Card:
    """The card after a review; None is a question that comes for the first time."""
    moment = now.astimezone(UTC)
    if card is not None:
        moment = max(moment, card.reviewed)
    before = _to_fsrs(card, moment)
    counted = rating
    learning = before.state in (State.Learning, State.Relearning)
    if rating == "hard" and learning and card is not None and card.rating == "hard":
        # FSRS lets a card that is hard again and again while it is learned come every 15 minutes for ever.
        counted = "good"
    scheduler = Scheduler(
        # One step within the session; a night's sleep does the rest.
        learning_steps=(_AGAIN_AFTER,),
        relearning_steps=(_AGAIN_AFTER,),
        maximum_interval=longest_days(moment, exam),
        enable_fuzzing=False,  # its chance is no argument
    )
    after, _ = scheduler.review_card(before, _RATINGS[counted], moment)
    lapsed = rating == "again" and card is not None and before.state == State.Review
    return Card(
        question=question,
        state=int(after.state),
        step=after.step,
        stability=after.stability,
        difficulty=after.difficulty,
        due=after.due,
        reviewed=moment,
        rating=rating,
        reviews=1 if card is None else card.reviews + 1,
        lapses=(0 if card is None else card.lapses) + lapsed,
    )


def no_exam_day(day: date, today: date) -> str | None:
    """Why a day cannot be that of the exam; None where it can."""
    if day < today:
        return f"the exam's date {day.isoformat()} is past"
    if day.year > today.year + MOST_YEARS:
        return f"the exam's date {day.isoformat()} is more than {MOST_YEARS} years away"
    return None


def longest_days(now: datetime, exam: date | None) -> int:
    """The longest interval in days: the last repetition is the day before the exam; 1 at least."""
    if exam is None or exam < now.date():
        return LONGEST_DAYS
    return min(max((exam - now.date()).days - 1, 1), LONGEST_DAYS)


def due_at(card: Card, exam: date | None) -> datetime:
    """When the card is due: what was put off beyond the exam comes on the day before it, a day after the last review at the earliest."""
    if exam is None:
        return card.due
    eve = datetime.combine(exam - timedelta(days=1), time(0), UTC)
    if card.due < eve or card.reviewed.date() >= exam:
        return card.due
    return max(eve, min(card.due, card.reviewed + timedelta(days=1)))


def recall(card: Card, now: datetime) -> float:
    """The probability, by FSRS, that the question would go well now."""
    moment = max(now.astimezone(UTC), card.reviewed)
    return float(Scheduler().get_card_retrievability(_to_fsrs(card, moment), moment))


def _to_fsrs(card: Card | None, now: datetime) -> FsrsCard:
    # A number of its own keeps FSRS from looking at the clock.
    if card is None:
        return FsrsCard(card_id=0, due=now)
    return FsrsCard(
        card_id=0,
        state=State(card.state),
        step=card.step,
        stability=card.stability,
        difficulty=card.difficulty,
        due=card.due,
        last_review=card.reviewed,
    )
