"""An exam and its forms: chosen questions with concrete numbers, in printed order.

All forms of an exam hold the same questions. Each form draws its own parameters, its own order of
options and its own order of questions within a section; long questions stay ordered from easy to
hard. Everything comes from SHA-256 of the exam's seed, the form's label and the question's id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from generator.blueprint_schema import Blueprint, Kind
from question_bank.diagnostics import bad_input
from question_bank.key import FormKey, key_question
from question_bank.schema import Question
from question_bank.variant import Part, Variant, instantiate

MAX_FORMS = 1_000
MAX_SEED = 2**48 - 1
# Draws that are tried until a form's numbers differ from those of the forms before it.
MAX_TRIES = 48

Instantiate = Callable[[Question, int], Variant]


@dataclass(frozen=True)
class PrintedPart:
    """What is answered under one printed label: ``"1"``, or ``"4a"`` for a part."""

    label: str
    part: Part


@dataclass(frozen=True)
class FormQuestion:
    """A variant under its printed number; numbers run from 1 through the whole form."""

    number: int
    variant: Variant

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
    chosen: Sequence[Sequence[Question]],
    *,
    seed: int,
    bank_version: str,
    forms: int,
    make: Instantiate = instantiate,
) -> Exam:
    """Arrange chosen questions into forms.

    Args:
        blueprint: what the exam is.
        chosen: the questions of each section of the blueprint.
        seed: the exam's seed, 0 to ``MAX_SEED``.
        bank_version: version of the bank that the questions are from.
        forms: how many forms.
        make: turns a question and a seed into a variant.

    Raises:
        InputError: a question has no usable draw, or the number of forms is out of range.
    """
    labels = form_labels(forms)
    seeds = _variant_seeds([q for section in chosen for q in section], seed, labels, make)
    built = []
    for label in labels:
        order = [
            drawn_order(section, plan.kind, seed, label)
            for section, plan in zip(chosen, blueprint.sections, strict=True)
        ]
        arranged = [[(q, seeds[label, q.id]) for q in section] for section in order]
        built.append(build_form(blueprint, arranged, seed, bank_version, label, make))
    return Exam(blueprint, seed, bank_version, tuple(built))


def build_form(
    blueprint: Blueprint,
    arranged: Sequence[Sequence[tuple[Question, int]]],
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
        for question, variant_seed in section:
            number += 1
            questions.append(FormQuestion(number, make(question, variant_seed)))
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


def variant_seed(seed: int, label: str, question_id: str, attempt: int) -> int:
    """Return the seed of a question's variant on a form: 48 bits of SHA-256, exact in JSON."""
    return _digest("variant", seed, label, question_id, attempt) >> 208


def _digest(*parts: str | int) -> int:
    text = "/".join(["mockexam form", *map(str, parts)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")


def _variant_seeds(
    questions: Sequence[Question], seed: int, labels: Sequence[str], make: Instantiate
) -> Mapping[tuple[str, str], int]:
    """Seeds by form and question; each form's draw differs from the earlier ones where it can."""
    found: dict[tuple[str, str], int] = {}
    for question in questions:
        drawn: list[object] = []
        shown: list[object] = []
        # Other numbers count first; where there are none, another order of options.
        enough = 2 if question.parametrised else 1
        for label in labels:
            tries = MAX_TRIES if drawn and _can_vary(question) else 1
            best: tuple[int, int, Variant] | None = None
            for attempt in range(tries):
                candidate = variant_seed(seed, label, question.id, attempt)
                variant = make(question, candidate)
                news = 2 * (variant.parameters not in drawn) + (_options(variant) not in shown)
                if best is None or news > best[0]:
                    best = (news, candidate, variant)
                if news >= enough:
                    break
            if best is None:
                raise AssertionError("at least one attempt is made")
            found[label, question.id] = best[1]
            drawn.append(best[2].parameters)
            shown.append(_options(best[2]))
    return found


def _can_vary(question: Question) -> bool:
    return question.parametrised or (question.type == "multiple_choice" and question.shuffle)


def _options(variant: Variant) -> object:
    """The options as printed, in order; None for a question without options."""
    (first, *_) = variant.parts
    options = getattr(first.answer, "options", None)
    return None if options is None else tuple(option.text for option in options)


def drawn_order(
    questions: Sequence[Question], kind: Kind, seed: int, label: str
) -> list[Question]:
    """Return the questions of a section in the order in which a form prints them."""

    def shuffled(question: Question) -> int:
        return _digest("order", seed, label, question.id)

    if kind == "long":
        return sorted(questions, key=lambda q: (q.difficulty, q.points, shuffled(q)))
    return sorted(questions, key=shuffled)
