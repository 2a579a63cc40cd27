"""Initialisation and losses against torch and simulation, and what they refuse."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
import torch

from question_bank.solvers.initialisation import (
    initial_std,
    multiclass_hinge,
    relu_unit_gradient,
    relu_variances,
)


def test_initial_std_against_torch() -> None:
    torch.manual_seed(0)
    weight = torch.empty(2000, 98)
    torch.nn.init.kaiming_normal_(weight, nonlinearity="relu")
    assert initial_std(98) == Fraction(1, 7)
    assert float(weight.std()) == pytest.approx(1 / 7, rel=0.01)
    assert initial_std(25, "xavier") == Fraction(1, 5)


def test_variances_against_a_simulation() -> None:
    torch.manual_seed(0)
    width, std, layers = 128, 0.1, 3
    found = torch.zeros(layers, dtype=torch.float64)
    for _ in range(200):
        signal = torch.randn(20, width, dtype=torch.float64) * 2
        for layer in range(layers):
            before = signal @ (torch.randn(width, width, dtype=torch.float64) * std)
            found[layer] += (before**2).mean() / 200
            signal = torch.relu(before)
    expected = [float(v) for v in relu_variances(width, Fraction(1, 100), 4, layers)]
    assert found.tolist() == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("seed", range(10))
def test_gradient_and_hinge_against_torch(seed: int) -> None:
    chance = random.Random(seed)
    inputs = tuple((chance.randint(-3, 3), chance.randint(-3, 3)) for _ in range(5))
    weights, bias = (chance.randint(-3, 3), chance.randint(-3, 3)), Fraction(1, 2)
    upstream = tuple(chance.randint(-4, 4) for _ in range(5))
    w = torch.tensor([*map(float, weights), 0.5], dtype=torch.float64, requires_grad=True)
    x = torch.tensor([[*row, 1] for row in inputs], dtype=torch.float64)
    torch.relu(x @ w).backward(torch.tensor(upstream, dtype=torch.float64))
    assert w.grad is not None
    assert list(relu_unit_gradient(inputs, weights, bias, upstream)) == w.grad.tolist()

    scores, target = tuple(chance.randint(-5, 5) for _ in range(4)), chance.randrange(4)
    row = torch.tensor([scores], dtype=torch.float64)
    loss = 4 * torch.nn.functional.multi_margin_loss(row, torch.tensor([target]))
    assert float(multiclass_hinge(scores, target)) == pytest.approx(float(loss))


def test_impossible_values_are_refused() -> None:
    with pytest.raises(ValueError, match="fan_in"):
        initial_std(0)
    with pytest.raises(ValueError, match="no scheme"):
        initial_std(3, "orthogonal")
    with pytest.raises(ValueError, match="layers"):
        relu_variances(3, 1, 1, 0)
    with pytest.raises(ValueError, match="negative"):
        relu_variances(3, -1, 1, 1)
    with pytest.raises(ValueError, match="is 0"):
        relu_unit_gradient(((1, 1),), (1, -1), 0, (1,))
    with pytest.raises(ValueError, match="1 samples"):
        relu_unit_gradient(((1, 1),), (1, 1), 0, (1, 2))
    with pytest.raises(ValueError, match="no class"):
        multiclass_hinge((1, 2), 2)
