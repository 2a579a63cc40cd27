from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from reference_impl.heatmaps import (
    gaussian_targets,
    hard_argmax,
    probabilities,
    soft_argmax,
    soft_argmax_backward,
)

sys.path.insert(0, str(Path(__file__).parent))
from comparison import assert_matches_torch

SHAPE = (2, 3, 4, 5)


def by_torch(scores: Tensor) -> Tensor:
    """The same by torch's softmax and a product with the grid of places."""
    rows, columns = torch.meshgrid(
        torch.arange(scores.shape[2]), torch.arange(scores.shape[3]), indexing="ij"
    )
    places = torch.stack([columns, rows], dim=-1).flatten(0, 1).to(scores)
    return scores.flatten(2).softmax(dim=-1) @ places


def test_soft_argmax_matches_torch() -> None:
    assert_matches_torch(soft_argmax, by_torch, SHAPE)
    assert_matches_torch(
        probabilities, lambda s: s.flatten(2).softmax(-1).unflatten(-1, s.shape[2:]), SHAPE
    )


def test_the_harness_rejects_rows_before_columns() -> None:
    with pytest.raises(AssertionError):
        assert_matches_torch(lambda s: soft_argmax(s).flip(-1), by_torch, SHAPE)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_written_backward_pass_equals_autograd(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randn(SHAPE, generator=generator, dtype=torch.float64, requires_grad=True)
    dout = torch.randn(2, 3, 2, generator=generator, dtype=torch.float64)
    (expected,) = torch.autograd.grad(by_torch(scores), scores, dout)
    assert_close(soft_argmax_backward(dout, scores.detach()), expected)


def test_a_sharp_peak_is_found_by_both() -> None:
    scores = torch.zeros(1, 1, 6, 8)
    scores[0, 0, 2, 5] = 1e4  # exp of it would overflow
    assert soft_argmax(scores).tolist() == [[[5.0, 2.0]]]
    assert hard_argmax(scores).tolist() == [[[5, 2]]]


def test_equal_scores_mean_the_middle_or_the_first() -> None:
    scores = torch.zeros(1, 2, 3, 5)
    assert_close(soft_argmax(scores), torch.tensor([[[2.0, 1.0], [2.0, 1.0]]]))
    assert hard_argmax(scores).tolist() == [[[0, 0], [0, 0]]]


def test_targets_are_hills_around_the_points() -> None:
    points = torch.tensor([[[3.0, 1.0], [2.5, 2.0]]], dtype=torch.float64)
    hills = gaussian_targets(points, (6, 7), sigma=0.8)
    assert hills.shape == (1, 2, 6, 7)
    assert hills[0, 0, 1, 3] == 1
    assert_close(hills[0, 0, 2, 5].item(), torch.tensor(-(1 + 4) / (2 * 0.64)).exp().item())
    assert_close(hills[0, 1, 2, 2], hills[0, 1, 2, 3])  # the point lies between them
    assert hard_argmax(hills)[0, 0].tolist() == [3, 1]


def test_a_hill_without_width_is_refused() -> None:
    with pytest.raises(ValueError, match="sigma is 0"):
        gaussian_targets(torch.zeros(1, 1, 2), (4, 4), sigma=0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_keeps_the_dtype(dtype: torch.dtype) -> None:
    scores = torch.randn(SHAPE).to(dtype)
    found = soft_argmax(scores)
    back = soft_argmax_backward(found, scores)
    assert {found.dtype, back.dtype, gaussian_targets(found, (4, 5)).dtype} == {dtype}


@pytest.mark.gpu
def test_matches_torch_on_the_gpu() -> None:
    assert_matches_torch(soft_argmax, by_torch, SHAPE, device="cuda")
