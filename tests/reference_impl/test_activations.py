from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional
from torch.testing import assert_close

from reference_impl import activations

sys.path.insert(0, str(Path(__file__).parent))
from comparison import assert_matches_torch

Elementwise = Callable[..., Tensor]

# Name here, torch's operator, further arguments.
TABLE: list[tuple[str, Elementwise, tuple[float, ...]]] = [
    ("sigmoid", torch.sigmoid, ()),
    ("tanh", torch.tanh, ()),
    ("relu", functional.relu, ()),
    ("leaky_relu", functional.leaky_relu, ()),
    ("leaky_relu", functional.leaky_relu, (0.3,)),
    ("elu", functional.elu, ()),
    ("elu", functional.elu, (0.5,)),
    ("gelu", functional.gelu, ()),
    ("softmax", functional.softmax, (-1,)),
    ("softmax", functional.softmax, (0,)),
    ("log_softmax", functional.log_softmax, (-1,)),
    ("log_softmax", functional.log_softmax, (1,)),
]

# 0 is the kink of four of them; the rest saturate, or would overflow in e^x.
EDGES = [-1e4, -800.0, -40.0, -1.0, -1e-12, 0.0, 1e-12, 1.0, 40.0, 800.0, 1e4]


def pair(name: str) -> tuple[Elementwise, Elementwise]:
    return getattr(activations, name), getattr(activations, f"{name}_backward")


@pytest.mark.parametrize(("name", "theirs", "more"), TABLE)
@pytest.mark.parametrize("seed", [0, 1])
def test_matches_torch(name: str, theirs: Elementwise, more: tuple[float, ...], seed: int) -> None:
    ours, _ = pair(name)
    assert_matches_torch(lambda x: ours(x, *more), lambda x: theirs(x, *more), (4, 3, 5), seed=seed)


@pytest.mark.gpu
@pytest.mark.parametrize(("name", "theirs", "more"), TABLE)
def test_matches_torch_on_the_gpu(name: str, theirs: Elementwise, more: tuple[float, ...]) -> None:
    ours, _ = pair(name)
    assert_matches_torch(
        lambda x: ours(x, *more), lambda x: theirs(x, *more), (4, 3, 5), device="cuda"
    )


@pytest.mark.parametrize(("name", "theirs", "more"), TABLE)
@pytest.mark.parametrize("points", ["edges", "random"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_values_and_both_gradients_at_the_edges(
    name: str, theirs: Elementwise, more: tuple[float, ...], points: str, dtype: torch.dtype
) -> None:
    ours, backward = pair(name)
    torch.manual_seed(3)
    x = torch.tensor([EDGES, EDGES[::-1]], dtype=dtype)
    x = x if points == "edges" else 3 * torch.randn_like(x)
    dout = torch.randn_like(x)
    x.requires_grad_()

    found, expected = ours(x, *more), theirs(x, *more)
    assert found.dtype == dtype
    rtol = 2e-6 if dtype == torch.float32 else 1e-13
    # Small values count in proportion: sigmoid(-40) is 4e-18, not 0. torch's gelu has no such tail.
    assert_close(found, expected, rtol=rtol, atol=rtol if name == "gelu" else 1e-300)
    (wanted,) = torch.autograd.grad(expected, x, dout)
    (by_autograd,) = torch.autograd.grad(found, x, dout)
    assert_close(by_autograd, wanted)
    assert_close(backward(dout, x.detach(), *more), wanted)


def test_tails_keep_their_relative_precision() -> None:
    x = torch.tensor([-600.0, -60.0], dtype=torch.float64)
    assert_close(activations.sigmoid(x), torch.exp(x), rtol=1e-14, atol=0)
    # torch's own (1 - s) s is 0 where s has rounded to 1; the derivative is even, and ours too.
    one = torch.ones_like(x)
    assert torch.equal(activations.sigmoid_backward(one, x), activations.sigmoid_backward(one, -x))
    phi = 7.619853024160527e-24  # P(standard normal <= -10), from tables
    far = torch.tensor(-10.0, dtype=torch.float64)
    assert activations.gelu(far).item() == pytest.approx(-10 * phi, rel=1e-12, abs=0)
    small = torch.tensor([1e-9, -1e-9], dtype=torch.float64)
    assert_close(activations.tanh(small), small, rtol=1e-14, atol=0)


@pytest.mark.parametrize("name", sorted({name for name, _, _ in TABLE}))
def test_a_nan_stays_a_nan(name: str) -> None:
    ours, _ = pair(name)
    assert ours(torch.tensor([[float("nan"), 1.0]]))[0, 0].isnan()


def test_maxout_matches_torchs_maximum() -> None:
    def theirs(pieces: Tensor) -> Tensor:
        return torch.amax(pieces, dim=0)

    assert_matches_torch(activations.maxout, theirs, (3, 4, 5))
    torch.manual_seed(0)
    pieces = torch.randn(3, 4, 5, dtype=torch.float64, requires_grad=True)
    dout = torch.randn(4, 5, dtype=torch.float64)
    (wanted,) = torch.autograd.grad(theirs(pieces), pieces, dout)
    assert_close(activations.maxout_backward(dout, pieces.detach()), wanted)


def test_ties_of_maxout_go_to_the_first_piece() -> None:
    pieces = torch.tensor([[1.0, 2.0], [1.0, 3.0], [0.0, 3.0]], requires_grad=True)
    out = activations.maxout(pieces)
    dout = torch.tensor([5.0, 7.0])
    expected = torch.tensor([[5.0, 0.0], [0.0, 7.0], [0.0, 0.0]])
    assert torch.equal(torch.autograd.grad(out, pieces, dout)[0], expected)
    assert torch.equal(activations.maxout_backward(dout, pieces.detach()), expected)


def test_maxout_holds_relu_and_the_absolute_value() -> None:
    x = torch.linspace(-2, 2, 9)
    assert torch.equal(activations.maxout(torch.stack([0 * x, x])), activations.relu(x))
    assert torch.equal(activations.maxout(torch.stack([x, -x])), x.abs())


def test_softmax_of_huge_scores() -> None:
    x = torch.tensor([[1e300, 1e300, -1e300], [-1e300, 0.0, 0.0]], dtype=torch.float64)
    half = torch.tensor([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]], dtype=torch.float64)
    assert torch.equal(activations.softmax(x), half)
    assert activations.log_softmax(x)[0, 2] == -2e300
