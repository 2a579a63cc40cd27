"""The Inception module: kernels of several sizes side by side.

Instead of choosing a kernel size, a module takes 1x1, 3x3, 5x5 and a max pooling at once, all with
padding that keeps the size, and concatenates their channels.

    naive          1x1 | 3x3 | 5x5 | pool                         the pooling keeps all C channels,
                                                                  so modules only grow
    bottlenecked   1x1 | 1x1 - 3x3 | 1x1 - 5x5 | pool - 1x1       1x1 convolutions first reduce
                                                                  the channels that 3x3, 5x5 work on

A 5x5 on C channels costs 25 C F multiplications a pixel; behind a 1x1 down to R channels only
C R + 25 R F.

Source: Szegedy et al. (2015), "Going deeper with convolutions", arXiv:1409.4842, figure 2. Lecture 10.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from reference_impl.sizes import conv_macs, conv_parameter_count


@dataclass(frozen=True)
class Widths:
    """Channels of a module: input, then outputs of the branches and of the reductions before them."""

    inputs: int
    one: int
    reduce_three: int
    three: int
    reduce_five: int
    five: int
    pool: int

    @property
    def outputs(self) -> int:
        """Channels of a bottlenecked module's output; a naive one has `inputs` in place of `pool`."""
        return self.one + self.three + self.five + self.pool

    def convolutions(self) -> tuple[tuple[int, int, int], ...]:
        """(input channels, output channels, kernel) of each convolution of a bottlenecked module."""
        return (
            (self.inputs, self.one, 1),
            (self.inputs, self.reduce_three, 1),
            (self.reduce_three, self.three, 3),
            (self.inputs, self.reduce_five, 1),
            (self.reduce_five, self.five, 5),
            (self.inputs, self.pool, 1),
        )

    def naive_convolutions(self) -> tuple[tuple[int, int, int], ...]:
        """The same without 1x1 convolutions before the others and behind the pooling."""
        return (
            (self.inputs, self.one, 1),
            (self.inputs, self.three, 3),
            (self.inputs, self.five, 5),
        )


GOOGLENET_3A = Widths(192, one=64, reduce_three=96, three=128, reduce_five=16, five=32, pool=32)


def parameter_count(convolutions: tuple[tuple[int, int, int], ...]) -> int:
    """Weights and biases of the convolutions of a module."""
    return sum(conv_parameter_count(*convolution) for convolution in convolutions)


def macs(convolutions: tuple[tuple[int, int, int], ...], size: tuple[int, int]) -> int:
    """Multiply-accumulates of a module's convolutions on maps of (height, width), for one image."""
    return sum(conv_macs(*convolution, output=size) for convolution in convolutions)


def _convolution(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2), nn.ReLU())


class NaiveInception(nn.Module):
    """(N, inputs, H, W) to (N, one + three + five + inputs, H, W)."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            [
                *(_convolution(*shape) for shape in widths.naive_convolutions()),
                nn.MaxPool2d(3, 1, padding=1),
            ]
        )

    def forward(self, x: Tensor) -> Tensor:
        """The branches' outputs, one behind the other along the channels."""
        return torch.cat([branch(x) for branch in self.branches], dim=1)


class Inception(nn.Module):
    """(N, inputs, H, W) to (N, one + three + five + pool, H, W)."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        one, reduce_three, three, reduce_five, five, pool = (
            _convolution(*shape) for shape in widths.convolutions()
        )
        self.branches = nn.ModuleList(
            [
                one,
                nn.Sequential(reduce_three, three),
                nn.Sequential(reduce_five, five),
                nn.Sequential(nn.MaxPool2d(3, 1, padding=1), pool),
            ]
        )

    def forward(self, x: Tensor) -> Tensor:
        """The branches' outputs, one behind the other along the channels."""
        return torch.cat([branch(x) for branch in self.branches], dim=1)
