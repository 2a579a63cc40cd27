"""What can be told of a convolutional network without running it: sizes, parameters, work, view.

Along one axis (height and width do not know each other), with the symbols of the course:

    W  input size     F  kernel size     S  stride     P  padding on each side     D  dilation

    extent of the kernel      E = D (F - 1) + 1
    convolution, pooling      W_out = floor((W + 2P - E) / S) + 1
    transposed convolution    W_out = (W - 1) S - 2P + E + output padding

The floor says that a last step which does not fit is left out: the pixels behind it are seen by no
window. Impossible values (a kernel larger than the padded input, a stride of 0) raise ValueError.

Sources: Dumoulin and Visin (2016), "A guide to convolution arithmetic", arXiv:1603.07285;
receptive fields: Araujo, Norris and Sim (2019), Distill, doi:10.23915/distill.00021.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


def kernel_extent(kernel: int, dilation: int = 1) -> int:
    """How many pixels a kernel spans: dilation (kernel - 1) + 1."""
    _at_least(1, kernel=kernel, dilation=dilation)
    return dilation * (kernel - 1) + 1


def conv_output_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Output pixels along one axis of a convolution: floor((size + 2 padding - extent) / stride) + 1."""
    _at_least(1, size=size, stride=stride)
    _at_least(0, padding=padding)
    extent = kernel_extent(kernel, dilation)
    if extent > size + 2 * padding:
        raise ValueError(
            f"a kernel that spans {extent} does not fit into {size} pixels with padding {padding}"
        )
    return (size + 2 * padding - extent) // stride + 1


def pool_output_size(
    size: int, kernel: int, stride: int | None = None, padding: int = 0, dilation: int = 1
) -> int:
    """Output pixels along one axis of a pooling; its stride is the kernel unless given.

    The rule of a convolution, with one condition more, torch's too: padding at most half of the
    kernel, for otherwise a window could see padding alone and would have nothing to pool.
    """
    _at_least(1, kernel=kernel)
    _at_least(0, padding=padding)
    if 2 * padding > kernel:
        raise ValueError(f"padding {padding} is more than half of the window's {kernel} pixels")
    return conv_output_size(size, kernel, kernel if stride is None else stride, padding, dilation)


def transposed_conv_output_size(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    dilation: int = 1,
) -> int:
    """Output pixels of a transposed convolution: (size - 1) stride - 2 padding + extent + output_padding.

    With stride S, S sizes of a convolution's input lead to one output size (the floor);
    output_padding says which of them to go back to, so it is smaller than stride (or dilation).
    """
    _at_least(1, size=size, stride=stride)
    _at_least(0, padding=padding, output_padding=output_padding)
    extent = kernel_extent(kernel, dilation)
    if output_padding >= max(stride, dilation):
        raise ValueError(
            f"output padding {output_padding} must be smaller than stride {stride} or dilation {dilation}"
        )
    result = (size - 1) * stride - 2 * padding + extent + output_padding
    if result < 1:
        raise ValueError(f"the output would have {result} pixels: padding {padding} cuts off all")
    return result


def same_padding(kernel: int, dilation: int = 1) -> int:
    """The padding with which a convolution of stride 1 keeps the size: (extent - 1) / 2."""
    extent = kernel_extent(kernel, dilation)
    if extent % 2 == 0:
        raise ValueError(f"a kernel that spans {extent} pixels would need one side padded more")
    return (extent - 1) // 2


def conv_parameter_count(
    in_channels: int,
    out_channels: int,
    kernel: int | tuple[int, int],
    groups: int = 1,
    *,
    bias: bool = True,
) -> int:
    """Learned numbers of a convolution: (F_h F_w C_in / groups + 1) C_out; without the 1 if no bias.

    A transposed convolution has as many weights (and as many biases as output channels).
    The size of the image does not matter: that is weight sharing.
    """
    weights = _weights_per_filter(in_channels, out_channels, kernel, groups)
    return (weights + int(bias)) * out_channels


def linear_parameter_count(inputs: int, outputs: int, *, bias: bool = True) -> int:
    """Learned numbers of a fully connected layer: (inputs + 1) outputs."""
    _at_least(1, inputs=inputs, outputs=outputs)
    return (inputs + int(bias)) * outputs


def batchnorm_parameter_count(channels: int) -> int:
    """Learned numbers of a batch normalisation: gamma and beta per channel; averages are not learned."""
    _at_least(1, channels=channels)
    return 2 * channels


def conv_macs(
    in_channels: int,
    out_channels: int,
    kernel: int | tuple[int, int],
    output: tuple[int, int],
    groups: int = 1,
) -> int:
    """Multiply-accumulates for one image: each of H_out W_out C_out outputs takes F_h F_w C_in / groups.

    A bias adds without multiplying and is not counted. Stride and padding act through `output`.
    """
    height, width = output
    _at_least(1, height=height, width=width)
    return (
        height
        * width
        * out_channels
        * _weights_per_filter(in_channels, out_channels, kernel, groups)
    )


def transposed_conv_macs(
    in_channels: int,
    out_channels: int,
    kernel: int | tuple[int, int],
    input_size: tuple[int, int],
    groups: int = 1,
) -> int:
    """Multiply-accumulates for one image: each of H_in W_in C_in inputs stamps F_h F_w C_out / groups numbers."""
    height, width = input_size
    _at_least(1, height=height, width=width)
    weights = _weights_per_filter(in_channels, out_channels, kernel, groups) * out_channels
    return height * width * weights


def linear_macs(inputs: int, outputs: int) -> int:
    """Multiply-accumulates of a fully connected layer for one example: one per weight."""
    return linear_parameter_count(inputs, outputs, bias=False)


@dataclass(frozen=True)
class Window:
    """What a layer does along one axis, a convolution or a pooling: its window, moved by stride."""

    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1


@dataclass(frozen=True)
class ReceptiveField:
    """Which input pixels act on an output, in pixels of the input, along one axis.

    size    how many pixels from the first to the last (dilation may leave some between them out)
    jump    distance between the fields of neighbouring outputs: the product of the strides
    start   index of the first pixel of output 0; negative where it lies in the padding
    """

    size: int
    jump: int
    start: int

    def pixels(self, output: int) -> range:
        """The field of one output, padding included: `size` indices from start + output * jump."""
        first = self.start + output * self.jump
        return range(first, first + self.size)

    def centre(self, output: int) -> float:
        """The middle of the field of one output."""
        return self.start + output * self.jump + (self.size - 1) / 2


def receptive_field(layers: Iterable[Window]) -> ReceptiveField:
    """The receptive field of a stack of layers, first layer first.

    One layer more, with extent E, sees E outputs of the stack below, whose fields lie `jump` apart:

        size  <- size + (E - 1) jump
        start <- start - P jump
        jump  <- jump S

    Of no layer at all: one pixel, itself.
    """
    size, jump, start = 1, 1, 0
    for layer in layers:
        _at_least(1, stride=layer.stride)
        _at_least(0, padding=layer.padding)
        size += (kernel_extent(layer.kernel, layer.dilation) - 1) * jump
        start -= layer.padding * jump
        jump *= layer.stride
    return ReceptiveField(size, jump, start)


def stack_output_size(size: int, layers: Iterable[Window]) -> int:
    """Output pixels along one axis behind a stack of layers."""
    for layer in layers:
        size = conv_output_size(size, layer.kernel, layer.stride, layer.padding, layer.dilation)
    return size


def _weights_per_filter(
    in_channels: int, out_channels: int, kernel: int | tuple[int, int], groups: int
) -> int:
    height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
    _at_least(1, in_channels=in_channels, out_channels=out_channels, groups=groups)
    _at_least(1, kernel=min(height, width))
    if in_channels % groups or out_channels % groups:
        raise ValueError(
            f"{groups} groups do not divide {in_channels} input and {out_channels} output channels"
        )
    return height * width * (in_channels // groups)


def _at_least(least: int, **values: int) -> None:
    for name, value in values.items():
        if value < least or value != int(value):
            said = name.replace("_", " ")
            raise ValueError(f"{said} is {value}; it must be a whole number from {least}")
