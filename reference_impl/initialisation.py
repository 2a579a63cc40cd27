"""Initial weights, and what they do to the size of activations.

Axes:  N  examples      D  inputs of a layer (fan-in)      M  outputs of a layer (fan-out)

    constant        every weight the same: all units of a layer are equal, get equal gradients,
                    and stay equal; with 0, all but the last layer's gradients are 0
    gaussian        standard deviation chosen by hand
    xavier "in"     variance 1/D                    the course's form
    xavier "both"   variance 2/(D + M)              Glorot and Bengio's, torch's xavier_normal_
    he              variance 2/D                    torch's kaiming_normal_ with its gain for relu

Why: let z[m] = sum_d x[d] w[d,m] with independent w of mean 0, and b = 0. Then

    Var(z) = D Var(w) E[x^2]

Through tanh near 0, a = z, so Var(w) = 1/D keeps the variance from layer to layer. Relu throws
away half of a symmetric z, E[relu(z)^2] = Var(z) / 2, so it takes Var(w) = 2/D; with 1/D the
variance is halved in each layer. Note E[x^2], not Var(x): relu's outputs have a mean above 0.

Weights are (D, M), as in affine.py, or filters (F, C, HH, WW), where one output sees C*HH*WW
inputs. torch.nn.Linear holds (M, D) and reads its fan-in there.

Sources: Glorot and Bengio (2010), AISTATS; He et al. (2015), arXiv:1502.01852. Lecture 7.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor


@dataclass(frozen=True)
class LayerStatistics:
    """Over all examples and units of one layer: Var(z), E[a^2], and the share of a that is 0."""

    preactivation_variance: float
    activation_mean_square: float
    zeros: float


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """Inputs of one output, and outputs of one input, for weights (D, M) or filters (F, C, HH, WW).

    Raises ValueError for another number of axes.
    """
    if len(shape) == 2:
        return shape[0], shape[1]
    if len(shape) == 4:
        filters, channels, rows, columns = shape
        return channels * rows * columns, filters * rows * columns
    raise ValueError(f"weights of shape {tuple(shape)}; (D, M) or (F, C, HH, WW) is needed")


def constant(
    shape: Sequence[int],
    value: float = 0.0,
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> Tensor:
    """The same number everywhere."""
    return torch.full(tuple(shape), value, dtype=dtype, device=device)


def gaussian(
    shape: Sequence[int],
    std: float,
    generator: torch.Generator,
    *,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """Normal numbers of mean 0 and the given standard deviation, on the generator's device."""
    noise = torch.randn(tuple(shape), generator=generator, dtype=dtype, device=generator.device)
    return std * noise


def xavier(
    shape: Sequence[int],
    generator: torch.Generator,
    *,
    form: Literal["in", "both"] = "in",
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """Normal numbers of variance 1/D ("in") or 2/(D + M) ("both"); ValueError for another form."""
    if form not in {"in", "both"}:
        raise ValueError(f"form is {form!r}; it can be in or both")
    fan_in, fan_out = fans(shape)
    variance = 1 / fan_in if form == "in" else 2 / (fan_in + fan_out)
    return gaussian(shape, math.sqrt(variance), generator, dtype=dtype)


def he(
    shape: Sequence[int], generator: torch.Generator, *, dtype: torch.dtype = torch.float32
) -> Tensor:
    """Normal numbers of variance 2/D."""
    fan_in, _ = fans(shape)
    return gaussian(shape, math.sqrt(2 / fan_in), generator, dtype=dtype)


def preactivation_variance(fan_in: int, weight_variance: float, mean_square: float) -> float:
    """Var(z) = D Var(w) E[x^2], for inputs x with E[x^2] = mean_square."""
    return fan_in * weight_variance * mean_square


def relu_variances(
    widths: Sequence[int], weight_variances: Sequence[float], mean_square: float
) -> list[float]:
    """Var(z) of each layer of a relu net with inputs per layer `widths`, from the input's E[x^2]."""
    found = []
    for fan_in, variance in zip(widths, weight_variances, strict=True):
        found.append(preactivation_variance(fan_in, variance, mean_square))
        mean_square = found[-1] / 2
    return found


def run_through(
    x: Tensor, weights: Sequence[Tensor], activation: Callable[[Tensor], Tensor]
) -> list[LayerStatistics]:
    """What each layer a <- activation(a w), w (D_l, M_l), does to a batch x (N, D), biases being 0."""
    found = []
    a = x
    for w in weights:
        z = a @ w  # (N, M_l)
        a = activation(z)
        found.append(
            LayerStatistics(
                float(z.var(correction=0)), float((a**2).mean()), float((a == 0).double().mean())
            )
        )
    return found
