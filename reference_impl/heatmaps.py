"""Heatmaps: finding points by scoring every place.

Axes:  N  images     K  points      H, W  rows and columns of the heatmap

    p[n,k,i,j] = exp(s[n,k,i,j]) / sum over all places        how likely point k is at (i, j)
    x[n,k]     = sum_{i,j} j p[n,k,i,j]                       its expected column
    y[n,k]     = sum_{i,j} i p[n,k,i,j]                       its expected row

The place of the maximum would have no gradient; the expectation (soft-argmax, integral regression)
has one, and falls between cells too:

    dx/ds[i,j] = p[i,j] (j - x)          dy/ds[i,j] = p[i,j] (i - y)

A place right of x that scores more pulls x to the right. With two equal peaks the expectation lies
between them, where nothing is: the weak side of it.

Sources: Sun, Xiao, Wei, Liang and Wei (2018), "Integral human pose regression", arXiv:1711.08229;
heatmaps as targets: Tompson, Jain, LeCun and Bregler (2014), arXiv:1406.2984.
"""

from __future__ import annotations

import torch
from torch import Tensor


def probabilities(scores: Tensor) -> Tensor:
    """scores (N, K, H, W) to p (N, K, H, W), which sums to 1 over each heatmap."""
    # The largest score is taken off first: it changes nothing, and exp cannot overflow.
    largest = scores.amax(dim=(2, 3), keepdim=True).detach()
    weights = (scores - largest).exp()
    return weights / weights.sum(dim=(2, 3), keepdim=True)


def cells(scores: Tensor) -> tuple[Tensor, Tensor]:
    """The column of each place, (1, W), and the row, (H, 1): as the scores' dtype and device."""
    height, width = scores.shape[2:]
    columns = torch.arange(width, dtype=scores.dtype, device=scores.device)
    rows = torch.arange(height, dtype=scores.dtype, device=scores.device)
    return columns.unsqueeze(0), rows.unsqueeze(1)


def soft_argmax(scores: Tensor) -> Tensor:
    """scores (N, K, H, W) to expected places (N, K, 2): x (column) first, then y (row), in cells."""
    p = probabilities(scores)
    x, y = ((p * place).sum(dim=(2, 3)) for place in cells(scores))
    return torch.stack([x, y], dim=-1)


def soft_argmax_backward(dout: Tensor, scores: Tensor) -> Tensor:
    """Gradient dscores (N, K, H, W) from dout (N, K, 2)."""
    p, expected = probabilities(scores), soft_argmax(scores)
    columns, rows = cells(scores)
    x, y = expected[..., 0, None, None], expected[..., 1, None, None]  # (N, K, 1, 1)
    dx, dy = dout[..., 0, None, None], dout[..., 1, None, None]
    return p * (dx * (columns - x) + dy * (rows - y))


def hard_argmax(scores: Tensor) -> Tensor:
    """scores (N, K, H, W) to the places of the maxima (N, K, 2), x first, in cells; no gradient.

    Of equal places the first in reading order.
    """
    best = scores.flatten(2).argmax(dim=-1)  # (N, K)
    width = scores.shape[3]
    return torch.stack([best % width, best // width], dim=-1)


def gaussian_targets(points: Tensor, size: tuple[int, int], sigma: float = 1.0) -> Tensor:
    """Points (N, K, 2), x first, in cells, to target heatmaps (N, K, *size): 1 at the point.

    exp(-((j - x)^2 + (i - y)^2) / (2 sigma^2)), what a network that is trained by squared error on
    its heatmaps should put out.
    """
    if sigma <= 0:
        raise ValueError(f"sigma is {sigma}; a hill needs some width")
    columns, rows = cells(points.new_zeros(1, 1, *size))
    x, y = points[..., 0, None, None], points[..., 1, None, None]  # (N, K, 1, 1)
    return (-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2)).exp()
