"""The queue: each submission is one worker's at a time, and its result is recorded once whatever dies."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard import queue
from leaderboard.configure import keep_boards
from leaderboard.database import writing
from leaderboard.decisions import Decision, decide
from leaderboard.erasure import erase
from leaderboard.queue import MOST_ATTEMPTS, claim, fail, finish, give_back, hand_in, refuse, renew
from leaderboard.queued import counts, standing, standings_of, workers
from leaderboard.store import open_store, reports
from leaderboard.tables import gradings
from leaderboard.verify import verify

TASK = "exercise_3"


@pytest.fixture
def handed(store, moment):
    """Hands in for a user; another content each time, unless it is said."""
    made = iter(range(1000))

    def one(user="w0256", content=None, at=moment, assignment=TASK):
        content = content or f"{user} {next(made)}".encode()
        return hand_in(
            store,
            user=user,
            assignment=assignment,
            filename=f"{user}.zip",
            content=content,
            received_at=at,
        )

    return one


def lapse(store):
    """All leases have ended."""
    with writing(store.engine).begin() as connection:
        row = connection.execute(gradings.select().where(gradings.c.state == "claimed")).first()
        past = row.lease_until - timedelta(days=1)
        connection.execute(gradings.update().values(lease_until=past))


def take(store, worker="a", most=1):
    return claim(store, worker, {TASK}, most=most)


def test_what_was_handed_in_waits_and_is_taken_in_order(store, handed):
    numbers = [handed(user).number for user in ("w1", "w2", "w3")]
    assert [standing(store, number).ahead for number in numbers] == [0, 1, 2]
    first, second = take(store, most=2)
    assert [first.number, second.number] == numbers[:2]
    assert (first.receipt.user, first.attempt) == ("w1", 1)
    assert counts(store) == {"claimed": 2, "waiting": 1}
    assert standing(store, numbers[2]).ahead == 0
    assert workers(store) == {"a"}


def test_nobody_takes_what_somebody_has(store, handed):
    handed()
    assert len(take(store, "a")) == 1
    assert take(store, "b") == []


def test_only_assignments_that_a_worker_knows_are_taken(store, handed):
    handed(assignment="other")
    assert take(store) == []
    assert len(claim(store, "a", {"other"}, most=5)) == 1


def test_the_result_and_the_end_of_the_claim_are_one_step(store, handed, make_report):
    number = handed().number
    (held,) = take(store)
    assert finish(store, held, make_report())
    assert standing(store, number).state == "done"
    assert len(reports(store, number)) == 1


def test_a_lost_claim_changes_nothing(store, handed, make_report):
    number = handed().number
    (lost,) = take(store, "a")
    lapse(store)
    (held,) = take(store, "b")
    assert held.attempt == 2
    for end in (
        lambda: finish(store, lost, make_report(score=1.0)),
        lambda: refuse(store, lost, ["no"]),
        lambda: fail(store, lost, ["no"]),
    ):
        assert not end()
    give_back(store, [lost])
    assert finish(store, held, make_report(score=2.0))
    assert not finish(store, lost, make_report(score=1.0))
    assert [report["score"] for report in reports(store, number)] == [2.0]


def test_a_worker_that_lives_keeps_its_claims(store, handed):
    handed()
    (held,) = take(store, "a")
    lapse(store)
    renew(store, "a")
    assert take(store, "b") == []
    assert standing(store, held.number).state == "claimed"


def test_what_every_worker_dies_at_is_given_up_and_tried_again_later(store, handed, make_report):
    number = handed().number
    for _ in range(MOST_ATTEMPTS):
        assert len(take(store)) == 1
        lapse(store)
    assert take(store) == []
    assert standing(store, number).state == "given_up"
    assert "our own fault" in standing(store, number).told[0]
    assert queue.try_again(store, {"other"}) == 0
    assert queue.try_again(store, {TASK}) == 1
    (held,) = take(store)
    assert (held.number, held.attempt) == (number, 1)


def test_a_failure_of_ours_waits_again_until_it_is_given_up(store, handed):
    number = handed().number
    for attempt in range(1, MOST_ATTEMPTS + 1):
        (held,) = take(store)
        assert held.attempt == attempt
        assert fail(store, held, ["broken"])
    assert take(store) == []
    assert (standing(store, number).state, standing(store, number).told) == (
        "given_up",
        ("broken",),
    )


def test_who_stops_in_good_order_gives_back_without_a_failed_attempt(store, handed):
    handed()
    (held,) = take(store)
    give_back(store, [held])
    (again,) = take(store)
    assert again.attempt == 1
    assert again.key != held.key


def test_the_claims_of_the_dead_are_freed_at_once(store, handed):
    handed("w1"), handed("w2")
    take(store, "dead"), take(store, "alive")
    assert queue.release(store, {"dead"}) == 1
    assert [held.receipt.user for held in take(store, "c", most=5)] == ["w1"]


def test_a_refusal_says_why(store, handed):
    number = handed().number
    (held,) = take(store)
    assert refuse(store, held, ["holds no answers.yaml", "put it there"])
    assert standing(store, number).told == ("holds no answers.yaml", "put it there")
    assert take(store) == []


def test_a_refusal_at_the_door_is_for_what_still_waits(store, handed):
    number = handed().number
    take(store)
    assert not queue.refuse_waiting(store, number, ["no"])
    other = handed().number
    assert queue.refuse_waiting(store, other, ["no"])
    assert standing(store, other).state == "refused"


def test_the_same_bytes_again_are_the_same_submission(store, handed, moment):
    first = handed(content=b"x")
    again = handed(content=b"x", at=moment + timedelta(minutes=9))
    assert (again.number, again.received_at, again.again) == (first.number, first.received_at, True)
    # Not where something else came in between, or from somebody else, or for something else.
    others = [handed("w1", b"x"), handed(content=b"x", assignment="other"), handed(content=b"y")]
    others.append(handed(content=b"x", at=moment + timedelta(hours=2)))
    assert len({first.number, *(each.number for each in others)}) == 5
    assert not any(each.again for each in others)


PHASES = """
tabs:
  - name: Two
    assignment: exercise_3
    phases:
      - {name: trial, deadline: "2020-01-15 12:00:00Z"}
      - {name: final, opens: "2020-01-15 12:00:00Z"}
"""


@pytest.mark.parametrize(
    ("after", "decided", "again"),
    [
        (timedelta(minutes=1), None, True),
        (timedelta(minutes=10), None, True),
        (timedelta(minutes=11), None, False),  # a second try, not a second press of the button
        (timedelta(minutes=-1), None, True),  # pressed twice, and the second was written down first
        (timedelta(minutes=-11), None, False),
        (timedelta(minutes=1), "withdrawn", False),
        (timedelta(minutes=1), "flagged", False),
        (timedelta(minutes=1), "restored", True),
    ],
)
def test_the_same_bytes_are_a_new_submission_later_or_where_the_first_does_not_count(
    store, handed, moment, after, decided, again
):
    first = handed(content=b"x")
    for kind in ("withdrawn", "restored") if decided == "restored" else (decided,):
        if kind is not None:
            decide(store, Decision(first.number, kind, moment, "ada"))
    second = handed(content=b"x", at=moment + after)
    assert (second.again, second.number == first.number) == (again, again)


@pytest.mark.parametrize(
    ("first_s", "second_s", "again"),
    [
        (-30, -1, True), (-30, 0, False), (-30, 30, False), (0, 30, True), (30, 60, True),
        (60, 30, True), (30, 1, True), (30, 0, False), (30, -1, False), (-1, -30, True),
    ],
)  # fmt: skip
def test_the_same_bytes_in_a_phase_that_has_opened_since_are_a_new_submission(
    store, handed, moment, first_s, second_s, again
):
    opens = datetime(2020, 1, 15, 12, tzinfo=UTC)
    keep_boards(store, PHASES, file="boards.yaml", by="ada", at=moment)
    first = handed(content=b"x", at=opens + timedelta(seconds=first_s))
    second = handed(content=b"x", at=opens + timedelta(seconds=second_s))
    assert (second.again, second.number == first.number) == (again, again)


def test_what_is_taken_again_after_a_crash_is_the_same_whatever_came_since(store, handed, moment):
    first = handed(content=b"x")
    handed(content=b"y", at=moment + timedelta(hours=1))
    again = handed(content=b"x", at=moment)
    assert (again.number, again.again) == (first.number, True)


def test_a_user_sees_their_own_the_last_first(store, handed):
    mine = [handed("w1").number, handed("w1").number]
    handed("w2")
    assert [each.receipt.number for each in standings_of(store, "w1")] == mine[::-1]


def test_who_is_erased_waits_no_more(store, handed, moment, make_report):
    handed("w1"), handed("w2")
    first, second = take(store, most=2)
    erase(store, "w1", at=moment)
    erase(store, "w2", at=moment, with_results=True)
    assert not finish(store, first, make_report(user="w1"))
    assert not finish(store, second, make_report(user="w2"))
    assert counts(store) == {}
    assert not verify(store).findings


def test_many_workers_never_have_the_same(url, store, handed, make_report):
    for number in range(40):
        handed(f"w{number}")
    taken, lock = [], threading.Lock()

    def work(name):
        own = open_store(url)
        while found := claim(own, name, {TASK}, most=3):
            for held in found:
                with lock:
                    taken.append(held.number)
                assert finish(own, held, make_report(user=held.receipt.user))
        own.close()

    threads = [threading.Thread(target=work, args=(f"worker {n}",)) for n in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(taken) == sorted(set(taken))
    assert counts(store) == {"done": 40}
    assert not verify(store).findings


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["take", "lapse", "finish", "stale", "fail", "stop"]), max_size=25))
def test_in_any_history_there_is_one_result_at_most(tmp_path_factory, moves):
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('queue') / 'store.db'}")
    from datetime import UTC, datetime

    moment = datetime(2020, 1, 14, tzinfo=UTC)
    number = hand_in(
        store, user="w1", assignment=TASK, filename="x.zip", content=b"x", received_at=moment
    ).number
    held, stale, finished, score = [], [], 0, 0.0

    def report():
        return {
            "user": "w1", "assignment": TASK, "score": score, "max_score": 100.0, "pending_points": 0.0,
            "percent": score, "passed": True, "pass_mark": 0.0, "graded_at": moment.isoformat(), "checks": [],
        }  # fmt: skip

    for move in moves:
        score += 1
        if move == "take":
            held += take(store, "a")
        elif move == "lapse" and held:
            lapse(store)
            found = take(store, "b")
            if found or standing(store, number).state == "given_up":
                stale, held = stale + held, found
            else:
                renew(store, "a"), renew(store, "b")
        elif move == "finish" and held:
            assert finish(store, held.pop(), report())
            finished += 1
        elif move == "stale" and stale:
            assert not finish(store, stale[-1], report())
        elif move == "fail" and held:
            assert fail(store, held.pop(), ["no"])
        elif move == "stop" and held:
            give_back(store, [held.pop()])
    assert finished <= 1
    assert len(reports(store, number)) == finished
    assert (standing(store, number).state == "done") == (finished == 1)
    store.close()
