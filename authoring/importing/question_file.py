"""A question of another system as a question file: what it says is taken over, what only an author knows is asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any, Literal

import yaml

from authoring.importing.gift import number
from authoring.importing.item import Answer, ForeignItem, unique
from question_bank.diagnostics import InputError, Where
from question_bank.loader import parse_question

TITLE, ID = 70, 50
# Options that a multiple-choice question of the bank can have.
FEWEST, MOST = 3, 8
TO_SAY = "say what a student shows by answering"


@dataclass(frozen=True)
class Course:
    """What every imported question gets, because the file does not say it."""

    lecture: int
    source: str
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


class _Cannot(Exception):
    """Why an item has no counterpart in the bank."""


def question_files(
    items: Sequence[ForeignItem], course: Course, taken: frozenset[str]
) -> Iterator[Imported | LeftOut]:
    """Question files that the bank's own loader accepts; ids are new among `taken` and each other."""
    used = set(taken)
    for item in _statements_together(items):
        try:
            data, notes = _question(item, course)
        except _Cannot as reason:
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


def _statement(item: ForeignItem) -> Answer:
    truth = {answer.text: answer for answer in item.answers}
    if set(truth) != {"true", "false"}:
        return Answer(item.text, Fraction(0), "the file lists neither true nor false")
    right = truth["true"].weight > truth["false"].weight
    return Answer(item.text, Fraction(right), truth["false" if right else "true"].why)


def _question(item: ForeignItem, course: Course) -> tuple[dict[str, Any], tuple[str, ...]]:
    if item.kind == "other":
        raise _Cannot("; ".join(item.lost))
    if not item.text.strip():
        raise _Cannot("it has no text")
    notes = [f"lost: {loss}" for loss in item.lost]
    body = {
        "choice": _choice,
        "numeric": _numeric,
        "words": _words,
        "essay": _words,
        "matching": _matching,
    }[item.kind](item, notes)
    title = _cut(_plain(item.name or item.text), TITLE) or "Imported question"
    points = 2.0 if item.kind == "choice" else min(4.0, max(1.0, round(float(item.points) * 2) / 2))
    if "rubric" in body:
        body["rubric"] = [{"points": points, "earns": body["rubric"]}]
    if not item.solution:
        notes.append("there was no explanation of the answer: write a worked solution")
    head = {
        "title": title if len(title) >= 3 else f"Question {title}",
        "lecture": course.lecture,
        "topic": _cut(_topic(item.category) or "imported", 200),
        "type": "multiple_choice" if item.kind == "choice" else "short",
        "points": _number(points),
        "difficulty": 2,
        "objectives": [_cut(tag, 200) for tag in item.tags if tag] or [TO_SAY],
        "source": course.source,
        "use": course.use,
    }
    return head | body | {"verify": {"source": course.source}}, tuple(unique(notes))


def _choice(item: ForeignItem, notes: list[str]) -> dict[str, Any]:
    count = len(item.answers)
    if not FEWEST <= count <= MOST:
        raise _Cannot(
            f"a multiple-choice question has {FEWEST} to {MOST} options, and this has {count}"
        )
    best = Fraction(1) if item.single else None
    options = []
    for answer in item.answers:
        right = answer.weight == best if best else answer.weight > 0
        if answer.weight > 0 and not right:
            notes.append(
                f'"{_cut(_plain(answer.text), 40)}" earned {_percent(answer.weight)}, and is wrong here'
            )
        options.append(
            {"text": answer.text, "correct": right} | ({"why": answer.why} if answer.why else {})
        )
    right_ones = [option["text"] for option in options if option["correct"]]
    said = "\n".join(f"- {text}" for text in right_ones)
    shown = f"Right:\n\n{said}" if right_ones else "No option is right."
    return {
        "text": item.text,
        "options": options,
        **({} if item.shuffle else {"shuffle": False}),
        "solution": item.solution or shown,
    }


def _numeric(item: ForeignItem, notes: list[str]) -> dict[str, Any]:
    right = [answer for answer in item.answers if answer.weight == 1 and answer.text != "*"]
    if not right:
        raise _Cannot("no number earns all points")
    key = right[0]
    if len(right) > 1:
        notes.append(
            "only the first of several right numbers was taken: " + ", ".join(a.text for a in right)
        )
    mistakes: list[dict[str, Any]] = []
    for answer in item.answers:
        if answer.weight == 1:
            continue
        if answer.text == "*":
            notes.append("what was said to any other number is lost")
        elif _within(answer, key):
            notes.append(
                f"{answer.text} lies within the tolerance of the key, and is not told apart from it"
            )
        else:
            credit = {} if answer.weight <= 0 else {"credit": str(answer.weight)}
            why = answer.why or f"{answer.text} is not the value asked for."
            name = f"slip_{len(mistakes) + 1}"
            mistakes.append({"name": name, "set": {"result": answer.text}, "why": why} | credit)
    return {
        "let": {"result": key.text},
        "text": item.text,
        "answer": {"type": "numeric", "value": "result", "tolerance": float(key.tolerance or 0)},
        **({"mistakes": mistakes} if mistakes else {}),
        "solution": item.solution or "${{ result|tex }}$",
    }


def _within(answer: Answer, key: Answer) -> bool:
    place = Where("")
    apart = (
        abs(Fraction(answer.text) - Fraction(key.text))
        if "/" in answer.text + key.text
        else abs(number(answer.text, place, "gift") - number(key.text, place, "gift"))
    )
    return apart <= (key.tolerance or 0) + (answer.tolerance or 0)


def _words(item: ForeignItem, notes: list[str]) -> dict[str, Any]:
    accepted = [answer.text for answer in item.answers if answer.weight > 0 and answer.text != "*"]
    if accepted:
        notes.append("a person marks words: the accepted ones stand in the rubric")
    earns = "accepted: " + "; ".join(accepted) if accepted else "a complete and right answer"
    return {
        "text": item.text,
        "answer": {"type": "text", "lines": 2 if accepted else 8},
        "solution": item.solution or (" or ".join(accepted) if accepted else "See the rubric."),
        "rubric": earns,
    }


def _matching(item: ForeignItem, _notes: list[str]) -> dict[str, Any]:
    left = [pair for pair in item.pairs if pair.left]
    right = sorted(unique([pair.right for pair in item.pairs]))
    if len(left) < 2 or len(right) > 20:
        raise _Cannot(
            "a matching question has at least 2 items on the left, and at most 20 on the right"
        )
    letters = "abcdefghijklmnopqrstuvwxyz"
    links = [letters[right.index(pair.right)] for pair in left]
    shown = ", ".join(f"{n}{letter}" for n, letter in enumerate(links, 1))
    return {
        "text": item.text,
        "answer": {
            "type": "matching",
            "left": [pair.left for pair in left],
            "right": list(right),
            "pairs": links,
        },
        "solution": item.solution or f"{shown}.",
    }


def _topic(category: str) -> str:
    """The last of `$course$/top/Convolutions`."""
    names = [name for name in re.split(r"(?<!/)/(?!/)", category) if name.strip()]
    return names[-1].replace("//", "/").strip() if names else ""


def _plain(text: str) -> str:
    return " ".join(re.sub(r"\\(.)", r"\1", text).replace("$", "").split())


def _cut(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    return text[: length - 3].rsplit(" ", 1)[0] + "..."


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


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):g} %"


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else value


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, as an author writes them."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def _as_yaml(data: dict[str, Any], notes: Sequence[str]) -> str:
    told = "".join(f"# {' '.join(note.split())}\n" for note in notes)
    body = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return told + body
