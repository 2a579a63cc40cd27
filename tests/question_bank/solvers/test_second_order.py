"""Gauss-Newton, secant steps and line searches against numpy, and what they refuse."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import numpy as np
import pytest

from question_bank.solvers.second_order import gauss_newton_step, line_search_path, secant_step


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("columns", [1, 2])
def test_damped_steps_against_least_squares(seed: int, columns: int) -> None:
    chance = random.Random(seed)
    rows = tuple(tuple(chance.randint(-4, 4) for _ in range(columns)) for _ in range(3))
    residuals = tuple(chance.randint(-5, 5) for _ in range(3))
    damping = chance.randint(1, 4)
    # The damped step minimises |J d + r|^2 + damping |d|^2.
    tall = np.vstack([np.array(rows, float), np.sqrt(damping) * np.eye(columns)])
    right = -np.concatenate([np.array(residuals, float), np.zeros(columns)])
    expected = np.linalg.lstsq(tall, right, rcond=None)[0]
    assert gauss_newton_step(rows, residuals, damping) == pytest.approx(tuple(expected))


def test_gauss_newton_is_exact_and_refuses_what_it_cannot_solve() -> None:
    rows = ((1, 0), (1, 2), (1, 4))
    assert gauss_newton_step(rows, (-1, 1, -9)) == (Fraction(-1), Fraction(2))
    with pytest.raises(ValueError, match="singular"):
        gauss_newton_step(((1, 2), (2, 4)), (1, 1))
    with pytest.raises(ValueError, match="one or two"):
        gauss_newton_step(((1, 2, 3),), (1,))


def test_a_secant_step_finds_the_minimum_of_a_parabola() -> None:
    # The slopes of 3/2 (t - 5)^2.
    assert secant_step(1, 2, -12, -9) == 5
    with pytest.raises(ValueError, match="differ"):
        secant_step(1, 1, 2, 2)
    with pytest.raises(ValueError, match="zero"):
        secant_step(1, 2, 3, 3)


@pytest.mark.parametrize("seed", range(6))
def test_line_searches(seed: int) -> None:
    chance = random.Random(seed)
    hessian = ((4, chance.choice([-1, 1])), (0, 3))
    hessian = (hessian[0], (hessian[0][1], 3))
    minimum, start = (1, -2), (chance.randint(2, 5), chance.randint(0, 5))
    short = line_search_path(hessian, minimum, start, 9, conjugate=True)
    assert len(short) <= 3
    assert short[-1] == minimum
    steepest = line_search_path(hessian, minimum, start, 4)
    moves = np.diff(np.array([[float(x) for x in p] for p in steepest]), axis=0)
    for a, b in itertools.pairwise(moves):
        assert a @ b == pytest.approx(0, abs=1e-12)
    losses = [
        float(
            (np.array(p, float) - minimum)
            @ np.array(hessian, float)
            @ (np.array(p, float) - minimum)
        )
        for p in steepest
    ]
    assert losses == sorted(losses, reverse=True)
