from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional
from torch.testing import assert_close

from question_bank.solvers import convolution as closed_forms
from question_bank.solvers import convolution_gradients as closed_gradients
from reference_impl.convolution import conv2d, conv2d_backward
from reference_impl.transposed_convolution import conv_transpose2d, conv_transpose2d_backward

sys.path.insert(0, str(Path(__file__).parent))
from comparison import assert_matches_torch

# name: shape of x, shape of w, keyword arguments
CASES: dict[str, tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = {
    "plain": ((2, 3, 5, 6), (4, 3, 3, 3), {}),
    "one pixel": ((2, 3, 1, 1), (4, 3, 1, 1), {}),
    "stride leaves pixels out": ((1, 2, 6, 8), (3, 2, 3, 3), {"stride": 2}),
    "padding larger than the kernel": ((1, 1, 2, 2), (1, 1, 2, 2), {"padding": 3}),
    "different in rows and columns": (
        (2, 2, 7, 9),
        (3, 2, 2, 3),
        {"stride": (3, 2), "padding": (0, 2), "dilation": (2, 1)},
    ),
    "dilation": ((1, 2, 9, 9), (2, 2, 3, 3), {"dilation": 3, "padding": 1}),
    "two groups": ((2, 4, 5, 5), (6, 2, 3, 3), {"groups": 2}),
    "depthwise": ((2, 3, 5, 5), (3, 1, 3, 3), {"groups": 3, "padding": 1}),
    "stride larger than the kernel": ((1, 2, 9, 9), (2, 2, 2, 2), {"stride": 4, "padding": 1}),
}


@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients_match_torch(name: str) -> None:
    image, kernel, how = CASES[name]
    assert_matches_torch(
        lambda x, w, b: conv2d(x, w, b, **how),
        lambda x, w, b: functional.conv2d(x, w, b, **how),
        image,
        kernel,
        kernel[:1],
    )


@pytest.mark.parametrize("name", CASES)
def test_the_written_backward_pass_matches_torch(name: str) -> None:
    image, kernel, how = CASES[name]
    assert_backward_matches(image, kernel, how)


def assert_backward_matches(
    image: tuple[int, ...], kernel: tuple[int, ...], how: dict[str, Any], seed: int = 0
) -> None:
    x, w, b = drawn(seed, image, kernel, kernel[:1])
    out = functional.conv2d(x, w, b, **how)
    (dout,) = drawn(seed + 1, tuple(out.shape))
    found = conv2d_backward(dout.detach(), x.detach(), w.detach(), **how)
    for one, other in zip(found, torch.autograd.grad(out, (x, w, b), dout), strict=True):
        assert_close(one, other)


def drawn(seed: int, *shapes: tuple[int, ...]) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [
        torch.randn(s, generator=generator, dtype=torch.float64).requires_grad_() for s in shapes
    ]


@st.composite
def configurations(
    draw: st.DrawFn,
) -> tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]:
    """A legal convolution of a small image."""
    pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
    groups, per_group, filters = (draw(st.integers(1, 2)) for _ in range(3))
    kernel, stride, dilation = draw(pairs), draw(pairs), draw(pairs)
    padding = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    size = draw(st.tuples(st.integers(1, 8), st.integers(1, 8)))
    for axis in (0, 1):
        assume(dilation[axis] * (kernel[axis] - 1) < size[axis] + 2 * padding[axis])
    how = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    image = (draw(st.integers(1, 2)), groups * per_group, *size)
    return image, (groups * filters, per_group, *kernel), how


@settings(max_examples=60)
@given(configurations(), st.integers(0, 10))
def test_every_legal_configuration_matches_torch(
    case: tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]], seed: int
) -> None:
    image, kernel, how = case
    assert_matches_torch(
        lambda x, w, b: conv2d(x, w, b, **how),
        lambda x, w, b: functional.conv2d(x, w, b, **how),
        image,
        kernel,
        kernel[:1],
        seed=seed,
    )
    assert_backward_matches(image, kernel, how, seed)


def test_the_harness_rejects_a_flipped_kernel() -> None:
    image, kernel, _ = CASES["plain"]
    with pytest.raises(AssertionError):
        assert_matches_torch(lambda x, w: conv2d(x, w.flip(2, 3)), functional.conv2d, image, kernel)


def test_agrees_with_the_closed_forms_on_whole_numbers() -> None:
    generator = torch.Generator().manual_seed(5)
    image = torch.randint(-5, 6, (6, 7), generator=generator)
    kernel = torch.randint(-5, 6, (3, 3), generator=generator)
    rows, weights = as_tuples(image), as_tuples(kernel)
    for stride, padding in ((1, 0), (2, 0), (2, 1), (3, 2)):
        found = conv2d(image[None, None], kernel[None, None], None, stride, padding)[0, 0]
        assert as_tuples(found) == closed_forms.conv2d(rows, weights, stride, padding)
    upstream = torch.randint(-5, 6, (4, 5), generator=generator)
    dx, dw, db = conv2d_backward(upstream[None, None], image[None, None], kernel[None, None])
    outer = as_tuples(upstream)
    assert as_tuples(dx[0, 0]) == closed_gradients.conv2d_input_gradient(weights, outer)
    assert as_tuples(dw[0, 0]) == closed_gradients.conv2d_kernel_gradient(rows, outer)
    assert db.tolist() == [upstream.sum().item()]


def as_tuples(matrix: Tensor) -> tuple[tuple[int, ...], ...]:
    return tuple(map(tuple, matrix.tolist()))


@pytest.mark.parametrize(
    ("image", "kernel", "how", "reason"),
    [
        ((2, 3, 5), (4, 3, 3, 3), {}, "4 axes"),
        ((1, 3, 5, 5), (4, 2, 3, 3), {}, "takes 2 channels"),
        ((1, 4, 5, 5), (4, 4, 3, 3), {"groups": 2}, "takes 4 channels"),
        ((1, 3, 5, 5), (4, 3, 3, 3), {"groups": 2}, "2 groups do not divide"),
        ((1, 3, 5, 5), (4, 3, 3, 3), {"groups": 0}, "0 groups"),
        ((1, 3, 5, 5), (4, 3, 3, 3), {"stride": 0}, "stride is 0"),
        ((1, 3, 5, 5), (4, 3, 3, 3), {"padding": -1}, "padding is -1"),
        ((1, 3, 5, 5), (4, 3, 3, 3), {"dilation": 0}, "dilation is 0"),
        ((1, 3, 2, 5), (4, 3, 3, 3), {}, "does not fit into 2 pixels"),
    ],
)
def test_impossible_convolutions_are_refused_with_a_reason(
    image: tuple[int, ...], kernel: tuple[int, ...], how: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        conv2d(torch.zeros(image), torch.zeros(kernel), None, **how)


def test_a_bias_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="one for each of 4 filters"):
        conv2d(torch.zeros(1, 3, 5, 5), torch.zeros(4, 3, 3, 3), torch.zeros(3))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_keeps_the_dtype(dtype: torch.dtype) -> None:
    x, w, b = (t.detach().to(dtype) for t in drawn(0, (1, 2, 5, 5), (3, 2, 3, 3), (3,)))
    out = conv2d(x, w, b)
    assert {t.dtype for t in (out, *conv2d_backward(out, x, w))} == {dtype}
    # Ours rounds once more, before the bias: a few units in the last place of numbers about 10.
    expected = functional.conv2d(x.double(), w.double(), b.double()).to(dtype)
    assert_close(out, expected, rtol=0, atol=16 * torch.finfo(dtype).eps)


@pytest.mark.gpu
def test_matches_torch_on_the_gpu() -> None:
    image, kernel, how = CASES["different in rows and columns"]
    assert_matches_torch(
        lambda x, w, b: conv2d(x, w, b, **how),
        lambda x, w, b: functional.conv2d(x, w, b, **how),
        image,
        kernel,
        kernel[:1],
        device="cuda",
    )


# ---------------------------------------------------------------- transposed convolution

# shape of x, shape of w (input channels first), keyword arguments
TRANSPOSED: dict[str, tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = {
    "plain": ((2, 3, 4, 5), (3, 2, 3, 3), {}),
    "doubling": ((1, 2, 4, 4), (2, 3, 2, 2), {"stride": 2}),
    "doubling with overlap": ((1, 2, 4, 4), (2, 3, 4, 4), {"stride": 2, "padding": 1}),
    "gaps between stamps": ((1, 2, 3, 3), (2, 2, 2, 2), {"stride": 3}),
    "output padding": (
        (1, 2, 4, 4),
        (2, 3, 3, 3),
        {"stride": 2, "padding": 1, "output_padding": 1},
    ),
    "output padding within dilation": (
        (1, 1, 3, 3),
        (1, 1, 2, 2),
        {"dilation": 3, "output_padding": 2},
    ),
    "different in rows and columns": (
        (2, 2, 3, 4),
        (2, 3, 2, 3),
        {"stride": (3, 2), "padding": (1, 0), "dilation": (1, 2), "output_padding": (2, 1)},
    ),
    "two groups": ((2, 4, 3, 3), (4, 3, 3, 3), {"groups": 2, "stride": 2}),
}


@pytest.mark.parametrize("name", TRANSPOSED)
def test_transposed_values_and_gradients_match_torch(name: str) -> None:
    assert_transposed_matches(*TRANSPOSED[name])


def assert_transposed_matches(
    image: tuple[int, ...], kernel: tuple[int, ...], how: dict[str, Any], seed: int = 0
) -> None:
    filters = (kernel[1] * how.get("groups", 1),)

    def ours(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
        return conv_transpose2d(x, w, b, **how)

    def theirs(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
        return functional.conv_transpose2d(x, w, b, **how)

    assert_matches_torch(ours, theirs, image, kernel, filters, seed=seed)
    x, w, b = drawn(seed, image, kernel, filters)
    out = theirs(x, w, b)
    (dout,) = drawn(seed + 1, tuple(out.shape))
    found = conv_transpose2d_backward(dout.detach(), x.detach(), w.detach(), **how)
    for one, other in zip(found, torch.autograd.grad(out, (x, w, b), dout), strict=True):
        assert_close(one, other)


@st.composite
def transposed_configurations(
    draw: st.DrawFn,
) -> tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]:
    pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
    groups, per_group, filters = (draw(st.integers(1, 2)) for _ in range(3))
    kernel, stride, dilation, size = draw(pairs), draw(pairs), draw(pairs), draw(pairs)
    padding = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    extra = [draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation, strict=True)]
    for a in (0, 1):
        full = (size[a] - 1) * stride[a] + dilation[a] * (kernel[a] - 1) + 1 + extra[a]
        assume(full > 2 * padding[a])
    how = {
        "stride": stride,
        "padding": padding,
        "output_padding": tuple(extra),
        "dilation": dilation,
        "groups": groups,
    }
    return (1, groups * per_group, *size), (groups * per_group, filters, *kernel), how


@settings(max_examples=60)
@given(transposed_configurations(), st.integers(0, 10))
def test_every_legal_transposed_configuration_matches_torch(
    case: tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]], seed: int
) -> None:
    assert_transposed_matches(*case, seed)


def test_transposed_agrees_with_the_closed_form_on_whole_numbers() -> None:
    generator = torch.Generator().manual_seed(6)
    image = torch.randint(-5, 6, (2, 3), generator=generator)
    kernel = torch.randint(-5, 6, (3, 2), generator=generator)
    for stride in (1, 2, 4):
        found = conv_transpose2d(image[None, None], kernel[None, None], None, stride)[0, 0]
        expected = closed_forms.transposed_conv2d(as_tuples(image), as_tuples(kernel), stride)
        assert as_tuples(found) == expected


def test_it_is_the_transpose_of_the_convolution() -> None:
    # <conv(x), y> = <x, transposed(y)>: the defining property, for the same kernel.
    x, w, y = (t.detach() for t in drawn(2, (1, 2, 7, 7), (3, 2, 3, 3), (1, 3, 4, 4)))
    left = (conv2d(x, w, None, 2, 1) * y).sum()
    right = (x * conv_transpose2d(y, w, None, 2, 1)).sum()
    assert_close(left, right)


@pytest.mark.parametrize(
    ("image", "kernel", "how", "reason"),
    [
        ((1, 2, 3), (2, 1, 3, 3), {}, "4 axes"),
        ((1, 3, 3, 3), (2, 1, 3, 3), {}, "w begins with 2 channels"),
        ((1, 3, 3, 3), (3, 1, 3, 3), {"groups": 2}, "2 groups do not divide"),
        ((1, 2, 3, 3), (2, 1, 3, 3), {"output_padding": 1}, "output padding 1 must be smaller"),
        ((1, 2, 1, 1), (2, 1, 2, 2), {"padding": 1}, "cuts off all"),
    ],
)
def test_impossible_transposed_convolutions_are_refused(
    image: tuple[int, ...], kernel: tuple[int, ...], how: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        conv_transpose2d(torch.zeros(image), torch.zeros(kernel), None, **how)
