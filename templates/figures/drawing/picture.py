"""A picture under construction: marks are added in points, the extent is known, SVG comes out.

Decisions that hold for every figure:
- One unit is one point (1/72 inch); `width` and `height` of the SVG state the natural size in pt.
- Ink is near-black on a white card with rounded corners, so that a figure reads the same on paper
  and on a dark page.
- No ids, styles, references, clip paths or markers: two figures on one page cannot collide, and no
  SVG sanitiser strips anything. Text is outlines; arrowheads are filled paths.
- The view box is computed from what was drawn, so nothing can lie outside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from xml.sax.saxutils import quoteattr

from templates.figures.drawing.geometry import Box, Point, around, toward
from templates.figures.drawing.typeset import outline, said

INK = "#111111"
GREY = "#6b6b6b"
LIGHT = "#c4c4c4"
SHADE = "#e9e9e9"
PAPER = "#ffffff"

HAIR = 0.5
LINE = 0.8
BOLD = 1.2

TEXT = 9.0
SMALL = 8.0

DASHED = (4.0, 2.6)
DOTTED = (0.9, 2.2)
DASH_DOT = (6.0, 2.2, 1.0, 2.2)

_DIGIT_HEIGHT = 0.644
_X_HEIGHT = 0.473
_MARGIN = 5.0


def fmt(value: float) -> str:
    """A coordinate as short text, to a hundredth of a point."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def number(value: float) -> str:
    """A number as a label: whole numbers without a point, others with at most four decimals."""
    if float(value).is_integer():
        return str(int(value))
    return f"{value:.4f}".rstrip("0").rstrip(".")


def caption_of(value: float | str) -> str:
    """A label from a number or a string."""
    return value if isinstance(value, str) else number(value)


def spoken(value: float | str) -> str:
    """A label or a number as plain text for a description."""
    return said(caption_of(value))


def label_size(label: str, size: float = TEXT) -> tuple[float, float]:
    """Width and height in pt of the ink of a label; a line break starts a new line."""
    lines = [outline(line) for line in label.split("\n")]
    width = max(o.ink.x1 - o.ink.x0 for o in lines) * size
    height = (lines[-1].ink.y1 - lines[0].ink.y0) * size + (len(lines) - 1) * size * 1.22
    return width, height


class Picture:
    """Collects marks; `svg()` gives the document. Coordinates may be anywhere, also negative."""

    def __init__(self) -> None:
        self._marks: list[str] = []
        self._extent: Box | None = None

    @property
    def extent(self) -> Box:
        """The rectangle of everything drawn so far."""
        return self._extent or Box(0, 0, 0, 0)

    def reserve(self, box: Box) -> None:
        """Count a rectangle as drawn on, so that the picture is at least that large."""
        self._extent = box if self._extent is None else self._extent.joined(box)

    def _add(self, mark: str, box: Box) -> None:
        self._marks.append(mark)
        self.reserve(box)

    def chain(
        self,
        points: Sequence[Point],
        *,
        width: float = LINE,
        color: str = INK,
        dash: Sequence[float] = (),
        fill: str = "none",
        closed: bool = False,
    ) -> None:
        """A chain of straight lines, open or closed."""
        d = "M" + "L".join(f"{fmt(x)} {fmt(y)}" for x, y in points) + ("Z" if closed else "")
        self._path(d, around(points), width=width, color=color, dash=dash, fill=fill)

    def _path(
        self, d: str, box: Box, *, width: float, color: str, dash: Sequence[float], fill: str
    ) -> None:
        cap = "butt" if dash and dash[0] > 2 else "round"
        dashes = f' stroke-dasharray="{" ".join(fmt(v) for v in dash)}"' if dash else ""
        self._add(
            f'<path d="{d}" fill="{fill}" stroke="{color}" stroke-width="{fmt(width)}" '
            f'stroke-linejoin="round" stroke-linecap="{cap}"{dashes}/>',
            box.grown(width / 2),
        )

    def line(
        self,
        start: Point,
        end: Point,
        *,
        width: float = LINE,
        color: str = INK,
        dash: Sequence[float] = (),
    ) -> None:
        """A straight line."""
        self.chain([start, end], width=width, color=color, dash=dash)

    def arrow(
        self,
        points: Sequence[Point],
        *,
        width: float = LINE,
        color: str = INK,
        dash: Sequence[float] = (),
        head: float = 5.0,
    ) -> None:
        """A chain of straight lines with an arrowhead whose tip is the last point."""
        tip, before = points[-1], points[-2]
        self.chain(
            [*points[:-1], toward(tip, before, head * 0.75)], width=width, color=color, dash=dash
        )
        self.head(tip, math.atan2(tip[1] - before[1], tip[0] - before[0]), color=color, size=head)

    def head(self, tip: Point, angle: float, *, color: str = INK, size: float = 5.0) -> None:
        """A filled arrowhead at `tip`, pointing along `angle` (radians, 0 to the right)."""
        c, s = math.cos(angle), math.sin(angle)
        shape = [(0.0, 0.0), (-size, size * 0.4), (-size * 0.72, 0.0), (-size, -size * 0.4)]
        points = [(tip[0] + x * c - y * s, tip[1] + x * s + y * c) for x, y in shape]
        d = "M" + "L".join(f"{fmt(x)} {fmt(y)}" for x, y in points) + "Z"
        self._add(f'<path d="{d}" fill="{color}"/>', around(points))

    def circle(
        self,
        centre: Point,
        radius: float,
        *,
        fill: str = PAPER,
        color: str = INK,
        width: float = LINE,
        dash: Sequence[float] = (),
    ) -> None:
        """A circle."""
        dashes = f' stroke-dasharray="{" ".join(fmt(v) for v in dash)}"' if dash else ""
        stroke = f' stroke="{color}" stroke-width="{fmt(width)}"{dashes}' if width else ""
        x, y = centre
        self._add(
            f'<circle cx="{fmt(x)}" cy="{fmt(y)}" r="{fmt(radius)}" fill="{fill}"{stroke}/>',
            Box(x - radius, y - radius, x + radius, y + radius).grown(width / 2),
        )

    def rect(
        self,
        box: Box,
        *,
        fill: str = PAPER,
        color: str = INK,
        width: float = LINE,
        radius: float = 0.0,
        dash: Sequence[float] = (),
    ) -> None:
        """A rectangle, its corners rounded by `radius`."""
        dashes = f' stroke-dasharray="{" ".join(fmt(v) for v in dash)}"' if dash else ""
        stroke = f' stroke="{color}" stroke-width="{fmt(width)}"{dashes}' if width else ""
        corner = f' rx="{fmt(radius)}"' if radius else ""
        self._add(
            f'<rect x="{fmt(box.x0)}" y="{fmt(box.y0)}" width="{fmt(box.width)}" '
            f'height="{fmt(box.height)}"{corner} fill="{fill}"{stroke}/>',
            box.grown(width / 2),
        )

    def label(
        self,
        text: str,
        at: Point,
        *,
        size: float = TEXT,
        anchor: str = "middle",
        valign: str = "middle",
        color: str = INK,
        upright: bool = True,
        halo: float = 0.0,
    ) -> Box:
        """Set a label and give back the rectangle of its ink.

        `anchor` start, middle, end; `valign`: middle (centre of the ink), digits (centre of a
        digit's height, so that labels in a row share a baseline), baseline, top, bottom.
        `upright=False` turns it to read upwards. `halo` first clears a rectangle that much larger
        than the ink.
        """
        ink, path = lettering(text, size, anchor, valign, upright)
        box = ink.moved(*at)
        if not path:
            return box
        if halo:
            self.rect(box.grown(halo), width=0)
        self._add(
            f'<path transform="translate({fmt(at[0])} {fmt(at[1])})" d="{path}" fill="{color}" '
            f"data-label={quoteattr(text)}/>",
            box,
        )
        return box

    def svg(self) -> str:
        """The SVG document."""
        view = self.extent.grown(_MARGIN)
        size = f"{fmt(view.width)} {fmt(view.height)}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{fmt(view.width)}pt" '
            f'height="{fmt(view.height)}pt" viewBox="{fmt(view.x0)} {fmt(view.y0)} {size}">'
            f'<rect x="{fmt(view.x0)}" y="{fmt(view.y0)}" width="{fmt(view.width)}" '
            f'height="{fmt(view.height)}" rx="4" fill="{PAPER}"/>' + "".join(self._marks) + "</svg>"
        )


def label_box(
    text: str,
    at: Point,
    *,
    size: float = TEXT,
    anchor: str = "middle",
    valign: str = "middle",
    upright: bool = True,
) -> Box:
    """Where the ink of a label would lie (see `Picture.label`)."""
    return lettering(text, size, anchor, valign, upright)[0].moved(*at)


@lru_cache(maxsize=4096)
def lettering(text: str, size: float, anchor: str, valign: str, upright: bool) -> tuple[Box, str]:
    """The rectangle of the ink and the path of a label whose anchor is at (0, 0)."""
    lines = [outline(line) for line in text.split("\n")]
    lead = size * 1.22
    drop = lead * (len(lines) - 1)
    top, bottom = lines[0].ink.y0 * size, lines[-1].ink.y1 * size + drop
    shift = {
        "middle": -(top + bottom) / 2,
        "digits": (_DIGIT_HEIGHT * size - drop) / 2,
        "letters": (_X_HEIGHT * size - drop) / 2,
        "baseline": 0.0,
        "top": -top,
        "bottom": -bottom,
    }[valign]
    marks: list[str] = []
    box: Box | None = None
    for row, line in enumerate(lines):
        ink = line.ink
        left = {"start": -ink.x0, "middle": -(ink.x0 + ink.x1) / 2, "end": -ink.x1}[anchor] * size
        base = shift + row * lead

        def put(x: float, y: float, left: float = left, base: float = base) -> Point:
            dx, dy = left + x * size, base + y * size
            return (dx, dy) if upright else (dy, -dx)

        part = around([put(ink.x0, ink.y0), put(ink.x1, ink.y1)])
        box = part if box is None else box.joined(part)
        for command, values in line.commands:
            points = (put(x, y) for x, y in zip(values[0::2], values[1::2], strict=True))
            marks.append(command + " ".join(f"{fmt(x)} {fmt(y)}" for x, y in points))
    return box or Box(0, 0, 0, 0), "".join(marks)
