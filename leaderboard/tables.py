"""The tables of the store, for SQLite and PostgreSQL alike.

contents     bytes that were handed in, once per SHA-256
submissions  append-only: who handed in what, for which assignment, when
results      append-only: what came out of grading; `sequence` counts the results of one submission
marks        append-only: what people gave for a check; the last for a submission's check counts
overrulings  append-only: of marks that overrule the machine, the points that it had given
opinions     append-only: what a second person gave for a check, without a look at the first's mark; counts for nothing
settlements  append-only: marks by which a difference between two persons was settled
regradings   append-only: which keys an assignment was graded with again, by whose hand
gradings     which submissions wait to be graded, who is at it, and what became of it: the one table of states
decisions    append-only: submissions that were withdrawn, flagged or restored; the last counts
boards       append-only: the files of boards that were kept; the last counts
entrants     who handed in for what: the row at which the writers of one user queue
standings    board and user -> the best and the last result, kept with every new result
people       user (a pseudonym) -> the person: the one table with real names, and the one to erase

What is in `entrants` and `standings` follows from the rest, and can be built anew from it.

Large columns come last, so that SQLite reads the others without walking over them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
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

# 2: marks and regradings. 3: decisions, boards, standings in place of `best`, people, erased bytes, overrulings.
# 4: gradings. 5: opinions and settlements. 6: outcomes by what counts alone.
SCHEMA_VERSION = 6


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

    `absent` and `cure` are told where they are to be read and there is no store yet. `bring_up` gives
    the tables of an older version (0: of none) what tables alone do not; it runs once, in the
    transaction that makes those that are missing.
    """

    metadata: MetaData
    schema: Table
    version: int
    absent: str
    cure: str
    bring_up: Callable[[Connection, int], None] | None = None


metadata = MetaData()

schema = version_table("leaderboard_schema", metadata)

contents = Table(
    "contents",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    # Set where the bytes were taken away with a person's data; a random value stands in place of their hash.
    Column("erased_at", UtcTime),
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
    # All that a board needs, so that building one never walks over the reports.
    Index(
        "results_for_boards",
        "submission_id",
        "sequence",
        "score",
        "max_score",
        "pending_points",
        "passed",
        "pass_mark",
    ),
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

opinions = Table(
    "opinions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("submission_id", ForeignKey("submissions.id"), nullable=False),
    Column("check_id", Text, nullable=False),
    Column("marked_at", UtcTime, nullable=False),
    Column("marked_by", Text, nullable=False),
    # As in marks: null takes it back, `earned` is a JSON list.
    Column("points", BigInteger),
    Column("earned", Text, nullable=False),
    Column("note", Text, nullable=False),
    Index("opinions_of_submission", "submission_id"),
)

settlements = Table(
    "settlements",
    metadata,
    Column("mark_id", ForeignKey("marks.id", ondelete="CASCADE"), primary_key=True),
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

gradings = Table(
    "gradings",
    metadata,
    # A submission that was taken in by a server or from a folder; queue.py says what its states are.
    Column("submission_id", ForeignKey("submissions.id"), primary_key=True, autoincrement=False),
    Column("state", String(8), nullable=False),
    Column("attempts", Integer, nullable=False),
    # Who is at it, by which claim, and until when nobody else may be.
    Column("worker", Text),
    Column("claim", String(32)),
    Column("lease_until", UtcTime),
    # A JSON list of lines: why it was refused, or could not be graded.
    Column("told", Text, nullable=False),
    Index("gradings_by_state", "state", "submission_id"),
    Index("gradings_by_worker", "worker"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("submission_id", ForeignKey("submissions.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("decided_at", UtcTime, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("decisions_of_submission", "submission_id"),
)

boards = Table(
    "boards",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kept_at", UtcTime, nullable=False),
    Column("kept_by", Text, nullable=False),
    Column("file", Text, nullable=False),
)

entrants = Table(
    "entrants",
    metadata,
    Column("assignment", Text, primary_key=True),
    Column("username", Text, primary_key=True),
    Column("graded", Boolean, nullable=False),
)

standings = Table(
    "standings",
    metadata,
    # ranking.py: Plan.key, then "best" or "last", then the fields of a Row.
    Column("board", Text, primary_key=True),
    Column("kind", String(4), primary_key=True),
    Column("username", Text, primary_key=True),
    Column("assignment", Text, nullable=False),
    Column("submission_id", ForeignKey("submissions.id"), nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("score", BigInteger, nullable=False),
    Column("max_score", BigInteger, nullable=False),
    Column("pending_points", BigInteger, nullable=False),
    Column("passed", Boolean),
    Column("pass_mark", BigInteger),
    Index("standings_of_entrant", "assignment", "username"),
    sqlite_with_rowid=False,  # a board then lies together
)

people = Table(
    "people",
    metadata,
    Column("username", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    # What a learning platform knows this person by; empty where it is not known.
    Column("id_number", Text, nullable=False),
    Column("canvas_id", Text, nullable=False),
    Column("sis_user_id", Text, nullable=False),
    Column("sis_login_id", Text, nullable=False),
    Column("section", Text, nullable=False),
    Column("lti_user_id", Text, nullable=False),
)
