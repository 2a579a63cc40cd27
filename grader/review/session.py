"""A person's way through the open answers: what is chosen, kept, taken back. No screen, no keys, no store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from grader.review.groups import Asked, Group
from leaderboard.marks import PersonsMark


@dataclass(frozen=True)
class Chosen:
    """What stands on the screen for a group: lines of the rubric by number, or points outright."""

    lines: frozenset[int] = frozenset()
    points: Fraction | None = None
    note: str = ""


@dataclass(frozen=True)
class Given:
    """Points for every answer of a group; `earned` are the chosen `lines` of its rubric."""

    group: int
    points: Fraction
    earned: tuple[str, ...]
    note: str
    lines: frozenset[int] = frozenset()


@dataclass
class Session:
    """The groups, where the person stands, and what was given so far in this sitting.

    Where all answers of a group have a mark already, that mark is what is chosen at first.
    """

    groups: Sequence[Group]
    at: int = 0
    chosen: Chosen = field(default_factory=Chosen)
    given: dict[int, Given] = field(default_factory=dict)
    # Groups in the order in which they were marked, for undo.
    order: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.go(0)

    @property
    def group(self) -> Group | None:
        """The group on the screen; None behind the last."""
        return self.groups[self.at] if self.at < len(self.groups) else None

    def toggle(self, line: int) -> bool:
        """Choose a line of the rubric (from 0), or unchoose it; False where there is none."""
        group = self.group
        if group is None or not 0 <= line < len(group.asked.rubric):
            return False
        self.chosen = Chosen(self.chosen.lines ^ {line}, None, self.chosen.note)
        return True

    def set_points(self, points: Fraction) -> bool:
        """Points outright; False where they are not between 0 and what there is to earn."""
        group = self.group
        if group is None or not 0 <= points <= _exact(group.asked.points):
            return False
        self.chosen = Chosen(frozenset(), points, self.chosen.note)
        return True

    def as_given(self, mark: PersonsMark) -> bool:
        """Choose what a mark gives; False where nothing is on the screen."""
        if self.group is None:
            return False
        self.chosen = chosen_of(mark, self.group.asked)
        return True

    def set_note(self, note: str) -> None:
        """A sentence for the students of this group."""
        self.chosen = Chosen(self.chosen.lines, self.chosen.points, note)

    def points(self) -> Fraction | None:
        """The points that stand on the screen; None while nothing was chosen."""
        group = self.group
        if group is None or (self.chosen.points is None and not self.chosen.lines):
            return None
        if self.chosen.points is not None:
            return self.chosen.points
        lines = sum(
            (_exact(group.asked.rubric[line].points) for line in self.chosen.lines), Fraction(0)
        )
        return min(max(lines, Fraction(0)), _exact(group.asked.points))

    def same_as_before(self) -> bool:
        """Choose what was kept last for this question, of whatever form; False where there is nothing that fits."""
        group = self.group
        for index in reversed(self.order):
            before = self.groups[index].asked
            if group is None or before.name != group.asked.name:
                continue
            given = self.given[index]
            points = [line.points for line in before.rubric]
            if points != [line.points for line in group.asked.rubric]:
                return False
            if given.points > _exact(group.asked.points):
                return False
            self.chosen = Chosen(given.lines, None if given.lines else given.points, given.note)
            return True
        return False

    def keep(self) -> Given | None:
        """Give the chosen points to the group and go on; None while nothing was chosen."""
        points, group = self.points(), self.group
        if points is None or group is None:
            return None
        earned = tuple(group.asked.rubric[line].earns for line in sorted(self.chosen.lines))
        given = Given(self.at, points, earned, self.chosen.note, self.chosen.lines)
        self.given[self.at] = given
        self.order = [index for index in self.order if index != self.at] + [self.at]
        self.go(1)
        return given

    def go(self, steps: int) -> None:
        """Forward or back among the groups, with what was given there on the screen."""
        self.at = min(max(self.at + steps, 0), len(self.groups))
        self.chosen = self._chosen_before()

    def _chosen_before(self) -> Chosen:
        """What was given to the group in this sitting, or else by the mark that stands."""
        given, group = self.given.get(self.at), self.group
        if given is not None:
            return Chosen(given.lines, None if given.lines else given.points, given.note)
        mark = None if group is None else group.mark
        disagreed = group is not None and any(a.opinions for a in group.answers)
        if mark is None or group is None or disagreed:
            return Chosen()
        return chosen_of(mark, group.asked)

    def undo(self) -> int | None:
        """Take back what was kept last, and stand there again; the group, or None for nothing."""
        if not self.order:
            return None
        index = self.order.pop()
        del self.given[index]
        self.at = index
        self.chosen = self._chosen_before()
        return index

    def left(self) -> int:
        """How many groups are still without points."""
        return sum(
            index not in self.given and any(a.waits for a in group.answers)
            for index, group in enumerate(self.groups)
        )


def chosen_of(mark: PersonsMark, asked: Asked) -> Chosen:
    """What a mark stands for on the screen."""
    if mark.points is None:
        return Chosen()
    names = [line.earns for line in asked.rubric]
    lines = frozenset(names.index(line) for line in mark.earned if line in names)
    given = sum((_exact(asked.rubric[line].points) for line in lines), Fraction(0))
    # Points that were given outright stay what they were, whatever lines are named beside them.
    whole = Fraction(mark.points)
    same = bool(lines) and min(max(given, Fraction(0)), _exact(asked.points)) == whole
    return Chosen(lines if same else frozenset(), None if same else whole, mark.note)


def _exact(points: float) -> Fraction:
    return Fraction(points).limit_denominator(10_000)
