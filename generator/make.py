"""From a blueprint to an exam: check it against the bank, choose, prove, arrange."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from generator.assembly import assemble
from generator.blueprint_bank import check_against_bank
from generator.blueprint_source import LocatedBlueprint
from generator.draws import band_of
from generator.exam import MAX_SEED, Exam, Form, build_exam
from generator.heads import heads_of
from generator.order import Pick
from generator.page_plan import Sizes
from generator.paper import Paper
from generator.verify import verify_forms
from question_bank.diagnostics import bad_input
from question_bank.loader import Bank

# How tall a form's questions are on a kind of paper; None where it cannot be said.
SizesOf = Callable[[Form, Paper], Sizes | None]


def make_exam(
    source: LocatedBlueprint,
    bank: Bank,
    *,
    seed: int,
    forms: int = 1,
    excluded: Collection[str] = (),
    sizes_of: SizesOf | None = None,
) -> Exam:
    """Make an exam.

    Args:
        source: the blueprint, and the file that it came from.
        bank: the questions.
        seed: 0 to ``MAX_SEED``; the same bank, blueprint and seed make the same exam.
        forms: how many forms (A, B, ...).
        excluded: ids of questions that are out besides the blueprint's own.
        sizes_of: estimates how tall a form's questions are (default: `printed_sizes`, in this process).

    Raises:
        InputError: the blueprint does not fit the bank, or no exam meets it, with the reasons.
    """
    check_seed(seed)
    blueprint = source.blueprint
    heads = heads_of(bank.questions)
    check_against_bank(source, heads)
    disjoint = blueprint.forms == "disjoint" and forms > 1
    if disjoint:
        # Other questions have to take the same work: what their draws will have is looked at.
        usual = {name: band_of(question, seed).usual for name, question in bank.questions.items()}
        heads = {name: replace(head, work=round(usual[name])) for name, head in heads.items()}
    chosen = assemble(
        heads.values(), blueprint, seed, excluded=excluded, forms=forms if disjoint else 1
    )
    broken = verify_forms(
        [choice.sections for choice in chosen], blueprint, bank=heads.values(), excluded=excluded
    )
    if broken:
        raise AssertionError("; ".join(violation.message for violation in broken))
    picks = [
        [
            [Pick(bank.questions[head.id], head.ends_after) for head in section]
            for section in c.sections
        ]
        for c in chosen
    ]
    return build_exam(
        blueprint,
        picks,
        seed=seed,
        bank_version=bank.version,
        forms=forms,
        sizes_of=sizes_of or printed_sizes,
    )


def printed_sizes(form: Form, paper: Paper) -> Sizes | None:
    """Return the sizes of a form's questions on a kind of paper; None where a formula does not typeset."""
    from generator.page_sizes import sizes_of
    from templates.mathematics import MathError

    try:
        return sizes_of(form, paper)
    except MathError:
        return None  # rendering tells it


def check_seed(seed: int) -> None:
    """Refuse a seed out of range. Raises InputError."""
    if not 0 <= seed <= MAX_SEED:
        raise bad_input("bad-seed", f"a seed is a whole number from 0 to {MAX_SEED}, not {seed}")
