"""What an instructor should know though the exam is made: one warning for each, with what to do about it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence

from generator.certificate import worst_difference
from generator.comparability import Certificate
from generator.exam import MAX_SEED
from generator.students import PRINTED_NAME, Student, Unprintable
from question_bank.diagnostics import Diagnostic, Where
from question_bank.wording import counted

SAFE_SEED = 10**13
"""From here on, to try all seeds takes years on many machines; the pages of a paper let seeds be tried."""
MOST_NAMED = 50


def fresh_seed() -> int:
    """Return a seed that nobody can guess: nearly 53 bits, all of which JSON keeps."""
    return SAFE_SEED + secrets.randbelow(MAX_SEED + 1 - SAFE_SEED)


def guessable_seed(seed: int, use: str) -> Iterator[Diagnostic]:
    """Warn of a seed that somebody with a paper could find by trying; practice has nothing to lose."""
    if use == "exam" and seed < SAFE_SEED:
        yield Diagnostic(
            "weak-seed",
            f"the seed {seed} can be guessed from the printed pages, and with the question bank it gives"
            " the whole key",
            hint=f"for an exam that counts, leave --seed away, or type {len(str(SAFE_SEED))} or 15 random"
            " digits",
            severity="warning",
        )


def odd_names(students: Sequence[Student], unprintable: Unprintable) -> Iterator[Diagnostic]:
    """Name the students whose names cannot stand on paper as they are; each is whole in exam.json."""
    found = list(_odd_names(students, unprintable))
    yield from found[:MOST_NAMED]
    if len(found) > MOST_NAMED:
        more = f"{counted(len(found) - MOST_NAMED, 'more name')} of the kind"
        yield Diagnostic("more", more, severity="warning")


def _odd_names(students: Sequence[Student], unprintable: Unprintable) -> Iterator[Diagnostic]:
    for student in students:
        missing = unprintable(student.printed_name)
        if missing:
            yield Diagnostic(
                "no-glyph",
                f'the name of {student.id}, "{student.printed_name}", holds {" ".join(missing)}, which no'
                " font of the paper has: the paper bears the number and a line for the name",
                hint="to print it, write it in Latin, Greek or Cyrillic letters",
                severity="warning",
            )
        elif student.printed_name != student.name:
            yield Diagnostic(
                "long-name",
                f"the name of {student.id} has {len(student.name)} characters and is cut to"
                f' {PRINTED_NAME} on paper: "{student.printed_name}"',
                hint="exam.json and seats.csv have it whole",
                severity="warning",
            )


def far_apart(
    found: Certificate | None, file: str, *, of_students: bool = False
) -> Iterator[Diagnostic]:
    """Warn of forms that are not comparable; ``file`` is their certificate."""
    if found is None or found.comparable:
        return
    cures = ["try another seed"]
    if found.questions == "disjoint":
        cures = ["leave --disjoint out", *cures]
        if len(found.forms) > 2:
            cures = ["make fewer forms", *cures]
    if of_students:
        # Among very many draws there are always some with more work, whatever the seed.
        cures = ["let students share a word in the column form, and with it their numbers"]
    yield Diagnostic(
        "not-comparable",
        f"the forms are not comparable: {worst_difference(found)}",
        Where(file),
        f"{', '.join(cures)}, or allow more with `comparable` in the blueprint",
        "warning",
    )
