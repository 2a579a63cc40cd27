"""Item-writing rules that a program can see (Haladyna, Downing & Rodriguez 2002, and what banks get wrong)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from question_bank.diagnostics import Severity
from question_bank.schema import Question
from question_bank.variant import specs
from question_bank.wording import counted

Finding = tuple[str, str, Severity]

_ABSOLUTE = re.compile(r"\b(always|never|only|all|every|none|impossible|must)\b", re.IGNORECASE)
_NEGATIVE = re.compile(r"\b(not|except|incorrect|false)\b", re.IGNORECASE)
_VAGUE = re.compile(r"\b(often|usually|sometimes|frequently|rarely|generally)\b", re.IGNORECASE)
_ALL_ABOVE = re.compile(r"\b(all|none) of (the|these) (above|options|answers)\b", re.IGNORECASE)


def lint_item(question: Question) -> Iterator[Finding]:
    """Findings (code, message, severity) that concern one question alone."""
    yield from _minutes(question)
    yield from _points(question)
    yield from _mistakes(question)
    if question.options:
        yield from _options(question)


def _minutes(question: Question) -> Iterator[Finding]:
    if not 0.5 <= question.minutes / question.points <= 2:
        yield (
            "minutes",
            f"{counted(question.minutes, 'minute')} for {counted(question.points, 'point')}: one point is about a minute",
            "warning",
        )


def _points(question: Question) -> Iterator[Finding]:
    low, high = {"multiple_choice": (2, 2), "short": (1, 4), "long": (8, 16)}[question.type]
    if not low <= question.points <= high:
        kind = question.type.replace("_", " ")
        yield (
            "points",
            f"{counted(question.points, 'point')}: a {kind} question of the course has {low} to {high}",
            "error",
        )


def _mistakes(question: Question) -> Iterator[Finding]:
    asked = [spec.type for spec in specs(question) if spec is not None]
    numeric = [kind for kind in asked if kind in ("numeric", "shape", "matrix")]
    if numeric and question.parameters and len(question.mistakes) < 2:
        yield "mistakes", "asks for numbers and names fewer than two mistakes", "warning"
    valued = [option for option in question.options if option.value is not None]
    if valued and sum(option.mistake is not None for option in valued) < 3:
        yield "mistakes", "a numeric multiple choice names fewer than three mistakes", "warning"


def _options(question: Question) -> Iterator[Finding]:
    texts = [option.text or "" for option in question.options]
    if any(_ALL_ABOVE.search(text) for text in texts):
        yield "all-of-the-above", 'an option says "all (or none) of the above"', "error"
    if any(_VAGUE.search(text) for text in texts):
        yield "vague", "an option holds a vague word of frequency", "warning"
    plain = re.sub(r"\*\*[^*]*\*\*", "", question.text)
    if _NEGATIVE.search(plain.split("\n\n")[-1]):
        yield "negative-stem", "a negative word of the stem is not **emphasised**", "warning"
    lengths = [len(text) for text in texts if text]
    if lengths and max(lengths) > 3 * max(min(lengths), 12):
        yield "uneven-options", "the longest option is over three times the shortest", "warning"


def absolute_words(text: str) -> int:
    """How many absolute words (always, never, only, ...) a text holds."""
    return len(_ABSOLUTE.findall(text))
