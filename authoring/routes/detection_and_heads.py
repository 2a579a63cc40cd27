"""Detectors, heads and upsampling (lecture 10): run in torch, or counted on small stand-ins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from authoring.routes.architectures import field_by_gradient


def torch_transposed_values(image: Any, kernel: Any, stride: int) -> Any:
    """The values of torch's conv_transpose2d, in float64."""
    import torch

    x, k = (torch.tensor(m, dtype=torch.float64)[None, None] for m in (image, kernel))
    return torch.nn.functional.conv_transpose2d(x, k, stride=stride)[0, 0].tolist()


def torch_linear_share(
    channels: int, side: int, width: int, classes: int, convolutions: int
) -> float:
    """Weights of torch's two Linear layers behind Flatten over those of the whole network."""
    import torch

    nn = torch.nn
    with torch.device("meta"):
        flat = nn.Flatten()(torch.zeros(1, channels, side, side)).shape[1]
        layers = [nn.Linear(flat, width, bias=False), nn.Linear(width, classes, bias=False)]
    connected = sum(layer.weight.numel() for layer in layers)
    return connected / (connected + convolutions)


def counted_scaled_cost(before: int, deeper: Any, wider: Any, finer: Any, steps: int) -> float:
    """The cost of a plain stack of 3 x 3 convolutions, by torch's own count, before and after each scaling."""
    depth, width, size = 90, 48, 96
    scale = 1.0
    for _ in range(steps):
        larger = (
            round(depth * float(deeper)),
            round(width * float(wider)),
            round(size * float(finer)),
        )
        scale *= _stack_cost(*larger) / _stack_cost(depth, width, size)
    return before * scale


def _stack_cost(depth: int, width: int, size: int) -> int:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.device("meta"):
        layer = torch.nn.Conv2d(width, width, 3, padding=1, bias=False)
        image = torch.zeros(1, width, size, size)
    with FlopCounterMode(display=False) as counter:
        layer(image)
    return int(counter.get_total_flops()) * depth


def detector_family_statements(
    proposals: int, slow_passes: int, fast_passes: int, proposer: str, cut: str
) -> list[bool]:
    """Four statements on the R-CNN family, tried on stand-ins that log what is called on what."""
    log: dict[str, list[tuple[str, str]]] = {}

    def called(detector: str) -> Callable[[str, str], str]:
        def call(what: str, on: str) -> str:
            log.setdefault(detector, []).append((what, on))
            return what

        return call

    run = called("R-CNN")
    run("selective search", "pixels of the image")
    for _ in range(proposals):
        run("resize", "pixels of the image")
        run("backbone", "cut-out")
    for detector, finder in (
        ("Fast R-CNN", "selective search"),
        ("Faster R-CNN", "proposal network"),
    ):
        run = called(detector)
        run("backbone", "pixels of the image")
        run(finder, "features" if finder == "proposal network" else "pixels of the image")
        for _ in range(proposals):
            run("RoI pooling", "features")

    def passes(detector: str) -> int:
        return sum(what == "backbone" for what, _ in log[detector])

    return [
        passes("R-CNN") == slow_passes,
        passes("Fast R-CNN") == fast_passes,
        ("proposal network", "features") in log[proposer],
        ("RoI pooling", cut) in log["Fast R-CNN"],
    ]


def torch_proposal_outputs(height: int, width: int, reduction: int, anchors: int) -> int:
    """Entries of the two 1 x 1 convolutions of a region proposal network behind a strided convolution."""
    import torch

    nn = torch.nn
    with torch.device("meta"):
        features = nn.Conv2d(3, 4, reduction, reduction)(torch.zeros(1, 3, height, width))
        scores, offsets = nn.Conv2d(4, 2 * anchors, 1), nn.Conv2d(4, 4 * anchors, 1)
        return int(scores(features).numel() + offsets(features).numel())


def torch_pooling_saves(channels: int, side: int, classes: int) -> int:
    """Weights of the last layer behind torch's Flatten less those behind AdaptiveAvgPool2d(1)."""
    import torch

    nn = torch.nn
    counts = []
    with torch.device("meta"):
        features = torch.zeros(1, channels, side, side)
        for reduce in (nn.Flatten(), nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())):
            layer = nn.Linear(reduce(features).shape[1], classes, bias=False)
            counts.append(layer.weight.numel())
    return counts[0] - counts[1]


def torch_segmentation_loss(exponents: Any, labels: Any, void: Any) -> float:
    """torch's cross_entropy with ignore_index, on logits that give the labelled class the probability 2^-exponent."""
    import torch

    logits = torch.full((1, 3, len(labels)), 0.0, dtype=torch.float64)
    target = torch.tensor([list(labels)])
    for k, (exponent, label) in enumerate(zip(exponents, labels, strict=True)):
        chance = 2.0**-exponent
        rest = torch.tensor((1 - chance) / 2, dtype=torch.float64)
        logits[0, :, k] = rest.clamp(min=1e-300).log()
        logits[0, label, k] = torch.tensor(chance, dtype=torch.float64).log()
    target[0, list(void)] = -1
    return float(torch.nn.functional.cross_entropy(logits, target, ignore_index=-1))


def torch_heatmap_peak(heatmap: Any, stride: int) -> list[int]:
    """x and y of the largest entry, by torch's max over the columns and then over the rows."""
    import torch

    values = torch.tensor(heatmap, dtype=torch.float64)
    x = int(values.max(dim=0).values.argmax())
    y = int(values.max(dim=1).values.argmax())
    return [stride * x, stride * y]


def torch_keypoint_heads(
    points: int, side: int, reduction: int, coordinates: int, numbers: int, mover: str
) -> list[bool]:
    """Four statements on a regression head and a heatmap head, tried with random weights."""
    import torch

    torch.manual_seed(0)
    nn = torch.nn
    trunk = nn.Conv2d(1, 2, 3, padding=1, padding_mode="circular")
    strided = nn.Conv2d(2, points, reduction, reduction)
    image = torch.rand(1, 1, side, side)
    shifted = image.roll(reduction, dims=-1)
    regress = nn.Sequential(nn.Flatten(), nn.Linear(side * side, 2 * points))

    def maps(x: torch.Tensor) -> torch.Tensor:
        heat: torch.Tensor = strided(torch.relu(trunk(x)))
        return heat

    heat, moved = maps(image).detach(), maps(shifted).detach()
    a, b = regress(image).detach(), regress(shifted).detach()
    along = {
        "heatmaps": torch.allclose(heat.roll(1, dims=-1), moved, atol=1e-5),
        "coordinates": torch.allclose(a + torch.tensor([reduction, 0] * points), b, atol=1e-3),
    }
    peaks = heat.flatten(2).argmax(-1).double() * reduction
    between = bool((peaks % 1 != 0).any()) and bool((a % 1 != 0).any())
    return [a.numel() == coordinates, heat.numel() == numbers, along[mover], between]


def fields_reach(stacks: Any, wanted: int) -> list[bool]:
    """Whether the gradient of one output of each stack of [kernel, stride] layers reaches that many inputs."""
    return [field_by_gradient(stack) >= wanted for stack in stacks]


def torch_upsampling_statements() -> list[bool]:
    """Four statements on upsampling: transposed convolution as inverse, learned bilinear weights, unpooling to all
    positions, overlap of 2 x 2 stamps with stride 2; tried in torch."""
    import torch

    functional, nn = torch.nn.functional, torch.nn
    torch.manual_seed(0)
    x, k = torch.rand(1, 1, 4, 4).double(), torch.rand(1, 1, 2, 2).double()
    back = functional.conv_transpose2d(functional.conv2d(x, k, stride=2), k, stride=2)
    learned = sum(p.numel() for p in nn.Upsample(scale_factor=2, mode="bilinear").parameters())
    peaks, where = functional.max_pool2d(x, 2, return_indices=True)
    spread = functional.max_unpool2d(peaks, where, [2, 2])
    ones = torch.ones(1, 1, 3, 3).double()
    hits = functional.conv_transpose2d(ones, torch.ones(1, 1, 2, 2).double(), stride=2)
    return [
        torch.allclose(back, x),
        learned > 0,
        bool((spread != 0).all()),
        bool((hits > 1).any()),
    ]
