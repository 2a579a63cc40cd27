"""max_pool_forward_naive and max_pool_backward_naive of layers.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from grader.code.bench import Bench, CodeTest, Finding, FoundError, large_to_small
from grader.code.checks.differences import explained
from grader.code.checks.numpy_calls import LAYERS, first_of, layer, numbers, on, send
from grader.code.checks.window_rest import refused, require_rounded_down
from grader.code.compare import Mistake, Numbers, describe, inputs, require
from grader.code.frames import Array, Kept
from reference_impl.pooling import average_pool, average_pool_backward, max_pool, max_pool_backward
from reference_impl.windows import windows


@dataclass(frozen=True)
class Size:
    """x (N, C, H, W), the window's height and width, and the stride."""

    x: tuple[int, int, int, int]
    window: tuple[int, int]
    stride: int

    @property
    def free(self) -> tuple[int, int]:
        """By how many pixels the window can move: rows and columns."""
        return self.x[2] - self.window[0], self.x[3] - self.window[1]


# Windows side by side, overlapping ones, ones that are not square, and ones with gaps between.
SIZES = (
    Size((2, 3, 7, 8), (3, 2), 2),
    Size((2, 2, 6, 6), (2, 2), 2),
    Size((3, 2, 5, 6), (3, 4), 1),
    Size((2, 2, 8, 5), (2, 2), 3),
)
SMALLER = (
    Size((1, 1, 2, 3), (2, 2), 1),
    Size((1, 1, 1, 2), (1, 2), 1),
    Size((1, 1, 1, 1), (1, 1), 1),
)
# All others come out even. Here the stride leaves a rest in the rows, or in the columns.
RESTS = (Size((2, 2, 7, 6), (2, 2), 2), Size((1, 2, 6, 8), (3, 2), 3))
# Most numbers are negative: a maximum that starts from zero shows.
CENTRE = -1.0


@dataclass(frozen=True)
class Draw:
    """One random input."""

    x: Numbers
    size: Size

    @property
    def at(self) -> str:
        """In words, for messages."""
        height, width = self.size.window
        return f"at {inputs(x=self.x)}, window {height} x {width}, stride {self.size.stride}"

    def forward(self, arrays: Mapping[str, Numbers]) -> dict[str, Any]:
        """The step that calls the student's forward pass."""
        height, width = self.size.window
        options = {"pool_height": height, "pool_width": width, "stride": self.size.stride}
        return layer("max_pool_forward_naive", arrays["x"], options)

    def output(self, device: str) -> Tensor:
        """The reference's output."""
        (x,) = on(device, self.x)
        return max_pool(x, self.size.window, self.size.stride)

    def backward(self, bench: Bench, dout: Numbers) -> Any:
        """What the student's backward pass gives."""
        steps = [
            self.forward({"x": self.x}),
            layer("max_pool_backward_naive", dout, Kept("result")[1], keep="back"),
            send("back", "back"),
        ]
        doing = f"max_pool_forward_naive and max_pool_backward_naive {self.at}"
        found = bench.results(steps, doing)["back"]
        # Some return (dx,).
        return found[0] if isinstance(found, (tuple, list)) and len(found) == 1 else found


def values(bench: Bench) -> Finding:
    """out for several windows and strides."""

    def attempt(size: Size) -> None:
        draw = Draw(numbers(bench.rng, *size.x, centre=CENTRE), size)
        if size in RESTS and refused(bench, draw.forward({"x": draw.x})):
            return
        out = first_of(bench, [draw.forward({"x": draw.x})], f"max_pool_forward_naive {draw.at}")
        if size in RESTS:
            require_rounded_down(
                out, size.free, size.stride, name="max_pool_forward_naive", at=draw.at
            )
        (x,) = on(bench.device, draw.x)
        mistakes = list(_values_mistakes(x, size))
        require(
            "out",
            out,
            draw.output(bench.device),
            at=draw.at,
            mistakes=mistakes,
            tolerance=bench.tolerance,
        )

    large_to_small(attempt, (*SIZES, *RESTS), SMALLER)
    return Finding("right", "out equals the reference for every window and stride tried.")


def _values_mistakes(x: Tensor, size: Size) -> Iterator[Mistake]:
    window, stride = size.window, size.stride
    swapped = (window[1], window[0])
    right = max_pool(x, window, stride)
    yield Mistake(
        "average-instead-of-maximum",
        "This is average pooling; the largest number of each window is asked for.",
        lambda: average_pool(x, window, stride),
    )
    yield Mistake(
        "minimum-instead-of-maximum",
        "This is the smallest number of each window; the largest is asked for.",
        lambda: -max_pool(-x, window, stride),
    )
    yield Mistake(
        "maximum-of-absolute-values",
        "The largest absolute value of each window is taken, without its sign.",
        lambda: max_pool(x.abs(), window, stride),
    )
    yield Mistake(
        "maximum-starts-at-zero",
        "Windows of negative numbers give 0: the maximum starts from 0 instead of from the "
        "window's own numbers.",
        lambda: right.clamp(min=0),
    )
    yield Mistake(
        "height-and-width-swapped",
        "pool_height and pool_width are swapped.",
        lambda: _fitting(x, swapped, (stride, stride)),
    )
    yield Mistake(
        "window-square",
        "The window is taken as square; pool_height belongs to the rows and pool_width to the "
        "columns.",
        lambda: _fitting(x, (window[0], window[0]), (stride, stride), right),
    )
    yield Mistake(
        "window-square",
        "The window is taken as square; pool_height belongs to the rows and pool_width to the "
        "columns.",
        lambda: _fitting(x, (window[1], window[1]), (stride, stride), right),
    )
    yield Mistake(
        "stride-ignored",
        "The stride is ignored: windows lie side by side.",
        lambda: _fitting(x, window, window),
    )
    yield Mistake(
        "stride-ignored", "The stride is ignored: windows are one pixel apart.",
        lambda: _fitting(x, window, (1, 1)),
    )  # fmt: skip
    yield Mistake(
        "stride-ignored-along-the-width", "The stride is ignored along the width.",
        lambda: _fitting(x, window, (stride, 1)),
    )  # fmt: skip
    yield Mistake(
        "stride-ignored-along-the-height", "The stride is ignored along the height.",
        lambda: _fitting(x, window, (1, stride)),
    )  # fmt: skip
    yield Mistake(
        "windows-not-moved-by-the-stride",
        "The windows do not move by the stride: out[i, j] sees the rows from i*stride on and the "
        "columns from j*stride on.",
        lambda: _fitting(x, window, (1, 1), right),
    )
    yield Mistake(
        "maximum-over-the-channels",
        "The maximum is taken over the channels, too; each channel is pooled by itself.",
        lambda: right.amax(1, keepdim=True).expand_as(right),
    )


def _fitting(
    x: Tensor, window: tuple[int, int], stride: tuple[int, int], like: Tensor | None = None
) -> Tensor:
    """Another pooling: nothing where its window does not fit.

    With `like` cut to that size; windows may then reach beyond the edge, as slices in NumPy do.
    """
    if like is not None:
        reach = max(window)
        x = functional.pad(x, (0, reach, 0, reach), value=-torch.inf)
    elif window[0] > x.shape[2] or window[1] > x.shape[3]:
        return x.new_zeros(0)
    out = max_pool(x, window, stride)
    return out if like is None else out[:, :, : like.shape[2], : like.shape[3]]


def gradients(bench: Bench) -> Finding:
    """dx for a random dout."""

    def attempt(size: Size) -> None:
        draw = Draw(numbers(bench.rng, *size.x, centre=CENTRE), size)
        dout = numbers(bench.rng, *draw.output(bench.device).shape)
        found = draw.backward(bench, dout)
        x, upstream = on(bench.device, draw.x, dout)
        expected = max_pool_backward(upstream, x, size.window, size.stride)
        mistakes = list(_gradient_mistakes(x, upstream, size))
        try:
            require("dx", found, expected, at=draw.at, mistakes=mistakes, tolerance=bench.tolerance)
        except FoundError as error:
            raise explained(error, bench, draw.forward, {"x": draw.x}, dout, {"x": found}) from None

    large_to_small(attempt, SIZES, SMALLER)
    return Finding("right", "dx equals the reference for a random dout.")


def _gradient_mistakes(x: Tensor, dout: Tensor, size: Size) -> Iterator[Mistake]:
    window, stride = size.window, size.stride
    yield Mistake(
        "gradient-shared-by-the-window",
        "The gradient is shared evenly by all positions of a window, as for average pooling; only "
        "the position that held the maximum gets it.",
        lambda: average_pool_backward(dout, x, window, stride),
    )
    yield Mistake(
        "gradient-copied-to-the-window",
        "Every position of a window gets the whole gradient; only the position that held the "
        "maximum gets it.",
        lambda: average_pool_backward(dout, x, window, stride) * (window[0] * window[1]),
    )
    for mistake, sentence, add, pick in (
        ("windows-overwritten",
         ("Where windows overlap, the later one overwrites what the earlier ones gave to a pixel; "
         "their gradients add up (+=)."), False, "largest"),
        ("gradient-to-the-first-position",
         ("The gradient goes to the first position of each window; it goes to the position that "
         "held the maximum."), True, "first"),
        ("gradient-to-the-minimum",
         "The gradient goes to the smallest number of each window; it goes to the largest.",
         True, "smallest"),
        ("gradient-multiplied-by-the-maximum",
         "dout is multiplied by the maximum itself; the derivative of the maximum is 1.",
         True, "scaled"),
        ("gradient-without-dout",
         "The position of the maximum gets 1; it gets dout of its window.", True, "ones"),
    ):  # fmt: skip
        yield Mistake(mistake, sentence, partial(_placed, x, dout, size, add=add, pick=pick))


def _placed(x: Tensor, dout: Tensor, size: Size, *, add: bool, pick: str) -> Tensor:
    """One number of each window given to one of its pixels, window after window."""
    seen = windows(x, size.window, (size.stride, size.stride), (1, 1)).flatten(-2)
    place = (-seen if pick == "smallest" else seen).argmax(-1)  # (N, C, I, J)
    amount = {"scaled": dout * seen.amax(-1), "ones": torch.ones_like(dout)}.get(pick, dout)
    if pick == "first":
        place = torch.zeros_like(place)
    found = torch.zeros_like(x)
    axes = (torch.arange(n, device=x.device) for n in x.shape[:2])
    images, channels = torch.meshgrid(*axes, indexing="ij")
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            row = i * size.stride + place[:, :, i, j] // size.window[1]
            column = j * size.stride + place[:, :, i, j] % size.window[1]
            at = (images, channels, row, column)
            found[at] = amount[:, :, i, j] + (found[at] if add else 0)
    return found


def ties(bench: Bench) -> Finding:
    """Where several pixels share a maximum, what they get adds up to dout."""
    size = Size((1, 1, 4, 4), (2, 2), 2)
    draw = Draw(np.repeat(numbers(bench.rng, 1, 1, 4, 2), 2, axis=3), size)
    dout = numbers(bench.rng, 1, 1, 2, 2)
    found = draw.backward(bench, dout)
    if not isinstance(found, Array) or found.values.shape != draw.x.shape:
        raise FoundError(f"dx should be an array of shape {draw.x.shape}; it is {describe(found)}.")
    x, upstream = on(bench.device, draw.x, dout)
    dx = torch.from_numpy(found.values.astype(np.float64)).to(bench.device)
    seen = windows(x, size.window, (2, 2), (1, 1)).flatten(-2)
    given = windows(dx, size.window, (2, 2), (1, 1)).flatten(-2)
    winners = seen == seen.amax(-1, keepdim=True)
    at = "at windows in which two pixels hold the maximum"
    whole = torch.where(winners, upstream.unsqueeze(-1), 0.0)
    require(
        "What dx adds up to in each window", Array(given.sum(-1).cpu().numpy(), "array"), upstream,
        at=at,
        mistakes=[
            Mistake(
                "gradient-copied-to-all-ties",
                "Every pixel that holds the maximum gets the whole gradient, so it counts more than "
                "once: a mask x == max does that. Give it to one of them (argmax), or share it.",
                lambda: whole.sum(-1),
            )
        ],
    tolerance=bench.tolerance)  # fmt: skip
    require(
        "What dx gives to pixels below the maximum",
        Array(given.masked_fill(winners, 0).cpu().numpy(), "array"), torch.zeros_like(given), at=at,
    tolerance=bench.tolerance)  # fmt: skip
    return Finding("right", "Pixels that share a maximum get dout once, all together.")


TESTS = {
    "max_pool_forward_naive.values": CodeTest(values, LAYERS),
    "max_pool_backward_naive.gradients": CodeTest(gradients, LAYERS),
    "max_pool_backward_naive.ties": CodeTest(ties, LAYERS),
}
