"""`question-bank lint-exam`: an exam that was made, judged form by form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from authoring.lint.exam import Printed, lint_exam
from generator.record import load_record, rebuild
from question_bank.diagnostics import Diagnostic, Where
from question_bank.loader import Bank, shown


def lint_exam_file(file: Path, bank: Bank, *, any_bank: bool = False) -> Iterator[Diagnostic]:
    """Findings on each form of an exam.json; what all forms share is said once.

    Raises InputError when the file is no exam, or was made from another bank.
    """
    exam = rebuild(load_record(file), bank, str(file), any_bank=any_bank)
    said: set[tuple[str, str]] = set()
    for form in exam.forms:
        printed = [
            Printed(one.number, bank.questions[one.variant.question_id], one.variant)
            for one in form.questions
        ]
        for code, message, severity in lint_exam(printed, minutes=form.minutes):
            if (code, message) not in said:
                said.add((code, message))
                where = Where(shown(file), what=f"form {form.label}")
                yield Diagnostic(code, message, where, severity=severity)
