"""Sizes, counts and values of convolution and pooling (lectures 9 and 10)."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from question_bank.counts import not_negative, positive, steps

Matrix = tuple[tuple[int | Fraction, ...], ...]


def conv_output_size(
    input: int,  # noqa: A002 - the name on the command line
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> int:
    """Output size along one axis: floor((input + 2 padding - dilation (kernel - 1) - 1) / stride) + 1.

    Padding on both sides; a stride that does not divide leaves the rest out (floor).
    """
    positive(input=input, kernel=kernel, stride=stride, dilation=dilation)
    not_negative(padding=padding)
    extent = dilated_extent(kernel, dilation)
    if input + 2 * padding < extent:
        raise ValueError(
            f"the kernel (extent {extent}) is larger than the padded input ({input + 2 * padding})"
        )
    return (input + 2 * padding - extent) // stride + 1


def dilated_extent(kernel: int, dilation: int = 1) -> int:
    """How many input positions a dilated kernel spans: dilation (kernel - 1) + 1."""
    positive(kernel=kernel, dilation=dilation)
    return dilation * (kernel - 1) + 1


def conv_param_count(
    in_channels: int, out_channels: int, kernel: int, groups: int = 1, bias: bool = True
) -> int:
    """Parameters of a square convolution: kernel^2 (in_channels / groups) out_channels, plus a bias per filter."""
    positive(in_channels=in_channels, out_channels=out_channels, kernel=kernel, groups=groups)
    if in_channels % groups or out_channels % groups:
        raise ValueError(f"{groups} groups do not divide {in_channels} and {out_channels} channels")
    return (kernel**2 * (in_channels // groups) + bool(bias)) * out_channels


def conv_macs(in_channels: int, out_channels: int, kernel: int, height: int, width: int) -> int:
    """Multiply-accumulates of a square convolution with an output of height x width; biases are not counted."""
    positive(in_channels=in_channels, out_channels=out_channels, kernel=kernel)
    positive(height=height, width=width)
    return height * width * kernel**2 * in_channels * out_channels


def receptive_field(layers: tuple[tuple[int, int], ...]) -> int:
    """Receptive field of one output of a stack of [kernel, stride] layers, first layer first.

    r grows by (kernel - 1) times the product of the strides of the layers before it.
    """
    field, jump = 1, 1
    for kernel, stride in layers:
        positive(kernel=kernel, stride=stride)
        field += (kernel - 1) * jump
        jump *= stride
    return field


def transposed_conv_size(
    input: int,  # noqa: A002 - the name on the command line
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
) -> int:
    """Output size of a transposed convolution: (input - 1) stride - 2 padding + kernel + output_padding."""
    positive(input=input, kernel=kernel, stride=stride)
    not_negative(padding=padding, output_padding=output_padding)
    if output_padding >= stride:
        raise ValueError(
            f"output_padding {output_padding} must be smaller than the stride {stride}"
        )
    size = (input - 1) * stride - 2 * padding + kernel + output_padding
    if size < 1:
        raise ValueError(f"the output would have size {size}")
    return size


def conv2d(image: Matrix, kernel: Matrix, stride: int = 1, padding: int = 0) -> Matrix:
    """Cross-correlation, as deep learning calls convolution: the kernel is not flipped; zeros are padded."""
    positive(stride=stride)
    padded = pad(image, padding)
    height, width = len(kernel), len(kernel[0])
    rows = conv_output_size(len(padded), height, stride)
    columns = conv_output_size(len(padded[0]), width, stride)
    return tuple(
        tuple(
            sum(
                (
                    padded[i * stride + a][j * stride + b] * kernel[a][b]
                    for a in range(height)
                    for b in range(width)
                ),
                start=0,
            )
            for j in range(columns)
        )
        for i in range(rows)
    )


def flip(kernel: Matrix) -> Matrix:
    """The kernel rotated by 180 degrees: what tells convolution from cross-correlation."""
    return tuple(tuple(reversed(row)) for row in reversed(kernel))


def pad(image: Matrix, padding: int) -> Matrix:
    """The image with a frame of zeros."""
    steps(padding=padding)
    if padding == 0:
        return image
    blank = (0,) * (len(image[0]) + 2 * padding)
    side = (0,) * padding
    framed = tuple(side + tuple(row) + side for row in image)
    return (blank,) * padding + framed + (blank,) * padding


def max_pool2d(image: Matrix, kernel: int, stride: int) -> Matrix:
    """The largest value of each window; no padding."""
    return _pool(image, kernel, stride, max)


def avg_pool2d(image: Matrix, kernel: int, stride: int) -> Matrix:
    """The mean of each window; no padding."""
    return _pool(image, kernel, stride, lambda window: Fraction(sum(window)) / len(window))


def _pool(
    image: Matrix,
    kernel: int,
    stride: int,
    reduce: Callable[[list[int | Fraction]], int | Fraction],
) -> Matrix:
    positive(kernel=kernel, stride=stride)
    rows = conv_output_size(len(image), kernel, stride)
    columns = conv_output_size(len(image[0]), kernel, stride)
    return tuple(
        tuple(
            reduce(
                [
                    image[i * stride + a][j * stride + b]
                    for a in range(kernel)
                    for b in range(kernel)
                ]
            )
            for j in range(columns)
        )
        for i in range(rows)
    )


def transposed_conv2d(image: Matrix, kernel: Matrix, stride: int = 1) -> Matrix:
    """Each input value stamps its multiple of the kernel, `stride` apart; where stamps overlap they add."""
    positive(stride=stride)
    steps(stride=stride)
    height = (len(image) - 1) * stride + len(kernel)
    width = (len(image[0]) - 1) * stride + len(kernel[0])
    result: list[list[int | Fraction]] = [[0] * width for _ in range(height)]
    for i, row in enumerate(image):
        for j, value in enumerate(row):
            for a, weights in enumerate(kernel):
                for b, weight in enumerate(weights):
                    result[i * stride + a][j * stride + b] += value * weight
    return tuple(map(tuple, result))
