"""conv_forward_naive and conv_backward_naive of layers.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from torch import Tensor

from grader.code.bench import Bench, CodeTest, Finding, FoundError, large_to_small
from grader.code.checks.convolution_mistakes import FORMULAS, gradients, value
from grader.code.checks.differences import explained
from grader.code.checks.numpy_calls import LAYERS, first_of, layer, numbers, on, send
from grader.code.checks.window_rest import refused, require_rounded_down
from grader.code.compare import Mistake, Numbers, inputs, items, require
from grader.code.frames import Kept
from reference_impl.convolution import conv2d, conv2d_backward
from reference_impl.windows import add_windows, pad, windows


@dataclass(frozen=True)
class Size:
    """x (N, C, H, W), w (F, C, A, B), stride and padding."""

    x: tuple[int, int, int, int]
    w: tuple[int, int, int, int]
    stride: int
    padding: int

    @property
    def free(self) -> tuple[int, int]:
        """By how many pixels the kernel can move: rows and columns."""
        height, width = (n + 2 * self.padding for n in self.x[2:])
        return height - self.w[2], width - self.w[3]


# In the first W_out equals F: code that adds the bias along the width then runs, and can be
# recognised by what it computes. In the others all lengths differ.
SIZES = (
    Size((2, 3, 5, 7), (4, 3, 3, 3), 2, 1),
    Size((3, 2, 6, 5), (5, 2, 2, 3), 1, 0),
    Size((1, 4, 6, 8), (2, 4, 4, 4), 2, 2),
    Size((2, 2, 8, 5), (3, 2, 2, 2), 3, 0),
)
SMALLER = (
    Size((1, 2, 4, 4), (1, 2, 2, 2), 2, 1),
    Size((1, 1, 2, 2), (1, 1, 2, 2), 1, 1),
    Size((1, 1, 2, 2), (1, 1, 2, 2), 1, 0),
    Size((1, 1, 1, 1), (1, 1, 1, 1), 1, 0),
)
# All others come out even. Here the stride leaves a rest in the rows, or in the columns.
RESTS = (Size((2, 2, 6, 7), (3, 2, 3, 3), 2, 0), Size((1, 2, 6, 6), (2, 2, 2, 3), 3, 1))
# Without padding: a picture that moves by one stride moves the result by one pixel.
MOVED = Size((2, 2, 6, 8), (3, 2, 2, 2), 2, 0)


@dataclass(frozen=True)
class Draw:
    """One random input."""

    x: Numbers
    w: Numbers
    b: Numbers
    size: Size

    @classmethod
    def of(cls, rng: np.random.Generator, size: Size) -> Draw:
        """Fresh numbers of a size."""
        return cls(numbers(rng, *size.x), numbers(rng, *size.w), numbers(rng, size.w[0]), size)

    @property
    def arrays(self) -> dict[str, Numbers]:
        """What the layer takes, by name."""
        return {"x": self.x, "w": self.w, "b": self.b}

    @property
    def at(self) -> str:
        """In words, for messages."""
        return f"at {inputs(**self.arrays)}, stride {self.size.stride}, pad {self.size.padding}"

    def forward(self, arrays: Any) -> dict[str, Any]:
        """The step that calls the student's forward pass."""
        conv_param = {"stride": self.size.stride, "pad": self.size.padding}
        return layer("conv_forward_naive", arrays["x"], arrays["w"], arrays["b"], conv_param)

    def output(self, device: str) -> Tensor:
        """The reference's output."""
        x, w, b = on(device, self.x, self.w, self.b)
        return conv2d(x, w, b, self.size.stride, self.size.padding)


def values(bench: Bench) -> Finding:
    """out for several strides, paddings and kernels, square and not."""

    def attempt(size: Size) -> None:
        draw = Draw.of(bench.rng, size)
        if size in RESTS and refused(bench, draw.forward(draw.arrays)):
            return
        out = first_of(bench, [draw.forward(draw.arrays)], f"conv_forward_naive {draw.at}")
        if size in RESTS:
            require_rounded_down(out, size.free, size.stride, name="conv_forward_naive", at=draw.at)
        require(
            "out",
            out,
            draw.output(bench.device),
            at=draw.at,
            mistakes=_mistakes(draw, bench.device),
            tolerance=bench.tolerance,
        )

    large_to_small(attempt, (*SIZES, *RESTS), SMALLER)
    return Finding("right", "out equals the reference for every stride, padding and kernel tried.")


def _mistakes(draw: Draw, device: str) -> Iterator[Mistake]:
    tensors, size = on(device, draw.x, draw.w, draw.b), draw.size
    for name, (sentence, formula) in FORMULAS.items():
        yield Mistake(name, sentence, partial(value, formula, tensors, size.stride, size.padding))
    yield Mistake(
        "cache-not-returned",
        "conv_forward_naive should return (out, cache); what came back begins with the first "
        "picture's result, as if out alone was returned.",
        lambda: draw.output(device)[0],
    )


def translation(bench: Bench) -> Finding:
    """Pictures that move by one stride move the result by one pixel (without padding).

    What both results have in common must be the reference's: a result that never changes moves
    along with everything.
    """
    draw = Draw.of(bench.rng, MOVED)
    moved = np.roll(draw.x, -MOVED.stride, axis=3)
    steps = [
        draw.forward(draw.arrays),
        send(Kept("result")[0], "first"),
        draw.forward({**draw.arrays, "x": moved}),
        send(Kept("result")[0], "second"),
    ]
    results = bench.results(steps, f"conv_forward_naive {draw.at}")
    expected = draw.output(bench.device)
    mistakes = _mistakes(draw, bench.device)
    require(
        "out", results["first"], expected, at=draw.at, mistakes=mistakes, tolerance=bench.tolerance
    )
    second = Draw(moved, draw.w, draw.b, MOVED)
    require(
        "out of the same pictures, moved to the left by one stride,",
        results["second"], second.output(bench.device), at=draw.at,
        mistakes=[
            Mistake(
                "the-first-input-kept",
                "The result is that of the call before: something is kept between calls.",
                lambda: expected,
            )
        ],
    tolerance=bench.tolerance)  # fmt: skip
    return Finding("right", "The same pictures, moved by one stride, give the result moved by one.")


def backward(bench: Bench) -> Finding:
    """dx, dw and db for a random dout."""

    def attempt(size: Size) -> None:
        draw = Draw.of(bench.rng, size)
        expected_out = draw.output(bench.device)
        dout = numbers(bench.rng, *expected_out.shape)
        steps = [
            draw.forward(draw.arrays),
            layer("conv_backward_naive", dout, Kept("result")[1], keep="back"),
            send("back", "back"),
        ]
        sent = bench.results(steps, f"conv_forward_naive and conv_backward_naive {draw.at}")["back"]
        found = dict(zip("xwb", items("conv_backward_naive", sent, 3), strict=True))
        x, w, b, upstream = on(bench.device, draw.x, draw.w, draw.b, dout)
        expected = conv2d_backward(upstream, x, w, size.stride, size.padding)
        for position, name in enumerate("xwb"):
            mistakes = [
                *_slips(name, upstream, (x, w, b), size),
                *(
                    Mistake(
                        mistake,
                        f"This is the gradient of another layer. {sentence}",
                        partial(_part, formula, (x, w, b), size, upstream, position),
                    )
                    for mistake, (sentence, formula) in FORMULAS.items()
                ),
            ]
            try:
                require(
                    f"d{name}",
                    found[name],
                    expected[position],
                    at=draw.at,
                    mistakes=mistakes,
                    tolerance=bench.tolerance,
                )
            except FoundError as error:
                raise explained(error, bench, draw.forward, draw.arrays, dout, found) from None

    large_to_small(attempt, SIZES, SMALLER)
    return Finding("right", "dx, dw and db equal the reference for a random dout.")


def _part(formula: Any, arrays: Any, size: Size, dout: Tensor, position: int) -> Tensor:
    return gradients(formula, arrays, size.stride, size.padding, dout)[position]


def _slips(name: str, dout: Tensor, arrays: tuple[Tensor, ...], size: Size) -> Iterator[Mistake]:
    """What goes wrong in a backward pass only."""
    x, w, _ = arrays
    right = dict(zip("xwb", conv2d_backward(dout, x, w, size.stride, size.padding), strict=True))[
        name
    ]
    yield Mistake(
        "gradient-averaged-over-the-batch",
        f"d{name} is divided by N; dout carries that factor already, where the loss is a mean.",
        lambda: right / len(x),
    )
    yield from {"x": _slips_of_x, "w": _slips_of_w, "b": _slips_of_b}[name](dout, x, w, size)


def _slips_of_x(dout: Tensor, x: Tensor, w: Tensor, size: Size) -> Iterator[Mistake]:
    height, width = x.shape[2:]
    framed = _framed_gradient(dout, x, w, size, overwrite=False)
    yield Mistake(
        "dx-not-cropped",
        "dx still has the frame of padding; cut pad pixels off on every side.",
        lambda: framed,
    )
    yield Mistake(
        "dx-cropped-at-one-end",
        "dx is cut off at the wrong end: the image lies between pad and pad + H of the framed "
        "gradient, not between 0 and H.",
        lambda: framed[:, :, :height, :width],
    )
    yield Mistake(
        "windows-overwritten",
        "Each window overwrites what windows before it gave to the same pixel; the gradients of "
        "overlapping windows add up (+=).",
        lambda: _cropped(_framed_gradient(dout, x, w, size, overwrite=True), size),
    )


def _slips_of_w(dout: Tensor, x: Tensor, w: Tensor, size: Size) -> Iterator[Mistake]:
    def of_images(images: slice) -> Tensor:
        return conv2d_backward(dout[images], x[images], w, size.stride, size.padding)[1]

    behind = FORMULAS["padded-behind-only"][1]
    yield Mistake(
        "padding-missing-in-dw",
        "dw is made from x without its frame of zeros; use the padded x of the forward pass.",
        lambda: gradients(behind, (x, w, w[:, 0, 0, 0]), size.stride, size.padding, dout)[1],
    )
    seen = windows(
        pad(x, (size.padding,) * 2), (w.shape[2], w.shape[3]), (size.stride,) * 2, (1, 1)
    )
    yield Mistake(
        "last-image-only",
        "dw holds the last image only; the gradients of all images add up (+=).",
        lambda: of_images(slice(-1, None)),
    )
    yield Mistake(
        "last-window-only",
        "dw holds the last window only; the gradients of all windows add up (+=).",
        lambda: dout[-1, :, -1, -1].reshape(-1, 1, 1, 1) * seen[-1, :, -1, -1].unsqueeze(0),
    )
    yield Mistake(
        "dw-flipped",
        "dw is flipped in both axes of the kernel.",
        lambda: of_images(slice(None)).flip(2, 3),
    )


def _slips_of_b(dout: Tensor, _x: Tensor, _w: Tensor, _size: Size) -> Iterator[Mistake]:
    sentence = "b acts at every pixel of every image, so db is the sum of dout over N, H and W"
    for mistake, wrong in (
        ("db-summed-over-the-batch-only", dout.sum(0)),
        ("db-summed-over-pixels-only", dout.sum((2, 3))),
        ("db-summed-along-the-wrong-axes", dout.sum((0, 1, 2))),
        ("db-summed-along-the-wrong-axes", dout.sum((0, 1, 3))),
        ("db-summed-over-the-filters", dout.sum()),
        ("db-averaged", dout.mean((0, 2, 3))),
    ):
        yield Mistake(mistake, f"{sentence}: (F,).", partial(_same, wrong))


def _same(tensor: Tensor) -> Tensor:
    return tensor


def _framed_gradient(dout: Tensor, x: Tensor, w: Tensor, size: Size, *, overwrite: bool) -> Tensor:
    """The gradient of the padded image, windows added up or each overwriting the others."""
    framed = (x.shape[2] + 2 * size.padding, x.shape[3] + 2 * size.padding)
    contents = (dout[:, :, None, :, :, None, None] * w[None, :, :, None, None]).sum(1)
    if not overwrite:
        return add_windows(contents, framed, (size.stride,) * 2, (1, 1))
    found = x.new_zeros(*x.shape[:2], *framed)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            top, left = i * size.stride, j * size.stride
            found[:, :, top : top + w.shape[2], left : left + w.shape[3]] = contents[:, :, i, j]
    return found


def _cropped(framed: Tensor, size: Size) -> Tensor:
    cut = size.padding
    return framed[:, :, cut : framed.shape[2] - cut, cut : framed.shape[3] - cut]


TESTS = {
    "conv_forward_naive.values": CodeTest(values, LAYERS),
    "conv_forward_naive.translation": CodeTest(translation, LAYERS),
    "conv_backward_naive.gradients": CodeTest(backward, LAYERS),
}
