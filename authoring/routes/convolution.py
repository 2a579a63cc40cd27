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


def torch_stacks_keep_size(size: int, stacks: Any) -> list[bool]:
    """For each stack of [kernel, padding, dilation] layers of stride 1: whether the output is as large as the input."""
    import torch

    found = []
    for stack in stacks:
        image = torch.zeros(1, 1, size, size)
        for kernel, padding, dilation in stack:
            image = torch.nn.Conv2d(1, 1, kernel, 1, padding, dilation)(image)
        found.append(tuple(image.shape[-2:]) == (size, size))
    return found


def torch_shift_properties() -> list[bool]:
    """Under a circular shift by one pixel: convolution - ReLU shifts along; convolution - global mean, max pooling, and
    convolution stay the same. Decided on 20 random images and kernels."""
    import torch

    torch.manual_seed(0)
    held = [True, True, True, True]
    for _ in range(20):
        x = torch.randn(1, 1, 8, 8, dtype=torch.float64)
        layer = torch.nn.Conv2d(1, 2, 3, padding=1, padding_mode="circular", dtype=torch.float64)
        shifted = x.roll(1, dims=-1)
        y, z = layer(x).detach(), layer(shifted).detach()
        pool = torch.nn.functional.max_pool2d
        pairs = [
            (torch.relu(y).roll(1, dims=-1), torch.relu(z)),
            (y.mean((-2, -1)), z.mean((-2, -1))),
            (pool(x, 2, 2), pool(shifted, 2, 2)),
            (y, z),
        ]
        held = [h and torch.allclose(a, b) for h, (a, b) in zip(held, pairs, strict=True)]
    return held


def torch_cost_divided_by(
    factor: int,
    channels: int,
    size: int,
    kernel: int,
    stride: int,
    groups: int,
    fewer: int,
    lower: int,
) -> list[bool]:
    """Whether torch's own count of operations falls by the factor: stride, groups, fewer channels, lower image."""
    before = _counted(channels, size, size, kernel, 1, 1)
    after = [
        _counted(channels, size, size, kernel, stride, 1),
        _counted(channels, size, size, kernel, 1, groups),
        _counted(channels // fewer, size, size, kernel, 1, 1),
        _counted(channels, size // lower, size, kernel, 1, 1),
    ]
    return [before == factor * cost for cost in after]


def _counted(channels: int, height: int, width: int, kernel: int, stride: int, groups: int) -> int:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.device("meta"):
        layer = torch.nn.Conv2d(
            channels, channels, kernel, stride, kernel // 2, groups=groups, bias=False
        )
        image = torch.zeros(1, channels, height, width)
    with FlopCounterMode(display=False) as counter:
        layer(image)
    return int(counter.get_total_flops())


def torch_separable_saving(kernel: int, inputs: int, filters: int) -> int:
    """Weights of torch's full convolution less those of its depthwise and pointwise ones."""
    import torch

    with torch.device("meta"):
        full = torch.nn.Conv2d(inputs, filters, kernel, bias=False)
        depthwise = torch.nn.Conv2d(inputs, inputs, kernel, groups=inputs, bias=False)
        pointwise = torch.nn.Conv2d(inputs, filters, 1, bias=False)
    return full.weight.numel() - depthwise.weight.numel() - pointwise.weight.numel()


def torch_fc_as_convolution(
    reduction: int, kernel: int, large: int, channels: int, classes: int
) -> list[int]:
    """The output shape of a fully convolutional network that reduces the image by poolings of 2 x 2."""
    import torch

    with torch.device("meta"):
        image = torch.zeros(1, channels, large, large)
        head = torch.nn.Conv2d(channels, classes, kernel)
    while reduction > 1:
        image, reduction = torch.nn.functional.max_pool2d(image, 2), reduction // 2
    return list(head(image).shape[1:])


def torch_small_cnn(
    size: int, colours: int, kernel: int, first: int, second: int, classes: int, wanted: str
) -> Any:
    """A network convolution - pooling - convolution - pooling - fully connected, run in torch.

    `wanted` is "pool1" or "pool2" for a shape, "conv2" or "fc" for a number of parameters.
    """
    import torch

    nn = torch.nn
    with torch.device("meta"):
        image = torch.zeros(1, colours, size, size)
        layers = {
            "conv1": nn.Conv2d(colours, first, kernel),
            "pool1": nn.MaxPool2d(2),
            "conv2": nn.Conv2d(first, second, 3),
            "pool2": nn.MaxPool2d(2),
            "fc": nn.Sequential(nn.Flatten(), nn.LazyLinear(classes)),
        }
    shapes = {}
    for name, layer in layers.items():
        image = layer(image)
        shapes[name] = list(image.shape[1:])
    if wanted.startswith("pool"):
        return shapes[wanted]
    return sum(p.numel() for p in layers[wanted].parameters())
