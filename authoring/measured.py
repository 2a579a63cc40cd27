"""Measured difficulty beside the author's: what exams said of the questions of a bank."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leaderboard.database import data_folder
from question_bank.loader import Bank
from question_bank.measured import FOLDER, Measured, measured, sittings
from question_bank.schema import Question

LEVELS = (0.85, 0.7, 0.5, 0.3)
"""The share solved down to which a question counts as of level 1, 2, 3, 4; below the last it is of level 5."""

FEWEST = 20  # students, before a level is called wrong
APART = 2  # levels


def of_bank(bank: Bank) -> dict[str, Measured]:
    """By id, every question that some class had before it; from the data folder. Raises InputError."""
    return measured(sittings(data_folder() / FOLDER), bank.questions)


def level_of(solved: float) -> int:
    """The level of difficulty, 1 to 5, that a share solved stands for."""
    return 1 + sum(solved < least for least in LEVELS)


def as_data(found: Measured | None, question: Question) -> dict[str, Any] | None:
    """A question's figures for machines, beside its author's difficulty; None where no class had it."""
    if found is None:
        return None
    return {
        "students": found.students,
        "exams": found.sittings,
        "solved": None if found.solved is None else round(found.solved, 4),
        "discrimination": None if found.discrimination is None else round(found.discrimination, 4),
        "level": None if found.solved is None else level_of(found.solved),
        "difficulty": question.difficulty,
        "students_of_earlier_versions": found.earlier,
    }


def statistics(bank: Bank) -> dict[str, Any]:
    """What `question-bank stats` says of it: by question, and by the author's level."""
    found = of_bank(bank)
    by_level: dict[str, dict[str, float | int | None]] = {}
    for level in range(1, 6):
        own = [m for m in _known(found) if bank.questions[m.question].difficulty == level]
        shares = [m.solved for m in own if m.solved is not None]
        by_level[str(level)] = {
            "questions": len(own),
            "solved": round(sum(shares) / len(shares), 4) if shares else None,
        }
    return {
        "by_difficulty": by_level,
        "questions": {name: as_data(one, bank.questions[name]) for name, one in found.items()},
        "levels_apart": [
            m.question for m in _known(found) if _apart(m, bank.questions[m.question])
        ],
    }


def _known(found: Mapping[str, Measured]) -> list[Measured]:
    return [one for one in found.values() if one.solved is not None]


def _apart(found: Measured, question: Question) -> bool:
    if found.solved is None or found.students < FEWEST:
        return False
    return abs(level_of(found.solved) - question.difficulty) >= APART


def as_text(data: Mapping[str, Any]) -> list[str]:
    """The lines of `question-bank stats` on what was measured."""
    questions = data["questions"]
    known = {name: one for name, one in questions.items() if one["solved"] is not None}
    if not known:
        return ["measured in exams: no question yet (grade --analyse with --record measures them)"]
    lines = [f"measured in exams: {len(known)} questions"]
    for level, row in data["by_difficulty"].items():
        if row["questions"]:
            lines.append(
                f"  difficulty {level}: {row['questions']:>3} measured, solved {100 * row['solved']:.0f} % on average"
            )
    apart = [(name, known[name]) for name in data["levels_apart"]]
    if apart:
        lines.append(f"  rated otherwise than measured, by {APART} levels or more:")
        width = max(len(name) for name, _ in apart)
        lines += [
            f"    {name:<{width}}  difficulty {one['difficulty']}, measured {one['level']}:"
            f" solved {100 * one['solved']:.0f} % by {one['students']}"
            for name, one in apart
        ]
    return lines
