"""The state of a session: what its events add up to. Serialisable, and without a key in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime

from quiz.events import (
    Added,
    Asked,
    Attempted,
    Event,
    Finished,
    Graded,
    HandedIn,
    Hinted,
    Item,
    Judgement,
    Mode,
    Rated,
    Record,
    SelfMarked,
    Settled,
    Started,
    Terms,
    Turned,
    Way,
    Written,
)

Phase = Literal["asking", "marking", "over"]
"""`marking`: an exam was handed in, and the student marks what waits for a person."""

COUNTED = ("right", "partly_right", "wrong")


class Attempt(Record):
    """An answer with its mark, and the number of hints that had been shown."""

    text: str
    reading: str | None
    sure: bool | None
    seconds: float
    hints: int
    at: AwareDatetime
    mark: Judgement


class PartState(Record):
    """What has happened to one answer. `written` is for exams, before they are marked."""

    attempts: tuple[Attempt, ...] = ()
    hints: int = 0
    settled: Way | None = None
    own_points: float | None = None
    written: str = ""
    sure: bool | None = None
    seconds: float = 0.0
    touched: AwareDatetime | None = None

    @property
    def counted(self) -> Attempt | None:
        """The attempt that counts: the first that could be marked; later ones are for learning."""
        return next((a for a in self.attempts if a.mark.verdict in COUNTED), None)

    @property
    def last(self) -> Attempt | None:
        """The last attempt that could be marked, else the last."""
        marked = [a for a in self.attempts if a.mark.verdict in COUNTED]
        found = marked or list(self.attempts)
        return found[-1] if found else None


class State(Record):
    """A session. `parts` is by label; `position` is the item that an exam is turned to."""

    mode: Mode
    seed: int
    bank_version: str
    started_at: AwareDatetime
    last_at: AwareDatetime
    items: tuple[Item, ...]
    parts: dict[str, PartState]
    terms: Terms | None = None
    position: int = 1
    phase: Phase = "asking"
    handed_in: AwareDatetime | None = None
    rated: tuple[int, ...] = ()

    @property
    def deadline(self) -> datetime | None:
        """When an exam's time is over."""
        if self.terms is None:
            return None
        return self.started_at + timedelta(minutes=self.terms.minutes)

    @property
    def current(self) -> tuple[Item, Asked] | None:
        """The first part that is not settled, in the order of the items; None where all are."""
        for item in self.items:
            for part, label in zip(item.parts, item.labels(), strict=True):
                if self.parts[label].settled is None:
                    return item, part
        return None

    def item(self, number: int) -> Item | None:
        """The item with this number."""
        return next((item for item in self.items if item.number == number), None)

    def find(self, label: str) -> tuple[Item, Asked] | None:
        """The item and part with this label."""
        for item in self.items:
            for part, own in zip(item.parts, item.labels(), strict=True):
                if own == label:
                    return item, part
        return None

    def place(self, number: int) -> int:
        """The place of an item in the order in which items are asked, from 1."""
        return [item.number for item in self.items].index(number) + 1


def begun(event: Started) -> State:
    """The state right after the beginning."""
    return State(
        mode=event.mode,
        seed=event.seed,
        bank_version=event.bank_version,
        started_at=event.at,
        last_at=event.at,
        items=event.items,
        parts={label: PartState() for item in event.items for label in item.labels()},
        terms=event.terms,
        position=event.items[0].number if event.items else 1,
    )


def evolved(state: State, event: Event) -> State:
    """The state after one more event. Raises ValueError for a second beginning."""
    changes: dict[str, object] = {"last_at": max(state.last_at, event.at)}
    match event:
        case Started():
            raise ValueError("a session begins once")
        case Attempted() | Hinted() | Settled() | SelfMarked() | Written() | Graded():
            part = _part_after(state.parts[event.label], event)
            changes["parts"] = {**state.parts, event.label: part}
        case Added():
            place = state.place(event.after)
            changes["items"] = (*state.items[:place], event.item, *state.items[place:])
            added = {label: PartState() for label in event.item.labels()}
            changes["parts"] = {**state.parts, **added}
        case Turned():
            changes["position"] = event.number
        case HandedIn():
            changes |= {"phase": "marking", "handed_in": event.at}
        case Rated():
            changes["rated"] = (*state.rated, event.number)
        case Finished():
            changes["phase"] = "over"
    return state.model_copy(update=changes)


def _part_after(
    part: PartState, event: Attempted | Hinted | Settled | SelfMarked | Written | Graded
) -> PartState:
    match event:
        case Attempted():
            attempt = Attempt(
                text=event.text,
                reading=event.reading,
                sure=event.sure,
                seconds=event.seconds,
                hints=part.hints,
                at=event.at,
                mark=event.mark,
            )
            changes: dict[str, object] = {"attempts": (*part.attempts, attempt)}
        case Graded():
            attempt = Attempt(
                text=part.written,
                reading=None,
                sure=part.sure,
                seconds=part.seconds,
                hints=0,
                at=part.touched or event.at,
                mark=event.mark,
            )
            changes = {"attempts": (attempt,), "settled": "answered"}
        case Written():
            changes = {
                "written": event.text,
                "sure": event.sure if event.sure is not None else part.sure,
                "seconds": part.seconds + event.seconds,
                "touched": event.at,
            }
        case Hinted():
            changes = {"hints": event.level}
        case Settled():
            changes = {"settled": event.way, "touched": event.at}
        case SelfMarked():
            changes = {"own_points": event.points}
    return part.model_copy(update=changes)


def replay(events: Iterable[Event]) -> State:
    """The state that a whole session's events add up to. Raises ValueError where the beginning is missing."""
    first, *others = events
    if first.kind != "started":
        raise ValueError("a session's first event is its beginning")
    state = begun(first)
    for event in others:
        state = evolved(state, event)
    return state
