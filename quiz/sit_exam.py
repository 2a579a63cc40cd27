"""A mock exam in a terminal: against the clock, answers may be changed until the end, then marks and solutions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from question_bank.wording import counted
from quiz.actions import Action, Answer, Finish, HandIn, Look, MarkOwn, Turn
from quiz.desk import Desk, Interrupted, Session, act
from quiz.echo import echo_of
from quiz.engine import Refused, waiting
from quiz.events import Asked, Item
from quiz.prose import whole_answer
from quiz.results import outcomes
from quiz.screen import TRIES, Ended, Screen, ask_sure, read, say, show
from quiz.shown import show_mark, show_part, show_question, show_rubric, show_solution
from quiz.state import State
from quiz.written import answered

HELP = ":n next, :b back, :g N go to question N, :o overview, - takes an answer back, :done hand in, :q leave (the clock runs on)"


@dataclass
class _Desk:
    """An exam in front of a screen: the one thing here that changes."""

    desk: Desk
    session: Session
    screen: Screen
    confidence: bool

    @property
    def state(self) -> State:
        return self.session.state

    def do(self, action: Action) -> bool:
        """Do it, and say why not where it is refused."""
        try:
            self.session, _ = act(self.desk, self.session, action)
        except Refused as refused:
            say(self.screen, str(refused))
            return False
        return True

    def minutes_left(self) -> int:
        """Whole minutes until the end, begun ones counted."""
        left = (self.state.deadline or self.desk.clock()) - self.desk.clock()
        return max(math.ceil(left / timedelta(minutes=1)), 0)


class _Paused(Exception):
    """The student has left the exam; its clock runs on."""


def sit_exam(desk: Desk, session: Session, screen: Screen, *, confidence: bool = False) -> Session:
    """Sit the exam, and mark what is left to the student. Leaving it early leaves it to be taken up again.

    The end of a pipe hands it in. confidence: ask after each answer whether the student is sure. Raises Interrupted.
    """
    at = _Desk(desk, session, screen, confidence)
    try:
        return _sat(at)
    except KeyboardInterrupt:
        raise Interrupted(at.session) from None


def _sat(at: _Desk) -> Session:
    screen = at.screen
    at.do(Look())
    terms = at.state.terms
    if terms is not None and at.state.phase == "asking":
        _say_terms(at)
    try:
        while at.state.phase == "asking":
            _page(at)
    except _Paused:
        return at.session
    except Ended:
        if screen.interactive:
            return at.session
        at.do(HandIn())
    if at.state.handed_in is not None and at.state.handed_in == at.state.deadline:
        say(screen, "The time is over: what was written until then is handed in.", "bold")
    try:
        _mark_own(at)
    except Ended:
        if screen.interactive:
            return at.session
    if at.state.phase != "over":
        at.do(Finish())
    _review(at)
    return at.session


def _say_terms(at: _Desk) -> None:
    terms, screen = at.state.terms, at.screen
    if terms is None:
        raise AssertionError("an exam has terms")
    say(screen, terms.title, "bold")
    count = counted(len(at.state.items), "question")
    say(
        screen,
        f"{terms.points:g} points, {terms.minutes:g} minutes, {count}. {at.minutes_left()} minutes left.",
    )
    for section in dict.fromkeys(item.section for item in at.state.items):
        mine = [item for item in at.state.items if item.section == section]
        points = sum(part.points for item in mine for part in item.parts)
        say(screen, f"  {section}: {counted(len(mine), 'question')}, {points:g} points")
    say(screen, "Answers can be changed until the end; Enter keeps what is there.")
    say(screen, HELP, "dim")


def _page(at: _Desk) -> None:
    """One question: every part in turn, then the next question."""
    item = at.state.item(at.state.position)
    if item is None:
        raise AssertionError("the exam stands at one of its questions")
    place = at.state.place(item.number)
    heading = f"{item.section}. Question {place} of {len(at.state.items)}"
    show_question(at.screen, at.desk.material, item, heading)
    for part, label in zip(item.parts, item.labels(), strict=True):
        show_part(at.screen, at.desk.material, item, part)
        while at.state.phase == "asking":
            written = at.state.parts[label].written
            if written:
                say(at.screen, f"Written so far: {written}", "dim")
            typed = read(at.screen, f"[{at.minutes_left()} min] {label}> ")
            if typed.startswith(":"):
                if _command(at, item, typed[1:].lower()):
                    return
            elif not typed or _write(at, item, part, label, typed):
                break
        if at.state.phase != "asking":
            return
    _go(at, place + 1)


def _write(at: _Desk, item: Item, part: Asked, label: str, typed: str) -> bool:
    """Keep an answer, and whether the student is sure of it; True where the exam goes on from there.

    How it is read is said, and never whether it is right: at the keyboard, what cannot be read may be written anew.
    """
    key = at.desk.material.key_part(item, part).key
    text = "" if typed == "-" else whole_answer(at.screen, key, typed)
    if not at.do(Answer(label, text)):
        return False
    if not text or at.state.phase != "asking":
        return True
    read_as = echo_of(key, text)
    if read_as.fault:
        say(at.screen, f"Kept, but it cannot be read: {read_as.fault}.", "bold")
        if at.screen.interactive:
            say(at.screen, "Write it in another way, or Enter to leave it so.", "dim")
            return False
    elif read_as.text and read_as.text != text:
        say(at.screen, f"Read as {read_as.text}", "dim")
    if at.confidence:
        sure = ask_sure(at.screen)
        if sure is not None:
            at.do(Answer(label, text, sure))
    return True


def _command(at: _Desk, item: Item, command: str) -> bool:
    """Do a command; True where the exam stands elsewhere then."""
    place = at.state.place(item.number)
    word, _, rest = command.partition(" ")
    if word in ("n", "next"):
        return _go(at, place + 1)
    if word in ("b", "back"):
        return _go(at, max(place - 1, 1))
    if word in ("g", "go"):
        number = rest.strip()
        known = number.isascii() and number.isdigit() and len(number) < 6
        if not known or not 1 <= int(number) <= len(at.state.items):
            say(at.screen, f"Questions are numbered 1 to {len(at.state.items)}: like :g 1")
            return False
        return _go(at, int(number))
    if word in ("o", "overview"):
        _overview(at)
        at.do(Look())
        return at.state.phase != "asking"
    if word == "done":
        return _hand_in(at)
    if word in ("q", "quit"):
        raise _Paused
    say(at.screen, HELP)
    return False


def _go(at: _Desk, place: int) -> bool:
    """Turn to the question at this place; after the last one the overview, and the question whether to hand in."""
    items = at.state.items
    if place > len(items):
        _overview(at)
        at.do(Look())
        if at.state.phase == "asking" and not _hand_in(at):
            at.do(Turn(items[0].number))
        return True
    return at.do(Turn(items[place - 1].number))


def _hand_in(at: _Desk) -> bool:
    while True:
        typed = read(at.screen, f"[{at.minutes_left()} min] Hand in? (y, or Enter to go on)> ")
        if typed.lower() in ("y", "yes"):
            return at.do(HandIn())
        if typed.lower() in ("", "n", "no") or not at.screen.interactive:
            return False
        # An answer that was meant for a question must not be lost without a word.
        say(at.screen, "y hands in; Enter goes on, with the first question.")


def _overview(at: _Desk) -> None:
    say(at.screen)
    for section in dict.fromkeys(item.section for item in at.state.items):
        say(at.screen, section, "bold")
        for item in (i for i in at.state.items if i.section == section):
            labels = item.labels()
            done = len(answered(at.desk.material, at.state, item))
            sign = "done" if done == len(labels) else f"{done} of {len(labels)}" if done else "open"
            place = at.state.place(item.number)
            say(at.screen, f"  {place:>3}  {sign:<8} {item.topic}")


def _mark_own(at: _Desk) -> None:
    """The student's marks for what the machine does not mark."""
    left = waiting(at.state)
    if left:
        say(at.screen)
        say(at.screen, f"{counted(len(left), 'answer')} to mark yourself.", "bold")
    for label in left:
        found = at.state.find(label)
        if found is None:
            continue
        item, part = found
        key = at.desk.material.key_part(item, part)
        place = at.state.place(item.number)
        show_question(at.screen, at.desk.material, item, f"Question {place}")
        show_part(at.screen, at.desk.material, item, part)
        say(at.screen, f"Your answer: {at.state.parts[label].written}")
        last = at.state.parts[label].last
        if last is not None and not part.by_person:
            show(at.screen, last.mark.message)
        show_solution(at.screen, at.desk.material, item, part)
        show_rubric(at.screen, key)
        for _ in range(TRIES):
            typed = read(at.screen, f"points (0 to {part.points:g})> ")
            if not typed or at.do(MarkOwn(label, _number(typed))) or not at.screen.interactive:
                break


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return -1.0  # is refused, with the range


def _review(at: _Desk) -> None:
    """Every answer with its mark and, where points were lost, the solution."""
    say(at.screen)
    say(at.screen, "Your answers", "bold")
    for item, part, came in outcomes(at.state):
        label = f"{item.number}{part.label}"
        key = at.desk.material.key_part(item, part)
        earned = "open" if came.points is None else f"{came.points:g}"
        say(at.screen)
        say(
            at.screen,
            f"{label}: {earned} of {part.points:g} points, lecture {item.lecture}: {item.topic}",
            "bold",
        )
        if came.answer:
            say(at.screen, f"Your answer: {came.answer}")
        attempt = at.state.parts[label].last
        if attempt is not None and not came.self_marked:
            show_mark(at.screen, key, attempt.mark, came.answer, settled=True)
        if came.points is None or came.points < part.points:
            show_solution(at.screen, at.desk.material, item, part)
