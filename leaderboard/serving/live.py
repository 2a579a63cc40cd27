"""The page of the boards, made again only when something has changed: a thousand who look cost one page.

What the boards follow from is a log; how far it has come is a handful of numbers, read in milliseconds. A page that was
made at the same numbers, with the same boards hidden, is the same to the byte.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from leaderboard.boards import all_boards, attempts, configuration_of, shown
from leaderboard.database import explained
from leaderboard.page import NO_TAG, OWN, Live, content_policy, page_scripts, render_page
from leaderboard.ranking import Board
from leaderboard.store import Store
from leaderboard.tables import boards, decisions, entrants, results, submissions
from leaderboard.times import to_microseconds

if TYPE_CHECKING:
    from jinja2 import Environment

REFRESH_S = 30
"""After so many seconds an open page asks whether something is new."""
_LEVEL = 5  # of gzip: six times smaller, in the time of drawing a tenth of the page

Position = tuple[Any, ...]


@dataclass(frozen=True)
class Made:
    """A page: its bytes, plain and packed, the policy of its scripts, and the boards as they are shown on it.

    `tag` changes with the page. `own` is where a line about whoever looks may be put into the plain bytes.
    """

    position: Position
    boards: tuple[Board, ...]
    plain: bytes
    packed: bytes
    tag: str
    policy: str
    own: int


def position(store: Store) -> Position:
    """How far the log has come: it changes with whatever changes a board, erasure too."""
    last = [
        select(func.max(table.c.id)).scalar_subquery()
        for table in (submissions, results, decisions, boards)
    ]
    # Who is erased gets another name or no row at all, and nothing is appended.
    buried = select(func.count(entrants.c.username.distinct())).where(
        entrants.c.username.like("erased-%")
    )
    count = select(func.count()).select_from(entrants)
    query = select(*last, buried.scalar_subquery(), count.scalar_subquery())
    with explained(store.label), store.engine.connect() as connection:
        return tuple(connection.execute(query).one())


@dataclass
class LivePage:
    """The page of a store's boards, for one server. Changes when the store does.

    Only one thread makes a page at a time. Whoever asks meanwhile gets the one before; the next is made no sooner than
    the last one took, so that boards never cost more than half a core.
    """

    store: Store
    environment: Environment
    clock: Callable[[], datetime]
    refresh_s: int = REFRESH_S
    seconds: Callable[[], float] = time.monotonic
    _made: Made | None = None
    _rest_until: float = 0.0
    _making: threading.Lock = field(default_factory=threading.Lock)

    def page(self) -> Made:
        """The page as it is now. InputError where the store cannot be read."""
        at = (*position(self.store), self._still_hidden())
        made = self._made
        if made is not None and (made.position == at or self.seconds() < self._rest_until):
            return made
        if not self._making.acquire(blocking=made is None) and made is not None:
            return made
        try:
            if self._made is None or self._made.position != at:
                began = self.seconds()
                self._made = self._make(at)
                self._rest_until = 2 * self.seconds() - began
            return self._made
        finally:
            self._making.release()

    def _still_hidden(self) -> int:
        """How many boards have a day that has not come: the one thing of a page that time alone changes."""
        used = configuration_of(self.store)
        days = [plan.policy.hidden_until for plan in used.plans] + [used.default.hidden_until]
        days += [] if used.total is None else [used.total.hidden_until]
        now = to_microseconds(self.clock())
        return sum(day is not None and now < day for day in days)

    def _make(self, at: Position) -> Made:
        seen = tuple(shown(all_boards(self.store), self.clock()))
        names = {board.plan.assignment for board in seen if board.entries} - {""}
        html = render_page(
            seen,
            title=configuration_of(self.store).title,
            attempts=attempts(self.store, names),
            environment=self.environment,
            live=Live(self.refresh_s),
        )
        tag = hashlib.sha256(html.encode("utf-8", "backslashreplace")).hexdigest()[:32]
        # The page knows its own tag, which therefore is of the page without it.
        plain = html.replace(NO_TAG, f'data-tag="{tag}"', 1).encode("utf-8", "backslashreplace")
        return Made(
            at,
            seen,
            plain,
            gzip.compress(plain, _LEVEL, mtime=0),
            tag,
            content_policy(page_scripts(self.environment, live=True), live=True),
            plain.index(OWN.encode()),
        )
