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
from reference_impl.pooling import (
    average_pool,
    average_pool_backward,
    global_average_pool,
    max_pool,
    max_pool_backward,
)

sys.path.insert(0, str(Path(__file__).parent))
from comparison import assert_matches_torch

# name: size of the image, arguments of both poolings
CASES: dict[str, tuple[tuple[int, int], dict[str, Any]]] = {
    "halving": ((4, 6), {"kernel": 2}),
    "a row and a column left over": ((5, 7), {"kernel": 2}),
    "overlapping": ((7, 7), {"kernel": 3, "stride": 2}),
    "gaps between windows": ((8, 8), {"kernel": 2, "stride": 3}),
    "padded": ((5, 6), {"kernel": 3, "stride": 2, "padding": 1}),
    "different in rows and columns": (
        (7, 8),
        {"kernel": (2, 3), "stride": (3, 1), "padding": (1, 0)},
    ),
    "the whole image": ((3, 4), {"kernel": (3, 4)}),
}


def torch_arguments(how: dict[str, Any]) -> dict[str, Any]:
    return {"kernel_size" if name == "kernel" else name: value for name, value in how.items()}


def assert_max_matches(shape: tuple[int, ...], how: dict[str, Any], seed: int = 0) -> None:
    theirs = torch_arguments(how)
    assert_matches_torch(
        lambda x: max_pool(x, **how),
        lambda x: functional.max_pool2d(x, **theirs),
        shape,
        seed=seed,
    )
    # Whole numbers, so that many windows have several winners.
    generator = torch.Generator().manual_seed(seed)
    x = torch.randint(-1, 2, shape, generator=generator).double().requires_grad_()
    out = functional.max_pool2d(x, **theirs)
    dout = torch.randn(out.shape, generator=generator, dtype=torch.float64)
    assert_close(max_pool(x, **how), out)
    (expected,) = torch.autograd.grad(out, x, dout)
    assert_close(max_pool_backward(dout, x.detach(), **how), expected)


def assert_average_matches(
    shape: tuple[int, ...], how: dict[str, Any], *, count: bool, seed: int = 0
) -> None:
    theirs = torch_arguments(how)

    def averaged(x: Tensor) -> Tensor:
        return functional.avg_pool2d(x, **theirs, count_include_pad=count)

    assert_matches_torch(
        lambda x: average_pool(x, **how, count_padding=count), averaged, shape, seed=seed
    )
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(shape, generator=generator, dtype=torch.float64).requires_grad_()
    out = averaged(x)
    dout = torch.randn(out.shape, generator=generator, dtype=torch.float64)
    (expected,) = torch.autograd.grad(out, x, dout)
    assert_close(average_pool_backward(dout, x.detach(), **how, count_padding=count), expected)


@pytest.mark.parametrize("name", CASES)
def test_max_pooling_matches_torch(name: str) -> None:
    size, how = CASES[name]
    assert_max_matches((2, 3, *size), how)


@pytest.mark.parametrize("count", [True, False])
@pytest.mark.parametrize("name", CASES)
def test_average_pooling_matches_torch(name: str, count: bool) -> None:
    size, how = CASES[name]
    assert_average_matches((2, 3, *size), how, count=count)


def test_dilated_max_pooling_matches_torch() -> None:
    assert_max_matches((1, 2, 9, 8), {"kernel": 3, "stride": 2, "padding": 1, "dilation": (2, 3)})


@st.composite
def configurations(draw: st.DrawFn) -> tuple[tuple[int, ...], dict[str, Any]]:
    """A legal pooling of a small image."""
    pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))
    kernel = draw(pairs)
    padding = tuple(draw(st.integers(0, side // 2)) for side in kernel)
    size = draw(st.tuples(st.integers(1, 8), st.integers(1, 8)))
    for axis in (0, 1):
        assume(kernel[axis] <= size[axis] + 2 * padding[axis])
    how = {"kernel": kernel, "stride": draw(st.none() | pairs), "padding": padding}
    return (draw(st.integers(1, 2)), draw(st.integers(1, 2)), *size), how


@settings(max_examples=60)
@given(configurations(), st.integers(0, 10), st.booleans())
def test_every_legal_configuration_matches_torch(
    case: tuple[tuple[int, ...], dict[str, Any]], seed: int, count: bool
) -> None:
    shape, how = case
    assert_max_matches(shape, how, seed)
    assert_average_matches(shape, how, count=count, seed=seed)


def test_of_equal_pixels_the_first_in_reading_order_gets_the_gradient() -> None:
    x = torch.tensor([[1.0, 2.0, 0.0], [2.0, 2.0, 0.0]]).double().requires_grad_()
    dout = torch.tensor([[[[5.0, 7.0]]]]).double()
    expected = [[0.0, 12.0, 0.0], [0.0, 0.0, 0.0]]
    image = x[None, None]
    assert max_pool_backward(dout, image.detach(), 2, 1)[0, 0].tolist() == expected
    assert torch.autograd.grad(max_pool(image, 2, 1), x, dout)[0].tolist() == expected


def test_a_frame_of_padding_never_wins_a_maximum() -> None:
    x = -torch.ones(1, 1, 2, 2, dtype=torch.float64)
    assert max_pool(x, 2, 1, 1).unique().tolist() == [-1.0]
    assert max_pool(x.int(), 2, 1, 1).unique().tolist() == [-1]


def test_not_a_number_stays_visible() -> None:
    x = torch.tensor([[1.0, torch.nan], [3.0, 2.0]])[None, None]
    assert max_pool(x, 2).isnan().all()


def test_the_harness_rejects_padding_with_zeros_in_a_maximum() -> None:
    with pytest.raises(AssertionError):
        assert_matches_torch(
            lambda x: max_pool(functional.pad(x, (1, 1, 1, 1)), 2),
            lambda x: functional.max_pool2d(x, 2, padding=1),
            (2, 3, 4, 4),
        )


def test_agrees_with_the_closed_forms_on_whole_numbers() -> None:
    generator = torch.Generator().manual_seed(5)
    image = torch.randint(-2, 3, (5, 6), generator=generator)
    rows = tuple(map(tuple, image.tolist()))
    for kernel, stride in ((2, 2), (2, 1), (3, 2)):
        largest = max_pool(image[None, None], kernel, stride)[0, 0]
        assert tuple(map(tuple, largest.tolist())) == closed_forms.max_pool2d(rows, kernel, stride)
        means = average_pool(image.double()[None, None], kernel, stride)[0, 0]
        exact = closed_forms.avg_pool2d(rows, kernel, stride)
        assert_close(means, torch.tensor([[float(v) for v in r] for r in exact]).double())
        upstream = torch.randint(-5, 6, tuple(largest.shape), generator=generator)
        back = max_pool_backward(upstream[None, None], image[None, None], kernel, stride)[0, 0]
        outer = tuple(map(tuple, upstream.tolist()))
        expected = closed_gradients.max_pool2d_gradient(rows, outer, kernel, stride)
        assert tuple(map(tuple, back.tolist())) == expected


def test_global_average_pooling_matches_torch() -> None:
    assert_matches_torch(
        global_average_pool,
        lambda x: functional.adaptive_avg_pool2d(x, 1).flatten(1),
        (2, 3, 4, 5),
    )


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"kernel": 0}, "kernel is 0"),
        ({"kernel": 2, "stride": 0}, "stride is 0"),
        ({"kernel": 2, "padding": 2}, "more than half"),
        ({"kernel": 5}, "does not fit into 4 pixels"),
    ],
)
def test_impossible_poolings_are_refused_with_a_reason(how: dict[str, Any], reason: str) -> None:
    for pool in (max_pool, average_pool):
        with pytest.raises(ValueError, match=reason):
            pool(torch.zeros(1, 1, 4, 4), **how)
        with pytest.raises(ValueError, match="4 axes"):
            pool(torch.zeros(4, 4), 2)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_keeps_the_dtype(dtype: torch.dtype) -> None:
    x = torch.randn(1, 2, 4, 4).to(dtype)
    for pool, backward in (
        (max_pool, max_pool_backward),
        (average_pool, average_pool_backward),
    ):
        out = pool(x, 2)
        assert {out.dtype, backward(out, x, 2).dtype} == {dtype}


@pytest.mark.gpu
def test_matches_torch_on_the_gpu() -> None:
    shape, how = (2, 3, 7, 8), {"kernel": 3, "stride": 2, "padding": 1}
    theirs = torch_arguments(how)
    assert_matches_torch(
        lambda x: max_pool(x, **how),
        lambda x: functional.max_pool2d(x, **theirs),
        shape,
        device="cuda",
    )
