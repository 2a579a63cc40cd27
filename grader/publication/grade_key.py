"""A key from points to grades, and what adds a bonus: a file of YAML, read with the place of everything that is wrong.

    scale: points                # or percent: what the numbers beside the grades are
    grades: {1.0: 81, 1.3: 77, 1.7: 72, 2.0: 68, 2.3: 63, 2.7: 59, 3.0: 54, 3.3: 50, 3.7: 45, 4.0: 41, 5.0: 0}
    passes: 4.0                  # the last grade that passes
    bonus:
      counts: points             # or steps: grades better
      assignments: {exercise-1: 1, exercise-2: 1}    # for whoever passed these on the board
      most: 3
      only_if_passed: true       # nobody passes by the bonus

Grades stand from the best to the worst, each with the least that earns it; the last one begins at 0.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from question_bank.diagnostics import Diagnostic, InputError, Where, bad_input, did_you_mean
from question_bank.salvage import overlap
from question_bank.schema_errors import Reading, read_with_faults
from question_bank.strict_yaml import Steps, load_leniently, read_text

Least = Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]
Amount = Annotated[float, Field(gt=0, le=1_000, allow_inf_nan=False)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Bonus(_Model):
    """What is added: points before the grade is read off, or steps of the grade after it."""

    counts: Annotated[
        Literal["points", "steps"],
        Field(description="points, before the grade; or steps, grades better"),
    ] = "points"
    assignments: Annotated[
        dict[str, Amount],
        Field(description="how much whoever passed an assignment gets, by its name"),
    ]
    most: Annotated[Amount | None, Field(description="how much at most")] = None
    only_if_passed: Annotated[
        bool, Field(description="whether the exam must be passed without the bonus")
    ] = True


class GradeFile(_Model):
    """What a key of grades may say."""

    scale: Annotated[
        Literal["points", "percent"], Field(description="what the numbers beside the grades are")
    ] = "points"
    grades: Annotated[
        dict[str, Least],
        Field(description="grades from the best to the worst, each with the least that earns it"),
    ]
    passes: Annotated[str | float | None, Field(description="the last grade that passes")] = None
    bonus: Annotated[Bonus | None, Field(description="what adds to the exam")] = None


@dataclass(frozen=True)
class GradeKey:
    """A key of grades: names and their least share or points, best first."""

    percent: bool
    grades: tuple[tuple[str, Decimal], ...]
    passing: int | None
    bonus: Bonus | None

    def grade(self, points: Decimal, full: Decimal) -> int:
        """The number (from 0, the best) of the grade that so many of the full points earn.

        A share is compared exactly: 49.996 % is not 50 %.
        """
        value = 100 * points / full if self.percent and full else points
        return next(
            (n for n, (_, least) in enumerate(self.grades) if value >= least),
            len(self.grades) - 1,
        )

    def passed(self, grade: int) -> bool | None:
        """Whether a grade passes; None where the key does not say."""
        return None if self.passing is None else grade <= self.passing


@dataclass(frozen=True)
class Graded:
    """What came of points: the bonus that counts, the sum, the grade by number and name, whether it passes."""

    bonus: Decimal
    total: Decimal
    grade: str
    passed: bool | None


def graded(
    key: GradeKey,
    points: Decimal,
    full: Decimal,
    passed_assignments: frozenset[str],
    *,
    passed: bool,
) -> Graded:
    """Apply a key to one result; `passed` is what the exam's own pass mark says.

    A bonus of points never leads beyond the full points, one of steps never beyond the best grade.
    """
    plain = key.grade(points, full)
    passes = key.passed(plain)
    earned = _bonus(key, passed_assignments)
    if key.bonus is None or (key.bonus.only_if_passed and not (passed if passes is None else passes)):  # fmt: skip
        earned = Decimal(0)
    if key.bonus is not None and key.bonus.counts == "steps":
        steps = min(int(earned.to_integral_value(ROUND_HALF_UP)), plain)
        number = plain - steps
        return Graded(Decimal(steps), points, key.grades[number][0], key.passed(number))
    total = max(points, min(points + earned, full))
    number = key.grade(total, full)
    return Graded(total - points, total, key.grades[number][0], key.passed(number))


def _bonus(key: GradeKey, passed_assignments: frozenset[str]) -> Decimal:
    if key.bonus is None:
        return Decimal(0)
    given = key.bonus.assignments.items()
    earned = sum((Decimal(str(v)) for name, v in given if name in passed_assignments), Decimal(0))
    return earned if key.bonus.most is None else min(earned, Decimal(str(key.bonus.most)))


def load_grade_key(
    path: Path, full: float, own: str = "", known: Callable[[], Collection[str]] | None = None
) -> GradeKey:
    """The key in a file, for an exam with so many points. InputError with everything that is wrong in it.

    own: the exam's assignment, which gives itself no bonus. known: asked for the assignments that can give one, where
    the file has a bonus; None takes any name.
    """
    if path.is_dir():
        raise bad_input("no-file", "is a folder, not a key of grades", where=Where(str(path)))
    located = load_leniently(read_text(path), str(path))
    if not isinstance(located.data, dict) and not located.faults:
        raise bad_input(
            "not-a-grade-key",
            "is empty" if located.data is None else "is no key of grades",
            where=Where(str(path), 1, 1),
            hint="it says at least: grades: {passed: 50, failed: 0}",
        )
    reading = read_with_faults(GradeFile, located)
    findings = [
        *reading.findings,
        *_contradictions(reading, full),
        *_bonus_of_whom(reading, own, known),
    ]
    if findings:
        raise InputError(*sorted(findings, key=_place))
    value = reading.value
    names = list(value.grades)
    passing = None if value.passes is None else names.index(_passes(reading))
    return GradeKey(
        value.scale == "percent",
        tuple((name, Decimal(str(least))) for name, least in value.grades.items()),
        passing,
        value.bonus,
    )


def _passes(reading: Reading[GradeFile]) -> str:
    """The last grade that passes, letter by letter: 4.0 is not 4."""
    return reading.located.typed.get(("passes",), str(reading.value.passes)).strip("\"'")


def _contradictions(reading: Reading[GradeFile], full: float) -> Iterator[Diagnostic]:
    value, located = reading.value, reading.located

    def sound(place: Steps) -> bool:
        return not any(overlap(place, doubt) for doubt in reading.in_doubt)

    if not sound(("grades",)):
        return
    if not value.grades:
        yield Diagnostic("no-grades", "there are no grades", located.where(("grades",)), "grades: {passed: 50, failed: 0}")  # fmt: skip
        return
    for (better, more), (worse, less) in pairwise(value.grades.items()):
        if less >= more:
            message = f"{worse} begins at {less:g}, and the better {better} at {more:g}"
            cure = "write grades from the best to the worst, each with less than the one before"
            yield Diagnostic("grades-out-of-order", message, located.where(("grades", worse)), cure)
    last, least = list(value.grades.items())[-1]
    if least > 0:
        message = f"whoever has less than {least:g} gets no grade"
        yield Diagnostic("no-last-grade", message, located.where(("grades", last)), "the last grade begins at 0")  # fmt: skip
    if sound(("scale",)):
        yield from _beyond(value, located.where, full)
    if value.passes is not None and sound(("passes",)) and _passes(reading) not in value.grades:
        message = f"{_passes(reading)} is not among the grades"
        yield Diagnostic("unknown-grade", message, located.where(("passes",)), did_you_mean(_passes(reading), value.grades))  # fmt: skip
    bonus = value.bonus
    if bonus is not None and not bonus.assignments and sound(("bonus",)):
        yield Diagnostic("no-bonus", "no assignment gives any", located.where(("bonus",)), "leave bonus out")  # fmt: skip


def _bonus_of_whom(
    reading: Reading[GradeFile], own: str, known: Callable[[], Collection[str]] | None
) -> Iterator[Diagnostic]:
    """Assignments that can give nobody a bonus: the exam itself, and those that nobody knows."""
    place: Steps = ("bonus", "assignments")
    doubtful = any(overlap(place, doubt) for doubt in reading.in_doubt)
    bonus = None if doubtful else reading.value.bonus
    if bonus is None or known is None or not bonus.assignments:
        return
    names = sorted({*known()} - {own})
    for name in bonus.assignments:
        where = reading.located.where_key((*place, name))
        if name == own:
            cure = "name the assignments that add to it"
            yield Diagnostic("bonus-of-itself", f"{name} is this exam, which gives itself no bonus", where, cure)  # fmt: skip
        elif name not in names:
            message = f'no assignment is called "{name}", and nobody has a result of one'
            cure = did_you_mean(name, names) or f"known are {', '.join(names)}"
            yield Diagnostic("unknown-assignment", message, where, cure)


def _beyond(value: GradeFile, where: object, full: float) -> Iterator[Diagnostic]:
    most = 100.0 if value.scale == "percent" else full
    unit = "percent" if value.scale == "percent" else "points"
    for name, least in value.grades.items():
        if least > most:
            place = where(("grades", name)) if callable(where) else None
            message = f"nobody gets {name}: there are {most:g} {unit}, and it begins at {least:g}"
            yield Diagnostic("grade-out-of-reach", message, place, None)


def _place(finding: Diagnostic) -> tuple[int, int]:
    where = finding.where
    return (0, 0) if where is None else (where.line or 0, where.column or 0)


def passed_by_user(passed: Mapping[str, Mapping[str, bool | None]]) -> dict[str, frozenset[str]]:
    """From assignment to user to whether it is passed: the assignments that each user passed."""
    found: dict[str, set[str]] = {}
    for assignment, users in passed.items():
        for user, did in users.items():
            if did:
                found.setdefault(user, set()).add(assignment)
    return {user: frozenset(names) for user, names in found.items()}
