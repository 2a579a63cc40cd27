"""The model: its derivatives, what it recovers, and how sure it is; the 2PL by another way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from grader.analysis.abilities import abilities, categories_of
from grader.analysis.graded_response import UNKNOWN, fit
from grader.analysis.response_curves import derivatives, information, probabilities
from grader.analysis.responses import responses_of
from tests.grader.analysis.classes import (
    able_class,
    form,
    items,
    number,
    question,
    report,
    responses,
)

# A slope, and intercepts that are some way apart.
QUESTION = st.tuples(
    st.floats(-2, 3), st.floats(-3, 3), st.lists(st.floats(0.05, 2), max_size=2)
).map(lambda q: np.array([q[0], *(q[1] - np.cumsum([0.0, *q[2]]))]))


@given(QUESTION, st.floats(-4, 4))
def test_probabilities_are_some_and_derivatives_theirs(parameters, ability):
    at = np.array([ability])
    chances = probabilities(parameters, at)
    assert chances.sum() == pytest.approx(1, abs=1e-6)
    for place in range(len(parameters)):
        aside = np.zeros(len(parameters))
        aside[place] = 1e-6
        slope = (
            probabilities(parameters + aside, at) - probabilities(parameters - aside, at)
        ) / 2e-6
        assert derivatives(parameters, at)[:, place] == pytest.approx(slope, abs=1e-6)


def test_the_information_of_the_2pl_is_its_formula():
    at = np.linspace(-3, 3, 13)
    chance = 1 / (1 + np.exp(-(1.4 * at - 0.6)))
    expected = 1.4**2 * chance * (1 - chance)
    assert information(np.array([1.4, -0.6]), at) == pytest.approx(expected)


def test_more_categories_tell_more():
    at = np.linspace(-2, 2, 9)
    assert (
        information(np.array([1.0, 1.0, -1.0]), at) > information(np.array([1.0, 0.0]), at)
    ).all()


def simulated(students, slopes, intercepts, seed):
    """Categories of students with N(0, 1) abilities, which are returned too."""
    draw = np.random.default_rng(seed)
    ability = draw.normal(size=students)
    answers = np.zeros((students, len(slopes)), dtype=np.int64)
    for place, (slope, own) in enumerate(zip(slopes, intercepts, strict=True)):
        upper = 1 / (1 + np.exp(-(slope * ability[:, None] + np.asarray(own))))
        answers[:, place] = (draw.random((students, 1)) < upper).sum(axis=1)
    return answers, ability


def test_the_2pl_is_the_maximum_of_the_marginal_likelihood():
    slopes, places = [0.8, 1.2, 1.6], [-0.5, 0.0, 0.7]
    answers, _ = simulated(400, slopes, [[-a * b] for a, b in zip(slopes, places, strict=True)], 3)
    found = fit(answers, [2, 2, 2])
    patterns, counts = np.unique(answers, axis=0, return_counts=True)
    # Adaptive integration over abilities and a general optimiser: nothing in common but the model and its priors.
    grid = np.linspace(-7, 7, 561)

    def minus_log_posterior(row):
        a, c = row[:3], row[3:]
        right = 1 / (1 + np.exp(-(np.outer(grid, a) + c)))
        each = np.array(
            [
                integrate.simpson(
                    np.prod(np.where(p, right, 1 - right), axis=1) * stats.norm.pdf(grid), x=grid
                )
                for p in patterns
            ]
        )
        prior = -0.5 * (((a - 1) ** 2).sum() + (c**2).sum() / 9)
        return -(counts @ np.log(each)) - prior

    direct = optimize.minimize(minus_log_posterior, [1, 1, 1, 0, 0, 0], method="BFGS")
    ours = np.concatenate([found.slopes, *found.intercepts])
    assert ours == pytest.approx(direct.x, abs=0.01)
    assert np.concatenate([found.slope_errors, *found.intercept_errors]) == pytest.approx(
        errors_of(minus_log_posterior, direct.x), rel=0.05
    )


def errors_of(function, at, width=1e-3):
    """Standard errors by differences of the function itself."""
    k = len(at)
    second = np.zeros((k, k))
    for i in range(k):
        for j in range(k):
            moves = [
                (s, t, function(at + s * width * np.eye(k)[i] + t * width * np.eye(k)[j]))
                for s in (1, -1)
                for t in (1, -1)
            ]
            second[i, j] = sum(s * t * value for s, t, value in moves) / (4 * width**2)
    return np.sqrt(np.diag(np.linalg.inv(second)))


def test_known_parameters_come_back_within_their_errors():
    draw = np.random.default_rng(8)
    slopes = draw.lognormal(0.1, 0.3, 15)
    intercepts = [
        np.sort(draw.normal(0, 1, 1 + place % 3))[::-1] - 0.3 * np.arange(1 + place % 3)
        for place in range(15)
    ]
    answers, ability = simulated(1500, slopes, intercepts, 9)
    found = fit(answers, [len(own) + 1 for own in intercepts])
    assert found.converged
    assert found.gradient < 1
    off = np.concatenate(
        [
            (found.slopes - slopes) / found.slope_errors,
            *((a - b) / e for a, b, e in zip(found.intercepts, intercepts, found.intercept_errors, strict=True)),
        ]
    )  # fmt: skip
    assert (np.abs(off) < 2).mean() > 0.88
    assert np.abs(off).max() < 4.5
    assert np.corrcoef(found.ability, ability)[0, 1] > 0.9
    inside = np.abs(found.ability - ability) < 1.96 * found.spread
    assert 0.92 < inside.mean() < 0.98
    for a, own, places in zip(found.slopes, found.intercepts, found.thresholds, strict=True):
        assert places == pytest.approx(-own / a)


def test_what_is_unknown_is_left_out():
    answers, _ = simulated(600, [1.0] * 6, [[0.0]] * 6, 4)
    half = answers.copy()
    half[::2, 5] = UNKNOWN
    found, less = fit(answers, [2] * 6), fit(half, [2] * 6)
    assert less.slopes[5] == pytest.approx(found.slopes[5], abs=0.5)
    assert less.slope_errors[5] > 1.2 * found.slope_errors[5]
    blank = np.full((1, 6), UNKNOWN)
    with_blank = fit(np.concatenate([answers, blank]), [2] * 6)
    assert with_blank.slopes == pytest.approx(found.slopes, abs=1e-6)
    # Of whom nothing is known, the ability is that of anybody.
    assert (with_blank.ability[-1], with_blank.spread[-1]) == pytest.approx((0, 1), abs=1e-6)


def test_a_wrong_key_turns_the_slope():
    answers, _ = simulated(500, [1.2] * 8, [[0.0]] * 8, 6)
    answers[:, 2] = 1 - answers[:, 2]
    found = fit(answers, [2] * 8)
    assert found.slopes[2] < -0.5
    assert (np.delete(found.slopes, 2) > 0.5).all()


def test_the_model_of_a_class():
    found = abilities(responses(able_class(260, np.linspace(-1.5, 1.5, 10), seed=1)))
    assert found.why_not is None
    assert found.caution is None
    assert found.converged
    assert len(found.questions) == 10
    assert {q.from_share for q in found.questions} == {(1.0,)}
    assert found.reliability == pytest.approx(0.65, abs=0.12)
    (curve,) = found.information
    assert curve.forms == ("A",)
    assert min(curve.values) > 0


@pytest.mark.parametrize(
    ("students", "questions", "says"),
    [
        (99, 8, "the model needs at least 100 papers; there are 99"),
        (120, 4, "the model needs at least 5 questions that tell students apart; there are 4"),
    ],
)
def test_classes_that_are_too_small_are_refused(students, questions, says):
    found = abilities(responses(able_class(students, np.zeros(questions), seed=2)))
    assert (found.why_not, found.ability) == (says, ())


def test_few_papers_are_cautioned_of():
    found = abilities(responses(able_class(150, np.zeros(6), seed=2)))
    assert found.caution == "150 papers are few for this model: mind the errors"


def test_what_tells_nobody_apart_is_left_out():
    scores = able_class(120, np.zeros(7), seed=2)
    scores[:, 3] = 1
    found = abilities(responses(scores))
    assert found.left_out == (("item_03", "nearly all have the same points"),)
    assert len(found.questions) == 6


def test_parts_of_the_points_are_categories():
    parts = [(letter, 1.0, {"type": "numeric", "value": "1"}) for letter in "abcd"]
    key = form("A", [question("long", parts), *items(2)])
    # Nothing: 20, a quarter: 20, half: 20, three quarters: 4, all: 20 students.
    papers = []
    for right, count in ((0, 20), (1, 20), (2, 20), (3, 4), (4, 20)):
        for n in range(count):
            answers = {
                f"1{letter}": "1" if place < right else "0" for place, letter in enumerate("abcd")
            }
            papers.append(report(key, {**answers, "2": "b", "3": "ab"[n % 2]}, f"w{right}-{n}"))
    answers, begins, left_out = categories_of(responses_of(papers, [key], own_forms=False))
    # The four with three quarters join the smaller neighbour.
    assert begins[0] == (0.25, 0.75)
    assert np.bincount(answers[:, 0]).tolist() == [20, 40, 24]
    assert begins[2] == (1.0,)
    assert left_out == (("item_00", "nearly all have the same points"),)


def test_forms_without_a_common_question_are_not_tied():
    a = form("A", [number(f"a{n}", "1") for n in range(6)])
    b = form("B", [number(f"b{n}", "1") for n in range(6)])
    scores = able_class(200, np.zeros(6), seed=2)
    papers = [
        report((a, b)[n % 2], {str(q + 1): str(int(v)) for q, v in enumerate(row)}, f"w{n}")
        for n, row in enumerate(scores)
    ]
    found = abilities(responses_of(papers, [a, b], own_forms=False))
    assert not found.linked
    assert [curve.forms for curve in found.information] == [("A",), ("B",)]
    together = abilities(responses(scores))
    assert together.linked
