"""What came back of a form: what was typed, and what was said of it.

Every form ends in a redirect, so that reload and back button send nothing again. What the page that follows needs of
the form is kept here for a day, under a word in that page's address; a server of several processes has no other place
for it, and an answer may be longer than a cookie.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from leaderboard.database import explained, writing
from quiz.store import Progress
from quiz.tables import returned

KEPT = timedelta(days=1)
MOST = 20
"""Forms of one user that are kept; the oldest go first."""


@dataclass(frozen=True)
class Returned:
    """A form's fields, the sentence that was said of it, and what else its page shows.

    stood: how things stood then; where they stand otherwise by now, the page shows nothing of it.
    """

    fields: Mapping[str, Sequence[str]]
    said: str = ""
    stood: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


def keep_returned(progress: Progress, place: str, form: Returned, now: datetime) -> str:
    """Keep what came back at a place, instead of what came back there before; returns the word that it is found by."""
    word = secrets.token_urlsafe(9)
    value = json.dumps(vars(form), ensure_ascii=False)
    row = {"username": progress.user, "place": place, "word": word, "at": now, "value": value}
    with explained(progress.store.label):
        try:
            _keep(progress, row)
        except IntegrityError:
            _keep(progress, row)  # the same form came twice at the same moment: this one is later
    return word


def _keep(progress: Progress, row: dict[str, Any]) -> None:
    mine = returned.c.username == progress.user
    with writing(progress.store.engine).begin() as connection:
        connection.execute(delete(returned).where(mine & (returned.c.place == row["place"])))
        connection.execute(delete(returned).where(mine & (returned.c.at < row["at"] - KEPT)))
        places = select(returned.c.place).where(mine).order_by(returned.c.at.desc())
        old = connection.execute(places.offset(MOST - 1)).scalars().all()
        if old:
            connection.execute(delete(returned).where(mine & returned.c.place.in_(old)))
        connection.execute(insert(returned).values(**row))


def find_returned(progress: Progress, place: str, word: str) -> Returned | None:
    """What came back at a place, by its word; None once it is gone."""
    if not word:
        return None
    query = select(returned.c.value).where(
        returned.c.username == progress.user, returned.c.place == place, returned.c.word == word
    )
    with explained(progress.store.label), progress.store.engine.connect() as connection:
        text = connection.execute(query).scalar_one_or_none()
    return None if text is None else Returned(**json.loads(text))
