"""Corrected keys that take what the best students gave, ready for a regrading: a person decides whether it is right."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.analysis.choices import NOBODY
from grader.analysis.suspicions import Suspicion
from question_bank.answers import key_from
from question_bank.answers.marking import mark
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.key import FormKey, KeyPart, dumps

FOLDER = "proposals"


@dataclass(frozen=True)
class Proposal:
    """How to mend one key: the files to write (path below the folder, content), what they change, the line to type.

    Without files the line is for keys that a person has corrected.
    """

    files: Mapping[str, str]
    change: str
    command: str


def proposal(
    suspicion: Suspicion, keys: Sequence[FormKey], folder: Path, exam: Path, *, own_forms: bool
) -> Proposal:
    """The keys of the suspicious forms with another answer accepted, where the answers say which."""
    assignment = shlex.quote(keys[0].assignment)
    corrected = {} if own_forms else _corrected(suspicion, keys)
    if not corrected:
        change = "correct `answer`, or write `accept` or `void` beside it, in the key.json of " + (
            "each student" if own_forms else f"form {', '.join(suspicion.forms)}"
        )
        line = f"grade --regrade {assignment} --exam {shlex.quote(str(exam))} --dry-run"
        return Proposal({}, change, line)
    files = {
        f"{FOLDER}/{suspicion.item.id}/{form}.json": dumps(key)
        for form, (key, _) in corrected.items()
    }
    words = ", ".join(f"{answer} on form {form}" for form, (_, answer) in corrected.items())
    given = " ".join(f"--key {shlex.quote(str(folder / name))}" for name in files)
    return Proposal(
        files,
        f"accepts {words} as well",
        f"grade --regrade {assignment} {given} --dry-run",
    )


def _corrected(suspicion: Suspicion, keys: Sequence[FormKey]) -> dict[str, tuple[FormKey, str]]:
    """By form: its key with what the best students gave accepted, and that in words."""
    found = {}
    for key in keys:
        for question in key.questions:
            for part in question.parts:
                if (question.id, part.label) != (suspicion.item.question, suspicion.item.part):
                    continue
                accepted = _accepted(suspicion, key.form, part)
                if accepted is None:
                    continue
                answer, words = accepted
                parts = tuple(
                    p.model_copy(update={"accept": (*p.accept, answer)}) if p is part else p
                    for p in question.parts
                )
                mended = question.model_copy(update={"parts": parts})
                questions = tuple(mended if q is question else q for q in key.questions)
                found[key.form] = (key.model_copy(update={"questions": questions}), words)
    return found


def _accepted(suspicion: Suspicion, form: str, part: KeyPart) -> tuple[dict[str, Any], str] | None:
    key = part.key
    if isinstance(key, MultipleChoiceKey):
        return _choice(suspicion, form, key)
    for option in suspicion.instead:
        if option.typed and form in option.letters:
            answer = _typed(part, option.text)
            if answer is not None:
                return answer, f'"{option.text}"'
    return None


def _choice(
    suspicion: Suspicion, form: str, key: MultipleChoiceKey
) -> tuple[dict[str, Any], str] | None:
    """The options that the best students chose as the right ones.

    Where several are right, an answer is right as a whole: what most of them checked together, not each option that many
    of them checked.
    """
    none = any(option.text == NOBODY for option in suspicion.instead)
    more = {option.letters[form] for option in suspicion.instead if form in option.letters}
    less = {option.letters[form] for option in suspicion.against if form in option.letters}
    whole = suspicion.best.get(form)
    right: frozenset[str]
    if len(key.right) > 1 and whole is not None and whole != key.right:
        right = whole
    elif none:
        right = frozenset()
    elif not more:
        return None
    else:
        right = frozenset(more) if len(key.right) == 1 else (key.right | more) - less
    if right == key.right:
        return None
    options = tuple(
        option.model_copy(update={"correct": letter in right})
        for letter, option in zip(key.letters, key.options, strict=True)
    )
    answer = key.model_copy(update={"options": options}).model_dump(mode="json")
    return answer, ", ".join(sorted(right)) or "none"


def _typed(part: KeyPart, said: str) -> dict[str, Any] | None:
    """The part's answer with another value, where the key of its type takes it and marks what was said as right."""
    if "value" not in part.answer:
        return None
    answer = {**part.answer, "value": said}
    try:
        return answer if mark(key_from(answer), said).verdict == "right" else None
    except ValueError:
        return None
