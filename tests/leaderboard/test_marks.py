"""Marks that people give, regradings, and stores from before there were any."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, inspect, select
from sqlalchemy.exc import IntegrityError

from leaderboard.marks import (
    PersonsMark,
    Regrading,
    mark_log,
    opinion_log,
    record_marks,
    record_opinions,
    record_regrading,
    regradings_of,
    standing_marks,
    standing_opinions,
)
from leaderboard.store import (
    content,
    graded_submissions,
    keep_content,
    open_store,
    record_submission,
    reports,
)
from leaderboard.tables import (
    SCHEMA_VERSION,
    marks,
    opinions,
    overrulings,
    regradings,
    schema,
    settlements,
)
from question_bank.diagnostics import InputError

NEW = {"marks", "overrulings", "opinions", "settlements", "regradings"}
NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)


def mark(submission, points, *, check="3", minutes=0, **fields):
    given = None if points is None else Decimal(points)
    moment = NOON + timedelta(minutes=minutes)
    return PersonsMark(submission, check, given, "w. marker", moment, **fields)


def test_the_last_mark_of_a_check_counts_and_the_log_keeps_all(store, add):
    first, second = add(store, "w0256", 50), add(store, "w0220", 60)
    given = [
        mark(first, "1.5", earned=("names the cause",), note="short"),
        mark(second, "3"),
        mark(first, "2", minutes=5),
        mark(first, "1", check="4a", note="why", overruled=Decimal("0.5")),
    ]
    record_marks(store, given)
    assert mark_log(store, "exercise_3") == tuple(given)
    assert standing_marks(store, "exercise_3") == {
        (first, "3"): given[2],
        (second, "3"): given[1],
        (first, "4a"): given[3],
    }
    assert standing_marks(store, "another") == {}


def test_opinions_count_for_nothing_and_the_last_of_each_person_stands(store, add):
    number = add(store, "w0256", 50)
    first = mark(number, "2")
    record_marks(store, [first])
    given = [
        mark(number, "1", minutes=1),
        replace(mark(number, "3", minutes=2, note="clear"), by="third"),
        mark(number, "1.5", minutes=3),
        replace(mark(number, None, minutes=4), by="third"),
    ]
    record_opinions(store, given)
    record_opinions(store, [])
    assert opinion_log(store, "exercise_3") == tuple(given)
    assert standing_opinions(store, "exercise_3") == {(number, "3"): (given[2],)}
    assert standing_marks(store, "exercise_3") == {(number, "3"): first}
    settled = mark(number, "1.5", minutes=5, settles=True)
    record_marks(store, [settled])
    assert standing_marks(store, "exercise_3") == {(number, "3"): settled}
    assert opinion_log(store, "another") == ()


def test_a_mark_that_is_taken_back_stands_no_longer(store, add):
    number = add(store, "w0256", 50)
    record_marks(store, [mark(number, "2")])
    record_marks(store, [mark(number, None, minutes=1)])
    assert standing_marks(store, "exercise_3") == {}
    assert len(mark_log(store, "exercise_3")) == 2


@pytest.mark.parametrize(
    "broken", [{"submission": 99}, {"by": "  "}, {"points": Decimal("1e30")}], ids=str
)
def test_marks_are_kept_all_or_none(store, add, broken):
    number = add(store, "w0256", 50)
    with pytest.raises((InputError, ValueError, IntegrityError)):
        record_marks(store, [mark(number, "2"), replace(mark(number, "1"), **broken)])
    assert mark_log(store, "exercise_3") == ()


def test_regradings_are_an_audit_trail(store):
    done = [
        Regrading("exam", NOON, "me", "the corrected key alone", ("a" * 64,), 3),
        Regrading("exam", NOON, "me", "no answer loses points", ("b" * 64, "c" * 64), 0),
    ]
    for each in done:
        record_regrading(store, each)
    assert regradings_of(store, "exam") == tuple(done)
    assert regradings_of(store, "other") == ()


def test_a_regrading_and_its_results_are_kept_together_or_not_at_all(store, add):
    number = add(store, "w0256", 50)
    (standing,) = reports(store, number)
    moved = {**standing, "score": 60.0}
    done = Regrading("exercise_3", NOON, "me", "the corrected key alone", (), 0)
    with pytest.raises(LookupError):
        record_regrading(store, done, [(number, moved), (99, moved)])
    assert regradings_of(store, "exercise_3") == ()
    assert len(reports(store, number)) == 1
    assert record_regrading(store, done, [(number, standing)]) == 0
    assert record_regrading(store, done, [(number, moved)]) == 1
    assert [each.changed for each in regradings_of(store, "exercise_3")] == [0, 1]
    assert reports(store, number)[-1]["score"] == 60.0


def test_what_results_depend_on_is_kept_once(store):
    name = keep_content(store, b"key")
    assert keep_content(store, b"key") == name
    assert content(store, name) == b"key"
    with pytest.raises(LookupError):
        content(store, "0" * 64)


def test_graded_submissions_are_those_with_a_result(store, add, moment):
    number = add(store, "w0256", 50)
    record_submission(
        store, user="w0001", assignment="exercise_3", filename="x.zip", content=b"x",
        received_at=moment,
    )  # fmt: skip
    (found,) = graded_submissions(store, "exercise_3")
    assert (found.number, found.user) == (number, "w0256")
    assert graded_submissions(store, "other") == ()


def test_an_older_store_gets_the_new_tables_and_keeps_what_it_has(store, url, add):
    number = add(store, "w0256", 50)
    with store.engine.begin() as connection:
        for table in (overrulings, settlements, marks, opinions, regradings):
            table.drop(connection)
        connection.execute(delete(schema))
        connection.execute(schema.insert(), {"version": 1, "since": NOON})
    again = open_store(url)
    with again.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) >= NEW
        versions = connection.execute(select(schema.c.version)).scalars().all()
    assert sorted(versions) == [1, SCHEMA_VERSION]
    assert [each.number for each in graded_submissions(again, "exercise_3")] == [number]
    record_marks(again, [mark(number, "1")])
    again.close()
    open_store(url).close()
