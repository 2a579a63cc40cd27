"""From one version of the results' tables to the next, and what a new store begins with.

Tables that are missing are made before; a step here does what that leaves over. All of it runs in
one transaction: a store is of the old version or of the new one.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, inspect, select, update
from sqlalchemy.schema import CreateIndex

from leaderboard.configuration import shipped_text
from leaderboard.report_facts import outcome_sha256
from leaderboard.standings import rebuild
from leaderboard.tables import SCHEMA_VERSION, Group, boards, metadata, results, schema

SHIPPED_BY = "mockexam"


def _bring_up(connection: Connection, since: int) -> None:
    if since < 3:
        # Kept in the store: a later version of the program must not move anybody's rank.
        row = {"kept_at": datetime.now(UTC), "kept_by": SHIPPED_BY, "file": shipped_text()}
        connection.execute(insert(boards), row)
    if 0 < since < 3:
        _standings_for_best(connection)
    if 0 < since < 6:
        _outcomes_without_information(connection)


def _standings_for_best(connection: Connection) -> None:
    columns = {column["name"] for column in inspect(connection).get_columns("contents")}
    if "erased_at" not in columns:
        # sqlite and postgresql name the type of such a column differently.
        kind = "DATETIME" if connection.dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
        connection.exec_driver_sql(f"ALTER TABLE contents ADD COLUMN erased_at {kind}")
    (facts,) = [index for index in results.indexes if index.name == "results_for_boards"]
    connection.execute(CreateIndex(facts, if_not_exists=True))
    connection.exec_driver_sql("DROP TABLE IF EXISTS best")
    rebuild(connection)


def _outcomes_without_information(connection: Connection) -> None:
    """What a check without points says is no part of an outcome any more; the hashes of such reports follow."""
    informed = results.c.report.like('%"max_points":0%')
    rows = connection.execute(select(results.c.id, results.c.outcome_sha256).where(informed)).all()
    for number, before in rows:
        text = connection.execute(
            select(results.c.report).where(results.c.id == number)
        ).scalar_one()
        after = outcome_sha256(json.loads(text))
        if after != before:
            values = {"outcome_sha256": after}
            connection.execute(update(results).where(results.c.id == number).values(**values))


RESULTS = Group(
    metadata,
    schema,
    SCHEMA_VERSION,
    absent="no result has been recorded yet: there is no store",
    cure="grade SUBMISSION.zip --record keeps a result; MOCKEXAM_HOME names its folder",
    bring_up=_bring_up,
)
