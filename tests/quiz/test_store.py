"""Progress: kept with each action, whole or not at all, on SQLite and PostgreSQL alike; one's own to take and to delete."""

from __future__ import annotations

import json
import sqlite3
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from leaderboard.store import open_store
from quiz.actions import Answer, Finish, Hint, Leave, MarkOwn, Show, Skip
from quiz.choose import Wish, by_lecture_and_topic
from quiz.desk import Desk, act, resume, start, tidy
from quiz.engine import Plan, Refused, step
from quiz.events import Terms
from quiz.material import Material
from quiz.store import (
    all_attempts,
    all_cards,
    erase,
    exam_date,
    exported,
    keep,
    load_session,
    open_progress,
    set_exam_date,
    unfinished,
)
from quiz.tables import attempts, cards, events, sessions, settings
from tests.quiz.conftest import CHAIN, SUM, bank_of


@pytest.fixture
def desk(material, clock, progress):
    return Desk(material, clock, progress)


@pytest.fixture
def chain(desk):
    """A session that asks the question `chain` alone."""
    (number,) = [1]
    plan = by_lecture_and_topic(Material(bank_of(CHAIN)), Wish())
    assert plan.items[0].number == number
    return start(desk, plan)


def do(desk, session, *actions):
    for action in actions:
        session, _ = act(desk, session, action)
    return session


def test_what_is_kept_adds_up_to_the_same_session(desk, chain):
    session = do(desk, chain, Hint("1a"), Answer("1a", "5", sure=True), Answer("1a", "6"))
    assert load_session(desk.progress, session.kept.number).state == session.state


def test_an_answer_is_kept_before_it_is_shown(desk, chain, clock):
    clock.pass_by(seconds=40)
    do(desk, chain, Answer("1a", "5", sure=True))
    (tried,) = all_attempts(desk.progress)
    assert (tried.question, tried.part, tried.lecture, tried.topic) == (
        "chain",
        "a",
        4,
        "chain rule",
    )
    assert (tried.verdict, tried.points, tried.max_points) == ("wrong", 0, 5)
    assert (tried.mistake, tried.sure, tried.seconds, tried.at) == ("added", True, 40, clock.now)


def test_each_answer_has_one_row_as_it_stands_at_last(desk, chain):
    do(desk, chain, Answer("1a", "5"), Answer("1a", "6"), Show("1b"), Skip("1c"))
    rows = [(t.part, t.verdict, t.points, t.shown) for t in all_attempts(desk.progress)]
    assert rows == [
        ("a", "wrong", 0, False),
        ("b", "not_answered", 0, True),
        ("c", "not_answered", None, False),
    ]


def test_own_points_are_kept(desk):
    session = start(desk, by_lecture_and_topic(desk.material, Wish(topic="explaining")))
    do(desk, session, Answer("1", "because"), MarkOwn("1", 2))
    (tried,) = all_attempts(desk.progress)
    assert (tried.points, tried.self_marked) == (2, True)


def test_a_question_that_is_done_has_a_card(desk, chain, clock):
    session = do(desk, chain, Answer("1a", "6"), Answer("1b", "7"))
    assert all_cards(desk.progress) == {}
    do(desk, session, Answer("1c", "14"))
    card = all_cards(desk.progress)["chain"]
    assert (card.rating, card.reviews) == ("good", 1)
    assert card.due > clock.now + timedelta(days=1)


def test_the_date_of_the_exam_bounds_the_cards(desk, chain, clock):
    set_exam_date(desk.progress, date(2027, 1, 1))
    set_exam_date(desk.progress, (clock.now + timedelta(days=2)).date())
    do(desk, chain, Answer("1a", "6"), Answer("1b", "7"), Answer("1c", "14"))
    assert all_cards(desk.progress)["chain"].due <= clock.now + timedelta(days=1)
    assert exam_date(desk.progress) == (clock.now + timedelta(days=2)).date()


def test_of_two_windows_the_second_is_told_and_changes_nothing(desk, chain):
    do(desk, chain, Answer("1a", "6"))
    with pytest.raises(Refused, match="another window"):
        act(desk, chain, Answer("1a", "5"))
    assert [t.verdict for t in all_attempts(desk.progress)] == ["right"]
    assert unfinished(desk.progress) == [chain.kept.number]


def test_what_cannot_be_kept_whole_is_not_kept_at_all(desk, chain, monkeypatch):
    monkeypatch.setattr("quiz.store._keep_attempts", lambda *_: 1 / 0)
    state, happened = step(chain.state, Answer("1a", "6"), desk.clock(), desk.material)
    with pytest.raises(ZeroDivisionError):
        keep(desk.progress, chain.kept, state, happened)
    assert load_session(desk.progress, chain.kept.number).state == chain.state


def test_a_session_goes_on_where_it_was_left(desk, chain):
    do(desk, chain, Answer("1a", "6"))
    (number,) = unfinished(desk.progress)
    session = resume(desk, number)
    assert session.state.current[1].label == "b"
    do(desk, session, Answer("1b", "7"), Finish())
    assert unfinished(desk.progress) == []


def test_a_session_of_a_question_that_changed_says_so(desk, chain, clock):
    other = Desk(Material(bank_of(CHAIN.replace("points: 5", "points: 6"))), clock, desk.progress)
    with pytest.raises(Exception, match="has changed since"):
        resume(other, chain.kept.number)


def test_a_new_session_ends_what_was_left_and_rates_it_as_of_then(desk, chain, clock):
    do(desk, chain, Answer("1a", "5"), Leave("1a"))
    left = clock.now
    clock.pass_by(days=3)
    assert tidy(desk) == []
    assert unfinished(desk.progress) == []
    assert all_cards(desk.progress)["chain"].reviewed == left


def test_an_exam_runs_on_and_ends_by_the_clock(desk, clock):
    plan = by_lecture_and_topic(desk.material, Wish())
    terms = Terms(title="Mock", minutes=30, points=18, pass_mark=9)
    number = next(i.number for i in plan.items if i.question == "chain")
    session = start(desk, Plan("exam", 0, "0", plan.items, terms))
    do(desk, session, Answer(f"{number}a", "6"))
    clock.pass_by(minutes=20)
    assert [s.kept.number for s in tidy(desk)] == [session.kept.number]
    clock.pass_by(minutes=20)
    assert tidy(desk) == []
    tried = {t.label: t.points for t in all_attempts(desk.progress)}
    assert tried[f"{number}a"] == 5
    assert len(tried) == len(session.state.parts)
    later = [i for i in plan.items if session.state.place(i.number) > session.state.place(number)]
    assert later
    assert {tried[label] for item in later for label in item.labels()} == {None}


def test_users_do_not_see_each_other(desk, chain, url):
    do(desk, chain, Answer("1a", "6"), Finish())
    other = open_progress("noah", url)
    assert (all_attempts(other), all_cards(other), unfinished(other)) == ([], {}, [])
    with pytest.raises(LookupError):
        load_session(other, chain.kept.number)
    erase(other)
    assert len(all_attempts(desk.progress)) == 1
    other.close()


def test_everything_that_is_kept_can_be_taken_along(desk, chain):
    set_exam_date(desk.progress, date(2027, 2, 14))
    do(desk, chain, Answer("1a", "6", sure=False), Finish())
    data = json.loads(json.dumps(exported(desk.progress)))
    assert (data["user"], data["settings"]) == ("mia", {"exam_date": "2027-02-14"})
    (session,) = data["sessions"]
    assert [e["kind"] for e in session["events"]] == [
        "started",
        "attempted",
        "settled",
        "rated",
        "finished",
    ]
    assert [a["label"] for a in data["attempts"]] == ["1a"]
    assert [c["question"] for c in data["cards"]] == ["chain"]


def test_what_is_deleted_is_gone(desk, chain):
    set_exam_date(desk.progress, date(2027, 2, 14))
    do(desk, chain, Answer("1a", "6"), Finish())
    assert erase(desk.progress) == 1
    with desk.progress.store.engine.connect() as connection:
        for table in (sessions, events, attempts, cards, settings):
            assert connection.execute(select(table)).all() == []


def test_what_is_deleted_is_gone_from_the_file_too(material, clock, tmp_path):
    desk = Desk(material, clock, open_progress("mia", f"sqlite:///{tmp_path / 'own.db'}"))
    session = start(desk, by_lecture_and_topic(Material(bank_of(CHAIN)), Wish()))
    do(desk, session, Answer("1a", "remarkable words"))
    assert any(b"remarkable" in file.read_bytes() for file in tmp_path.glob("own.db*"))
    erase(desk.progress)
    desk.progress.close()
    with sqlite3.connect(tmp_path / "own.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert not any(b"remarkable" in file.read_bytes() for file in tmp_path.glob("own.db*"))


def test_results_and_practice_share_a_database(url, progress):
    store = open_store(url)
    again = open_progress("mia", url, must_exist=True)
    assert all_attempts(again) == []
    again.close()
    store.close()


def test_text_of_any_kind_is_kept(desk):
    session = start(desk, by_lecture_and_topic(Material(bank_of(SUM)), Wish()))
    do(desk, session, Answer("1", "\x00 ∂ \ud800 '; DROP TABLE quiz_events; --"))
    loaded = load_session(desk.progress, session.kept.number)
    assert loaded.state.parts["1"].attempts[0].text == "\x00 ∂ ? '; DROP TABLE quiz_events; --"
