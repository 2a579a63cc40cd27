"""Backward passes of convolution and pooling (lecture 9), exact."""

from __future__ import annotations

from fractions import Fraction

from question_bank.solvers.convolution import Matrix, conv2d, conv_output_size, flip, pad


def conv2d_kernel_gradient(image: Matrix, upstream: Matrix) -> Matrix:
    """dL/dK of a cross-correlation with stride 1 and no padding: the image correlated with dL/dY."""
    return conv2d(image, upstream)


def conv2d_input_gradient(kernel: Matrix, upstream: Matrix) -> Matrix:
    """dL/dX of a cross-correlation with stride 1 and no padding: the padded dL/dY correlated with the flipped kernel.

    The kernel is square.
    """
    if any(len(row) != len(kernel) for row in kernel):
        raise ValueError("the kernel is not square")
    return conv2d(pad(upstream, len(kernel) - 1), flip(kernel))


def max_pool2d_gradient(image: Matrix, upstream: Matrix, kernel: int, stride: int) -> Matrix:
    """dL/dX of max pooling without padding: each window's gradient goes to its largest value, and adds up there.

    Of equal values the first in reading order counts, as in PyTorch.
    """
    rows = conv_output_size(len(image), kernel, stride)
    columns = conv_output_size(len(image[0]), kernel, stride)
    if (rows, columns) != (len(upstream), len(upstream[0])):
        size = f"{len(upstream)} x {len(upstream[0])}"
        raise ValueError(f"the upstream gradient is {size}, the output {rows} x {columns}")
    result: list[list[int | Fraction]] = [[0] * len(image[0]) for _ in image]
    for i in range(rows):
        for j in range(columns):
            window = [
                (image[i * stride + a][j * stride + b], i * stride + a, j * stride + b)
                for a in range(kernel)
                for b in range(kernel)
            ]
            _, row, column = max(window, key=lambda place: place[0])
            result[row][column] += upstream[i][j]
    return tuple(map(tuple, result))
