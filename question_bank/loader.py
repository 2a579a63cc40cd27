"""Question files to questions. Every error of a file is reported at once, with its place and a cure."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from question_bank.diagnostics import Diagnostic, InputError, Where, bad_input, did_you_mean
from question_bank.references import unresolved
from question_bank.salvage import as_meant, faulty, salvaged
from question_bank.schema import DERIVED, Question, filled_in
from question_bank.schema_errors import line_of, schema_findings
from question_bank.strict_yaml import load_leniently, read_text

COURSE_BANK = Path(__file__).parent / "lectures"


@dataclass(frozen=True)
class Bank:
    """The questions of one or several folders, ordered by lecture and id, and where each stands."""

    questions: Mapping[str, Question]
    files: Mapping[str, Path]
    version: str

    def question(self, question_id: str) -> Question:
        """The question with this id. Raises InputError with the closest id."""
        if question_id not in self.questions:
            raise bad_input(
                "unknown-question",
                f'there is no question "{question_id}"',
                hint=did_you_mean(question_id, self.questions)
                or "`question-bank list` shows them all",
            )
        return self.questions[question_id]


def load_bank(folders: Sequence[Path] | None = None) -> Bank:
    """Every question below the folders (default: the course's bank). Raises InputError with all errors."""
    findings: list[Diagnostic] = []
    questions: dict[str, Question] = {}
    files: dict[str, Path] = {}
    digest = hashlib.sha256()
    for file, content, question in _read_all(question_files(folders), findings):
        if question.id in questions:
            findings.append(
                Diagnostic(
                    "duplicate-id",
                    f'the id "{question.id}" is taken by {shown(files[question.id])}',
                    Where(shown(file), 1, 1),
                    "give one of the two another id (and file name)",
                )
            )
            continue
        questions[question.id], files[question.id] = question, file
        digest.update(f"{question.id}:{content}\n".encode())
    if findings:
        raise InputError(*findings)
    ordered = sorted(questions.values(), key=lambda q: (q.lecture, q.id))
    return Bank({q.id: q for q in ordered}, files, digest.hexdigest()[:16])


def _read_all(
    files: Iterable[Path], findings: list[Diagnostic]
) -> list[tuple[Path, str, Question]]:
    """Each file that can be read, with the digest of its text; what is wrong with others is added to the findings."""
    found = []
    collecting = gc.isenabled()
    # The collector would walk through the bank over and over while it grows, and nothing of it is garbage.
    gc.disable()
    try:
        for file in files:
            try:
                found.append((file, *_read(file)))
            except InputError as error:
                findings += error.diagnostics
    finally:
        if collecting:
            gc.enable()
    return found


def question_files(folders: Sequence[Path] | None = None) -> list[Path]:
    """The question files below the folders; a folder that is not there is an InputError."""
    found: set[Path] = set()
    for folder in folders or [COURSE_BANK]:
        if not folder.is_dir():
            raise bad_input(
                "no-bank",
                "is no folder",
                where=Where(str(folder)),
                hint="--bank names a folder with question files (*.yaml)",
            )
        found.update(path for path in folder.rglob("*.yaml") if path.is_file())
    if not found:
        raise bad_input("no-bank", "holds no question files (*.yaml)", where=Where(str(folder)))
    return sorted(found, key=lambda path: (path.name, str(path)))


def load_question(file: Path) -> Question:
    """One question file. Raises InputError with every error of it."""
    return _read(file)[1]


@lru_cache(maxsize=4096)
def _parse_cached(file: str, stem: str, text: str) -> Question:
    return parse_question(text, file, stem)


def _read(file: Path) -> tuple[str, Question]:
    text = read_text(file, shown(file))
    return hashlib.sha256(text.encode()).hexdigest(), _parse_cached(shown(file), file.stem, text)


def shown(file: Path) -> str:
    """A path as people see it: relative to here where it lies below."""
    try:
        return str(file.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(file)


def parse_question(text: str, file: str, stem: str | None = None) -> Question:
    """A question from the text of its file. Raises InputError with every error of it."""
    located = load_leniently(text, file)
    if not isinstance(located.data, dict):
        raise InputError(
            *located.faults
            or [Diagnostic("not-a-question", "is no question file", Where(file, 1, 1))]
        )
    meant, misspelt = as_meant(Question, located)
    findings = [*located.faults, *misspelt]
    try:
        question = Question.model_validate(meant.data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        question = salvaged(Question, replace(meant, data=filled_in(meant.data)), details)
        findings += _new(schema_findings(Question, meant, details, derived=DERIVED), findings)
        wrong = [*faulty(meant, details), *meant.unclear, *meant.doubled]
        missing = [detail["loc"] for detail in details if detail["type"] == "missing"]
        touched = {str(path[0]) for path in [*wrong, *missing] if path}
        # What is there and could not be read, such as an answer with an unknown key, is not missing.
        touched |= {
            key for key, value in meant.data.items() if value and not getattr(question, key, None)
        }
        for keys, message in question.shape_faults():
            if not touched & {*keys}:
                place = next(((key,) for key in keys if key in meant.data), ())
                findings.append(Diagnostic("bad-question", message, meant.where_key(place)))
    open_ended = _untellable(meant.data)
    dangling = [d for d in unresolved(question, meant) if d.code not in open_ended]
    findings += _new(dangling, findings)
    if stem is not None and question.id not in (stem, None):
        named = Diagnostic(
            "file-name",
            f'the id "{question.id}" is not the name of the file',
            meant.where(("id",)),
            f"rename the file to {question.id}.yaml",
        )
        findings += _new([named], findings)
    if findings:
        raise InputError(*sorted(findings, key=line_of))
    return question


def _untellable(data: dict[str, Any]) -> set[str]:
    """Findings that say nothing where the section that defines the names cannot be read at all."""
    defining = {
        "parameters": (dict, "unknown-name"),
        "let": (dict, "unknown-name"),
        "mistakes": (list, "unknown-mistake"),
        "parts": (list, "unknown-part"),
    }
    return {
        code
        for section, (kind, code) in defining.items()
        if section in data and not isinstance(data[section], kind)
    }


def _new(found: Iterable[Diagnostic], reported: Sequence[Diagnostic]) -> list[Diagnostic]:
    """What is not said of a place already: one fault has one finding, the earliest."""
    places = {d.where for d in reported if d.code != "missing-key"}
    return [diagnostic for diagnostic in found if diagnostic.where not in places]
