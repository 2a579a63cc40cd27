"""Convolution of images, forward and backward.

Axes:  N  images        C  input channels      F  filters (output channels)     G  groups
       I, J  rows and columns of the output    A, B  rows and columns of the kernel

    out[n,f,i,j] = b[f] + sum_{c,a,b} w[f,c,a,b] x_pad[n, c, i S + a D, j S + b D]

with stride S, dilation D, and x_pad framed by P zeros on each side. Mathematics calls this a
cross-correlation: the kernel is not flipped. With G groups, filters and channels fall into G equal
parts; a filter sees the C/G channels of its own part only (G = C: a depthwise convolution).

In words of linear algebra: a window of x is a vector of C A B numbers, each filter is one too, and
the output is their products. So the backward pass is that of a fully connected layer, with windows
for inputs; what flows back to a pixel is the sum over all windows that have seen it.

    db[f]       = sum_{n,i,j} dout[n,f,i,j]
    dw[f,c,a,b] = sum_{n,i,j} dout[n,f,i,j] x_pad[n, c, i S + a D, j S + b D]
    dx_pad      = for each window (n,i,j): add sum_f dout[n,f,i,j] w[f,c,a,b] at its place

Source: LeCun, Bottou, Bengio and Haffner (1998), "Gradient-based learning applied to document
recognition", Proceedings of the IEEE 86(11); dilation: Yu and Koltun (2016), arXiv:1511.07122;
groups: Krizhevsky, Sutskever and Hinton (2012). Lecture 9.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from reference_impl.sizes import conv_output_size
from reference_impl.windows import Pair, add_windows, crop, pad, pair, windows


@dataclass(frozen=True)
class Geometry:
    """How a kernel of (A, B) moves over an image; each pair is (rows, columns)."""

    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int]
    groups: int

    def windows(self, x: Tensor) -> Tensor:
        """The windows of x (N, C, H, W), apart by groups: (N, G, C/G, I, J, A, B)."""
        seen = windows(pad(x, self.padding), self.kernel, self.stride, self.dilation)
        groups: Tensor = seen.unflatten(1, (self.groups, -1))
        return groups


def conv2d(
    x: Tensor,
    w: Tensor,
    b: Tensor | None = None,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Tensor:
    """x (N, C, H, W), w (F, C/groups, A, B), b (F,) or none, to (N, F, I, J).

    Raises ValueError where shapes do not fit together or the kernel does not fit into the image.
    """
    geometry = _geometry(x, w, b, stride, padding, dilation, groups)
    filters = w.unflatten(0, (groups, -1))  # (G, F/G, C/G, A, B)
    out = torch.einsum("ngcijab,gfcab->ngfij", geometry.windows(x), filters)
    out = out.flatten(1, 2)  # (N, F, I, J)
    return out if b is None else out + b.reshape(1, -1, 1, 1)


def conv2d_backward(
    dout: Tensor,
    x: Tensor,
    w: Tensor,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients dx (N, C, H, W), dw (F, C/groups, A, B), db (F,) from dout (N, F, I, J)."""
    geometry = _geometry(x, w, None, stride, padding, dilation, groups)
    filters = w.unflatten(0, (groups, -1))  # (G, F/G, C/G, A, B)
    upstream = dout.unflatten(1, (groups, -1))  # (N, G, F/G, I, J)
    db = dout.sum(dim=(0, 2, 3))  # (F,)
    dw = torch.einsum("ngfij,ngcijab->gfcab", upstream, geometry.windows(x)).flatten(0, 1)
    dwindows = torch.einsum("ngfij,gfcab->ngcijab", upstream, filters).flatten(1, 2)
    framed = (x.shape[2] + 2 * geometry.padding[0], x.shape[3] + 2 * geometry.padding[1])
    dx = crop(add_windows(dwindows, framed, geometry.stride, geometry.dilation), geometry.padding)
    return dx, dw, db


def _geometry(
    x: Tensor,
    w: Tensor,
    b: Tensor | None,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: int,
) -> Geometry:
    if x.ndim != 4 or w.ndim != 4:
        raise ValueError(f"x and w must have 4 axes, not {x.ndim} and {w.ndim}")
    if groups < 1 or w.shape[0] % groups or x.shape[1] % groups:
        raise ValueError(
            f"{groups} groups do not divide {x.shape[1]} channels and {w.shape[0]} filters"
        )
    if w.shape[1] != x.shape[1] // groups:
        raise ValueError(
            f"each filter takes {w.shape[1]} channels, but {x.shape[1]} channels in {groups} "
            f"groups give it {x.shape[1] // groups}"
        )
    if b is not None and b.shape != w.shape[:1]:
        raise ValueError(
            f"the bias has shape {tuple(b.shape)}; one for each of {w.shape[0]} filters"
        )
    geometry = Geometry(
        (w.shape[2], w.shape[3]), pair(stride), pair(padding), pair(dilation), groups
    )
    for axis in (0, 1):  # raises where nothing fits
        conv_output_size(
            x.shape[2 + axis],
            geometry.kernel[axis],
            geometry.stride[axis],
            geometry.padding[axis],
            geometry.dilation[axis],
        )
    return geometry
