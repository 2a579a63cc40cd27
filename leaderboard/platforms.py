"""Boards for machines of learning platforms: Gradescope's leaderboard[], and scores for LTI Advantage.

Sources: Gradescope's autograder specification, "Leaderboards"; 1EdTech's "Learning Tools
Interoperability Assignment and Grade Services 2.0", section 3.4 (score publish service).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from leaderboard.exports import number
from leaderboard.people import Person
from leaderboard.points import from_millionths
from leaderboard.ranking import Board, Row
from leaderboard.times import from_microseconds
from leaderboard.untrusted import visible

SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"


def gradescope_json(boards: Sequence[Board]) -> str:
    """By user, the `leaderboard` list that goes into this user's results.json."""
    users: dict[str, list[dict[str, Any]]] = {}
    for board in boards:
        order = "desc" if board.plan.policy.higher_is_better else "asc"
        for entry in board.entries:
            value = number(from_millionths(entry.row.points))
            column = {"name": visible(board.name), "value": value, "order": order}
            users.setdefault(visible(entry.row.user), []).append(column)
    data = {
        "schema_version": 1,
        "users": {user: {"leaderboard": users[user]} for user in sorted(users)},
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def lti_json(boards: Sequence[Board], people: Mapping[str, Person], changed: int) -> str:
    """For each board a line item, and the body of a request to its `/scores` for each user.

    changed: microseconds since 1970 of the last change to the store, the same for all: a platform
    takes no score with a timestamp before the one it has. A user whose LTI id is not known stands
    under the pseudonym.
    """
    stamp = f"{from_microseconds(changed):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
    items = [
        {
            "lineItem": {
                "label": visible(board.name),
                "scoreMaximum": number(from_millionths(_full(board))),
                "resourceId": visible(board.plan.key),
                "tag": "mockexam",
            },
            "contentType": SCORE_TYPE,
            "scores": [_score(entry.row, board, people, stamp) for entry in board.entries],
        }
        for board in boards
    ]
    return (
        json.dumps({"schema_version": 1, "lineItems": items}, ensure_ascii=False, indent=2) + "\n"
    )


def _score(row: Row, board: Board, people: Mapping[str, Person], stamp: str) -> dict[str, Any]:
    person = people.get(row.user)
    known = person.lti_user_id if person is not None else ""
    body: dict[str, Any] = {
        "userId": visible(known or row.user),
        "timestamp": stamp,
        "activityProgress": "Completed",
        "gradingProgress": "PendingManual" if row.pending else "FullyGraded",
    }
    if not row.pending:
        # Points without their maximum are refused, and so are points below zero.
        body["scoreGiven"] = number(from_millionths(max(row.points, 0)))
        body["scoreMaximum"] = number(from_millionths(_full(board)))
    return body


def _full(board: Board) -> int:
    # A line item's maximum is above zero.
    return max((entry.row.full for entry in board.entries), default=0) or 1_000_000
