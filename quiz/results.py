"""What came of a session: by part, and summed up by section, lecture and topic; and how well a question went."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from question_bank.answers.base import Verdict
from quiz.events import Asked, Item, Rating
from quiz.state import PartState, State

K = TypeVar("K")

ENOUGH = 0.5
"""From this share of the points on, a question went partly well."""


@dataclass(frozen=True)
class Outcome:
    """What came of one answer. `points` is None where it does not count: skipped, unreadable, or left open."""

    part: Asked
    verdict: Verdict
    points: float | None
    answer: str = ""
    message: str = ""
    mistake: str | None = None
    read_as: str | None = None
    self_marked: bool = False
    hints: int = 0
    shown: bool = False
    sure: bool | None = None
    seconds: float = 0.0


def outcome(part: Asked, state: PartState) -> Outcome:
    """The outcome of a part as it stands: the first attempt that could be marked counts."""
    counted = state.counted
    attempt = counted or state.last
    if attempt is None:
        # Skipped or not reached: no evidence. Where the solution was shown instead, nothing is earned.
        points = 0.0 if state.settled == "shown" else None
        return Outcome(part, "not_answered", points, shown=state.settled == "shown")
    mark = attempt.mark
    if state.own_points is not None:
        points = state.own_points
    elif counted is not None:
        points = mark.points
    elif mark.verdict == "not_answered":
        points = 0.0
    else:
        points = None
    return Outcome(
        part=part,
        verdict=mark.verdict,
        points=points,
        answer=attempt.text,
        message=mark.message,
        mistake=mark.mistake,
        read_as=mark.read_as,
        self_marked=state.own_points is not None,
        hints=attempt.hints,
        shown=state.settled == "shown",
        sure=attempt.sure,
        seconds=attempt.seconds,
    )


def outcomes(state: State) -> list[tuple[Item, Asked, Outcome]]:
    """Every answer of the session that was attempted or settled, in order."""
    found = []
    for item in state.items:
        for part, label in zip(item.parts, item.labels(), strict=True):
            own = state.parts[label]
            if own.attempts or own.settled is not None:
                found.append((item, part, outcome(part, own)))
    return found


def rating(found: Sequence[Outcome]) -> Rating | None:
    """How well a question went: all right without a hint is good, half of the points is hard, less is again.

    None where nothing counts.
    """
    counted = [o for o in found if o.points is not None]
    possible = sum(o.part.points for o in counted)
    if not possible:
        return None
    share = sum(o.points or 0.0 for o in counted) / possible
    if share >= 1 and not any(o.hints for o in counted):
        return "good"
    return "hard" if share >= ENOUGH else "again"


@dataclass(frozen=True)
class Tally:
    """Points earned and possible, over what counts; `open` are the points of what does not."""

    earned: float
    possible: float
    open: float = 0.0


def tally(found: Iterable[Outcome]) -> Tally:
    """The sum over outcomes."""
    earned, possible, left = 0.0, 0.0, 0.0
    for each in found:
        if each.points is None:
            left += each.part.points
        else:
            earned += each.points
            possible += each.part.points
    return Tally(round(earned, 4), possible, left)


def total(state: State) -> Tally:
    """The sum of the session."""
    return tally(o for *_, o in outcomes(state))


def by_lecture(state: State) -> dict[int, Tally]:
    """The sums for each lecture that was asked about."""
    sums = _grouped(state, lambda item: item.lecture)
    return dict(sorted(sums.items()))


def by_section(state: State) -> dict[str, Tally]:
    """The sums for each part of an exam, in its order."""
    return _grouped(state, lambda item: item.section)


def to_repeat(state: State) -> list[str]:
    """The topics in which points were lost, the most first."""
    lost: dict[str, float] = {}
    for item, part, came in outcomes(state):
        if came.points is not None and came.points < part.points:
            lost[item.topic] = lost.get(item.topic, 0.0) + part.points - came.points
    return sorted(lost, key=lambda topic: -lost[topic])


def reached(state: State) -> set[int]:
    """The items that say something about the student: in an exam, those up to the last that was answered.

    What comes after it was left for want of time, or since the exam was given up.
    """
    if state.mode != "exam":
        return {item.number for item in state.items}
    answered = [any(state.parts[own].written for own in item.labels()) for item in state.items]
    last = max((place for place, some in enumerate(answered) if some), default=-1)
    return {item.number for item in state.items[: last + 1]}


def _grouped(state: State, group: Callable[[Item], K]) -> dict[K, Tally]:
    groups: dict[K, list[Outcome]] = {}
    for item, _, found in outcomes(state):
        groups.setdefault(group(item), []).append(found)
    return {name: tally(found) for name, found in groups.items()}
