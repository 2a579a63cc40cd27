"""Dropout: in training, each unit is left out by chance; in testing, none is.

Axes:  N  examples      C  channels      H, W  rows and columns of a map

    training   out = keep_mask * x / (1 - p)        keep_mask is 1 with probability 1 - p, else 0
    testing    out = x
    backward   dx  = keep_mask * dout / (1 - p)     the same mask: dropped units learn nothing

p is the probability to drop, as in the course and in torch; the paper's p is the probability to
keep. Dividing by 1 - p in training ("inverted" dropout) keeps the expectation of every unit, so
that testing needs no factor: E[out] = (1 - p) x / (1 - p) = x, with variance x^2 p / (1 - p).

`dropout2d` draws one number per channel of an example and drops the map whole. Neighbouring
pixels say nearly the same: with `dropout` on maps the network reads a dropped pixel off its
neighbours. Neither torch nor NumPy complains when the wrong one of the two is used.

Sources: Srivastava et al. (2014), JMLR 15; Tompson et al. (2015), arXiv:1411.4280 (whole channels).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def draw_mask(shape: Sequence[int], p: float, generator: torch.Generator) -> Tensor:
    """Booleans of the given shape, on the generator's device; each is False with probability p.

    Raises ValueError unless 0 <= p < 1: with p = 1 nothing is left to scale up.
    """
    _require_probability(p)
    return torch.rand(tuple(shape), generator=generator, device=generator.device) >= p


def dropout(x: Tensor, keep_mask: Tensor, p: float) -> Tensor:
    """x (any shape) with the units where keep_mask (same shape) is False dropped, the rest scaled."""
    _require_probability(p)
    return torch.where(keep_mask.bool(), x / (1 - p), torch.zeros_like(x))


def dropout_backward(dout: Tensor, keep_mask: Tensor, p: float) -> Tensor:
    """dL/dx from dout = dL/dout: dropout is linear in x, so its backward pass is itself."""
    return dropout(dout, keep_mask, p)


def dropout2d(x: Tensor, keep_mask: Tensor, p: float) -> Tensor:
    """x (N, C, H, W) with the maps dropped where keep_mask (N, C) is False, the rest scaled."""
    return dropout(x, keep_mask[:, :, None, None], p)


def dropout2d_backward(dout: Tensor, keep_mask: Tensor, p: float) -> Tensor:
    """dL/dx (N, C, H, W) from dout (N, C, H, W)."""
    return dropout2d(dout, keep_mask, p)


def _require_probability(p: float) -> None:
    if not 0 <= p < 1:
        raise ValueError(
            f"p is {p}: a probability to drop from 0 up to, not including, 1 is needed"
        )
