"""The tables of the store, for SQLite and PostgreSQL alike.

contents     bytes that were handed in, once per SHA-256
submissions  append-only: who handed in what, for which assignment, when
results      append-only: what came out of grading; `sequence` counts the results of one submission
best         user and assignment -> the result that counts, kept with every new result
marks        append-only: what people gave for a check; the last for a submission's check counts
overrulings  append-only: of marks that overrule the machine, the points that it had given
regradings   append-only: which keys an assignment was graded with again, by whose hand

Large columns come last, so that SQLite reads the others without walking over them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

SCHEMA_VERSION = 3  # 2: marks and regradings; 3: overrulings


class UtcTime(TypeDecorator[datetime]):
    """Aware times in, aware UTC times out. SQLite keeps no zone, so UTC is what is written."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC for the database; a naive time would be a guess and is refused."""
        del dialect
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """UTC, whatever zone the database session speaks."""
        del dialect
        if value is None:
            return None
        read: datetime = value
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


# SQLite gives ids only to INTEGER PRIMARY KEY; a course of years on PostgreSQL may want 64 bits.
Id = BigInteger().with_variant(Integer(), "sqlite")


def version_table(name: str, metadata: MetaData) -> Table:
    """The table that says which versions a group of tables has had, and since when."""
    return Table(
        name,
        metadata,
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("since", UtcTime, nullable=False),
    )


@dataclass(frozen=True)
class Group:
    """Tables that belong together and have a version of their own; a database may hold several groups.

    `absent` and `cure` are told where they are to be read and there is no store yet.
    """

    metadata: MetaData
    schema: Table
    version: int
    absent: str
    cure: str


metadata = MetaData()

schema = version_table("leaderboard_schema", metadata)

contents = Table(
    "contents",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
)

submissions = Table(
    "submissions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("username", Text, nullable=False),
    Column("assignment", Text, nullable=False),
    Column("filename", Text, nullable=False),
    Column("sha256", ForeignKey("contents.sha256"), nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Index("submissions_by_user", "assignment", "username"),
)

results = Table(
    "results",
    metadata,
    Column("id", Id, primary_key=True),
    Column("submission_id", ForeignKey("submissions.id"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("graded_at", UtcTime, nullable=False),
    # Points in millionths (points.py); passed is null while points are pending.
    Column("score", BigInteger, nullable=False),
    Column("max_score", BigInteger, nullable=False),
    Column("pending_points", BigInteger, nullable=False),
    Column("percent", BigInteger),
    Column("passed", Boolean),
    Column("pass_mark", BigInteger),
    Column("outcome_sha256", String(64), nullable=False),
    Column("report_sha256", String(64), nullable=False),
    Column("report", Text, nullable=False),
    UniqueConstraint("submission_id", "sequence"),
    UniqueConstraint("submission_id", "report_sha256"),
)

best = Table(
    "best",
    metadata,
    Column("assignment", Text, primary_key=True),
    Column("username", Text, primary_key=True),
    # Null from the first submission to the first result: the row is what two writers queue at.
    Column("result_id", ForeignKey("results.id")),
)

marks = Table(
    "marks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("submission_id", ForeignKey("submissions.id"), nullable=False),
    Column("check_id", Text, nullable=False),
    Column("marked_at", UtcTime, nullable=False),
    Column("marked_by", Text, nullable=False),
    # Null takes the mark back.
    Column("points", BigInteger),
    # A JSON list: the lines of the rubric that were earned.
    Column("earned", Text, nullable=False),
    Column("note", Text, nullable=False),
    Index("marks_of_submission", "submission_id"),
)

overrulings = Table(
    "overrulings",
    metadata,
    # It goes with its mark, where a person's data are erased.
    Column("mark_id", ForeignKey("marks.id", ondelete="CASCADE"), primary_key=True),
    Column("points", BigInteger, nullable=False),
)

regradings = Table(
    "regradings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("assignment", Text, nullable=False),
    Column("regraded_at", UtcTime, nullable=False),
    Column("regraded_by", Text, nullable=False),
    Column("policy", Text, nullable=False),
    # A JSON list of the SHA-256 of each key; the keys themselves are among the contents.
    Column("keys", Text, nullable=False),
    Column("changed", Integer, nullable=False),
)

RESULTS = Group(
    metadata,
    schema,
    SCHEMA_VERSION,
    absent="no result has been recorded yet: there is no store",
    cure="grade SUBMISSION.zip --record keeps a result; MOCKEXAM_HOME names its folder",
)
