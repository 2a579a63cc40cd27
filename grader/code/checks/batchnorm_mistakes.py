"""Wrong batch normalisations, each by name: what a result is compared with to say what was done.

All take x (N, C, H, W), gamma and beta (C,), and eps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from reference_impl.batchnorm import RunningStatistics

DEFAULT_EPS = 1e-5
OTHER_DEFAULTS = (1e-8, 1e-7, 1e-6, 1e-4, 1e-3)


def normalised(x: Tensor, gamma: Tensor, beta: Tensor, eps: float, over: tuple[int, ...]) -> Tensor:
    """The usual formula with the statistics over the axes given."""
    mean = x.mean(dim=over, keepdim=True)
    var = ((x - mean) ** 2).mean(dim=over, keepdim=True)
    return _per_channel(gamma) * (x - mean) / torch.sqrt(var + eps) + _per_channel(beta)


def _per_channel(values: Tensor) -> Tensor:
    """(C,) shaped so that it meets the channels of (N, C, H, W)."""
    return values.reshape(1, -1, 1, 1)


Formula = Callable[[Tensor, Tensor, Tensor, float], Tensor]


def _unbiased(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    mean = x.mean(dim=(0, 2, 3), keepdim=True)
    var = x.var(dim=(0, 2, 3), keepdim=True, correction=1)
    return _per_channel(gamma) * (x - mean) / torch.sqrt(var + eps) + _per_channel(beta)


def _eps_outside(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    mean = x.mean(dim=(0, 2, 3), keepdim=True)
    std = x.std(dim=(0, 2, 3), keepdim=True, correction=0)
    return _per_channel(gamma) * (x - mean) / (std + eps) + _per_channel(beta)


def _by_variance(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    mean = x.mean(dim=(0, 2, 3), keepdim=True)
    var = x.var(dim=(0, 2, 3), keepdim=True, correction=0)
    return _per_channel(gamma) * (x - mean) / (var + eps) + _per_channel(beta)


def _channels_not_moved(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    rows = x.reshape(-1, x.shape[1])
    mean = rows.mean(dim=0)
    var = ((rows - mean) ** 2).mean(dim=0)
    return (gamma * (rows - mean) / torch.sqrt(var + eps) + beta).reshape(x.shape)


def _over(*axes: int) -> Formula:
    return lambda x, gamma, beta, eps: normalised(x, gamma, beta, eps, axes)


def _along_width(
    x: Tensor, gamma: Tensor, beta: Tensor, eps: float, over: tuple[int, ...]
) -> Tensor:
    if x.shape[3] != gamma.shape[0]:
        return torch.full((1,), torch.nan)
    plain = normalised(x, torch.ones_like(gamma), torch.zeros_like(beta), eps, over)
    return gamma * plain + beta


PER_PIXEL = "per-pixel-statistics"
PER_PIXEL_SENTENCE = (
    "This is batch normalisation with the statistics per pixel instead of per channel: mean and "
    "variance are taken over N only. In spatial batch normalisation every place of a feature map "
    "is one more sample of its channel, so they are taken over N, H and W: C numbers each."
)
FORMULAS: Mapping[str, tuple[str, Formula]] = {
    PER_PIXEL: (PER_PIXEL_SENTENCE, _over(0)),
    "per-pixel-statistics-scaled-along-width": (
        PER_PIXEL_SENTENCE + " Besides, gamma and beta are applied along W instead of C.",
        lambda x, gamma, beta, eps: _along_width(x, gamma, beta, eps, (0,)),
    ),
    "scaled-along-width": (
        (
            "gamma and beta (C,) are applied along the last axis, W, instead of along the channels: "
            "reshape them to (1, C, 1, 1)."
        ),
        lambda x, gamma, beta, eps: _along_width(x, gamma, beta, eps, (0, 2, 3)),
    ),
    "per-image-and-channel-statistics": (
        (
            "Mean and variance are taken over H and W for each image by itself (that is instance "
            "normalisation); they are taken over N, H and W."
        ),
        _over(2, 3),
    ),
    "per-image-statistics": (
        (
            "Mean and variance are taken over C, H and W for each image (that is layer "
            "normalisation); they are taken over N, H and W for each channel."
        ),
        _over(1, 2, 3),
    ),
    "statistics-over-everything": (
        "One mean and one variance are taken over the whole batch; each channel has its own.",
        _over(0, 1, 2, 3),
    ),
    "statistics-per-row": ("Mean and variance are taken over N and W but not H.", _over(0, 3)),
    "statistics-per-column": ("Mean and variance are taken over N and H but not W.", _over(0, 2)),
    "channels-not-moved-last": (
        (
            "x is reshaped to (N*H*W, C) without moving the channels last, which mixes values of "
            "different channels; use x.transpose(0, 2, 3, 1).reshape(-1, C), and the way back."
        ),
        _channels_not_moved,
    ),
    "unbiased-variance": (
        "The variance is divided by N-1 (unbiased); batch normalisation divides by N.",
        _unbiased,
    ),
    "eps-forgotten": (
        "eps is not used: x - mean is divided by sqrt(var) instead of sqrt(var + eps).",
        lambda x, gamma, beta, eps: normalised(x, gamma, beta, 0 * eps, (0, 2, 3)),
    ),
    "eps-not-read": (
        "eps in bn_param is ignored: the default is used instead.",
        lambda x, gamma, beta, eps: normalised(x, gamma, beta, 0 * eps + DEFAULT_EPS, (0, 2, 3)),
    ),
    "eps-outside-the-root": (
        "eps is added to the standard deviation; it belongs under the root: sqrt(var + eps).",
        _eps_outside,
    ),
    "divided-by-variance": (
        "x - mean is divided by the variance; it is divided by its root, sqrt(var + eps).",
        _by_variance,
    ),
    "gamma-and-beta-forgotten": (
        "The result is normalised, but not scaled by gamma and shifted by beta.",
        lambda x, gamma, beta, eps: normalised(
            x, torch.ones_like(gamma), torch.zeros_like(beta), eps, (0, 2, 3)
        ),
    ),
}


def fits_eps(name: str, *, default_eps: bool) -> bool:
    """Whether a mistake can be told at this eps.

    Against a large given one, no eps and the default are the same within the tolerance. So code
    without any is caught where eps is the default and the spread is small, which comes first; what
    is wrong at a given eps only, does not read it.
    """
    return name != ("eps-not-read" if default_eps else "eps-forgotten")


GRADIENT_FORMULAS: Mapping[str, tuple[str, Formula]] = {
    PER_PIXEL: (
        (
            "These are gradients of batch normalisation with the statistics per pixel instead of per "
            "channel: over N only, where it should be N, H and W."
        ),
        _over(0),
    ),
    "statistics-taken-as-constants": (
        (
            "dx is dout * gamma / sqrt(var + eps), as if mean and variance were constants; x also "
            "acts through the mean and through the variance."
        ),
        lambda x, gamma, beta, eps: _with_paths(x, gamma, beta, eps, mean=False, var=False),
    ),
    "path-through-the-variance-forgotten": (
        "The path of x through the variance is missing in dx.",
        lambda x, gamma, beta, eps: _with_paths(x, gamma, beta, eps, mean=True, var=False),
    ),
    "path-through-the-mean-forgotten": (
        "The path of x through the mean is missing in dx.",
        lambda x, gamma, beta, eps: _with_paths(x, gamma, beta, eps, mean=False, var=True),
    ),
    "channels-not-moved-last": FORMULAS["channels-not-moved-last"],
    "per-image-and-channel-statistics": FORMULAS["per-image-and-channel-statistics"],
    "unbiased-variance": FORMULAS["unbiased-variance"],
    "eps-forgotten": FORMULAS["eps-forgotten"],
    "eps-not-read": FORMULAS["eps-not-read"],
}


def _with_paths(
    x: Tensor, gamma: Tensor, beta: Tensor, eps: float, *, mean: bool, var: bool
) -> Tensor:
    """The right values; the gradient goes through mean and variance only where it is told to."""
    axes = (0, 2, 3)
    centre = x.mean(dim=axes, keepdim=True)
    variance = ((x - centre) ** 2).mean(dim=axes, keepdim=True)
    centre = centre if mean else centre.detach()
    variance = variance if var else variance.detach()
    return _per_channel(gamma) * (x - centre) / torch.sqrt(variance + eps) + _per_channel(beta)


def divided_by_variance(
    x: Tensor, gamma: Tensor, beta: Tensor, running: RunningStatistics, eps: float
) -> Tensor:
    """Test mode with the root forgotten."""
    centred = x - _per_channel(running.mean)
    return _per_channel(gamma) * centred / _per_channel(running.var + eps) + _per_channel(beta)


def gamma_gradient_over_batch(
    x: Tensor, gamma: Tensor, beta: Tensor, eps: float, dout: Tensor, position: int
) -> Tensor:
    """dgamma (position 1) or dbeta (2), summed over N only: (C, H, W)."""
    plain = normalised(x, torch.ones_like(gamma), torch.zeros_like(beta), eps, (0, 2, 3))
    return (dout * plain if position == 1 else dout).sum(dim=0)
