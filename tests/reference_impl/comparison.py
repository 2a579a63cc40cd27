"""The harness: values and gradients against torch's own operators, in float64."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.testing import assert_close

Function = Callable[..., Tensor | tuple[Tensor, ...]]


def assert_matches_torch(
    ours: Function, theirs: Function, *shapes: tuple[int, ...], seed: int = 0, device: str = "cpu"
) -> None:
    """Equal outputs, and equal gradients of every input along random cotangents.

    A random cotangent, because the sum of a softmax or of a normalised batch has no gradient.
    """
    generator = torch.Generator().manual_seed(seed)

    def draw(shape: tuple[int, ...]) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64).to(device)

    inputs = [draw(shape).requires_grad_() for shape in shapes]
    a, b = (_tuple(function(*inputs)) for function in (ours, theirs))
    assert len(a) == len(b)
    for one, other in zip(a, b, strict=True):
        assert_close(one, other)
    along = [draw(tuple(one.shape)) for one in a]
    found = torch.autograd.grad(a, inputs, along)
    expected = torch.autograd.grad(b, inputs, along)
    for one, other in zip(found, expected, strict=True):
        assert_close(one, other)


def _tuple(value: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return value if isinstance(value, tuple) else (value,)
