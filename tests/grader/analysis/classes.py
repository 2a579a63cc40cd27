"""Small exams, and classes that answer them: what is analysed, without an exam to generate."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from grader.analysis.responses import Responses, responses_of
from grader.keys import key_sha256
from grader.report import Check, Report, report_from
from question_bank.answers.multiple_choice import MultipleChoiceKey, Option
from question_bank.key import FormKey, KeyPart, KeyQuestion, dumps, mark_question

WHEN = datetime(2026, 2, 3, 9, tzinfo=UTC)
ASSIGNMENT = "a-test"


def choice(name: str, options: str, *, points: float = 1.0) -> KeyQuestion:
    """A multiple-choice question: `"the sum|*the product"`, * before what is right."""
    made = tuple(
        Option(text=text.removeprefix("*"), correct=text.startswith("*"))
        for text in options.split("|")
    )
    answer = MultipleChoiceKey(options=made).model_dump(mode="json")
    return question(name, [("", points, answer)], kind="multiple_choice")


def number(name: str, value: str, *, points: float = 1.0) -> KeyQuestion:
    """A question that is answered by a number."""
    return question(name, [("", points, {"type": "numeric", "value": value})])


def question(
    name: str, parts: Sequence[tuple[str, float, Mapping[str, object]]], *, kind: str = "short"
) -> KeyQuestion:
    return KeyQuestion(
        number=1,
        id=name,
        seed=1,
        type=kind,
        title=f"On {name}",
        lecture=2,
        topic="sums",
        points=sum(points for _, points, _ in parts),
        text=f"Text of {name}.",
        solution="",
        parameters={},
        let={},
        parts=tuple(
            KeyPart(label=label, text="", points=points, answer=dict(answer))
            for label, points, answer in parts
        ),
    )  # fmt: skip


def form(label: str, questions: Sequence[KeyQuestion]) -> FormKey:
    """A form that asks these questions in this order."""
    numbered = tuple(q.model_copy(update={"number": n}) for n, q in enumerate(questions, start=1))
    total = sum(q.points for q in numbered)
    return FormKey(
        assignment=ASSIGNMENT,
        title="A test",
        form=label,
        language="en",
        total_points=total,
        pass_mark=total / 2,
        bank_version="0",
        seed=1,
        questions=numbered,
    )


def report(key: FormKey, answers: Mapping[str, str], user: str | None) -> Report:
    """What marking these answers (label: text) gives."""
    checks = [
        Check(
            id=marked.label,
            title=marked.question.title,
            points=marked.points,
            max_points=marked.max_points,
            verdict=marked.mark.verdict,
            message=marked.mark.message,
            mistake=marked.mark.mistake,
            read_as=marked.mark.read_as,
        )
        for q in key.questions
        for marked in mark_question(q, answers)
    ]
    return report_from(
        checks,
        user=user,
        assignment=key.assignment,
        title=key.title,
        form=key.form,
        submitted_at=WHEN,
        pass_mark=key.pass_mark,
        device="cpu",
        seed=1,
        content_sha256=f"digest of {user}",
        versions={"key": key_sha256(key)},
    )


def items(count: int) -> list[KeyQuestion]:
    """So many questions, right when `b` is chosen."""
    return [choice(f"item_{n:02}", "first|*second|third") for n in range(count)]


def responses(scores: np.ndarray | Sequence[Sequence[float]]) -> Responses:
    """Students by questions of one point: 1 is right, 0 wrong, NaN not answered."""
    table = np.asarray(scores, dtype=float)
    key = form("A", items(table.shape[1]))
    papers = [
        report(key, {str(n + 1): "b" if v else "a" for n, v in enumerate(row) if not np.isnan(v)}, f"w{i}")
        for i, row in enumerate(table)
    ]  # fmt: skip
    return responses_of(papers, [key], own_forms=False)


def able_class(
    students: int, difficulties: Sequence[float], seed: int, slopes: Sequence[float] | None = None
) -> np.ndarray:
    """Right and wrong answers of students whose ability is N(0, 1)."""
    draw = np.random.default_rng(seed)
    ability = draw.normal(size=students)
    steep = np.ones(len(difficulties)) if slopes is None else np.asarray(slopes)
    chance = 1 / (1 + np.exp(-steep * (ability[:, None] - np.asarray(difficulties))))
    return (draw.random(chance.shape) < chance).astype(float)


def write_exam(folder: Path, keys: Sequence[FormKey], *, students: bool = False) -> Path:
    """exam.json with its keys beside it."""
    for key in keys:
        (folder / key.form).mkdir(parents=True, exist_ok=True)
        (folder / key.form / "key.json").write_text(dumps(key), "utf-8")
    forms = [{"label": k.form, **({"student": {"id": k.form}} if students else {})} for k in keys]
    (folder / "exam.json").write_text(json.dumps({"forms": forms}), "utf-8")
    return folder / "exam.json"
