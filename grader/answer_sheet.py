"""answers.yaml: what a student answered, as it was typed.

    form: A
    answers: {1: [a, c], 2: [], 3: "32x16x16", 4a: "2/3", 4b: "W^2*V*(1-h2^2)"}

Every scalar is raw text: `no`, `1e-3` and `9.10` mean what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from question_bank.diagnostics import Diagnostic, InputError, Where, bad_input, did_you_mean
from question_bank.strict_yaml import MAX_DEPTH, Located, Steps, decode, load_raw

FILE_NAMES = ("answers.yaml", "answers.yml")
KEYS = ("form", "answers")
_SHAPE = (
    "answers.yaml holds `form: A` and `answers:` with one line for each answer, such as `4a: 2/3`"
)
# 4a, 4 A, 4.a, 4) a, 4(a), Q4a; but never 1.5 or 2/3, which would become the answers 15 and 23.
_LABEL = re.compile(
    r"(?:(?:question|problem|q)[\s.]*)?0*(?P<number>[1-9][0-9]{0,3})(?:[\s.():-]*(?P<part>[a-z])\s*\)?|[\s.):]*)"
)
# The question that a name speaks of, though it may be no label: 4, 4 w1, 4aa; but no 1.5.
_NUMBER = re.compile(
    r"(?:(?:question|problem|q)[\s.]*)?0*([1-9][0-9]{0,3})(?![0-9]|[.,/][0-9])", re.IGNORECASE
)
MOST_BYTES = 256 * 1024
MOST_VALUES = 10_000  # texts in the file; a form has some dozens
MOST_TOLD = 20  # of what is wrong in one file
# Entries below an answer, counted from the top: answers, then its number.
_BELOW_NUMBERS = 2


@dataclass(frozen=True)
class Entry:
    """What stands under a name: all of it as one text, and what stands under each name below, where there are any."""

    name: str
    text: str
    where: Where
    below: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class AnswerSheet:
    """What answers.yaml says: the form (None when it names none), and what stands under `answers`.

    `not_used` holds the names of other entries, which mean nothing here.
    """

    form: str | None
    entries: tuple[Entry, ...]
    not_used: tuple[str, ...] = ()

    def answers_to(self, labels: Collection[str]) -> dict[str, str]:
        """The text of each answer by label, for a form that asks for these `labels`, and of entries under other names.

        `4: {a: 2/3, b: x}` are 4a and 4b where the form asks for one of them and not for 4; else it is one text.
        Raises InputError where something is answered twice.
        """
        found: dict[str, str] = {}
        twice: list[Diagnostic] = []
        file = ""
        for label, entry in _labelled(self.entries, labels):
            if label in found:
                said = f'"{label}" is answered twice'
                twice.append(
                    Diagnostic("duplicate-answer", said, entry.where, "keep one of the two")
                )
                file = entry.where.file
            found[label] = entry.text
        if twice:
            raise _of_many(twice, file)
        return found


def _labelled(entries: tuple[Entry, ...], labels: Collection[str]) -> Iterator[tuple[str, Entry]]:
    for entry in entries:
        label = normal_label(entry.name)
        parts = [(normal_label(f"{entry.name} {part.name}"), part) for part in entry.below]
        if label not in labels and any(name in labels for name, _ in parts):
            yield from parts
        else:
            yield label, entry


def astray(answers: Mapping[str, str], labels: Collection[str]) -> dict[str, str]:
    """For labels that are not answered: what stands under names that are no labels, of the same question.

    The names stand before it: `4: 6 1 4 5` for 4a and 4b.
    """
    # Here: the answer types take long to load, and code needs none of them.
    from question_bank.answers.typed import is_noise

    stray: dict[str, list[str]] = {}
    for name, text in answers.items():
        number = None if name in labels else _NUMBER.match(name)
        if number and text.strip() and not is_noise(text):
            stray.setdefault(number[1], []).append(f"{name}: {text.strip()}")
    return {
        label: "\n".join(stray[number[1]])
        for label in labels
        if (number := _NUMBER.match(label)) and number[1] in stray
        if not answers.get(label, "").strip()
    }


def read_answer_sheet(content: bytes, file: str) -> AnswerSheet:
    """The sheet of a submission. Raises InputError with what is wrong in it, the first `MOST_TOLD` findings at most."""
    try:
        return _read(content, file)
    except InputError as error:
        raise _of_many(error.diagnostics, file) from None


def _of_many(found: Sequence[Diagnostic], file: str) -> InputError:
    rest = len(found) - MOST_TOLD
    more = [Diagnostic("more", f"{rest} more of the kind", Where(file))] if rest > 0 else []
    return InputError(*found[:MOST_TOLD], *more)


def _read(content: bytes, file: str) -> AnswerSheet:
    if len(content) > MOST_BYTES:
        raise bad_input(
            "too-large", f"is larger than {MOST_BYTES // 1024} KiB", where=Where(file), hint=_SHAPE
        )
    text = decode(content, file)
    _refuse_flood(text, file)
    located = load_raw(text, file, braces_from=_BELOW_NUMBERS)
    data = located.data
    if not isinstance(data, dict):
        raise bad_input("bad-answers", "holds no answers", where=located.where(()), hint=_SHAPE)
    if findings := list(_faults_of_the_frame(located)):
        raise InputError(*findings)
    return AnswerSheet(
        form=data.get("form", "").strip() or None,
        entries=tuple(_entries(located, data["answers"] or {}, ("answers",))),
        not_used=tuple(key for key in data if key not in KEYS),
    )


def _refuse_flood(text: str, file: str) -> None:
    """Refuse what holds more than any form asks for, before anything is made of it.

    What is nested too deep, or is no YAML, is left to the reader, which says where.
    """
    values = depth = 0
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            values += isinstance(event, yaml.ScalarEvent)
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                return
    except yaml.YAMLError:
        return
    if values > MOST_VALUES:
        raise bad_input(
            "too-many",
            f"holds {values:,} labels and answers, more than any form asks for ({MOST_VALUES:,})",
            where=Where(file),
            hint=_SHAPE,
        )


def normal_label(label: str) -> str:
    """The label as printed: 4 A, 4.a, 4) a and Q4a are 4a. What is no label stays as it was typed."""
    read = _LABEL.fullmatch(label.strip().lower())
    return f"{read['number']}{read['part'] or ''}" if read else label.strip()


def _as_text(located: Located, answer: Any, path: Steps) -> str:
    """An answer as one text; lists and pairs keep their brackets, and braces in which nothing is filled in are blank."""
    if isinstance(answer, list):
        items = [_as_text(located, item, (*path, i)) for i, item in enumerate(answer)]
        return f"[{_listed(located, items, path)}]"
    if isinstance(answer, dict):
        texts = {key: _as_text(located, value, (*path, key)) for key, value in answer.items()}
        commas = any(isinstance(value, str) and "," in value for value in answer.values())
        shown = ("; " if commas else ", ").join(f"{key}: {value}" for key, value in texts.items())
        return f"{{{shown}}}" if any(text.strip() for text in texts.values()) else ""
    return str(answer)


def _listed(located: Located, items: list[str], path: Steps) -> str:
    """The entries as they were typed: YAML divides 0,375 at its comma, and a quoted "0,375" keeps it."""
    quoted = any("," in item and (*path, i) in located.typed for i, item in enumerate(items))
    between = "; " if quoted else ", "
    return "".join(
        item if i == 0 else ("," if (*path, i) in located.close else between) + item
        for i, item in enumerate(items)
    )


def _faults_of_the_frame(located: Located) -> Iterator[Diagnostic]:
    data = located.data
    if not isinstance(data.get("form", ""), str):
        yield Diagnostic("bad-form", "form is one word, such as A", located.where(("form",)))
    for key in data:
        # `from: B` must not be marked as form A; an entry that looks like neither is only not used.
        meant = None if key in KEYS else did_you_mean(key.lower(), KEYS)
        if meant:
            yield Diagnostic("unknown-key", f'"{key}"', located.where((key,)), meant)
    if "answers" not in data:
        yield Diagnostic("missing-key", '"answers" is missing', located.where(()), _SHAPE)
    elif not isinstance(data["answers"], dict) and data["answers"] != "":
        where = located.where(("answers",))
        yield Diagnostic("bad-answers", "answers are given by number", where, _SHAPE)


def _entries(located: Located, answers: Mapping[str, Any], above: Steps) -> Iterator[Entry]:
    for name, value in answers.items():
        path = (*above, name)
        below = _entries(located, value, path) if isinstance(value, dict) else ()
        yield Entry(name, _as_text(located, value, path), located.where(path), tuple(below))
