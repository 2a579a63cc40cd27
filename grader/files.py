"""Files around a grading: the submission's bytes, and where reports are written."""

from __future__ import annotations

import io
import json
import os
import stat
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.gradescope import to_results_json
from grader.page import render_page
from grader.report import Report, to_json
from question_bank.diagnostics import InputError, Where, bad_input
from question_bank.files import write_whole

STANDARD_OUTPUT = "-"
_MOST_BYTES = 512 * 1024 * 1024  # what the store takes


@dataclass(frozen=True)
class Outputs:
    """Where reports go: `folder` takes NAME.json and NAME.html of each, the other two are for one submission.

    With `gradescope` the JSON that is asked for is a results.json of Gradescope, and the folder
    takes a NAME.results.json too.
    """

    folder: Path | None = None
    json: str | None = None
    html: Path | None = None
    gradescope: bool = False

    def below(self, name: str) -> Outputs:
        """The same in a folder of the folder; the folder itself for no name."""
        return self if self.folder is None or not name else replace(self, folder=self.folder / name)

    def files_of(self, stem: str) -> list[Path]:
        """The files in the folder for the submission with this stem; the report itself comes first."""
        suffixes = ("json", "html", *(("results.json",) if self.gradescope else ()))
        return [] if self.folder is None else [self.folder / f"{stem}.{end}" for end in suffixes]

    def check(self, inputs: Sequence[Path], stems: Sequence[str]) -> None:
        """See before anything is graded that all can be written, and that no input is replaced. Raises InputError."""
        if self.folder is not None:
            _check_folder(self.folder)
        files = [] if self.json in (None, STANDARD_OUTPUT) else [Path(str(self.json))]
        files += [] if self.html is None else [self.html]
        files += [path for stem in stems for path in self.files_of(stem)]
        read = {_place(path) for path in inputs}
        seen: set[Path] = set()
        for path in files:
            place = _place(path)
            if place in read:
                raise _cannot_write(path, "it is read for this grading")
            if place in seen:
                raise _cannot_write(path, "two reports would go there")
            seen.add(place)
            if path.parent != self.folder or path.exists():
                _check_file(path)

    def make_folder(self) -> None:
        """Make the folder where there is none. Raises InputError."""
        if self.folder is not None:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise _cannot_write(self.folder, str(error.strerror)) from None

    def write(self, report: Report, stem: str) -> None:
        """The report wherever it is asked for; each file whole or not at all.

        In the folder the report itself comes last: where it stands, the others do. Raises InputError,
        also where the report of another assignment stands under this name.
        """
        for path in self.files_of(stem)[:1]:
            _spare_other_assignments(path, report.assignment)
        text, results = to_json(report), to_results_json(report) if self.gradescope else ""
        page = "" if self.folder is None and self.html is None else render_page(report)
        self.make_folder()
        contents = (text, page, results)
        for path, content in reversed(list(zip(self.files_of(stem), contents, strict=False))):
            write_whole(path, content)
        if self.html is not None:
            write_whole(self.html, page)
        self.write_json(results if self.gradescope else text)

    def write_json(self, text: str) -> None:
        """The JSON that is asked for, to its file or to standard output."""
        if self.json == STANDARD_OUTPUT:
            # Bytes: machines read UTF-8, whatever the locale of the terminal is.
            sys.stdout.flush()
            sys.stdout.buffer.write(text.encode("utf-8"))
        elif self.json is not None:
            write_whole(Path(self.json), text)


def submission_bytes(path: Path) -> bytes:
    """What is kept of a submission: a file as it came; a folder as a zip, the same bytes for the same files.

    Raises InputError when it cannot be read, or is larger than the store takes.
    """
    where = Where(str(path))
    try:
        if path.is_dir():
            return _zipped(path)
        if path.exists() and not path.is_file():
            raise bad_input("not-a-zip", "this is neither a zip file nor a folder", where=where)
        with path.open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise bad_input("cannot-read", f"cannot be read: {error.strerror}", where=where) from None
    if len(content) > _MOST_BYTES:
        raise bad_input("too-large", f"is larger than {_MOST_BYTES:,} bytes", where=where)
    return content


def _zipped(folder: Path) -> bytes:
    buffer, total = io.BytesIO(), 0
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            mode = path.lstat().st_mode
            # A link is kept as the link that it is: what it points to was not handed in.
            if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
                continue
            linked = stat.S_ISLNK(mode)
            content = os.fsencode(path.readlink()) if linked else path.read_bytes()
            total += len(content)
            if total > _MOST_BYTES:
                raise bad_input(
                    "too-large", f"holds more than {_MOST_BYTES:,} bytes", where=Where(str(folder))
                )
            name = os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "replace")
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.external_attr = ((stat.S_IFLNK if linked else stat.S_IFREG) | 0o644) << 16
            archive.writestr(member, content)
    return buffer.getvalue()


def _check_folder(folder: Path) -> None:
    for place in (folder, *folder.absolute().parents):
        if place.is_dir():
            if not os.access(place, os.W_OK | os.X_OK):
                raise _cannot_write(folder, f"no permission to write to {place}")
            return
        if place.exists() or place.is_symlink():
            raise _cannot_write(folder, f"{place} is no folder")


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise _cannot_write(path, "it is a folder")
    if not path.parent.is_dir():
        raise _cannot_write(path, f"there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK | os.X_OK) and (path.is_file() or not path.exists()):
        raise _cannot_write(path, f"no permission to write to {path.parent}")


def _spare_other_assignments(path: Path, assignment: str) -> None:
    try:
        standing = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return  # nothing stands there, or no report
    other = standing.get("assignment", assignment) if isinstance(standing, dict) else assignment
    if other != assignment:
        raise bad_input(
            "other-assignment",
            f"holds a report of {other}, which one of {assignment} would replace",
            where=Where(str(path)),
            hint="give each assignment a folder of its own with -o",
        )


def _place(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise _cannot_write(path, str(error)) from None


def _cannot_write(path: Path, reason: str) -> InputError:
    return bad_input("cannot-write", f"cannot be written: {reason}", where=Where(str(path)))
