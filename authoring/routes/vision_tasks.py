"""Lecture 1 by torch's layers, by counting, and by listing every small scene."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any


def image_count_matches(entries: int, levels: int, terms: Any) -> list[bool]:
    """Whether factor * base^exponent, for each [factor, base, exponent], is the number of images.

    The images are numbered from 0 by reading their entries as the digits of a number: the last has the largest
    digit everywhere, and its number plus one is the count.
    """
    last = 0
    for _ in range(entries):
        last = last * levels + (levels - 1)
    return [factor * base**exponent == last + 1 for factor, base, exponent in terms]


def torch_task_outputs(height: int, width: int, classes: int, boxes: int) -> list[int]:
    """Entries that heads of torch layers put out for one image: classes, boxes, pixels."""
    import torch

    features = 3
    vector, volume = torch.zeros(1, features), torch.zeros(1, features, height, width)
    corners, scores = (
        torch.nn.Linear(features, boxes * 4),
        torch.nn.Linear(features, boxes * classes),
    )
    return [
        torch.nn.Linear(features, classes)(vector).numel(),
        torch.cat([corners(vector), scores(vector)], dim=1).numel(),
        torch.nn.Conv2d(features, classes, kernel_size=1)(volume).numel(),
    ]


def torch_top_k_errors(rankings: Sequence[Sequence[str]], labels: Any, ks: Any) -> list[float]:
    """Top-k errors by torch's topk on scores that fall along each ranking."""
    import torch

    classes = sorted(set(rankings[0]))
    scores = torch.tensor([[-float(r.index(c)) for c in classes] for r in rankings])
    truth = torch.tensor([classes.index(label) for label in labels])
    return [
        1 - float((scores.topk(k).indices == truth[:, None]).any(dim=1).double().mean()) for k in ks
    ]


def operating_point_costs(
    positives: int, percents: Any, missed_cost: int, alarm_cost: int
) -> list[float]:
    """Total cost for each [recall, precision] in percent, by searching the confusion matrix that fits."""
    costs = []
    for recall, precision in percents:
        fits = [
            (found, alarms)
            for found in range(1, positives + 1)
            for alarms in range(20 * positives)
            if found * 100 == recall * positives and found * 100 == precision * (found + alarms)
        ]
        if len(fits) != 1:
            raise ValueError(f"{len(fits)} confusion matrices fit")
        found, alarms = fits[0]
        costs.append(float((positives - found) * missed_cost + alarms * alarm_cost))
    return costs


Animal = tuple[str, int, int]
Scene = tuple[tuple[Animal, ...], tuple[int, ...]]


def read_off_map(numbered: bool) -> list[bool]:
    """What a label map determines, by listing all scenes on a strip of six pixels with one dog and some sheep.

    The share of sheep pixels; the number of sheep; the extent of the dog; which sheep is nearest to the camera.
    `numbered`: each pixel carries the number of its animal beside its class.
    """
    seen: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for animals, nearness in _scenes(6):
        strip = ["."] * 6
        for number, (kind, first, last) in enumerate(animals):
            for pixel in range(first, last + 1):
                strip[pixel] = f"{kind}{number}" if numbered else kind
        sheep = [i for i, animal in enumerate(animals) if animal[0] == "S"]
        facts = (
            sum(last - first + 1 for kind, first, last in animals if kind == "S"),
            len(sheep),
            next((first, last) for kind, first, last in animals if kind == "D"),
            animals[max(sheep, key=lambda i: nearness[i])] if sheep else None,
        )
        seen.setdefault(tuple(strip), []).append(facts)
    return [all(len({f[i] for f in facts}) == 1 for facts in seen.values()) for i in range(4)]


def _scenes(pixels: int) -> Iterator[Scene]:
    """Animals side by side from left to right, which may touch, in every order of distance."""
    for animals in _rows(0, pixels):
        if [kind for kind, _, _ in animals].count("D") == 1 and len(animals) <= 4:
            for nearness in itertools.permutations(range(len(animals))):
                yield animals, nearness


def _rows(start: int, pixels: int) -> Iterator[tuple[Animal, ...]]:
    yield ()
    for first in range(start, pixels):
        for last in range(first, pixels):
            for rest in _rows(last + 1, pixels):
                for kind in "SD":
                    yield ((kind, first, last), *rest)
