"""What people decided about scans: who, when, what. Lines are only ever added; the last one on a thing stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from grader.scans.kept import append_line, json_lines

FILE = "decisions.jsonl"

# box: whether it is checked. student: whose sheet it is. page: which page it is. double: which of several scans of
# one page counts.
About = Literal["box", "student", "page", "double"]
TAKEN_BACK = ""
CHECKED, EMPTY, COUNTS, ASIDE = "checked", "empty", "counts", "aside"


@dataclass(frozen=True)
class Decision:
    """One decision: on the page with this SHA-256, about a box by its name (``3b``) or about the page as a whole.

    `said` is `CHECKED` or `EMPTY` for a box, the number for a student, ``A 2`` for a page, `COUNTS` or `ASIDE` for a
    double; `TAKEN_BACK` for none.
    """

    at: datetime
    by: str
    page: str
    about: About
    box: str
    said: str


_DECISION: TypeAdapter[Decision] = TypeAdapter(Decision)
Standing = Mapping[tuple[str, About, str], str]


def load_decisions(folder: Path | None) -> list[Decision]:
    """The decisions in a folder, the oldest first. Raises InputError when they cannot be read."""
    found = []
    for line in [] if folder is None else json_lines(folder / FILE):
        try:
            found.append(_DECISION.validate_python(line))
        except ValidationError:
            continue
    return found


def decide(folder: Path, by: str, page: str, about: About, said: str, box: str = "") -> Decision:
    """Keep a decision. Raises InputError."""
    decision = Decision(datetime.now(UTC), by, page, about, box, said)
    data = _DECISION.dump_python(decision, mode="json")
    append_line(folder / FILE, data)
    return decision


def standing(decisions: Iterable[Decision]) -> Standing:
    """What stands about each thing: (page, about, box) to what was said, the last decision last."""
    found: dict[tuple[str, About, str], str] = {}
    for each in decisions:
        place = each.page, each.about, each.box
        found.pop(place, None)
        if each.said != TAKEN_BACK:
            found[place] = each.said
    return found
