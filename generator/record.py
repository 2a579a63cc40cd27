"""exam.json: everything that makes an exam again, and nothing that answers it.

It holds the blueprint in full, the seeds, and the questions of each form by id. It holds no dates
and no paths, so that the same seed writes the same bytes. It is for the instructor: with the bank
and this file, the keys can be computed; and where papers were made for students, it names them.
"""

from __future__ import annotations

import json
import platform
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from generator.blueprint_schema import Blueprint
from generator.draws import band_of, draw_of
from generator.exam import MAX_SEED, Exam, Form, build_form
from generator.heads import head_of
from generator.order import Pick, full_order
from generator.page_plan import Sizes
from generator.paper import Paper
from generator.students import MAX_STUDENTS, Student
from generator.verify import Violation, verify_between, verify_form
from question_bank.diagnostics import Diagnostic, InputError, Where, bad_input, did_you_mean
from question_bank.loader import Bank
from question_bank.schema import Question
from question_bank.strict_yaml import read_text
from templates.text_engine import library_versions

PRODUCT: Literal["mockexam"] = "mockexam"
SCHEMA_VERSION: Literal[1] = 1
# What decides how the pages of an exam come out, besides this product itself.
DECIDING_PACKAGES = (
    "cssselect2",
    "fonttools",
    "jinja2",
    "markdown-it-py",
    "math-core",
    "mathra",
    "pydyf",
    "scipy",
    "tinycss2",
    "tinyhtml5",
    "weasyprint",
)

Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RecordedQuestion(_Model):
    """A question of a form: its printed number, its id, and the seed of its variant.

    ``ends_after`` says after how many of its parts it ends, where it is shortened; ``work`` is the
    hand-work of its numbers in digits.
    """

    number: Annotated[int, Field(ge=1)]
    id: str
    seed: Seed
    ends_after: Annotated[int, Field(ge=2)] | None = None
    work: Annotated[int, Field(ge=0)] | None = None

    @model_serializer(mode="wrap")
    def _only_what_is_known(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = plain(self)
        return {name: value for name, value in data.items() if value is not None}


class RecordedSection(_Model):
    """The questions of a section in printed order."""

    title: str
    questions: tuple[RecordedQuestion, ...]


class RecordedForm(_Model):
    """One form. The label names a folder: letters, or the id of the student whose form it is."""

    label: str
    student: Student | None = None
    sections: tuple[RecordedSection, ...]

    @model_validator(mode="after")
    def _label(self) -> RecordedForm:
        if self.student is None and not re.fullmatch("[A-Z]{1,3}", self.label):
            raise ValueError("the label of a form is one to three letters")
        if self.student is not None and self.label != self.student.id:
            raise ValueError("the label of a student's form is the student's id")
        return self

    @model_serializer(mode="wrap")
    def _student_only_where_there_is_one(
        self, plain: SerializerFunctionWrapHandler
    ) -> dict[str, Any]:
        data: dict[str, Any] = plain(self)
        return {k: v for k, v in data.items() if k != "student" or v}


class ExamRecord(_Model):
    """What exam.json holds. ``excluded`` are the ids of earlier exams that were kept out."""

    product: Literal["mockexam"] = PRODUCT
    schema_version: Literal[1] = SCHEMA_VERSION
    versions: dict[str, str]
    assignment: str
    blueprint: Blueprint
    seed: Seed
    bank_version: str
    excluded: tuple[str, ...]
    forms: Annotated[tuple[RecordedForm, ...], Field(min_length=1, max_length=MAX_STUDENTS)]

    def question_ids(self) -> tuple[str, ...]:
        """Return the ids of all questions of the exam, each once, sorted."""
        found = {
            question.id
            for form in self.forms
            for section in form.sections
            for question in section.questions
        }
        return tuple(sorted(found))

    @property
    def students(self) -> tuple[Student, ...]:
        """Return the students that papers were made for, in the order of their table."""
        return tuple(form.student for form in self.forms if form.student is not None)


def record_of(exam: Exam, excluded: Sequence[str] = ()) -> ExamRecord:
    """Return the record of an exam."""
    return ExamRecord(
        versions=deciding_versions(),
        assignment=exam.assignment,
        blueprint=exam.blueprint,
        seed=exam.seed,
        bank_version=exam.bank_version,
        excluded=tuple(sorted(set(excluded))),
        forms=tuple(_recorded(form) for form in exam.forms),
    )


def _recorded(form: Form) -> RecordedForm:
    return RecordedForm(
        label=form.label,
        sections=tuple(
            RecordedSection(
                title=section.title,
                questions=tuple(
                    RecordedQuestion(
                        number=question.number,
                        id=question.variant.question_id,
                        seed=question.variant.seed,
                        ends_after=question.ends_after,
                        work=question.work,
                    )
                    for question in section.questions
                ),
            )
            for section in form.sections
        ),
    )


def for_students(
    record: ExamRecord,
    students: Sequence[Student],
    questions: Mapping[str, Question],
    sizes_of: Callable[[Form, Paper], Sizes | None] | None = None,
) -> ExamRecord:
    """Return the exam of a record with a form for each student instead of its own.

    A student's form comes from the exam's seed, the student's id and the kind of their paper alone: one more
    student changes nobody else's paper. With ``sizes_of``, which is asked once for each kind of paper that
    occurs, about the exam's first form, the order fills pages.
    """
    (first, *_) = record.forms
    kinds = [section.kind for section in record.blueprint.sections]
    chosen = [[_pick(question, questions) for question in s.questions] for s in first.sections]
    asked = [pick.asked for section in chosen for pick in section]
    bands = {question.id: band_of(question, record.seed) for question in asked}
    usual = sum(band.usual for band in bands.values())
    bands = {name: replace(band, exam=usual) for name, band in bands.items()}
    shown = None if sizes_of is None else form_of(record, first, questions)
    sizes: dict[Paper, Sizes | None] = {}
    forms = []
    for student in students:
        number = 0
        sections = []
        paper = student.kind_of_paper(first.label)
        if paper not in sizes:
            sizes[paper] = sizes_of(shown, paper) if sizes_of and shown else None
        ordered = full_order(chosen, kinds, record.seed, student.drawn_from, sizes[paper])
        for section, picks in zip(first.sections, ordered, strict=True):
            placed = []
            for pick in picks:
                number += 1
                name = pick.question.id
                drawn = draw_of(pick.asked, record.seed, student.drawn_from, bands[name])
                placed.append(
                    RecordedQuestion(
                        number=number,
                        id=name,
                        seed=drawn.seed,
                        ends_after=pick.ends_after,
                        work=drawn.work,
                    )
                )
            sections.append(RecordedSection(title=section.title, questions=tuple(placed)))
        forms.append(RecordedForm(label=student.id, student=student, sections=tuple(sections)))
    return record.model_copy(update={"forms": tuple(forms)})


def form_of(record: ExamRecord, form: RecordedForm, questions: Mapping[str, Question]) -> Form:
    """Build a form of a record from its questions."""
    return build_form(
        record.blueprint,
        [[(_pick(q, questions), q.seed) for q in section.questions] for section in form.sections],
        record.seed,
        record.bank_version,
        form.label,
    )


def _pick(question: RecordedQuestion, questions: Mapping[str, Question]) -> Pick:
    return Pick(questions[question.id], question.ends_after)


def deciding_versions() -> dict[str, str]:
    """Return the versions of Python, of the product, and of what its output depends on."""
    found = {"python": platform.python_version(), "zlib": zlib.ZLIB_RUNTIME_VERSION}
    found |= library_versions()
    for package in (PRODUCT, *DECIDING_PACKAGES):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return dict(sorted(found.items()))


def other_versions(record: ExamRecord) -> tuple[str, ...]:
    """Say which versions differ from those that a record was made with, each in a few words."""
    now = deciding_versions()
    return tuple(
        f"{name} {record.versions.get(name, 'missing')}, now {now.get(name, 'missing')}"
        for name in sorted({*record.versions, *now})
        if record.versions.get(name) != now.get(name)
    )


def dumps(record: ExamRecord) -> str:
    """Return the text of exam.json: the same record, the same text."""
    return json.dumps(record.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"


def load_record(path: Path) -> ExamRecord:
    """Read exam.json.

    Raises:
        InputError: the file cannot be read, or is no exam.json that this program reads.
    """
    if path.is_dir():
        raise bad_input(
            "not-an-exam",
            "is a folder; name the exam.json in it",
            where=Where(str(path)),
        )
    return loads(read_text(path), str(path))


def loads(text: str, file: str) -> ExamRecord:
    """Read the text of exam.json; ``file`` names it in messages. Raises InputError."""
    try:
        data: Any = json.loads(text)
    except json.JSONDecodeError as error:
        where = Where(file, error.lineno, error.colno)
        raise bad_input("not-an-exam", f"is not JSON: {error.msg}", where=where) from None
    except RecursionError:
        raise bad_input("not-an-exam", "is nested too deep", where=Where(file)) from None
    # The certificate names the product too, but holds no blueprint and no questions.
    if not isinstance(data, dict) or data.get("product") != PRODUCT or "verdict" in data:
        raise bad_input("not-an-exam", "is no exam.json of mockexam", where=Where(file))
    if data.get("schema_version") != SCHEMA_VERSION:
        raise bad_input(
            "exam-version",
            f"has schema version {data.get('schema_version')!r}; this program reads"
            f" {SCHEMA_VERSION}",
            where=Where(file),
        )
    try:
        return ExamRecord.model_validate(data)
    except ValidationError as error:
        raise InputError(
            *(
                Diagnostic(
                    "bad-exam",
                    f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}",
                    Where(file),
                )
                for detail in error.errors(include_url=False)
            )
        ) from None


def checked(record: ExamRecord, bank: Bank, file: str, *, any_bank: bool = False) -> ExamRecord:
    """Make sure that the exam of a record can be made again, and return the record of the exam to make.

    Args:
        record: what exam.json holds.
        bank: the bank.
        file: name of exam.json in messages.
        any_bank: go on although the bank is not the one that the exam was made from.

    Raises:
        InputError: another bank, questions that are gone, or a record that does not meet its own
            blueprint.
    """
    if bank.version != record.bank_version and not any_bank:
        raise bad_input(
            "other-bank",
            f"was made from the bank {record.bank_version}, and this one is {bank.version}:"
            " questions may have changed",
            where=Where(file),
            hint="name the bank of that exam with --bank, or accept changes with --any-bank",
        )
    _check_questions(record, bank.questions, file)
    return record.model_copy(update={"bank_version": bank.version, "versions": deciding_versions()})


def rebuild(record: ExamRecord, bank: Bank, file: str, *, any_bank: bool = False) -> Exam:
    """Make the exam of a record again, from the ids and seeds in it. Arguments and errors as in `checked`."""
    record = checked(record, bank, file, any_bank=any_bank)
    forms = tuple(form_of(record, form, bank.questions) for form in record.forms)
    return Exam(record.blueprint, record.seed, bank.version, forms)


def _check_questions(record: ExamRecord, questions: Mapping[str, Question], file: str) -> None:
    gone = [name for name in record.question_ids() if name not in questions]
    if gone:
        raise InputError(
            *(
                Diagnostic(
                    "unknown-question",
                    f'holds "{name}", which is not in the bank',
                    Where(file),
                    did_you_mean(name, questions),
                )
                for name in gone
            )
        )
    # Some disks do not tell two folders apart by case.
    labels = [form.label.casefold() for form in record.forms]
    if len(set(labels)) < len(labels):
        raise bad_input("bad-exam", "holds two forms of one label", where=Where(file))
    _check_ends(record, questions, file)
    bank = [head_of(question) for question in questions.values()]
    forms = [
        [
            [head_of(questions[q.id], q.ends_after) for q in section.questions]
            for section in f.sections
        ]
        for f in record.forms
    ]
    for form, chosen in zip(record.forms, forms, strict=True):
        _refuse(
            verify_form(chosen, record.blueprint, bank=bank, excluded=record.excluded),
            f"form {form.label} breaks its blueprint",
            file,
        )
    if not record.students:
        _refuse(verify_between(forms, record.blueprint), "breaks its blueprint", file)


def _check_ends(record: ExamRecord, questions: Mapping[str, Question], file: str) -> None:
    """Refuse questions that end after a part that they do not have."""
    shown = (q for form in record.forms for section in form.sections for q in section.questions)
    beyond = {
        q.id: q.ends_after
        for q in shown
        if q.ends_after is not None and q.ends_after >= len(questions[q.id].parts)
    }
    if beyond:
        raise InputError(
            *(
                Diagnostic(
                    "bad-exam",
                    f"{name} ends after part {parts}, and has {len(questions[name].parts)}",
                    Where(file),
                )
                for name, parts in sorted(beyond.items())
            )
        )


def _refuse(broken: Sequence[Violation], what: str, file: str) -> None:
    if broken:
        raise InputError(
            *(
                Diagnostic("not-its-blueprint", f"{what}: {violation.message}", Where(file))
                for violation in broken
            )
        )
