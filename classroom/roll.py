"""Who belongs to the class: links, codes and sign-ins, and how each of them ends.

A link is signed by the server and names a key that the store knows; a code is typed beside the user's name, and the
store has its salted hash alone. Both are seen once, where they are made. A sign-in is a row that a cookie names: when
its row ends (signed out, revoked, no longer on the roster), the cookie is worth nothing, whoever kept a copy.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from classroom.roster import Entry
from classroom.tables import members, sign_ins
from leaderboard.database import explained, writing
from leaderboard.store import Store
from web.links import BadSignature, read_signed, sign

STUDENT, INSTRUCTOR = "student", "instructor"
LINK = "class-link"
# Letters and digits that are not taken for one another; 12 of them are 58 bits.
ALPHABET = "23456789abcdefghjkmnpqrstuvw"
CODE_LENGTH = 12
_SALT = 16
_STRANGER = bytes(_SALT + 32)
"""The hash that no code has: a user that is not there takes as long as one that is."""


@dataclass(frozen=True)
class Member:
    """Someone of the class; `name` and `number` are empty where the roster has none."""

    user: str
    role: str
    name: str
    number: str

    @property
    def called(self) -> str:
        """How a page addresses them."""
        return self.name or self.user


@dataclass(frozen=True)
class Pass:
    """What a member gets: the signed text of a link, and a code."""

    member: Member
    signed: str
    code: str


def enrol(store: Store, entries: Sequence[Entry], now: datetime, *, role: str = STUDENT) -> None:
    """Add those who are not members yet; names follow the roster. Who had left is back, without a link."""
    with explained(store.label), writing(store.engine).begin() as connection:
        known = _known(connection)
        for entry in entries:
            row = {"name": entry.name, "number": entry.number, "left_at": None}
            if entry.user not in known:
                new = {"username": entry.user, "role": role, "since": now, **row}
                connection.execute(insert(members).values(**new))
            else:
                mine = members.c.username == entry.user
                connection.execute(update(members).where(mine).values(**row))


def close_to(store: Store, users: Collection[str], now: datetime) -> list[str]:
    """Shut out every student who is not among these; returns who that was. Their answers stay."""
    with explained(store.label), writing(store.engine).begin() as connection:
        query = select(members.c.username).where(
            members.c.role == STUDENT, members.c.left_at.is_(None)
        )
        gone = sorted(set(connection.execute(query).scalars()) - set(users))
        for user in gone:
            _shut_out(connection, user, now, left_at=now)
    return gone


def without_pass(store: Store, users: Iterable[str], now: datetime) -> list[str]:
    """Those of these members for whom no link works now."""
    with explained(store.label), store.engine.connect() as connection:
        query = select(members.c.username).where(members.c.link.is_not(None), members.c.until > now)
        having = set(connection.execute(query).scalars())
    return [user for user in users if user not in having]


def hand_out(
    store: Store,
    secret: bytes,
    users: Sequence[str],
    until: datetime,
    now: datetime,
    deliver: Callable[[list[Pass]], None],
) -> None:
    """A new link and a new code for each of these members. What they had before works no more.

    deliver: gets them before they are good; where it raises, everything stays as it was, since what could not be
    handed over is known to nobody. Raises LookupError for whoever is no member.
    """
    found = []
    # Hashing takes its time by design, and the store is not held meanwhile.
    made = [(user, secrets.token_urlsafe(12), new_code()) for user in users]
    hashes = [_hashed(code, secrets.token_bytes(_SALT)) for _, _, code in made]
    with explained(store.label), writing(store.engine).begin() as connection:
        known = _known(connection)
        for (user, link, code), kept in zip(made, hashes, strict=True):
            if user not in known:
                raise LookupError(user)
            _end_sign_ins(connection, user, now)
            mine = members.c.username == user
            row = {"link": link, "code": kept, "until": until, "left_at": None}
            connection.execute(update(members).where(mine).values(**row))
            signed = sign(secret, LINK, f"{link}\n{user}", until=until)
            found.append(Pass(known[user], signed, code))
        deliver(found)


def revoke(store: Store, users: Sequence[str], now: datetime) -> None:
    """End links, codes and sign-ins of these members at once. Raises LookupError for whoever is no member."""
    with explained(store.label), writing(store.engine).begin() as connection:
        known = _known(connection)
        for user in users:
            if user not in known:
                raise LookupError(user)
            _shut_out(connection, user, now)


def by_link(store: Store, secret: bytes, signed: str, now: datetime) -> Member | None:
    """The member whose link this is; None where it is none, is over, or was revoked."""
    try:
        link, _, user = read_signed(secret, LINK, signed, now).partition("\n")
    except BadSignature:
        return None
    row = _row(store, user)
    if row is None or row.link is None or not hmac.compare_digest(row.link, link):
        return None
    return _member(row) if row.left_at is None and row.until > now else None


def by_code(store: Store, user: str, code: str, now: datetime) -> Member | None:
    """The member with this name and code; blanks, hyphens and letter case of the code do not count."""
    row = _row(store, user) if "\0" not in user else None
    kept = _STRANGER if row is None or row.code is None else bytes(row.code)
    typed = "".join(char for char in code.lower() if char.isalnum())
    right = hmac.compare_digest(_hashed(typed, kept[:_SALT]), kept)
    if row is None or not right or row.left_at is not None or row.until <= now:
        return None
    return _member(row)


def begin_sign_in(store: Store, member: Member, key: str, now: datetime) -> None:
    """Keep a sign-in under the key of its cookie."""
    with explained(store.label), writing(store.engine).begin() as connection:
        row = {"key": key, "username": member.user, "began_at": now}
        connection.execute(insert(sign_ins).values(**row))


def end_sign_in(store: Store, key: str, now: datetime) -> None:
    """Sign out: the cookie with this key is worth nothing from now on."""
    with explained(store.label), writing(store.engine).begin() as connection:
        mine = (sign_ins.c.key == key) & sign_ins.c.ended_at.is_(None)
        connection.execute(update(sign_ins).where(mine).values(ended_at=now))


def signed_in(store: Store, user: str, key: str) -> Member | None:
    """The member whose sign-in this is, while it lasts."""
    query = (
        select(members)
        .join(sign_ins, sign_ins.c.username == members.c.username)
        .where(
            sign_ins.c.key == key,
            sign_ins.c.username == user,
            sign_ins.c.ended_at.is_(None),
            members.c.left_at.is_(None),
        )
    )
    with explained(store.label), store.engine.connect() as connection:
        row = connection.execute(query).one_or_none()
    return None if row is None else _member(row)


def all_members(store: Store) -> dict[str, Member]:
    """Everyone who is or was a member, by user."""
    with explained(store.label), store.engine.connect() as connection:
        return _known(connection)


def new_code() -> str:
    """A code in groups of four, to be typed."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(letters[at : at + 4] for at in range(0, CODE_LENGTH, 4))


def _hashed(code: str, salt: bytes) -> bytes:
    """Salt and hash: 4 MiB and some milliseconds for each guess, and the code itself has 58 bits."""
    bare = code.replace("-", "").encode("utf-8", "replace")
    return salt + hashlib.scrypt(bare, salt=salt, n=2**12, r=8, p=1, dklen=32)


def _shut_out(connection: Connection, user: str, now: datetime, **more: Any) -> None:
    mine = members.c.username == user
    row = {"link": None, "code": None, "until": None, **more}
    connection.execute(update(members).where(mine).values(**row))
    _end_sign_ins(connection, user, now)


def _end_sign_ins(connection: Connection, user: str, now: datetime) -> None:
    open_ones = (sign_ins.c.username == user) & sign_ins.c.ended_at.is_(None)
    connection.execute(update(sign_ins).where(open_ones).values(ended_at=now))


def _known(connection: Connection) -> dict[str, Member]:
    rows = connection.execute(select(members).order_by(members.c.username))
    return {row.username: _member(row) for row in rows}


def _row(store: Store, user: str) -> Row[Any] | None:
    query = select(members).where(members.c.username == user)
    with explained(store.label), store.engine.connect() as connection:
        return connection.execute(query).one_or_none()


def _member(row: Row[Any]) -> Member:
    return Member(row.username, row.role, row.name, row.number)
