"""Drawn faces with 15 keypoints: 96x96 grey images whose keypoints follow from the drawing.

Keypoints are in pixels, x to the right and y down, the centre of the top left pixel at (0, 0), in
the order of the course's CSV. Left and right are the face's own: its left eye is on the right-hand
side of the image, as in the course's data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.code.hidden.drawing import arc, blur, ellipse, polygon, smooth_noise, soft

SIZE = 96
KEYPOINTS = (
    "left_eye_center", "right_eye_center",
    "left_eye_inner_corner", "left_eye_outer_corner",
    "right_eye_inner_corner", "right_eye_outer_corner",
    "left_eyebrow_inner_end", "left_eyebrow_outer_end",
    "right_eyebrow_inner_end", "right_eyebrow_outer_end",
    "nose_tip", "mouth_left_corner", "mouth_right_corner",
    "mouth_center_top_lip", "mouth_center_bottom_lip",
)  # fmt: skip

Array = np.ndarray[Any, Any]


def draw_faces(rng: np.random.Generator, count: int) -> tuple[Array, Array]:
    """(count, 96, 96) grey values, uint8, and (count, 15, 2) keypoints in pixels, float64."""
    images = np.empty((count, SIZE, SIZE), np.uint8)
    keypoints = np.empty((count, len(KEYPOINTS), 2))
    for number in range(count):
        face = _Face.draw(rng)
        keypoints[number] = face.to_pixels(face.points())
        grey = _paint(rng, face)
        images[number] = np.clip(np.rint(grey), 0, 255).astype(np.uint8)
    return images, keypoints


@dataclass(frozen=True)
class _Face:
    """One face. Its own coordinates: the head is about 2 wide and 2.6 high, the nose at (0, 0.15)."""

    centre: Array
    scale: float  # pixels per unit
    tilt: float  # radians in the image's plane
    turn: float  # radians about the neck; positive shows more of the face's right side
    eye_height: float
    eye_distance: float
    eye_width: float
    eye_open: float
    brow_height: float
    brow_slope: float
    nose_length: float
    mouth_height: float
    mouth_width: float
    smile: float
    mouth_open: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> _Face:
        u = rng.uniform
        return cls(
            centre=np.array([u(42, 54), u(44, 54)]),
            scale=u(28, 37),
            tilt=rng.normal(0, 0.12),
            turn=float(np.clip(rng.normal(0, 0.15), -0.32, 0.32)),
            eye_height=u(-0.34, -0.22),
            eye_distance=u(0.40, 0.52),
            eye_width=u(0.17, 0.24),
            eye_open=u(0.45, 0.75),
            brow_height=u(0.20, 0.32),
            brow_slope=rng.normal(0, 0.05),
            nose_length=u(0.40, 0.56),
            mouth_height=u(0.58, 0.72),
            mouth_width=u(0.26, 0.42),
            smile=u(-0.06, 0.14),
            mouth_open=max(0.0, rng.normal(0.02, 0.07)),
        )

    def turned(self, x: float, y: float, ahead: float = 0.0) -> tuple[float, float]:
        """A point on the front of the head as it is seen; `ahead` is how far it stands out."""
        depth = np.sqrt(max(0.0, 1.21 - x * x)) + ahead
        return float(x * np.cos(self.turn) + depth * np.sin(self.turn)), y

    def points(self) -> Array:
        """(15, 2): the keypoints in the face's own coordinates."""
        # The face's left is at positive x.
        eyes = [self.turned(side * self.eye_distance, self.eye_height) for side in (1, -1)]
        corners = [
            self.turned(side * (self.eye_distance + way * self.eye_width), self.eye_height + down)
            for side in (1, -1)
            for way, down in ((-1, 0.02), (1, 0.0))
        ]
        height = self.eye_height - self.brow_height
        brows = [
            self.turned(side * (self.eye_distance + along), height + down)
            for side in (1, -1)
            for along, down in (
                (-0.25, 0.05 + self.brow_slope), (0.30, 0.06 - self.brow_slope)
            )
        ]  # fmt: skip
        nose = self.turned(0, self.eye_height + self.nose_length, ahead=0.28)
        mouth = [
            self.turned(side * self.mouth_width, self.mouth_height - self.smile) for side in (1, -1)
        ]
        top = self.turned(0, self.mouth_height - 0.07 - self.mouth_open / 2)
        bottom = self.turned(0, self.mouth_height + 0.10 + self.mouth_open / 2)
        return np.array([*eyes, *corners, *brows, nose, *mouth, top, bottom])

    def to_pixels(self, points: Array) -> Array:
        c, s = np.cos(self.tilt), np.sin(self.tilt)
        rotated = points @ np.array([[c, s], [-s, c]])
        return np.asarray(self.centre + self.scale * rotated)

    def grid(self) -> tuple[Array, Array]:
        """The pixels' centres in the face's own coordinates."""
        column, row = np.meshgrid(np.arange(SIZE), np.arange(SIZE))
        dx, dy = (column - self.centre[0]) / self.scale, (row - self.centre[1]) / self.scale
        c, s = np.cos(self.tilt), np.sin(self.tilt)
        return c * dx + s * dy, -s * dx + c * dy


def _paint(rng: np.random.Generator, face: _Face) -> Array:
    x, y = face.grid()
    pixel = 1.2 / face.scale
    u = rng.uniform
    image = u(30, 200) + 30 * smooth_noise(rng, (SIZE, SIZE), (3, 3))
    skin = u(95, 215)
    hair = u(15, 90) if u() < 0.8 else u(140, 220)
    lips = skin * u(0.55, 0.8)
    dark = skin * u(0.15, 0.4)

    def lay(coverage: Array, grey: float | Array, strength: float = 1.0) -> None:
        nonlocal image
        image = image + strength * coverage * (grey - image)

    lay(polygon(x, y, [(-1.9, 2.6), (-1.1, 1.35), (1.1, 1.35), (1.9, 2.6)], pixel), u(20, 220))
    lay(polygon(x, y, [(-0.5, 0.6), (0.5, 0.6), (0.55, 1.7), (-0.55, 1.7)], pixel), skin * 0.78)
    long_hair = u() < 0.4
    lay(ellipse(x, y, (0.0, -0.25), (1.12, 1.12), pixel), hair)
    if long_hair:
        lay(ellipse(x, y, (0.0, 0.35), (1.16, 1.25), pixel), hair)
        lay(polygon(x, y, [(-0.45, 0.6), (0.45, 0.6), (0.5, 1.6), (-0.5, 1.6)], pixel), skin * 0.78)
    for side in (-1, 1):
        lay(ellipse(x, y, (side * 0.93, -0.05), (0.13, 0.24), pixel), skin * 0.85)
    jaw = u(0.78, 0.9)
    lay(ellipse(x, y, (0.0, -0.05), (0.92, 1.02), pixel), skin)
    lay(ellipse(x, y, (0.0, 0.25), (jaw, 0.95), pixel), skin)
    # Light from one side: a soft shade over the head.
    light = u(-0.25, 0.25) * x + u(-0.12, 0.12) * y
    lay(ellipse(x, y, (0.0, 0.1), (0.95, 1.1), 3 * pixel), image * (1 + light))
    fringe = u(-1.0, -0.66)
    lay(ellipse(x, y, (0.0, -0.2), (0.97, 1.05), pixel) * soft(fringe + 0.15 * x - y, pixel), hair)

    at = dict(zip(KEYPOINTS, face.points(), strict=True))
    for name in ("left", "right"):
        _eye(lay, x, y, pixel, face, at, name, dark, skin, gaze=u(-0.06, 0.06))
        inner, outer = at[f"{name}_eyebrow_inner_end"], at[f"{name}_eyebrow_outer_end"]
        middle = (inner + outer) / 2 - (0.0, 0.09)
        stroke = arc(x, y, [tuple(inner), tuple(middle), tuple(outer)], u(0.07, 0.12), pixel)
        lay(stroke, min(hair, skin * 0.6), 0.9)
    _nose(lay, x, y, pixel, face, at["nose_tip"], skin)
    _mouth(lay, x, y, pixel, at, lips, dark)
    if u() < 0.15:
        _glasses(lay, x, y, pixel, at, dark)
    image = blur(image, u(0.5, 0.9))
    return image * u(0.85, 1.1) + rng.normal(0, u(1.5, 6.0), image.shape)


def _eye(
    lay: Any, x: Array, y: Array, pixel: float, face: _Face, at: dict[str, Array], side: str,
    dark: float, skin: float, *, gaze: float,
) -> None:  # fmt: skip
    centre = at[f"{side}_eye_center"]
    inner, outer = at[f"{side}_eye_inner_corner"], at[f"{side}_eye_outer_corner"]
    half = abs(outer[0] - inner[0]) / 2
    lid = half * face.eye_open
    white = ellipse(x, y, tuple(centre), (half, lid), pixel)
    lay(white, min(245.0, skin * 1.25))
    iris = ellipse(x, y, (centre[0] + gaze * half, centre[1]), (lid * 0.8, lid * 0.8), pixel)
    lay(iris * white, dark)
    upper = [tuple(inner), (centre[0], centre[1] - lid), tuple(outer)]
    lay(arc(x, y, upper, 0.045, pixel), dark)
    lower = [tuple(inner), (centre[0], centre[1] + lid), tuple(outer)]
    lay(arc(x, y, lower, 0.025, pixel), dark, 0.5)


def _nose(lay: Any, x: Array, y: Array, pixel: float, face: _Face, tip: Array, skin: float) -> None:
    root = face.turned(0.04, face.eye_height)
    side = 0.10 if face.turn > 0 else -0.10
    middle = ((root[0] + tip[0]) / 2 + side * 0.6, (root[1] + tip[1]) / 2)
    lay(arc(x, y, [root, middle, (tip[0] + side, tip[1])], 0.05, pixel), skin * 0.72, 0.7)
    lay(
        ellipse(x, y, (tip[0], tip[1] - 0.02), (0.10, 0.09), 3 * pixel),
        min(250.0, skin * 1.12),
        0.8,
    )
    for way in (-1, 1):
        nostril = (tip[0] + way * 0.085, tip[1] + 0.08)
        lay(ellipse(x, y, nostril, (0.045, 0.03), pixel), skin * 0.4, 0.9)


def _mouth(
    lay: Any, x: Array, y: Array, pixel: float, at: dict[str, Array], lips: float, dark: float
) -> None:
    left, right = at["mouth_left_corner"], at["mouth_right_corner"]
    top, bottom = at["mouth_center_top_lip"], at["mouth_center_bottom_lip"]
    middle = (top + bottom) / 2
    # Both lips' outlines end in the corners; the mouth is what lies between them.
    along = (x - right[0]) / (left[0] - right[0])
    chord = right[1] + along * (left[1] - right[1])
    bow = 4 * along * (1 - along)
    centre_chord = (left[1] + right[1]) / 2
    upper = chord + bow * (top[1] - centre_chord)
    lower = chord + bow * (bottom[1] - centre_chord)
    between = np.where((along > 0) & (along < 1), np.minimum(y - upper, lower - y), -1.0)
    lay(soft(between, pixel), lips)
    gap = [tuple(right), (middle[0], middle[1] - 0.01), tuple(left)]
    lay(arc(x, y, gap, 0.03 + 0.5 * max(0.0, bottom[1] - top[1] - 0.17), pixel), dark)


def _glasses(lay: Any, x: Array, y: Array, pixel: float, at: dict[str, Array], dark: float) -> None:
    for side in ("left", "right"):
        centre = tuple(at[f"{side}_eye_center"])
        outside = ellipse(x, y, centre, (0.36, 0.30), pixel)
        inside = ellipse(x, y, centre, (0.31, 0.25), pixel)
        lay(outside - inside, dark * 0.7)
    bridge = (at["left_eye_center"] + at["right_eye_center"]) / 2
    ends = [
        (bridge[0] - 0.13, bridge[1]),
        (bridge[0], bridge[1] - 0.04),
        (bridge[0] + 0.13, bridge[1]),
    ]
    lay(arc(x, y, ends, 0.05, pixel), dark * 0.7)
