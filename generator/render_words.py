"""The words that an exam prints around its questions: one data file a language, `templates/exam/words/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from question_bank.strict_yaml import load_typed, read_text

LANGUAGES = ("en", "de")
FOLDER = Path(__file__).parent.parent / "templates" / "exam" / "words"


@dataclass(frozen=True)
class Words:
    """What is printed beside the questions in one language; formulas between dollar signs."""

    language: str
    decimal: str
    point: str
    point_many: str
    minutes: str
    minutes_more: str
    form: str
    page: str
    page_of: str
    name: str
    seat: str
    student_number: str
    signature: str
    instructions: str
    one_point_one_minute: str
    no_aids: str
    pen: str
    space: str
    multiple_choice: str
    on_the_sheet: str
    on_the_sheets: str
    boxes_points: str
    boxes_differ: str
    scored: Mapping[str, str]
    none_box: str
    pages_before: str
    pages_after: str
    how_to_mark: str
    cross: str
    filled: str
    restored: str
    cross_alt: str
    filled_alt: str
    restored_alt: str
    problems: str
    problem: str
    full_points: str
    your_score: str
    total: str
    answer_sheet: str
    answer_sheet_rule: str
    answer_sheet_alt: str
    answer_sheet_row: str
    none: str
    digits_rule: str
    digits_alt: str
    none_of_these: str
    multiple_choice_intro: str
    multiple_choice_each: str
    multiple_choice_where: str
    multiple_choice_where_many: str
    answer: str
    scrap: str
    scrap_note: str
    solutions: str
    solutions_page: str
    exam_page: str
    box: str
    box_right: str
    right: str
    wrong: str
    mistakes: str

    def number(self, value: float) -> str:
        """Write a number of points or minutes: no needless zeros, the language's decimal sign."""
        return f"{value:g}".replace(".", self.decimal)

    def points(self, value: float) -> str:
        """Write so many points."""
        return f"{self.number(value)} {self.point if value == 1 else self.point_many}"

    def frame(self, minutes: float, extra: float, points: float) -> str:
        """Write how long the exam takes and what it is worth; `extra` minutes are one student's."""
        if not extra:
            return f"{self.number(minutes)} {self.minutes}, {self.points(points)}"
        more = self.minutes_more.format(
            all=self.number(minutes + extra), usual=self.number(minutes), extra=self.number(extra)
        )
        return f"{more}, {self.points(points)}"


def _read(language: str) -> Words:
    file = FOLDER / f"{language}.yaml"
    data: dict[str, Any] = load_typed(read_text(file), file.name).data
    wanted = {field.name for field in fields(Words)}
    if wrong := wanted ^ set(data):
        raise ValueError(f"{file.name}: missing or not known: {', '.join(sorted(wrong))}")
    return Words(**data)


WORDS: Mapping[str, Words] = MappingProxyType({language: _read(language) for language in LANGUAGES})
"""The words by language."""
