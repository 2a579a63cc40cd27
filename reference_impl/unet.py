"""U-Net: segmentation that remembers where things were.

Down: two 3x3 convolutions, then a 2x2 max pooling, four times; channels double each time. The bottom
knows what is in the image. Up: a 2x2 transposed convolution with stride 2 doubles the size and
halves the channels; the maps of the same size from the way down are concatenated (not added, as in
ResNet), which brings back where; two convolutions mix them. A 1x1 convolution gives a score per
class and pixel.

    paper:   no padding. Each convolution takes 2 pixels, 572 x 572 becomes 388 x 388, and the maps
             from the left are cropped in their middle to fit.
    padded:  3x3 with padding 1 keeps the size; height and width must be divisible by 2^depth.

31,030,658 parameters for 1 channel in and 2 classes out.

Source: Ronneberger, Fischer and Brox (2015), "U-Net: convolutional networks for biomedical image
segmentation", arXiv:1505.04597, figure 1. Lecture 10.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

DEPTH = 4


def double_convolution(inputs: int, outputs: int, padding: int) -> nn.Sequential:
    """(N, inputs, H, W) to (N, outputs, H, W), four rows and columns fewer without padding."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=padding),
        nn.ReLU(),
        nn.Conv2d(outputs, outputs, 3, padding=padding),
        nn.ReLU(),
    )


def centre_crop(maps: Tensor, like: Tensor) -> Tensor:
    """The middle of maps (N, C, H, W), as large as `like`; an odd row more is cut at the bottom."""
    (height, width), (rows, columns) = maps.shape[2:], like.shape[2:]
    top, left = (height - rows) // 2, (width - columns) // 2
    return maps[:, :, top : top + rows, left : left + columns]


class UNet(nn.Module):
    """Images (N, channels, H, W) to class scores (N, classes, H', W'): H' = H if padded.

    width: channels of the first level (64 in the paper). Raises ValueError for sizes that cannot be
    halved `depth` times.
    """

    def __init__(
        self,
        channels: int = 1,
        classes: int = 2,
        width: int = 64,
        depth: int = DEPTH,
        *,
        padded: bool = False,
    ) -> None:
        super().__init__()
        padding = 1 if padded else 0
        widths = [width * 2**level for level in range(depth + 1)]  # 64, 128, 256, 512, 1024
        *down, bottom = pairwise([channels, *widths])
        self.down = nn.ModuleList(double_convolution(*change, padding) for change in down)
        self.bottom = double_convolution(*bottom, padding)
        self.raises = nn.ModuleList(
            nn.ConvTranspose2d(2 * level, level, 2, stride=2) for level in reversed(widths[:-1])
        )
        self.up = nn.ModuleList(
            double_convolution(2 * level, level, padding) for level in reversed(widths[:-1])
        )
        self.scores = nn.Conv2d(width, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """x (N, channels, H, W) to (N, classes, H', W')."""
        passed = []
        for level in self.down:
            x = level(x)
            passed.append(x)
            if x.shape[2] % 2 or x.shape[3] % 2:
                raise ValueError(
                    f"maps of {x.shape[2]} x {x.shape[3]} cannot be halved: choose another image size"
                )
            x = nn.functional.max_pool2d(x, 2)
        x = self.bottom(x)
        for larger, level, copied in zip(self.raises, self.up, reversed(passed), strict=True):
            x = larger(x)
            x = level(torch.cat([centre_crop(copied, x), x], dim=1))
        scores: Tensor = self.scores(x)
        return scores


def valid_size(size: int, depth: int = DEPTH) -> int:
    """Output side of the unpadded network for an input side; ValueError where a level is odd or gone.

    572 -> 388.
    """
    for _ in range(depth):
        size -= 4
        if size < 2 or size % 2:
            raise ValueError(f"a level of {size} pixels cannot be halved")
        size //= 2
    size -= 4
    if size < 1:
        raise ValueError("nothing is left at the bottom")
    for _ in range(depth):
        size = 2 * size - 4
    if size < 1:
        raise ValueError("nothing is left of the output")
    return size
