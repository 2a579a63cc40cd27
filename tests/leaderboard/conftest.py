"""Stores to test on: SQLite always, PostgreSQL where there is one.

PostgreSQL comes from MOCKEXAM_TEST_POSTGRES (the address of a server on which databases may be made
and dropped), else from a server's binaries on this machine, started for the run; where there is
neither, the tests on it are skipped.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from leaderboard.store import Store, open_store

ROOT = Path(__file__).resolve().parents[2]
NO_SERVER = "no PostgreSQL: set MOCKEXAM_TEST_POSTGRES, or install the package postgresql"


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test touches the data of the person who runs it."""
    home = tmp_path / "home"
    monkeypatch.setenv("MOCKEXAM_HOME", str(home))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return home


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a server, without a database's name."""
    given = os.environ.get("MOCKEXAM_TEST_POSTGRES")
    if given:
        yield given.rstrip("/")
        return
    binaries = _postgres_binaries()
    if binaries is None:
        pytest.skip(NO_SERVER)
    # Not pytest's own folder: its parents are closed to the server's user.
    folder = Path(tempfile.mkdtemp(prefix="mockexam-postgres-"))
    as_server: list[str] = []
    if os.geteuid() == 0:
        if shutil.which("runuser") is None:
            pytest.skip("PostgreSQL does not run as root, and there is no runuser")
        as_server = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    data, port = folder / "data", _free_port()
    control = [*as_server, str(binaries / "pg_ctl"), "-D", str(data), "-w"]
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    init = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "--auth=trust", "-N"]
    log = ["-l", str(folder / "log")]
    quiet: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL}
    subprocess.run([*as_server, *init], check=True, **quiet)
    subprocess.run([*control, *log, "-o", options, "start"], check=True, **quiet)
    yield f"postgresql://postgres@127.0.0.1:{port}"
    subprocess.run([*control, "-m", "immediate", "stop"], check=True, **quiet)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty store, on either database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    psycopg = pytest.importorskip("psycopg")
    server = request.getfixturevalue("postgres_server")
    name = f"mockexam_{uuid.uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    yield f"{server}/{name}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An empty store, on either database."""
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def make_report() -> Callable[..., dict[str, Any]]:
    """A report as the grader writes it, with some fields set."""

    def make(**fields: Any) -> dict[str, Any]:
        report = {
            "schema_version": 1,
            "user": "w0256",
            "assignment": "exercise_3",
            "submitted_at": "2020-01-14T07:42:59+00:00",
            "graded_at": "2020-01-14T07:43:10+00:00",
            "score": 93.37,
            "max_score": 100.0,
            "pending_points": 0.0,
            "pass_mark": 50.0,
            "device": "cpu",
            "seed": 7,
            "sandbox": ["landlock"],
            "versions": {"mockexam": "0.1.0"},
            **fields,
        }
        score, full, pending = (
            value if isinstance(value := report.get(name), int | float) else 0.0
            for name in ("score", "max_score", "pending_points")
        )
        check = {
            "id": "rnn.values",
            "title": "RNN",
            "points": score,
            "max_points": full - pending,
            "verdict": "partly_right",
            "message": "the last step differs",
            "mistake": None,
            "seconds": 0.1,
            "read_as": None,
        }
        by_person = {
            "id": "rnn.why",
            "points": 0.0,
            "max_points": pending,
            "verdict": "needs_person",
        }
        made = {
            "percent": round(100 * score / full, 2) if full else 0.0,
            "passed": None if pending else score >= (report["pass_mark"] or 0),
            "checks": [check, {**check, **by_person}] if pending else [check],
        }
        return {**made, **report}

    return make


@pytest.fixture
def moment() -> datetime:
    """When w0256 handed in."""
    return datetime(2020, 1, 14, 7, 42, 59, tzinfo=UTC)


@pytest.fixture
def add(make_report: Callable[..., dict[str, Any]], moment: datetime) -> Callable[..., int]:
    """Record a submission and its result in one go; returns the submission."""
    from leaderboard.store import record_result, record_submission

    def record(store: Store, user: str, score: float, *, at: datetime = moment, **more: Any) -> int:
        assignment = more.get("assignment", "exercise_3")
        number = record_submission(
            store,
            user=user,
            assignment=assignment,
            filename=f"{user}.zip",
            content=f"{user} {score}".encode(),
            received_at=at,
        )
        record_result(store, number, make_report(**{"user": user, "score": score, **more}))
        return number

    return record


def _postgres_binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
