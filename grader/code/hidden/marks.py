"""Pass marks of trained models, and how they came about: data in marks.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from question_bank.strict_yaml import load_typed, read_text


@dataclass(frozen=True)
class Marks:
    """What a score must be above. `simple_rnn`: for RNN_Classifier alone. `origin`: said in reports."""

    mark: float
    simple_rnn: float
    origin: str


@cache
def load_marks(task: str, *, generated: bool) -> Marks:
    """The marks of a task for the course's data, or for a generated set."""
    path = Path(__file__).with_name("marks.yaml")
    entry: dict[str, Any] = load_typed(read_text(path), path.name).data[task]
    kind = "generated" if generated else "course"
    origin = "the course's pass mark"
    if generated:
        origin = f"calibrated by {entry['reference']}; this is not the course's data"
    return Marks(float(entry[kind]), float(entry.get(f"{kind}_rnn", entry[kind])), origin)
