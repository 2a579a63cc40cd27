"""Architectures by running them in torch, receptive fields by gradients, boxes by counting cells."""

from __future__ import annotations

from functools import lru_cache
from typing import Any


def torch_shortcuts_fit(
    channels: int, filters: int, stride: int, size: int, other_stride: int, other_filters: int
) -> list[bool]:
    """Whether identity, 1x1 convolution, 3x3 convolution, and pooling with 1x1 convolution give the body's shape."""
    import torch

    nn = torch.nn
    with torch.device("meta"):
        x = torch.zeros(1, channels, size, size)
        body = nn.Sequential(
            nn.Conv2d(channels, filters, 3, stride, 1),
            nn.ReLU(),
            nn.Conv2d(filters, filters, 3, 1, 1),
        )
        shortcuts = [
            nn.Identity(),
            nn.Conv2d(channels, filters, 1, other_stride),
            nn.Conv2d(channels, other_filters, 3, stride, 1),
            nn.Sequential(nn.AvgPool2d(2, 2), nn.Conv2d(channels, filters, 1)),
        ]
    return [body(x).shape == shortcut(x).shape for shortcut in shortcuts]


def torch_doubles_size(size: int, first: int, second: int, extra: int, last: int) -> list[bool]:
    """Whether three transposed convolutions, and upsampling with a convolution, double the size."""
    import torch

    nn = torch.nn
    layers = [
        nn.ConvTranspose2d(1, 1, 2, 2, first),
        nn.ConvTranspose2d(1, 1, 4, 2, second),
        nn.ConvTranspose2d(1, 1, 3, 2, 1, output_padding=extra),
        nn.Sequential(nn.Upsample(scale_factor=4, mode="bilinear"), nn.Conv2d(1, 1, 3, 2, last)),
    ]
    x = torch.zeros(1, 1, size, size)
    return [tuple(layer(x).shape[-2:]) == (2 * size, 2 * size) for layer in layers]


def torch_inception_shape(
    inputs: int, size: int, a: int, b: int, c: int, d: int, e: int, f: int
) -> list[int]:
    """The output shape of the reference's Inception module, concatenated by torch."""
    import torch

    from reference_impl.inception import Inception, Widths

    widths = Widths(inputs, one=a, reduce_three=b, three=c, reduce_five=d, five=e, pool=f)
    with torch.device("meta"):
        return list(Inception(widths)(torch.zeros(1, inputs, size, size)).shape[1:])


def counted_iou(a: Any, b: Any) -> float:
    """Intersection over union of boxes with whole corners [x0, y0, x1, y1], by counting unit cells."""
    cells = [
        {(x, y) for x in range(box[0], box[2]) for y in range(box[1], box[3])} for box in (a, b)
    ]
    return len(cells[0] & cells[1]) / len(cells[0] | cells[1])


def torch_bottleneck_share(wide: int, narrow: int) -> float:
    """Weights of torch's 1x1 - 3x3 - 1x1 convolutions over those of two 3x3 convolutions."""
    import torch

    nn = torch.nn
    with torch.device("meta"):
        bottleneck = [
            nn.Conv2d(wide, narrow, 1, bias=False),
            nn.Conv2d(narrow, narrow, 3, bias=False),
            nn.Conv2d(narrow, wide, 1, bias=False),
        ]
        plain = [nn.Conv2d(wide, wide, 3, bias=False) for _ in range(2)]
    counts = [sum(layer.weight.numel() for layer in stack) for stack in (bottleneck, plain)]
    return counts[0] / counts[1]


def field_by_gradient(layers: Any) -> int:
    """The receptive field of one output of a stack of [kernel, stride] layers: how many inputs its gradient reaches."""
    import torch

    x = torch.ones(1, 1, 400, dtype=torch.float64, requires_grad=True)
    y = x
    for kernel, stride in layers:
        y = torch.nn.functional.conv1d(
            y, torch.ones(1, 1, kernel, dtype=torch.float64), stride=stride
        )
    (gradient,) = torch.autograd.grad(y[0, 0, y.shape[-1] // 2], x)
    return int(gradient.count_nonzero())


def grown_until_field(first: int, stride: int, kernel: int, wanted: int) -> int:
    """How many layers must follow the first until the gradient of one output reaches enough inputs: one more at a time."""
    further = 0
    while field_by_gradient([[first, stride], *[[kernel, 1]] * further]) < wanted:
        further += 1
    return further


def torch_residual_stage(size: int, first: int, pool: int, channels: int, wanted: str) -> Any:
    """A stem and a residual block that doubles the channels, run in torch: the "shape" of the output, or the block's "weights"."""
    import torch

    nn = torch.nn
    with torch.device("meta"):
        image = torch.zeros(1, 3, size, size)
        stem = nn.Sequential(
            nn.Conv2d(3, channels, first, 2, first // 2), nn.MaxPool2d(pool, 2, pool - 2)
        )
        body = nn.Sequential(
            nn.Conv2d(channels, 2 * channels, 3, 2, 1, bias=False),
            nn.ReLU(),
            nn.Conv2d(2 * channels, 2 * channels, 3, 1, 1, bias=False),
        )
        shortcut = nn.Conv2d(channels, 2 * channels, 1, 2, bias=False)
    if wanted == "weights":
        return sum(p.numel() for module in (body, shortcut) for p in module.parameters())
    x = stem(image)
    return list((body(x) + shortcut(x)).shape[1:])


def autograd_residual_chain(derivative: Any, depth: int) -> float:
    """dx_depth/dx_0 of x + f(x), repeated, with a linear f of this slope, by autograd."""
    import torch

    start = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    x = start
    for _ in range(depth):
        x = x + float(derivative) * x
    return float(torch.autograd.grad(x, start)[0])


def torch_u_net(size: int, channels: int, wanted: str) -> Any:
    """The reference's U-Net of two levels without padding, run in torch.

    `wanted`: "bottom" (shape), "out" (height), "crop" (rows removed at the top of the upper copy), or "weights"
    (of the first convolution of the last box).
    """
    return _u_net(size, channels)[wanted]


@lru_cache(maxsize=8)
def _u_net(size: int, channels: int) -> dict[str, Any]:
    import torch

    from reference_impl.network_costs import layer_costs
    from reference_impl.unet import UNet

    with torch.device("meta"):
        network = UNet(channels=1, classes=2, width=channels, depth=2)
        layers = layer_costs(network, torch.zeros(1, 1, size, size))
    shapes = {layer.name: layer.shape for layer in layers}
    copied, raised = shapes["down.0.3"], shapes["raises.1"]
    return {
        "bottom": list(shapes["bottom.3"]),
        "out": shapes["scores"][-1],
        "crop": (copied[-1] - raised[-1]) // 2,
        "weights": network.get_parameter("up.1.0.weight").numel(),
    }
