from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from reference_impl.linear_regression import with_bias
from reference_impl.logistic_regression import (
    fit,
    hessian,
    loss_and_gradient,
    predict,
    probability,
)

DOUBLE = torch.float64


def draw(n: int = 60) -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    x = with_bias(torch.randn(n, 2, dtype=DOUBLE))
    w = torch.tensor([1.0, -2.0, 0.5], dtype=DOUBLE)
    return x, (torch.rand(n, dtype=DOUBLE) < torch.sigmoid(x @ w)).to(DOUBLE)


@pytest.mark.parametrize("reg", [0.0, 0.3])
@pytest.mark.parametrize("scale", [1.0, 300.0])
def test_gradient_and_hessian_are_autograds(reg: float, scale: float) -> None:
    x, y = draw()
    w = scale * torch.tensor([0.3, 0.4, -0.2], dtype=DOUBLE)

    def loss(w: Tensor) -> Tensor:
        bce = torch.nn.functional.binary_cross_entropy_with_logits(x @ w, y)
        return bce + reg / 2 * w.square().sum()

    found, gradient = loss_and_gradient(w, x, y, reg)
    assert_close(found, loss(w))
    assert_close(gradient, torch.func.grad(loss)(w))
    assert_close(hessian(w, x, reg), torch.func.jacrev(torch.func.grad(loss))(w))
    assert torch.linalg.eigvalsh(hessian(w, x, reg)).min() >= -1e-15


@pytest.mark.parametrize("reg", [0.0, 0.01, 1.0])
def test_the_fit_is_a_minimum(reg: float) -> None:
    x, y = draw()
    w = fit(x, y, reg)
    best, gradient = loss_and_gradient(w, x, y, reg)
    assert gradient.abs().max() < 1e-7
    for _ in range(20):
        assert loss_and_gradient(w + 0.01 * torch.randn(3, dtype=DOUBLE), x, y, reg)[0] > best


def test_probabilities_sum_to_the_number_of_ones() -> None:
    x, y = draw()
    p = probability(fit(x, y), x)
    assert p.sum().item() == pytest.approx(y.sum().item(), abs=1e-6)


def test_a_bias_alone_is_the_logarithm_of_the_odds() -> None:
    ones = torch.ones(10, 1, dtype=DOUBLE)
    y = torch.tensor([1.0] * 3 + [0.0] * 7, dtype=DOUBLE)
    assert fit(ones, y).item() == pytest.approx(math.log(3 / 7))


def test_one_yes_or_no_feature_is_the_difference_of_the_log_odds() -> None:
    x = torch.tensor([0.0] * 5 + [1.0] * 5, dtype=DOUBLE).unsqueeze(1)
    y = torch.tensor([1.0, 0, 0, 0, 0, 1, 1, 1, 0, 0], dtype=DOUBLE)
    w = fit(with_bias(x), y)
    assert w[1].item() == pytest.approx(math.log(1 / 4))
    assert w[0].item() == pytest.approx(math.log(3 / 2) - math.log(1 / 4))


def test_the_boundary_is_one_half() -> None:
    w = torch.tensor([1.0, -1.0])
    x = torch.tensor([[2.0, 1.0], [1.0, 1.0], [1.0, 2.0]])
    assert predict(w, x).tolist() == [1, 1, 0]
    assert probability(w, x)[1] == 0.5


def test_a_newton_step_that_climbs_is_halved() -> None:
    # Outliers, found by search: from 0, one of the full steps would raise the loss.
    x = with_bias(
        torch.tensor(
            [[-1, -1], [-1, -20], [-1, 0], [-124, 22], [0, -9], [24, 38], [0, -8], [0, -18]],
            dtype=DOUBLE,
        )
    )
    y = torch.tensor([0, 1, 1, 0, 1, 0, 1, 1], dtype=DOUBLE)
    w, losses = torch.zeros(3, dtype=DOUBLE), []
    for _ in range(12):
        loss, gradient = loss_and_gradient(w, x, y)
        losses.append(float(loss))
        w = w - torch.linalg.solve(hessian(w, x), gradient)
        if losses != sorted(losses, reverse=True):
            break
    assert losses != sorted(losses, reverse=True)
    best, gradient = loss_and_gradient(fit(x, y), x, y)
    assert gradient.abs().max() < 1e-7
    assert best < min(losses)


SEPARABLE = ([[-2.0], [-1.0], [1.0], [2.0]], [0.0, 0.0, 1.0, 1.0])
TOUCHING = ([[-1.0], [0.0], [0.0], [1.0]], [0.0, 0.0, 1.0, 1.0])
FAR = ([[-2e6], [-1e6], [1e6], [2e6]], [0.0, 0.0, 1.0, 1.0])
ONE_CLASS = ([[-1.0], [0.0], [3.0]], [1.0, 1.0, 1.0])


@pytest.mark.parametrize(
    "data", [SEPARABLE, TOUCHING, FAR, ONE_CLASS], ids=["separable", "touching", "far", "one class"]
)
def test_separable_classes_need_regularisation(data: tuple[list[list[float]], list[float]]) -> None:
    x, y = with_bias(torch.tensor(data[0], dtype=DOUBLE)), torch.tensor(data[1], dtype=DOUBLE)
    with pytest.raises(ValueError, match="regularisation is needed"):
        fit(x, y)
    w = fit(x, y, reg=0.1)
    assert loss_and_gradient(w, x, y, 0.1)[1].abs().max() < 1e-7


def test_dependent_features_need_regularisation() -> None:
    x, y = draw()
    doubled = torch.cat([x, x[:, :1]], dim=1)
    with pytest.raises(ValueError, match="regularisation is needed"):
        fit(doubled, y)
    assert fit(doubled, y, 0.1).isfinite().all()


def test_float32_converges_too() -> None:
    x, y = draw()
    w = fit(x.float(), y.float())
    assert w.dtype == torch.float32
    assert_close(w.double(), fit(x, y), rtol=1e-2, atol=1e-2)


@pytest.mark.gpu
def test_fits_on_the_gpu() -> None:
    x, y = draw()
    assert_close(fit(x.to("cuda"), y.to("cuda")).cpu(), fit(x, y))
