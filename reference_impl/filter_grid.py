"""The weights of a convolution's filters as one picture.

Axes:  F  filters      C  channels (1 grey, 3 colour)      HH, WW  height and width of a filter

Filters of a first layer act on pixels and can be looked at as small images: edges and colours where
training went well, noise where it did not. Each is stretched to [0, 1] by itself, or all together,
and they are laid out in rows with a margin.

Source: Krizhevsky et al. (2012), figure 3. Lectures 9 and 10.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def filter_grid(weights: Tensor, *, margin: int = 1, together: bool = False) -> Tensor:
    """Weights (F, C, HH, WW) as a picture (rows, columns, C) with values in [0, 1].

    The grid is as near to a square as it can be, margins and places without a filter are 0. A filter
    whose weights are all equal becomes 0.5. `together` stretches all filters by the same factors,
    so that their sizes can be compared. Raises ValueError for another number of channels than 1 or
    3, for no filter, and for a negative margin.
    """
    filters, channels, height, width = weights.shape
    if channels not in (1, 3) or filters == 0:
        raise ValueError(
            f"weights of shape {tuple(weights.shape)} are no picture: one filter or more, of 1 or "
            "3 channels, can be shown"
        )
    if margin < 0:
        raise ValueError(f"margin is {margin}; it cannot be negative")
    over = (0, 1, 2, 3) if together else (1, 2, 3)
    low, high = weights.amin(dim=over, keepdim=True), weights.amax(dim=over, keepdim=True)
    flat = high == low
    span = torch.where(flat, torch.ones_like(high), high - low)
    pictures = torch.where(flat, torch.full_like(weights, 0.5), (weights - low) / span)
    columns = math.ceil(math.sqrt(filters))
    rows = math.ceil(filters / columns)
    size = (rows * (height + margin) - margin, columns * (width + margin) - margin, channels)
    grid = weights.new_zeros(size)
    for number, picture in enumerate(pictures):
        top, left = (number // columns) * (height + margin), (number % columns) * (width + margin)
        grid[top : top + height, left : left + width] = picture.permute(1, 2, 0)
    return grid
