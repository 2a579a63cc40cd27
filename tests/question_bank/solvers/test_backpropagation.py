from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from question_bank.solvers.backpropagation import (
    affine_bias_gradient,
    affine_input_gradient,
    affine_rows,
    affine_weight_gradient,
    softmax_loss_gradient,
)


def rows(array):
    return tuple(map(tuple, array.tolist()))


def test_affine_layer_agrees_with_numpy():
    random = np.random.default_rng(2)
    for _ in range(20):
        x, w, b, d = (random.integers(-5, 6, s) for s in ((2, 3), (3, 4), 4, (2, 4)))
        assert affine_rows(rows(x), rows(w), tuple(b.tolist())) == rows(x @ w + b)
        assert affine_weight_gradient(rows(x), rows(d)) == rows(x.T @ d)
        assert affine_input_gradient(rows(w), rows(d)) == rows(d @ w.T)
        assert affine_bias_gradient(rows(d)) == tuple(d.sum(axis=0).tolist())


def test_affine_gradients_agree_with_finite_differences():
    random = np.random.default_rng(7)
    x, w, d = (random.normal(size=s) for s in ((2, 3), (3, 2), (2, 2)))
    step = 1e-6
    for i in range(3):
        for j in range(2):
            moved = w.copy()
            moved[i, j] += step
            slope = (((x @ moved) - (x @ w)) * d).sum() / step
            assert affine_weight_gradient(rows(x), rows(d))[i][j] == pytest.approx(slope, rel=1e-4)


@pytest.mark.parametrize(
    ("x", "w", "b"),
    [(((1, 2),), ((1,),), (0,)), (((1,),), ((1, 2),), (0,)), (((1,), (1, 2)), ((1,),), (0,))],
)
def test_shapes_must_fit(x, w, b):
    with pytest.raises(ValueError):
        affine_rows(x, w, b)


def test_gradient_of_mismatched_batches():
    with pytest.raises(ValueError, match="shapes"):
        affine_weight_gradient(((1, 2),), ((1,), (2,)))


def test_softmax_gradient_is_p_minus_y_over_the_batch():
    p = (Fraction(1, 2), Fraction(3, 10), Fraction(1, 5))
    assert softmax_loss_gradient(p, 1, 2) == (
        Fraction(1, 4),
        Fraction(-7, 20),
        Fraction(1, 10),
    )
    assert sum(softmax_loss_gradient(p, 0)) == 0


@pytest.mark.parametrize(
    ("p", "label", "batch"),
    [
        ((Fraction(1, 2), Fraction(1, 2)), 2, 1),
        ((Fraction(1, 2), Fraction(1, 2)), -1, 1),
        ((Fraction(1, 2), Fraction(1, 3)), 0, 1),
        ((Fraction(1, 2), Fraction(1, 2)), 0, 0),
    ],
    ids=["label too large", "label negative", "no distribution", "empty batch"],
)
def test_no_softmax_gradient(p, label, batch):
    with pytest.raises(ValueError):
        softmax_loss_gradient(p, label, batch)
