from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn.functional import batch_norm
from torch.testing import assert_close

from reference_impl.batchnorm import (
    RunningStatistics,
    batchnorm_backward,
    batchnorm_test,
    batchnorm_train,
)
from reference_impl.keypoint_normalisation import normalize_image, normalize_keypoints
from reference_impl.spatial_batchnorm import (
    spatial_batchnorm_backward,
    spatial_batchnorm_test,
    spatial_batchnorm_train,
)

sys.path.insert(0, str(Path(__file__).parent))
from comparison import assert_matches_torch

VECTORS = ((6, 4), (4,), (4,))
MAPS = ((3, 4, 2, 5), (4,), (4,))


def ours_train(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    train = spatial_batchnorm_train if x.ndim == 4 else batchnorm_train
    start = RunningStatistics.zeros(x.shape[1], x)
    return train(x, gamma, beta, start, eps=1e-3)[0]


def torch_train(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    return batch_norm(x, None, None, gamma, beta, training=True, eps=1e-3)


@pytest.mark.parametrize("shapes", [VECTORS, MAPS])
@pytest.mark.parametrize("seed", [0, 1])
def test_training_matches_torch(shapes: tuple[tuple[int, ...], ...], seed: int) -> None:
    assert_matches_torch(ours_train, torch_train, *shapes, seed=seed)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_training_matches_torch_on_the_gpu() -> None:
    assert_matches_torch(ours_train, torch_train, *MAPS, device="cuda")


def test_the_harness_rejects_statistics_per_pixel() -> None:
    def per_pixel(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
        mean, var = x.mean(dim=0), x.var(dim=0, correction=0)
        scale = gamma.reshape(1, -1, 1, 1) * (var + 1e-3).rsqrt()
        return scale * (x - mean) + beta.reshape(1, -1, 1, 1)

    with pytest.raises(AssertionError):
        assert_matches_torch(per_pixel, torch_train, *MAPS)


def test_the_harness_rejects_a_wrong_gradient_behind_right_values() -> None:
    def constant_mean(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
        mean, var = x.mean(dim=0).detach(), x.var(dim=0, correction=0)
        return gamma * (x - mean) * (var + 1e-3).rsqrt() + beta

    with pytest.raises(AssertionError):
        assert_matches_torch(constant_mean, torch_train, *VECTORS)


@pytest.mark.parametrize("shapes", [VECTORS, MAPS])
def test_explicit_backward_equals_autograd(shapes: tuple[tuple[int, ...], ...]) -> None:
    generator = torch.Generator().manual_seed(3)
    x, gamma, beta, dout = (
        torch.randn(s, generator=generator, dtype=torch.float64) for s in (*shapes, shapes[0])
    )
    spatial = len(shapes[0]) == 4
    train = spatial_batchnorm_train if spatial else batchnorm_train
    backward = spatial_batchnorm_backward if spatial else batchnorm_backward
    _, cache, _ = train(x, gamma, beta, RunningStatistics.zeros(4, x))
    inputs = [t.requires_grad_() for t in (x, gamma, beta)]
    out = batch_norm(x, None, None, gamma, beta, training=True, eps=1e-5)
    for found, expected in zip(
        backward(dout, cache), torch.autograd.grad(out, inputs, dout), strict=True
    ):
        assert_close(found.detach(), expected)


def test_test_mode_matches_torch() -> None:
    def ours(x: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, root: Tensor) -> Tensor:
        return spatial_batchnorm_test(x, gamma, beta, RunningStatistics(mean, root**2))

    def theirs(x: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, root: Tensor) -> Tensor:
        shaped = (1, -1, 1, 1)
        std = (root**2 + 1e-5).sqrt().reshape(shaped)
        centred = (x - mean.reshape(shaped)) / std
        return gamma.reshape(shaped) * centred + beta.reshape(shaped)

    assert_matches_torch(ours, theirs, *MAPS, (4,), (4,))
    x, gamma, beta = (torch.randn(s, dtype=torch.float64) for s in VECTORS)
    running = RunningStatistics(torch.randn(4).double(), torch.rand(4).double() + 0.5)
    expected = batch_norm(x, running.mean, running.var, gamma, beta)
    assert_close(batchnorm_test(x, gamma, beta, running), expected)


def test_running_statistics_follow_the_course() -> None:
    x = torch.randn(3, 4, 2, 5, dtype=torch.float64) * 2 + 1
    layer = torch.nn.BatchNorm2d(4, momentum=0.3, dtype=torch.float64)  # torch: weight of the new
    running = RunningStatistics(torch.zeros(4).double(), torch.ones(4).double())
    for batch in (x, x**2):
        layer(batch)
        ones, zeros = torch.ones(4).double(), torch.zeros(4).double()
        _, _, running = spatial_batchnorm_train(batch, ones, zeros, running, momentum=0.7)
    assert layer.running_mean is not None
    assert layer.running_var is not None
    assert_close(running.mean, layer.running_mean)
    # torch averages the unbiased variance: (var - 0.7^2 * start) differs by n / (n - 1).
    n = 3 * 2 * 5
    start = 0.7**2
    assert_close((running.var - start) * n / (n - 1), layer.running_var - start)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_keeps_the_dtype(dtype: torch.dtype) -> None:
    x = torch.randn(3, 4, 2, 5, dtype=dtype)
    ones = torch.ones(4, dtype=dtype)
    start = RunningStatistics.zeros(4, x)
    out, cache, running = spatial_batchnorm_train(x, ones, ones, start)
    assert {t.dtype for t in (out, cache.x_hat, running.mean, running.var)} == {dtype}


def test_normalisation_of_faces() -> None:
    image = torch.tensor([0.0, 51.0, 255.0], dtype=torch.float64)
    assert normalize_image(image).tolist() == [0.0, 0.2, 1.0]
    keypoints = torch.tensor([0.0, 24.0, 48.0, 96.0], dtype=torch.float64)
    assert normalize_keypoints(keypoints).tolist() == [-1.0, -0.5, 0.0, 1.0]
