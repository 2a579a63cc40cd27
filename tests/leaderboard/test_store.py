from __future__ import annotations

import math
import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select

from leaderboard.boards import assignments, board, configuration_of
from leaderboard.boards import rebuilt_board as built
from leaderboard.points import from_millionths
from leaderboard.ranking import Board
from leaderboard.store import (
    Store,
    open_store,
    record_result,
    record_submission,
    reports,
    submission_content,
)
from leaderboard.tables import SCHEMA_VERSION, contents, results, schema, submissions
from leaderboard.times import from_microseconds
from question_bank.diagnostics import InputError

Report = Callable[..., dict[str, Any]]
Add = Callable[..., int]


def rebuilt_board(store: Store, assignment: str) -> Board:
    return built(store, configuration_of(store).plans_of(assignment)[0])


def points(store: Store) -> Decimal:
    return from_millionths(board(store, "exercise_3").entries[0].row.points)


def count(store: Store, table: Any) -> int:
    with store.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def submit(store: Store, moment: datetime, **fields: Any) -> int:
    return record_submission(
        store,
        **{
            "user": "w0256",
            "assignment": "exercise_3",
            "filename": "w0256.zip",
            "content": b"zip",
            "received_at": moment,
            **fields,
        },
    )


def code_of(caught: pytest.ExceptionInfo[InputError]) -> str:
    return caught.value.diagnostics[0].code


def test_a_submission_is_kept_before_it_has_a_result(store: Store, moment: datetime) -> None:
    number = submit(store, moment, content=b"\x00\xff bytes")
    assert submission_content(store, number) == b"\x00\xff bytes"
    assert assignments(store) == ("exercise_3",)
    assert board(store, "exercise_3").waiting == ("w0256",)
    assert board(store, "exercise_3").entries == ()


def test_a_result_comes_back_exactly(store: Store, add: Add, moment: datetime) -> None:
    east = moment.astimezone(timezone(timedelta(hours=5, minutes=30)))
    add(store, "w0256", 0.1 + 0.2, at=east, passed=None, pending_points=2.5, pass_mark=None)
    (entry,) = board(store, "exercise_3").entries
    found = entry.row
    assert (found.points, found.pending) == (300_000, 2_500_000)
    assert (found.passed, found.mark) == (None, None)
    assert from_microseconds(found.received) == moment


def test_equal_bytes_are_kept_once_and_each_submission_counts(
    store: Store, moment: datetime
) -> None:
    first, second = submit(store, moment), submit(store, moment, user="w0220")
    assert first != second
    assert (count(store, contents), count(store, submissions)) == (1, 2)


def test_the_same_result_is_recorded_once(
    store: Store, make_report: Report, moment: datetime
) -> None:
    number = submit(store, moment)
    report = make_report()
    assert record_result(store, number, report) is True
    assert record_result(store, number, report) is False
    again = make_report(graded_at="2020-01-15T00:00:00+00:00", seed=8, versions={}, device="cuda")
    again["checks"] = [{**report["checks"][0], "seconds": 9.9}]
    assert record_result(store, number, again) is False
    assert reports(store, number) == (report,)


def test_another_outcome_is_appended_and_counts(
    store: Store, make_report: Report, moment: datetime
) -> None:
    number = submit(store, moment)
    first = make_report(score=90.0, passed=None)
    later = make_report(score=40.0, passed=False, graded_at="2020-01-16T00:00:00+00:00")
    assert record_result(store, number, first)
    assert record_result(store, number, later)
    assert record_result(store, number, first) is False, "an old report does not come back"
    assert reports(store, number) == (first, later)
    (entry,) = board(store, "exercise_3").entries
    assert (entry.row.points, entry.row.passed) == (40_000_000, False)
    back = make_report(score=90.0, passed=None, graded_at="2020-01-17T00:00:00+00:00")
    assert record_result(store, number, back), "a new grading may find the first outcome again"
    assert points(store) == 90


def test_what_is_for_information_only_is_no_other_outcome(
    store: Store, make_report: Report, moment: datetime
) -> None:
    number = submit(store, moment)

    def timed(message: str, max_points: float, verdict: str = "right") -> dict[str, Any]:
        check = {"id": "rnn.speed", "points": 0.0, "max_points": max_points}
        return make_report(checks=[{**check, "message": message, "verdict": verdict}])

    assert record_result(store, number, timed("1.8 times as long", 0.0))
    assert not record_result(store, number, timed("2.3 times as long", 0.0))
    assert not record_result(store, number, timed("the machine was too busy", 0.0, "not_answered"))
    assert record_result(store, number, timed("2.3 times as long", 1.0))
    assert record_result(store, number, timed("2.3 times as long", 1.0, "wrong"))


def test_a_comment_of_a_person_is_another_outcome(
    store: Store, make_report: Report, moment: datetime
) -> None:
    number = submit(store, moment)
    report = make_report()
    record_result(store, number, report)
    changed = make_report()
    changed["checks"] = [{**report["checks"][0], "message": "see me about this"}]
    assert record_result(store, number, changed)


def test_a_lower_regrade_of_the_best_brings_the_second_best_back(
    store: Store, add: Add, make_report: Report, moment: datetime
) -> None:
    best = add(store, "w0256", 90)
    add(store, "w0256", 70, at=moment + timedelta(hours=1))
    record_result(store, best, make_report(score=10.0))
    assert points(store) == 70


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.integers(0, 4)), max_size=12)
)
def test_the_kept_best_is_what_the_log_says(
    store: Store, add: Add, make_report: Report, moment: datetime, events: list[Any]
) -> None:
    name = os.urandom(8).hex()
    numbers: list[tuple[int, str]] = []
    for step, (user, score, again) in enumerate(events):
        if again and again <= len(numbers):
            number, owner = numbers[again - 1]
            stamp = (moment + timedelta(seconds=step)).isoformat()
            fields = {"user": owner, "assignment": name, "score": score, "graded_at": stamp}
            record_result(store, number, make_report(**fields))
        else:
            at = moment + timedelta(seconds=score)
            numbers.append((add(store, user, score, at=at, assignment=name), user))
    assert board(store, name) == rebuilt_board(store, name)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"score": math.nan}, "score"),
        ({"score": "93"}, "score"),
        ({"max_score": None}, "max_score"),
        ({"passed": "yes"}, "passed"),
        ({"graded_at": "yesterday"}, "graded_at"),
        ({"graded_at": "2020-01-14T07:43:10"}, "graded_at"),
        ({"user": "w0220"}, "user"),
        ({"assignment": "exercise_2"}, "assignment"),
    ],
)
def test_a_report_that_does_not_fit_is_refused_whole(
    store: Store, make_report: Report, moment: datetime, change: dict[str, Any], field: str
) -> None:
    number = submit(store, moment)
    with pytest.raises(ValueError, match=field):
        record_result(store, number, make_report(**change))
    assert count(store, results) == 0


def test_a_result_needs_its_submission(store: Store, make_report: Report) -> None:
    with pytest.raises(LookupError):
        record_result(store, 4711, make_report())
    with pytest.raises(LookupError):
        submission_content(store, 4711)


@pytest.mark.parametrize("user", ["", "  ", "w\0", "w\ud800", "w" * 201])
def test_a_user_needs_a_name(store: Store, moment: datetime, user: str) -> None:
    with pytest.raises(InputError) as caught:
        submit(store, moment, user=user)
    assert code_of(caught) == "bad-user"
    assert count(store, submissions) == 0


def test_names_are_kept_in_one_form(store: Store, moment: datetime) -> None:
    submit(store, moment, user="Zoe\u0308 ")
    submit(store, moment, user="Zo\u00eb")
    assert board(store, "exercise_3").waiting == ("Zo\u00eb",)


@pytest.mark.parametrize("filename", ["a\0b.zip", "\udcff.zip", "x" * 9999, ""])
def test_no_file_name_stands_in_the_way_of_a_submission(
    store: Store, moment: datetime, filename: str
) -> None:
    assert submit(store, moment, filename=filename) == 1


def test_a_time_without_a_zone_is_refused(store: Store, moment: datetime) -> None:
    with pytest.raises(ValueError, match="zone"):
        submit(store, moment.replace(tzinfo=None))


def test_hostile_output_in_a_report_survives(
    store: Store, make_report: Report, moment: datetime
) -> None:
    number = submit(store, moment)
    report = make_report(device="\0 \ud800 \x1b[31m \u202e '; DROP TABLE results; --")
    assert record_result(store, number, report)
    assert reports(store, number) == (report,)


def test_a_second_opening_finds_everything(store: Store, url: str, add: Add) -> None:
    add(store, "w0256", 93.37)
    again = open_store(url)
    assert board(again, "exercise_3") == board(store, "exercise_3")
    again.close()


def test_a_newer_store_is_refused_and_left_alone(store: Store, url: str) -> None:
    with store.engine.begin() as connection:
        row = {"version": SCHEMA_VERSION + 1, "since": datetime.now(UTC)}
        connection.execute(insert(schema), row)
    with pytest.raises(InputError, match=f"schema {SCHEMA_VERSION + 1}") as caught:
        open_store(url)
    assert code_of(caught) == "store-too-new"


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE results (x)")
    with pytest.raises(InputError) as caught:
        open_store(f"sqlite:///{tmp_path / 'other.db'}")
    assert code_of(caught) == "not-a-store"
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        names = other.execute("SELECT name FROM sqlite_master").fetchall()
    assert names == [("results",)]


def test_the_default_store_lies_in_the_home_and_is_private(own_home: Path) -> None:
    store = open_store()
    assert store.label == str(own_home / "mockexam.db")
    assert stat.S_IMODE((own_home / "mockexam.db").stat().st_mode) == 0o600
    with store.engine.connect() as connection:
        pragma = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragma == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30000,
    }


def test_without_a_home_it_lies_in_the_users_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOCKEXAM_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert open_store().label == str(tmp_path / "mockexam" / "mockexam.db")


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("mysql://x/y", "store-address"),
        ("no address", "store-address"),
        ("sqlite://", "store-address"),
        ("sqlite:///:memory:", "store-address"),
        ("sqlite:////proc/none/store.db", "store-unusable"),
        ("sqlite:////dev", "store-unusable"),
    ],
)
def test_an_address_that_cannot_be_used_is_explained(
    monkeypatch: pytest.MonkeyPatch, address: str, code: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    with pytest.raises(InputError) as caught:
        open_store()
    assert code_of(caught) == code


def test_a_server_that_is_not_there_is_explained_without_its_password() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(InputError) as caught:
        open_store("postgresql://me:secret@127.0.0.1:1/none")
    assert code_of(caught) == "store-unreachable"
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_explained_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("my notes, " * 200)
    before = path.read_bytes()
    with pytest.raises(InputError) as caught:
        open_store(f"sqlite:///{path}")
    assert code_of(caught) == "not-a-store"
    assert path.read_bytes() == before


def test_a_reader_creates_nothing(own_home: Path) -> None:
    with pytest.raises(InputError) as caught:
        open_store(must_exist=True)
    assert code_of(caught) == "no-store"
    assert not own_home.exists()
