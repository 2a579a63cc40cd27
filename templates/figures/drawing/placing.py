"""Finding room for a label: beside a point, away from marks, lines and other labels."""

from __future__ import annotations

import math
from collections.abc import Sequence

from templates.figures.drawing.geometry import Box, Point, around, clip
from templates.figures.drawing.picture import TEXT, label_box

_EXTRAS = (0.0, 4.0, 9.0)
_DIRECTIONS = (45, -45, 135, -135, 0, 180, 90, -90, 22, -22, 158, -158, 68, -68, 112, -112)


def room_beside(
    text: str,
    at: Point,
    *,
    clear: float,
    taken: Sequence[Box],
    lines: Sequence[tuple[Point, Point]] = (),
    inside: Box | None = None,
    size: float = TEXT,
    margin: float = 1.5,
) -> Point:
    """The centre for a label near `at`, at least `clear` pt away, with the least overlap.

    `taken` are rectangles and `lines` segments to stay `margin` pt away from; `inside` is where the
    label should stay.
    """
    zero = label_box(text, (0.0, 0.0), size=size)
    reachable = around([at]).grown(clear + _EXTRAS[-1] + zero.width + zero.height + margin)
    taken = [other for other in taken if reachable.meets(other)]
    lines = [line for line in lines if reachable.touches(around(line))]
    best, best_cost = at, math.inf
    for rank, (extra, degrees) in enumerate((e, d) for e in _EXTRAS for d in _DIRECTIONS):
        if best_cost <= rank * 0.01:
            break  # from here on no place can be better
        c, s = math.cos(math.radians(degrees)), -math.sin(math.radians(degrees))
        reach = clear + extra
        # half the label's size is added on each axis, so that its nearest corner or side
        # is `reach` away
        centre = (
            at[0] + c * reach + zero.width / 2 * max(-1.0, min(1.0, 2 * c)),
            at[1] + s * reach + zero.height / 2 * max(-1.0, min(1.0, 2 * s)),
        )
        box = zero.moved(*centre).grown(margin)
        cost = rank * 0.01 + sum(10.0 for other in taken if box.meets(other))
        cost += sum(6.0 for start, end in lines if clip(start, end, box))
        if inside and box.joined(inside) != inside:
            cost += 30.0
        if cost < best_cost:
            best, best_cost = centre, cost
    return best
