"""Wrong convolutions, each by name: what a result is compared with to say what was done.

All take x (N, C, H, W), w (F, C, A, B), b (F,), the stride and the padding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional

from reference_impl.convolution import conv2d

Formula = Callable[[Tensor, Tensor, Tensor, int, int], Tensor]


def _framed(mode: str, value: float | None = None) -> Formula:
    """A convolution of an image with another frame around it."""

    def formula(x: Tensor, w: Tensor, b: Tensor, stride: int, padding: int) -> Tensor:
        frame = (padding,) * 4
        return conv2d(functional.pad(x, frame, mode, value), w, b, stride)

    return formula


def _on_one_side(*, first: bool) -> Formula:
    """The whole padding before the image, or behind it."""

    def formula(x: Tensor, w: Tensor, b: Tensor, stride: int, padding: int) -> Tensor:
        frame = (2 * padding, 0) * 2 if first else (0, 2 * padding) * 2
        return conv2d(functional.pad(x, frame), w, b, stride)

    return formula


def _along_one_axis(*, height: bool) -> Formula:
    return lambda x, w, b, stride, padding: conv2d(
        x, w, b, stride, (padding, 0) if height else (0, padding)
    )


def _steps(height: int | None, width: int | None) -> Formula:
    """Windows that move by other steps (None: by the stride), in an output of the right size."""

    def formula(x: Tensor, w: Tensor, b: Tensor, stride: int, padding: int) -> Tensor:
        right = conv2d(x, w, b, stride, padding)
        moved = conv2d(x, w, b, (height or stride, width or stride), padding)
        return moved[:, :, : right.shape[2], : right.shape[3]]

    return formula


def _bias(change: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Formula:
    """The right sums, with something else than the bias added: change(sums, w, b)."""
    return lambda x, w, b, stride, padding: change(conv2d(x, w, None, stride, padding), w, b)


def _along_width(sums: Tensor, _: Tensor, b: Tensor) -> Tensor:
    return sums + b if sums.shape[3] == len(b) else sums.new_zeros(0)


def _one_channel(index: int) -> Formula:
    def formula(x: Tensor, w: Tensor, b: Tensor, stride: int, padding: int) -> Tensor:
        channel = range(x.shape[1])[index]
        part = slice(channel, channel + 1)
        return conv2d(x[:, part], w[:, part], b, stride, padding)

    return formula


def _channel_mean(x: Tensor, w: Tensor, b: Tensor, stride: int, padding: int) -> Tensor:
    return conv2d(x, w / x.shape[1], b, stride, padding)


def _per_filter(b: Tensor) -> Tensor:
    return b.reshape(1, -1, 1, 1)


CHANNELS = (
    "Only one of the input channels is in out: the last one overwrites the others, or only the "
    "first is read. The products are summed over C as well as over the window."
)
STRIDE = (
    "The windows do not move by the stride: out[i, j] sees the rows from i*stride on and the "
    "columns from j*stride on"
)
FORMULAS: Mapping[str, tuple[str, Formula]] = {
    "kernel-flipped": (
        ("The kernel is flipped, as in the convolution of mathematics. The course's layer does not "
        "flip it: x_pad[i+a, j+b] is multiplied by w[a, b]."),
        lambda x, w, b, stride, padding: conv2d(x, w.flip(2, 3), b, stride, padding),
    ),
    "kernel-transposed": (
        "Rows and columns of the kernel are swapped.",
        lambda x, w, b, stride, padding: (
            conv2d(x, w.transpose(2, 3), b, stride, padding)
            if w.shape[2] == w.shape[3]
            else w.new_zeros(0)
        ),
    ),
    "padding-forgotten": (
        "The image is not padded: conv_param['pad'] zeros go around it on every side.",
        lambda x, w, b, stride, _: conv2d(x, w, b, stride, 0),
    ),
    "padded-with-ones": ("The frame holds ones; it holds zeros.", _framed("constant", 1.0)),
    "padded-with-edge-values": (
        "The frame repeats the image's edge; it holds zeros.", _framed("replicate"),
    ),
    "padded-with-a-mirror-image": (
        "The frame mirrors the image; it holds zeros.", _framed("reflect"),
    ),
    "padded-on-one-side": (
        "All zeros are put on one side of each axis; half of them go before it, half behind.",
        _on_one_side(first=True),
    ),
    "padded-behind-only": (
        "All zeros are put behind each axis; half of them go before it.",
        _on_one_side(first=False),
    ),
    "padded-along-the-height-only": (
        "Only the rows are padded; the columns are, too.", _along_one_axis(height=True),
    ),
    "padded-along-the-width-only": (
        "Only the columns are padded; the rows are, too.", _along_one_axis(height=False),
    ),
    "stride-ignored": (
        "The stride is ignored: the windows are one pixel apart.",
        lambda x, w, b, _, padding: conv2d(x, w, b, 1, padding),
    ),
    "stride-ignored-along-the-width": (
        "The stride is ignored along the width; it belongs to both axes.",
        lambda x, w, b, stride, padding: conv2d(x, w, b, (stride, 1), padding),
    ),
    "stride-ignored-along-the-height": (
        "The stride is ignored along the height; it belongs to both axes.",
        lambda x, w, b, stride, padding: conv2d(x, w, b, (1, stride), padding),
    ),
    "windows-not-moved-by-the-stride": (STRIDE + ".", _steps(1, 1)),
    "windows-not-moved-by-the-stride-along-the-width": (
        STRIDE + "; here that is so for the rows only.", _steps(None, 1),
    ),
    "windows-not-moved-by-the-stride-along-the-height": (
        STRIDE + "; here that is so for the columns only.", _steps(1, None),
    ),
    "bias-forgotten": ("The bias is not added.", _bias(lambda sums, _w, _b: sums)),
    "bias-along-the-width": (
        ("The bias (F,) is added along the last axis of out, by pixel; it belongs to the filters: "
        "reshape it to (1, F, 1, 1)."),
        _bias(_along_width),
    ),
    "bias-added-for-each-channel": (
        "The bias is added once for each input channel; it is added once.",
        _bias(lambda sums, w, b: sums + w.shape[1] * _per_filter(b)),
    ),
    "bias-added-for-each-product": (
        ("The bias is added to every product of the window and summed with them; it is added once, "
        "to the sum."),
        _bias(lambda sums, w, b: sums + w[0].numel() * _per_filter(b)),
    ),
    "channels-overwritten": (CHANNELS, _one_channel(-1)),
    "first-channel-only": (CHANNELS, _one_channel(0)),
    "channels-averaged": (
        "The products are averaged over the input channels; they are summed.", _channel_mean,
    ),
}  # fmt: skip


def value(formula: Formula, arrays: tuple[Tensor, ...], stride: int, padding: int) -> Tensor:
    """What a formula gives; an empty tensor where it does not fit the input's sizes."""
    x, w, b = arrays
    try:
        return formula(x, w, b, stride, padding)
    except (ValueError, RuntimeError):
        return x.new_zeros(0)


def gradients(
    formula: Formula, arrays: tuple[Tensor, ...], stride: int, padding: int, dout: Tensor
) -> tuple[Tensor, ...]:
    """dx, dw, db of a formula along dout; empty tensors where its output has another shape."""
    sources = tuple(tensor.detach().clone().requires_grad_() for tensor in arrays)
    out = value(formula, sources, stride, padding)
    if out.shape != dout.shape:
        return (dout.new_zeros(0),) * len(sources)
    return torch.autograd.grad(out, sources, dout, allow_unused=True, materialize_grads=True)
