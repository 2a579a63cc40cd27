"""Transposed convolution: the convolution's way back from small maps to large ones.

Axes:  N  images        C  input channels     F  output channels     G  groups
       H, W  rows and columns of the input    A, B  rows and columns of the kernel

Each input pixel stamps a multiple of the kernel into the output, stride S apart; where stamps
overlap they add up. Then P pixels are cut off on each side.

    out_pad[n, f, h S + a D, w S + b D]  +=  x[n,c,h,w] w[c,f,a,b]          for all c, h, w, a, b

It is the transpose of the matrix of a convolution with the same kernel, stride, padding and
dilation, not its inverse: shapes come back, values do not. The backward pass of the one is
therefore the forward pass of the other. Often called "deconvolution", which it is not.

Several input sizes of a convolution share one output size; output padding adds rows and columns at
the bottom and the right to choose among them. Uneven overlap (kernel not divisible by stride)
leaves a checkerboard in the output.

Source: Dumoulin and Visin (2016), arXiv:1603.07285, chapter 4; Long, Shelhamer and Darrell (2015),
arXiv:1411.4038, section 3.3. Lecture 10.
"""

from __future__ import annotations

import torch
from torch import Tensor

from reference_impl.sizes import transposed_conv_output_size
from reference_impl.windows import Pair, add_windows, crop, pad, pair, windows


def conv_transpose2d(
    x: Tensor,
    w: Tensor,
    b: Tensor | None = None,
    stride: Pair = 1,
    padding: Pair = 0,
    output_padding: Pair = 0,
    groups: int = 1,
    dilation: Pair = 1,
) -> Tensor:
    """x (N, C, H, W), w (C, F/groups, A, B), b (F,) or none, to (N, F, I, J).

    Raises ValueError where shapes do not fit together or nothing of the output is left.
    """
    height, width = _output_size(x, w, stride, padding, output_padding, groups, dilation)
    frame = pair(padding)
    pixels = x.unflatten(1, (groups, -1))  # (N, G, C/G, H, W)
    kernels = w.unflatten(0, (groups, -1))  # (G, C/G, F/G, A, B)
    stamps = torch.einsum("ngchw,gcfab->ngfhwab", pixels, kernels).flatten(1, 2)
    framed = (height + 2 * frame[0], width + 2 * frame[1])
    out = crop(add_windows(stamps, framed, pair(stride), pair(dilation)), frame)
    return out if b is None else out + b.reshape(1, -1, 1, 1)


def conv_transpose2d_backward(
    dout: Tensor,
    x: Tensor,
    w: Tensor,
    stride: Pair = 1,
    padding: Pair = 0,
    output_padding: Pair = 0,
    groups: int = 1,
    dilation: Pair = 1,
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients dx (N, C, H, W), dw (C, F/groups, A, B), db (F,) from dout (N, F, I, J).

    What a pixel has stamped comes back through the window where it stamped: a convolution.
    """
    _output_size(x, w, stride, padding, output_padding, groups, dilation)
    pixels = x.unflatten(1, (groups, -1))  # (N, G, C/G, H, W)
    kernels = w.unflatten(0, (groups, -1))  # (G, C/G, F/G, A, B)
    seen = windows(pad(dout, pair(padding)), (w.shape[2], w.shape[3]), pair(stride), pair(dilation))
    # Output padding can make room for further windows, where no pixel has stamped.
    seen = seen[:, :, : x.shape[2], : x.shape[3]].unflatten(1, (groups, -1))
    dx = torch.einsum("ngfhwab,gcfab->ngchw", seen, kernels).flatten(1, 2)
    dw = torch.einsum("ngfhwab,ngchw->gcfab", seen, pixels).flatten(0, 1)
    return dx, dw, dout.sum(dim=(0, 2, 3))


def _output_size(
    x: Tensor,
    w: Tensor,
    stride: Pair,
    padding: Pair,
    output_padding: Pair,
    groups: int,
    dilation: Pair,
) -> tuple[int, int]:
    if x.ndim != 4 or w.ndim != 4:
        raise ValueError(f"x and w must have 4 axes, not {x.ndim} and {w.ndim}")
    if w.shape[0] != x.shape[1]:
        raise ValueError(f"w begins with {w.shape[0]} channels, but x has {x.shape[1]}")
    if groups < 1 or x.shape[1] % groups:
        raise ValueError(f"{groups} groups do not divide {x.shape[1]} channels")
    rows, columns = (
        transposed_conv_output_size(
            x.shape[2 + axis],
            w.shape[2 + axis],
            pair(stride)[axis],
            pair(padding)[axis],
            pair(output_padding)[axis],
            pair(dilation)[axis],
        )
        for axis in (0, 1)
    )
    return rows, columns
