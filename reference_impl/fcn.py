"""Fully convolutional networks: from a classifier to a segmentation.

1. A fully connected layer on maps of C x A x B is a convolution whose kernel is A x B: the same
   weights, in another shape. On a larger image it gives a map of scores instead of one vector.
2. The map is coarse (VGG: 1/32 of the image). Transposed convolutions that start as bilinear
   interpolation bring it back to full size; they go on learning.
3. Skips refine it: scores from earlier, finer maps are added on the way up.

    FCN-32s   scores(pool5) enlarged 32 times
    FCN-16s   (scores(pool5) enlarged 2 times + scores(pool4)) enlarged 16 times
    FCN-8s    ((... ) enlarged 2 times + scores(pool3)) enlarged 8 times

Scores of the skips start at zero, so that a finer net begins where the coarser one ended.

Source: Long, Shelhamer and Darrell (2015), "Fully convolutional networks for semantic
segmentation", arXiv:1411.4038. Lecture 10.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from reference_impl.vgg import VGG16_STAGES, vgg_stage


def as_convolution(linear: nn.Linear, channels: int, size: tuple[int, int]) -> nn.Conv2d:
    """The fully connected layer behind flattened maps (channels, *size), as a convolution.

    On maps of exactly that size it gives the same numbers, (N, outputs, 1, 1).
    """
    if linear.in_features != channels * size[0] * size[1]:
        raise ValueError(
            f"the layer takes {linear.in_features} numbers; maps of {channels} x {size[0]} x "
            f"{size[1]} have {channels * size[0] * size[1]}"
        )
    weight = linear.weight
    convolution = nn.Conv2d(
        channels,
        linear.out_features,
        size,
        bias=linear.bias is not None,
        dtype=weight.dtype,
        device=weight.device,
    )
    with torch.no_grad():
        convolution.weight.copy_(weight.unflatten(1, (channels, *size)))
        if convolution.bias is not None:
            convolution.bias.copy_(linear.bias)
    return convolution


def bilinear_kernel(factor: int) -> Tensor:
    """The kernel (2 factor, 2 factor) that enlarges by bilinear interpolation, in float64.

    Along one axis a tent: entry a is 1 - |a - middle| / factor with middle = factor - 1/2.
    """
    if factor < 2 or factor % 2:
        raise ValueError(f"the factor is {factor}; it must be even")
    places = torch.arange(2 * factor, dtype=torch.float64)
    tent = 1 - (places - (factor - 0.5)).abs() / factor
    return torch.outer(tent, tent)


def enlarging(classes: int, factor: int) -> nn.ConvTranspose2d:
    """Maps (N, classes, H, W) to (N, classes, factor H, factor W); begins as interpolation.

    Every class is enlarged by itself at first: weights between classes are zero, and learn.
    """
    layer = nn.ConvTranspose2d(
        classes, classes, 2 * factor, stride=factor, padding=factor // 2, bias=False
    )
    with torch.no_grad():
        layer.weight.zero_()
        for c in range(classes):
            layer.weight[c, c] = bilinear_kernel(factor)
    return layer


class FCNHead(nn.Module):
    """Maps of falling size to scores at full size.

    channels: of the maps that it takes, finest first; each is half as large as the one before.
    factor: how much smaller than the image the finest is: 32 with one map (FCN-32s), 16 with two
    (FCN-16s), 8 with three (FCN-8s) for VGG's pool3, pool4, pool5.
    """

    def __init__(self, channels: tuple[int, ...], classes: int, factor: int) -> None:
        super().__init__()
        self.scores = nn.ModuleList(nn.Conv2d(inputs, classes, 1) for inputs in channels)
        for skip in self.scores[:-1]:
            for parameter in skip.parameters():
                nn.init.zeros_(parameter)
        self.doublings = nn.ModuleList(enlarging(classes, 2) for _ in pairwise(channels))
        self.last = enlarging(classes, factor)

    def forward(self, maps: tuple[Tensor, ...]) -> Tensor:
        """Maps (N, channels[k], H / 2^k, W / 2^k) to scores (N, classes, factor H, factor W)."""
        *skips, coarsest = (score(m) for score, m in zip(self.scores, maps, strict=True))
        total: Tensor = coarsest
        for doubling, skip in zip(self.doublings, reversed(skips), strict=True):
            total = doubling(total) + skip
        result: Tensor = self.last(total)
        return result


class FCN(nn.Module):
    """VGG-16's convolutions under a head: images (N, 3, H, W) to scores (N, classes, H, W).

    stride: 32, 16 or 8, of the finest map used. Height and width are multiples of 32.
    """

    def __init__(
        self,
        classes: int,
        stride: int = 8,
        stages: tuple[tuple[int, ...], ...] = VGG16_STAGES,
    ) -> None:
        super().__init__()
        if stride not in (8, 16, 32):
            raise ValueError(f"the stride is {stride}; it can be 8, 16 or 32")
        inputs = (3, *(widths[-1] for widths in stages))
        self.stages = nn.ModuleList(
            nn.Sequential(*vgg_stage(before, widths))
            for before, widths in zip(inputs[:-1], stages, strict=True)
        )
        self.used = {32: 1, 16: 2, 8: 3}[stride]
        self.head = FCNHead(inputs[-self.used :], classes, stride)

    def forward(self, x: Tensor) -> Tensor:
        """x (N, 3, H, W) to (N, classes, H, W)."""
        if x.shape[2] % 32 or x.shape[3] % 32:
            raise ValueError(f"{x.shape[2]} x {x.shape[3]} pixels: both must be multiples of 32")
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        scores: Tensor = self.head(tuple(maps[-self.used :]))
        return scores
