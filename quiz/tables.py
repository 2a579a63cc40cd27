"""The tables of practice, for SQLite and PostgreSQL alike; a group of its own beside the results.

quiz_sessions  who practised what, when; `finished_at` is null while a session can go on
quiz_events    append-only: what happened in a session, numbered; a session is its events
quiz_attempts  one row for each answer that was attempted or settled: what statistics are made of
quiz_cards     user and question -> when it comes again
quiz_settings  user and name -> what was set once (the date of the exam)
quiz_returned  user and place -> what came back of a form that was sent there, for a day
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from leaderboard.tables import Group, Id, UtcTime, version_table

# 2: quiz_returned.
VERSION = 2

metadata = MetaData()

schema = version_table("quiz_schema", metadata)

sessions = Table(
    "quiz_sessions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("username", Text, nullable=False),
    Column("mode", String(16), nullable=False),
    Column("bank_version", String(64), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("last_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Index("quiz_sessions_by_user", "username", "finished_at"),
)

events = Table(
    "quiz_events",
    metadata,
    Column("session_id", ForeignKey("quiz_sessions.id"), primary_key=True),
    # Two windows on one session both append after what they saw; the second finds the number taken.
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("event", Text, nullable=False),
)

attempts = Table(
    "quiz_attempts",
    metadata,
    Column("session_id", ForeignKey("quiz_sessions.id"), primary_key=True),
    Column("label", String(16), primary_key=True),
    Column("username", Text, nullable=False),
    Column("mode", String(16), nullable=False),
    Column("question", Text, nullable=False),
    Column("part", String(8), nullable=False),
    Column("seed", Id, nullable=False),
    Column("lecture", Integer, nullable=False),
    Column("topic", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("max_points", Float, nullable=False),
    # Null where it does not count: skipped, or left open.
    Column("points", Float),
    Column("mistake", Text),
    Column("hints", Integer, nullable=False),
    Column("shown", Boolean, nullable=False),
    Column("self_marked", Boolean, nullable=False),
    Column("sure", Boolean),
    Column("seconds", Float, nullable=False),
    Index("quiz_attempts_by_user", "username", "at"),
)

cards = Table(
    "quiz_cards",
    metadata,
    Column("username", Text, primary_key=True),
    Column("question", Text, primary_key=True),
    Column("due", UtcTime, nullable=False),
    Column("card", Text, nullable=False),
)

settings = Table(
    "quiz_settings",
    metadata,
    Column("username", Text, primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)

returned = Table(
    "quiz_returned",
    metadata,
    Column("username", Text, primary_key=True),
    Column("place", String(64), primary_key=True),
    Column("word", String(16), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("value", Text, nullable=False),
)

PRACTICE = Group(
    metadata,
    schema,
    VERSION,
    absent="nothing was practised yet: there is no store",
    cure="`quiz` keeps what you answer; MOCKEXAM_HOME names its folder",
)
