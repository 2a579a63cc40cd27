"""When a question comes again: FSRS, bounded by the days to the exam."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from quiz.choose import Wish, what_is_due
from quiz.schedule import LONGEST_DAYS, Card, due_at, recall, reviewed
from tests.quiz.conftest import START

CASES = yaml.safe_load((Path(__file__).parent / "schedule.yaml").read_text("utf-8"))
EXAM = date(2026, 11, 21)
RATINGS = st.sampled_from(["again", "hard", "good"])


def after(*reviews, exam=None):
    """The card after reviews: each a rating and the minutes since the last one."""
    card, now = None, START
    for rating, minutes in reviews:
        now += timedelta(minutes=minutes)
        card = reviewed(card, "q", rating, now, exam)
    return card, now


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_intervals(case):
    card, now = after(*case["reviews"])
    interval = (card.due - now) / timedelta(minutes=1)
    assert case["at_least"] <= interval <= case["at_most"]
    assert (card.reviews, card.lapses) == (len(case["reviews"]), case.get("lapses", 0))


@given(
    st.lists(st.tuples(RATINGS, st.integers(0, 40_000)), min_size=1, max_size=15),
    st.integers(0, 400),
)
def test_nothing_is_put_off_beyond_the_exam(reviews, days):
    exam = (START + timedelta(days=days)).date()
    card, now = None, START
    for rating, minutes in reviews:
        now += timedelta(minutes=minutes)
        card = reviewed(card, "q", rating, now, exam)
        assert card.due > now
        assert card.due - now <= timedelta(days=LONGEST_DAYS)
        if now.date() < exam - timedelta(days=1):
            assert card.due.date() < exam
        assert Card.model_validate_json(card.model_dump_json()) == card
        assert 0 <= recall(card, now) <= 1


@given(st.lists(st.tuples(RATINGS, st.integers(0, 40_000)), min_size=1, max_size=8))
def test_the_same_reviews_lead_to_the_same_card(reviews):
    assert after(*reviews, exam=EXAM) == after(*reviews, exam=EXAM)


def test_an_exam_that_is_told_later_brings_forward_what_was_put_off():
    card, now = after(("good", 0), ("good", 20_000), ("good", 60_000))
    exam = (now + timedelta(days=5)).date()
    assert card.due.date() > exam
    assert due_at(card, exam).date() == exam - timedelta(days=1)
    assert due_at(card, None) == card.due
    # On its eve, what was reviewed a moment ago is not due again at once.
    assert due_at(card, (now + timedelta(days=1)).date()) > now + timedelta(hours=12)


def test_after_the_exam_the_schedule_goes_on():
    card, now = after(("good", 0), exam=(START - timedelta(days=3)).date())
    assert due_at(card, (START - timedelta(days=3)).date()) == card.due > now + timedelta(days=1)


def test_what_is_due_comes_first_the_longest_overdue_first_then_what_is_new(material):
    cards = {}
    for question, days in (("chain", 30), ("boxes", 50), ("words", 1)):
        cards[question] = reviewed(None, question, "good", START - timedelta(days=days))
    cards["kept_for_exams"] = reviewed(None, "kept_for_exams", "again", START - timedelta(days=90))
    plan = what_is_due(material, Wish(count=4), cards, START)
    asked = [item.question for item in plan.items]
    assert asked[:2] == ["boxes", "chain"]
    assert set(asked[2:]) == {"plain_sum", "thousand"}


def test_each_time_another_variant(material):
    cards = {"plain_sum": reviewed(None, "plain_sum", "again", START - timedelta(days=3))}
    seeds = {
        what_is_due(material, Wish(count=1, seed=seed), cards, START).items[0].seed
        for seed in range(5)
    }
    assert len(seeds) == 5


def test_times_of_other_zones_are_understood():
    moment = datetime.fromisoformat("2026-11-01T10:00:00+01:00")
    assert reviewed(None, "q", "good", moment) == reviewed(
        None, "q", "good", moment.astimezone(UTC)
    )
