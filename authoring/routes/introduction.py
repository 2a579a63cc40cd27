"""Lecture 1, motivation and applications: words looked up, rankings listed, pixels counted."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any


def nesting_claims(systems: Sequence[str], claimed: Sequence[int], upward: bool) -> list[bool]:
    """Claims on three systems (0: AI alone, 1: machine learning, 2: deep learning), and on the nesting.

    A system learns where it is fitted to something, and is deep where its description counts layers.
    """
    sets = [
        {"AI"}
        | ({"ML"} if " fitted to " in text else set())
        | ({"DL"} if " layers" in text else set())
        for text in systems
    ]
    claims = [{"AI"}, {"AI", "ML"}, {"AI", "ML", "DL"}]
    return [own == claims[c] for own, c in zip(sets, claimed, strict=True)] + [upward]


_PAPERS = {
    # Year and month of the paper: Proceedings of the IEEE 86(11); NIPS 2012; arXiv 1409.1556; arXiv 1512.03385.
    "handwritten digits": ("LeNet-5", 1998 * 12 + 11),
    "ImageNet challenge": ("AlexNet", 2012 * 12 + 12),
    "3 × 3": ("VGG-16", 2014 * 12 + 9),
    "shortcuts": ("ResNet-152", 2015 * 12 + 12),
}


def milestone_claims(
    described: Sequence[str],
    pair: Sequence[int],
    named: int,
    name: str,
    last: int,
    gap: Sequence[int],
) -> list[bool]:
    """Claims on four networks by the month of their papers, found by a word of each description."""
    found = [next(p for word, p in _PAPERS.items() if word in text) for text in described]
    months = [month for _, month in found]
    return [
        months[pair[0]] < months[pair[1]],
        found[named][0] == name,
        months[last] == max(months),
        abs(months[gap[0]] - months[gap[1]]) > 120,
    ]


def data_curve_claims(
    a: Any, b: Any, images: int, named: str, steeper: Any, goal: float, quick: str, flat: str
) -> list[bool]:
    """Claims on two curves of errors, from their values on a fine grid."""
    import numpy as np

    x = np.linspace(5, 60, 5501)
    curves = {
        name: np.interp(x, *np.array(points, dtype=float).T)
        for name, points in (("A", a), ("B", b))
    }

    def at(name: str, place: float) -> float:
        return float(curves[name][np.argmin(np.abs(x - place))])

    def reached(name: str) -> float:
        return float(x[np.argmax(curves[name] <= goal)])

    falls = {name: at(name, 5) - at(name, 60) for name in curves}
    slow = "B" if quick == "A" else "A"
    if abs(reached("A") - reached("B")) < 0.3:
        raise ValueError("too close to be read off")
    return [
        at(named, images) == min(at("A", images), at("B", images)),
        falls[steeper[0]] > falls[steeper[1]],
        reached(quick) < reached(slow),
        abs(at(flat, 40) - at(flat, 60)) < 1e-9,
    ]


def numpy_camera_rate(height: int, width: int, rate: int, cameras: int) -> float:
    """Megabytes per second, by the bytes of one array that holds an image."""
    import numpy as np

    return np.zeros((height, width, 3), dtype=np.uint8).nbytes / 1e6 * rate * cameras


_SIGNS_OF_DIFFICULTIES = {
    "viewpoint": ("from the front and from the side", "from all sides"),
    "illumination": ("weak lamp", "at dusk"),
    "occlusion": ("behind a curtain", "hides"),
    "deformation": ("curled up", "doing the splits"),
    "background clutter": ("on bark", "on snow"),
    "variation within the class": ("chairs all", "Danes all"),
}


def difficulty_numbers(described: Sequence[str], numbered: Sequence[str]) -> list[int]:
    """The number of the difficulty whose words stand in each description."""
    found = []
    for text in described:
        fits = [n for n, words in _SIGNS_OF_DIFFICULTIES.items() if any(w in text for w in words)]
        if len(fits) != 1:
            raise ValueError(f"{len(fits)} difficulties fit: {text}")
        found.append(list(numbered).index(fits[0]) + 1)
    return found


def torch_pixel_distances(image: Any, others: Any) -> list[float]:
    """Sums of absolute differences, by torch's pairwise distance with p = 1."""
    import torch

    rows = torch.tensor([[float(e) for line in p for e in line] for p in (image, *others)])
    return [float(d) for d in torch.cdist(rows[:1], rows[1:], p=1)[0]]


def float_training_time(amount: int, power: int, speed: Any) -> float:
    """Seconds for amount * 10^power operations at speed[0] * 10^speed[1] per second, in floating point."""
    return float(f"{amount}e{power}") / float(f"{speed[0]}e{speed[1]}")


def searched_task(height: int, width: int, maps: int, listed: int) -> list[int]:
    """The only numbers of classes and boxes that fit both counts of outputs, by trying them."""
    fits = [
        [classes, boxes]
        for classes in range(1, 60)
        if sum(classes for _ in range(height * width)) == maps
        for boxes in range(1, 200)
        if sum(4 + classes for _ in range(boxes)) == listed
    ]
    if len(fits) != 1:
        raise ValueError(f"{len(fits)} tasks fit")
    return fits[0]


def enumerated_baselines(shares: Sequence[int], k: int) -> list[float]:
    """Top-1 and top-k error of the ranking by frequency, and the mean top-k error of all rankings."""
    classes = range(len(shares))

    def error(ranking: Sequence[int], places: int) -> float:
        return sum(shares[c] for c in classes if c not in ranking[:places]) / 100

    frequent = sorted(classes, key=lambda c: -shares[c])
    rankings = list(itertools.permutations(classes))
    mean = sum(error(r, k) for r in rankings) / len(rankings)
    return [error(frequent, 1), error(frequent, k), mean]


def numpy_belt(
    height: int,
    width: int,
    classes: int,
    factor: int,
    spacing: int,
    speed: int,
    hours: int,
    thousands: int,
) -> list[Any]:
    """Entries, gigabytes, parameters, the first and third for small images, time and number of images.

    By the sizes of arrays and of torch's linear layer, and by the clock of a belt.
    """
    import numpy as np
    import torch

    image = np.zeros((height, width, 3), dtype=np.uint8)
    small = image[::factor, ::factor]

    def parameters(pixels: Any) -> int:
        layer = torch.nn.Linear(pixels.size, classes, device="meta")
        return sum(p.numel() for p in layer.parameters())

    pause = spacing / speed
    return [
        image.size,
        image.nbytes * thousands / 1e6,
        parameters(image),
        [small.size, parameters(small)],
        [pause * 1e3, round(hours * 60 * 60 / pause, 6)],
    ]


def sorted_waste(counts: Any, danger: int, review: int) -> list[Any]:
    """Error, [recall, precision] of the last class, cost, error without the first two, cost with looks.

    Image by image, from a list of pairs (truth, prediction).
    """
    pairs = [(t, p) for t in range(3) for p in range(3) for _ in range(counts[t][p])]
    total = len(pairs)

    def cost(truth: int, said: int) -> int:
        if truth == said:
            return 0
        return danger if truth == 2 else 1

    said_battery = [t for t, p in pairs if p == 2]
    battery = [p for t, p in pairs if t == 2]
    return [
        sum(t != p for t, p in pairs) / total,
        [battery.count(2) / len(battery), said_battery.count(2) / len(said_battery)],
        sum(cost(t, p) for t, p in pairs),
        sum((t == 2) != (p == 2) for t, p in pairs) / total,
        sum(review if p == 1 else cost(t, p) for t, p in pairs),
    ]


def task_outputs_of_heads(size: Any, classes: int, boxes: int) -> list[int]:
    """Entries that a segmentation head and a detection head of torch layers put out for one image."""
    import torch

    volume = torch.zeros(1, 3, size[1], size[0])
    scores = torch.nn.Conv2d(3, classes, kernel_size=1)(volume)
    corners, labels = torch.nn.Linear(3, boxes * 4), torch.nn.Linear(3, boxes * classes)
    pooled = volume.mean(dim=(2, 3))
    return [scores.numel(), corners(pooled).numel() + labels(pooled).numel()]


def painted_masks(size: Any, truth: Any, guess: Any) -> list[Any]:
    """[found, wrong, missed], share of right pixels, overlap, and the last two for an empty mask."""
    import numpy as np

    def mask(box: Any) -> Any:
        painted = np.zeros((size[1], size[0]), dtype=bool)
        painted[box[1] : box[3], box[0] : box[2]] = True
        return painted

    s, p, none = mask(truth), mask(guess), np.zeros((size[1], size[0]), dtype=bool)

    def scores(said: Any) -> list[float]:
        return [float((said == s).mean()), float((said & s).sum() / (said | s).sum())]

    found = [int((s & p).sum()), int((p & ~s).sum()), int((s & ~p).sum())]
    return [found, *scores(p), scores(none)]
