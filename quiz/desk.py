"""Where faces meet engine and store: each action is decided, kept, and only then shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from question_bank.diagnostics import InputError, bad_input
from quiz.actions import Action, Finish, Look
from quiz.engine import Plan, Refused, begin, step
from quiz.events import Event
from quiz.material import Material
from quiz.state import State
from quiz.store import Kept, Progress, keep, keep_beginning, load_session, unfinished

Clock = Callable[[], datetime]

MOST_EXAMS = 3
"""Mock exams of one student that go on at the same time."""


@dataclass(frozen=True)
class Desk:
    """What a session needs around it. Without `progress` nothing is kept."""

    material: Material
    clock: Clock
    progress: Progress | None = None


@dataclass(frozen=True)
class Session:
    """A session that goes on; `kept` is where it is kept."""

    state: State
    kept: Kept | None = None


class Interrupted(Exception):
    """Ctrl-C; `session` is how far it had come, and all of it is kept."""

    def __init__(self, session: Session) -> None:
        super().__init__("interrupted")
        self.session = session


def start(desk: Desk, plan: Plan) -> Session:
    """Begin a session, and keep it."""
    state, happened = begin(plan, desk.clock())
    if desk.progress is None:
        return Session(state)
    return Session(state, keep_beginning(desk.progress, state, happened))


def act(desk: Desk, session: Session, action: Action) -> tuple[Session, tuple[Event, ...]]:
    """Do what the student wants. Raises Refused, and InputError where it cannot be kept."""
    state, happened = step(session.state, action, desk.clock(), desk.material)
    if desk.progress is None or session.kept is None:
        return Session(state), happened
    return Session(state, keep(desk.progress, session.kept, state, happened)), happened


def resume(desk: Desk, number: int) -> Session:
    """A kept session, with an exam's clock looked at; one that is over comes back as it is.

    Raises LookupError, and InputError after a change of the bank.
    """
    if desk.progress is None:
        raise LookupError("nothing is kept")
    kept = load_session(desk.progress, number)
    _check_questions(desk.material, kept.state)
    if kept.state.phase == "over":
        return Session(kept.state, kept)
    session, _ = act(desk, Session(kept.state, kept), Look())
    return session


def tidy(desk: Desk) -> list[Session]:
    """End what was left unfinished, so that its questions are scheduled; returns the exams that still run."""
    running: list[Session] = []
    if desk.progress is None:
        return running
    for number in unfinished(desk.progress):
        try:
            session = resume(desk, number)
            if session.state.phase == "over":
                continue
            if session.state.mode == "exam":
                running.append(session)
            else:
                # Rated as of when it was left, not as of now.
                act(replace(desk, clock=_stopped(session.state.last_at)), session, Finish())
        except (Refused, InputError):
            continue  # goes on in another window, or its questions are gone: it stays as it is
    return running


def check_exams(running: Sequence[Session]) -> None:
    """Refuse another mock exam where as many as may be go on already. Raises Refused."""
    if len(running) >= MOST_EXAMS:
        raise Refused(
            f"{len(running)} mock exams of yours go on already, and more than {MOST_EXAMS} at a time "
            "are not kept: hand one in and look at its result first."
        )


def _stopped(moment: datetime) -> Clock:
    return lambda: moment


def _check_questions(material: Material, state: State) -> None:
    for item in state.items:
        variant = material.of(item)
        asked = [(part.label, part.points) for part in item.parts]
        if asked != [(part.label, part.points) for part in variant.parts]:
            raise bad_input(
                "changed-question",
                f"the question {item.question} has changed since this session began",
                hint="start a new session; what was answered is kept",
            )
