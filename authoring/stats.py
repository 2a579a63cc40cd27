"""`question-bank stats`: what the bank covers, and what is missing."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from authoring.archetypes import ARCHETYPES
from authoring.lint import absolute_words
from question_bank.loader import Bank
from question_bank.schema import Question
from question_bank.wording import counted

TYPES = ("multiple_choice", "short", "long")


def statistics(bank: Bank) -> dict[str, Any]:
    """Counts by lecture and type, archetypes without a question, and the bank's item-writing figures."""
    questions = list(bank.questions.values())
    named = {name for question in questions for name in question.archetype}
    return {
        "bank_version": bank.version,
        "questions": len(questions),
        "by_lecture": {
            str(lecture): {
                kind: sum(q.lecture == lecture and q.type == kind for q in questions)
                for kind in TYPES
            }
            for lecture in range(1, 13)
        },
        "points": {kind: sum(q.points for q in questions if q.type == kind) for kind in TYPES},
        "parametrised": sum(q.parametrised for q in questions),
        "with_figure": sum(q.has_figure for q in questions),
        "by_difficulty": dict(sorted(Counter(str(q.difficulty) for q in questions).items())),
        "archetypes_missing": [name for name in ARCHETYPES if name not in named],
        "archetypes_unknown": sorted(named - set(ARCHETYPES)),
        "lint": _lint_figures(questions),
    }


def _lint_figures(questions: list[Question]) -> dict[str, Any]:
    """Figures over multiple-choice questions whose options are statements."""
    single = longest = 0
    expected = 0.0
    words = {True: 0, False: 0}
    options = {True: 0, False: 0}
    right_counts: Counter[int] = Counter()
    for question in questions:
        stated = [o for o in question.options if o.text and isinstance(o.correct, bool)]
        if not question.options or len(stated) != len(question.options):
            continue
        right_counts[sum(bool(o.correct) for o in stated)] += 1
        for option in stated:
            words[bool(option.correct)] += bool(absolute_words(option.text or ""))
            options[bool(option.correct)] += 1
        if sum(bool(o.correct) for o in stated) == 1:
            single += 1
            expected += 1 / len(stated)
            lengths = [len(o.text or "") for o in stated]
            key = next(i for i, o in enumerate(stated) if o.correct)
            longest += lengths[key] == max(lengths)
    return {
        "statement_questions": sum(right_counts.values()),
        "right_options": {str(n): right_counts[n] for n in sorted(right_counts)},
        "single_key_questions": single,
        "key_longest": longest,
        "key_longest_by_chance": round(expected, 2),
        "absolute_words_in_right_options": _share(words[True], options[True]),
        "absolute_words_in_wrong_options": _share(words[False], options[False]),
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 3) if whole else math.nan


def as_text(data: dict[str, Any]) -> str:
    """The statistics as a table."""
    lines = [
        f"{counted(data['questions'], 'question')} (bank version {data['bank_version']})",
        f"{data['parametrised']} parametrised, {data['with_figure']} with a figure",
        "",
        "lecture  multiple choice  short  long",
    ]
    for lecture, counts in data["by_lecture"].items():
        lines.append(
            f"{lecture:>7}  {counts['multiple_choice']:>15}  {counts['short']:>5}  {counts['long']:>4}"
        )
    totals = [sum(c[k] for c in data["by_lecture"].values()) for k in TYPES]
    lines.append(f"{'all':>7}  {totals[0]:>15}  {totals[1]:>5}  {totals[2]:>4}")
    spread = ", ".join(f"{n} of level {level}" for level, n in data["by_difficulty"].items())
    lines += ["", f"difficulty: {spread}"]
    missing = data["archetypes_missing"]
    lines.append(f"archetypes without a question: {len(missing)} of {len(ARCHETYPES)}")
    lines += [f"  {' '.join(missing[i : i + 16])}" for i in range(0, len(missing), 16)]
    lint = data["lint"]
    rights = ", ".join(f"{n} with {k}" for k, n in lint["right_options"].items())
    lines += [
        f"statement questions: {lint['statement_questions']}; right options: {rights}",
        f"single-key questions: {lint['single_key_questions']}",
        f"  key longest: {lint['key_longest']} (by chance {lint['key_longest_by_chance']:g})",
        "options with absolute words:",
        f"  {lint['absolute_words_in_right_options']:.1%} of the right",
        f"  {lint['absolute_words_in_wrong_options']:.1%} of the wrong",
    ]
    return "\n".join(lines)
