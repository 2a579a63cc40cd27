# ruff: noqa: ANN001, ANN002, ANN003, ANN201, B905, D103, S101 - a test file as courses write them
"""The ten checks as a test file of otter's: one draw each, expected values from torch's operators.

A course would write them like this. `env` holds what the notebook has defined.
"""

from __future__ import annotations

import numpy as np
import torch
from otter.test_files import test_case
from torch.nn import functional

OK_FORMAT = False
name = "layers"
points = 10

RNG = np.random.default_rng()


def tensors(*arrays):
    return [torch.from_numpy(array).requires_grad_() for array in arrays]


def close(found, expected):
    expected = expected.detach().numpy() if isinstance(expected, torch.Tensor) else expected
    assert isinstance(found, np.ndarray)
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)


def normal(*shape):
    return RNG.standard_normal(shape)


def batchnorm(env, mode="train", **given):
    x, gamma, beta = 2 * normal(4, 3, 5, 6) + 3, normal(3), normal(3)
    param = {"mode": mode, **given}
    out, cache = env["spatial_batchnorm_forward"](x, gamma, beta, param)
    return x, gamma, beta, param, out, cache


@test_case()
def test_batchnorm_values(env):
    x, gamma, beta, _, out, _ = batchnorm(env)
    x, gamma, beta = tensors(x, gamma, beta)
    close(out, functional.batch_norm(x, None, None, gamma, beta, training=True))


@test_case()
def test_batchnorm_running_statistics(env):
    mean, var = normal(3), RNG.uniform(0.5, 2, 3)
    x, _, _, param, _, _ = batchnorm(
        env, running_mean=mean.copy(), running_var=var.copy(), momentum=0.7
    )
    close(param["running_mean"], 0.7 * mean + 0.3 * x.mean((0, 2, 3)))
    close(param["running_var"], 0.7 * var + 0.3 * x.var((0, 2, 3)))


@test_case()
def test_batchnorm_test_mode(env):
    mean, var = normal(3), RNG.uniform(0.5, 2, 3)
    x, gamma, beta, _, out, _ = batchnorm(env, "test", running_mean=mean, running_var=var)
    x, gamma, beta, mean, var = (torch.from_numpy(a) for a in (x, gamma, beta, mean, var))
    close(out, functional.batch_norm(x, mean, var, gamma, beta))


@test_case()
def test_batchnorm_gradients(env):
    x, gamma, beta, _, out, cache = batchnorm(env)
    along = normal(*out.shape)
    sources = tensors(x, gamma, beta)
    value = functional.batch_norm(sources[0], None, None, *sources[1:], training=True)
    expected = torch.autograd.grad(value, sources, torch.from_numpy(along))
    for found, gradient in zip(env["spatial_batchnorm_backward"](along, cache), expected):
        close(found, gradient)


def convolution(env):
    x, w, b = normal(2, 3, 7, 6), normal(4, 3, 3, 3), normal(4)
    out, cache = env["conv_forward_naive"](x, w, b, {"stride": 2, "pad": 1})
    return x, w, b, out, cache


@test_case()
def test_convolution_values(env):
    x, w, b, out, _ = convolution(env)
    close(out, functional.conv2d(*tensors(x, w, b), stride=2, padding=1))


@test_case()
def test_convolution_moves_with_its_input(env):
    x, w, b = normal(1, 2, 9, 9), normal(3, 2, 3, 3), normal(3)
    param = {"stride": 1, "pad": 0}
    whole, _ = env["conv_forward_naive"](x, w, b, param)
    part, _ = env["conv_forward_naive"](x[:, :, 1:, 1:].copy(), w, b, param)
    close(part, whole[:, :, 1:, 1:])


@test_case()
def test_convolution_gradients(env):
    x, w, b, out, cache = convolution(env)
    along = normal(*out.shape)
    sources = tensors(x, w, b)
    value = functional.conv2d(*sources, stride=2, padding=1)
    expected = torch.autograd.grad(value, sources, torch.from_numpy(along))
    for found, gradient in zip(env["conv_backward_naive"](along, cache), expected):
        close(found, gradient)


def pooled(env, x):
    param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    return env["max_pool_forward_naive"](x, param)


@test_case()
def test_pooling_values(env):
    x = normal(2, 3, 6, 8)
    close(pooled(env, x)[0], functional.max_pool2d(torch.from_numpy(x), 2))


@test_case()
def test_pooling_gradients(env):
    x = normal(2, 3, 6, 8)
    out, cache = pooled(env, x)
    along = normal(*out.shape)
    (source,) = tensors(x)
    value = functional.max_pool2d(source, 2)
    close(
        env["max_pool_backward_naive"](along, cache),
        torch.autograd.grad(value, source, torch.from_numpy(along))[0],
    )


@test_case()
def test_pooling_ties(env):
    x = np.ones((1, 1, 2, 2))
    out, cache = pooled(env, x)
    found = env["max_pool_backward_naive"](np.ones_like(out), cache)
    assert np.isfinite(found).all()
    assert found.sum() >= 1
