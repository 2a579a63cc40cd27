"""The backward passes against torch's autograd, and what they refuse."""

from __future__ import annotations

import random
from typing import Any

import pytest
import torch

from question_bank.solvers.convolution_gradients import (
    conv2d_input_gradient,
    conv2d_kernel_gradient,
    max_pool2d_gradient,
)


def _matrix(rows: int, columns: int, chance: random.Random) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(chance.randint(-5, 9) for _ in range(columns)) for _ in range(rows))


def _tensor(matrix: Any, grad: bool = False) -> torch.Tensor:
    return torch.tensor(matrix, dtype=torch.float64)[None, None].requires_grad_(grad)


def _gradient(tensor: torch.Tensor) -> Any:
    assert tensor.grad is not None
    return tensor.grad[0, 0].tolist()


@pytest.mark.parametrize("seed", range(8))
def test_gradients_of_a_convolution(seed: int) -> None:
    chance = random.Random(seed)
    size, kernel = chance.randint(3, 5), chance.randint(1, 3)
    image, weights = _matrix(size, size + 1, chance), _matrix(kernel, kernel, chance)
    upstream = _matrix(size - kernel + 1, size - kernel + 2, chance)
    x, k = _tensor(image, True), _tensor(weights, True)
    torch.nn.functional.conv2d(x, k).backward(_tensor(upstream))
    assert [list(row) for row in conv2d_kernel_gradient(image, upstream)] == _gradient(k)
    assert [list(row) for row in conv2d_input_gradient(weights, upstream)] == _gradient(x)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("kernel", "stride"), [(2, 2), (2, 1), (3, 2)])
def test_gradient_of_max_pooling(seed: int, kernel: int, stride: int) -> None:
    chance = random.Random(seed)
    image = _matrix(5, 5, chance)  # with ties, of which the first wins
    x = _tensor(image, True)
    pooled = torch.nn.functional.max_pool2d(x, kernel, stride)
    upstream = _matrix(pooled.shape[2], pooled.shape[3], chance)
    pooled.backward(_tensor(upstream))
    found = max_pool2d_gradient(image, upstream, kernel, stride)
    assert [list(row) for row in found] == _gradient(x)


def test_what_has_no_gradient_is_refused() -> None:
    with pytest.raises(ValueError, match="the output 1 x 1"):
        max_pool2d_gradient(((1, 2), (3, 4)), ((1, 1),), 2, 2)
    with pytest.raises(ValueError, match="not square"):
        conv2d_input_gradient(((1, 2),), ((1, 1),))
