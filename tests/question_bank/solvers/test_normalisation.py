from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from question_bank.solvers.normalisation import (
    batchnorm_column,
    batchnorm_input_gradient,
    batchnorm_parameter_gradients,
    fold_batchnorm,
    layernorm_row,
    running_average,
)


def test_forward_and_gradients_agree_with_torch():
    random = np.random.default_rng(2)
    for _ in range(20):
        values = tuple(int(v) for v in random.permutation(20)[:6])
        upstream = tuple(int(v) for v in random.integers(-5, 6, 6))
        gamma, beta = (int(v) for v in random.integers(1, 6, 2))
        x = torch.tensor([[float(v)] for v in values], dtype=torch.float64)
        layer = torch.nn.BatchNorm1d(1, eps=1e-15, dtype=torch.float64)
        torch.nn.init.constant_(layer.weight, gamma)
        torch.nn.init.constant_(layer.bias, beta)
        y = layer(x)
        y.backward(torch.tensor([[float(g)] for g in upstream], dtype=torch.float64))
        assert np.allclose(batchnorm_column(values, gamma, beta), y.detach()[:, 0])
        found = batchnorm_parameter_gradients(values, upstream)
        assert np.allclose(found, [layer.weight.grad.item(), layer.bias.grad.item()])


def test_whole_deviations_stay_exact():
    assert batchnorm_column((5, 11, 11, 13), 6, 1) == (-9, 3, 3, 7)
    assert batchnorm_parameter_gradients((5, 11, 11, 13), (1, 0, 2, 2)) == (1, 5)


@pytest.mark.parametrize("values", [(), (3,), (2, 2, 2)])
def test_a_batch_without_spread_has_no_normalised_values(values):
    with pytest.raises(ValueError, match="two different"):
        batchnorm_column(values, 1, 0)


def test_gradients_belong_to_samples():
    with pytest.raises(ValueError, match="gradients"):
        batchnorm_parameter_gradients((1, 2), (1,))


def test_the_momentum_weights_the_old_mean():
    layer = torch.nn.BatchNorm1d(1, momentum=0.1)
    layer.running_mean.fill_(5.0)
    layer(torch.tensor([[1.0], [2.0], [9.0]]))
    found = running_average(5, 4, Fraction(9, 10))
    assert found == Fraction(49, 10)
    assert float(found) == pytest.approx(layer.running_mean.item())


@pytest.mark.parametrize("momentum", [Fraction(-1, 10), Fraction(11, 10)])
def test_a_momentum_outside_of_the_unit_interval_is_refused(momentum):
    with pytest.raises(ValueError, match="momentum"):
        running_average(0, 1, momentum)


def test_folded_layer_gives_what_both_give():
    random = np.random.default_rng(4)
    for _ in range(20):
        w, (b, mean, beta) = random.normal(size=3), random.normal(size=3)
        variance, gamma = random.uniform(0.5, 4), random.normal()
        x = random.normal(size=3)
        *slopes, shift = fold_batchnorm(tuple(map(float, w)), b, mean, variance, gamma, beta)
        expected = gamma * (w @ x + b - mean) / np.sqrt(variance) + beta
        assert np.dot(slopes, x) + shift == pytest.approx(expected)
    assert fold_batchnorm((2, -1), 3, 1, 4, 6, 5) == (6, -3, 11)


@pytest.mark.parametrize("variance", [0, -1])
def test_no_folding_without_a_positive_variance(variance):
    with pytest.raises(ValueError, match="positive"):
        fold_batchnorm((1,), 0, 0, variance, 1, 0)


def test_the_gradient_of_the_inputs_agrees_with_autograd():
    random = np.random.default_rng(4)
    for _ in range(20):
        values = tuple(int(v) for v in random.permutation(20)[:5])
        upstream = tuple(int(v) for v in random.integers(-5, 6, 5))
        gamma = int(random.integers(1, 6))
        x = torch.tensor([[float(v)] for v in values], dtype=torch.float64, requires_grad=True)
        scale = torch.tensor([float(gamma)], dtype=torch.float64)
        y = torch.nn.functional.batch_norm(x, None, None, scale, training=True, eps=1e-15)
        y.backward(torch.tensor([[float(g)] for g in upstream], dtype=torch.float64))
        found = batchnorm_input_gradient(values, upstream, gamma)
        assert np.allclose(found, x.grad[:, 0])
        assert abs(sum(found)) < 1e-9


def test_a_whole_gradient_stays_exact():
    assert batchnorm_input_gradient((1, 1, 5, 5), (4, 0, 2, 2), 4) == (4, -4, 0, 0)


def test_layernorm_row_agrees_with_torch():
    row = (0, 6, 6, 8)
    x = torch.tensor([row], dtype=torch.float64)
    assert np.allclose(layernorm_row(row), torch.nn.functional.layer_norm(x, [4], eps=1e-15)[0])
    assert layernorm_row(row) == (Fraction(-5, 3), Fraction(1, 3), Fraction(1, 3), 1)
