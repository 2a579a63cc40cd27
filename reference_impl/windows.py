"""The windows that convolution and pooling look through, and the way back.

Axes:  N  images     C  channels     H, W  rows and columns of the (padded) image
       I, J  rows and columns of the output: one window each
       A, B  rows and columns within a window

    windows[n, c, i, j, a, b] = x[n, c, i S + a D, j S + b D]          S stride, D dilation

Looking is linear: its transpose adds each window's numbers back to the pixels that they were read
from. Where windows overlap the pixel's sum has several terms; that is how gradients return, and it
is what a transposed convolution does in its forward pass.

Source: lecture 9; Chellapilla, Puri and Simard (2006), "High performance convolutional neural
networks for document processing" (convolution as a matrix product over windows).
"""

from __future__ import annotations

import torch
from torch import Tensor

from reference_impl.sizes import kernel_extent

Pair = int | tuple[int, int]


def pair(value: Pair) -> tuple[int, int]:
    """(rows, columns): one number means both."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def pad(x: Tensor, padding: tuple[int, int], value: float = 0) -> Tensor:
    """x (N, C, H, W) with a frame of `value`: (N, C, H + 2 padding[0], W + 2 padding[1])."""
    (rows, columns), (height, width) = padding, x.shape[2:]
    framed = x.new_full((*x.shape[:2], height + 2 * rows, width + 2 * columns), value)
    framed[:, :, rows : rows + height, columns : columns + width] = x
    return framed


def crop(framed: Tensor, padding: tuple[int, int]) -> Tensor:
    """The image within the frame: the transpose of `pad`."""
    (rows, columns), (height, width) = padding, framed.shape[2:]
    return framed[:, :, rows : height - rows, columns : width - columns]


def windows(
    x: Tensor, kernel: tuple[int, int], stride: tuple[int, int], dilation: tuple[int, int]
) -> Tensor:
    """All windows of x (N, C, H, W), a view of shape (N, C, I, J, A, B): no number is copied."""
    extent = [kernel_extent(size, step) for size, step in zip(kernel, dilation, strict=True)]
    rows = x.unfold(2, extent[0], stride[0])  # (N, C, I, W, rows of the extent)
    full = rows.unfold(3, extent[1], stride[1])  # (N, C, I, J, rows, columns of the extent)
    return full[..., :: dilation[0], :: dilation[1]]  # (N, C, I, J, A, B)


def add_windows(
    contents: Tensor,
    size: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
) -> Tensor:
    """The transpose of `windows`: contents (N, C, I, J, A, B) added up in an image (N, C, *size)."""
    images, channels, rows, columns, kernel_rows, kernel_columns = contents.shape
    image = contents.new_zeros(images, channels, *size)
    for a in range(kernel_rows):
        for b in range(kernel_columns):
            # Entry (a, b) of all windows at once: they lie a stride apart and never on each other.
            top, left = a * dilation[0], b * dilation[1]
            down = slice(top, top + stride[0] * (rows - 1) + 1, stride[0])
            right = slice(left, left + stride[1] * (columns - 1) + 1, stride[1])
            image[:, :, down, right] += contents[..., a, b]
    return image


def lowest(dtype: torch.dtype) -> float:
    """Less than, or equal to, every number of the type: padding that no maximum takes."""
    return -torch.inf if dtype.is_floating_point else torch.iinfo(dtype).min
