"""`grade --review ASSIGNMENT`: keys in, screens out, until all is marked or the person leaves; and what was done."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.review.keyboard import CLEAR, END, ENTER, key_pressed, line_typed, single_keys
from question_bank.command_line import DONE
from question_bank.diagnostics import bad_input, printable
from question_bank.wording import counted

if TYPE_CHECKING:
    from grader.review.answers import Group
    from grader.review.session import Session
    from leaderboard.store import Store

LONGEST_NOTE = 500


@dataclass(frozen=True)
class Walk:
    """Which answers to walk: the open ones, what people marked of a question (`again`), or what the machine decided.

    The last (`overrule`) is of a `question`, of a `user`, or of both.
    """

    again: str | None = None
    overrule: bool = False
    question: str | None = None
    user: str | None = None


def review(assignment: str, by: str, walk: Walk) -> int:
    """Walk answers of an assignment, to mark them.

    Raises InputError without a terminal, without results, or where there is nothing to mark anew.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise bad_input(
            "no-terminal",
            "--review shows answers and takes keys: it needs a terminal",
            hint="run it in a terminal; the board shows what is still open",
        )
    from grader.review.recording import settle
    from grader.review.session import Session

    store = _opened(assignment)
    try:
        settle(store, assignment)
        session = Session(_walked(store, assignment, walk))
        if not session.groups:
            print(f'nothing of "{assignment}" waits for a person')
            return DONE
        with single_keys():
            _Sitting(store, assignment, by, session).run()
        _farewell(session)
    finally:
        store.close()
    return DONE


def _walked(store: Store, assignment: str, walk: Walk) -> list[Group]:
    from grader.review.answers import decided_groups, marked_groups, open_groups

    if walk.overrule:
        return decided_groups(store, assignment, walk.question, walk.user)
    if walk.again is not None:
        return marked_groups(store, assignment, walk.again)
    return open_groups(store, assignment)


def review_log(assignment: str, as_json: str | None) -> int:
    """Print who marked or regraded what and when, the oldest first. Raises InputError without results."""
    from grader.review.log import data_of, lines_of, log_of
    from question_bank.files import write_whole

    store = _opened(assignment)
    try:
        log = log_of(store, assignment)
    finally:
        store.close()
    if as_json is None:
        print("\n".join(lines_of(log)) or f'nobody marked or regraded anything of "{assignment}"')
        return DONE
    text = json.dumps(data_of(assignment, log), ensure_ascii=False, indent=1) + "\n"
    if as_json == "-":
        sys.stdout.write(text)
    else:
        write_whole(Path(as_json), text)
    return DONE


def _opened(assignment: str) -> Store:
    from leaderboard.store import graded_submissions, open_store

    store = open_store(must_exist=True)
    if not graded_submissions(store, assignment):
        store.close()
        raise bad_input(
            "nothing-graded",
            f'the store has no result of "{assignment}"',
            hint="grade with --record keeps results",
        )
    return store


def _farewell(session: Session) -> None:
    answers = sum(len(session.groups[index].answers) for index in session.given)
    waiting = sum(
        answer.mark is None and answer.overrules is None
        for index, group in enumerate(session.groups)
        if index not in session.given
        for answer in group.answers
    )
    print(f"{counted(answers, 'answer')} marked, {waiting} still wait")


class _Sitting:
    """One person at the terminal."""

    def __init__(self, store: Store, assignment: str, by: str, session: Session) -> None:
        from grader.review.recording import known_marks

        self.store, self.assignment, self.by, self.session = store, assignment, by, session
        self.known = known_marks(session.groups)
        self.solution = False
        self.said = ""

    def run(self) -> None:
        """Until the person leaves."""
        from grader.review.screen import screen

        while True:
            width = shutil.get_terminal_size().columns
            text = screen(self.session, width=width, solution=self.solution, said=self.said)
            sys.stdout.write(CLEAR + text)
            sys.stdout.flush()
            self.said = ""
            key = key_pressed()
            if key in ("q", END, ""):
                sys.stdout.write(CLEAR)
                return
            self._press(key)

    def _press(self, key: str) -> None:
        session = self.session
        if key.isascii() and key.isdigit() and key != "0":
            if not session.toggle(int(key) - 1):
                self.said = f"the rubric has no line {key}"
        elif key in ("0", "f", "p"):
            self._points(key)
        elif key == "=":
            if not session.same_as_before():
                self.said = "nothing was kept for this question before"
        elif key in ENTER:
            self._keep()
        elif key == "n":
            session.set_note(printable(line_typed("note for these students: "))[:LONGEST_NOTE])
        elif key == "s":
            self.solution = not self.solution
        elif key in ("-", "b"):
            session.go(1 if key == "-" else -1)
        elif key == "u":
            self._undo()
        else:
            self.said = f"{key!r} means nothing here"

    def _points(self, key: str) -> None:
        from fractions import Fraction

        from grader.review.recording import exact

        group = self.session.group
        if group is None:
            return
        full = Fraction(group.asked.points).limit_denominator(10_000)
        chosen = {"0": Fraction(0), "f": full}.get(key)
        if chosen is None:
            chosen = exact(line_typed(f"points, 0 to {group.asked.points:g}: "))
        if chosen is None or not self.session.set_points(chosen):
            self.said = f"points are a number from 0 to {group.asked.points:g}, like 1.5"

    def _keep(self) -> None:
        from grader.review.recording import keep_marks

        group = self.session.group
        if group is not None and group.overrules and not self.session.chosen.note:
            self.said = "the machine decided this: say why you decide otherwise first (n)"
            return
        given = self.session.keep()
        if given is None or group is None:
            self.said = "choose points first: lines of the rubric, f, 0 or p"
            return
        others = keep_marks(self.store, self.assignment, group, given, self.by, self.known)
        if others:
            self.said = f"{others} of them were marked by somebody else meanwhile, which stands"

    def _undo(self) -> None:
        from grader.review.recording import take_back

        index = self.session.undo()
        if index is None:
            self.said = "nothing was kept in this sitting"
            return
        take_back(self.store, self.assignment, self.session.groups[index], self.by, self.known)
        self.said = "taken back"
