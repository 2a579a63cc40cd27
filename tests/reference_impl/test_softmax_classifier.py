from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.testing import assert_close

from reference_impl.softmax_classifier import loss_and_gradient, predict

N, D, C = 7, 5, 4


def draw(scale: float = 1.0) -> tuple[Tensor, Tensor, Tensor]:
    torch.manual_seed(0)
    w = scale * torch.randn(D, C, dtype=torch.float64)
    return w, torch.randn(N, D, dtype=torch.float64), torch.randint(C, (N,))


@pytest.mark.parametrize("factor", [1.0, 0.5])
@pytest.mark.parametrize("reg", [0.0, 0.3])
@pytest.mark.parametrize("scale", [1.0, 1e3])
def test_matches_torch(factor: float, reg: float, scale: float) -> None:
    w, x, y = draw(scale)
    w.requires_grad_()
    expected = cross_entropy(x @ w, y) + factor * reg * w.square().sum()
    (wanted,) = torch.autograd.grad(expected, w)
    loss, gradient = loss_and_gradient(w.detach(), x, y, reg, factor=factor)
    assert_close(loss, expected.detach())
    assert_close(gradient, wanted)


@pytest.mark.parametrize("factor", [1.0, 0.5])
def test_agrees_with_finite_differences_and_a_loop(factor: float) -> None:
    w, x, y = draw()
    reg, step = 0.1, 1e-6

    def by_loop(w: Tensor) -> float:
        total = 0.0
        for row, right in zip(x, y, strict=True):
            scores = [sum(row[d] * w[d, c] for d in range(D)) for c in range(C)]
            total -= math.log(math.exp(scores[right]) / sum(math.exp(s) for s in scores))
        return total / N + factor * reg * float((w**2).sum())

    loss, gradient = loss_and_gradient(w, x, y, reg, factor=factor)
    assert loss.item() == pytest.approx(by_loop(w))
    for d, c in [(0, 0), (2, 3), (4, 1)]:
        aside = torch.zeros_like(w)
        aside[d, c] = step
        slope = (by_loop(w + aside) - by_loop(w - aside)) / (2 * step)
        assert gradient[d, c].item() == pytest.approx(slope, rel=1e-6)


def test_zero_weights_cost_the_logarithm_of_the_classes() -> None:
    _, x, y = draw()
    loss, _ = loss_and_gradient(torch.zeros(D, C, dtype=torch.float64), x, y, 5.0)
    assert loss.item() == pytest.approx(math.log(C))


def test_predicts_the_highest_score() -> None:
    x = torch.eye(3)
    w = torch.tensor([[0.0, 2.0], [3.0, 1.0], [1.0, 1.0]])
    assert predict(w, x).tolist() == [1, 0, 0]
