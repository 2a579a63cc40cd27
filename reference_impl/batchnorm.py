"""Batch normalisation of a batch of feature vectors.

Axes:  N  examples of the batch      D  features

    mean[d]   = 1/N sum_n x[n,d]
    var[d]    = 1/N sum_n (x[n,d] - mean[d])^2          (biased: divided by N, not N-1)
    x_hat     = (x - mean) / sqrt(var + eps)
    out       = gamma * x_hat + beta

In test mode the running averages stand in for mean and var, so that one example's output does
not depend on the others. In training they move as

    running = momentum * running + (1 - momentum) * sample

which is the course's convention. torch.nn.BatchNorm1d differs twice: its `momentum` is the
weight of the new sample (ours is 1 - that), and its running variance is the unbiased one.

Source: Ioffe and Szegedy (2015), "Batch Normalization", arXiv:1502.03167, Algorithm 1 and the
derivatives of section 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class RunningStatistics:
    """Averages over the batches seen so far, each of shape (D,)."""

    mean: Tensor
    var: Tensor

    @classmethod
    def zeros(cls, features: int, like: Tensor) -> RunningStatistics:
        """Before the first batch, as in the course (torch's layer starts its variance at 1)."""
        zeros = torch.zeros(features, dtype=like.dtype, device=like.device)
        return cls(zeros, zeros)

    def updated(self, mean: Tensor, var: Tensor, momentum: float) -> RunningStatistics:
        """The averages after one more batch with the given statistics."""
        return RunningStatistics(
            mean=momentum * self.mean + (1 - momentum) * mean.detach(),
            var=momentum * self.var + (1 - momentum) * var.detach(),
        )


@dataclass(frozen=True)
class BatchNormCache:
    """What the backward pass needs: x_hat (N, D), 1/sqrt(var + eps) (D,), gamma (D,)."""

    x_hat: Tensor
    inverse_std: Tensor
    gamma: Tensor


def batch_statistics(x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and biased variance of each feature of x (N, D): two tensors (D,)."""
    mean = x.mean(dim=0)  # (D,)
    var = ((x - mean) ** 2).mean(dim=0)  # (D,)
    return mean, var


def batchnorm_train(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    running: RunningStatistics,
    *,
    eps: float = 1e-5,
    momentum: float = 0.9,
) -> tuple[Tensor, BatchNormCache, RunningStatistics]:
    """Normalise x (N, D) by its own statistics; returns out (N, D), cache, new averages."""
    mean, var = batch_statistics(x)
    inverse_std = (var + eps).rsqrt()  # (D,)
    x_hat = (x - mean) * inverse_std  # (N, D)
    out = gamma * x_hat + beta
    cache = BatchNormCache(x_hat, inverse_std, gamma)
    return out, cache, running.updated(mean, var, momentum)


def batchnorm_test(
    x: Tensor, gamma: Tensor, beta: Tensor, running: RunningStatistics, *, eps: float = 1e-5
) -> Tensor:
    """Normalise x (N, D) by the running averages, which stay as they are."""
    return gamma * (x - running.mean) * (running.var + eps).rsqrt() + beta


def batchnorm_backward(dout: Tensor, cache: BatchNormCache) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients dx (N, D), dgamma (D,), dbeta (D,) from dout (N, D), after `batchnorm_train`.

    x acts on the output along three paths: directly, through the mean, and through the variance.
    Together they give

        dx = gamma / sqrt(var + eps) * (dout - mean_n(dout) - x_hat * mean_n(dout * x_hat))
    """
    dbeta = dout.sum(dim=0)  # (D,)
    dgamma = (dout * cache.x_hat).sum(dim=0)  # (D,)
    examples = dout.shape[0]
    centred = dout - dbeta / examples - cache.x_hat * dgamma / examples  # (N, D)
    return cache.gamma * cache.inverse_std * centred, dgamma, dbeta
