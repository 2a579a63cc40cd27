from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn.functional import linear
from torch.testing import assert_close

from reference_impl.affine import affine, affine_backward

sys.path.insert(0, str(Path(__file__).parent))
from comparison import assert_matches_torch


def torch_affine(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return linear(x.flatten(1), w.T, b)


@pytest.mark.parametrize("shape", [(3, 4), (3, 2, 5), (1, 2, 3, 2), (2, 1)])
def test_matches_torch(shape: tuple[int, ...]) -> None:
    numbers = int(torch.tensor(shape[1:]).prod())
    assert_matches_torch(affine, torch_affine, shape, (numbers, 3), (3,))


@pytest.mark.gpu
def test_matches_torch_on_the_gpu() -> None:
    assert_matches_torch(affine, torch_affine, (3, 2, 5), (10, 3), (3,), device="cuda")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_backward_is_autograds(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    inputs = [torch.randn(s, dtype=dtype, requires_grad=True) for s in ((3, 2, 5), (10, 4), (4,))]
    dout = torch.randn(3, 4, dtype=dtype)
    expected = torch.autograd.grad(torch_affine(*inputs), inputs, dout)
    x, w, _ = (one.detach() for one in inputs)
    for found, wanted in zip(affine_backward(dout, x, w), expected, strict=True):
        assert_close(found, wanted)


def test_no_examples_are_no_error() -> None:
    out = affine(torch.zeros(0, 2, 3), torch.ones(6, 4), torch.ones(4))
    assert out.shape == (0, 4)
    dx, dw, db = affine_backward(out, torch.zeros(0, 2, 3), torch.ones(6, 4))
    assert dx.shape == (0, 2, 3)
    assert not dw.any()
    assert not db.any()


def test_other_sizes_are_refused() -> None:
    with pytest.raises(RuntimeError):
        affine(torch.zeros(2, 3), torch.zeros(4, 5), torch.zeros(5))
