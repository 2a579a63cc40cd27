from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from reference_impl import initialisation as init
from reference_impl.activations import relu, tanh
from reference_impl.fully_connected import loss_and_gradients

DENSE, FILTERS = (300, 200), (64, 32, 5, 3)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def in_torchs_layout(shape: tuple[int, ...]) -> Tensor:
    """torch's Linear holds (M, D); filters are laid out alike."""
    return torch.empty(shape[::-1] if len(shape) == 2 else shape, dtype=torch.float64)


def by_torch(initialise: Callable[..., Tensor], shape: tuple[int, ...], **more: Any) -> Tensor:
    torch.manual_seed(1)
    return initialise(in_torchs_layout(shape), **more)


@pytest.mark.parametrize("shape", [DENSE, FILTERS])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda shape: init.he(shape, seeded(), dtype=torch.float64),
         lambda shape: by_torch(nn.init.kaiming_normal_, shape, nonlinearity="relu")),
        (lambda shape: init.xavier(shape, seeded(), form="both", dtype=torch.float64),
         lambda shape: by_torch(nn.init.xavier_normal_, shape)),
        (lambda shape: init.xavier(shape, seeded(), dtype=torch.float64),
         lambda shape: by_torch(nn.init.kaiming_normal_, shape, nonlinearity="linear")),
        (lambda shape: init.gaussian(shape, 0.3, seeded(), dtype=torch.float64),
         lambda shape: by_torch(nn.init.normal_, shape, std=0.3)),
    ],
    ids=["he", "xavier both", "xavier in", "gaussian"],
)  # fmt: skip
def test_statistics_are_torchs(
    ours: Callable[..., Tensor], theirs: Callable[..., Tensor], shape: tuple[int, ...]
) -> None:
    found, expected = ours(shape), theirs(shape)
    n = math.prod(shape)
    assert found.shape == shape
    # Two estimates of one standard deviation differ by about 1 / sqrt(n) of it; five of these.
    assert found.std().item() == pytest.approx(expected.std().item(), rel=5 / math.sqrt(n))
    assert abs(found.mean().item()) < 5 * found.std().item() / math.sqrt(n)
    # Normal, not uniform: the fourth moment is 3 (uniform: 1.8), with standard error sqrt(96 / n).
    kurtosis = ((found / found.std()) ** 4).mean().item()
    assert kurtosis == pytest.approx(3, abs=5 * math.sqrt(96 / n))


def test_fans() -> None:
    assert init.fans((300, 200)) == (300, 200)
    assert init.fans((64, 32, 5, 3)) == (32 * 15, 64 * 15)
    with pytest.raises(ValueError, match="is needed"):
        init.fans((3,))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype_seed_and_constant(dtype: torch.dtype) -> None:
    one, same, other = (init.he((4, 3), seeded(s), dtype=dtype) for s in (0, 0, 1))
    assert one.dtype == dtype
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert init.constant((2, 3), 0.25, dtype=dtype).tolist() == [[0.25] * 3] * 2


def test_another_form_is_refused() -> None:
    wrong: Any = "out"
    with pytest.raises(ValueError, match="in or both"):
        init.xavier((2, 3), seeded(), form=wrong)


WIDTH, DEPTH = 1000, 8


def layers(draw: Callable[[torch.Generator], Tensor]) -> list[init.LayerStatistics]:
    generator = seeded(3)
    weights = [draw(generator) for _ in range(DEPTH)]
    x = torch.randn(500, WIDTH, generator=generator, dtype=torch.float64)
    return init.run_through(x, weights, relu)


def test_he_keeps_relus_variance_and_xavier_halves_it() -> None:
    he = layers(lambda g: init.he((WIDTH, WIDTH), g, dtype=torch.float64))
    xavier = layers(lambda g: init.xavier((WIDTH, WIDTH), g, dtype=torch.float64))
    for found, variance in ((he, 2 / WIDTH), (xavier, 1 / WIDTH)):
        expected = init.relu_variances([WIDTH] * DEPTH, [variance] * DEPTH, 1.0)
        for layer, wanted in zip(found, expected, strict=True):
            # Widths are finite: one layer is off by some per cent, and the errors multiply.
            assert layer.preactivation_variance == pytest.approx(wanted, rel=0.5)
            assert layer.zeros == pytest.approx(0.5, abs=0.1)
    assert init.relu_variances([WIDTH] * DEPTH, [2 / WIDTH] * DEPTH, 1.0) == [2.0] * DEPTH
    halved = init.relu_variances([WIDTH] * DEPTH, [1 / WIDTH] * DEPTH, 1.0)
    assert halved == [2.0**-layer for layer in range(DEPTH)]


def test_the_formula_of_one_layer() -> None:
    generator = seeded(4)
    x = 1.5 + torch.randn(2000, WIDTH, generator=generator, dtype=torch.float64)
    w = init.gaussian((WIDTH, 2000), 0.1, generator, dtype=torch.float64)
    mean_square = float((x**2).mean())
    expected = init.preactivation_variance(WIDTH, 0.01, mean_square)
    assert float((x @ w).var()) == pytest.approx(expected, rel=0.1)
    # E[x^2] is 3.25 and Var(x) is 1: the wrong one of the two would be seen.
    assert mean_square == pytest.approx(3.25, rel=0.02)


def test_what_is_measured_of_a_layer() -> None:
    x, w = (
        torch.tensor([[1.0, 0.0], [3.0, -1.0], [3.0, 0.0], [2.0, 0.0]]),
        torch.tensor([[1.0], [5.0]]),
    )
    # z = 1, -2, 3, 2: mean 1, mean square 4.5. relu makes the -2 a 0: mean square 14/4.
    assert init.run_through(x, [w], relu) == [init.LayerStatistics(3.5, 3.5, 0.25)]


def test_small_weights_vanish_and_large_ones_saturate_tanh() -> None:
    generator = seeded(5)
    x = torch.randn(200, WIDTH, generator=generator, dtype=torch.float64)

    def last(std: float) -> init.LayerStatistics:
        weights = [
            init.gaussian((WIDTH, WIDTH), std, generator, dtype=torch.float64) for _ in range(DEPTH)
        ]
        return init.run_through(x, weights, tanh)[-1]

    assert last(0.01).activation_mean_square < 1e-6
    assert last(1.0).activation_mean_square > 0.9


@pytest.mark.parametrize("value", [0.0, 0.3])
def test_constant_weights_stay_equal(value: float) -> None:
    torch.manual_seed(0)
    x, y = torch.randn(9, 4, dtype=torch.float64), torch.tensor([0, 0, 0, 0, 0, 1, 1, 2, 2])
    parameters = {
        "W1": init.constant((4, 5), value, dtype=torch.float64),
        "b1": init.constant((5,), 0.1, dtype=torch.float64),
        "W2": init.constant((5, 3), value, dtype=torch.float64),
        "b2": init.constant((3,), 0.0, dtype=torch.float64),
    }
    gradients = loss_and_gradients(parameters, x, y).gradients
    first = gradients["W1"]
    assert torch.allclose(first, first[:, :1].expand_as(first))
    # All scores are equal, and softmax minus one-hot sums to 0: nothing comes through equal W2.
    assert first.abs().max() < 1e-15
    assert gradients["W2"].abs().max() > 1e-3
