"""A page's boxes as small pictures of one size: the paper straight, flat and evenly lit, whatever the scan was like.

What is measured is darkness: 0 where the paper is bare, 1 where it is as black as the print.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from grader.scans.layout import Box, Digit, SheetPage
    from grader.scans.markers import PageMap

Grey = NDArray[np.uint8]
Dark = NDArray[np.float32]

SIDE = 40
"""Dots along the side of a box in its small picture."""
AROUND = 0.5
"""How much of the paper around a box its picture shows, in sides of the box."""
SIZE = round(SIDE * (1 + 2 * AROUND))

DOTS_A_MM = 8.0
"""Of a page that was made straight."""
_MARGIN = 8.0  # millimetres around the boxes
_SHADE = 8  # dots of the straight page for one of the picture that light is measured in
# Light is that of the brightest paper within so many millimetres: more than a filled and circled box measures.
_LIGHT = 17.0
# Boxes are searched for within so many millimetres of where the markers put them: folds bend a page.
_REACH = 1.5
_SEEN = 0.5  # how well a frame must match to say where its box lies
_NEIGHBOURS = 5


@dataclass(frozen=True)
class Boxes:
    """Small pictures of boxes, (n, SIZE, SIZE), the box in the middle; `seen` is how well each frame was found.

    `noise` is the standard deviation of bare paper, `black` the darkness of print before it was made 1.
    """

    pictures: Dark
    seen: NDArray[np.float64]
    noise: float
    black: float


def box_pictures(picture: Grey, sheet: SheetPage, where: PageMap) -> Boxes:
    """The boxes of a page of the answer sheet, in the order of the layout."""
    boxes = sheet.all_boxes
    centres = np.array([box.center for box in boxes], np.float64)
    sides = np.array([box.side for box in boxes], np.float64)
    low = centres.min(axis=0) - sides.max() - _MARGIN
    high = centres.max(axis=0) + sides.max() + _MARGIN
    straight = _straight(picture, where, low, high)
    black = _black(picture, sheet, where)
    dark = _darkness(straight, black)
    noise = _noise(dark)
    smooth = np.asarray(cv2.GaussianBlur(dark, (0, 0), 0.13 * DOTS_A_MM), np.float32)
    places = (centres - low) * DOTS_A_MM - 0.5
    shifts, seen = _shifts(smooth, places, sides * DOTS_A_MM)
    places += _agreed(places, shifts, seen)
    cut = [_cut(smooth, place, side) for place, side in zip(places, sides, strict=True)]
    return Boxes(np.stack(cut), seen, noise, black)


def cut_out(picture: Grey, where: PageMap, boxes: Sequence[Box | Digit], around: float) -> Grey:
    """A straight picture of some boxes and `around` millimetres about them, as the scan has them."""
    centres = np.array([box.center for box in boxes], np.float64)
    side = max(box.side for box in boxes)
    low, high = centres.min(axis=0) - side / 2 - around, centres.max(axis=0) + side / 2 + around
    return _straight(picture, where, low, high)


def _straight(
    picture: Grey, where: PageMap, low: NDArray[np.float64], high: NDArray[np.float64]
) -> Grey:
    """The part of the page between two places, `DOTS_A_MM` to the millimetre."""
    scale = 1 / DOTS_A_MM
    # Dots have their place in their middle.
    to_mm = np.array(
        [[scale, 0, low[0] + scale / 2], [0, scale, low[1] + scale / 2], [0, 0, 1]], np.float64
    )
    size = (np.ceil((high - low) * DOTS_A_MM)).astype(int)
    return np.asarray(
        cv2.warpPerspective(
            picture, where.matrix @ to_mm, (int(size[0]), int(size[1])),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )  # fmt: skip


def _darkness(straight: Grey, black: float) -> Dark:
    """Grey values as darkness: against the paper around, and against what is black here."""
    height, width = straight.shape
    small = cv2.resize(
        straight, (max(1, width // _SHADE), max(1, height // _SHADE)), interpolation=cv2.INTER_AREA
    )
    reach = 2 * round(_LIGHT * DOTS_A_MM / _SHADE / 2) + 1
    light = cv2.dilate(small, np.ones((reach, reach), np.uint8))
    light = cv2.GaussianBlur(light.astype(np.float32), (0, 0), reach / 4)
    light = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    dark = 1 - straight.astype(np.float32) / np.maximum(light, 1.0)
    return np.asarray(np.clip(dark / black, -0.5, 1.2), np.float32)


def _black(picture: Grey, sheet: SheetPage, where: PageMap) -> float:
    """How dark print is beside bare paper, from the frames of the markers; 0.3 at least."""
    found = []
    for marker in sheet.markers:
        if marker.aruco_4x4 not in where.found:
            continue
        x, y = marker.center
        frame = marker.side * (0.5 - 1 / 12)  # the middle of the black frame, a module wide
        bare = marker.side * (0.5 + 1 / 6)
        dark, light = (_around(picture, where, x, y, reach) for reach in (frame, bare))
        found.append(1 - float(np.median(dark)) / max(float(np.median(light)), 1.0))
    return max(0.3, float(np.median(found)))


def _around(picture: Grey, where: PageMap, x: float, y: float, reach: float) -> NDArray[np.uint8]:
    """Grey values along a square about a place."""
    steps = np.linspace(-reach, reach, 17)
    edge = np.full_like(steps, reach)
    across = np.concatenate([steps, steps, edge, -edge]) + x
    down = np.concatenate([edge, -edge, steps, steps]) + y
    dots = where.dots(np.stack([across, down], axis=1)).astype(np.float32)
    values = cv2.remap(
        picture, dots[:, :1], dots[:, 1:], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(values.ravel(), np.uint8)


def _noise(dark: Dark) -> float:
    """The standard deviation of bare paper, from what differs between neighbouring dots a little apart."""
    apart = dark[::3, 4::4] - dark[::3, :-4:4]
    return float(np.median(np.abs(apart)) / 0.6745 / np.sqrt(2))


def _shifts(
    dark: Dark, places: NDArray[np.float64], sides: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far each frame lies from its place, in dots, and how well it matches (1: like print)."""
    # At half the size: a frame is wide enough for it, and between dots a parabola finds the place.
    half_size = (dark.shape[1] // 2, dark.shape[0] // 2)
    small = np.asarray(cv2.resize(dark, half_size, interpolation=cv2.INTER_AREA), np.float32)
    reach = round(_REACH * DOTS_A_MM / 2)
    shifts, seen = np.zeros_like(places), np.zeros(len(places))
    templates: dict[float, Dark] = {}
    for index, (place, side) in enumerate(zip((places - 0.5) / 2, sides / 2, strict=True)):
        template = templates.setdefault(side, _frame(side))
        whole = np.round(place).astype(int)
        corner = whole - template.shape[0] // 2 - reach
        size = template.shape[0] + 2 * reach
        part = small[corner[1] : corner[1] + size, corner[0] : corner[0] + size]
        if part.shape != (size, size):
            continue
        match = cv2.matchTemplate(part, template, cv2.TM_CCOEFF_NORMED)
        _, best, _, at = cv2.minMaxLoc(match)
        shifts[index] = (_between(match, at[0], at[1]) - reach - (place - whole)) * 2
        seen[index] = best
    return shifts, seen


def _between(match: NDArray[Any], column: int, row: int) -> NDArray[np.float64]:
    """The place of the best match to a fraction of a dot."""
    found = [float(column), float(row)]
    for axis, line, at in ((0, match[row], column), (1, match[:, column], row)):
        if 0 < at < len(line) - 1:
            before, here, after = (float(value) for value in line[at - 1 : at + 2])
            bend = before - 2 * here + after
            found[axis] += 0.0 if bend >= 0 else 0.5 * (before - after) / bend
    return np.array(found)


def _frame(side: float) -> Dark:
    """A printed frame at half the size, its middle in the middle."""
    half = int(side // 2) + 2
    steps = np.abs(np.arange(-half, half + 1, dtype=np.float32))
    reach = np.maximum(steps[:, None], steps[None, :]) - side / 2
    return np.asarray(np.exp(-((reach / 0.75) ** 2)), np.float32)


def _agreed(
    places: NDArray[np.float64], shifts: NDArray[np.float64], seen: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The shift of each box: the median of the nearest whose frames are well seen. Marks hide frames."""
    sure = np.flatnonzero(seen >= min(_SEEN, float(np.quantile(seen, 0.7))))
    if len(sure) < _NEIGHBOURS:
        return np.zeros_like(places)
    far = np.linalg.norm(places[:, None, :] - places[None, sure, :], axis=2)
    nearest = np.argsort(far, axis=1)[:, :_NEIGHBOURS]
    return np.asarray(np.median(shifts[sure[nearest]], axis=1), np.float64)


def _cut(dark: Dark, place: NDArray[np.float64], side: float) -> Dark:
    """The picture of one box, `SIDE` dots to its side."""
    scale = side * DOTS_A_MM / SIDE
    corner = place - scale * (SIZE - 1) / 2
    matrix = np.array([[scale, 0, corner[0]], [0, scale, corner[1]]], np.float64)
    return np.asarray(
        cv2.warpAffine(
            dark, matrix, (SIZE, SIZE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.float32,
    )  # fmt: skip
