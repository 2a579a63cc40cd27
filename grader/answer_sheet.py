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

from question_bank.diagnostics import Diagnostic, InputError, bad_input, did_you_mean
from question_bank.strict_yaml import Located, decode, load_raw

FILE_NAMES = ("answers.yaml", "answers.yml")
_SHAPE = (
    "answers.yaml holds `form: A` and `answers:` with one line for each answer, such as `4a: 2/3`"
)


@dataclass(frozen=True)
class AnswerSheet:
    """The form that the student names (None when it says none), and the text of each answer by label."""

    form: str | None
    answers: dict[str, str]


def read_answer_sheet(content: bytes, file: str) -> AnswerSheet:
    """The sheet of a submission. Raises InputError with all that is wrong in it."""
    located = load_raw(decode(content, file), file)
    data = located.data
    if not isinstance(data, dict):
        raise bad_input("bad-answers", "holds no answers", where=located.where(()), hint=_SHAPE)
    findings = [
        Diagnostic(
            "unknown-key", f'"{key}"', located.where((key,)), did_you_mean(key, ("form", "answers"))
        )
        for key in data
        if key not in ("form", "answers")
    ]
    form = data.get("form")
    if form is not None and not isinstance(form, str):
        findings.append(
            Diagnostic("bad-form", "form is one word, such as A", located.where(("form",)))
        )
    answers: dict[str, str] = {}
    if not isinstance(data.get("answers"), dict):
        findings.append(
            Diagnostic("missing-key", '"answers" is missing', located.where(("answers",)), _SHAPE)
        )
    else:
        findings += _collect(located, answers)
    if findings:
        raise InputError(*findings)
    return AnswerSheet(form.strip() if isinstance(form, str) and form.strip() else None, answers)


def _collect(located: Located, answers: dict[str, str]) -> Iterator[Diagnostic]:
    for key, value in located.data["answers"].items():
        # `4: {a: 2/3, b: x}` is another way to write 4a and 4b.
        parts = value if isinstance(value, dict) else {"": value}
        for part, answer in parts.items():
            label = normal_label(f"{key}{part}")
            path = ("answers", key, part) if isinstance(value, dict) else ("answers", key)
            if label in answers:
                yield Diagnostic(
                    "duplicate-answer", f'"{label}" is answered twice', located.where(path)
                )
            text = as_text(answer)
            if text is None:
                yield Diagnostic(
                    "bad-answer",
                    f'"{label}" holds a mapping where an answer is expected',
                    located.where(path),
                    "put the answer in quotes",
                )
            else:
                answers[label] = text


def normal_label(label: str) -> str:
    """4a, 4 A, 4.a and 4) a are one label."""
    return re.sub(r"[^0-9a-z]", "", label.lower())


def as_text(answer: Any) -> str | None:
    """An answer as one text; a list keeps its brackets, None for what is no answer."""
    if isinstance(answer, list):
        items = [as_text(item) for item in answer]
        return None if None in items else "[" + ", ".join(map(str, items)) + "]"
    return answer if isinstance(answer, str) else None
