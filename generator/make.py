"""From a blueprint to an exam: check it against the bank, choose, prove, arrange."""

from __future__ import annotations

from collections.abc import Collection

from generator.assembly import assemble
from generator.blueprint import LocatedBlueprint, check_against_bank
from generator.exam import MAX_SEED, Exam, build_exam
from generator.verify import verify_assembly
from question_bank.diagnostics import bad_input
from question_bank.loader import Bank


def make_exam(
    source: LocatedBlueprint,
    bank: Bank,
    *,
    seed: int,
    forms: int = 1,
    excluded: Collection[str] = (),
) -> Exam:
    """Make an exam.

    Args:
        source: the blueprint, and the file that it came from.
        bank: the questions.
        seed: 0 to ``MAX_SEED``; the same bank, blueprint and seed make the same exam.
        forms: how many forms (A, B, ...).
        excluded: ids of questions that are out besides the blueprint's own.

    Raises:
        InputError: the blueprint does not fit the bank, or no exam meets it, with the reasons.
    """
    check_seed(seed)
    check_against_bank(source, bank.questions)
    chosen = assemble(bank.questions.values(), source.blueprint, seed, excluded=excluded)
    broken = verify_assembly(
        chosen.sections, source.blueprint, excluded=excluded, known_ids=list(bank.questions)
    )
    if broken:
        raise AssertionError("; ".join(violation.message for violation in broken))
    sections = [[bank.questions[q.id] for q in section] for section in chosen.sections]
    return build_exam(source.blueprint, sections, seed=seed, bank_version=bank.version, forms=forms)


def check_seed(seed: int) -> None:
    """Refuse a seed out of range. Raises InputError."""
    if not 0 <= seed <= MAX_SEED:
        raise bad_input("bad-seed", f"a seed is a whole number from 0 to {MAX_SEED}, not {seed}")
