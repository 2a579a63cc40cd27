from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional
from torch.testing import assert_close

from reference_impl import losses

sys.path.insert(0, str(Path(__file__).parent))
from comparison import assert_matches_torch

Loss = Callable[[Tensor, Tensor], Tensor]

CLASSES = torch.tensor([2, 0, 4, 4, 1, 2])
REGRESSION: list[tuple[str, Loss]] = [
    ("mean_squared_error", functional.mse_loss),
    ("mean_absolute_error", functional.l1_loss),
    ("l2_distance", torch.dist),
]
OF_CLASSES: list[tuple[str, Loss]] = [
    ("cross_entropy", functional.cross_entropy),
    # torch's hinge is divided by the number of classes as well.
    ("hinge", lambda s, y: s.shape[1] * functional.multi_margin_loss(s, y)),
]
OF_PROBABILITIES: list[tuple[str, Loss]] = [
    ("binary_cross_entropy", functional.binary_cross_entropy),
    ("binary_cross_entropy_of_scores", functional.binary_cross_entropy_with_logits),
]


def pair(name: str) -> tuple[Loss, Loss]:
    return getattr(losses, name), getattr(losses, f"{name}_gradient")


def check_gradient(name: str, theirs: Loss, x: Tensor, y: Tensor) -> None:
    ours, gradient = pair(name)
    x = x.clone().requires_grad_()
    (wanted,) = torch.autograd.grad(theirs(x, y), x)
    (by_autograd,) = torch.autograd.grad(ours(x, y), x)
    assert_close(ours(x, y), theirs(x, y))
    assert_close(by_autograd, wanted)
    assert_close(gradient(x.detach(), y), wanted)


@pytest.mark.parametrize(("name", "theirs"), REGRESSION)
@pytest.mark.parametrize("shape", [(6, 5), (7,), (2, 3, 4)])
def test_regression_matches_torch(name: str, theirs: Loss, shape: tuple[int, ...]) -> None:
    ours, _ = pair(name)
    assert_matches_torch(ours, theirs, shape, shape)
    torch.manual_seed(0)
    check_gradient(name, theirs, *torch.randn(2, *shape, dtype=torch.float64))


@pytest.mark.parametrize(("name", "theirs"), OF_CLASSES)
@pytest.mark.parametrize("scale", [1.0, 30.0, 1e4])
def test_losses_of_classes_match_torch(name: str, theirs: Loss, scale: float) -> None:
    ours, _ = pair(name)
    assert_matches_torch(
        lambda s: ours(scale * s, CLASSES), lambda s: theirs(scale * s, CLASSES), (6, 5)
    )
    torch.manual_seed(1)
    check_gradient(name, theirs, scale * torch.randn(6, 5, dtype=torch.float64), CLASSES)


@pytest.mark.gpu
@pytest.mark.parametrize(("name", "theirs"), OF_CLASSES)
def test_losses_of_classes_match_torch_on_the_gpu(name: str, theirs: Loss) -> None:
    ours, _ = pair(name)
    y = CLASSES.to("cuda")
    assert_matches_torch(lambda s: ours(s, y), lambda s: theirs(s, y), (6, 5), device="cuda")


@pytest.mark.parametrize(("name", "theirs"), OF_PROBABILITIES)
@pytest.mark.parametrize("targets", ["hard", "soft"])
def test_binary_losses_match_torch(name: str, theirs: Loss, targets: str) -> None:
    torch.manual_seed(2)
    x = torch.randn(4, 5, dtype=torch.float64)
    x = x if name.endswith("scores") else x.sigmoid()
    y = torch.rand(4, 5, dtype=torch.float64)
    y = y.round() if targets == "hard" else y
    check_gradient(name, theirs, x, y)


def test_extreme_scores_cost_what_they_should() -> None:
    far = torch.tensor([[1e4, 0.0, -1e4], [-1e4, 0.0, 1e4]])
    right, wrong = torch.tensor([0, 2]), torch.tensor([2, 0])
    assert losses.cross_entropy(far, right) == 0
    assert losses.cross_entropy(far, wrong) == 2e4
    assert losses.cross_entropy_gradient(far, right).abs().max() == 0
    assert losses.cross_entropy_gradient(far, wrong)[0].tolist() == [0.5, 0.0, -0.5]
    nearly = torch.tensor([-60.0, 60.0], dtype=torch.float64)
    least = losses.binary_cross_entropy_of_scores_gradient(nearly, (nearly > 0).double())
    rest = math.exp(-60) / 2
    assert least.tolist() == pytest.approx([rest, -rest], rel=1e-12, abs=0)
    z, y = torch.tensor([1e4, -1e4]), torch.tensor([0.0, 1.0])
    assert losses.binary_cross_entropy_of_scores(z, y) == 1e4
    assert losses.binary_cross_entropy_of_scores_gradient(z, y).tolist() == [0.5, -0.5]


def test_equal_scores_cost_the_logarithm_of_the_classes() -> None:
    scores = torch.zeros(6, 5, dtype=torch.float64)
    assert losses.cross_entropy(scores, CLASSES).item() == pytest.approx(math.log(5))
    assert losses.hinge(scores, CLASSES).item() == 4


def test_certain_probabilities() -> None:
    p = torch.tensor([0.0, 1.0], requires_grad=True)
    right = losses.binary_cross_entropy(p, p.detach())
    assert right == 0
    assert torch.autograd.grad(right, p)[0].tolist() == [0.5, -0.5]
    assert losses.binary_cross_entropy_gradient(p.detach(), p.detach()).tolist() == [0.5, -0.5]
    assert losses.binary_cross_entropy(p.detach(), 1 - p.detach()) == math.inf
    assert losses.binary_cross_entropy_gradient(p.detach(), 1 - p.detach()).tolist() == [
        -math.inf,
        math.inf,
    ]


@pytest.mark.parametrize("name", ["mean_absolute_error", "l2_distance"])
def test_kinks_have_no_gradient(name: str) -> None:
    x = torch.tensor([1.0, -2.0])
    _, gradient = pair(name)
    assert gradient(x, x).tolist() == [0.0, 0.0]


def test_hinge_on_the_margin_has_no_gradient() -> None:
    scores, y = torch.tensor([[3.0, 2.0, 1.0]]), torch.tensor([0])
    assert losses.hinge(scores, y) == 0
    assert not losses.hinge_gradient(scores, y).any()
    assert losses.hinge(scores, y, margin=2.5) == 1.5 + 0.5
    assert losses.hinge_gradient(scores, y, margin=2.5).tolist() == [[-2.0, 1.0, 1.0]]


@pytest.mark.parametrize("name", [name for name, _ in REGRESSION + OF_PROBABILITIES])
def test_finite_differences_agree(name: str) -> None:
    ours, gradient = pair(name)
    torch.manual_seed(4)
    x, y = torch.rand(2, 5, dtype=torch.float64)
    step = 1e-6
    for index, found in enumerate(gradient(x, y)):
        aside = torch.zeros_like(x)
        aside[index] = step
        slope = (ours(x + aside, y) - ours(x - aside, y)) / (2 * step)
        assert found.item() == pytest.approx(slope.item(), rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", ["cross_entropy", "hinge"])
def test_keeps_the_dtype(name: str, dtype: torch.dtype) -> None:
    ours, gradient = pair(name)
    scores = torch.randn(6, 5, dtype=dtype)
    assert ours(scores, CLASSES).dtype == gradient(scores, CLASSES).dtype == dtype
