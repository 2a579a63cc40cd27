"""Forms to export: one with every answer type and way to count, and one with the whole bank of the course."""

from __future__ import annotations

from pathlib import Path

from generator.exam import Form, FormQuestion, FormSection
from question_bank.loader import Bank, load_bank
from question_bank.variant import instantiate

QUESTIONS = Path(__file__).with_name("questions")
SEED = 20_261_130
KINDS = ("multiple_choice", "short", "long")


def form_of(bank: Bank, *, seed: int, label: str = "A", language: str = "en") -> Form:
    """Every question of a bank, with one seed for all of them."""
    sections = []
    number = 0
    for kind in KINDS:
        questions = []
        for question in sorted(bank.questions.values(), key=lambda each: each.id):
            if question.type == kind:
                number += 1
                questions.append(FormQuestion(number, instantiate(question, seed)))
        sections.append(FormSection(kind.replace("_", " ").title(), kind, tuple(questions)))
    return Form(
        title="Sample / exam",
        course="Deep & shallow learning",
        label=label,
        language=language,  # type: ignore[arg-type]
        minutes=90,
        pass_mark=0.5,
        assignment=f"sample-{seed}",
        seed=seed,
        bank_version=bank.version,
        sections=tuple(sections),
    )


def sample(language: str = "en", label: str = "A") -> Form:
    """The questions of this folder."""
    return form_of(load_bank([QUESTIONS]), seed=SEED, label=label, language=language)


def whole_bank(seed: int = 1) -> Form:
    """The questions of the course."""
    return form_of(load_bank(None), seed=seed)
