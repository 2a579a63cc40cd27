"""A server that has seen a session reads only what is new, and is never wrong about whose session it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quiz.actions import Answer, Finish, Hint
from quiz.choose import Wish, by_lecture_and_topic
from quiz.desk import Desk, act, start
from quiz.events import event_from_json
from quiz.seen import MOST, Known, Seen
from quiz.store import erase, load_session


@pytest.fixture
def server(progress):
    """The same store, seen by a server."""
    return replace(progress, seen=Seen())


@pytest.fixture
def session(material, clock, progress):
    """A session that goes on elsewhere: in another process."""
    desk = Desk(material, clock, progress)
    return desk, start(desk, by_lecture_and_topic(material, Wish(topic="chain", count=1)))


def test_a_session_adds_up_to_the_same_however_often_it_was_looked_at(session, server, progress):
    desk, going = session
    for action in (Hint("1a"), Answer("1a", "5"), Answer("1a", "6"), Finish()):
        going, _ = act(desk, going, action)
        whole, seen = load_session(progress, 1), load_session(server, 1)
        assert seen == whole
        assert load_session(server, 1) == whole


def test_only_what_is_new_is_read(session, server, progress, monkeypatch):
    desk, going = session
    load_session(server, 1)
    act(desk, going, Hint("1a"))
    read: list[str] = []
    real = event_from_json
    monkeypatch.setattr("quiz.seen.event_from_json", lambda text: read.append(text) or real(text))
    assert load_session(server, 1).length == 2
    assert len(read) == 1


def test_another_user_does_not_get_what_was_seen(session, server):
    load_session(server, 1)
    other = replace(server, user="eve")
    with pytest.raises(LookupError):
        load_session(other, 1)


def test_a_number_that_is_given_anew_is_another_session(session, server, progress, clock, material):
    desk, going = session
    act(desk, going, Hint("1a"))
    before = load_session(server, 1)
    erase(progress)
    with pytest.raises(LookupError):
        load_session(server, 1)
    clock.pass_by(minutes=1)
    other = replace(progress, user="eve")
    desk = Desk(material, clock, other)
    new = start(desk, by_lecture_and_topic(material, Wish(topic="chain", count=1)))
    number = new.kept.number  # 1 again, on SQLite
    for text in ("1", "2", "3"):
        new, _ = act(desk, new, Answer("1a", text))
    found = load_session(replace(server, user="eve"), number)
    assert found.state == new.state
    assert found.state != before.state


def test_what_is_remembered_has_a_bound(session, server, progress):
    known = Known(1, "text", load_session(progress, 1).state)
    seen = Seen()
    for number in range(3 * MOST):
        seen.keep(number, known)
        assert seen.before(number) is known
    assert sum(seen.before(number) is not None for number in range(3 * MOST)) <= MOST
