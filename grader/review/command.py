"""`grade --review ASSIGNMENT`: keys in, screens out, until all is marked or the person leaves; and what was done."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.review.keyboard import CLEAR, END, ENTER, key_pressed, line_typed, single_keys
from question_bank.command_line import DONE
from question_bank.diagnostics import bad_input, printable
from question_bank.wording import counted

if TYPE_CHECKING:
    from grader.review.groups import Group
    from grader.review.pictures import PictureFiles
    from grader.review.recording import Book, Way
    from grader.review.session import Session
    from leaderboard.store import Store

LONGEST_NOTE = 500


@dataclass(frozen=True)
class Walk:
    """Which answers to walk: the open ones, what people marked of a question (`again`), or what the machine decided.

    The last (`overrule`) is of a `question`, of a `user`, or of both. `second` walks what a second person can mark
    without seeing the first's marks, `settle` what two persons see differently.
    """

    again: str | None = None
    overrule: bool = False
    question: str | None = None
    user: str | None = None
    second: bool = False
    settle: bool = False


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
    from grader.review.pictures import picture_files
    from grader.review.recording import settle
    from grader.review.session import Session

    store = opened(assignment)
    try:
        settle(store, assignment)
        session = Session(walked(store, assignment, by, walk))
        if not session.groups:
            print(nothing_left(assignment, walk))
            return DONE
        with single_keys(), picture_files(store) as files:
            sitting = _Sitting(session, book_of(store, assignment, by, session, walk), files)
            sitting.run()
        _farewell(session, sitting.not_kept)
    finally:
        store.close()
    return DONE


def nothing_left(assignment: str, walk: Walk) -> str:
    """What is said where there is nothing to walk."""
    if walk.settle:
        return f'no two persons gave an answer of "{assignment}" different points'
    if walk.second:
        return f'nothing of "{assignment}" is left to be marked a second time by you'
    return f'nothing of "{assignment}" waits for a person'


def book_of(store: Store, assignment: str, by: str, session: Session, walk: Walk) -> Book:
    """Where a walk is written down."""
    from grader.review.recording import Book, known_marks

    known = known_marks(session.groups)
    way: Way = "opinions" if walk.second else "settlements" if walk.settle else "marks"
    return Book(store, assignment, by, known, way)


def walked(store: Store, assignment: str, by: str, walk: Walk) -> list[Group]:
    """The answers to walk. Raises InputError where there is nothing to mark anew."""
    from grader.review.answers import decided_groups, marked_groups, open_groups
    from grader.review.twice import differing_groups, second_groups

    if walk.second:
        return second_groups(store, assignment, by)
    if walk.settle:
        return differing_groups(store, assignment)

    if walk.overrule:
        return decided_groups(store, assignment, walk.question, walk.user)
    if walk.again is not None:
        return marked_groups(store, assignment, walk.again)
    return open_groups(store, assignment)


def review_log(assignment: str, as_json: str | None) -> int:
    """Print who marked or regraded what and when, the oldest first. Raises InputError without results."""
    from grader.review.log import data_of, lines_of, log_of
    from question_bank.files import write_whole

    store = opened(assignment)
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


def review_differences(assignment: str, as_json: str | None) -> int:
    """Print how persons who marked the same answers agree, and where they differ. Raises InputError without results."""
    from grader.review.twice import differences_data, differences_in_words
    from question_bank.files import write_whole

    store = opened(assignment)
    try:
        data, lines = (
            differences_data(store, assignment),
            differences_in_words(store, assignment),
        )
    finally:
        store.close()
    if as_json is None:
        print(
            "\n".join(map(printable, lines))
            or f'nobody marked an answer of "{assignment}" a second time'
        )
        return DONE
    text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    if as_json == "-":
        sys.stdout.write(text)
    else:
        write_whole(Path(as_json), text)
    return DONE


def opened(assignment: str) -> Store:
    """The store, with results of this assignment. Raises InputError without."""
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


def _farewell(session: Session, not_kept: Mapping[int, int]) -> None:
    others = sum(not_kept.get(index, 0) for index in session.given)
    answers = sum(len(session.groups[index].answers) for index in session.given) - others
    waiting = sum(
        answer.waits
        for index, group in enumerate(session.groups)
        if index not in session.given
        for answer in group.answers
    )
    print(f"{counted(answers, 'answer')} marked, {waiting} still wait")
    if others:
        print(f"{counted(others, 'answer')} not kept: marked by somebody else meanwhile")


class _Sitting:
    """One person at the terminal."""

    def __init__(self, session: Session, book: Book, files: PictureFiles) -> None:
        self.session, self.book, self.files = session, book, files
        self.solution = False
        self.said = ""
        # Of each group that was given points: the answers that somebody else marked meanwhile.
        self.not_kept: dict[int, int] = {}

    def run(self) -> None:
        """Until the person leaves."""
        from grader.review.screen import screen

        while True:
            width = shutil.get_terminal_size().columns
            drawn = self._drawn(width)
            text = screen(
                self.session, width=width, solution=self.solution, said=self.said, drawn=drawn
            )
            sys.stdout.write(CLEAR + text)
            sys.stdout.flush()
            self.said = ""
            key = key_pressed()
            if key in ("q", END, ""):
                sys.stdout.write(CLEAR)
                return
            self._press(key)

    def _drawn(self, width: int) -> list[str]:
        """Pictures of the answer as far as a terminal can draw them, and the files that show them better."""
        from grader.terminal_picture import half_blocks

        group = self.session.group
        files = [] if group is None else self.files.of(group.answers[0])
        rows = max(8, shutil.get_terminal_size().lines)
        lines = []
        for file in files:
            lines += [half_blocks(file, max(10, width - 2), rows), f"picture: {file}"]
        return lines

    def _as_given(self, key: str) -> None:
        """Of two persons who differ: what the first gave, or what the next of the others did."""
        group = self.session.group
        opinions = () if group is None else group.answers[0].opinions
        mark = None if group is None else group.answers[0].mark
        if not opinions or mark is None:
            self.said = f"{key!r} means nothing here"
            return
        self.session.as_given(mark if key == "a" else opinions[0])

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
        elif key in ("a", "z"):
            self._as_given(key)
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
        group = self.session.group
        if group is not None and group.overrules and not self.session.chosen.note:
            self.said = "the machine decided this: say why you decide otherwise first (n)"
            return
        given = self.session.keep()
        if given is None or group is None:
            self.said = "choose points first: lines of the rubric, f, 0 or p"
            return
        others = self.not_kept[given.group] = self.book.keep(group, given)
        if others:
            count = len(group.answers)
            which = "this" if others == count == 1 else f"{others} of {count}"
            self.said = f"not kept: {which}, marked by somebody else meanwhile, which stands"

    def _undo(self) -> None:
        index = self.session.undo()
        if index is None:
            self.said = "nothing was kept in this sitting"
            return
        self.book.take_back(self.session.groups[index])
        self.said = "taken back"
