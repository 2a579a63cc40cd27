"""What a bench knows about the saved models of its submission."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grader.code.hidden.sets import HiddenSets
from grader.code.models.naming import Kind

if TYPE_CHECKING:
    from grader.code.bench import Finding, FoundError


@dataclass(frozen=True)
class Trained:
    """The names of all files of a submission, and the hidden sets of this grading.

    `findings`: what was found for a kind of model, so that it runs once for all checks about it.
    """

    files: tuple[str, ...] = ()
    hidden: HiddenSets = field(default_factory=HiddenSets)
    findings: dict[Kind, Finding | FoundError] = field(default_factory=dict)
