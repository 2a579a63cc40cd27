"""`question-bank stats --plot`: what the bank covers, as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from templates.figures.drawing.geometry import Box, Point
from templates.figures.drawing.picture import GREY, HAIR, INK, LIGHT, PAPER, SMALL, Picture

_ROW, _BAR = 15.0, 10.0
_LONGEST = 210.0
_GAP = 34.0
_FILLS = {"multiple_choice": INK, "short": GREY, "long": LIGHT}
_NAMES = {"multiple_choice": "multiple choice", "short": "short", "long": "long"}

Counts = Mapping[str, int]


def coverage_plot(data: Mapping[str, Any]) -> str:
    """An SVG from the data of `statistics`: bars by lecture, difficulty, objective and topic, in three types of question.

    An objective is counted by its verb: what a student does.
    """
    picture = Picture()
    topics = {
        f"{lecture} {topic}": counts
        for lecture, found in data["by_topic"].items()
        for topic, counts in found.items()
    }
    panels = [
        ("lecture", data["by_lecture"]),
        ("difficulty", data["by_difficulty"]),
        ("objective", data["objectives_by_verb"]),
    ]
    beside = max([0.0, *(_width_of(name) for _, rows in panels for name in rows)])
    down = _legend(picture, (beside, 0.0))
    for name, rows in panels:
        down = _panel(picture, name, rows, (beside, down))
    right = beside + _LONGEST + _GAP + max([0.0, *(_width_of(name) for name in topics)])
    _panel(picture, "topic", topics, (right, _GAP / 2))
    return picture.svg()


def _width_of(name: str) -> float:
    return 4.6 * len(name)


def _legend(picture: Picture, at: Point) -> float:
    x, y = at
    for kind, fill in _FILLS.items():
        picture.rect(Box(x, y - 4, x + 8, y + 4), fill=fill, width=HAIR)
        ink = picture.label(_NAMES[kind], (x + 12, y), size=SMALL, anchor="start", valign="letters")
        x = ink.x1 + 14
    return y + _GAP / 2


def _panel(picture: Picture, name: str, rows: Mapping[str, Counts], corner: Point) -> float:
    """Bars that begin at `corner`; gives back where the next panel begins."""
    left, top = corner
    most = max([1, *(sum(counts.values()) for counts in rows.values())])
    picture.label(name, (left - 6, top), size=SMALL, anchor="end", valign="letters", color=GREY)
    for number, (row, counts) in enumerate(rows.items(), 1):
        middle = top + number * _ROW
        picture.label(row, (left - 6, middle), size=SMALL, anchor="end", valign="letters")
        x = left
        for kind, fill in _FILLS.items():
            length = counts[kind] / most * _LONGEST
            if length:
                bar = Box(x, middle - _BAR / 2, x + length, middle + _BAR / 2)
                picture.rect(bar, fill=fill, color=PAPER if fill == INK else INK, width=HAIR)
            x += length
        total = str(sum(counts.values()))
        picture.label(total, (x + 5, middle), size=SMALL, anchor="start", valign="letters")
    return top + len(rows) * _ROW + _GAP
