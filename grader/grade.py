"""A submission and an assignment in, a report out."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.answer_sheet import FILE_NAMES, AnswerSheet, read_answer_sheet
from grader.archive import Submission, read_submission
from grader.report import Check, Report, report_from
from question_bank.answers import answer_type
from question_bank.diagnostics import Where, bad_input, did_you_mean
from question_bank.key import FormKey, MarkedAnswer, loads, mark_question
from question_bank.strict_yaml import decode, load_raw, read_text

MAX_KEY_BYTES = 20_000_000


@dataclass(frozen=True)
class Task:
    """What a submission is graded against: the keys of an exam's forms, or a named exercise, or to be inferred."""

    keys: tuple[FormKey, ...] = ()
    assignment: str | None = None


@dataclass(frozen=True)
class Settings:
    """How to grade. Without a seed a fresh one is drawn for each submission."""

    seed: int | None = None
    device: str = "auto"
    allow_weak_sandbox: bool = False


def load_key(path: Path) -> FormKey:
    """The key.json at this path. Raises InputError."""
    try:
        if path.stat().st_size > MAX_KEY_BYTES:
            raise bad_input("too-large", "is too large for a key", where=Where(str(path)))
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise bad_input(
            "cannot-read", f"cannot be read: {reason}", where=Where(str(path))
        ) from None
    return loads(text, str(path))


def keys_of_exam(path: Path) -> tuple[FormKey, ...]:
    """The keys that lie beside an exam.json, one folder a form. Raises InputError."""
    try:
        exam = json.loads(read_text(path))
        labels = [str(form["label"]) for form in exam["forms"]]
    except (json.JSONDecodeError, KeyError, TypeError, RecursionError):
        raise bad_input(
            "not-an-exam", "is no exam.json of mockexam", where=Where(str(path))
        ) from None
    return tuple(load_key(path.parent / Path(label).name / "key.json") for label in labels)


def grade(
    path: Path, task: Task, settings: Settings, *, user: str | None, submitted_at: datetime
) -> Report:
    """Grade one submission (a zip or a folder). Raises InputError when it cannot be accepted."""
    submission = read_submission(path)
    _check_identity(submission, str(path), user)
    name = task.assignment or (None if task.keys else _inferred(submission, str(path)))
    seed = secrets.randbits(48) if settings.seed is None else settings.seed
    if name is not None:
        return _grade_exercise(submission, name, settings, seed, user, submitted_at)
    return _grade_answers(submission, str(path), task.keys, seed, user, submitted_at)


def _check_identity(submission: Submission, file: str, user: str | None) -> None:
    """submission.yaml is a hint: it may not contradict who handed in."""
    content = submission.files.get("submission.yaml")
    if content is None:
        return
    located = load_raw(decode(content, f"{file}/submission.yaml"), f"{file}/submission.yaml")
    claimed = located.data.get("user") if isinstance(located.data, dict) else None
    if user is not None and isinstance(claimed, str) and claimed.strip() != user:
        raise bad_input(
            "other-user",
            f'submission.yaml names the user "{claimed}", but it was handed in by "{user}"',
            where=located.where(("user",)),
            hint="hand in under your own name, or correct submission.yaml",
        )


def _inferred(submission: Submission, file: str) -> str:
    from grader.code import infer_assignment

    name = infer_assignment(submission)
    if name is not None:
        return name
    if any(n in submission.files for n in FILE_NAMES):
        raise bad_input(
            "no-key",
            "holds answers.yaml, but no key was given",
            where=Where(file),
            hint="name the form's key with --key key.json, or the exam with --exam exam.json",
        )
    raise bad_input(
        "unknown-submission",
        "holds neither answers.yaml nor files of a known exercise",
        where=Where(file),
        hint="name the assignment with --assignment (`grade --list` shows them)",
    )


def _grade_answers(
    submission: Submission,
    file: str,
    keys: Sequence[FormKey],
    seed: int,
    user: str | None,
    submitted_at: datetime,
) -> Report:
    sheet = _sheet(submission, file)
    key, notes = _form_key(sheet, keys, file)
    labels = key.labels()
    for label in sheet.answers:
        if label not in labels:
            hint = did_you_mean(label, labels)
            notes.append(
                f'"{label}" is not on form {key.form}; it was left out'
                + (f" ({hint})" if hint else "")
            )
    checks: list[Check] = []
    for question in key.questions:
        started = time.perf_counter()
        marked = mark_question(question, sheet.answers)
        seconds = (time.perf_counter() - started) / len(marked)
        checks += [_check(answer, seconds) for answer in marked]
    return report_from(
        checks,
        user=user,
        assignment=key.assignment,
        title=key.title,
        form=key.form,
        submitted_at=submitted_at,
        pass_mark=key.pass_mark,
        device="cpu",
        seed=seed,
        content_sha256=submission.sha256,
        versions=_versions(),
        notes=notes,
    )


def _sheet(submission: Submission, file: str) -> AnswerSheet:
    names = [name for name in FILE_NAMES if name in submission.files]
    if not names:
        raise bad_input(
            "no-answers",
            "holds no answers.yaml",
            where=Where(file),
            hint="put answers.yaml at the top of the zip",
        )
    if len(names) > 1:
        raise bad_input("two-answers", "holds answers.yaml twice", where=Where(file))
    return read_answer_sheet(submission.files[names[0]], f"{file}/{names[0]}")


def _form_key(sheet: AnswerSheet, keys: Sequence[FormKey], file: str) -> tuple[FormKey, list[str]]:
    forms = {key.form: key for key in keys}
    if sheet.form is None:
        if len(keys) == 1:
            return keys[0], [f"answers.yaml names no form; it was marked as form {keys[0].form}"]
        raise bad_input(
            "no-form",
            "answers.yaml names no form",
            where=Where(file),
            hint=f"add a line `form: {next(iter(forms))}` with the form printed on the paper",
        )
    for form, key in forms.items():
        if form.lower() == sheet.form.lower():
            return key, []
    raise bad_input(
        "other-form",
        f'answers.yaml is for form "{sheet.form}"; the keys given are for {", ".join(forms)}',
        where=Where(file),
        hint="give that form's key.json with --key, or all of them with --exam exam.json",
    )


def _check(answer: MarkedAnswer, seconds: float) -> Check:
    mark, part, question = answer.mark, answer.part, answer.question
    kind = answer_type(part.answer["type"])
    solution = part.solution or question.solution
    shown = (
        f"**Answer:** {kind.render(part.key)}\n\n{solution}"
        if part.answer["type"] != "text"
        else solution
    )
    return Check(
        id=answer.label,
        title=question.title + (f", part {part.label}" if part.label else ""),
        points=answer.points,
        max_points=answer.max_points,
        verdict=mark.verdict,
        message=mark.message,
        mistake=mark.mistake,
        seconds=round(seconds, 6),
        read_as=mark.read_as,
        topic=f"Lecture {question.lecture}: {question.topic}",
        solution=shown,
    )


def _grade_exercise(
    submission: Submission,
    name: str,
    settings: Settings,
    seed: int,
    user: str | None,
    submitted_at: datetime,
) -> Report:
    from grader.code import grade_code, load_assignment

    assignment = load_assignment(name)
    result = grade_code(
        submission,
        assignment,
        seed=seed,
        device=settings.device,
        allow_weak_sandbox=settings.allow_weak_sandbox,
    )
    full = sum(check.max_points for check in result.checks)
    return report_from(
        result.checks,
        user=user,
        assignment=assignment.id,
        title=assignment.title,
        form=None,
        submitted_at=submitted_at,
        pass_mark=round(assignment.pass_mark / 100 * full, 4),
        device=result.device,
        seed=seed,
        content_sha256=submission.sha256,
        versions=_versions("torch", "numpy"),
        sandbox=result.sandbox_layers,
        missing_layers=result.missing_layers,
        notes=[f"{member}: not used ({reason})" for member, reason in submission.skipped],
    )


def _versions(*packages: str) -> dict[str, str]:
    import platform
    from importlib.metadata import version

    return {"python": platform.python_version()} | {
        package: version(package) for package in ("mockexam", *packages)
    }


def differences(report: Report, earlier: Any) -> list[str]:
    """What a replay found otherwise than an earlier report.json says; empty when every verdict is the same."""
    before = {check["id"]: (check["verdict"], check["points"]) for check in earlier["checks"]}
    after = {check.id: (check.verdict, check.points) for check in report.checks}
    return [
        f"{name}: was {before.get(name, ('absent', 0))[0]}, is {after.get(name, ('absent', 0))[0]}"
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]
