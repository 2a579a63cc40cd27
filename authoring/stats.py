"""`question-bank stats`: what the bank covers, and what is missing."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from authoring.archetypes import ARCHETYPES
from authoring.lint.habits import (
    Tally,
    absolute_words,
    key_at,
    key_longest,
    option_set,
    single_keys,
)
from question_bank.loader import Bank
from question_bank.schema import Question
from question_bank.variant import instantiate
from question_bank.wording import counted

TYPES = ("multiple_choice", "short", "long")
HEADINGS = {kind: kind.replace("_", " ") for kind in TYPES}
# What students do in fewer objectives than this is counted together.
USUAL_VERB, OTHER_VERBS = 5, "other verbs"


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
        "by_topic": _by_topic(questions),
        "by_objective": dict(
            sorted(Counter(aim for question in questions for aim in question.objectives).items())
        ),
        "objectives_by_topic": _objectives_by_topic(questions),
        "objectives_by_verb": _objectives_by_verb(questions),
        "points": {kind: sum(q.points for q in questions if q.type == kind) for kind in TYPES},
        "parametrised": sum(q.parametrised for q in questions),
        "with_figure": sum(q.has_figure for q in questions),
        "long_with_carried_errors": sum(
            q.type == "long" and 3 <= len(q.parts) <= 6 and any(part.carry for part in q.parts)
            for q in questions
        ),
        "by_difficulty": {
            str(level): {
                kind: sum(q.difficulty == level and q.type == kind for q in questions)
                for kind in TYPES
            }
            for level in range(1, 6)
        },
        "archetypes_missing": [name for name in ARCHETYPES if name not in named],
        "archetypes_unknown": sorted(named - set(ARCHETYPES)),
        "lint": _lint_figures(questions),
    }


def _by_topic(questions: list[Question]) -> dict[str, dict[str, dict[str, int]]]:
    """By lecture, then by topic: the questions of each type."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for question in sorted(questions, key=lambda q: (q.lecture, q.topic)):
        topics = found.setdefault(str(question.lecture), {})
        topics.setdefault(question.topic, dict.fromkeys(TYPES, 0))[question.type] += 1
    return found


def _objectives_by_topic(
    questions: list[Question],
) -> dict[str, dict[str, dict[str, dict[str, int]]]]:
    """By lecture, topic and objective: the questions of each type. A question may have several objectives."""
    found: dict[str, dict[str, dict[str, dict[str, int]]]] = {}
    for question in sorted(questions, key=lambda q: (q.lecture, q.topic)):
        aims = found.setdefault(str(question.lecture), {}).setdefault(question.topic, {})
        for aim in question.objectives:
            aims.setdefault(aim, dict.fromkeys(TYPES, 0))[question.type] += 1
    return found


def _objectives_by_verb(questions: list[Question]) -> dict[str, dict[str, int]]:
    """By what a student does (compute, explain, ...): the objectives of the questions of each type, most first."""
    found: dict[str, dict[str, int]] = {}
    for question in questions:
        for aim in question.objectives:
            found.setdefault(aim.split()[0].lower(), dict.fromkeys(TYPES, 0))[question.type] += 1
    usual = {verb: counts for verb, counts in found.items() if sum(counts.values()) >= USUAL_VERB}
    rows = dict(sorted(usual.items(), key=lambda row: (-sum(row[1].values()), row[0])))
    rare = [counts for verb, counts in found.items() if verb not in usual]
    if rare:
        rows[OTHER_VERBS] = {kind: sum(counts[kind] for counts in rare) for kind in TYPES}
    return rows


def _lint_figures(questions: list[Question]) -> dict[str, Any]:
    """Figures over multiple-choice questions whose options are statements, in their first draw."""
    drawn = [option_set(q, instantiate(q, 0)) for q in questions if q.options]
    sets = [one for one in drawn if one is not None and one.stated]
    right_counts = Counter(one.right for one in sets)
    alone = single_keys(sets)
    places = range(max((len(one.flags) for one in alone), default=0))
    return {
        "statement_questions": len(sets),
        "right_options": {str(n): right_counts[n] for n in sorted(right_counts)},
        "single_key_questions": len(alone),
        "longest_is_right": _tally(key_longest(alone)),
        "key_position": {"abcdefgh"[place]: _tally(key_at(alone, place)) for place in places},
        "absolute_words_in_right_options": _share(*absolute_words(sets, correct=True)),
        "absolute_words_in_wrong_options": _share(*absolute_words(sets, correct=False)),
    }


def _tally(found: Tally) -> dict[str, float]:
    """What was seen, what is expected by chance, and the binomial probability of so much or more."""
    return {
        "observed": found.observed,
        "by_chance": round(found.expected, 2),
        "p": round(found.chance, 3),
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 3) if whole else math.nan


def as_text(data: dict[str, Any]) -> str:
    """The statistics as tables; what is missing, and the habits of the bank, at the end."""
    lines = [
        f"{counted(data['questions'], 'question')} (bank version {data['bank_version']})",
        f"{data['parametrised']} parametrised, {data['with_figure']} with a figure",
        f"{data['long_with_carried_errors']} long ones with 3 to 6 parts carry errors forward",
        "",
        *_table("lecture", data["by_lecture"]),
        "",
        *_table("difficulty", data["by_difficulty"]),
        "",
    ]
    topics = {
        f"{lecture:>2} {topic}": counts
        for lecture, found in data["by_topic"].items()
        for topic, counts in found.items()
    }
    lines += [*_table("topic", topics, total=False), ""]
    lines += [*_table("objectives: what is done", data["objectives_by_verb"]), ""]
    missing = data["archetypes_missing"]
    lines.append(f"archetypes without a question: {len(missing)} of {len(ARCHETYPES)}")
    lines += [f"  {' '.join(missing[i : i + 16])}" for i in range(0, len(missing), 16)]
    lint = data["lint"]
    rights = ", ".join(f"{n} with {k}" for k, n in lint["right_options"].items())
    lines += [
        f"statement questions: {lint['statement_questions']}; right options: {rights}",
        f"with one right option: {lint['single_key_questions']}; p below 0.01 is no accident",
        f"  longest option right: {_in_words(lint['longest_is_right'])}",
        *(f"  right at {place}: {_in_words(seen)}" for place, seen in lint["key_position"].items()),
        "options with absolute words:",
        f"  {lint['absolute_words_in_right_options']:.1%} of the right",
        f"  {lint['absolute_words_in_wrong_options']:.1%} of the wrong",
    ]
    return "\n".join(lines)


def _line(name: str, counts: Mapping[str, object], total: object, width: int) -> str:
    several, short, long = (counts[kind] for kind in TYPES)
    return f"{name:{width}}  {several:>15}  {short:>5}  {long:>4}  {total:>5}"


def _in_words(tally: dict[str, float]) -> str:
    return f"{tally['observed']} (by chance {tally['by_chance']:g}, p = {tally['p']:.3f})"


def _table(name: str, rows: dict[str, dict[str, int]], *, total: bool = True) -> list[str]:
    """A line for each row: its name, and how many questions of each type it has."""
    width = max(len(name), *(len(row) for row in rows)) if rows else len(name)
    lines = [_line(name, HEADINGS, "all", width)]
    sums = {kind: sum(counts[kind] for counts in rows.values()) for kind in TYPES}
    for row, counts in [*rows.items(), *([("all", sums)] if total else [])]:
        lines.append(_line(row, counts, sum(counts.values()), width))
    return lines
