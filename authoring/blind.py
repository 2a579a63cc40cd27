"""`question-bank blind`: questions on paper without their keys, for someone to solve, and a table of what came out.

Who writes a question reads what was meant; who sees only the paper reads what is there. Where the two differ, the
question is mended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from generator.exam import Form, FormQuestion, FormSection
from generator.render import render_exam
from grader.answer_sheet import read_answer_sheet
from question_bank.diagnostics import Where, bad_input
from question_bank.files import write_whole
from question_bank.key import dumps, loads, mark_question
from question_bank.schema import Question, Type
from question_bank.strict_yaml import read_text
from question_bank.variant import instantiate
from question_bank.wording import counted

PAPER, KEY, ANSWERS = "paper.pdf", "key.json", "answers.yaml"
_SECTIONS: Mapping[Type, str] = {
    "multiple_choice": "Multiple choice",
    "short": "Short questions",
    "long": "Long questions",
}
_LONGEST_ANSWER = 120


def blind_form(questions: Sequence[Question], seed: int, bank_version: str) -> Form:
    """All questions with the same seed on one form, by type. Raises InputError for a question without draws."""
    sections = []
    number = 0
    for kind, title in _SECTIONS.items():
        found = []
        for question in questions:
            if question.type == kind:
                number += 1
                found.append(FormQuestion(number, instantiate(question, seed)))
        if found:
            sections.append(FormSection(title, kind, tuple(found)))
    return Form(
        title=f"{counted(number, 'question')} to be solved blind",
        course="Question bank",
        label="A",
        language="en",
        minutes=sum(question.minutes for question in questions),
        pass_mark=0,
        assignment=f"blind-{seed}",
        seed=seed,
        bank_version=bank_version,
        sections=tuple(sections),
    )


def write_blind(form: Form, folder: Path) -> list[Path]:
    """The paper, its key, and a sheet for the answers, which is never replaced. Returns the files."""
    key = form.key()
    labels = [printed.label for question in form.questions for printed in question.parts]
    lines = [f"  {label}: " for label in labels]
    paper, keys, answers = (folder / name for name in (PAPER, KEY, ANSWERS))
    if answers.exists():
        raise bad_input(
            "answers-there",
            f"{answers} is there already, and what was solved is not replaced",
            hint="name a new folder with -o",
        )
    content = render_exam(form)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paper.write_bytes(content)
    except OSError as error:
        raise bad_input("cannot-write", f"{error.strerror}", where=Where(str(paper))) from None
    write_whole(keys, dumps(key))
    write_whole(answers, "\n".join(["form: A", "answers:", *lines, ""]))
    return [paper, keys, answers]


def record_rows(folder: Path) -> list[tuple[str, str, str, str]]:
    """(question and part, draw, answer, verdict) of a folder whose answers.yaml was filled in."""
    key = loads(read_text(folder / KEY), str(folder / KEY))
    file = folder / ANSWERS
    answers = read_answer_sheet(read_text(file).encode(), str(file)).answers_to(key.labels())
    rows: list[tuple[str, str, str, str]] = []
    for question in key.questions:
        for marked in mark_question(question, answers):
            name = f"{question.id} {marked.part.label}".strip()
            answer = answers.get(marked.label, "")
            rows.append((name, str(key.seed), answer, marked.mark.verdict))
    return rows


def as_table(rows: Sequence[tuple[str, str, str, str]]) -> str:
    """The record as a Markdown table; long answers are cut."""
    lines = ["| question | draw | blind answer | verdict |", "|---|---|---|---|"]
    for name, draw, answer, verdict in rows:
        told = " ".join(answer.split())
        if len(told) > _LONGEST_ANSWER:
            told = told[:_LONGEST_ANSWER].rstrip() + " ..."
        told = told.replace("|", r"\|").replace("`", "'")
        lines.append(f"| {name} | {draw} | {f'`{told}`' if told else ''} | {verdict} |")
    return "\n".join(lines)
