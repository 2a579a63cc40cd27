from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from reference_impl.linear_regression import (
    fit,
    loss_and_gradient,
    predict,
    r_squared,
    with_bias,
)


def draw() -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    x = torch.randn(20, 3, dtype=torch.float64)
    return with_bias(x), x @ torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64) + 3 + torch.randn(
        20, dtype=torch.float64
    )


@pytest.mark.parametrize("reg", [0.0, 0.01, 10.0])
def test_the_gradient_is_autograds_and_vanishes_at_the_fit(reg: float) -> None:
    x, y = draw()
    w = torch.randn(4, dtype=torch.float64, requires_grad=True)
    expected = torch.nn.functional.mse_loss(x @ w, y) + reg * w.square().sum()
    loss, gradient = loss_and_gradient(w.detach(), x, y, reg)
    assert_close(loss, expected.detach())
    assert_close(gradient, torch.autograd.grad(expected, w)[0])
    best = fit(x, y, reg)
    assert loss_and_gradient(best, x, y, reg)[1].abs().max() < 1e-12
    normal = x.T @ x + 20 * reg * torch.eye(4, dtype=torch.float64)
    assert_close(best, torch.linalg.solve(normal, x.T @ y))


def test_residuals_stand_at_right_angles_on_the_features() -> None:
    x, y = draw()
    residuals = predict(x, fit(x, y)) - y
    assert (x.T @ residuals).abs().max() < 1e-12
    assert abs(residuals.sum().item()) < 1e-12


def test_r_squared() -> None:
    x, y = draw()
    assert r_squared(y, y) == 1
    assert r_squared(y.mean().expand(20), y).item() == pytest.approx(0)
    prediction = predict(x, fit(x, y))
    correlation = torch.corrcoef(torch.stack([prediction, y]))[0, 1]
    assert r_squared(prediction, y).item() == pytest.approx(correlation.item() ** 2)


def test_more_regularisation_means_shorter_weights() -> None:
    x, y = draw()
    lengths = [fit(x, y, reg).norm().item() for reg in (0.0, 0.1, 1.0, 10.0, 1e6)]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[-1] < 1e-5


def test_dependent_features_need_regularisation() -> None:
    x, y = draw()
    doubled = torch.cat([x, x[:, :1]], dim=1)
    with pytest.raises(ValueError, match="depend on one another"):
        fit(doubled, y)
    with pytest.raises(ValueError, match="depend on one another"):
        fit(x[:2], y[:2])
    w = fit(doubled, y, 0.1)
    assert w[0].item() == pytest.approx(w[-1].item())


def test_nearly_dependent_features_keep_their_precision() -> None:
    t = torch.linspace(0, 1, 50, dtype=torch.float64)
    x = torch.stack([torch.ones_like(t), t, t + 1e-6 * t**2], dim=1)
    w = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    # The normal equations would square the condition number and lose about 12 more digits.
    assert_close(fit(x, x @ w), w, rtol=1e-7, atol=0)
