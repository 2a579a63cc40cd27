"""Rules on the question file itself, whatever the draw: points, minutes, mistakes, rubrics."""

from __future__ import annotations

from collections.abc import Iterator

from authoring.lint.findings import Finding
from question_bank.schema import Question, RubricLine
from question_bank.variant import specs
from question_bank.wording import counted

# Minutes for one point: the course plans one.
FEWEST_MINUTES, MOST_MINUTES = 0.5, 2
# Where a number is asked for, slips lead to other numbers.
NUMERIC = ("numeric", "shape", "matrix", "vector", "tuple", "interval")
POINTS = {"multiple_choice": (2, 2), "short": (1, 4), "long": (8, 16)}


def lint_item(question: Question) -> Iterator[Finding]:
    """Findings that concern the question file, before anything is drawn."""
    yield from _minutes(question)
    yield from _points(question)
    yield from _rubrics(question)
    yield from _mistakes(question)


def _minutes(question: Question) -> Iterator[Finding]:
    if not FEWEST_MINUTES <= question.minutes / question.points <= MOST_MINUTES:
        minutes, points = counted(question.minutes, "minute"), counted(question.points, "point")
        says = f"{minutes} for {points}: one point is about a minute"
        yield Finding("minutes", says, "warning")


def _points(question: Question) -> Iterator[Finding]:
    low, high = POINTS[question.type]
    if not low <= question.points <= high:
        kind = question.type.replace("_", " ")
        has = f"{counted(question.points, 'point')}: a {kind} question of the course has"
        yield Finding("points", f"{has} {low} to {high}", "error")


def _rubrics(question: Question) -> Iterator[Finding]:
    """A rubric earns exactly the points of what it marks."""
    marked: list[tuple[str, float, tuple[RubricLine, ...]]] = [
        (f"part {label}", part.points, part.rubric)
        for label, part in zip(question.labels, question.parts, strict=False)
    ]
    for name, points, rubric in [*marked, ("the question", question.points, question.rubric)]:
        earned = sum(line.points for line in rubric)
        if rubric and earned != points:
            says = f"the rubric of {name} adds up to {counted(earned, 'point')}, not {points:g}"
            yield Finding("rubric-points", says, "error")


def _mistakes(question: Question) -> Iterator[Finding]:
    asked = [spec.type for spec in specs(question) if spec is not None]
    numeric = [kind for kind in asked if kind in NUMERIC]
    if numeric and question.parameters and len(question.mistakes) < 2:
        yield Finding("mistakes", "asks for numbers and names fewer than two mistakes", "warning")
    valued = [option for option in question.options if option.value is not None]
    if valued and sum(option.mistake is not None for option in valued) < 3:
        says = "a numeric multiple choice names fewer than three mistakes"
        yield Finding("mistakes", says, "warning")
