"""A submission and what it is graded against in, a report out."""

from __future__ import annotations

import string
import textwrap
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.answer_sheet import FILE_NAMES, AnswerSheet, astray, read_answer_sheet
from grader.archive import Submission
from grader.intake import Accepted, Task, accept
from grader.report import Check, Report, report_from
from grader.seeds import fresh_seed
from grader.wording import shortened, written_otherwise
from question_bank.diagnostics import Where, bad_input

if TYPE_CHECKING:
    from grader.code.judge import CodeResult, Workshop
    from grader.scan_file import Waiting
    from question_bank.key import FormKey, MarkedAnswer

MOST_NOTES = 10  # of one kind in one report
MOST_NAMED = 3  # files that one note names


@dataclass(frozen=True)
class Settings:
    """How to grade. Without a seed each submission gets a fresh one; `solutions` puts worked solutions into the report.

    `data` holds the test data for trained models; without it they are generated.
    """

    seed: int | None = None
    device: str = "auto"
    allow_weak_sandbox: bool = False
    solutions: bool = True
    data: Path | None = None


def grade(
    path: Path, task: Task, settings: Settings, *, user: str | None, submitted_at: datetime
) -> Report:
    """Grade one submission (a zip or a folder). Raises InputError when it is refused."""
    accepted = accept(path, task, user)
    return grade_accepted(accepted, settings, user=user, submitted_at=submitted_at)


def grade_accepted(
    accepted: Accepted,
    settings: Settings,
    *,
    user: str | None,
    submitted_at: datetime,
    workshop: Callable[[], Workshop] | None = None,
) -> Report:
    """Grade what was taken in; `workshop` gives warm fork servers where there is code to run.

    Raises InputError when its answers cannot be read, or here is no place to run its code.
    """
    seed = settings.seed
    if seed is None:
        seed = fresh_seed(accepted.assignment, accepted.submission.sha256)
    common = {
        "user": user,
        "submitted_at": submitted_at,
        "seed": seed,
        "content_sha256": accepted.submission.sha256,
    }
    if accepted.task.keys:
        return _grade_answers(accepted, settings, common)
    return _grade_exercise(accepted, settings, common, workshop)


def _grade_answers(accepted: Accepted, settings: Settings, common: Mapping[str, Any]) -> Report:
    # Here and below: these take long to load, and code needs none of them.
    from grader.keys import key_for, key_sha256
    from question_bank.key import mark_question

    sheet = _sheet(accepted)
    key, notes = key_for(sheet, accepted.task.keys, accepted.file)
    labels = key.labels()
    answers = sheet.answers_to(labels)
    _refuse_other_exams(answers, key, accepted.file)
    waiting, stray = _waiting(accepted), astray(answers, labels)
    checks: list[Check] = []
    for question in key.questions:
        started = time.perf_counter()
        marked = mark_question(question, answers)
        seconds = (time.perf_counter() - started) / len(marked)
        for each in marked:
            check = _check(each, answers.get(each.label, ""), seconds)
            if not each.part.void:
                check = _left_open(check, waiting.get(each.label))
                check = _perhaps_answered(check, each, stray)
            checks.append(check)
    if not settings.solutions:
        checks = [replace(check, solution=None) for check in checks]
    return report_from(
        checks,
        assignment=key.assignment,
        title=key.title,
        form=key.form,
        pass_mark=key.pass_mark,
        device="cpu",
        versions={**_versions(), "bank": key.bank_version, "key": key_sha256(key)},
        notes=[*notes, *_notes_on(sheet, answers, key)],
        **common,
    )


def _waiting(accepted: Accepted) -> Mapping[str, Waiting]:
    """What was not read of a scanned paper."""
    from grader.scan_file import FILE_NAME, waiting_answers

    content = accepted.submission.files.get(FILE_NAME)
    return {} if content is None else waiting_answers(content, accepted.file)


def _left_open(check: Check, why: Waiting | None) -> Check:
    from grader.scan_file import WHY

    if why is None:
        return check
    return replace(check, points=0.0, verdict="needs_person", message=WHY[why], mistake=None)


def _perhaps_answered(check: Check, answer: MarkedAnswer, stray: Mapping[str, str]) -> Check:
    """The check, left open where its answer, or one that it may follow from, may stand under a name that is no label."""
    before = [f"{answer.question.number}{label}" for label in answer.part.carry.values()]
    may_follow = [label for label in before if label in stray]
    if check.verdict == "not_answered" and check.id in stray:
        message = f'nothing stands under {check.id}; "{shortened(stray[check.id])}" may be meant: a person looks at it'
    elif check.verdict in ("wrong", "partly_right") and may_follow:
        named = " and ".join(may_follow)
        message = f"may follow from your own answer to {named}, which a person looks for first"
    else:
        return check
    return replace(check, points=0.0, verdict="needs_person", message=message, mistake=None)


def _sheet(accepted: Accepted) -> AnswerSheet:
    files = accepted.submission.files
    names = [name for name in FILE_NAMES if name in files]
    if not names:
        deeper = [n for n in files if n.rpartition("/")[2].lower() in FILE_NAMES]
        raise bad_input(
            "no-answers",
            f"holds no answers.yaml at its top, only {deeper[0]}"
            if deeper
            else "holds no answers.yaml",
            where=Where(accepted.file),
            hint="put answers.yaml at the top of the zip",
        )
    if len(names) > 1:
        raise bad_input(
            "two-answers", f"holds both {' and '.join(names)}", where=Where(accepted.file)
        )
    return read_answer_sheet(files[names[0]], f"{accepted.file}/{names[0]}")


def _refuse_other_exams(answers: Mapping[str, str], key: FormKey, file: str) -> None:
    """A sheet that answers nothing of this form, but something, was made for another. Raises InputError."""
    labels = key.labels()
    given = [label for label, text in answers.items() if text.strip()]
    if given and not any(label in labels for label in given):
        named = ", ".join(shortened(label) for label in given[:MOST_NAMED])
        asked = list(labels)
        raise bad_input(
            "other-exam",
            f"answers {named}{', ...' if given[MOST_NAMED:] else ''}, and form {key.form} of"
            f" {key.assignment} asks nothing of the kind",
            where=Where(file),
            hint=f"its answers are called {', '.join(asked[:MOST_NAMED])}"
            f"{', ...' if asked[MOST_NAMED:] else ''}; or give the key of the exam that it was written in",
        )


def _notes_on(sheet: AnswerSheet, answers: Mapping[str, str], key: FormKey) -> Iterator[str]:
    labels = key.labels()
    unknown = [name for name, text in answers.items() if name not in labels and text.strip()]
    for label in unknown[:MOST_NOTES]:
        yield f'the answer to "{shortened(label)}" was not marked: {_no_such_label(label, key)}'
    if rest := unknown[MOST_NOTES:]:
        yield f"{len(rest)} more answers were not marked: form {key.form} has no such questions"
    for entry in sheet.not_used[:MOST_NOTES]:
        yield f'"{shortened(entry)}" in answers.yaml means nothing here and was not used'
    if others := sheet.not_used[MOST_NOTES:]:
        yield f"{len(others)} more entries of answers.yaml were not used"


def _no_such_label(label: str, key: FormKey) -> str:
    number = label.rstrip(string.ascii_lowercase)
    own = [name for name, (q, _) in key.labels().items() if str(q.number) == number]
    if own:
        return f"question {number} of form {key.form} is answered as {', '.join(own)}"
    return f"form {key.form} has no such question"


def _check(answer: MarkedAnswer, typed: str, seconds: float) -> Check:
    from question_bank.answers.marking import ASK

    mark, part, question = answer.mark, answer.part, answer.question
    message = mark.message
    if mark.ask:
        # Who reads a report can neither choose any more nor write it anew.
        message = message.replace(f"decides: {ASK}", "decides which was meant")
    if mark.verdict in ("unreadable", "undecided"):
        message = f'"{shortened(typed.strip())}" {message}'
    if mark.verdict == "unreadable":
        message += "; a person looks at it"
    return Check(
        id=answer.label,
        title=question.title + (f", part {part.label}" if part.label else ""),
        # As precise as a sum needs: nine ninths are one.
        points=float(round(Fraction(part.points) * mark.fraction, 6)),
        max_points=part.points,
        verdict=mark.verdict,
        message=message,
        mistake=mark.mistake,
        seconds=round(seconds, 6),
        read_as=mark.read_as,
        typed=written_otherwise(typed, mark.read_as),
        topic=f"Lecture {question.lecture}: {question.topic}",
        solution=_worked(answer),
    )


def _worked(answer: MarkedAnswer) -> str:
    """The right answer and the way to it, as Markdown."""
    from question_bank.answers import answer_type
    from question_bank.answers.multiple_choice import MultipleChoiceKey

    part, key = answer.part, answer.part.key
    pieces = []
    if shown := answer_type(key.type).render(key):
        pieces.append(f"**Answer:** {shown}")
    if answer.follows is not None and answer.carried_from:
        own = " and ".join(answer.carried_from)
        shown = answer_type(answer.follows.type).render(answer.follows)
        pieces.append(f"**From your own answer to {own}:** {shown}")
    if isinstance(key, MultipleChoiceKey):
        pieces += [
            f"- **{letter}** is {'right' if option.correct else 'not right'}: {_within(option.text)}"
            + (f"\n\n  {_within(option.why)}" if option.why else "")
            for letter, option in zip(key.letters, key.options, strict=True)
        ]
    pieces.append(part.solution or answer.question.solution)
    return "\n\n".join(piece for piece in pieces if piece)


def _within(text: str) -> str:
    """Markdown as it stands inside an item of a list."""
    return textwrap.indent(text.strip(), "  ").lstrip()


def _grade_exercise(
    accepted: Accepted,
    settings: Settings,
    common: Mapping[str, Any],
    workshop: Callable[[], Workshop] | None,
) -> Report:
    from grader.code import grade_code, load_assignment

    assignment = load_assignment(accepted.assignment)
    shop = workshop() if workshop else None

    def attempt() -> CodeResult:
        return grade_code(
            accepted.submission,
            assignment,
            seed=common["seed"],
            device=settings.device,
            allow_weak_sandbox=settings.allow_weak_sandbox,
            workshop=shop,
            data=settings.data,
        )

    result = attempt()
    if shop and any(check.verdict == "undecided" for check in result.checks):
        # The fault may be in a fork server that is broken since another submission: once more, with new ones.
        shop.close()
        result = attempt()
    full, mark = sum(check.max_points for check in result.checks), result.pass_mark
    notes = list(_set_aside(accepted.submission))
    if settings.data is not None and not result.hidden:
        notes.append("the test data given with --data were not needed")
    sets = {f"hidden_{task}": origin for task, origin in result.hidden.items()}
    return report_from(
        result.checks,
        assignment=assignment.id,
        title=assignment.title,
        form=None,
        pass_mark=round(assignment.pass_mark / 100 * full, 4) if mark is None else mark,
        above=mark is not None,
        device=result.device,
        versions={**_versions("torch", "numpy"), "assignment": assignment.version, **sets},
        sandbox=result.sandbox_layers,
        missing_layers=result.missing_layers,
        notes=notes,
        **common,
    )


def _set_aside(submission: Submission) -> Iterator[str]:
    by_reason: dict[str, list[str]] = defaultdict(list)
    for member, reason in submission.skipped:
        by_reason[reason].append(member)
    for reason, members in by_reason.items():
        named = ", ".join(shortened(member) for member in members[:MOST_NAMED])
        rest = len(members) - MOST_NAMED
        yield f"not used ({reason}): {named}" + (f" and {rest} more" if rest > 0 else "")


@cache
def _versions(*packages: str) -> Mapping[str, str]:
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for package in ("mockexam", *packages):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            # Run from a checkout that was never installed.
            found[package] = "unknown"
    return found
