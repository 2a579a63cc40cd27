"""Networks for keypoints in torch: heads, and the error of what is read off a heatmap."""

from __future__ import annotations

from typing import Any


def torch_keypoint_parameters(channels: int, map_side: int, points: int) -> list[int]:
    """Parameters of a fully connected head with two numbers a keypoint, and of a 1x1 convolution with a map a keypoint."""
    import torch

    with torch.device("meta"):
        connected = torch.nn.Linear(channels * map_side**2, 2 * points)
        convolution = torch.nn.Conv2d(channels, points, 1)
    return [sum(p.numel() for p in head.parameters()) for head in (connected, convolution)]


def torch_keypoint_error(heatmap: Any, stride: int, side: int, offset: Any) -> float:
    """Mean squared error of the position of the largest entry, with coordinates scaled from [0, side] to [-1, 1]."""
    import torch

    maps = torch.tensor([[float(v) for v in row] for row in heatmap], dtype=torch.float64)
    row, column = divmod(int(maps.flatten().argmax()), maps.shape[1])
    found = torch.tensor([float(stride * column), float(stride * row)], dtype=torch.float64)
    true = found + torch.tensor([float(v) for v in offset], dtype=torch.float64)
    scaled, wanted = (2 * point / side - 1 for point in (found, true))
    return float(torch.nn.functional.mse_loss(scaled, wanted))
