"""Moments as they are compared: whole microseconds since 1970, UTC; and as they are printed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MINUTE_US = 60_000_000
DAY_US = 24 * 60 * MINUTE_US


def to_microseconds(moment: datetime) -> int:
    """Microseconds since 1970 of an aware moment, exactly."""
    return (moment - EPOCH) // MICROSECOND


def from_microseconds(microseconds: int) -> datetime:
    """The moment, aware and in UTC."""
    return EPOCH + timedelta(microseconds=microseconds)


def printed(microseconds: int) -> str:
    """`2020-01-14 07:42:59`, UTC."""
    return f"{from_microseconds(microseconds):%Y-%m-%d %H:%M:%S}"


def printed_exactly(microseconds: int) -> str:
    """As `printed`, with the part of a second that rules go by: `2020-01-14 07:42:59.4`."""
    part = microseconds % 1_000_000
    return printed(microseconds) + (f".{part:06}".rstrip("0") if part else "")
