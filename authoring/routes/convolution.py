"""Convolution and pooling, by running torch's own layers."""

from __future__ import annotations

from typing import Any


def torch_conv2d_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """The height that torch's Conv2d gives for a square input."""
    import torch

    layer = torch.nn.Conv2d(1, 1, kernel, stride, padding, dilation)
    return int(layer(torch.zeros(1, 1, size, size)).shape[-2])


def torch_conv2d_params(
    in_channels: int, out_channels: int, kernel: int, groups: int = 1, bias: bool = True
) -> int:
    """The number of entries in the parameters of torch's Conv2d."""
    import torch

    layer = torch.nn.Conv2d(in_channels, out_channels, kernel, groups=groups, bias=bias)
    return sum(p.numel() for p in layer.parameters())


def torch_conv2d(image: Any, kernel: Any, stride: int = 1, padding: int = 0) -> Any:
    """The values of torch's conv2d, in float64."""
    import torch

    x = torch.tensor(image, dtype=torch.float64)[None, None]
    w = torch.tensor(kernel, dtype=torch.float64)[None, None]
    return torch.nn.functional.conv2d(x, w, stride=stride, padding=padding)[0, 0].tolist()
