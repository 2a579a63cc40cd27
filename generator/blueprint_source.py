"""A blueprint beside the file it came from, and what of it a fault leaves in doubt."""

from __future__ import annotations

from dataclasses import dataclass

from generator.blueprint_schema import Blueprint
from question_bank.salvage import overlap
from question_bank.strict_yaml import Located

# Where a value stands in a blueprint: keys and positions, from the top.
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class LocatedBlueprint:
    """A blueprint and the file it came from, for messages with line and column.

    `doubtful` are the places whose values a fault hides; only a search for further faults meets such
    a blueprint, and it asks `sound` before it reads.
    """

    blueprint: Blueprint
    located: Located
    doubtful: frozenset[Place] = frozenset()

    def sound(self, *places: Place) -> bool:
        """Say whether the values at these places are as the file gives them, with all that is in them."""
        return not any(overlap(place, doubt) for place in places for doubt in self.doubtful)
