"""Blocks of convolution layers and convolutions as matrices (lecture 9), by running torch and its autograd."""

from __future__ import annotations

from typing import Any


def torch_separable_block(
    channels: int, filters: int, size: int, kernel: int, wanted: str
) -> float | list[int]:
    """A depthwise convolution with stride 2 and a pointwise one, in torch.

    `wanted`: the "shape" of the output, "weights", "cost" in multiply-adds (half of torch's own count of operations),
    or the "share" of it in the cost of an ordinary convolution.
    """
    import torch

    nn, half = torch.nn, kernel // 2
    with torch.device("meta"):
        image = torch.zeros(1, channels, size, size)
        block = nn.Sequential(
            nn.Conv2d(channels, channels, kernel, 2, half, groups=channels, bias=False),
            nn.Conv2d(channels, filters, 1, bias=False),
        )
        ordinary = nn.Conv2d(channels, filters, kernel, 2, half, bias=False)
        if wanted == "shape":
            return list(block(image).shape[1:])
    if wanted == "weights":
        return sum(p.numel() for p in block.parameters())
    cost = _multiply_adds(block, image)
    return cost if wanted == "cost" else cost / _multiply_adds(ordinary, image)


def _multiply_adds(module: Any, image: Any) -> int:
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        module(image)
    return int(counter.get_total_flops()) // 2


def torch_row_convolution(x: Any, kernel: Any, upstream: Any, wanted: str) -> Any:
    """torch's conv1d without padding: "y", its Jacobian by x ("matrix"), or the gradients "dx" and "dk" for dL/dy."""
    import torch

    inputs, weights, outer = (
        torch.tensor([float(v) for v in values], dtype=torch.float64)
        for values in (x, kernel, upstream)
    )

    def convolved(row: torch.Tensor, taps: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.conv1d(row[None, None], taps[None, None])[0, 0]

    if wanted == "y":
        return convolved(inputs, weights).tolist()
    by_input, by_kernel = torch.autograd.functional.jacobian(convolved, (inputs, weights))
    found = {"matrix": by_input, "dx": outer @ by_input, "dk": outer @ by_kernel}
    return found[wanted].tolist()
