"""Boards as one self-contained web page: no font, no request to anywhere; what the script adds, the page can do without.

A live page is the same with a second script, which asks the server now and then whether there is something new.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from leaderboard.distribution import Distribution, distribution
from leaderboard.exports import COLUMNS, pass_word, penalty
from leaderboard.points import from_millionths, printed, shortest
from leaderboard.policy import in_words
from leaderboard.ranking import Board, Entry, Row
from leaderboard.sparkline import Sparkline, sparkline
from leaderboard.times import printed as printed_date
from leaderboard.total import PASSES
from leaderboard.untrusted import visible

if TYPE_CHECKING:
    from jinja2 import Environment

    from leaderboard.boards import Attempts, Handed

TEMPLATE = "leaderboard/board.html"
SCRIPT = "leaderboard/board.js"
LIVE_SCRIPT = "leaderboard/live.js"
OWN = "<!-- own -->"
"""Where a live page takes a line about whoever looks. No name can spell it: all of them are escaped."""
NO_TAG = 'data-tag=""'
"""Where a live page says which one it is."""
FEWEST_FOR_DISTRIBUTION = 3  # fewer results than that are read faster in the table


@dataclass(frozen=True)
class Live:
    """A page that is served: after so many seconds it asks whether there is another one."""

    refresh_s: int


@dataclass(frozen=True)
class Part:
    """What a board adds to a total: its name, and in words what the user has there."""

    state: str
    words: str


@dataclass(frozen=True)
class PageRow:
    """One row, as text ready for the template, which escapes it."""

    rank: int
    shared: bool
    user: str
    day: str
    time: str
    iso: str
    score: str
    pending: str | None
    late: str | None
    state: str
    trend: Sparkline | None
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Tab:
    """One board of the page; `anchor` is its address there."""

    anchor: str
    name: str
    about: str
    rule: str
    hidden_until: str | None
    rows: tuple[PageRow, ...]
    passed: int
    pending: int
    waiting: int
    unranked: int
    pass_mark: str | None
    full_points: str | None
    distribution: Distribution | None
    part_names: tuple[str, ...]


def render_page(
    boards: Sequence[Board],
    *,
    title: str = "Leaderboard",
    attempts: Attempts | None = None,
    environment: Environment | None = None,
    live: Live | None = None,
) -> str:
    """The page's HTML, the same bytes for the same boards; `environment`: the project's.

    attempts: the points of each user's submissions by assignment, drawn beside the name. live: for a server.
    """
    if environment is None:
        from templates.environment import environment as project_environment

        environment = project_environment()
    scripts = page_scripts(environment, live=live is not None)
    tabs = [
        _tab(board, f"board-{place}", (attempts or {}).get(board.plan.assignment, {}))
        for place, board in enumerate(boards, start=1)
    ]
    return environment.get_template(TEMPLATE).render(
        title=visible(title),
        columns=COLUMNS,
        tabs=tabs,
        scripts=scripts,
        policy=content_policy(scripts, live=live is not None),
        live=live,
        own=OWN,
    )


def page_scripts(environment: Environment, *, live: bool) -> list[str]:
    """The scripts of a page, as they stand in it."""
    names = [SCRIPT, *([LIVE_SCRIPT] if live else [])]
    return [environment.get_template(name).render() for name in names]


def content_policy(scripts: Sequence[str], *, live: bool) -> str:
    """What the page may do: these scripts, styles of its own, and questions to its own server where it is `live`."""
    hashes = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in scripts]
    allowed = " ".join(f"'sha256-{each}'" for each in hashes)
    asks = "connect-src 'self'; " if live else ""
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src {allowed}; {asks}"
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _tab(board: Board, anchor: str, attempts: Mapping[str, Handed]) -> Tab:
    rows = [entry.row for entry in board.entries]
    shared = {a.rank for a, b in pairwise(board.entries) if a.rank == b.rank}
    until = board.plan.policy.hidden_until
    return Tab(
        anchor=anchor,
        name=visible(board.name),
        about=visible(board.plan.about),
        rule=_rule(board),
        hidden_until=printed_date(until) if board.hidden and until is not None else None,
        rows=tuple(_row(entry, board, shared, attempts) for entry in board.entries),
        passed=sum(row.passed is True for row in rows),
        pending=sum(row.pending > 0 for row in rows),
        waiting=len(board.waiting),
        unranked=len(board.unranked),
        pass_mark=_pass_mark(board),
        full_points=None if board.max_score is None else shortest(board.max_score),
        distribution=_distribution(board),
        part_names=tuple(visible(name) for name in board.part_names),
    )


def _rule(board: Board) -> str:
    if board.part_names:
        ties = board.plan.policy.ties == "shared"
        return f"Adds up {board.plan.about}; most first; " + (
            "equal totals share a rank." if ties else "of equal totals the earlier is ahead."
        )
    return in_words(board.plan.policy)


def _pass_mark(board: Board) -> str | None:
    if board.pass_mark is None:
        return None
    policy = board.plan.policy
    beyond = policy.mark is not None and policy.mark.beyond
    words = ("above " if policy.higher_is_better else "below ") if beyond else ""
    return words + shortest(board.pass_mark)


def _distribution(board: Board) -> Distribution | None:
    if len(board.entries) < FEWEST_FOR_DISTRIBUTION:
        return None
    policy = board.plan.policy
    return distribution(
        [from_millionths(entry.row.points) for entry in board.entries],
        board.pass_mark,
        board.max_score,
        higher_is_better=policy.higher_is_better,
        beyond=policy.mark is not None and policy.mark.beyond,
        whole=board.plan.about == PASSES,
    )


def _row(entry: Entry, board: Board, shared: set[int], attempts: Mapping[str, Handed]) -> PageRow:
    row, policy = entry.row, board.plan.policy
    day, _, time = printed_date(row.received).partition(" ")
    mark = row.mark if policy.mark is None else policy.mark.points
    return PageRow(
        rank=entry.rank,
        shared=entry.rank in shared,
        user=visible(row.user),
        day=day,
        time=time,
        iso=f"{day}T{time}Z",
        score=printed(row.points),
        pending=shortest(from_millionths(row.pending)) if row.pending else None,
        late=printed(penalty(row)) if penalty(row) else None,
        state=pass_word(row),
        trend=sparkline(
            attempts.get(row.user, ()),
            row.submission,
            mark,
            higher_is_better=policy.higher_is_better,
        ),
        parts=tuple(
            _part(name, part)
            for name, part in zip(board.part_names, board.parts.get(row.user, ()), strict=False)
        ),
    )


def _part(name: str, part: Row | None) -> Part:
    if part is None:
        return Part("none", f"{visible(name)}: nothing")
    state = pass_word(part)
    said = {"yes": ", passed", "no": ", not passed", "pending": ", pending"}.get(state, "")
    return Part(state, f"{visible(name)}: {printed(part.points)}{said}")
