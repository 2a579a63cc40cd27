"""Drawn scenes with masks: 240x240 colour images in which every pixel's class is known.

A scene has a background (sky, mountains, trees, buildings, grass, road, water) and objects from
shapes.yaml. As in hand-made masks, what lies along an object's edge is unlabelled, and so is a
patch here and there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from grader.code.hidden.classes import LABELS, UNLABELLED
from grader.code.hidden.drawing import ellipse, line, polygon, smooth_noise, soft
from question_bank.strict_yaml import load_typed, read_text

SIZE = 240
ENLARGED = 1.65  # objects fill a good part of the image, as in photographs of them
Array = np.ndarray[Any, Any]


def draw_scenes(rng: np.random.Generator, count: int) -> tuple[Array, Array]:
    """(count, 240, 240, 3) colours, uint8, and (count, 240, 240) labels from -1 to 22, int16."""
    names = sorted(_objects())
    images = np.empty((count, SIZE, SIZE, 3), np.uint8)
    labels = np.empty((count, SIZE, SIZE), np.int16)
    waiting: list[str] = []
    for number in range(count):
        if len(waiting) < len(names):
            # Every object comes up before any comes up for the second time.
            waiting += [str(name) for name in rng.permutation(names)]
        first = waiting.pop(0)
        scene = _Scene(rng, _floor_for(rng, first))
        others = [name for name in waiting if _fits(name, scene.floor)]
        chosen = [first, *others[: int(rng.integers(1, 3))]]
        for name in chosen[1:]:
            waiting.remove(name)
        scene.add_objects(chosen)
        images[number], labels[number] = scene.finish()
    return images, labels


def _floor_for(rng: np.random.Generator, name: str) -> str:
    on = _objects()[name].on
    if on == "water":
        return "water"
    return str(rng.choice(["grass", "grass", "road"] if on == "ground" else ["grass", "water"]))


def _fits(name: str, floor: str) -> bool:
    return _objects()[name].on in {"sky", "wall", "water" if floor == "water" else "ground"}


@dataclass(frozen=True)
class _Object:
    on: str
    size: tuple[float, float]
    colours: tuple[tuple[int, int, int], ...]
    parts: tuple[dict[str, Any], ...]


@cache
def _objects() -> dict[str, _Object]:
    path = Path(__file__).with_name("shapes.yaml")
    data = load_typed(read_text(path), path.name).data
    return {
        name: _Object(
            entry["on"],
            (entry["size"][0], entry["size"][1]),
            tuple((c[0], c[1], c[2]) for c in entry["colours"]),
            tuple(entry["parts"]),
        )
        for name, entry in data.items()
    }


class _Scene:
    """One image in the making: colours (240, 240, 3) as floats, and labels."""

    def __init__(self, rng: np.random.Generator, floor: str) -> None:
        self.rng, self.floor = rng, floor
        self.row, self.column = np.mgrid[0:SIZE, 0:SIZE].astype(np.float64)
        self.image = np.zeros((SIZE, SIZE, 3))
        self.labels = np.full((SIZE, SIZE), UNLABELLED, np.int16)
        self.horizon = rng.uniform(70, 130)
        self._sky()
        self._far()
        self._ground()

    def fill(self, coverage: Array, colour: Array, label: str) -> None:
        """Paint a background region."""
        self.image += coverage[..., None] * (colour - self.image)
        self.labels[coverage > 0.5] = LABELS[label]

    def texture(self, colour: tuple[float, float, float], strength: float, cells: int) -> Array:
        noise = smooth_noise(self.rng, (SIZE, SIZE), (cells, cells))
        return np.array(colour) * (1 + strength * noise)[..., None]

    def _varied(self, colour: tuple[float, ...], spread: float = 14) -> tuple[float, float, float]:
        red, green, blue = np.clip(np.array(colour) + self.rng.normal(0, spread, 3), 0, 255)
        return float(red), float(green), float(blue)

    def _sky(self) -> None:
        blue = self._varied((118, 168, 222) if self.rng.random() < 0.75 else (186, 190, 198))
        sky = self.texture(blue, 0.04, 3)
        sky += (255 - sky) * (0.75 * np.clip(self.row / 150, 0, 1))[..., None]
        clouds = np.clip(smooth_noise(self.rng, (SIZE, SIZE), (7, 3)) - 0.15, 0, 1)
        sky += (250 - sky) * clouds[..., None]
        self.fill(np.ones((SIZE, SIZE)), sky, "sky")

    def _far(self) -> None:
        kind = self.rng.choice(["mountain", "tree", "building", "none"])
        ridge = smooth_noise(self.rng, (1, SIZE), (1, 5))[0]
        if kind == "mountain":
            top = self.horizon - 25 - 28 * ridge
            rock = self.texture(self._varied((112, 108, 122)), 0.25, 24)
            snow = np.clip((top + 14 - self.row) / 6, 0, 1)[..., None]
            self.fill(soft(self.row - top, 1.0), rock + (235 - rock) * snow, "mountain")
        elif kind == "tree":
            fine = smooth_noise(self.rng, (1, SIZE), (1, 40))[0]
            top = self.horizon - 22 - 14 * ridge - 6 * fine
            leaves = self.texture(self._varied((44, 84, 38)), 0.5, 60)
            self.fill(soft(self.row - top, 1.0), leaves, "tree")
        elif kind == "building":
            left = 0.0
            while left < SIZE:
                width = float(self.rng.uniform(30, 80))
                if self.rng.random() < 0.8:
                    self._house(left, width)
                left += width + float(self.rng.uniform(0, 24))

    def _house(self, left: float, width: float) -> None:
        top = self.horizon - float(self.rng.uniform(30, 65))
        wall = self._varied((168, 120, 96) if self.rng.random() < 0.5 else (196, 190, 178), 20)
        inside = np.minimum(self.column - left, left + width - self.column)
        coverage = soft(np.minimum(inside, self.row - top), 1.0)
        colour = self.texture(wall, 0.08, 40)
        across, down = (self.column - left) % 14, (self.row - top) % 17
        window = (across > 4) & (across < 11) & (down > 5) & (down < 14)
        colour[window] = self._varied((70, 84, 100), 10)
        self.fill(coverage, colour, "building")

    def _ground(self) -> None:
        base = {"grass": (88, 138, 58), "road": (128, 126, 128), "water": (58, 104, 142)}[
            self.floor
        ]
        ground = self.texture(self._varied(base, 10), 0.22, 70 if self.floor == "grass" else 30)
        if self.floor == "water":
            waves = np.sin(self.row / 2.5 + 3 * smooth_noise(self.rng, (SIZE, SIZE), (12, 5)))
            ground *= (1 + 0.08 * waves)[..., None]
        slope = self.horizon + 5 * smooth_noise(self.rng, (1, SIZE), (1, 3))[0]
        self.fill(soft(self.row - slope, 1.0), ground, self.floor)
        if self.floor == "grass" and self.rng.random() < 0.5:
            middle, drift = self.rng.uniform(60, 180), self.rng.uniform(-0.5, 0.5)
            depth = self.row - slope
            half = 5 + depth * self.rng.uniform(0.2, 0.35)
            path = soft(np.minimum(half - np.abs(self.column - middle - drift * depth), depth), 1.0)
            self.fill(path, self.texture(self._varied((136, 132, 132), 8), 0.12, 40), "road")

    def add_objects(self, names: list[str]) -> None:
        """Draw these, from the far ones to the near ones."""
        placed = [(name, self._place(_objects()[name])) for name in names]
        for name, (x, y, half) in sorted(placed, key=lambda entry: entry[1][1]):
            self._draw(name, _objects()[name], x, y, half)

    def _place(self, shape: _Object) -> tuple[float, float, float]:
        u = self.rng.uniform
        half = ENLARGED * float(u(*shape.size))
        x = float(u(half * 0.8, SIZE - half * 0.8))
        if shape.on == "sky":
            return x, float(u(half * 0.6, max(half * 0.6 + 1, self.horizon - half * 0.4))), half
        if shape.on == "wall":
            return x, float(u(half, SIZE - half)), half
        near = float(u(self.horizon + 40, SIZE + 8))
        # Perspective: what stands further up is further away.
        half *= 0.75 + 0.35 * (near - self.horizon) / (SIZE - self.horizon)
        return x, near - 0.8 * half, half

    def _draw(self, name: str, shape: _Object, x: float, y: float, half: float) -> None:
        rng = self.rng
        reach = int(np.ceil(half * 1.25)) + 3
        rows = slice(max(0, int(y) - reach), min(SIZE, int(y) + reach))
        columns = slice(max(0, int(x) - reach), min(SIZE, int(x) + reach))
        tilt, flip = rng.normal(0, 0.06), rng.choice([-1.0, 1.0])
        dx, dy = (self.column[rows, columns] - x) / half, (self.row[rows, columns] - y) / half
        px = flip * (np.cos(tilt) * dx + np.sin(tilt) * dy) / rng.uniform(0.88, 1.12)
        py = -np.sin(tilt) * dx + np.cos(tilt) * dy
        own = self._varied(shape.colours[int(rng.integers(len(shape.colours)))], 12)
        light = 1 - 0.22 * py + rng.uniform(-0.12, 0.12)
        grain = 1 + 0.10 * smooth_noise(rng, dx.shape, (max(2, int(half / 3)),) * 2)
        pixel = 1 / half
        covered = np.zeros(dx.shape)
        image = self.image[rows, columns]
        for part in shape.parts:
            coverage = _coverage(part, px, py, pixel)
            colour = np.array(part.get("colour", own)) * part.get("tone", 1.0)
            painted = np.clip(colour * (light * grain)[..., None], 0, 255)
            image += coverage[..., None] * (painted - image)
            covered = np.maximum(covered, coverage)
        labels = self.labels[rows, columns]
        edge = _near_an_edge(covered > 0.5)
        labels[edge] = UNLABELLED
        labels[(covered > 0.5) & ~edge] = LABELS[name]

    def finish(self) -> tuple[Array, Array]:
        """The image with light, noise and an unlabelled patch; the labels."""
        rng = self.rng
        if rng.random() < 0.5:
            x, y = rng.uniform(0, SIZE, 2)
            radii = (rng.uniform(6, 16), rng.uniform(6, 16))
            self.labels[ellipse(self.column, self.row, (x, y), radii, 1.0) > 0.5] = UNLABELLED
        image = self.image * rng.uniform(0.85, 1.1) + rng.normal(
            0, rng.uniform(2, 7), (SIZE, SIZE, 1)
        )
        return np.clip(np.rint(image), 0, 255).astype(np.uint8), self.labels


def _coverage(part: dict[str, Any], x: Array, y: Array, pixel: float) -> Array:
    if "ellipse" in part:
        cx, cy, across, down = part["ellipse"]
        return ellipse(x, y, (cx, cy), (across, down), pixel)
    if "polygon" in part:
        numbers = part["polygon"]
        return polygon(x, y, list(zip(numbers[::2], numbers[1::2], strict=True)), pixel)
    if "line" in part:
        ax, ay, bx, by, width = part["line"]
        return line(x, y, (ax, ay), (bx, by), width, pixel)
    cx, cy, radius, width = part["ring"]
    return soft(width / 2 - np.abs(np.hypot(x - cx, y - cy) - radius), pixel)


def _near_an_edge(inside: Array) -> Array:
    """Pixels whose neighbourhood is partly inside and partly outside."""
    padded = np.pad(inside, 1, mode="edge")
    shape = inside.shape
    around = [
        padded[1 + r : 1 + r + shape[0], 1 + c : 1 + c + shape[1]]
        for r in (-1, 0, 1)
        for c in (-1, 0, 1)
    ]
    edge: Array = np.logical_or.reduce(around) & ~np.logical_and.reduce(around)
    return edge
