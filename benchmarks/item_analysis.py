"""The item analysis on simulated classes with known parameters, beside independent packages.

    python -m venv --system-site-packages beside && beside/bin/pip install girth pingouin
    OPENBLAS_NUM_THREADS=1 beside/bin/python benchmarks/item_analysis.py              # a minute

girth fits the 2PL and the graded response model, pingouin computes alpha with its interval; neither is needed for anything
else here. Where one is missing, its column is. RMSE is the root of the mean squared distance from the parameters that the
answers were drawn from, over all questions and repetitions; students and abilities are drawn from N(0, 1), slopes from
lognormal(0.1, 0.35), difficulties from N(0, 1). `within` says how many of the known parameters lie within our interval of
95 %. Seconds are the processor's. A limit that is missed is said, and ends in status 1.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from grader.analysis.analysis import analyse
from grader.analysis.graded_response import Fit, fit
from grader.analysis.reliability import alpha, with_interval
from grader.analysis.responses import responses_of
from tests.grader.analysis.classes import form, items, report

WORSE = 1.05  # times the other's RMSE that ours may be
APART = 1e-9  # between two programs for one formula
SIZES = ((250, 20), (500, 30), (2000, 40))
Z = 1.959964

Numbers = NDArray[np.float64]
T = TypeVar("T")


@dataclass(frozen=True)
class Truth:
    """What answers were drawn from: intercepts c_k with P(at least k) = 1 / (1 + exp(-(a t + c_k)))."""

    answers: NDArray[np.int64]
    slopes: Numbers
    intercepts: Numbers
    abilities: Numbers


def drawn(students: int, questions: int, categories: int, seed: int) -> Truth:
    """A class's answers, each in one of so many categories."""
    draw = np.random.default_rng(seed)
    slopes = draw.lognormal(0.1, 0.35, questions)
    middle = draw.normal(size=(questions, 1))
    apart = np.linspace(-0.8, 0.8, categories - 1) if categories > 2 else np.zeros(1)
    intercepts = -slopes[:, None] * (middle + apart)
    abilities = draw.normal(size=students)
    answers = np.zeros((students, questions), dtype=np.int64)
    for place in range(questions):
        upper = 1 / (1 + np.exp(-(slopes[place] * abilities[:, None] + intercepts[place])))
        answers[:, place] = (draw.random((students, 1)) < upper).sum(axis=1)
    return Truth(answers, slopes, intercepts, abilities)


@dataclass
class Off:
    """Distances from the truth, and seconds, over repetitions."""

    slopes: list[Numbers]
    places: list[Numbers]
    abilities: list[Numbers]
    seconds: list[float]

    def row(self, name: str) -> str:
        figures = [
            float(np.sqrt(np.mean(np.concatenate(each) ** 2)))
            for each in (self.slopes, self.places, self.abilities)
        ]
        return f"    {name:<22}{figures[0]:>8.3f}{figures[1]:>12.3f}{figures[2]:>10.3f}{np.median(self.seconds):>10.2f} s"

    def rmse(self) -> list[float]:
        return [
            float(np.sqrt(np.mean(np.concatenate(each) ** 2)))
            for each in (self.slopes, self.places, self.abilities)
        ]


def main() -> int:
    """Print the figures; 1 where a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--repetitions", type=int, default=5, help="classes of each size (default: 5)"
    )
    repetitions = parser.parse_args().repetitions
    girth, pingouin = _found("girth"), _found("pingouin")
    missed = [
        *_models(girth, 2, SIZES, repetitions),
        *_models(girth, 4, SIZES[1:2], repetitions),
        *_alphas(pingouin),
    ]
    _whole()
    for line in missed:
        print(f"missed: {line}")
    return 1 if missed else 0


def _found(name: str) -> ModuleType | None:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        print(f"{name} is not installed: nothing to compare with it")
        return None


def _models(
    girth: ModuleType | None, categories: int, sizes: tuple[tuple[int, int], ...], repetitions: int
) -> Iterator[str]:
    name = "2PL" if categories == 2 else f"graded response model, {categories} categories"
    for students, questions in sizes:
        print(
            f"{name}, {students:,} students x {questions} questions, {repetitions} classes; RMSE of"
        )
        print(f"    {'':<22}{'slopes':>8}{'thresholds':>12}{'abilities':>10}{'median':>12}")
        ours, theirs = Off([], [], [], []), Off([], [], [], [])
        inside: list[bool] = []
        for seed in range(repetitions):
            truth = drawn(students, questions, categories, 100 * students + seed)
            found = _timed(
                lambda truth=truth: fit(truth.answers, [categories] * len(truth.slopes)), ours
            )
            _compare(ours, truth, found.slopes, np.array(found.thresholds), found.ability)
            inside += _inside(found, truth)
            if girth is not None:
                slopes, places, abilities = _timed(
                    lambda truth=truth: _by_girth(girth, truth, categories), theirs
                )
                _compare(theirs, truth, slopes, places, abilities)
        print(ours.row("mockexam") + f"   within: {np.mean(inside):.1%}")
        if girth is None:
            continue
        print(theirs.row("girth"))
        for what, a, b in zip(
            ("slopes", "thresholds", "abilities"), ours.rmse(), theirs.rmse(), strict=True
        ):
            if a > WORSE * b:
                yield f"{name}, {students} students: RMSE of {what} {a:.3f}, girth's {b:.3f}"


def _by_girth(girth: ModuleType, truth: Truth, categories: int) -> tuple[Numbers, Numbers, Numbers]:
    if categories == 2:
        found = girth.twopl_mml(truth.answers.T)
        places = found["Difficulty"][:, None]
        abilities = girth.ability_eap(truth.answers.T, found["Difficulty"], found["Discrimination"])
    else:
        found = girth.grm_mml(truth.answers.T + 1)
        places, abilities = found["Difficulty"], found["Ability"]
    return found["Discrimination"], places, abilities


def _compare(off: Off, truth: Truth, slopes: Numbers, places: Numbers, abilities: Numbers) -> None:
    off.slopes.append(slopes - truth.slopes)
    off.places.append((places + truth.intercepts / truth.slopes[:, None]).ravel())
    off.abilities.append(abilities - truth.abilities)


def _inside(found: Fit, truth: Truth) -> list[bool]:
    slopes = np.abs(found.slopes - truth.slopes) < Z * found.slope_errors
    intercepts = np.abs(np.array(found.intercepts) - truth.intercepts) < Z * np.array(
        found.intercept_errors
    )
    return [*map(bool, slopes), *map(bool, intercepts.ravel())]


def _timed(work: Callable[[], T], off: Off) -> T:
    start = time.process_time()
    found = work()
    off.seconds.append(time.process_time() - start)
    return found


def _alphas(pingouin: ModuleType | None) -> Iterator[str]:
    print(
        "Cronbach's alpha with its interval, 20 classes of 30 to 400 students x 5 to 40 questions"
    )
    if pingouin is None:
        return
    import pandas as pd

    largest = 0.0
    for seed in range(20):
        draw = np.random.default_rng(seed)
        truth = drawn(int(draw.integers(30, 400)), int(draw.integers(5, 40)), 2, seed)
        scores = truth.answers.astype(float)
        value = alpha(scores)
        theirs, interval = pingouin.cronbach_alpha(pd.DataFrame(scores))
        if value is None:
            continue
        own = with_interval(value, *scores.shape)
        # pingouin rounds its interval to three digits.
        largest = max(largest, abs(value - theirs))
        if np.abs(np.round([own.low, own.high], 3) - interval).max() > 0.00051:
            yield f"alpha's interval {own.low:.3f} to {own.high:.3f}, pingouin's {interval}"
    print(f"    largest distance from pingouin: {largest:.1e}")
    if largest > APART:
        yield f"alpha differs from pingouin's by {largest:.1e}"


def _whole() -> None:
    """All of the analysis, from reports to figures."""
    key = form("A", items(40))
    truth = drawn(2000, 40, 2, 1)
    papers = [
        report(key, {str(n + 1): "ab"[v] for n, v in enumerate(row)}, f"w{place}")
        for place, row in enumerate(truth.answers)
    ]
    start = time.process_time()
    analyse(responses_of(papers, [key], own_forms=False))
    print(
        f"the whole analysis of 2,000 reports x 40 questions: {time.process_time() - start:.1f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
