"""LeNet and AlexNet, built in torch with other numbers."""

from __future__ import annotations


def torch_lenet(side: int, first: int, second: int, units: int) -> list[int]:
    """Height before flattening, values of the flattened map, and parameters of the first fully connected layer."""
    import torch

    nn = torch.nn
    with torch.device("meta"):
        body = nn.Sequential(
            nn.Conv2d(1, first, 5),
            nn.AvgPool2d(2, 2),
            nn.Conv2d(first, second, 5),
            nn.AvgPool2d(2, 2),
        )
        maps = body(torch.zeros(1, 1, side, side))
        head = nn.LazyLinear(units)
        head(maps.flatten(1))
    values = maps[0].numel()
    return [maps.shape[2], values, sum(p.numel() for p in head.parameters())]


def torch_alexnet_stem(side: int, filters: int, kernel: int, stride: int) -> list[int]:
    """Height after the first convolution, height after the pooling 3 / 2, and parameters of the convolution."""
    import torch

    nn = torch.nn
    with torch.device("meta"):
        convolution = nn.Conv2d(3, filters, kernel, stride)
        map_ = convolution(torch.zeros(1, 3, side, side))
        pooled = nn.MaxPool2d(3, 2)(map_)
    return [map_.shape[2], pooled.shape[2], sum(p.numel() for p in convolution.parameters())]
