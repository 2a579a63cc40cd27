"""Keeping a store over the years: an older version, backups, verification, people and their erasure."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import func, insert, select, update

from leaderboard import database, traces
from leaderboard.backup import _checked, backup, restore
from leaderboard.boards import all_boards, board, configuration_of
from leaderboard.configure import keep_boards, kept_text, rebuild_boards
from leaderboard.decisions import Decision, decide, decisions_of
from leaderboard.erasure import erase
from leaderboard.people import Person, keep_people, known_people, read_roster
from leaderboard.report_facts import read_report
from leaderboard.store import Store, open_store, record_result, record_submission, reports
from leaderboard.tables import SCHEMA_VERSION, contents, people, results, submissions
from leaderboard.traces import READERS, SERVERS_LOG
from leaderboard.verify import verify
from question_bank.diagnostics import InputError
from quiz.store import open_progress
from quiz.tables import sessions

ROOT = Path(__file__).resolve().parents[2]
DAMAGE = yaml.safe_load((Path(__file__).parent / "damage.yaml").read_text("utf-8"))
Add = Callable[..., int]
Report = Callable[..., dict[str, Any]]
NOW = datetime(2020, 2, 1, tzinfo=UTC)

FILE = """
tabs:
  - name: Early
    assignment: exercise_3
    deadline: "2020-01-14 08:00"
    late: {percent_per_day: 50}
"""


@pytest.fixture
def filled(store: Store, add: Add, moment: datetime) -> Store:
    """Two users; one of them with two submissions, and a person behind."""
    add(store, "w1", 90)
    add(store, "w2", 80, at=moment + timedelta(hours=1))
    add(store, "w1", 70, at=moment + timedelta(hours=2))
    keep_people(store, [Person("w1", name="Ada Lovelace", email="ada@example.org")])
    return store


def ranks(store: Store, number: int = 0) -> list[tuple[int, str, float]]:
    found = all_boards(store)[number]
    return [(rank, row.user, row.points / 1e6) for rank, row in found.entries]


# --- an older store

OLD = """
CREATE TABLE leaderboard_schema (version INTEGER PRIMARY KEY, since DATETIME NOT NULL);
INSERT INTO leaderboard_schema VALUES (2, '2020-01-01 00:00:00.000000');
CREATE TABLE contents (sha256 VARCHAR(64) PRIMARY KEY, size BIGINT NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE submissions (id INTEGER PRIMARY KEY, username TEXT NOT NULL, assignment TEXT NOT NULL,
  filename TEXT NOT NULL, sha256 VARCHAR(64) NOT NULL REFERENCES contents, received_at DATETIME NOT NULL);
CREATE INDEX submissions_by_user ON submissions (assignment, username);
CREATE TABLE results (id INTEGER PRIMARY KEY, submission_id INTEGER NOT NULL REFERENCES submissions,
  sequence INTEGER NOT NULL, graded_at DATETIME NOT NULL, score BIGINT NOT NULL, max_score BIGINT NOT NULL,
  pending_points BIGINT NOT NULL, percent BIGINT, passed BOOLEAN, pass_mark BIGINT,
  outcome_sha256 VARCHAR(64) NOT NULL, report_sha256 VARCHAR(64) NOT NULL, report TEXT NOT NULL,
  UNIQUE (submission_id, sequence), UNIQUE (submission_id, report_sha256));
CREATE TABLE best (assignment TEXT, username TEXT, result_id INTEGER REFERENCES results,
  PRIMARY KEY (assignment, username));
"""


def test_a_store_of_version_2_is_brought_up_and_loses_nothing(
    tmp_path: Path, add: Add, moment: datetime
) -> None:
    new = open_store(f"sqlite:///{tmp_path / 'new.db'}")
    add(new, "w1", 90)
    # As an exercise has it: one check is for information only.
    fast = {
        "id": "rnn.speed",
        "max_points": 0.0,
        "points": 0.0,
        "message": "1.8 times",
        "verdict": "right",
    }
    slow = {"id": "rnn.values", "max_points": 100.0, "points": 80.0, "verdict": "partly_right"}
    add(new, "w2", 80, at=moment + timedelta(hours=1), checks=[slow, fast])
    before, log = ranks(new), reports(new, 1)
    new.close()
    old = tmp_path / "old.db"
    with closing(sqlite3.connect(old)) as database:
        database.executescript(OLD)
        database.execute("ATTACH ? AS new", (str(tmp_path / "new.db"),))
        database.execute("INSERT INTO contents SELECT sha256, size, bytes FROM new.contents")
        for table in ("submissions", "results"):
            database.execute(f"INSERT INTO {table} SELECT * FROM new.{table}")
        database.execute("UPDATE results SET outcome_sha256 = 'as it was before' WHERE id = 2")
        database.execute("INSERT INTO best VALUES ('exercise_3', 'w1', 1), ('exercise_3', 'w2', 2)")
        database.commit()
    store = open_store(f"sqlite:///{old}")
    assert (ranks(store), reports(store, 1)) == (before, log)
    assert verify(store).findings == ()
    add(store, "w3", 95)
    store.close()
    again = open_store(f"sqlite:///{old}")
    assert [each[1] for each in ranks(again)] == ["w3", "w1", "w2"]
    with again.engine.connect() as connection:
        assert connection.exec_driver_sql(
            "SELECT version FROM leaderboard_schema"
        ).scalars().all() == [2, SCHEMA_VERSION]
        indexes = connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
    assert "results_for_boards" in indexes
    assert "best" not in indexes
    again.close()


# --- rules


def test_another_file_of_boards_rebuilds_exactly_and_back(
    filled: Store, add: Add, moment: datetime
) -> None:
    before, text = all_boards(filled), kept_text(filled)
    keep_boards(filled, FILE, file="tabs.yaml", by="Ada", at=NOW)
    assert ranks(filled) == [(1, "w1", 90.0), (2, "w2", 40.0)]
    assert all_boards(filled) == all_boards(filled, configuration_of(filled)), (
        "kept and from the log"
    )
    add(filled, "w2", 100, at=moment + timedelta(minutes=10))
    assert ranks(filled)[0] == (1, "w2", 100.0)
    assert verify(filled).findings == ()
    decide(filled, Decision(4, "withdrawn", NOW, "Ada"))
    keep_boards(filled, text, file="tabs.yaml", by="Ada", at=NOW)
    assert [e.row for e in all_boards(filled)[0].entries] == [e.row for e in before[0].entries]
    assert verify(filled).findings == ()


def test_a_file_that_is_wrong_changes_nothing(filled: Store) -> None:
    before = all_boards(filled)
    with pytest.raises(InputError):
        keep_boards(filled, "tabs: 1", file="tabs.yaml", by="Ada", at=NOW)
    assert all_boards(filled) == before


def test_decisions_are_kept_one_after_the_other(filled: Store) -> None:
    for kind in ("flagged", "restored", "withdrawn"):
        decide(filled, Decision(1, kind, NOW, "Ada", f"so {kind}"))
    assert [each.kind for each in decisions_of(filled, 1)] == ["flagged", "restored", "withdrawn"]
    assert ranks(filled) == [(1, "w2", 80.0), (2, "w1", 70.0)]
    assert verify(filled).findings == ()
    with pytest.raises(InputError, match="withdrawn already"):
        decide(filled, Decision(1, "withdrawn", NOW, "Ada"))
    with pytest.raises(InputError, match="no submission 99"):
        decide(filled, Decision(99, "flagged", NOW, "Ada"))


# --- verification


def falsify(store: Store, fields: dict[str, Any]) -> None:
    """Change the first result as its author would have to: the columns and the hashes follow the report."""
    with store.engine.begin() as connection:
        first = results.c.id == 1
        report = json.loads(connection.execute(select(results.c.report).where(first)).scalar_one())
        connection.execute(update(results).where(first).values(read_report({**report, **fields})))


@pytest.mark.parametrize("case", DAMAGE, ids=[case["says"] for case in DAMAGE])
def test_damage_is_found_and_the_cure_is_named(
    tmp_path: Path, add: Add, moment: datetime, case: dict[str, Any]
) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    for number, (user, score) in enumerate([("w1", 90), ("w2", 80), ("w1", 70)]):
        add(store, user, float(score), at=moment + timedelta(hours=number))
    assert verify(store).findings == ()
    with closing(sqlite3.connect(tmp_path / "store.db")) as database:
        for statement in case.get("statements", ()):
            database.execute(statement)
        database.commit()
    if "falsifies" in case:
        falsify(store, case["falsifies"])
    found = verify(store).findings
    assert [each.code for each in found] == case["finds"], [each.render() for each in found]
    assert case["words"] in found[0].message
    assert case["cure"] in (found[0].hint or "")
    if found[0].code == "result-lost":
        assert not any("rebuild" in (each.hint or "") for each in found)
    if "rebuild" in case["cure"]:
        rebuild_boards(store)
        assert verify(store).findings == ()
    store.close()


def test_a_damaged_file_is_found(tmp_path: Path, add: Add) -> None:
    path = tmp_path / "store.db"
    store = open_store(f"sqlite:///{path}")
    for number in range(200):
        add(store, f"w{number}", number)
    store.close()
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 8192] = b"\xff" * 8192
    path.write_bytes(data)
    store = open_store(f"sqlite:///{path}", must_exist=True)
    try:
        codes = [each.code for each in verify(store).findings]
    except InputError as error:
        codes = [each.code for each in error.diagnostics]
    assert codes[0] in ("damaged", "store-damaged")
    with pytest.raises(InputError) as caught:
        backup(store, tmp_path / "backup.db")
    assert caught.value.diagnostics[0].code in ("bad-backup", "cannot-write", "store-damaged")
    assert [
        each.name for each in tmp_path.iterdir() if "backup" in each.name or "tmp" in each.name
    ] == []
    store.close()


def test_a_copy_that_does_not_hold_together_is_no_backup(tmp_path: Path, add: Add) -> None:
    for number, statement in enumerate(
        [
            "UPDATE sqlite_master SET sql = replace(sql, 'percent BIGINT', 'percent BIGINT NOT NULL')",
            "DELETE FROM contents",
        ]
    ):
        path = tmp_path / f"{number}.db"
        store = open_store(f"sqlite:///{path}")
        add(store, "w1", 90, percent=None)
        store.close()
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA writable_schema = ON")
            database.execute(statement)
            database.commit()
        with pytest.raises(InputError, match="does not hold together"):
            _checked(path, path)


def test_submissions_without_a_result_are_counted(filled: Store, moment: datetime) -> None:
    record_submission(
        filled, user="w9", assignment="a", filename="x", content=b"x", received_at=moment
    )
    found = verify(filled)
    assert (found.open_submissions, found.findings) == (1, ())
    assert found.counts == {"contents": 4, "submissions": 4, "results": 3}


# --- backups

WRITER = """
import sys
from datetime import UTC, datetime
from leaderboard.store import open_store, record_result, record_submission
store = open_store(sys.argv[1])
print("ready", flush=True)
for n in range(10**6):
    at = datetime(2020, 1, 14, tzinfo=UTC)
    s = record_submission(store, user=f"x{n % 5}", assignment="exercise_3", filename="x",
                          content=b"%d" % n, received_at=at)
    record_result(store, s, {"user": f"x{n % 5}", "assignment": "exercise_3", "score": n % 50,
                  "max_score": 100, "pending_points": 0, "passed": False, "pass_mark": 50,
                  "graded_at": "2020-01-15T00:00:00+00:00",
                  "checks": [{"points": n % 50, "max_points": 100, "verdict": "partly_right"}]})
"""


def test_a_backup_while_others_write_is_of_one_moment(
    filled: Store, url: str, tmp_path: Path
) -> None:
    file = tmp_path / "backup.db"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, url], cwd=ROOT, stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as writer:  # fmt: skip
        assert writer.stdout is not None
        writer.stdout.readline()
        try:
            for _ in range(3):
                counts = backup(filled, file)
                copy = open_store(f"sqlite:///{file}", must_exist=True)
                found = verify(copy)
                copy.close()
                assert found.findings == ()
                assert found.counts["results"] == counts["results"] >= 3
                assert found.open_submissions in (0, 1), "a submission is kept before its result"
        finally:
            writer.kill()
    assert file.stat().st_mode & 0o777 == 0o600


def practised(store: Store) -> None:
    """Tables of practice beside the board's, with a session in them."""
    url = store.engine.url.render_as_string(hide_password=False)
    open_progress("w1", url).store.close()
    row = {"id": 7, "username": "w1", "mode": "free", "bank_version": "v"}
    with store.engine.begin() as connection:
        connection.execute(insert(sessions), {**row, "started_at": NOW, "last_at": NOW})


def practice(store: Store) -> list[tuple[Any, ...]]:
    url = store.engine.url.render_as_string(hide_password=False)
    open_progress("w1", url).store.close()
    with store.engine.connect() as connection:
        rows = connection.execute(select(sessions.c.id, sessions.c.username, sessions.c.started_at))
        return [tuple(row) for row in rows]


def test_a_backup_moves_a_course_to_another_database(
    filled: Store, url: str, tmp_path: Path
) -> None:
    practised(filled)
    backup(filled, tmp_path / "backup.db")
    target = open_store(f"sqlite:///{tmp_path / 'target.db'}")
    counts = restore(target, tmp_path / "backup.db")
    assert counts["quiz_sessions"] == 1
    assert practice(target) == [(7, "w1", NOW)]
    assert all_boards(target) == all_boards(filled)
    assert known_people(target) == known_people(filled)
    assert verify(target).findings == ()
    with pytest.raises(InputError, match="holds something already"):
        restore(target, tmp_path / "backup.db")
    target.close()


def test_from_a_laptop_to_a_server(
    tmp_path: Path, add: Add, moment: datetime, postgres_server: str
) -> None:
    psycopg = pytest.importorskip("psycopg")
    laptop = open_store(f"sqlite:///{tmp_path / 'laptop.db'}")
    add(laptop, "w1", 90)
    add(laptop, "w2", 80, at=moment + timedelta(hours=1))
    practised(laptop)
    backup(laptop, tmp_path / "backup.db")
    name = f"mockexam_{os.urandom(6).hex()}"
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    server = open_store(f"{postgres_server}/{name}")
    restore(server, tmp_path / "backup.db")
    assert all_boards(server) == all_boards(laptop)
    assert practice(server) == [(7, "w1", NOW)]
    with server.engine.connect() as connection:
        kind = connection.exec_driver_sql("SELECT pg_typeof(started_at)::text FROM quiz_sessions")
        assert kind.scalar_one() == "timestamp with time zone"
    assert add(server, "w3", 95) == 3, "numbers go on after those that were copied"
    assert verify(server).findings == ()
    server.close()
    laptop.close()
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


# --- people


def test_a_tombstone_keeps_everybodys_rank(
    filled: Store, url: str, add: Add, moment: datetime
) -> None:
    record_submission(
        filled, user="w1", assignment="other", filename="Ada-Lovelace.zip",
        content=b"the essay of Ada Lovelace", received_at=moment,
    )  # fmt: skip
    # Somebody else handed in the very same bytes.
    record_submission(
        filled,
        user="w2",
        assignment="exercise_3",
        filename="x.zip",
        content=b"w1 70",
        received_at=moment,
    )
    decide(filled, Decision(3, "flagged", NOW, "Bob", "copied from w2"))
    before = ranks(filled)
    done = erase(filled, "w1", at=NOW)
    assert (done.submissions, done.person, done.tombstone) == (3, True, "erased-1")
    assert ranks(filled) == [(1, "erased-1", 90.0), before[1]]
    assert verify(filled).findings == ()
    (report,) = reports(filled, 1)
    assert (report["user"], report["score"], report["checks"]) == ("erased-1", 90.0, [])
    assert decisions_of(filled, 3)[0].reason == ""
    with filled.engine.connect() as connection:
        kept = connection.execute(select(contents.c.bytes)).scalars().all()
        assert connection.execute(select(func.count()).select_from(people)).scalar_one() == 0
        names = connection.execute(select(submissions.c.filename)).scalars().all()
    assert sorted(bytes(each) for each in kept) == [b"", b"", b"w1 70", b"w2 80"]
    assert "Ada-Lovelace.zip" not in names
    if url.startswith("sqlite"):
        files = Path(filled.label).parent.glob("store.db*")
        everything = b"".join(file.read_bytes() for file in files)
        assert b"Lovelace" not in everything, "nor in the journal, nor in freed pages"
        assert done.left == ()
    else:
        assert done.left == (SERVERS_LOG,)
    add(filled, "w4", 1)
    assert erase(filled, "w4", at=NOW).tombstone == "erased-2"
    with pytest.raises(InputError, match="nothing is kept"):
        erase(filled, "w1", at=NOW)


def test_nothing_of_who_was_erased_lies_in_a_server_s_pages_indexes_or_statistics(
    store: Store, url: str, moment: datetime
) -> None:
    if url.startswith("sqlite"):
        pytest.skip("its files are looked into where ranks are kept")
    users = [f"user-{number}" for number in range(40)]
    keep_people(store, [Person(user, name=f"Name-of-{user}") for user in users])
    for user in users:
        record_submission(
            store, user=user, assignment="exercise_3", filename=f"file-of-{user}.zip",
            content=f"work of {user}".encode(), received_at=moment,
        )  # fmt: skip
    with store.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    assert b"user-39" in pages(store)
    erase(store, "user-39", at=NOW)
    everything = pages(store)
    assert b"work of user-38" in everything
    assert b"user-39" not in everything


def pages(store: Store) -> bytes:
    """Everything that lies in the files of a server's database."""
    engine = store.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "VACUUM FULL pg_statistic"
        )  # what the server does by itself in time
        connection.exec_driver_sql("CHECKPOINT")
        query = "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = current_database()"
        folder, number = connection.exec_driver_sql(query).one()
    files = Path(folder, "base", str(number))
    if not files.is_dir():
        pytest.skip("the server's files cannot be read from here")
    return b"".join(file.read_bytes() for file in files.iterdir())


def test_a_journal_that_somebody_reads_is_told(
    tmp_path: Path, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.2)
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    add(store, "w1", 90)
    with closing(sqlite3.connect(store.label, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM contents").fetchall()
        assert erase(store, "w1", at=NOW).left == (READERS,)
    add(store, "w1", 90)
    assert erase(store, "w1", at=NOW).left == ()
    store.close()


def test_pages_that_somebody_holds_are_told(
    postgres_server: str, url: str, filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    if url.startswith("sqlite"):
        pytest.skip("SQLite's pages are overwritten as they are freed")
    monkeypatch.setattr(traces, "LOCK_S", 1)
    with filled.engine.connect() as reader:
        reader.execute(select(people)).all()
        held, log = erase(filled, "w1", at=NOW).left
    assert "freed pages of people still hold" in held
    assert log == SERVERS_LOG


def test_with_results_the_rank_goes_and_others_move_up(filled: Store, moment: datetime) -> None:
    done = erase(filled, "w1", at=NOW, with_results=True)
    assert (done.submissions, done.tombstone) == (2, None)
    assert ranks(filled) == [(1, "w2", 80.0)]
    assert verify(filled).findings == ()
    assert verify(filled).counts == {"contents": 1, "submissions": 1, "results": 1}


def test_erased_bytes_may_come_in_again(filled: Store, moment: datetime) -> None:
    erase(filled, "w1", at=NOW)
    record_submission(
        filled,
        user="w5",
        assignment="exercise_3",
        filename="x",
        content=b"w1 90",
        received_at=moment,
    )
    assert verify(filled).findings == ()


def kept_hashes(store: Store) -> set[str]:
    with store.engine.connect() as connection:
        found = [connection.execute(select(t.c.sha256)).scalars() for t in (contents, submissions)]
        return {each for rows in found for each in rows}


@pytest.mark.parametrize("with_results", [False, True])
def test_of_what_was_erased_not_even_the_hash_is_kept(
    filled: Store, moment: datetime, with_results: bool
) -> None:
    """It stands on every receipt, and would say whose the tombstone is."""
    more = {"assignment": "exercise_3", "filename": "x", "content": b"w1 70", "received_at": moment}
    record_submission(filled, user="w2", **more)
    alone, shared = (hashlib.sha256(each).hexdigest() for each in (b"w1 90", b"w1 70"))
    assert {alone, shared} <= kept_hashes(filled)
    erase(filled, "w1", at=NOW)
    assert kept_hashes(filled) & {alone, shared} == {shared}, "somebody else's work as well"
    # Whoever has the same, and is erased, keeps nobody's bytes.
    erase(filled, "w2", at=NOW, with_results=with_results)
    assert shared not in kept_hashes(filled)
    assert verify(filled).findings == ()


def test_hashes_that_an_earlier_erasure_kept_go_with_the_next(filled: Store) -> None:
    old = hashlib.sha256(b"w1 90").hexdigest()
    with filled.engine.begin() as connection:
        earlier = {"bytes": b"", "erased_at": NOW}
        connection.execute(update(contents).where(contents.c.sha256 == old).values(earlier))
    erase(filled, "w2", at=NOW)
    assert old not in kept_hashes(filled)
    assert verify(filled).findings == ()


def test_equal_results_of_one_submission_survive_their_erasure(
    filled: Store, make_report: Report
) -> None:
    for stamp in ("2020-01-16", "2020-01-17"):
        score = 50.0 if stamp.endswith("6") else 90.0
        fields = {"user": "w1", "score": score, "graded_at": f"{stamp}T00:00:00+00:00"}
        assert record_result(filled, 1, make_report(**fields))
    erase(filled, "w1", at=NOW)
    assert [each["score"] for each in reports(filled, 1)] == [90.0, 50.0, 90.0]
    assert verify(filled).findings == ()


def test_a_roster_takes_the_place_of_what_was_known(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text('\ufeffUser,name,id_number\n w1 ,Ada,007\nw2,"Hopper, Grace",\n\n', "utf-8")
    keep_people(store, read_roster(path))
    keep_people(store, [Person("w1", name="Ada L.")])
    assert known_people(store) == {
        "w1": Person("w1", name="Ada L."),
        "w2": Person("w2", name="Hopper, Grace"),
    }
    assert board(store, "exercise_3").entries == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["1 no-user-column"]),
        ("user\n", ["None empty-roster"]),
        ("user,nmae,user\nw1,a,b\n", ["1 unknown-column", "1 column-twice"]),
        ("user,name\nw1\nw1,a\n,b\nw1,c\n", ["2 ragged", "4 bad-user", "5 user-twice"]),
        ('user,name\nw1,"a\n', ["2 not-csv"]),
        ("user,name\nw1," + "x" * 301 + "\n", ["2 too-long"]),
    ],
)  # fmt: skip
def test_a_roster_that_is_wrong_is_told_line_by_line(
    tmp_path: Path, text: str, said: list[str]
) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_roster(path)
    found = caught.value.diagnostics
    assert [f"{each.where.line} {each.code}" for each in found if each.where] == said
