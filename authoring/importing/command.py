"""`question-bank import`: reads, converts, and writes all question files or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from authoring.importing.gift import read_gift
from authoring.importing.item import ForeignItem
from authoring.importing.moodle_xml import read_moodle_xml
from authoring.importing.question_file import Course, Imported, LeftOut, question_files
from question_bank.diagnostics import Diagnostic, InputError, Where, bad_input
from question_bank.files import write_whole
from question_bank.loader import question_files as files_of
from question_bank.strict_yaml import read_text

# An export with its pictures: forty questions with vector figures are some 1.2 MB.
MOST_BYTES = 50_000_000
_SPLIT = "export fewer questions at once, category by category, and import the files one by one"


@dataclass(frozen=True)
class Outcome:
    """The files that were written, and the questions that were left out."""

    written: tuple[tuple[Path, Imported], ...]
    left_out: tuple[LeftOut, ...]


def import_files(
    files: Sequence[Path], course: Course, folder: Path, banks: Sequence[Path] | None = None
) -> Outcome:
    """Questions of Moodle XML and GIFT files as question files in `folder`.

    Raises InputError, before anything is written, for a file that cannot be read, where a question file is there
    already, and where not one question can be taken over.
    """
    items = [item for file in files for item in _read(file)]
    if not items:
        raise bad_input("empty", "holds no question", where=Where(str(files[0])))
    elsewhere = frozenset(
        file.stem for file in files_of(banks) if file.resolve().parent != folder.resolve()
    )
    found = list(question_files(items, course, elsewhere))
    made = [(folder / f"{one.id}.yaml", one) for one in found if isinstance(one, Imported)]
    left_out = tuple(one for one in found if isinstance(one, LeftOut))
    if not made:
        raise InputError(*(Diagnostic("left-out", one.why, one.where) for one in left_out))
    if there := [target for target, _ in made if target.exists()]:
        raise InputError(
            *(
                Diagnostic(
                    "exists",
                    "is already there",
                    Where(str(target)),
                    "import into a folder of its own",
                )
                for target in there
            )
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        says = f"no folder can be made here: {error.strerror}"
        raise bad_input("cannot-write", says, where=Where(str(folder))) from None
    for target, one in made:
        write_whole(target, one.text)
    return Outcome(tuple(made), left_out)


def _read(file: Path) -> list[ForeignItem]:
    text = read_text(file, most=MOST_BYTES, cure=_SPLIT)
    reader = read_moodle_xml if text.lstrip("\ufeff \t\r\n").startswith("<") else read_gift
    return list(reader(text, str(file)))
