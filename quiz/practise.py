"""Practice in a terminal: question by question, by keyboard or through a pipe.

At the keyboard a wrong answer can be tried again, with hints; through a pipe each line answers one part, so that
lines and questions stay in step. Commands begin with a sign that no answer begins with, or are words that cannot be
read as an answer to what is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from question_bank.answers import answer_type
from question_bank.answers.base import Unreadable
from question_bank.key import KeyPart
from question_bank.wording import counted
from quiz.actions import Action, Another, Answer, Finish, Hint, Leave, MarkOwn, Show, Skip
from quiz.desk import Desk, Interrupted, Session, act
from quiz.engine import OPEN, Refused
from quiz.events import Asked, Attempted, Event, Item
from quiz.prose import whole_answer
from quiz.screen import TRIES, Ended, Screen, ask_sure, read, say, show
from quiz.shown import (
    show_boxes,
    show_mark,
    show_part,
    show_question,
    show_rubric,
    show_solution,
)

COMMANDS = {
    "?": "hint", "h": "hint", "hint": "hint",
    "??": "solution", "w": "solution", "solution": "solution",
    "s": "skip", "skip": "skip",
    "v": "another", "another": "another",
    "q": "quit", "quit": "quit",
}  # fmt: skip
HELP = "? hint, ?? solution, :s skip, :v another variant, :q leave, Enter: not answered"


@dataclass
class _Sitting:
    """A session in front of a screen: the one thing here that changes."""

    desk: Desk
    session: Session
    screen: Screen
    confidence: bool
    shown: set[int] = field(default_factory=set)

    def do(self, action: Action) -> tuple[Event, ...] | None:
        """Do it, and say why not where it is refused (None)."""
        try:
            self.session, happened = act(self.desk, self.session, action)
        except Refused as refused:
            say(self.screen, str(refused))
            return None
        return happened


class _Left(Exception):
    """The student has left."""


def practise(desk: Desk, session: Session, screen: Screen, *, confidence: bool = False) -> Session:
    """Ask everything in order. The end of the input, or Ctrl-C, leaves the session to be taken up again.

    confidence: ask after each answer whether the student is sure.
    Raises Interrupted.
    """
    sitting = _Sitting(desk, session, screen, confidence)
    say(screen, f"{counted(len(session.state.items), 'question')}. {HELP}", "dim")
    try:
        while (current := sitting.session.state.current) is not None:
            _ask(sitting, *current)
    except KeyboardInterrupt:
        raise Interrupted(sitting.session) from None
    except _Left:
        pass
    except Ended:
        # The end of a pipe is the end of what was handed in; a terminal that went away may come back.
        if screen.interactive:
            return sitting.session
    sitting.do(Finish())
    return sitting.session


def _ask(sitting: _Sitting, item: Item, part: Asked) -> None:
    state, screen, material = sitting.session.state, sitting.screen, sitting.desk.material
    if item.number not in sitting.shown:
        sitting.shown.add(item.number)
        heading = f"Question {state.place(item.number)} of {len(state.items)}"
        show_question(screen, material, item, heading)
    show_part(screen, material, item, part)
    label = f"{item.number}{part.label}"
    key = material.key_part(item, part)
    while sitting.session.state.parts[label].settled is None:
        _turn(sitting, item, part, key, label)
    done = all(sitting.session.state.parts[own].settled for own in item.labels())
    if done and screen.interactive:
        _between(sitting, item)


def _turn(sitting: _Sitting, item: Item, part: Asked, key: KeyPart, label: str) -> None:
    """One line of the student's."""
    screen, material = sitting.screen, sitting.desk.material
    typed = read(screen, "> ")
    command = command_in(typed, key)
    if command == "quit":
        raise _Left
    if command == "help":
        say(screen, HELP)
    elif command == "hint":
        if sitting.do(Hint(label)):
            level = sitting.session.state.parts[label].hints
            hints = material.hints(item, part)
            show(screen, f"Hint {level} of {len(hints)}: {hints[level - 1]}")
    elif command == "skip":
        sitting.do(Skip(label))
    elif command == "another":
        sitting.do(Another(item.number))
    elif command == "solution" or not typed:
        tried = sitting.session.state.parts[label].attempts
        before = tried[-1].text if tried else ""
        sitting.do(Leave(label) if tried and command is None else Show(label))
        if not tried:
            say(screen, "Not answered", "bold")
        show_boxes(screen, key, before)
        show_solution(screen, material, item, part)
    else:
        text = whole_answer(screen, key.key, typed)
        _answer(sitting, item, part, key, Answer(label, text))


def command_in(typed: str, key: KeyPart) -> str | None:
    """The command that a line is: `?`, `:q`; or a word such as `q` where it could be no answer; else None."""
    word = typed.lower()
    if word.startswith(":"):
        return COMMANDS.get(word[1:], "help")
    if word in ("?", "??"):
        return COMMANDS[word]
    if word not in COMMANDS:
        return None
    kind = answer_type(key.answer["type"])
    if kind.by_person:
        return None
    try:
        kind.parse(word, key.key)
    except Unreadable:
        return COMMANDS[word]
    return None


def _answer(sitting: _Sitting, item: Item, part: Asked, key: KeyPart, answer: Answer) -> None:
    screen, material = sitting.screen, sitting.desk.material
    if sitting.confidence and answer.sure is None:
        try:
            answer = replace(answer, sure=ask_sure(screen))
        except (Ended, KeyboardInterrupt):
            sitting.do(answer)  # what was typed is an answer all the same
            raise
    happened = sitting.do(answer)
    if happened is None:
        if not screen.interactive:
            sitting.do(Skip(answer.label))  # the next line belongs to the next part
        return
    (mark,) = [event.mark for event in happened if isinstance(event, Attempted)]
    own = sitting.session.state.parts[answer.label]
    if mark.verdict == "needs_person" and part.by_person:
        show_solution(screen, material, item, part)
        show_rubric(screen, key)
        points = _points(screen, part.points)
        sitting.do(Leave(answer.label) if points is None else MarkOwn(answer.label, points))
        return
    if screen.interactive and mark.ask:
        chosen = _reading(screen, mark.ask)
        if chosen is not None:
            _answer(sitting, item, part, key, replace(answer, reading=chosen))
        return
    if own.settled is None and not screen.interactive:
        sitting.do(Leave(answer.label))
        own = sitting.session.state.parts[answer.label]
    show_mark(screen, key, mark, answer.text, settled=own.settled is not None)
    if own.settled is not None:
        show_solution(screen, material, item, part)
    elif mark.verdict in OPEN:
        say(screen, "Write it in another way, or Enter to go on.", "dim")
    else:
        say(screen, "Try again; or ? for a hint, ?? for the solution, Enter to go on.", "dim")


def _reading(screen: Screen, readings: tuple[str, ...]) -> str | None:
    """The reading that is meant; None to write the answer anew."""
    say(screen, "This can be read in more than one way. Which is meant?")
    for number, reading in enumerate(readings, start=1):
        say(screen, f"  {number}) {reading}")
    typed = read(screen, f"1 to {len(readings)}, or Enter to write it anew> ")
    if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(readings):
        return readings[int(typed) - 1]
    return None


def _points(screen: Screen, most: float) -> float | None:
    """The student's own points; None where they are left open."""
    for _ in range(TRIES):
        typed = read(screen, f"points (0 to {most:g})> ")
        try:
            points = float(typed.replace(",", "."))
        except ValueError:
            points = -1.0
        if 0 <= points <= most:
            return points
        if not typed or not screen.interactive:
            return None
        say(screen, f"a number from 0 to {most:g}, or Enter to leave it open")
    return None


def _between(sitting: _Sitting, item: Item) -> None:
    """A breath after a question, at the keyboard."""
    state = sitting.session.state
    last = state.place(item.number) == len(state.items)
    skipped = any(state.parts[label].settled == "skipped" for label in item.labels())
    if skipped:
        return
    onward = "result" if last else "next question"
    say(sitting.screen)
    typed = read(sitting.screen, f"Enter: {onward}, v: another variant of this one, q: leave> ")
    word = typed.lower().lstrip(":")
    if word in ("q", "quit"):
        raise _Left
    if word in ("v", "another"):
        sitting.do(Another(item.number))
