"""Threads of one process that write to SQLite take turns, and a turn ends however its transaction does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from leaderboard.database import connect, database_url, writing
from leaderboard.migrations import RESULTS
from leaderboard.tables import contents


@pytest.fixture(params=[False, True], ids=["one by one", "lasting"])
def engine(tmp_path, request):
    address = database_url(f"sqlite:///{tmp_path / 'store.db'}")
    made = connect(address, must_exist=False, group=RESULTS, lasting=request.param)
    yield made
    made.dispose()


def row(number: int) -> dict[str, object]:
    return {"sha256": str(number), "size": 1, "bytes": b"x"}


def test_many_threads_write_and_none_is_lost(engine):
    def write(number: int) -> None:
        with writing(engine).begin() as connection:
            before = connection.execute(select(func.count()).select_from(contents)).scalar_one()
            connection.execute(insert(contents).values(**row(before)))
            assert number >= 0

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(40)))
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(contents)).scalar_one() == 40


class Counted:
    """A lock that counts who holds it."""

    held = 0

    def acquire(self, timeout: float) -> bool:
        Counted.held += 1
        return True

    def release(self) -> None:
        Counted.held -= 1


@pytest.mark.parametrize("lasting", [False, True])
def test_every_turn_ends_with_its_transaction(tmp_path, monkeypatch, lasting):
    monkeypatch.setattr("leaderboard.database.Lock", Counted)
    address = database_url(f"sqlite:///{tmp_path / 'store.db'}")
    engine = connect(address, must_exist=False, group=RESULTS, lasting=lasting)
    with writing(engine).begin() as connection:
        connection.execute(insert(contents).values(**row(1)))
        assert Counted.held == 1
    assert Counted.held == 0
    with pytest.raises(IntegrityError), writing(engine).begin() as connection:
        connection.execute(insert(contents).values(**row(1)))
    assert Counted.held == 0
    engine.dispose()


def fail_half_way(engine):
    with writing(engine).begin() as connection:
        connection.execute(insert(contents).values(**row(1)))
        raise RuntimeError("half-way")


def test_a_turn_that_fails_is_over(engine):
    for _ in range(3):
        with pytest.raises(RuntimeError, match="half-way"):
            fail_half_way(engine)
    with writing(engine).begin() as connection:
        connection.execute(insert(contents).values(**row(1)))


def test_who_only_reads_waits_for_nobody(engine):
    with writing(engine).begin() as connection:
        connection.execute(insert(contents).values(**row(1)))
        with engine.connect() as reader:
            assert reader.execute(select(func.count()).select_from(contents)).scalar_one() == 0
