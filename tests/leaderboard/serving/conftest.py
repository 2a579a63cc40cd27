"""A live page on a store of its own, with a clock that stands where it is put, and a browser that looks at it."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from leaderboard.serving.address import Address
from leaderboard.serving.command import board_server, board_site
from leaderboard.serving.live import LivePage
from tests.leaderboard.conftest import add as add_to
from tests.leaderboard.conftest import (
    make_report,
    moment,
    own_home,
    postgres_server,
    store,
    url,
)

__all__ = ["add_to", "make_report", "moment", "own_home", "postgres_server", "store", "url"]

ADDRESS = Address("http://board.test", "board.test", https=False, prefix="")


@dataclass
class Hand:
    """A clock that is moved by hand; seconds and time of day."""

    day: datetime = datetime(2020, 1, 20, tzinfo=UTC)
    at: float = 100.0

    def clock(self) -> datetime:
        return self.day

    def seconds(self) -> float:
        self.at += 1.0  # whatever is done takes a second
        return self.at


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def live(store, hand) -> LivePage:
    site = board_site(ADDRESS)
    return LivePage(store, site.environment, hand.clock, seconds=hand.seconds)


@pytest.fixture
def browser(live) -> TestClient:
    return TestClient(board_server(board_site(ADDRESS), live), base_url="http://board.test")


@pytest.fixture
def add(add_to, store):
    """Record a submission and its result in this store; returns the submission's number."""
    return functools.partial(add_to, store, score=60.0)
