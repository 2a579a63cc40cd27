"""Shapes, counts, responses and gradients of single layers of a convolutional network, by running torch."""

from __future__ import annotations

from typing import Any


def torch_conv_shape(
    channels: int, filters: int, size: Any, kernel: Any, stride: Any, padding: Any
) -> list[int]:
    """The output shape of torch's Conv2d, each axis with its own kernel, stride and padding."""
    import torch

    with torch.device("meta"):
        layer = torch.nn.Conv2d(channels, filters, tuple(kernel), tuple(stride), tuple(padding))
        return list(layer(torch.zeros(1, channels, *size)).shape[1:])


def torch_stack_saving(kernel: int, channels: int) -> int:
    """Weights of one large convolution less those of as many 3 x 3 ones as its gradient needs to reach as far."""
    import torch

    from authoring.routes.architectures import field_by_gradient

    layers = 1
    while field_by_gradient([[3, 1]] * layers) < kernel:
        layers += 1
    with torch.device("meta"):
        large = torch.nn.Conv2d(channels, channels, kernel, bias=False)
        small = [torch.nn.Conv2d(channels, channels, 3, bias=False) for _ in range(layers)]
    return large.weight.numel() - sum(layer.weight.numel() for layer in small)


def torch_kernel_responses(kernel: Any) -> list[bool]:
    """Whether torch's conv2d gives 0 on a constant image and on a vertical and a horizontal edge, and whether it
    commutes with mirroring left to right (on a random image)."""
    import torch

    weights = torch.tensor(kernel, dtype=torch.float64)[None, None]

    def filtered(image: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.conv2d(image[None, None], weights)

    constant = torch.full((6, 6), 3.0, dtype=torch.float64)
    upright = torch.zeros(6, 6, dtype=torch.float64)
    upright[:, 3:] = 1
    torch.manual_seed(0)
    noise = torch.rand(6, 6, dtype=torch.float64)
    silent = [not filtered(image).any() for image in (constant, upright, upright.T.contiguous())]
    mirrored = torch.allclose(filtered(noise.flip(-1)), filtered(noise).flip(-1))
    return [bool(flag) for flag in (*silent, mirrored)]


def torch_stored_kibibytes(colours: int, size: int, first: int, second: int, batch: int) -> float:
    """KiB of the images and the outputs of convolution, pooling and convolution, as float32 tensors."""
    import torch

    with torch.device("meta"):
        stored = [torch.zeros(batch, colours, size, size)]
        for layer in (
            torch.nn.Conv2d(colours, first, 3, padding=1),
            torch.nn.MaxPool2d(2),
            torch.nn.Conv2d(first, second, 3, padding=1),
        ):
            stored.append(layer(stored[-1]))
    return sum(t.numel() * t.element_size() for t in stored) / 1024


def torch_conv_layer_facts(
    channels: int, filters: int, kernel: int, biases: bool, said: Any
) -> list[bool]:
    """The shape of the weights, and what twice the filters, channels or pixels do to the number of parameters."""
    import torch

    def layer(inputs: int, outputs: int) -> torch.nn.Conv2d:
        return torch.nn.Conv2d(inputs, outputs, kernel, bias=biases, device="meta")

    def count(module: torch.nn.Module) -> int:
        return sum(p.numel() for p in module.parameters())

    here = layer(channels, filters)
    lazy = torch.nn.LazyConv2d(filters, kernel, bias=biases)
    lazy(torch.zeros(1, channels, 32, 32))
    return [
        list(here.weight.shape) == [*said, kernel, kernel],
        count(layer(channels, 2 * filters)) == 2 * count(here),
        count(layer(2 * channels, filters)) == 2 * count(here),
        count(lazy) == 4 * count(here),
    ]


def torch_pool_window(
    window: Any, upstream: int, named: int, shared: Any, entry: int, raised: int, shift: Any
) -> list[bool]:
    """Four statements on one 2 x 2 window, by autograd through max_pool2d and avg_pool2d and by trying the change."""
    import torch

    functional = torch.nn.functional

    def square(values: Any) -> torch.Tensor:
        return torch.tensor([float(v) for v in values], dtype=torch.float64).reshape(1, 1, 2, 2)

    x = square(window).requires_grad_()
    peak, mean = functional.max_pool2d(x, 2), functional.avg_pool2d(x, 2)
    to_peak = torch.autograd.grad(peak.sum() * upstream, x)[0].flatten().tolist()
    to_mean = torch.autograd.grad(mean.sum() * upstream, x)[0].flatten().tolist()
    moved = square([v + raised if v == entry else v for v in window])
    return [
        to_peak[list(window).index(named)] == upstream,
        all(abs(g - float(shared)) < 1e-9 for g in to_mean),
        bool(functional.max_pool2d(moved, 2) != peak),
        bool(abs(functional.avg_pool2d(moved, 2) - mean - float(shift)) < 1e-9),
    ]


def torch_multiply_adds(channels: int, filters: int, size: int, kernel: int, stride: int) -> int:
    """Half of torch's own count of operations (it counts a multiplication and an addition as two)."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.device("meta"):
        layer = torch.nn.Conv2d(channels, filters, kernel, stride, kernel // 2, bias=False)
        image = torch.zeros(1, channels, size, size)
    with FlopCounterMode(display=False) as counter:
        layer(image)
    return int(counter.get_total_flops()) // 2
