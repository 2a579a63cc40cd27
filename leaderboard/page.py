"""A board as one self-contained web page: no script, no font, no request to anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from leaderboard.distribution import Distribution, distribution
from leaderboard.exports import COLUMNS, printed_date
from leaderboard.points import shortest, two_decimals
from leaderboard.untrusted import visible

if TYPE_CHECKING:
    from jinja2 import Environment

    from leaderboard.ranking import Board, Entry

TEMPLATE = "leaderboard/board.html"
FEWEST_FOR_DISTRIBUTION = 3  # fewer results than that are read faster in the table


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
    passed: bool | None


def render_page(board: Board, environment: Environment | None = None) -> str:
    """The page's HTML, the same bytes for the same board; `environment`: the project's."""
    if environment is None:
        from templates.environment import environment as project_environment

        environment = project_environment()
    ranks = [entry.rank for entry in board.entries]
    shared = _shared(ranks)
    results = [entry.result for entry in board.entries]
    return environment.get_template(TEMPLATE).render(
        assignment=visible(board.assignment),
        columns=COLUMNS,
        rows=[_row(entry, shared) for entry in board.entries],
        waiting=len(board.waiting),
        passed=sum(result.passed is True for result in results),
        pending=sum(result.passed is None for result in results),
        pass_mark=None if board.pass_mark is None else shortest(board.pass_mark),
        full_points=None if board.max_score is None else shortest(board.max_score),
        distribution=_distribution(board),
    )


def _distribution(board: Board) -> Distribution | None:
    if len(board.entries) < FEWEST_FOR_DISTRIBUTION:
        return None
    return distribution(
        [entry.result.score for entry in board.entries], board.pass_mark, board.max_score
    )


def _shared(ranks: list[int]) -> set[int]:
    return {rank for rank, following in pairwise(ranks) if rank == following}


def _row(entry: Entry, shared: set[int]) -> PageRow:
    result = entry.result
    day, _, time = printed_date(result.received_at).partition(" ")
    return PageRow(
        rank=entry.rank,
        shared=entry.rank in shared,
        user=visible(result.user),
        day=day,
        time=time,
        iso=f"{day}T{time}Z",
        score=two_decimals(result.score),
        pending=shortest(result.pending_points) if result.pending_points else None,
        passed=result.passed,
    )
