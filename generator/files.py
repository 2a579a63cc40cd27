"""The folder of an exam: written whole or not at all.

    DIR/exam.json
    DIR/A/exam.pdf  DIR/A/solutions.pdf  DIR/A/key.json  DIR/A/layout.json      (B, C, ... likewise)

Everything is made in a hidden folder beside DIR, which then takes DIR's place. An exam that was
there before goes only at that moment; a folder that holds anything else is refused.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from generator import paper_layout
from generator import record as exam_record
from generator.batch import Render, render, rendered
from generator.exam import Exam
from generator.paper import Paper
from question_bank import key as form_key
from question_bank.diagnostics import InputError, Where, bad_input

EXAM_FILE = "exam.json"
FORM_FILES = ("exam.pdf", "solutions.pdf", "key.json", "layout.json")

Progress = Callable[[int, int], None]


def write_exam(
    exam: Exam,
    target: Path,
    *,
    excluded: tuple[str, ...] = (),
    progress: Progress = lambda _done, _total: None,
    with_render: Render = render,
) -> list[Path]:
    """Write an exam and return the files, exam.json first.

    Args:
        exam: what to write.
        target: the folder; it is made, or an earlier exam in it is replaced.
        excluded: the ids that were kept out, for exam.json.
        progress: is told how many of how many PDFs are done.
        with_render: makes the PDF of a form and a file name.

    Raises:
        InputError: the folder holds other things, or cannot be written.
    """
    names = [EXAM_FILE] + [f"{form.label}/{name}" for form in exam.forms for name in FORM_FILES]
    with new_folder(target) as folder:
        for form in exam.forms:
            (folder / form.label).mkdir()
            _write(folder / form.label / "key.json", form_key.dumps(form.key()).encode())
            layout = paper_layout.page_layout(form, Paper(form.label))
            _write(folder / form.label / "layout.json", paper_layout.dumps(layout).encode())
        total = 2 * len(exam.forms)
        for done, (label, name, content) in enumerate(rendered(exam.forms, with_render), start=1):
            _write(folder / label / name, content)
            progress(done, total)
        text = exam_record.dumps(exam_record.record_of(exam, excluded))
        _write(folder / EXAM_FILE, text.encode())
    return [target / name for name in names]


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


def spare_another_exam(target: Path, assignment: str, forms: tuple[str, ...]) -> None:
    """Refuse to replace an exam that this one is not: its key may be all that can grade its papers.

    Raises:
        InputError: another exam stands in the folder, or the same with further forms.
    """
    file = target / EXAM_FILE
    if not file.is_file():
        return
    standing = exam_record.load_record(file)
    labels = tuple(form.label for form in standing.forms)
    if standing.assignment == assignment and set(labels) <= set(forms):
        return
    raise bad_input(
        "another-exam",
        f"holds the exam {standing.assignment} with {'form' if len(labels) == 1 else 'forms'} "
        f"{', '.join(labels)}",
        where=Where(str(target)),
        hint="name a new folder with -o, or let it go with --replace",
    )


@contextlib.contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Give a fresh folder that takes the place of ``target`` if the block ends well.

    Whatever ends the block early (an error, Ctrl-C, a full disk), ``target`` stays as it was.

    Raises:
        InputError: the folder is not ours to replace, or the disk refuses.
    """
    check_target(target)
    place = target.resolve()
    with _as_bad_input(target):
        made = Path(
            tempfile.mkdtemp(
                prefix=f".{place.name}.", suffix=".making", dir=_existing_parent(place)
            )
        )
        try:
            # mkdtemp makes folders that only their owner can open.
            made.chmod(0o777 & ~_umask())
            yield made
            _sync_folders(made)
            place.parent.mkdir(parents=True, exist_ok=True)
            _take_place(made, place)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise


def _take_place(made: Path, place: Path) -> None:
    if not place.exists() or not any(place.iterdir()):
        made.rename(place)
    else:
        old = made.with_suffix(".old")
        place.rename(old)
        try:
            made.rename(place)
        except BaseException:
            old.rename(place)
            raise
        shutil.rmtree(old, ignore_errors=True)
    _sync(place.parent)


def _strangers(folder: Path) -> list[str]:
    """What a folder holds besides an exam of ours."""
    present = sorted(path.name for path in folder.iterdir())
    if not present:
        return []
    if EXAM_FILE not in present:
        return present
    try:
        labels = {form.label for form in exam_record.load_record(folder / EXAM_FILE).forms}
    except InputError:
        return [EXAM_FILE]
    found = [name for name in present if name != EXAM_FILE and name not in labels]
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


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folders(folder: Path) -> None:
    for path in (folder, *(child for child in folder.iterdir() if child.is_dir())):
        _sync(path)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


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
