"""Answers that people mark, as plain data: equal ones together, similar ones one after the other.

Answers are equal where their text is the same, but for outer blanks and line ends, and where they answer the same
thing: the question as their form prints it, and the student's earlier answers that it builds on.
"""

from __future__ import annotations

import difflib
import re
import textwrap
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from leaderboard.marks import PersonsMark
from question_bank.key import KeyRubricLine


@dataclass(frozen=True)
class Asked:
    """What a person marks against, as one form asks it. Markdown; `earns` of the rubric too.

    Exercises have a title alone. `question` is the same for all forms, and so is `name`, which names the part as
    well; `right` is the right answer, where there is one to show; `exactly` tells forms with other numbers apart.
    """

    name: str
    title: str
    points: float
    question: str = ""
    text: str = ""
    right: str = ""
    solution: str = ""
    rubric: tuple[KeyRubricLine, ...] = ()
    exactly: str = ""


@dataclass(frozen=True)
class Earlier:
    """An earlier answer of the same student that an answer builds on: its part, what was typed, what came of it."""

    part: str
    text: str
    outcome: str


@dataclass(frozen=True)
class Answer:
    """One check of one submission that a person marks.

    `text` is what was answered, `message` what the machine has to say, `follows` what follows from the student's
    earlier answers (Markdown); `mark` is the mark that stands, if any. `code`: lines of the files that the message
    names. `overrules` are the points that the machine gave, where it did not leave the check open. `pictures` name the
    files of the submission that show what was written on paper; of a `bare` one nothing is to be seen there.
    `opinions` are what other people gave, where that differs from the mark and is to be settled.
    """

    submission: int
    user: str
    check: str
    text: str
    message: str
    form: str | None = None
    earlier: tuple[Earlier, ...] = ()
    follows: str = ""
    mark: PersonsMark | None = None
    code: tuple[str, ...] = ()
    overrules: float | None = None
    pictures: tuple[str, ...] = ()
    bare: bool = False
    opinions: tuple[PersonsMark, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether somebody has to give points: there are none yet, or people disagree."""
        return bool(self.opinions) or (self.mark is None and self.overrules is None)


@dataclass(frozen=True)
class Group:
    """Answers to the same thing that say the same."""

    asked: Asked
    answers: tuple[Answer, ...]

    @property
    def text(self) -> str:
        """The answer as the first of them wrote it."""
        return self.answers[0].text

    @property
    def overrules(self) -> bool:
        """Whether the machine decided these answers."""
        return any(answer.overrules is not None for answer in self.answers)

    @property
    def mark(self) -> PersonsMark | None:
        """The mark that stands for all of them alike; None where there is none, or not the same for all."""
        marks = [answer.mark for answer in self.answers]
        first = marks[0]
        same = first is not None and all(
            m is not None
            and (m.points, m.earned, m.note) == (first.points, first.earned, first.note)
            for m in marks
        )
        return first if same else None


def grouped(answers: Iterable[tuple[Asked, Answer]]) -> list[Group]:
    """Equal answers together; each group is followed by the one that is most like it."""
    equal: dict[object, list[tuple[Asked, Answer]]] = defaultdict(list)
    for asked, answer in answers:
        # Of code, each finding is its own: only what a student wrote can be the same answer.
        words = essence(answer.text) if answer.text else (answer.submission, answer.check)
        before = tuple((e.part, essence(e.text)) for e in answer.earlier)
        # What people disagree about is settled one by one.
        alone = answer.submission if answer.opinions else None
        equal[asked, words, before, alone].append((asked, answer))
    groups = [Group(same[0][0], tuple(answer for _, answer in same)) for same in equal.values()]
    return sorted(_side_by_side(groups), key=lambda group: group.answers[0].bare)


def essence(text: str) -> str:
    """An answer without what makes no difference: outer blanks, also those before all lines alike, and line ends."""
    lines = "\n".join(line.rstrip() for line in text.expandtabs().splitlines())
    return textwrap.dedent(lines).strip("\n")


# Beyond this, comparing all pairs would keep the person waiting.
MOST_COMPARED = 300


def _side_by_side(groups: list[Group]) -> list[Group]:
    """The groups in an order in which each is followed by the most similar one that is left."""
    if len(groups) > MOST_COMPARED:
        return sorted(groups, key=lambda group: group.text)
    bags = {id(group): frozenset(re.findall(r"\w+", group.text.casefold())) for group in groups}
    left = sorted(groups, key=lambda group: len(group.text), reverse=True)
    found: list[Group] = []
    while left:
        last = bags[id(found[-1])] if found else None
        chosen = (
            left[0] if last is None else max(left, key=lambda group: alike(last, bags[id(group)]))
        )
        left.remove(chosen)
        found.append(chosen)
    return found


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of words that two answers have in common (Jaccard index)."""
    together = one | other
    return len(one & other) / len(together) if together else 1.0


def close_to(one: str, other: str) -> bool:
    """Whether two answers differ so little that the same mark suggests itself."""
    return difflib.SequenceMatcher(None, essence(one), essence(other)).ratio() >= 0.8
