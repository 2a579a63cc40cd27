"""Spatial batch normalisation: batch normalisation for feature maps.

Axes:  N  images      C  channels      H  rows      W  columns

A convolution computes the same feature at every place, so every place is one more sample of
that feature: the statistics are per channel, over N, H and W together (C numbers each). To take
them per pixel, over N only, is the usual mistake; it runs without an error.

Moving the channels last and flattening the rest turns the maps into N*H*W vectors of C features,
and the regular layer does the work.

Source: Ioffe and Szegedy (2015), arXiv:1502.03167, section 3.2.
"""

from __future__ import annotations

from torch import Tensor

from reference_impl.batchnorm import (
    BatchNormCache,
    RunningStatistics,
    batchnorm_backward,
    batchnorm_test,
    batchnorm_train,
)


def to_vectors(maps: Tensor) -> Tensor:
    """Feature maps (N, C, H, W) as vectors (N*H*W, C)."""
    return maps.permute(0, 2, 3, 1).reshape(-1, maps.shape[1])


def to_maps(vectors: Tensor, like: Tensor) -> Tensor:
    """Vectors (N*H*W, C) back as feature maps of the shape (N, C, H, W) of `like`."""
    images, channels, rows, columns = like.shape
    return vectors.reshape(images, rows, columns, channels).permute(0, 3, 1, 2)


def spatial_batchnorm_train(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    running: RunningStatistics,
    *,
    eps: float = 1e-5,
    momentum: float = 0.9,
) -> tuple[Tensor, BatchNormCache, RunningStatistics]:
    """Normalise x (N, C, H, W) per channel; gamma, beta and the averages are (C,)."""
    out, cache, running = batchnorm_train(
        to_vectors(x), gamma, beta, running, eps=eps, momentum=momentum
    )
    return to_maps(out, x), cache, running


def spatial_batchnorm_test(
    x: Tensor, gamma: Tensor, beta: Tensor, running: RunningStatistics, *, eps: float = 1e-5
) -> Tensor:
    """Normalise x (N, C, H, W) by the running averages."""
    return to_maps(batchnorm_test(to_vectors(x), gamma, beta, running, eps=eps), x)


def spatial_batchnorm_backward(
    dout: Tensor, cache: BatchNormCache
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients dx (N, C, H, W), dgamma (C,), dbeta (C,) from dout (N, C, H, W)."""
    dx, dgamma, dbeta = batchnorm_backward(to_vectors(dout), cache)
    return to_maps(dx, dout), dgamma, dbeta
