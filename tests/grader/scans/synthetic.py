"""Printed answer sheets with marks by hand, as a scanner or a camera sees them: for tests and the benchmark.

Everything comes from a random source that the caller seeds. Places are millimetres on the page.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Mark = Literal["empty", "cross", "filled", "circled"]
CHECKED: Mapping[Mark, bool] = {"empty": False, "cross": True, "filled": False, "circled": True}
DPI = 300
"""Of the clean page that marks are drawn on."""
_SHIFT = 4


@dataclass(frozen=True)
class Pen:
    """Width in millimetres, and how dark it is (1 black)."""

    width: float
    dark: float


THIN = Pen(0.3, 0.6)
HEAVY = Pen(1.0, 1.0)


def any_pen(random: Generator) -> Pen:
    """From a hard pencil to a felt pen."""
    return Pen(float(random.uniform(0.25, 1.0)), float(random.uniform(0.5, 1.0)))


class Hand:
    """Draws on a clean page at `DPI`."""

    def __init__(self, page: Grey, random: Generator) -> None:
        self.page, self.random = page.copy(), random

    def mark(self, kind: Mark, x: float, y: float, side: float, pen: Pen) -> None:
        """Draw a mark at a box with this centre."""
        if kind == "cross":
            self._cross(x, y, side, pen)
        elif kind in ("filled", "circled"):
            if self.random.random() < 0.7:
                self._cross(x, y, side, pen)
            self._fill(x, y, side, pen)
        if kind == "circled":
            self._circle(x, y, side, pen)

    def stroke(self, points: list[tuple[float, float]], pen: Pen) -> None:
        """A line through points, with the hand's slight tremor."""
        scale = DPI / 25.4
        wobble = self.random.normal(0, 0.04, (len(points), 2))
        path = np.round((np.array(points) + wobble) * scale * (1 << _SHIFT)).astype(np.int32)
        width = max(1, round(pen.width * scale))
        ink = np.full_like(self.page, 255)
        cv2.polylines(ink, [path], False, round(255 * (1 - pen.dark)), width, cv2.LINE_AA, _SHIFT)
        np.minimum(self.page, ink, out=self.page)

    def _cross(self, x: float, y: float, side: float, pen: Pen) -> None:
        reach = side * self.random.uniform(0.36, 0.6)
        x += self.random.normal(0, 0.05 * side)
        y += self.random.normal(0, 0.05 * side)
        for slope in (1, -1):
            (a, b), (c, d) = self.random.normal(0, 0.05 * side, (2, 2))
            ends = [(x - reach + a, y - slope * reach + b), (x + reach + c, y + slope * reach + d)]
            middle = tuple(sum(each) / 2 for each in zip(*ends, strict=True))
            self.stroke([ends[0], middle, ends[1]], pen)

    def _fill(self, x: float, y: float, side: float, pen: Pen) -> None:
        wide = Pen(max(pen.width, 0.5), max(pen.dark, 0.65))
        # Not always to the edge, and with gaps that a quick hand leaves.
        half = side / 2 - wide.width / 4 - self.random.uniform(0, 0.04) * side
        turned = self.random.random() < 0.5
        points, along, step = [], -half, wide.width * self.random.uniform(0.6, 1.02)
        way = 1
        while along <= half:
            across = half * way * self.random.uniform(0.95, 1.06)
            points += [(along, -across), (along, across)]
            along, way = along + step, -way
        self.stroke([(x + (b if turned else a), y + (a if turned else b)) for a, b in points], wide)

    def _circle(self, x: float, y: float, side: float, pen: Pen) -> None:
        across, down = (
            side * self.random.uniform(0.72, 0.85),
            side * self.random.uniform(0.72, 0.82),
        )
        start, round_ = self.random.uniform(0, 6.28), self.random.uniform(6.1, 6.6)
        x += self.random.normal(0, 0.02 * side)
        y += self.random.normal(0, 0.02 * side)
        turns = [start + round_ * i / 40 for i in range(41)]
        self.stroke([(x + across * math.cos(t), y + down * math.sin(t)) for t in turns], pen)


@dataclass(frozen=True)
class Look:
    """What happens to a page between the hand and the file."""

    dpi: float = 200.0
    skew: float = 0.0  # degrees
    quarter_turns: int = 0
    shade: float = 0.0  # darkness of the darkest corner
    fold: float = 0.0  # how far the page is out of its plane at the fold, in millimetres
    noise: float = 0.0  # standard deviation of grey values
    blur: float = 0.0  # of the lens, in millimetres
    jpeg: int | None = None
    torn: tuple[int, ...] = ()  # corners: 0 top left, clockwise
    contrast: float = 1.0
    perspective: float = 0.0  # of a photograph: how far corners lie apart, as a share of the page


def any_look(random: Generator, *, torn: tuple[int, ...] = ()) -> Look:
    """From a good office scanner to a bad one."""
    return Look(
        dpi=float(random.choice([100, 120, 150, 200, 240, 300])),
        skew=float(random.uniform(-5, 5)),
        quarter_turns=int(random.choice([0, 0, 0, 1, 2, 3])),
        shade=float(random.uniform(0, 0.35)),
        fold=float(random.choice([0, 0, 0, 0.4, 0.8])),
        noise=float(random.uniform(0, 9)),
        blur=float(random.uniform(0, 0.12)),
        jpeg=int(random.choice([40, 60, 75, 90])),
        torn=torn,
        contrast=float(random.uniform(0.7, 1.0)),
    )


def seen(page: Grey, look: Look, random: Generator) -> Grey:
    """The page as the scanner's file holds it."""
    height, width = page.shape
    image = page.astype(np.float32)
    if look.fold:
        image = _folded(image, look.fold, random)
    if look.torn:
        _tear(image, look.torn, random)
    image = 255 - (255 - image) * look.contrast
    matrix, size = _moved(width, height, look, random)
    sigma = max(DPI / look.dpi * 0.42, look.blur / 25.4 * DPI)
    image = np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)
    moved = cv2.warpPerspective(image, matrix, size, flags=cv2.INTER_LINEAR, borderValue=252)
    image = np.asarray(moved, np.float32)
    if look.shade:
        down, across = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
        turn = random.uniform(0, 6.28)
        slope = (across / size[0] - 0.5) * math.cos(turn) + (down / size[1] - 0.5) * math.sin(turn)
        image *= 1 - look.shade * (slope + 0.71) / 1.42
    if look.noise:
        image += random.normal(0, look.noise, image.shape).astype(np.float32)
    grey = np.clip(image, 0, 255).astype(np.uint8)
    grey = np.ascontiguousarray(np.rot90(grey, look.quarter_turns))
    if look.jpeg is not None:
        coded = np.frombuffer(jpeg(grey, look.jpeg), np.uint8)
        grey = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.uint8)
    return grey


def jpeg(grey: Grey, quality: int) -> bytes:
    """The picture as a JPEG file."""
    return bytes(cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])


def pdf(pictures: list[Grey], dpi: float = 200.0, quality: int = 90) -> bytes:
    """A scanner's PDF: a picture a page."""
    from PIL import Image

    out = io.BytesIO()
    pages = [Image.fromarray(each) for each in pictures]
    pages[0].save(
        out, "PDF", save_all=True, append_images=pages[1:], resolution=dpi, quality=quality
    )
    return out.getvalue()


def _moved(
    width: int, height: int, look: Look, random: Generator
) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """The map from the clean page to the scan, and the scan's size: skew about the centre, a bed a bit larger."""
    scale = look.dpi / DPI
    size = (round(width * scale * 1.05), round(height * scale * 1.05))
    turn = math.radians(look.skew)
    shift = random.uniform(-0.008, 0.008, 2) * size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    centred = (corners - [width / 2, height / 2]) * scale
    rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    # A sheet that lies askew leaves the bed at its corners: software then scans a larger area.
    grown = 1 / (1 + abs(math.sin(turn)) * 0.35) if look.perspective else 1.0
    placed = centred @ rotation.T * grown + np.array(size) / 2 + shift
    if look.perspective:
        placed += random.uniform(-1, 1, (4, 2)) * look.perspective * size[0]
        placed = (placed - np.array(size) / 2) * 0.9 + np.array(size) / 2
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), placed.astype(np.float32))
    return np.asarray(matrix, np.float64), size


def _folded(image: NDArray[np.float32], out: float, random: Generator) -> NDArray[np.float32]:
    """A page that was folded once: the halves tilt, and the crease has a shadow."""
    height, width = image.shape
    at = random.uniform(0.3, 0.7) * height
    rows = np.arange(height, dtype=np.float32)
    mm = DPI / 25.4
    # Nearer the crease the paper stands out of the plane, and is seen shifted and a little larger.
    lift = np.exp(-np.abs(rows - at) / (60 * mm)) * out * mm
    across = np.arange(width, dtype=np.float32)[None, :] + (lift * random.choice([-1, 1]))[:, None]
    down = np.repeat((rows + lift * 0.5)[:, None], width, axis=1)
    moved = cv2.remap(
        image, across.astype(np.float32), down.astype(np.float32), cv2.INTER_LINEAR, borderValue=255
    )
    shadow = 1 - 0.18 * np.exp(-(((rows - at) / (0.4 * mm)) ** 2))
    result: NDArray[np.float32] = (moved * shadow[:, None]).astype(np.float32)
    return result


def _tear(image: NDArray[np.float32], corners: tuple[int, ...], random: Generator) -> None:
    height, width = image.shape
    places = [(0, 0), (width, 0), (width, height), (0, height)]
    for corner in corners:
        x, y = places[corner]
        across = random.uniform(0.14, 0.2) * width * (1 if x == 0 else -1)
        down = random.uniform(0.1, 0.14) * height * (1 if y == 0 else -1)
        ragged = [(x + across, y), (x + across * 0.55, y + down * 0.6), (x, y + down)]
        torn = np.array([(x, y), *ragged], np.int32)
        cv2.fillPoly(image, [torn], float(random.uniform(225, 255)))
