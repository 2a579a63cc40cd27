"""Fine-tuning: how to go on training what others have trained.

The new layers start at random, so their first gradients are large and blind; sent through the
pretrained layers they would spoil what is there. Two ways, one after the other:

1. freeze    the pretrained part keeps its weights for some epochs; only the new part learns;
2. groups    then all learn, the pretrained part with a smaller learning rate.

Frozen means more than "no gradient": batch normalisation moves its running averages and dropout
drops, both in training mode only. So a frozen part stays in evaluation mode, each time that the
network is told to train. And a gradient left from before would be applied once more: it is dropped.

Source: Yosinski et al. (2014), arXiv:1411.1792; Howard and Ruder (2018), arXiv:1801.06146 (one
learning rate for each group of layers). Lecture 11.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn


def freeze(part: nn.Module) -> None:
    """The part's weights, averages and dropout stand still until `unfreeze`."""
    for parameter in part.parameters():
        parameter.requires_grad_(False)
        # What has no gradient, an optimiser skips: momentum and weight decay, too.
        parameter.grad = None
    part.eval()


def unfreeze(part: nn.Module) -> None:
    """The part learns again."""
    for parameter in part.parameters():
        parameter.requires_grad_(True)
    part.train()


def train_mode(network: nn.Module, *frozen: nn.Module) -> None:
    """The network in training mode, but for its frozen parts."""
    network.train()
    for part in frozen:
        part.eval()


def parameter_groups(
    network: nn.Module, learning_rates: Sequence[tuple[nn.Module, float]], otherwise: float
) -> list[dict[str, Any]]:
    """One group for an optimiser of torch for each (part, learning rate), and one for the rest.

    Every parameter of the network is in exactly one group, frozen ones too: they can be unfrozen
    later without a new optimiser. ValueError if two parts share a parameter, a part has none of the
    network's, or a learning rate is negative.
    """
    every = {id(p): name for name, p in network.named_parameters()}
    taken: set[int] = set()
    groups = []
    for part, rate in learning_rates:
        parameters = list(part.parameters())
        if not parameters or any(id(p) not in every for p in parameters):
            raise ValueError(
                f"a part ({type(part).__name__}) is not a learning part of the network"
            )
        twice = [every[id(p)] for p in parameters if id(p) in taken]
        if twice:
            raise ValueError(f"{twice[0]} is in two parts: which learning rate should it have?")
        taken.update(id(p) for p in parameters)
        groups.append({"params": parameters, "lr": _rate(rate)})
    rest = [p for p in network.parameters() if id(p) not in taken]
    if rest:
        groups.append({"params": rest, "lr": _rate(otherwise)})
    return groups


def _rate(rate: float) -> float:
    if not rate >= 0:
        raise ValueError(f"a learning rate is {rate}; it cannot be negative")
    return rate
