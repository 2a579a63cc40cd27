from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from reference_impl.fine_tuning import freeze, parameter_groups, train_mode, unfreeze
from reference_impl.segmentation_network import SegmentationNetwork


class Small(nn.Module):
    """A pretrained part with batch normalisation and dropout, and a new head."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.5)
        )
        self.head = nn.Linear(4, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.head(self.features(x))
        return out


def steps(network: nn.Module, optimiser: torch.optim.Optimizer, count: int = 3) -> None:
    for _ in range(count):
        optimiser.zero_grad()
        network(torch.randn(6, 3)).square().sum().backward()
        optimiser.step()


def state(part: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in part.state_dict().items()}


def moved(part: nn.Module, before: dict[str, torch.Tensor]) -> set[str]:
    return {name for name, v in part.state_dict().items() if not torch.equal(v, before[name])}


OPTIMISERS: dict[str, Callable[[Any], torch.optim.Optimizer]] = {
    "decay": lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.1),
    "adam": lambda p: torch.optim.AdamW(p, lr=0.1),
}


@pytest.mark.parametrize("name", OPTIMISERS)
def test_frozen_weights_and_averages_do_not_move(name: str) -> None:
    torch.manual_seed(0)
    network = Small()
    optimiser = OPTIMISERS[name](network.parameters())
    steps(network, optimiser)  # momentum and gradients are there when the part is frozen
    freeze(network.features)
    train_mode(network, network.features)
    before, head = state(network.features), state(network.head)
    steps(network, optimiser)
    assert moved(network.features, before) == set()
    assert moved(network.head, head) == {"weight", "bias"}


def test_a_gradient_left_from_before_is_not_applied() -> None:
    network = Small()
    optimiser = OPTIMISERS["decay"](network.parameters())
    network(torch.randn(6, 3)).sum().backward()
    freeze(network.features)
    before = state(network.features)
    optimiser.step()
    network(torch.randn(6, 3))  # freezing has put the part into evaluation mode
    assert moved(network.features, before) == set()


def test_training_mode_alone_would_move_the_averages() -> None:
    network = Small()
    freeze(network.features)
    before = state(network.features)
    network.train()
    network(torch.randn(6, 3))
    assert moved(network.features, before) == {
        "1.running_mean",
        "1.running_var",
        "1.num_batches_tracked",
    }


def test_a_frozen_part_neither_drops_nor_forgets_to_train_the_rest() -> None:
    network = Small().eval()
    train_mode(network, network.features)
    assert not any(module.training for module in network.features.modules())
    assert network.training
    assert network.head.training


def test_unfrozen_it_learns_again() -> None:
    torch.manual_seed(0)
    network = Small()
    optimiser = OPTIMISERS["momentum"](network.parameters())
    freeze(network.features)
    unfreeze(network.features)
    before = state(network.features)
    steps(network, optimiser)
    assert {"0.weight", "0.bias", "1.running_mean"} <= moved(network.features, before)


def test_every_parameter_is_in_exactly_one_group() -> None:
    with torch.device("meta"):
        network = SegmentationNetwork()
    freeze(network.features)
    groups = parameter_groups(network, [(network.features, 1e-5), (network.smooth, 1e-2)], 1e-3)
    assert [group["lr"] for group in groups] == [1e-5, 1e-2, 1e-3]
    grouped = [p for group in groups for p in group["params"]]
    assert len(grouped) == len({id(p) for p in grouped})
    assert {id(p) for p in grouped} == {id(p) for p in network.parameters()}
    assert {id(p) for p in groups[2]["params"]} == {id(p) for p in network.head.parameters()}


def test_each_group_learns_at_its_own_rate() -> None:
    torch.manual_seed(0)
    network = Small().eval()
    before = {name: p.detach().clone() for name, p in network.named_parameters()}
    optimiser = torch.optim.SGD(parameter_groups(network, [(network.features, 0.01)], 0.5))
    steps(network, optimiser, 1)
    for name, p in network.named_parameters():
        assert p.grad is not None
        rate = 0.01 if name.startswith("features") else 0.5
        torch.testing.assert_close(p.detach(), before[name] - rate * p.grad)


def test_without_a_rest_there_is_no_group_for_it() -> None:
    network = Small()
    groups = parameter_groups(network, [(network, 0.1)], 0.2)
    assert [group["lr"] for group in groups] == [0.1]


def test_groups_that_make_no_sense_are_refused() -> None:
    network = Small()
    parts = {
        "is in two parts": [(network.features, 0.1), (network.features[0], 0.2)],
        "not a learning part": [(nn.Linear(2, 2), 0.1)],
        "Dropout": [(network.features[3], 0.1)],
        "is -1": [(network.head, -1.0)],
        "is nan": [(network.head, float("nan"))],
    }
    for reason, rates in parts.items():
        with pytest.raises(ValueError, match=reason):
            parameter_groups(network, rates, 0.1)


def test_a_pretrained_segmentation_trains_its_head_first() -> None:
    torch.manual_seed(0)
    network = SegmentationNetwork(classes=3, hidden=8)
    freeze(network.features)
    train_mode(network, network.features)
    before = state(network.features)
    optimiser = torch.optim.Adam(parameter_groups(network, [(network.features, 1e-5)], 1e-2))
    network(torch.rand(2, 3, 64, 64)).square().mean().backward()
    optimiser.step()
    assert moved(network.features, before) == set()
    unfreeze(network.features)
    network(torch.rand(2, 3, 64, 64)).square().mean().backward()
    optimiser.step()  # the same optimiser: the frozen weights were in it from the start
    assert moved(network.features, before) == set(before)
