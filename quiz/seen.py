"""Sessions that a server has seen before: of one that goes on, only what is new is read and added up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from quiz.events import event_from_json
from quiz.state import State, evolved, replay

MOST = 500


@dataclass(frozen=True)
class Known:
    """How far a session was seen: its events' number, the last of them as it is kept, and what they add up to."""

    length: int
    last: str
    state: State


@dataclass(frozen=True)
class Seen:
    """Sessions by their numbers. Shared by threads: what is in it never changes, and a miss costs only time."""

    _known: dict[int, Known] = field(default_factory=dict, repr=False)

    def before(self, number: int) -> Known | None:
        """How far a session was seen."""
        return self._known.get(number)

    def keep(self, number: int, known: Known) -> None:
        """Remember how far; where there are too many, all are forgotten."""
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[number] = known


def added_up(texts: Sequence[str]) -> Known:
    """A session from all its events as they are kept."""
    return Known(len(texts), texts[-1], replay(event_from_json(text) for text in texts))


def gone_on(before: Known, texts: Sequence[str]) -> Known | None:
    """A session from the last event that was seen, and those after it.

    None where it is another session by now: the one that was seen was deleted, and its number given anew.
    """
    if not texts or texts[0] != before.last:
        return None
    if len(texts) == 1:
        return before
    state = before.state
    for text in texts[1:]:
        state = evolved(state, event_from_json(text))
    return Known(before.length + len(texts) - 1, texts[-1], state)
