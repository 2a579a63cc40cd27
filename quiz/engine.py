"""The session engine: an action and the time in, events and the next state out. Pure; knows no face and no store.

    material = Material(load_bank())
    state, events = begin(plan, now)
    state, events = step(state, Answer("1", "32"), now, material)

In practice each answer is marked at once: the first that can be marked counts, and further ones are for learning,
until the part is settled (rightly answered, left, or its solution shown). In an exam answers are only written, and
may be changed; they are marked after the end, by hand or by the clock, whatever action comes first after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from question_bank.answers.base import MAX_PROSE
from question_bank.draws import Source
from question_bank.variant import Variant
from quiz.actions import (
    Action,
    Another,
    Answer,
    Finish,
    HandIn,
    Hint,
    Leave,
    Look,
    MarkOwn,
    Show,
    Skip,
    Turn,
)
from quiz.events import (
    LONGEST_S,
    Added,
    Asked,
    Attempted,
    Event,
    Finished,
    Graded,
    HandedIn,
    Hinted,
    Item,
    Mode,
    Rated,
    SelfMarked,
    Settled,
    Started,
    Terms,
    Turned,
    Written,
)
from quiz.material import Material, item_of, judged
from quiz.results import outcome, rating, reached
from quiz.state import COUNTED, State, begun, evolved

MOST_ATTEMPTS = 30
MOST_ITEMS = 1_000
# Draws that are tried until a variant shows something new.
TRIES = 24
OPEN = ("needs_person", "unreadable", "undecided")
"""Verdicts of answers for which the student may give points: after an exam all, in practice those in words alone."""


class Refused(Exception):
    """The action cannot be done now; nothing has changed. The message is for the student."""


@dataclass(frozen=True)
class Plan:
    """What a session will ask."""

    mode: Mode
    seed: int
    bank_version: str
    items: tuple[Item, ...]
    terms: Terms | None = None


def begin(plan: Plan, now: datetime) -> tuple[State, tuple[Event, ...]]:
    """A new session."""
    started = Started(
        at=now,
        mode=plan.mode,
        seed=plan.seed,
        bank_version=plan.bank_version,
        items=plan.items,
        terms=plan.terms,
    )
    return begun(started), (started,)


def step(
    state: State, action: Action, now: datetime, material: Material
) -> tuple[State, tuple[Event, ...]]:
    """The state after an action, and what happened. Raises Refused."""
    moment = max(now, state.last_at)  # a clock that was set back turns nothing round
    events: list[Event] = []
    for event in _decided(state, action, moment, material):
        events.append(event)
        state = evolved(state, event)
    # What follows from what happened: ratings, and the end of an exam.
    for event in _consequences(state, events, moment):
        events.append(event)
        state = evolved(state, event)
    return state, tuple(events)


def _decided(state: State, action: Action, now: datetime, material: Material) -> Iterator[Event]:
    if state.phase == "over":
        raise Refused("The session is over.")
    if state.mode == "exam" and state.phase == "asking":
        yield from _in_exam(state, action, now, material)
        return
    match action:
        case Look():
            return
        case Finish():
            yield from _ratings(state, now, unfinished=True)
            yield Finished(at=now)
        case MarkOwn():
            yield from _own_mark(state, action, now)
        case _ if state.phase == "marking":
            raise Refused("The exam was handed in: answers stay as they are.")
        case Answer():
            yield from _attempt(state, action, now, material)
        case Hint():
            item, part = _open(state, action.label)
            level = state.parts[action.label].hints + 1
            if level > len(material.hints(item, part)):
                raise Refused("There is no further hint.")
            yield Hinted(at=now, label=action.label, level=level)
        case Show():
            _open(state, action.label)
            yield Settled(at=now, label=action.label, way="shown")
        case Leave():
            _open(state, action.label)
            if not state.parts[action.label].attempts:
                raise Refused("Nothing was answered yet.")
            yield Settled(at=now, label=action.label, way="left")
        case Skip():
            _open(state, action.label)
            yield Settled(at=now, label=action.label, way="skipped")
        case Another():
            yield from _another(state, action, now, material)
        case Turn() | HandIn():
            raise Refused("That belongs to an exam.")


def _attempt(state: State, action: Answer, now: datetime, material: Material) -> Iterator[Event]:
    item, _ = _open(state, action.label)
    text = _text(action)
    if not text:
        raise Refused("Nothing was typed.")
    if len(state.parts[action.label].attempts) >= MOST_ATTEMPTS:
        raise Refused("That was tried often: look at the solution.")
    mark = judged(material, state, action.label, text, action.reading)
    yield Attempted(
        at=now,
        label=action.label,
        text=text,
        reading=action.reading,
        sure=action.sure,
        seconds=_seconds(state, now),
        mark=mark,
    )
    if mark.verdict == "right":
        yield Settled(at=now, label=action.label, way="answered")
    elif mark.verdict in COUNTED and item.kind == "multiple_choice":
        # Few options: a second try would be a guess, and what is said of each box gives the rest away.
        yield Settled(at=now, label=action.label, way="left")


def _own_mark(state: State, action: MarkOwn, now: datetime) -> Iterator[Event]:
    _, part = _part(state, action.label)
    own = state.parts[action.label]
    after_exam = state.phase == "marking"
    if own.own_points is not None or (own.settled is not None and not after_exam):
        raise Refused("That is settled.")
    # In practice what could not be read is written anew; only after an exam can nothing be written any more.
    waits = own.last is not None and own.last.mark.verdict in OPEN
    if not waits or not (after_exam or part.by_person):
        raise Refused("There is no answer that waits for your mark.")
    if not 0 <= action.points <= part.points:
        raise Refused(f"Points are a number from 0 to {part.points:g}.")
    yield SelfMarked(at=now, label=action.label, points=round(action.points, 4))
    if own.settled is None:
        yield Settled(at=now, label=action.label, way="answered")


def _another(state: State, action: Another, now: datetime, material: Material) -> Iterator[Event]:
    item = state.item(action.number)
    if item is None:
        raise Refused(f"There is no question {action.number} in this session.")
    if len(state.items) >= MOST_ITEMS:
        raise Refused(f"A session has at most {MOST_ITEMS} questions.")
    for label in item.labels():
        if state.parts[label].settled is None:
            yield Settled(at=now, label=label, way="skipped")
    number = max(i.number for i in state.items) + 1
    fresh = item_of(number, _fresh(state, item, material), ends_after=item.ends_after)
    yield Added(at=now, item=fresh, after=action.number)


def _fresh(state: State, item: Item, material: Material) -> Variant:
    """A variant that differs from those of the session: in its numbers, else in the order of its options."""
    seen = [material.of(i) for i in state.items if i.question == item.question]
    best: tuple[int, Variant] | None = None
    for attempt in range(TRIES):
        label = ("quiz", state.seed, item.question, "another", len(seen), attempt)
        variant = material.variant(item.question, Source(*label).below(2**32), item.ends_after)
        news = 2 * all(variant.parameters != v.parameters for v in seen)
        news += all(variant.parts[0].answer != v.parts[0].answer for v in seen)
        if best is None or news > best[0]:
            best = news, variant
        if news >= (2 if variant.parameters else 1):
            break
    if best is None:
        raise AssertionError("at least one draw is tried")
    return best[1]


def _in_exam(state: State, action: Action, now: datetime, material: Material) -> Iterator[Event]:
    deadline = state.deadline
    if deadline is None:
        raise AssertionError("an exam has terms")
    if now >= deadline:
        # What came too late is not taken; the exam ended when its time was over.
        yield HandedIn(at=deadline, by="clock")
        yield from _graded(state, now, material)
        return
    match action:
        case Look():
            return
        case Answer():
            _part(state, action.label)
            text, own = _text(action), state.parts[action.label]
            if text == own.written and action.sure in (None, own.sure):
                return  # a face may save as often as it likes
            yield Written(
                at=now,
                label=action.label,
                text=text,
                sure=action.sure,
                seconds=_seconds(state, now),
            )
        case Turn():
            if state.item(action.number) is None:
                raise Refused(f"There is no question {action.number}.")
            if action.number != state.position:
                yield Turned(at=now, number=action.number)
        case HandIn() | Finish():
            yield HandedIn(at=now, by="student")
            yield from _graded(state, now, material)
        case _:
            raise Refused("Not during an exam: hand in first.")


def _graded(state: State, now: datetime, material: Material) -> Iterator[Event]:
    for item in state.items:
        for label in item.labels():
            mark = judged(material, state, label, state.parts[label].written)
            yield Graded(at=now, label=label, mark=mark)


def _consequences(state: State, events: Sequence[Event], now: datetime) -> Iterator[Event]:
    if state.phase == "over" or not events:
        return
    if state.mode != "exam":
        yield from _ratings(state, now, unfinished=False)
    elif state.phase == "marking" and not waiting(state):
        yield from _ratings(state, now, unfinished=True)
        yield Finished(at=now)


def waiting(state: State) -> list[str]:
    """The labels of an exam's answers for which the student may still give points."""
    found = []
    for label, part in state.parts.items():
        own = part.own_points is None and part.last is not None
        if own and part.last is not None and part.last.mark.verdict in OPEN:
            found.append(label)
    return found


def _ratings(state: State, now: datetime, *, unfinished: bool) -> Iterator[Event]:
    """A rating for each item that is settled, or, at the end, begun."""
    known = reached(state)
    for item in state.items:
        if item.number in state.rated or item.number not in known:
            continue
        parts = [state.parts[label] for label in item.labels()]
        if not unfinished and any(part.settled is None for part in parts):
            continue
        outcomes = [outcome(p, s) for p, s in zip(item.parts, parts, strict=True)]
        found = rating(outcomes)
        if found is not None:
            yield Rated(at=now, number=item.number, question=item.question, rating=found)


def _open(state: State, label: str) -> tuple[Item, Asked]:
    found = _part(state, label)
    if state.parts[label].settled is not None:
        raise Refused("That is settled.")
    return found


def _part(state: State, label: str) -> tuple[Item, Asked]:
    found = state.find(label)
    if found is None:
        raise Refused(f"There is no answer {label} in this session.")
    return found


def _text(action: Answer) -> str:
    """What was typed, without blanks around it; half of a surrogate pair is no text."""
    text = action.text.encode("utf-8", "replace").decode("utf-8").strip()
    if len(text) > MAX_PROSE:
        raise Refused(f"An answer has at most {MAX_PROSE} characters.")
    return text


def _seconds(state: State, now: datetime) -> float:
    return round(min(max((now - state.last_at).total_seconds(), 0.0), LONGEST_S), 1)
