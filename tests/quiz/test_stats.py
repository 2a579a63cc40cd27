"""Statistics: honest ranges, the same numbers from the same answers, and a page that asks nobody for anything."""

from __future__ import annotations

import io
import random
import re
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.loader import load_bank
from quiz.blueprints import practice_blueprint
from quiz.choose import Wish, weakest_first
from quiz.mastery import HALF_LIFE_DAYS, belief
from quiz.material import Material
from quiz.predict import predict, predicted, worth_of
from quiz.screen import screen
from quiz.show_stats import show_stats
from quiz.stats import statistics, topic_mastery
from quiz.stats_page import render_stats
from quiz.store import Tried
from tests.quiz.conftest import START

BANK = load_bank()


def tried(number=1, lecture=9, points=1.0, days=0.0, **more):
    fields = {
        "session": 1, "label": str(number), "mode": "practice", "question": f"q{number}", "part": "",
        "seed": 1, "lecture": lecture, "topic": f"topic {lecture}", "at": START - timedelta(days=days),
        "verdict": "right" if points else "wrong", "max_points": 1.0, "points": points, "mistake": None,
        "hints": 0, "shown": False, "self_marked": False, "sure": None, "seconds": 60.0,
    }  # fmt: skip
    return Tried(**{**fields, **more})


def width(found):
    return found.high - found.low


def test_without_answers_everything_is_possible():
    found = belief([], START).ranges([9])[9]
    assert found.middle == pytest.approx(0.5)
    assert found.low < 0.1
    assert found.high > 0.9


def test_answers_of_one_lecture_say_much_about_it_and_a_little_about_others():
    known = belief([tried(n) for n in range(12)], START).ranges([9, 4])
    assert known[9].middle > known[4].middle > 0.5
    assert width(known[9]) < width(known[4])


@given(
    st.lists(
        st.tuples(st.integers(1, 40), st.integers(1, 12), st.floats(0, 1), st.integers(0, 90)),
        max_size=30,
    )
)
@settings(max_examples=30)
def test_shares_stay_shares_and_more_that_is_right_is_never_worse(answers):
    given_answers = [tried(n, lecture, points, days) for n, lecture, points, days in answers]
    given_answers.sort(key=lambda t: t.at)
    before = belief(given_answers, START).mean(5)
    after = belief([*given_answers, tried(99, 5, 1.0)], START).mean(5)
    assert 0 < before <= after < 1
    found = belief(given_answers, START).ranges([5])[5]
    assert 0 <= found.low <= found.high <= 1


def test_the_latest_answer_to_a_question_counts_and_hints_halve_it():
    assert belief([tried(1, points=0.0, days=3), tried(1)], START).evidence[9].earned == 1
    assert belief([tried(1, hints=2)], START).evidence[9].earned == 0.5
    assert belief([tried(1, points=None)], START).evidence == {}


def test_old_answers_count_less():
    assert belief([tried(days=HALF_LIFE_DAYS)], START).evidence[9].answers == pytest.approx(0.5)


def test_the_weight_of_the_levels_is_that_of_the_beta_binomial_model():
    # Two right and one wrong have the probability a (a + 1) b / (4 * 5 * 6), with a = 4 m and b = 4 - a.
    known = belief([tried(1), tried(2), tried(3, points=0.0)], START)
    a = 4 * np.arange(1, 100) / 100
    raw = a * (a + 1) * (4 - a)
    assert np.allclose(known.weights, raw / raw.sum())


def test_predictions_hold_what_they_promise():
    """Students whose shares come from the model: four of five earn points within the range."""
    chance, inside, count = random.Random(3), 0, 60
    questions = [q for q in BANK.questions.values() if q.use != "exam"]
    exam = [q for q in questions if q.type == "short"][::9][:20]
    worth = sum(q.points for q in exam)
    for _ in range(count):
        level = chance.uniform(0.05, 0.95)
        skill = {n: chance.betavariate(4 * level, 4 * (1 - level)) for n in range(1, 13)}
        answers = [
            tried(n, lecture := chance.randint(1, 12), float(chance.random() < skill[lecture]))
            for n in range(chance.choice([0, 5, 30]))
        ]
        found = predicted(
            [[worth_of(q) for q in exam]], belief(answers, START), "Exam", worth, worth / 2
        )
        earned = 0.0
        for question in exam:
            here = chance.betavariate(
                3 * skill[question.lecture] + 1e-9, 3 * (1 - skill[question.lecture]) + 1e-9
            )
            parts = [part.points for part in question.parts] or [question.points]
            earned += sum(points * (chance.random() < here) for points in parts)
        inside += found.points.low <= earned <= found.points.high
    assert 0.68 <= inside / count <= 0.93


def test_the_range_is_wide_with_few_answers_and_narrows():
    nothing = predict(BANK, belief([], START), practice_blueprint("mock_exam"))
    some = predict(
        BANK,
        belief([tried(n, n % 12 + 1, n % 2) for n in range(120)], START),
        practice_blueprint("mock_exam"),
    )
    assert width(nothing.points) > 0.7 * nothing.possible
    assert width(some.points) < 0.5 * width(nothing.points)
    assert nothing.possible == 90
    assert 0.35 < nothing.passing < 0.65


def test_the_weakest_topics_come_first(material):
    answers = [
        replace(tried(1, 4, 0.0), topic="chain rule"),
        *(replace(tried(n, 9, 1.0), topic="sums") for n in range(2, 9)),
    ]
    asked = weakest_first(material, Wish(count=5), topic_mastery(answers, START)).items
    assert (asked[0].topic, asked[-1].topic) == ("chain rule", "sums")


def test_a_weak_topic_has_two_questions_in_a_row():
    asked = weakest_first(Material(BANK), Wish(count=4), lambda t: float(t != "LSTM")).items
    assert [item.topic for item in asked[:2]] == ["LSTM", "LSTM"]
    assert asked[2].topic == asked[3].topic != "LSTM"


@pytest.fixture
def stats(bank):
    answers = [
        tried(
            n,
            4 if n % 3 else 9,
            float(n % 2),
            days=20 - n,
            sure=n % 2 == 1,
            mistake="added+forgotten",
        )
        for n in range(1, 15)
    ]
    return statistics(
        "<b>mia</b>", answers, {}, bank, START, exam=date(2026, 11, 9), blueprint="mock_exam"
    )


def test_confidence_is_compared_with_what_came_of_it(stats):
    sure, unsure, unsaid = stats.calibration
    assert (sure.answers, unsure.answers, unsaid.answers) == (7, 7, 0)
    assert sure.right.middle > 0.8
    assert unsure.right.middle < 0.2


def test_what_was_left_without_an_answer_earns_nothing_and_is_no_answer(bank):
    left = [
        tried(2, 9, 0.0, verdict="not_answered", mode="exam"),
        tried(3, 9, 0.0, verdict="not_answered", shown=True),
        tried(4, 4, 0.0, verdict="not_answered", mode="exam", sure=True),
    ]
    not_reached = tried(5, 4, None, verdict="not_answered", mode="exam")

    def told(answers):
        return statistics("mia", answers, {}, bank, START, exam=None, blueprint="mock_exam")

    alone, found = told([tried(1)]), told([tried(1), *left, not_reached])
    assert (found.answers, found.questions, found.left) == (1, 1, 3)
    assert found.calibration == alone.calibration
    assert [(x.number, x.answers, x.left) for x in found.lectures if x.answers or x.left] == [
        (4, 0, 1),
        (9, 1, 2),
    ]
    before, after = ({x.number: x.mastery.middle for x in s.lectures} for s in (alone, found))
    assert after[9] < before[9]
    out = io.StringIO()
    show_stats(screen(io.StringIO(), out, plain=True, settings={}), found)
    shown = out.getvalue()
    assert "1 answer to 1 question in 1 session\n3 left without an answer" in shown
    assert re.search(r"lecture  4 .*   0 answers, 1 left$", shown, re.MULTILINE)
    page = render_stats(found)
    assert "<dt>Left without answer</dt><dd>3</dd>" in page
    assert "0 answers, 1 left without one" in page
    assert "Left without" not in render_stats(alone)


def test_mastery_has_a_history_of_the_days_with_answers(stats):
    (four,) = [lecture for lecture in stats.lectures if lecture.number == 4]
    days = [day for day, _ in four.history]
    assert days == sorted(set(days))
    assert four.history[-1][1].middle == pytest.approx(four.mastery.middle, abs=0.02)


def test_slips_are_counted(stats):
    assert stats.mistakes == (("added", 14), ("forgotten", 14))


def test_a_bank_that_makes_no_such_exam_is_said(stats):
    assert stats.prediction is None
    assert stats.why


def test_the_page_stands_alone_and_escapes_names(stats):
    page = render_stats(stats)
    assert page == render_stats(stats)
    assert "<b>mia" not in page
    assert "&lt;b&gt;mia" in page
    assert not re.search(r"<script|https?://|url\(|@import|src=", page)
    assert page.count("<svg") == page.count('<svg viewBox="-3 -3')
    assert len(re.findall(r'role="img" aria-label="[^"]+"', page)) == page.count('role="img"')


def test_the_page_of_somebody_new(bank):
    empty = statistics("noah", [], {}, bank, START, exam=None, blueprint="mock_exam")
    page = render_stats(empty)
    assert "not practised yet" in page
    assert "Nothing was answered yet." in page


def test_one_answer_is_an_answer_in_the_terminal_too():
    data = [tried(1, sure=True), tried(2, lecture=4), tried(3, lecture=4)]
    found = statistics("mia", data, {}, BANK, START, exam=None, blueprint="mock_exam")
    out = io.StringIO()
    show_stats(screen(io.StringIO(), out, plain=True, settings={}), found)
    shown = out.getvalue()
    assert re.search(r"lecture  9 .*   1 answer$", shown, re.MULTILINE)
    assert re.search(r"lecture  4 .*   2 answers$", shown, re.MULTILINE)
    assert not re.search(r"\b1 answers", shown)


def test_a_page_without_anything_that_comes_again_says_so():
    empty = statistics("noah", [], {}, BANK, START, exam=None, blueprint="mock_exam")
    assert "Nothing comes again before" in render_stats(empty)


@pytest.mark.parametrize(("now", "today", "said"), [(2, 5, True), (5, 5, False), (0, 1, True)])
def test_what_is_due_later_today_is_told_beside_what_is_due_now(stats, now, today, said):
    days = ((START.date(), today), (START.date() + timedelta(days=1), 4))
    out = io.StringIO()
    found = replace(stats, due_now=now, due_days=days)
    show_stats(screen(io.StringIO(), out, plain=True, settings={}), found)
    shown = out.getvalue()
    assert (f"{today - now} more later today" in shown) == said
    assert f"{now} question" in shown
    assert re.search(r"later: \d\d \w+: 4\n", shown)
