"""Uses of generative networks: what a loss prefers, by search; sizes and losses of generators and discriminators in torch."""

from __future__ import annotations

from typing import Any


def searched_constants(values: Any, counts: Any) -> list[float]:
    """The output with the least mean squared error over the samples, that error, and the output with the least mean absolute error.

    The first by halving an interval on the slope of the error, the last by trying each sample.
    """
    samples = [float(v) for v, n in zip(values, counts, strict=True) for _ in range(int(n))]

    def error(output: float, power: int) -> float:
        return sum(abs(s - output) ** power for s in samples) / len(samples)

    low, high = min(samples), max(samples)
    for _ in range(80):
        middle = (low + high) / 2
        rises = sum(middle - s for s in samples) > 0
        low, high = (low, middle) if rises else (middle, high)
    absolute = min(samples, key=lambda s: error(s, 1))
    return [low, error(low, 2), absolute]


def torch_enlarged(channels: int, height: int, width: int, factor: int) -> list[int]:
    """Pixels made from one, values added in all, and layers, when transposed convolutions double the size up to a factor."""
    import torch

    with torch.device("meta"):
        layer = torch.nn.ConvTranspose2d(channels, channels, 4, 2, 1)
        image, layers = torch.zeros(1, channels, height, width), 0
        before = image.numel()
        while image.shape[2] < factor * height:
            image, layers = layer(image), layers + 1
    return [image[0, 0].numel() // (height * width), image.numel() - before, layers]


def torch_hole(side: int, hole: int) -> list[int]:
    """Values of a colour image with its mask as one more channel, and of the colours where the mask is set."""
    import torch

    image, mask = torch.zeros(1, 3, side, side), torch.zeros(1, 1, side, side, dtype=torch.bool)
    mask[:, :, :hole, :hole] = True
    return [torch.cat([image, mask], dim=1).numel(), image.masked_select(mask).numel()]


def torch_patch_judge(size: int, channels: int, kernels: Any, strides: Any) -> list[int]:
    """Height of the map of verdicts, and the height of the region of the input that moves the one in its middle."""
    import torch

    layers: list[Any] = []
    for kernel, stride in zip(kernels, strides, strict=True):
        layers.append(torch.nn.Conv2d(1 if layers else channels, 1, kernel, stride))
        torch.nn.init.constant_(layers[-1].weight, 0.1)
    image = torch.zeros(1, channels, size, size, requires_grad=True)
    verdicts = torch.nn.Sequential(*layers)(image)
    middle = verdicts.shape[2] // 2
    (slope,) = torch.autograd.grad(verdicts[0, 0, middle, middle], image)
    return [verdicts.shape[2], int((slope[0, 0].abs().sum(1) > 0).sum())]


def torch_generator_loss(verdicts: Any, made: Any, wanted: Any, weight: int, part: str) -> float:
    """Adversarial ("judged") part, mean absolute difference ("near"), or both ("loss") with a weight, by torch's losses."""
    import torch

    functional = torch.nn.functional
    judged = torch.tensor([float(v) for v in verdicts], dtype=torch.float64)
    output, photograph = (
        torch.tensor([float(v) for v in row], dtype=torch.float64) for row in (made, wanted)
    )
    fooling = functional.binary_cross_entropy(judged, torch.ones_like(judged))
    near = functional.l1_loss(output, photograph)
    return float({"judged": fooling, "near": near, "loss": fooling + weight * near}[part])
