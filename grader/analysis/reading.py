"""The results that are analysed: reports from files or from the store, one for each student."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.keys import key_sha256, read_json
from grader.report import Report, report_of
from question_bank.diagnostics import Where, bad_input
from question_bank.key import FormKey
from question_bank.wording import counted


@dataclass(frozen=True)
class Results:
    """The reports of one exam, and what has to be said about them."""

    reports: tuple[Report, ...]
    notes: tuple[str, ...]


def own_forms(exam: Path) -> bool:
    """Whether an exam.json says that its forms are students' own. Raises InputError."""
    data = read_json(exam)
    forms = data.get("forms", ()) if isinstance(data, dict) else ()
    return any(isinstance(form, dict) and form.get("student") for form in forms)


def results_from_files(paths: Sequence[Path], keys: Sequence[FormKey]) -> Results:
    """The reports at these paths: files, or folders as `grade -o` writes them. Raises InputError."""
    found, passed_over = [], []
    for path in paths:
        for file in _files(path):
            report = _report(read_json(file))
            if report is None:
                if path.is_file():
                    raise bad_input("not-a-report", "is no report of grade", where=Where(str(file)))
                passed_over.append(file.name)
            elif report.assignment != keys[0].assignment:
                raise bad_input(
                    "other-exam",
                    f'is a report of "{report.assignment}", and the exam is "{keys[0].assignment}"',
                    where=Where(str(file)),
                    hint="analyse one exam at a time",
                )
            else:
                found.append(report)
    if not found:
        raise bad_input(
            "no-reports",
            "holds no report of grade",
            where=Where(str(paths[0])),
            hint="grade the papers with -o DIR, and give DIR here",
        )
    # Not by name: files are named after students.
    others = sum(name != "summary.json" for name in passed_over)
    said = (
        [f"{counted(others, 'file')} beside the reports {'is none' if others == 1 else 'are none'}"]
        if others
        else []
    )
    return _one_each(found, keys, said)


def results_from_store(keys: Sequence[FormKey]) -> Results:
    """The last result of each submission that was kept with --record and not withdrawn. Raises InputError where there is none."""
    from leaderboard.decisions import not_withdrawn
    from leaderboard.store import open_store, reports

    store = open_store(must_exist=True)
    try:
        found = [
            report_of(reports(store, graded.number)[-1])
            for graded in not_withdrawn(store, keys[0].assignment)
        ]
    finally:
        store.close()
    if not found:
        raise bad_input(
            "nothing-graded",
            f'the store has no result of "{keys[0].assignment}"',
            hint="name the folder with the reports (grade -o DIR), or grade with --record first",
        )
    return _one_each(found, keys, [])


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.glob("*.json") if file.is_file())
    return [path]


def _report(data: Any) -> Report | None:
    # A Gradescope results.json, summary.json, or whatever else lies there.
    if not isinstance(data, dict) or not {"checks", "assignment", "form"} <= data.keys():
        return None
    try:
        return report_of(data)
    except (TypeError, ValueError):
        return None


def _one_each(found: Sequence[Report], keys: Sequence[FormKey], said: Sequence[str]) -> Results:
    """The last report of each user; those without a user are one student each."""
    last: dict[str, Report] = {}
    kept = []
    for report in found:
        if report.user is None:
            kept.append(report)
            continue
        known = last.get(report.user)
        if known is None or (known.submitted_at, known.graded_at) <= (
            report.submitted_at, report.graded_at,
        ):  # fmt: skip
            last[report.user] = report
    kept += last.values()
    notes = [*said, *_notes(found, kept, keys)]
    known_forms = {key.form for key in keys}
    used = [report for report in kept if report.form in known_forms]
    if not used:
        raise bad_input(
            "other-form",
            "none of the reports is of a form of this exam",
            hint="give the exam.json that the papers came from",
        )
    return Results(tuple(used), tuple(notes))


def _notes(
    found: Sequence[Report], kept: Sequence[Report], keys: Sequence[FormKey]
) -> Iterator[str]:
    if earlier := len(found) - len(kept):
        yield f"of students with several results the last counts; {earlier} earlier {'is' if earlier == 1 else 'are'} left out"
    versions = {key.form: key_sha256(key) for key in keys}
    other = sum(report.form not in versions for report in kept)
    if other:
        yield f"{other} {'paper is' if other == 1 else 'papers are'} of a form that this exam does not have, and left out"
    moved = sum(
        report.form in versions and report.versions.get("key") != versions[str(report.form)]
        for report in kept
    )
    if moved:
        yield (
            f"{moved} {'paper was' if moved == 1 else 'papers were'} marked with another version of the key than the one"
            " beside exam.json: points are as they were marked, texts as in that key"
        )
