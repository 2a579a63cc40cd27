"""An exam and its forms: chosen questions with concrete numbers, in printed order.

All forms of an exam hold the same questions, or no two of them hold one in common. Each form draws
its own parameters, its own order of options and its own order of questions within a section
(`generator.order`). Everything comes from SHA-256 of the exam's seed, the
form's label and the question's id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from generator.blueprint_schema import Blueprint, Kind
from generator.draws import Instantiate, draws_of, work_of
from generator.order import Pick, drawn_order, full_order
from generator.page_plan import Sizes
from generator.paper import Paper
from question_bank.diagnostics import bad_input
from question_bank.key import FormKey, key_question
from question_bank.schema import Question
from question_bank.variant import Part, Variant, instantiate

MAX_FORMS = 1_000
MAX_SEED = 2**53 - 1  # all that every reader of JSON keeps exactly


@dataclass(frozen=True)
class PrintedPart:
    """What is answered under one printed label: ``"1"``, or ``"4a"`` for a part."""

    label: str
    part: Part


@dataclass(frozen=True)
class FormQuestion:
    """A variant under its printed number; numbers run from 1 through the whole form.

    ``work`` is its hand-work in digits; ``ends_after`` is given where it is shortened.
    """

    number: int
    variant: Variant
    ends_after: int | None = None
    work: int = 0

    @property
    def points(self) -> float:
        """Return the points of the question, all parts together."""
        return self.variant.points

    @property
    def parts(self) -> tuple[PrintedPart, ...]:
        """Return the answers that the question asks for, with their printed labels."""
        return tuple(PrintedPart(f"{self.number}{part.label}", part) for part in self.variant.parts)


@dataclass(frozen=True)
class FormSection:
    """One section of a form, in printed order."""

    title: str
    kind: Kind
    questions: tuple[FormQuestion, ...]

    @property
    def points(self) -> float:
        """Return the points of the section."""
        return sum(question.points for question in self.questions)


@dataclass(frozen=True)
class Form:
    """One arrangement of an exam: what is printed, and what its key is made of.

    ``seed`` and ``bank_version`` are for the key and never printed.
    """

    title: str
    course: str
    label: str
    language: Literal["en", "de"]
    minutes: float
    pass_mark: float
    assignment: str
    seed: int
    bank_version: str
    sections: tuple[FormSection, ...]

    @property
    def questions(self) -> tuple[FormQuestion, ...]:
        """Return all questions in printed order."""
        return tuple(question for section in self.sections for question in section.questions)

    @property
    def total_points(self) -> float:
        """Return the points of the whole form."""
        return sum(section.points for section in self.sections)

    def key(self) -> FormKey:
        """Return the key that marks this form without the bank."""
        return FormKey(
            assignment=self.assignment,
            title=self.title,
            form=self.label,
            language=self.language,
            total_points=self.total_points,
            pass_mark=self.pass_mark,
            bank_version=self.bank_version,
            seed=self.seed,
            questions=tuple(key_question(q.number, q.variant) for q in self.questions),
        )


@dataclass(frozen=True)
class Exam:
    """A blueprint, the seed, and the forms made from them."""

    blueprint: Blueprint
    seed: int
    bank_version: str
    forms: tuple[Form, ...]

    @property
    def assignment(self) -> str:
        """Return what submissions to this exam are graded against: all its forms share it."""
        return assignment_name(self.blueprint, self.seed)


def assignment_name(blueprint: Blueprint, seed: int) -> str:
    """Return the assignment of an exam: the blueprint's id and the seed."""
    return f"{blueprint.id}-{seed}"


def form_labels(count: int) -> tuple[str, ...]:
    """Return the labels of ``count`` forms: A to Z, then AA, AB, ...

    Raises:
        InputError: the number is not between 1 and ``MAX_FORMS``.
    """
    if not 1 <= count <= MAX_FORMS:
        raise bad_input(
            "bad-forms", f"the number of forms is 1 to {MAX_FORMS}, not {count}", hint="--forms 2"
        )
    return tuple(_letters(number) for number in range(count))


def _letters(number: int) -> str:
    letters = ""
    number += 1
    while number:
        number, last = divmod(number - 1, 26)
        letters = chr(ord("A") + last) + letters
    return letters


def build_exam(
    blueprint: Blueprint,
    chosen: Sequence[Sequence[Sequence[Pick]]],
    *,
    seed: int,
    bank_version: str,
    forms: int,
    make: Instantiate = instantiate,
    sizes_of: Callable[[Form, Paper], Sizes | None] | None = None,
) -> Exam:
    """Arrange chosen questions into forms.

    Args:
        blueprint: what the exam is.
        chosen: the questions of each section of the blueprint: once for all forms, or for each.
        seed: the exam's seed, 0 to ``MAX_SEED``.
        bank_version: version of the bank that the questions are from.
        forms: how many forms.
        make: turns a question and a seed into a variant.
        sizes_of: says how tall a form's questions are, for an order that fills its pages. Where all forms have
            the same questions, the first is asked, so that one more form changes no other.

    Raises:
        InputError: a question has no usable draw, or the number of forms is out of range.
    """
    labels = form_labels(forms)
    sections_of = dict(zip(labels, chosen if len(chosen) > 1 else [*chosen] * forms, strict=True))
    holders: dict[str, list[str]] = {}
    asked: dict[str, Question] = {}
    for label, sections in sections_of.items():
        for pick in (pick for section in sections for pick in section):
            holders.setdefault(pick.question.id, []).append(label)
            asked[pick.question.id] = pick.asked
    seeds = {name: draws_of(asked[name], seed, found, make) for name, found in holders.items()}
    kinds = [plan.kind for plan in blueprint.sections]
    built: list[Form] = []
    sizes: Sizes | None = None
    for label, sections in sections_of.items():
        arranged = [
            [
                (pick, seeds[pick.question.id][label])
                for pick in drawn_order(section, kind, seed, label)
            ]
            for section, kind in zip(sections, kinds, strict=True)
        ]
        form = build_form(blueprint, arranged, seed, bank_version, label, make)
        if sizes_of is not None and (not built or len(chosen) > 1):
            sizes = sizes_of(form, Paper(label))
        order = full_order(sections, kinds, seed, label, sizes)
        built.append(_reordered(form, [[pick.question.id for pick in picks] for picks in order]))
    return Exam(blueprint, seed, bank_version, tuple(built))


def _reordered(form: Form, order: Sequence[Sequence[str]]) -> Form:
    """The form with its questions in another order within their sections, and numbered by it."""
    sections = []
    number = 0
    for section, names in zip(form.sections, order, strict=True):
        by_id = {question.variant.question_id: question for question in section.questions}
        questions = []
        for name in names:
            number += 1
            questions.append(replace(by_id[name], number=number))
        sections.append(replace(section, questions=tuple(questions)))
    return replace(form, sections=tuple(sections))


def build_form(
    blueprint: Blueprint,
    arranged: Sequence[Sequence[tuple[Pick, int]]],
    seed: int,
    bank_version: str,
    label: str,
    make: Instantiate = instantiate,
) -> Form:
    """Build one form from its questions and their seeds, section by section in printed order."""
    sections = []
    number = 0
    for plan, section in zip(blueprint.sections, arranged, strict=True):
        questions = []
        for pick, drawn in section:
            number += 1
            asked = pick.asked
            variant = make(asked, drawn)
            work = work_of(asked, variant.parameters)
            questions.append(FormQuestion(number, variant, pick.ends_after, work))
        sections.append(FormSection(plan.title, plan.kind, tuple(questions)))
    return Form(
        title=blueprint.title,
        course=blueprint.course,
        label=label,
        language=blueprint.language,
        minutes=blueprint.minutes,
        pass_mark=blueprint.pass_mark,
        assignment=assignment_name(blueprint, seed),
        seed=seed,
        bank_version=bank_version,
        sections=tuple(sections),
    )
