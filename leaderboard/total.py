"""The course total: what each user has in all the boards together."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from leaderboard.configuration import Configuration, Total
from leaderboard.points import MILLION
from leaderboard.policy import Policy, passes
from leaderboard.ranking import Board, Plan, Row, ordered

KEY = "total"
PASSES = "tabs passed"  # whole numbers, unless weights say otherwise
PERCENT = 100 * MILLION


def with_total(boards: list[Board], configuration: Configuration) -> list[Board]:
    """The boards, and behind them the total where one is planned and a board is part of it."""
    if configuration.total is None:
        return boards
    # Assignments without a tab are no part of the course's plan.
    planned = {plan.key for plan in configuration.plans if plan.weight}
    parts = [board for board in boards if board.plan.key in planned]
    return [*boards, total_board(parts, configuration.total)] if parts else boards


def total_board(parts: Sequence[Board], total: Total) -> Board:
    """The total over some boards, each times its weight.

    passes: a board passed is one point. points: the points that count. percent: of the full points,
    and divided by the sum of the weights. A board on which a user is not ranked adds nothing. The
    date is that of the last submission that counts; an equal total that was reached earlier is ahead.
    """
    cells = [{entry.row.user: entry.row for entry in board.entries} for board in parts]
    weights = [board.plan.weight for board in parts]
    users = sorted({user for rows in cells for user in rows})
    full = sum(
        (_full(board, total) * w for board, w in zip(parts, weights, strict=True)), Decimal(0)
    )
    divisor = sum(weights) if total.adds == "percent" else Decimal(1)
    rows: list[Row] = []
    columns: dict[str, tuple[Row | None, ...]] = {}
    for user in users:
        own = [found.get(user) for found in cells]
        added = sum(
            (_part(row, total) * w for row, w in zip(own, weights, strict=True) if row), Decimal(0)
        )
        points = _whole(added / divisor)
        there = [row for row in own if row is not None]
        pending = sum(row.pending for row in there)
        passed = None
        if total.mark is not None and not pending:
            passed = passes(points, total.mark, higher_is_better=True)
        received = max(row.received for row in there)
        mark = None if total.mark is None else total.mark.points
        rows.append(
            Row(user, 0, received, points, points, _whole(full / divisor), pending, passed, mark)
        )
        columns[user] = tuple(own)
    # A total would tell what a hidden part holds.
    dates = [total.hidden_until, *(board.plan.policy.hidden_until for board in parts)]
    hidden = max((date for date in dates if date is not None), default=None)
    policy = Policy(ties=total.ties, mark=total.mark, hidden_until=hidden)
    plan = Plan(KEY, total.name, "", policy, about=_about(total), weight=Decimal(0))
    return Board(
        plan,
        ordered(rows, policy),
        part_names=tuple(board.name for board in parts),
        parts=columns,
    )


def _part(row: Row, total: Total) -> Decimal:
    if total.adds == "passes":
        return Decimal(MILLION if row.passed else 0)
    if total.adds == "percent":
        return Decimal(row.points * PERCENT) / row.full if row.full else Decimal(0)
    return Decimal(row.points)


def _full(board: Board, total: Total) -> Decimal:
    if total.adds == "passes":
        return Decimal(MILLION)
    if total.adds == "percent":
        return Decimal(PERCENT)
    return Decimal(max((entry.row.full for entry in board.entries), default=0))


def _about(total: Total) -> str:
    return {
        "passes": PASSES,
        "points": "points of all tabs",
        "percent": "percent of the full points, over all tabs",
    }[total.adds]


def _whole(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_EVEN))
