"""Max and average pooling of images, forward and backward.

Axes:  N  images     C  channels     I, J  rows and columns of the output     A, B  of a window

    max:      out[n,c,i,j] = max_{a,b}  x_pad[n, c, i S + a D, j S + b D]
    average:  out[n,c,i,j] = mean_{a,b} x_pad[n, c, i S + a D, j S + b D]        (D = 1)

Each channel by itself, with nothing to learn. The stride is the window's size unless given. The
frame of a max pooling never wins (it is -infinity, not 0); that of an average counts as zeros, or
is left out of the mean (`count_padding=False`).

Backward, a max hands its gradient to the one pixel that won; of equal pixels the first in reading
order (row by row) wins, as in torch. There a max has no derivative; to give every winner the whole
gradient would count it more than once. An average shares evenly.

Source: lecture 9; LeCun et al. (1998), section II.B (average); Riesenhuber and Poggio (1999),
"Hierarchical models of object recognition in cortex", Nature Neuroscience 2 (max).
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import one_hot

from reference_impl.sizes import pool_output_size
from reference_impl.windows import Pair, add_windows, crop, lowest, pad, pair, windows


def max_pool(
    x: Tensor, kernel: Pair, stride: Pair | None = None, padding: Pair = 0, dilation: Pair = 1
) -> Tensor:
    """x (N, C, H, W) to the largest value of each window, (N, C, I, J)."""
    seen = _windows(x, kernel, stride, padding, dilation, fill=lowest(x.dtype))
    return seen.gather(-1, _winners(seen)).squeeze(-1)


def max_pool_backward(
    dout: Tensor,
    x: Tensor,
    kernel: Pair,
    stride: Pair | None = None,
    padding: Pair = 0,
    dilation: Pair = 1,
) -> Tensor:
    """Gradient dx (N, C, H, W) from dout (N, C, I, J): each value goes to its window's winner."""
    seen = _windows(x, kernel, stride, padding, dilation, fill=lowest(x.dtype))
    won = one_hot(_winners(seen).squeeze(-1), seen.shape[-1]).to(dout.dtype)  # (N, C, I, J, A B)
    return _add_back(won * dout.unsqueeze(-1), x, kernel, stride, padding, dilation)


def average_pool(
    x: Tensor,
    kernel: Pair,
    stride: Pair | None = None,
    padding: Pair = 0,
    *,
    count_padding: bool = True,
) -> Tensor:
    """x (N, C, H, W) to the mean of each window, (N, C, I, J)."""
    seen = _windows(x, kernel, stride, padding, 1, fill=0)
    return seen.sum(dim=-1) / _counted(x, kernel, stride, padding, count_padding=count_padding)


def average_pool_backward(
    dout: Tensor,
    x: Tensor,
    kernel: Pair,
    stride: Pair | None = None,
    padding: Pair = 0,
    *,
    count_padding: bool = True,
) -> Tensor:
    """Gradient dx (N, C, H, W) from dout (N, C, I, J): each value is shared out evenly.

    Of x only the shape matters.
    """
    share = dout / _counted(x, kernel, stride, padding, count_padding=count_padding)  # (N, C, I, J)
    rows, columns = pair(kernel)
    shares = share.unsqueeze(-1).expand(*share.shape, rows * columns)  # (N, C, I, J, A B)
    return _add_back(shares, x, kernel, stride, padding, 1)


def global_average_pool(x: Tensor) -> Tensor:
    """x (N, C, H, W) to the mean of each channel, (N, C): what stands before ResNet's classifier."""
    return x.mean(dim=(2, 3))


def _windows(
    x: Tensor, kernel: Pair, stride: Pair | None, padding: Pair, dilation: Pair, fill: float
) -> Tensor:
    """The windows of the framed image, each laid out in reading order: (N, C, I, J, A B)."""
    if x.ndim != 4:
        raise ValueError(f"x must have 4 axes (N, C, H, W), not {x.ndim}")
    sizes, steps, frame, apart = (
        pair(v) for v in (kernel, kernel if stride is None else stride, padding, dilation)
    )
    for axis in (0, 1):  # raises where nothing fits
        pool_output_size(x.shape[2 + axis], sizes[axis], steps[axis], frame[axis], apart[axis])
    return windows(pad(x, frame, fill), sizes, steps, apart).flatten(-2)


def _winners(seen: Tensor) -> Tensor:
    """Where each window (..., A B) is largest, the first of equals: (..., 1)."""
    return seen.argmax(dim=-1, keepdim=True)


def _counted(
    x: Tensor, kernel: Pair, stride: Pair | None, padding: Pair, *, count_padding: bool
) -> Tensor:
    """How many pixels each mean is over: (1, 1, I, J)."""
    ones = x.new_ones(1, 1, *x.shape[2:])
    seen = _windows(ones, kernel, stride, padding, 1, fill=1 if count_padding else 0)
    return seen.sum(dim=-1)


def _add_back(
    contents: Tensor, x: Tensor, kernel: Pair, stride: Pair | None, padding: Pair, dilation: Pair
) -> Tensor:
    """Windows (N, C, I, J, A B) added up in an image like x, its frame cut off."""
    frame = pair(padding)
    framed = (x.shape[2] + 2 * frame[0], x.shape[3] + 2 * frame[1])
    contents = contents.unflatten(-1, pair(kernel))  # (N, C, I, J, A, B)
    steps = pair(kernel if stride is None else stride)
    return crop(add_windows(contents, framed, steps, pair(dilation)), frame)
