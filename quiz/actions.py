"""What a student can do in a session. A face turns keys and clicks into these; `quiz.engine.decide` answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """Answer a part: "3", "4a". `reading` is one of an earlier mark's `ask`; `sure` the student's confidence."""

    label: str
    text: str
    sure: bool | None = None
    reading: str | None = None


@dataclass(frozen=True)
class Hint:
    """Show the next hint of a part."""

    label: str


@dataclass(frozen=True)
class Show:
    """Show the worked solution of a part, which settles it."""

    label: str


@dataclass(frozen=True)
class Leave:
    """Go on from a part after an answer that was not right; the solution is shown."""

    label: str


@dataclass(frozen=True)
class Skip:
    """Pass over a part: no solution, and it does not count."""

    label: str


@dataclass(frozen=True)
class MarkOwn:
    """Give points for one's own answer that waits for a person."""

    label: str
    points: float


@dataclass(frozen=True)
class Another:
    """Ask for another variant of the question of an item, right after it."""

    number: int


@dataclass(frozen=True)
class Turn:
    """In an exam: turn to an item."""

    number: int


@dataclass(frozen=True)
class HandIn:
    """In an exam: hand in before the time is over."""


@dataclass(frozen=True)
class Look:
    """Nothing but a look at the clock: an exam whose time is over ends."""


@dataclass(frozen=True)
class Finish:
    """End the session."""


Action = Answer | Hint | Show | Leave | Skip | MarkOwn | Another | Turn | HandIn | Look | Finish
