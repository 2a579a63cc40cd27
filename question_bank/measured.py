"""How hard questions proved to be in exams: kept apart from the questions, by id and version.

Each sitting of an exam is one file in a folder. What an author wrote is never changed by it. Analysing a sitting again puts
its file in place of the earlier one, so that nobody is counted twice; another class with the same exam is another
sitting, which its papers tell.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from question_bank.diagnostics import Where, bad_input
from question_bank.files import write_whole
from question_bank.schema import Question

FOLDER = "measured"
MOST_BYTES = 20_000_000
# What an author may change without the question being another one to a student.
_UNSEEN = frozenset({
    "archetype", "difficulty", "enemies", "few_draws", "lecture", "minutes", "objectives", "source", "topic", "use",
    "verify",
})  # fmt: skip


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MeasuredAnswer(_Model):
    """One answer of a question in one sitting: `solved` is the mean share of its points among `students`.

    `version` is that of the question in the bank which gives the text that was printed; None where it gives another.
    """

    question: str
    part: str
    version: str | None
    students: int = Field(ge=1)
    solved: float
    discrimination: float | None = None
    points: float = Field(gt=0)


class Sitting(_Model):
    """What one class's papers say. `papers` are digests of what was handed in, by which the same sitting is known again."""

    schema_version: int = 1
    assignment: str
    bank_version: str
    papers: tuple[str, ...]
    answers: tuple[MeasuredAnswer, ...]


@dataclass(frozen=True)
class Measured:
    """A question over all sittings of its present version: `solved` by points and students.

    `earlier` counts the students that had another version before them.
    """

    question: str
    students: int
    sittings: int
    solved: float | None
    discrimination: float | None
    earlier: int = 0

    def __str__(self) -> str:
        if self.solved is None:
            return f"not measured in this version ({self.earlier} students had an earlier one)"
        times = "1 exam" if self.sittings == 1 else f"{self.sittings} exams"
        found = f"solved {100 * self.solved:.0f} % by {self.students} students in {times}"
        if self.discrimination is not None:
            found += f", discrimination {self.discrimination:.2f}"
        return found + (f" ({self.earlier} more had an earlier version)" if self.earlier else "")


def version_of(question: Question) -> str:
    """A digest of all that students see of a question or are marked by."""
    plain = question.model_dump(mode="json", exclude=set(_UNSEEN), exclude_defaults=True)
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]


def keep_sitting(folder: Path, sitting: Sitting) -> Path:
    """Write a sitting's file, in place of an earlier one of the same papers. Raises InputError.

    The same are those of which at least half are: papers may be graded again, or come late.
    """
    stem = hashlib.sha256(sitting.assignment.encode()).hexdigest()[:16]
    own = set(sitting.papers)
    number = 1
    while True:
        path = folder / f"{stem}-{number}.json"
        if not path.exists():
            break
        earlier = set(_read(path).papers)
        if 2 * len(own & earlier) >= min(len(own), len(earlier)):
            break
        number += 1
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(
        path, json.dumps(sitting.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"
    )
    return path


def sittings(folder: Path) -> tuple[Sitting, ...]:
    """Every sitting that is kept in the folder; none where there is no folder. Raises InputError."""
    return tuple(_read(path) for path in sorted(folder.glob("*.json")))


def measured(found: Sequence[Sitting], questions: Mapping[str, Question]) -> dict[str, Measured]:
    """By id, every question of the bank that some class had before it."""
    by_question: dict[str, list[tuple[int, MeasuredAnswer]]] = {}
    for number, sitting in enumerate(found):
        for answer in sitting.answers:
            if answer.question in questions:
                by_question.setdefault(answer.question, []).append((number, answer))
    return {
        name: _over_sittings(name, by_question[name], version_of(questions[name]))
        for name in questions
        if name in by_question
    }


def _over_sittings(
    name: str, answers: Sequence[tuple[int, MeasuredAnswer]], version: str
) -> Measured:
    present = [(n, a) for n, a in answers if a.version == version]
    earlier = [(n, a) for n, a in answers if a.version != version]
    return Measured(
        question=name,
        students=_students(present),
        sittings=len({n for n, _ in present}),
        solved=_mean((a.solved, a.students * a.points) for _, a in present),
        discrimination=_mean(
            (a.discrimination, a.students * a.points)
            for _, a in present
            if a.discrimination is not None
        ),
        earlier=_students(earlier),
    )


def _students(answers: Iterable[tuple[int, MeasuredAnswer]]) -> int:
    """The students of all sittings; the parts of a question have the same ones."""
    most: dict[int, int] = {}
    for number, answer in answers:
        most[number] = max(most.get(number, 0), answer.students)
    return sum(most.values())


def _mean(pairs: Iterable[tuple[float, float]]) -> float | None:
    known = list(pairs)
    weight = sum(w for _, w in known)
    return sum(v * w for v, w in known) / weight if weight else None


def _read(path: Path) -> Sitting:
    where = Where(str(path))
    try:
        if path.stat().st_size > MOST_BYTES:
            raise bad_input("too-large", f"is larger than {MOST_BYTES:,} bytes", where=where)
        return Sitting.model_validate_json(path.read_bytes())
    except OSError as error:
        raise bad_input("cannot-read", f"cannot be read: {error.strerror}", where=where) from None
    except ValidationError:
        raise bad_input(
            "not-measured",
            "holds no results of an exam",
            where=where,
            hint="remove the file, and analyse that exam again with --record",
        ) from None
