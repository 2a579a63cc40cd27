from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional
from torch.testing import assert_close

from reference_impl.dropout import (
    draw_mask,
    dropout,
    dropout2d,
    dropout2d_backward,
    dropout_backward,
)


def same_draw(function: str, x: Tensor, p: float) -> Tensor:
    """torch's operator, which draws the same mask each time it is called here."""
    torch.manual_seed(7)
    return getattr(functional, function)(x, p=p, training=True)


@pytest.mark.parametrize("p", [0.0, 0.3, 0.5, 0.999])
@pytest.mark.parametrize("shape", [(40, 30), (2, 3, 4, 5)])
def test_dropout_matches_torch_under_its_own_mask(p: float, shape: tuple[int, ...]) -> None:
    x = torch.randn(shape, dtype=torch.float64, requires_grad=True)
    keep = same_draw("dropout", torch.ones(shape, dtype=torch.float64), p) != 0
    expected = same_draw("dropout", x, p)
    dout = torch.randn(shape, dtype=torch.float64)
    (gradient,) = torch.autograd.grad(expected, x, dout)
    assert_close(dropout(x, keep, p), expected)
    assert_close(torch.autograd.grad(dropout(x, keep, p), x, dout)[0], gradient)
    assert_close(dropout_backward(dout, keep, p), gradient)


@pytest.mark.parametrize("p", [0.0, 0.4, 0.9])
def test_dropout2d_matches_torch_under_its_own_mask(p: float) -> None:
    shape = (6, 5, 3, 2)
    x = torch.randn(shape, dtype=torch.float64, requires_grad=True)
    keep = same_draw("dropout2d", torch.ones(shape, dtype=torch.float64), p)[:, :, 0, 0] != 0
    expected = same_draw("dropout2d", x, p)
    dout = torch.randn(shape, dtype=torch.float64)
    (gradient,) = torch.autograd.grad(expected, x, dout)
    assert_close(dropout2d(x, keep, p), expected)
    assert_close(torch.autograd.grad(dropout2d(x, keep, p), x, dout)[0], gradient)
    assert_close(dropout2d_backward(dout, keep, p), gradient)


def test_nothing_is_dropped_at_zero() -> None:
    keep = draw_mask((50, 20), 0.0, torch.Generator().manual_seed(0))
    x = torch.randn(50, 20)
    assert keep.all()
    assert torch.equal(dropout(x, keep, 0.0), x)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.99])
def test_masks_drop_with_probability_p_and_keep_the_mean(p: float) -> None:
    n = 200_000
    keep = draw_mask((n,), p, torch.Generator().manual_seed(1))
    # Five standard deviations of the mean of n draws.
    assert (~keep).double().mean().item() == pytest.approx(p, abs=5 * math.sqrt(p * (1 - p) / n))
    scaled = dropout(torch.ones(n, dtype=torch.float64), keep, p)
    assert scaled.mean().item() == pytest.approx(1, abs=5 * math.sqrt(p / (1 - p) / n))


def test_the_same_seed_draws_the_same_mask() -> None:
    first, second, third = (
        draw_mask((4, 9), 0.5, torch.Generator().manual_seed(seed)) for seed in (3, 3, 4)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, third)


@pytest.mark.parametrize("p", [-0.1, 1.0, 1.5, math.nan])
def test_other_probabilities_are_refused(p: float) -> None:
    with pytest.raises(ValueError, match="probability to drop"):
        draw_mask((2,), p, torch.Generator())
    with pytest.raises(ValueError, match="probability to drop"):
        dropout(torch.ones(2), torch.ones(2, dtype=torch.bool), p)


def test_a_dropped_infinity_is_dropped() -> None:
    x = torch.tensor([math.inf, 1.0])
    assert dropout(x, torch.tensor([False, True]), 0.5).tolist() == [0.0, 2.0]


@pytest.mark.gpu
def test_masks_are_drawn_where_the_generator_is() -> None:
    keep = draw_mask((4, 5), 0.5, torch.Generator("cuda").manual_seed(0))
    assert keep.device.type == "cuda"
    assert dropout(torch.ones(4, 5, device="cuda"), keep, 0.5).device.type == "cuda"
