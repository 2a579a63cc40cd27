"""A question of another system as a question file: what it says is taken over, what only an author knows is asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import yaml

from authoring.importing.body import Cannot, body, cut, plain
from authoring.importing.item import Answer, ForeignItem, unique
from authoring.importing.markdown import inert
from authoring.placeholders import OBJECTIVE, TOPIC
from question_bank.diagnostics import InputError, Where
from question_bank.loader import parse_question
from question_bank.wording import counted

TITLE, ID, SOURCE = 70, 50, 200


@dataclass(frozen=True)
class Course:
    """What every imported question gets, because the file does not say it. `source`: default is the file's name."""

    lecture: int
    source: str | None
    use: Literal["practice", "exam", "both"]


@dataclass(frozen=True)
class Imported:
    """A question file to be: `notes` say what was lost or changed on the way."""

    id: str
    where: Where
    text: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class LeftOut:
    """A question that is not taken over, and why."""

    where: Where
    why: str


def question_files(
    items: Sequence[ForeignItem], course: Course, taken: frozenset[str]
) -> Iterator[Imported | LeftOut]:
    """Question files that the bank's own loader accepts; ids are new among `taken` and each other."""
    used = set(taken)
    for item in _statements_together(items):
        try:
            data, notes = _question(item, course)
        except Cannot as reason:
            yield LeftOut(item.where, str(reason))
            continue
        question_id = _free_id(data["title"], used)
        text = _as_yaml({"id": question_id} | data, notes)
        try:
            parse_question(text, item.where.file, question_id)
        except InputError as error:
            yield LeftOut(item.where, "; ".join(d.message for d in error.diagnostics))
            continue
        used.add(question_id)
        yield Imported(question_id, item.where, text, notes)


def _statements_together(items: Sequence[ForeignItem]) -> Iterator[ForeignItem]:
    """True-or-false statements of one category become options: which of the statements are right?"""
    for (kind, category), run in groupby(items, key=lambda item: (item.kind, item.category)):
        if kind != "true_false":
            yield from run
            continue
        statements = list(run)
        if len(statements) == 1:
            yield _true_or_false(statements[0])
            continue
        questions = max(1, len(statements) // 4)
        for first in range(questions):
            chosen = statements[first::questions]
            yield ForeignItem(
                chosen[0].where,
                "choice",
                f"Statements on {_topic(category)}" if category else "Statements",
                "Which of the following statements are right?",
                category,
                tuple(_statement(item) for item in chosen),
                single=False,
                points=sum((item.points for item in chosen), Fraction(0)),
                solution="\n\n".join(unique([i.solution for i in chosen if i.solution])),
                tags=unique([tag for item in chosen for tag in item.tags]),
                lost=unique([loss for item in chosen for loss in item.lost]),
            )


def _true_or_false(item: ForeignItem) -> ForeignItem:
    """A statement that has no others beside it: it is true, or it is false."""
    answers = tuple(
        replace(answer, text=f"The statement is {answer.text}.") for answer in item.answers
    )
    return replace(item, kind="choice", answers=answers, single=True, shuffle=False)


def _statement(item: ForeignItem) -> Answer:
    truth = {answer.text: answer for answer in item.answers}
    if set(truth) != {"true", "false"}:
        return Answer(item.text, Fraction(0), "the file lists neither true nor false")
    right = truth["true"].weight > truth["false"].weight
    return Answer(item.text, Fraction(right), truth["false" if right else "true"].why)


def _question(item: ForeignItem, course: Course) -> tuple[dict[str, Any], tuple[str, ...]]:
    notes = [f"lost: {loss}" for loss in item.lost]
    specific = body(item, notes)
    title = cut(inert(plain(item.name or item.text)), TITLE) or "Imported question"
    points = 2.0 if item.kind == "choice" else min(4.0, max(1.0, round(float(item.points) * 2) / 2))
    if points != item.points:
        told = counted(float(item.points), "point")
        notes.append(f"it had {told}, and has {points:g} here, as questions of the course have")
    if "rubric" in specific:
        specific["rubric"] = [{"points": _number(points), "earns": specific["rubric"]}]
    if not item.solution:
        notes.append("there was no explanation of the answer: write a worked solution")
    source = inert(course.source or f"imported from {Path(item.where.file).name}")[:SOURCE]
    head = {
        "title": title if len(title) >= 3 else f"Question {title}",
        "lecture": course.lecture,
        "topic": cut(inert(_topic(item.category)) or TOPIC, 200),
        "type": "multiple_choice" if item.kind == "choice" else "short",
        "points": _number(points),
        "minutes": _number(points),
        "difficulty": 2,
        "objectives": [cut(inert(tag), 200) for tag in item.tags if tag] or [OBJECTIVE],
        "source": source,
        "use": course.use,
    }
    return head | specific | {"verify": {"source": source}}, tuple(unique(notes))


def _topic(category: str) -> str:
    """The last of `$course$/top/Convolutions`."""
    names = [name for name in re.split(r"(?<!/)/(?!/)", category) if name.strip()]
    return names[-1].replace("//", "/").strip() if names else ""


def _free_id(title: str, used: set[str]) -> str:
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "_", letters).strip("_")[:ID].strip("_")
    stem = stem if re.match(r"[a-z]", stem) and len(stem) >= 3 else f"imported_{stem}".strip("_")
    count = 1
    question_id = stem
    while question_id in used:
        count += 1
        question_id = f"{stem}_{count}"
    return question_id


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else value


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, as an author writes them."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    # Single words such as 08 or y are read differently by different YAML readers, unless they are quoted.
    plain_words = " " in value or (re.fullmatch(r"[a-z][a-z_]{2,}", value) and not _is_read(value))
    style = "|" if "\n" in value else None if plain_words else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _is_read(word: str) -> bool:
    """Whether some YAML reader takes a word for a truth value, or for nothing."""
    return not isinstance(yaml.safe_load(word), str)


_Dumper.add_representer(str, _text)


def _as_yaml(data: dict[str, Any], notes: Sequence[str]) -> str:
    told = "".join(f"# {' '.join(note.split())}\n" for note in notes)
    body = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return told + body
