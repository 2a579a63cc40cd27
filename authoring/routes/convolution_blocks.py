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


def probed_kernel(first: Any, second: Any, a: int, b: int) -> list[list[float]]:
    """The kernel of a rule y_ij = a x_(i+first) + b x_(j+second): the gradient of the middle output by the input."""
    import torch

    image = torch.zeros(3, 3, dtype=torch.float64, requires_grad=True)
    output = a * image[1 + first[0], 1 + first[1]] + b * image[1 + second[0], 1 + second[1]]
    (gradient,) = torch.autograd.grad(output, image)
    # torch's convolution with this kernel gives the same on a random image.
    torch.manual_seed(0)
    noise = torch.rand(1, 1, 3, 3, dtype=torch.float64)
    middle = torch.nn.functional.conv2d(noise, gradient[None, None], padding=1)[0, 0, 1, 1]
    if abs(float(middle - (noise[0, 0] * gradient).sum())) > 1e-9:
        raise ValueError("the convolution turns its kernel around")
    return [[float(e) for e in row] for row in gradient.tolist()]


def torch_average_window(image: Any, upstream: Any) -> list[float]:
    """avg_pool2d with 2 x 2 windows and stride 1: the first output, and dL/dX at the upper edge and in the middle."""
    import torch

    x = torch.tensor(image, dtype=torch.float64)[None, None].requires_grad_()
    y = torch.nn.functional.avg_pool2d(x, 2, 1)
    outer = torch.tensor(upstream, dtype=torch.float64)[None, None]
    (gradient,) = torch.autograd.grad(y, x, outer)
    return [float(y[0, 0, 0, 0].detach()), float(gradient[0, 0, 0, 1]), float(gradient[0, 0, 1, 1])]


def torch_dilated_stack(kernels: Any, dilations: Any) -> list[int]:
    """[padding that keeps the size in the second layer, span of the gradient of one output, number of weights]."""
    import torch

    layers = [
        torch.nn.Conv2d(1, 1, k, dilation=d, bias=False)
        for k, d in zip(kernels, dilations, strict=True)
    ]
    padding = 0
    while _padded_size(kernels[1], dilations[1], padding) < 64:
        padding += 1
    image = torch.zeros(1, 1, 80, 80, requires_grad=True)
    output = image
    for layer in layers:
        torch.nn.init.ones_(layer.weight)
        output = layer(output)
    (gradient,) = torch.autograd.grad(output[0, 0, 20, 20], image)
    touched = gradient[0, 0].sum(dim=1).nonzero().flatten()
    span = int(touched[-1] - touched[0]) + 1
    return [padding, span, sum(p.numel() for layer in layers for p in layer.parameters())]


def _padded_size(kernel: int, dilation: int, padding: int) -> int:
    import torch

    with torch.device("meta"):
        layer = torch.nn.Conv2d(1, 1, kernel, padding=padding, dilation=dilation)
        return int(layer(torch.zeros(1, 1, 64, 64)).shape[-1])
