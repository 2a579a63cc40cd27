from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from question_bank.solvers.neural_networks import (
    binary_cross_entropy,
    can_fit_outputs,
    cross_entropy,
    dense_layer,
    output_weights,
    softmax,
    softmax_of_logs,
)


def test_dense_layer_agrees_with_numpy():
    random = np.random.default_rng(3)
    for _ in range(20):
        w, x, b = (random.integers(-5, 6, shape) for shape in ((3, 4), 4, 3))
        plain = dense_layer(tuple(map(tuple, w.tolist())), tuple(x.tolist()), tuple(b.tolist()))
        assert plain == tuple((w @ x + b).tolist())
        rectified = dense_layer(
            tuple(map(tuple, w.tolist())), tuple(x.tolist()), tuple(b.tolist()), relu=True
        )
        assert rectified == tuple(np.maximum(w @ x + b, 0).tolist())


@pytest.mark.parametrize(("w", "x", "b"), [(((1, 2),), (1,), (0,)), (((1,),), (1,), (0, 0))])
def test_shapes_must_fit(w, x, b):
    with pytest.raises(ValueError):
        dense_layer(w, x, b)


def test_softmax_agrees_with_exponentials():
    logits = np.log([2.0, 3.0, 7.0])
    expected = np.exp(logits) / np.exp(logits).sum()
    assert np.allclose([float(p) for p in softmax_of_logs((2, 3, 7))], expected)
    assert softmax_of_logs((2, 6)) == (Fraction(1, 4), Fraction(3, 4))


@pytest.mark.parametrize("odds", [(), (1, 0), (2, -1)])
def test_softmax_needs_positive_odds(odds):
    with pytest.raises(ValueError, match="positive"):
        softmax_of_logs(odds)


def test_output_weights_meet_the_targets():
    random = np.random.default_rng(4)
    for _ in range(20):
        hidden = tuple(map(tuple, random.integers(-4, 5, (4, 2)).tolist()))
        v1, v2, b = (int(v) for v in random.integers(-4, 5, 3))
        targets = tuple(v1 * h1 + v2 * h2 + b for h1, h2 in hidden)
        unique = np.linalg.matrix_rank([[*h, 1] for h in hidden]) == 3
        assert can_fit_outputs(hidden, targets) == unique
        if unique:
            assert output_weights(hidden, targets) == (v1, v2, b)


def test_a_pivot_of_zero_is_exchanged():
    assert output_weights(((0, 0), (0, 1), (2, 0)), (1, 4, 2)) == (Fraction(1, 2), 3, 1)


@pytest.mark.parametrize(
    ("hidden", "targets"),
    [
        (((0, 0), (0, 1), (1, 0), (1, 1)), (0, 1, 1, 0)),
        (((1, 1), (2, 2), (3, 3)), (1, 2, 3)),
        (((1, 1),), (1, 2)),
    ],
    ids=["xor", "not unique", "lengths"],
)
def test_no_output_weights(hidden, targets):
    with pytest.raises(ValueError):
        output_weights(hidden, targets)
    assert not can_fit_outputs(hidden, targets)


@pytest.mark.parametrize("size", [1, 3, 30])
def test_softmax_and_cross_entropy_agree_with_torch(size):
    random = np.random.default_rng(size)
    for _ in range(10):
        logits = random.normal(size=5) * size
        label = int(random.integers(5))
        z = torch.tensor(logits)
        assert softmax(tuple(logits)) == pytest.approx(torch.softmax(z, 0).tolist())
        expected = torch.nn.functional.cross_entropy(z, torch.tensor(label)).item()
        assert cross_entropy(tuple(logits), label) == pytest.approx(expected)
        p = float(random.uniform(0.01, 0.99))
        for y in (0, 1):
            expected = torch.nn.functional.binary_cross_entropy(
                torch.tensor(p, dtype=torch.float64), torch.tensor(float(y), dtype=torch.float64)
            )
            assert binary_cross_entropy(p, y) == pytest.approx(expected.item())


def test_equal_logits_stay_exact_and_large_ones_stay_finite():
    assert softmax((7, 7, 7)) == (Fraction(1, 3),) * 3
    assert cross_entropy((1000, 0), 1) == 1000
    assert binary_cross_entropy(1, 1) == 0


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (softmax, ((),)),
        (cross_entropy, ((1, 2), 2)),
        (cross_entropy, ((1, 2), -1)),
        (binary_cross_entropy, (0, 1)),
        (binary_cross_entropy, (1.5, 1)),
        (binary_cross_entropy, (0.5, 2)),
    ],
)
def test_losses_without_a_value_are_refused(function, arguments):
    with pytest.raises(ValueError):
        function(*arguments)
