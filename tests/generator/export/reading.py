"""What the readers of exports share: one answer place of another system, and what can be typed there.

The readers know the formats' own rules alone: none of them imports what writes the exports.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["boxes", "number", "gaps", "line", "menus", "person"]
Answer = Sequence[str] | str
"""Letters that are checked ("none" for the last box), one text for each field, or one text."""


@dataclass(frozen=True)
class Place:
    """Where an answer goes: how many fields there are, the most it earns, and what an answer earns.

    `earned` gives None where a person marks.
    """

    kind: Kind
    fields: int
    most: float
    earned: Callable[[Answer], float | None]


Places = dict[tuple[str, str], Place]
"""By form and printed label: ("A", "4b")."""


def form_and_label(name: str) -> tuple[str, str]:
    """`A-04b title` as form and printed label."""
    form, _, rest = name.partition(" ")[0].partition("-")
    digits = rest[:2] if not rest[2:3].isdigit() else rest[:3]
    return form, f"{int(digits)}{rest[len(digits) :]}"
