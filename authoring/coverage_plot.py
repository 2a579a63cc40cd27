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
_SQUARE, _LINE = 6.0, 11.0
_COLUMN_GAP = 26.0

Counts = Mapping[str, int]


def coverage_plot(data: Mapping[str, Any]) -> str:
    """An SVG from the data of `statistics`, in three types of question.

    On the left bars by lecture, by difficulty and by topic; beside them each objective, with a square for each of
    its questions.
    """
    picture = Picture()
    topics = {
        f"{lecture} {topic}": counts
        for lecture, found in data["by_topic"].items()
        for topic, counts in found.items()
    }
    left = max([0.0, *(_width_of(name) for name in topics)])
    panels = [("lecture", data["by_lecture"]), ("difficulty", data["by_difficulty"])]
    down = _legend(picture, (left, 0.0))
    for name, rows in [*panels, ("topic", topics)]:
        down = _panel(picture, name, rows, (left, down))
    _objectives(picture, data["objectives_by_topic"], (left + _LONGEST + _GAP, 0.0), 1.5 * down)
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


def _objectives(
    picture: Picture,
    by_lecture: Mapping[str, Mapping[str, Mapping[str, Counts]]],
    corner: Point,
    height: float,
) -> None:
    """Topics with their objectives, in columns of about a height; a topic is not torn."""
    x, top = corner
    picture.label("objective", (x, top), size=SMALL, anchor="start", valign="letters", color=GREY)
    y, right = top + _LINE, x
    for lecture, topics in by_lecture.items():
        for topic, aims in topics.items():
            if y > top + _LINE and y + (1 + len(aims)) * _LINE > top + height:
                x, y, right = right + _COLUMN_GAP, top + _LINE, right + _COLUMN_GAP
            name = f"{lecture} {topic}"
            right = max(right, picture.words(name, (x, y + _LINE / 2), size=SMALL, color=GREY).x1)
            y += 1.5 * _LINE
            for aim, counts in aims.items():
                right = max(right, _objective(picture, aim, counts, (x, y)))
                y += _LINE
            y += _LINE / 2


def _objective(picture: Picture, aim: str, counts: Counts, at: Point) -> float:
    """Squares and the objective's words; gives back where they end."""
    x, middle = at
    for kind, fill in _FILLS.items():
        for _ in range(counts[kind]):
            square = Box(x, middle - _SQUARE / 2, x + _SQUARE, middle + _SQUARE / 2)
            picture.rect(square, fill=fill, width=HAIR)
            x += _SQUARE + 2
    return picture.words(aim, (x + 2, middle), size=SMALL).x1
