"""Times as people write them, in a zone, as moments. What a clock shows twice, or never, is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from leaderboard.times import to_microseconds


@dataclass(frozen=True)
class Zone:
    """A time zone: moments without one of their own are read in it."""

    name: str
    zone: tzinfo

    def moment(self, text: str | None) -> int | None:
        """Microseconds since 1970 of `2020-01-15 23:59`. ValueError says what is wrong with it."""
        if text is None:
            return None
        try:
            read = datetime.fromisoformat(text)
        except ValueError as error:
            raise ValueError(f'"{text}" is no time: {error}') from None
        if read.tzinfo is not None:
            return to_microseconds(read)
        local = read.replace(tzinfo=self.zone)
        if local.utcoffset() != local.replace(fold=1).utcoffset():
            back = local.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None)
            times = "comes twice" if back == read else "does not come"
            raise ValueError(
                f'"{text}" {times} in {self.name}, where clocks are put then; add the offset, like +01:00'
            )
        return to_microseconds(local)


def zone_of(name: str) -> Zone:
    """The zone of this name. ValueError where the system knows none."""
    import zoneinfo

    if name == "UTC":
        return Zone(name, UTC)
    try:
        return Zone(name, zoneinfo.ZoneInfo(name))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'there is no time zone "{name}" on this machine') from None


def zone_names() -> set[str]:
    """The zones that this machine knows."""
    import zoneinfo

    return zoneinfo.available_timezones() | {"UTC"}
