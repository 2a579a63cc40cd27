"""The folder of an exam, and what may become of the one that stands there.

    DIR/exam.json
    DIR/A/exam.pdf  DIR/A/solutions.pdf  DIR/A/key.json  DIR/A/layout.json
    DIR/B/...                          (and so for each form, or for each student under the student's id)
    DIR/seats.csv  DIR/seats.pdf       (where there are students)
    DIR/certificate.json, .pdf         (where there is more than one form)

A new folder is filled in place, and exam.json comes last. Where an exam stands already, the new one is made
in a hidden folder beside it, which then takes its place. A folder that holds anything else is refused.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator import record as exam_record
from generator import seats, unfinished
from generator.batch import FORM_FILES, Render, Task, made, render
from generator.certificate import certificate_files, certificate_of
from generator.comparability import Certificate
from generator.crew import Crew
from generator.exam_folder import (
    CERTIFICATE_FILES,
    EXAM_FILE,
    SEAT_FILES,
    SEATS_CSV,
    SEATS_PDF,
    UNFINISHED,
)
from generator.record import ExamRecord
from question_bank.diagnostics import InputError, Where, bad_input
from question_bank.schema import Question
from templates.fonts.coverage import unprintable

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes:
        files: the files of the exam, exam.json first.
        resumed: how many forms were there from a run that was stopped.
        certificate: the forms side by side, where there are several.
    """

    files: tuple[Path, ...]
    resumed: int
    certificate: Certificate | None = None


def write_exam(
    record: ExamRecord,
    questions: Mapping[str, Question],
    target: Path,
    *,
    crew: Crew | None = None,
    replace: bool = False,
    progress: Progress = lambda _done, _total: None,
    with_render: Render = render,
) -> Written:
    """Write the exam of a record, or what is missing of it where the same work was stopped.

    Args:
        record: what to write.
        questions: the questions of the exam (and others), by id.
        target: the folder; it is made, or an earlier exam in it is replaced.
        crew: workers to render with; without them, this process renders.
        replace: let another exam go that was being made in the folder.
        progress: is told how many of how many forms are done.
        with_render: makes PDFs of a form.

    Raises:
        InputError: the folder holds other things, or cannot be written.
    """
    text = exam_record.dumps(record)
    labels = [form.label for form in record.forms]
    needed = {question: questions[question] for question in record.question_ids()}
    with _place(target, text, replace=replace) as folder:
        there = unfinished.finished(folder, labels, FORM_FILES)
        progress(len(there), len(labels))
        missing = [form for form in record.forms if form.label not in there]
        task = Task(record.model_copy(update={"forms": ()}), needed, with_render)
        for done, (label, files) in enumerate(made(task, missing, crew), start=len(there) + 1):
            unfinished.put_form(folder, label, files)
            progress(done, len(labels))
        found = certificate_of(record, needed)
        for name, content in {**_seat_lists(record), **certificate_files(found)}.items():
            unfinished.write_file(folder / name, content)
        unfinished.finish(folder, EXAM_FILE)
    lists = SEAT_FILES if record.students else ()
    certified = CERTIFICATE_FILES if len(labels) > 1 else ()
    names = [
        EXAM_FILE,
        *lists,
        *certified,
        *(f"{label}/{name}" for label in labels for name in FORM_FILES),
    ]
    return Written(tuple(target / name for name in names), len(there), found)


def _seat_lists(record: ExamRecord) -> dict[str, bytes]:
    students = record.students
    if not students:
        return {}
    blueprint = record.blueprint
    return {
        SEATS_CSV: seats.seats_csv(students),
        SEATS_PDF: seats.seats_pdf(
            students,
            title=blueprint.title,
            course=blueprint.course,
            language=blueprint.language,
            unprintable=unprintable,
        ),
    }


def check_target(target: Path) -> None:
    """Refuse a folder that is not ours to replace, or a place that cannot be written.

    Raises:
        InputError: what stands in the way.
    """
    where = Where(str(target))
    with _as_bad_input(target):
        if target.exists() and not target.is_dir():
            raise bad_input(
                "cannot-write", "is a file, not a folder", where=where, hint="-o names a folder"
            )
        if target.is_dir():
            strangers = _strangers(target)
            if strangers:
                shown = ", ".join(strangers[:3]) + (", ..." if len(strangers) > 3 else "")
                raise bad_input(
                    "not-our-folder",
                    f"holds other files ({shown}) and is left alone",
                    where=where,
                    hint="name a new folder with -o",
                )
        base = _existing_parent(target)
        if not base.is_dir():
            raise bad_input("cannot-write", f"{base} is a file, not a folder", where=where)
        if not os.access(base, os.W_OK | os.X_OK):
            raise bad_input(
                "cannot-write",
                f"the folder {base} cannot be written",
                where=where,
                hint="name another place with -o",
            )


def spare_another_exam(target: Path, record: ExamRecord) -> None:
    """Refuse to replace an exam that this one is not: its key may be all that can grade its papers.

    Raises:
        InputError: another exam stands in the folder, or the same with further or other forms.
    """
    file = target / EXAM_FILE
    if not file.is_file():
        return
    standing = exam_record.load_record(file)
    ours = {form.label: form for form in record.forms}
    if standing.assignment == record.assignment and all(
        form.label in ours and ours[form.label].sections == form.sections for form in standing.forms
    ):
        return
    labels = [form.label for form in standing.forms]
    what = "the papers of" if standing.students else ("form" if len(labels) == 1 else "forms")
    shown = ", ".join(labels[:6]) + (", ..." if len(labels) > 6 else "")
    same = (
        " (other questions, numbers or forms)" if standing.assignment == record.assignment else ""
    )
    raise bad_input(
        "another-exam",
        f"holds the exam {standing.assignment} with {what} {shown}{same}",
        where=Where(str(target)),
        hint="name a new folder with -o, or let it go with --replace",
    )


def seed_of_unfinished(target: Path, blueprint_id: str) -> int | None:
    """Return the seed of an exam of this blueprint whose making was stopped in this folder, if any."""
    for folder in (target, _beside(target)):
        text = unfinished.record_text(folder)
        if text is None:
            continue
        try:
            record = exam_record.loads(text, str(folder / UNFINISHED))
        except InputError:
            continue
        if record.blueprint.id == blueprint_id:
            return record.seed
    return None


@contextlib.contextmanager
def _place(target: Path, text: str, *, replace: bool) -> Iterator[Path]:
    """Give the folder to fill; it is ``target``, or takes its place when the block ends well.

    What is finished in it stays if the work is stopped (Ctrl-C, a full disk, a lost worker); what turns out
    to be impossible leaves nothing.
    """
    check_target(target)
    place = target.resolve()
    with _as_bad_input(target):
        standing = (place / EXAM_FILE).exists()
        folder = _beside(place) if standing else place
        _check_unfinished(target, folder, text, replace=replace)
        new = not folder.exists()
        with unfinished.opened(folder, text):
            try:
                yield folder
            except InputError:
                _clear(folder, new=new)
                raise
            except BaseException:
                if not any(
                    p.is_dir() and not unfinished.is_remains(p.name) for p in folder.iterdir()
                ):
                    _clear(folder, new=new)
                raise
        if standing:
            _take_place(folder, place)


def _check_unfinished(target: Path, folder: Path, text: str, *, replace: bool) -> None:
    other = unfinished.record_text(folder)
    if other is None:
        if folder != target.resolve() and folder.exists():
            shutil.rmtree(folder)
        return
    if other == text:
        return
    if replace:
        with unfinished.opened(folder, other):  # not under the hands of another command
            _clear(folder, new=folder != target.resolve())
        return
    try:
        name = exam_record.loads(other, UNFINISHED).assignment
    except InputError:
        name = "another version"
    raise bad_input(
        "another-unfinished-exam",
        f"holds what is finished of another exam ({name}), whose making was stopped",
        where=Where(str(target)),
        hint="finish it with its own command, name a new folder with -o, or let it go with --replace",
    )


def _clear(folder: Path, *, new: bool) -> None:
    """Take away what was made; a folder that was there before stays, empty."""
    if new:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _beside(target: Path) -> Path:
    place = target.resolve()
    return place.parent / f".{place.name}.making"


def _take_place(made_folder: Path, place: Path) -> None:
    old = made_folder.with_suffix(".old")
    shutil.rmtree(old, ignore_errors=True)
    place.rename(old)
    try:
        made_folder.rename(place)
    except BaseException:
        old.rename(place)
        raise
    shutil.rmtree(old, ignore_errors=True)
    unfinished.sync(place.parent)


def _strangers(folder: Path) -> list[str]:
    """What a folder holds besides an exam of ours, finished or not."""
    present = sorted(path.name for path in folder.iterdir())
    if not present:
        return []
    file = EXAM_FILE if EXAM_FILE in present else UNFINISHED
    if file not in present:
        return [name for name in present if not unfinished.is_remains(name)]
    try:
        record = exam_record.load_record(folder / file)
    except InputError:
        return [file]
    labels = {form.label for form in record.forms}
    ours = {file, *(SEAT_FILES if record.students else ()), *CERTIFICATE_FILES}
    found = [
        name
        for name in present
        if name not in ours and name not in labels and not unfinished.is_remains(name)
    ]
    for label in sorted(labels & set(present)):
        inside = folder / label
        if inside.is_symlink() or not inside.is_dir():
            found.append(label)
            continue
        found += [f"{label}/{p.name}" for p in sorted(inside.iterdir()) if p.name not in FORM_FILES]
    return found


def _existing_parent(target: Path) -> Path:
    parent = target.resolve().parent
    while not parent.exists():
        parent = parent.parent
    return parent


@contextlib.contextmanager
def _as_bad_input(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise bad_input(
            "cannot-write",
            f"cannot be written: {error.strerror or error}",
            where=Where(str(target)),
            hint="name another place with -o",
        ) from error
