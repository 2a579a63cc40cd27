"""answers.yaml: what a student answered, as it was typed.

    form: A
    answers: {1: [a, c], 2: [], 3: "32x16x16", 4a: "2/3", 4b: "W^2*V*(1-h2^2)"}

Every scalar is raw text: `no`, `1e-3` and `9.10` mean what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
# What stands below a number as the label of a part.
_PART = re.compile(r"[\s.():-]*[A-Za-z][\s.):]*")
MOST_BYTES = 256 * 1024
MOST_VALUES = 10_000  # texts in the file; a form has some dozens
MOST_TOLD = 20  # of what is wrong in one file
_NO_ANSWER = "put the answer in quotes; `[]` says that no option is right"


@dataclass(frozen=True)
class AnswerSheet:
    """What answers.yaml says: the form (None when it names none), and the text of each answer by label.

    `not_used` holds the names of other entries, which mean nothing here.
    """

    form: str | None
    answers: dict[str, str]
    not_used: tuple[str, ...] = ()


def read_answer_sheet(content: bytes, file: str) -> AnswerSheet:
    """The sheet of a submission. Raises InputError with what is wrong in it, the first `MOST_TOLD` findings at most."""
    try:
        return _read(content, file)
    except InputError as error:
        told, rest = error.diagnostics[:MOST_TOLD], len(error.diagnostics) - MOST_TOLD
        if rest > 0:
            more = Diagnostic("more", f"{rest} more of the kind", Where(file))
            raise InputError(*told, more) from None
        raise


def _read(content: bytes, file: str) -> AnswerSheet:
    if len(content) > MOST_BYTES:
        raise bad_input(
            "too-large", f"is larger than {MOST_BYTES // 1024} KiB", where=Where(file), hint=_SHAPE
        )
    text = decode(content, file)
    _refuse_flood(text, file)
    located = load_raw(text, file)
    data = located.data
    if not isinstance(data, dict):
        raise bad_input("bad-answers", "holds no answers", where=located.where(()), hint=_SHAPE)
    findings = list(_faults_of_the_frame(located))
    found = [] if findings else list(_answers(located))
    findings += [item for item in found if isinstance(item, Diagnostic)]
    if findings:
        raise InputError(*findings)
    return AnswerSheet(
        form=data.get("form", "").strip() or None,
        answers=dict(item for item in found if not isinstance(item, Diagnostic)),
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


def _as_text(located: Located, answer: Any, path: Steps) -> str | None:
    """An answer as one text; a list and pairs keep their brackets, None for what is no answer."""
    if isinstance(answer, list):
        items = [_as_text(located, item, (*path, i)) for i, item in enumerate(answer)]
        found = [item for item in items if item is not None]
        return f"[{_listed(located, found, path)}]" if len(found) == len(items) else None
    if isinstance(answer, dict) and answer and not any(map(_PART.fullmatch, answer)):
        # {1: b, 2: a} matches what is printed; {a: ..., b: ...} are parts.
        texts = {key: _as_text(located, value, (*path, key)) for key, value in answer.items()}
        shown = ", ".join(f"{key}: {value}" for key, value in texts.items())
        return None if None in texts.values() else f"{{{shown}}}"
    return answer if isinstance(answer, str) else None


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


def _answers(located: Located) -> Iterator[tuple[str, str] | Diagnostic]:
    """Label and text of each answer, or what is wrong with it."""
    seen: set[str] = set()
    for label, answer, path in _entries(located.data["answers"] or {}):
        text = _as_text(located, answer, path)
        if label in seen:
            yield Diagnostic(
                "duplicate-answer",
                f'"{label}" is answered twice',
                located.where(path),
                "keep one of the two",
            )
        elif text is None:
            message = f'"{label}" holds a mapping where an answer is expected'
            yield Diagnostic("bad-answer", message, located.where(path), _NO_ANSWER)
        else:
            yield label, text
        seen.add(label)


def _entries(answers: dict[str, Any]) -> Iterator[tuple[str, Any, Steps]]:
    for key, value in answers.items():
        if not isinstance(value, dict) or not any(map(_PART.fullmatch, value)):
            yield normal_label(key), value, ("answers", key)
            continue
        # `4: {a: 2/3, b: x}` is another way to write 4a and 4b.
        for part, answer in value.items():
            yield normal_label(f"{key} {part}"), answer, ("answers", key, part)
