from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from reference_impl.update_rules import (
    adam,
    momentum,
    nesterov,
    nesterov_look_ahead,
    rmsprop,
    sgd,
)

Rule = Callable[..., tuple[Tensor, Any]]
Maker = Callable[[list[Tensor]], torch.optim.Optimizer]

SGD, RMSprop, Adam = torch.optim.SGD, torch.optim.RMSprop, torch.optim.Adam
TABLE: dict[str, tuple[Rule, Maker]] = {
    "sgd": (partial(sgd, learning_rate=0.05), partial(SGD, lr=0.05)),
    "sgd default": (sgd, partial(SGD, lr=1e-2)),
    "momentum": (
        partial(momentum, learning_rate=0.03, beta=0.8),
        partial(SGD, lr=0.03, momentum=0.8),
    ),
    "momentum by steps": (
        partial(momentum, learning_rate=0.03, beta=0.8, form="step"),
        partial(SGD, lr=0.03, momentum=0.8),
    ),
    "nesterov": (
        partial(nesterov, learning_rate=0.03, beta=0.8),
        partial(SGD, lr=0.03, momentum=0.8, nesterov=True),
    ),
    "rmsprop": (
        partial(rmsprop, learning_rate=0.02, beta=0.7, epsilon=1e-3),
        partial(RMSprop, lr=0.02, alpha=0.7, eps=1e-3),
    ),
    "rmsprop default": (rmsprop, partial(RMSprop, lr=1e-2, alpha=0.9)),
    "adam": (
        partial(adam, learning_rate=0.1, beta1=0.7, beta2=0.9, epsilon=1e-2),
        partial(Adam, lr=0.1, betas=(0.7, 0.9), eps=1e-2),
    ),
    "adam default": (adam, Adam),
}


def gradient(w: Tensor) -> Tensor:
    """Of a loss with curvature in every direction: sum w^4/4 + sin(w) and a mixed square."""
    return w**3 + w.cos() + (w.sum() - 1)


def path_of_ours(rule: Rule, start: Tensor, steps: int) -> list[Tensor]:
    w, state, path = start, None, []
    for _ in range(steps):
        w, state = rule(w, gradient(w), state)
        path.append(w)
    return path


def path_of_torch(make: Maker, start: Tensor, steps: int) -> list[Tensor]:
    w = start.clone().requires_grad_()
    optimiser = make([w])
    path = []
    for _ in range(steps):
        w.grad = gradient(w.detach())
        optimiser.step()
        path.append(w.detach().clone())
    return path


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("shape", [(), (5,), (2, 3, 4)])
def test_twelve_steps_are_torchs(name: str, shape: tuple[int, ...]) -> None:
    rule, make = TABLE[name]
    torch.manual_seed(0)
    start = torch.randn(shape, dtype=torch.float64)
    for ours, theirs in zip(
        path_of_ours(rule, start, 12), path_of_torch(make, start, 12), strict=True
    ):
        assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.gpu
@pytest.mark.parametrize("name", TABLE)
def test_steps_are_torchs_on_the_gpu(name: str) -> None:
    rule, make = TABLE[name]
    start = torch.linspace(-1, 1, 5, dtype=torch.float64, device="cuda")
    for ours, theirs in zip(
        path_of_ours(rule, start, 5), path_of_torch(make, start, 5), strict=True
    ):
        assert_close(ours, theirs)


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_nothing_changes_in_place_and_the_dtype_stays(name: str, dtype: torch.dtype) -> None:
    rule, _ = TABLE[name]
    w, dw = torch.tensor([1.0, -2.0], dtype=dtype), torch.tensor([0.5, 3.0], dtype=dtype)
    _, state = rule(w, dw)
    kept = dict(vars(state)) if state else {}
    copies = {key: torch.as_tensor(value).clone() for key, value in kept.items()}
    new, _ = rule(w, dw, state)
    assert new.dtype == dtype
    assert w.tolist() == [1.0, -2.0]
    assert dw.tolist() == [0.5, 3.0]
    assert all(torch.equal(torch.as_tensor(kept[key]), copies[key]) for key in kept)


def test_the_two_forms_part_when_the_learning_rate_changes() -> None:
    w, dw = torch.tensor(1.0, dtype=torch.float64), torch.tensor(1.0, dtype=torch.float64)
    ends = {}
    for form in ("gradient", "step"):
        rule = partial(momentum, beta=0.5, form=form)
        first, state = rule(w, dw, learning_rate=0.1)
        ends[form], _ = rule(first, dw, state, learning_rate=0.2)
    # By hand: 1 - 0.1 - 0.2 * 1.5 against 1 - 0.1 - (0.5 * 0.1 + 0.2).
    assert ends["gradient"].item() == pytest.approx(0.6)
    assert ends["step"].item() == pytest.approx(0.65)


def test_the_slides_nesterov_looks_ahead_to_torchs() -> None:
    beta, rate = 0.8, 0.03
    torch.manual_seed(1)
    theta = ahead = torch.randn(4, dtype=torch.float64)
    look, state = None, None
    for _ in range(10):
        theta, look = nesterov_look_ahead(theta, gradient, look, learning_rate=rate, beta=beta)
        ahead, state = nesterov(ahead, gradient(ahead), state, learning_rate=rate, beta=beta)
        assert_close(theta + beta * look.v, ahead, rtol=1e-12, atol=1e-12)


def test_adams_first_step_has_the_length_of_the_learning_rate() -> None:
    dw = torch.tensor([1e-3, -5.0, 700.0], dtype=torch.float64)
    w, state = adam(torch.zeros(3, dtype=torch.float64), dw, learning_rate=0.1, epsilon=0.0)
    assert_close(w, -0.1 * dw.sign())
    assert state.t == 1


def test_momentum_reaches_its_terminal_velocity() -> None:
    w, state = torch.zeros(1, dtype=torch.float64), None
    dw = torch.tensor([2.0], dtype=torch.float64)
    for _ in range(300):
        before = w
        w, state = momentum(w, dw, state, learning_rate=0.1, beta=0.9)
    assert (before - w).item() == pytest.approx(0.1 * 2 / (1 - 0.9))


def test_another_form_is_refused() -> None:
    wrong: Any = "heavy"
    with pytest.raises(ValueError, match="gradient or step"):
        momentum(torch.zeros(1), torch.zeros(1), form=wrong)
