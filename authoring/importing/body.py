"""The part of a question file that depends on the kind of question: text, answer or options, mistakes, solution."""

from __future__ import annotations

import re
import string
from fractions import Fraction
from typing import Any

from authoring.importing.gift import shortest
from authoring.importing.item import Answer, ForeignItem, unique

# Options of a multiple-choice question, and items on each side of a matching one.
FEWEST, MOST = 2, 8
FEWEST_PAIRED, MOST_PAIRED = 2, 12


class Cannot(Exception):
    """Why an item has no counterpart in the bank."""


def body(item: ForeignItem, notes: list[str]) -> dict[str, Any]:
    """The keys of the question file, `rubric` as one text; what changes on the way is added to `notes`. Raises Cannot."""
    if item.kind == "other":
        raise Cannot("; ".join(item.lost))
    if not item.text.strip():
        raise Cannot("it has no text")
    return {
        "choice": _choice,
        "numeric": _numeric,
        "words": _words,
        "essay": _words,
        "matching": _matching,
    }[item.kind](item, notes)


def _choice(item: ForeignItem, notes: list[str]) -> dict[str, Any]:
    count = len(item.answers)
    if not FEWEST <= count <= MOST:
        raise Cannot(
            f"a multiple-choice question has {FEWEST} to {MOST} options, and this has {count}"
        )
    options = []
    for answer in item.answers:
        right = answer.weight == 1 if item.single else answer.weight > 0
        options.append(
            {"text": answer.text, "correct": right} | ({"why": answer.why} if answer.why else {})
        )
    scoring = None if item.single else _scoring(item, notes)
    if item.single:
        _single(item, notes)
    right_ones = [option["text"] for option in options if option["correct"]]
    said = "\n".join(f"- {text}" for text in right_ones)
    shown = f"Right:\n\n{said}" if right_ones else "No option is right."
    return {
        "text": item.text,
        "options": options,
        **({} if item.shuffle else {"shuffle": False}),
        **({"scoring": scoring} if scoring else {}),
        "solution": item.solution or shown,
    }


def _single(item: ForeignItem, notes: list[str]) -> None:
    """What changes where one option was to be chosen: here any number of boxes is."""
    notes.append("one option was to be chosen, and any number of boxes can be checked here")
    for answer in item.answers:
        if 0 < answer.weight < 1:
            notes.append(f"{_quoted(answer)} earned {_percent(answer.weight)}, and is wrong here")
        elif answer.weight < 0:
            cost = _percent(-answer.weight)
            notes.append(f"{_quoted(answer)} cost {cost}, and a wrong box earns 0 here")
    if sum(answer.weight == 1 for answer in item.answers) > 1:
        notes.append("one of several right options was enough, and all must be checked here")


def _scoring(item: ForeignItem, notes: list[str]) -> str | None:
    """The bank's scheme for weighted boxes: None for all or nothing, where one right box earns all."""
    right = [answer for answer in item.answers if answer.weight > 0]
    if not right or (len(right) == 1 and right[0].weight == 1):
        share, scheme = Fraction(1), None
    else:
        # Each right box earns 1/r, each wrong one takes 1/r away, down to 0.
        share, scheme = Fraction(1, len(right)), "partial"
    for answer in item.answers:
        here = share if answer.weight > 0 else -share
        # Moodle writes thirds with five digits or more.
        if right and abs(answer.weight - here) > Fraction(1, 1000):
            was, now = _percent(answer.weight), _percent(here)
            notes.append(f"{_quoted(answer)} counted {was}, and counts {now} here")
    return scheme


def _quoted(answer: Answer) -> str:
    return f'"{cut(plain(answer.text), 40)}"'


def _numeric(item: ForeignItem, notes: list[str]) -> dict[str, Any]:
    right = [answer for answer in item.answers if answer.weight == 1 and answer.text != "*"]
    if not right:
        raise Cannot("no number earns all points")
    key = right[0]
    if len(right) > 1:
        notes.append(
            "only the first of several right numbers was taken: " + ", ".join(a.text for a in right)
        )
    mistakes: list[dict[str, Any]] = []
    told: list[Answer] = []
    for answer in item.answers:
        if answer.weight == 1:
            continue
        if answer.text == "*":
            notes.append("what was said to any other number is lost")
        elif any(_within(answer, one, key.tolerance) for one in told):
            notes.append(f"{answer.text} is not told apart from a wrong number above it")
        elif _within(answer, key, key.tolerance):
            earned = f", and earned {_percent(answer.weight)}" if answer.weight else ""
            notes.append(
                f"{answer.text} lies within the tolerance of the key{earned}: here it is right"
            )
        else:
            credit = {} if answer.weight <= 0 else {"credit": str(answer.weight)}
            if answer.weight < 0:
                notes.append(f"{answer.text} cost {_percent(-answer.weight)}, and earns 0 here")
            why = answer.why or f"{answer.text} is not the value asked for."
            name = f"slip_{len(mistakes) + 1}"
            if (answer.tolerance or 0) != (key.tolerance or 0):
                mine, keys = (shortest(one.tolerance or Fraction(0)) for one in (answer, key))
                notes.append(
                    f"{answer.text} had the tolerance {mine}, and has that of the key here: {keys}"
                )
            mistakes.append({"name": name, "set": {"result": answer.text}, "why": why} | credit)
            told.append(answer)
    return {
        "let": {"result": key.text},
        "text": item.text,
        "answer": {"type": "numeric", "value": "result", "tolerance": float(key.tolerance or 0)},
        **({"mistakes": mistakes} if mistakes else {}),
        "solution": item.solution or "${{ result|tex }}$",
    }


def _within(answer: Answer, other: Answer, tolerance: Fraction | None) -> bool:
    return abs(Fraction(answer.text) - Fraction(other.text)) <= (tolerance or 0)


def _words(item: ForeignItem, notes: list[str]) -> dict[str, Any]:
    listed = [
        (_with_gaps(answer.text, notes), answer.weight)
        for answer in item.answers
        if answer.weight > 0
    ]
    accepted = [text for text, weight in listed if weight == 1]
    if listed:
        notes.append("a person marks words: the accepted ones stand in the rubric")
    shares = [f"{text} (earns {_percent(weight)})" for text, weight in listed if weight < 1]
    told = "; ".join([*accepted, *shares])
    earns = f"accepted: {told}" if told else "a complete and right answer"
    return {
        "text": item.text,
        "answer": {"type": "text", "lines": 2 if listed else 8},
        "solution": item.solution or (" or ".join(accepted) if accepted else "See the rubric."),
        "rubric": earns,
    }


# Markdown of Moodle's wildcard, and of an asterisk that is meant literally (\*).
_WILDCARD = re.compile(r"(?<!\\)\\\*")
_ASTERISK = re.compile(r"\\{2}\\\*")


def _with_gaps(text: str, notes: list[str]) -> str:
    """Accepted words, with dots where the file takes any text."""
    shown = _WILDCARD.sub("...", text)
    if shown != text:
        notes.append(f'"*" in {plain(text)} stood for any text, and is shown as ...')
    return _ASTERISK.sub(r"\*", shown)


def _matching(item: ForeignItem, _notes: list[str]) -> dict[str, Any]:
    left = [pair for pair in item.pairs if pair.left]
    right = sorted(unique([pair.right for pair in item.pairs]))
    if not all(FEWEST_PAIRED <= len(side) <= MOST_PAIRED for side in (left, right)):
        raise Cannot(
            f"a matching question has {FEWEST_PAIRED} to {MOST_PAIRED} items on each side,"
            f" and this has {len(left)} and {len(right)}"
        )
    links = [string.ascii_lowercase[right.index(pair.right)] for pair in left]
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


def plain(text: str) -> str:
    """Markdown as one line without escapes and dollar signs, for titles."""
    return " ".join(re.sub(r"\\(.)", r"\1", text).replace("$", "").split())


def cut(text: str, length: int) -> str:
    """At most `length` characters, cut between words."""
    if len(text) <= length:
        return text
    return text[: length - 3].rsplit(" ", 1)[0] + "..."


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):g} %"
