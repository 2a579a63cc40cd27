"""A network layer by layer: output shapes, parameters, multiply-accumulates.

The table that the lectures draw for AlexNet and VGG: most parameters are in the fully connected
layers, most work is in the convolutions. The network runs once, with a listener at each layer;
on torch's "meta" device it computes shapes only, so that even VGG-16 takes no memory.

Source: lecture 10; the formulas of sizes.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from reference_impl.sizes import conv_macs, linear_macs, transposed_conv_macs


@dataclass(frozen=True)
class LayerCost:
    """One layer: its name in the network, its kind, output shape without the batch, and its costs.

    macs: for one example. Only convolutions and fully connected layers multiply by weights in
    number; the others count 0.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int
    macs: int


def layer_costs(network: nn.Module, x: Tensor) -> list[LayerCost]:
    """The innermost layers of the network, in the order in which they run on x (N, ...)."""
    rows: list[LayerCost] = []
    with _listening(network, rows), torch.no_grad():
        network(x)
    return rows


Listener = Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]


@contextmanager
def _listening(network: nn.Module, rows: list[LayerCost]) -> Iterator[None]:
    def listener(name: str) -> Listener:
        def listen(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            parameters = sum(p.numel() for p in layer.parameters())
            macs = _macs(layer, tuple(inputs[0].shape), tuple(output.shape))
            shape = tuple(output.shape[1:])
            rows.append(LayerCost(name, type(layer).__name__, shape, parameters, macs))

        return listen

    handles = [
        module.register_forward_hook(listener(name))
        for name, module in network.named_modules()
        if not list(module.children())
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _macs(layer: nn.Module, before: tuple[int, ...], after: tuple[int, ...]) -> int:
    if isinstance(layer, nn.ConvTranspose2d):
        kernel, size = (layer.kernel_size[0], layer.kernel_size[1]), (before[2], before[3])
        return transposed_conv_macs(
            layer.in_channels, layer.out_channels, kernel, size, layer.groups
        )
    if isinstance(layer, nn.Conv2d):
        kernel, size = (layer.kernel_size[0], layer.kernel_size[1]), (after[2], after[3])
        return conv_macs(layer.in_channels, layer.out_channels, kernel, size, layer.groups)
    if isinstance(layer, nn.Linear):
        places = math.prod(
            before[1:-1]
        )  # one, or more where it acts along the last of several axes
        return places * linear_macs(layer.in_features, layer.out_features)
    return 0
