"""What an exam measured, for the bank's statistics: by question and version, apart from the questions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from grader.analysis.analysis import Analysis
from grader.report import Report
from question_bank.diagnostics import InputError
from question_bank.grammar.exact import EvaluationError
from question_bank.key import FormKey, KeyQuestion, key_question
from question_bank.loader import Bank
from question_bank.measured import MeasuredAnswer, Sitting, version_of
from question_bank.variant import instantiate


def sitting_of(
    found: Analysis, reports: Sequence[Report], keys: Sequence[FormKey], bank: Bank
) -> Sitting:
    """What the analysis says of each answer that has marks; a class of one says nothing."""
    used = {str(report.form) for report in reports}
    asked = {
        question.id: question for key in keys if key.form in used for question in key.questions
    }
    versions = {name: _version(question, bank) for name, question in asked.items()}
    return Sitting(
        assignment=found.responses.assignment,
        bank_version=keys[0].bank_version,
        papers=tuple(sorted({_digest(report, found) for report in reports})),
        answers=tuple(_answers(found, versions)),
    )


def _answers(found: Analysis, versions: dict[str, str | None]) -> Iterator[MeasuredAnswer]:
    for item, own in zip(found.responses.items, found.statistics, strict=True):
        if own.difficulty is None or item.void or not item.points:
            continue
        yield MeasuredAnswer(
            question=item.question,
            part=item.part,
            version=versions[item.question],
            students=own.difficulty.n,
            solved=round(own.difficulty.value, 6),
            discrimination=None
            if own.discrimination is None
            else round(own.discrimination.value, 6),
            points=item.points,
        )


def _version(printed: KeyQuestion, bank: Bank) -> str | None:
    """The version of the bank's question, where its draw reads as what was printed; None where it does not."""
    question = bank.questions.get(printed.id)
    if question is None:
        return None
    try:
        now = key_question(printed.number, instantiate(question, printed.seed))
    except (InputError, EvaluationError, ValueError):
        return None
    parts = {part.label: part for part in now.parts}
    # A question may have been shortened for an exam; its key may have been corrected since.
    same = now.text == printed.text and all(
        part.label in parts
        and parts[part.label].text == part.text
        and (_texts(parts[part.label].answer) == _texts(part.answer))
        for part in printed.parts
    )
    return version_of(question) if same else None


def _texts(answer: dict[str, object]) -> object:
    """What a student sees of an answer: the options."""
    options = answer.get("options")
    if not isinstance(options, list):
        return None
    return [option["text"] for option in options if isinstance(option, dict)]


def _digest(report: Report, found: Analysis) -> str:
    named = f"{found.responses.assignment}:{report.content_sha256}"
    return hashlib.sha256(named.encode()).hexdigest()[:16]
