"""How a form's questions fall onto pages, before anything is laid out.

A block is what never breaks; a page takes blocks as long as they fit. Lengths are in millimetres.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.blueprint_schema import Kind

PAGE = 250.0
"""Height of what is printed on a page."""

# A page with less than this share of it empty is full; white space between its questions takes the rest.
_NEARLY_FULL = 0.14


@dataclass(frozen=True)
class Block:
    """What stays on one page: its height, the gap above it that a page's top swallows, how far it may grow."""

    height: float
    gap: float
    stretch: float = 0.0


@dataclass(frozen=True)
class Sizes:
    """The blocks of each question by its id; by section the heading, and the gap above it."""

    headings: Sequence[Block]
    questions: Mapping[str, Sequence[Block]]


def emptiness(kinds: Sequence[Kind], sizes: Sizes, order: Sequence[Sequence[str]]) -> float:
    """Rate an order of questions: what its pages leave empty, as squares of shares of a page, summed.

    A page that is nearly full counts nothing, nor does the last, below which there is additional space.

    Args:
        kinds: of the sections: multiple choice begins a page.
        sizes: of the questions.
        order: the ids of the questions of each section.
    """
    left, stretch, empty = 0.0, 0.0, 0.0
    for kind, heading, names in zip(kinds, sizes.headings, order, strict=True):
        if kind == "multiple_choice":
            empty += _empty(left, stretch)
            left = 0.0
        for place, name in enumerate(names):
            for count, block in enumerate(sizes.questions[name]):
                first = not place and not count
                height = block.height + (heading.height if first else 0.0)
                gap = heading.gap if first else block.gap
                if gap + height <= left:
                    left -= gap + height
                    stretch += block.stretch
                else:
                    empty += _empty(left, stretch)
                    left, stretch = PAGE - height, block.stretch
    return empty


def _empty(left: float, stretch: float) -> float:
    share = max(0.0, left - stretch) / PAGE
    return share**2 if share > _NEARLY_FULL else 0.0
