"""The tables of a class, for SQLite and PostgreSQL alike; a group of its own beside results and practice.

class_members   who belongs to the class; names lie here and nowhere else
class_tries     when all tries of a name's code are to be had again; gone once they are
class_sign_ins  one row for each time that someone came in; its key is what their cookie names
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, MetaData, String, Table, Text

from leaderboard.tables import Group, UtcTime, version_table

# 2: class_tries.
VERSION = 2

metadata = MetaData()

schema = version_table("class_schema", metadata)

members = Table(
    "class_members",
    metadata,
    # What answers are kept under: a pseudonym, where the roster has one.
    Column("username", Text, primary_key=True),
    Column("role", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("since", UtcTime, nullable=False),
    # Null for whoever may come in.
    Column("left_at", UtcTime),
    # The key of the link that works, a salted hash of the code, and the moment from which neither does.
    Column("link", String(32)),
    Column("code", LargeBinary),
    Column("until", UtcTime),
)

sign_ins = Table(
    "class_sign_ins",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("username", ForeignKey("class_members.username"), nullable=False),
    Column("began_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Index("class_sign_ins_by_user", "username"),
)

tries = Table(
    "class_tries",
    metadata,
    # A hash of what was typed as the user.
    Column("name", String(64), primary_key=True),
    Column("free_at", UtcTime, nullable=False),
)

CLASSROOM = Group(
    metadata,
    schema,
    VERSION,
    absent="there is no class yet: there is no store",
    cure="quiz serve links --roster FILE.csv -o links.csv makes one",
)
