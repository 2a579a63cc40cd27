from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

from question_bank.solvers.piecewise_linear import chain_slopes, named_chain, relu_units_needed

NEEDED = {
    "constant": 0,
    "line": 2,
    "corner": 1,
    "vee": 2,
    "ramp": 2,
    "dent": 3,
    "hat": 3,
    "zigzag": 4,
}


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("factor", [1, -1, 3])
def test_units_of_the_named_chains(name, factor):
    assert relu_units_needed(named_chain(name, factor)) == NEEDED[name]


def test_curves_are_beyond_a_few_units():
    assert relu_units_needed(named_chain("curve")) > 50
    assert relu_units_needed(named_chain("wave", -1)) > 50


def test_slopes_are_exact():
    assert chain_slopes(((0, 0), (3, 1), (5, -1))) == (Fraction(1, 3), -1)


@pytest.mark.parametrize("points", [((0, 0),), ((0, 0), (0, 1)), ((1, 0), (0, 1))])
def test_a_chain_rises_in_x(points):
    with pytest.raises(ValueError, match="rising"):
        relu_units_needed(points)


def test_a_chain_has_a_known_name():
    with pytest.raises(ValueError, match="no chain"):
        named_chain("tower")


def test_the_least_number_of_units_fits_and_one_fewer_does_not():
    random = np.random.default_rng(5)
    grid = np.linspace(-9, 9, 73)
    for _ in range(12):
        heights = random.integers(-3, 4, 5).tolist()
        points = tuple(zip((-4, -2, 0, 1, 4), heights, strict=True))
        slopes = [float(s) for s in chain_slopes(points)]
        wanted = np.interp(grid, (-4, -2, 0, 1, 4), heights)
        wanted += np.minimum(grid + 4, 0) * slopes[0] + np.maximum(grid - 4, 0) * slopes[-1]
        columns = [np.maximum(s * (grid - t), 0) for t in (-2, 0, 1) for s in (1, -1)]

        def fits(units, columns=columns, wanted=wanted):
            for some in itertools.combinations(columns, units):
                design = np.stack([*some, np.ones_like(grid)], axis=1)
                found = np.linalg.lstsq(design, wanted, rcond=None)[0]
                if np.abs(design @ found - wanted).max() < 1e-9:
                    return True
            return False

        least = relu_units_needed(points)
        assert fits(least)
        assert least == 0 or not fits(least - 1)
