"""What makes one exam better than another, where both meet the blueprint.

Every question has a weight from SHA-256 of the seed, so that another seed gives another exam. Less
good are points piled up on a lecture, a topic that comes again, sections away from their aim, an
exam that leaves much of its time unused, and more or less hand-work than is usual. A form beside
others is the better the nearer it comes to their time, hand-work, difficulty and coverage.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from generator.blueprint_schema import Blueprint, SectionPlan
from generator.demands import half_points, hundredths
from generator.program import Problem
from generator.selection import Slot
from generator.solver import Array, Rows

# Weights are per half point, so that a question of four points counts as four of one point.
WEIGHTS = 10_000
# A half point beyond a lecture's fair share costs as much as a somewhat better weight gains.
CROWDED_LECTURE = 4_000
# A second question on a topic must be worth as much as four half points of average weight.
REPEATED_TOPIC = 20_000
# A section whose points may vary aims at a value drawn from its range: many small questions offer
# more good weights than few large ones, and would otherwise fill large banks' exams.
OFF_TARGET = 4_000
# A hundredth of a minute short of the exam's time; a minute is worth somewhat less than a point.
UNUSED_TIME = 100
# A digit of hand-work beyond a tenth more or less than the sections' usual questions have.
UNUSUAL_WORK = 150
USUAL = 0.1
# Beside other forms, weights count for less than being like them.
BESIDE_OTHERS = 0.2
# Then, for each unit further from theirs: a hundredth of a minute, a digit of
# hand-work, a level for half a point, a half point of a lecture or section.
APART_MINUTES = 100
APART_WORK = 1_000
APART_DIFFICULTY = 600
APART_POINTS = 4_000
# Half points by which a section may be off without cost.
NEAR_SECTION = 1


@dataclass(frozen=True)
class Soft:
    """A sum over the slots that costs ``penalty`` for every unit beyond ``allowance``."""

    shares: Array
    allowance: float
    penalty: float


@dataclass(frozen=True)
class Objective:
    """A cost to minimise, and the rows with the further variables (at least 0) that it needs."""

    cost: Array
    rows: Rows


def number_from(what: str) -> int:
    """Return a number of 64 bits that follows from a text alone."""
    digest = hashlib.sha256(f"mockexam assembly/{what}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def weight(seed: int, form: int, slot: Slot) -> int:
    """Return the weight (1 to ``WEIGHTS``) of a question per half point under a seed."""
    what = f"weight/{seed}/{form}/{slot.section}/{slot.head.id}/{slot.head.ends_after or ''}"
    return number_from(what) % WEIGHTS + 1


def objective_of(
    problem: Problem,
    blueprint: Blueprint,
    seed: int,
    rows: Rows,
    *,
    form: int = 0,
    aim: Sequence[float] | None = None,
) -> Objective:
    """Return the objective of one form, for a problem whose rows are given.

    Args:
        problem: the program of one form.
        blueprint: what it comes from.
        seed: of the exam.
        rows: of the program.
        form: which form; each has weights of its own.
        aim: the `measures` that a form beside others should have.
    """
    weights = np.array(
        [half_points(slot.head.points) * weight(seed, form, slot) for slot in problem.slots],
        dtype=float,
    )
    if aim is not None:
        weights *= BESIDE_OTHERS
    if aim is None:
        softs = [*_spread_out(problem, blueprint), *_usual(problem, blueprint, seed)]
    else:
        softs = [*_spread_out(problem, blueprint, lectures=False)]
        for value, measure in zip(aim, measures(blueprint), strict=True):
            sums = _sums(problem.slots, measure.share)
            near = measure.near + measure.near_share * value
            softs.append(Soft(sums, value + near, measure.penalty))
            softs.append(Soft(-sums, near - value, measure.penalty))
    from scipy.sparse import csr_matrix, hstack, vstack

    shares = csr_matrix(np.array([soft.shares for soft in softs]))
    excess = -csr_matrix(np.eye(len(softs)))
    above = csr_matrix((rows.matrix.shape[0], len(softs)))
    return Objective(
        np.concatenate([-weights, [soft.penalty for soft in softs]]),
        Rows(
            vstack([hstack([rows.matrix, above]), hstack([shares, excess])], format="csr"),
            np.concatenate([rows.low, np.full(len(softs), -np.inf)]),
            np.concatenate([rows.high, [soft.allowance for soft in softs]]),
        ),
    )


Share = Callable[[Slot], int]


@dataclass(frozen=True)
class Measure:
    """A sum in which forms should be alike: what a unit further off than ``near`` costs.

    ``near_share`` of the sum that is aimed at counts as near, too.
    """

    share: Share
    penalty: float
    near: float = 0
    near_share: float = 0


def measures(blueprint: Blueprint) -> list[Measure]:
    """Return the sums in which forms should be alike.

    A form that is within half of a tolerance of the others' mean is near enough.
    """
    bounds, points = blueprint.comparable, half_points(blueprint.points)
    return [
        Measure(_minutes, APART_MINUTES, 100 * bounds.minutes / 2),
        Measure(_levels, APART_DIFFICULTY, bounds.difficulty * points / 2),
        Measure(_work, APART_WORK, near_share=bounds.hand_work / 2),
        *(
            Measure(partial(_points_of_lecture, lecture), APART_POINTS, bounds.lecture_points)
            for lecture in blueprint.lectures
        ),
        *(
            Measure(partial(_points_of_section, number), APART_POINTS, NEAR_SECTION)
            for number in range(len(blueprint.sections))
        ),
    ]


def _spread_out(problem: Problem, blueprint: Blueprint, *, lectures: bool = True) -> Iterator[Soft]:
    slots = problem.slots
    fair = -(-half_points(blueprint.points) // len(blueprint.lectures))
    for lecture in blueprint.lectures if lectures else ():
        points = _sums(slots, partial(_points_of_lecture, lecture))
        if points.sum() > fair:
            yield Soft(points, fair, CROWDED_LECTURE)
    for topic in sorted({slot.head.topic for slot in slots}):
        count = np.array([int(slot.head.topic == topic) for slot in slots])
        if count.sum() > 1:
            yield Soft(count, 1, REPEATED_TOPIC)


def _usual(problem: Problem, blueprint: Blueprint, seed: int) -> Iterator[Soft]:
    slots = problem.slots
    usual = 0.0
    for number, plan in enumerate(blueprint.sections):
        points = _sums(slots, partial(_points_of_section, number))
        target = _target(plan, points, f"target/{seed}/{number}")
        in_section = sum(_work(slot) for slot in slots if slot.section == number)
        usual += target * in_section / max(1, int(points.sum()))
        if plan.points.min is not None and plan.points.max not in {None, plan.points.min}:
            yield Soft(points, target, OFF_TARGET)
            yield Soft(-points, -target, OFF_TARGET)
    yield Soft(-_sums(slots, _minutes), -hundredths(blueprint.minutes), UNUSED_TIME)
    work = _sums(slots, _work)
    if work.any():
        yield Soft(work, (1 + USUAL) * usual, UNUSUAL_WORK)
        yield Soft(-work, -(1 - USUAL) * usual, UNUSUAL_WORK)


def _target(plan: SectionPlan, points: Array, what: str) -> float:
    """The half points that a section aims at; where its points are open, what its count suggests."""
    least, most = plan.points.min, plan.points.max
    if least is not None and most is not None:
        low, high = half_points(least), half_points(most)
        return float(low + number_from(what) % (high - low + 1))
    if least or most:
        return float(half_points(least or most or 0))
    count = plan.questions.min or plan.questions.max or 1
    return count * float(points.sum()) / max(1, int(np.count_nonzero(points)))


def _sums(slots: Sequence[Slot], share: Share) -> Array:
    return np.array([share(slot) for slot in slots], dtype=np.int64)


def _points(slot: Slot) -> int:
    return half_points(slot.head.points)


def _minutes(slot: Slot) -> int:
    return hundredths(slot.head.minutes)


def _work(slot: Slot) -> int:
    return slot.head.work


def _levels(slot: Slot) -> int:
    return _points(slot) * slot.head.difficulty


def _points_of_lecture(lecture: int, slot: Slot) -> int:
    return _points(slot) if slot.head.lecture == lecture else 0


def _points_of_section(section: int, slot: Slot) -> int:
    return _points(slot) if slot.section == section else 0
