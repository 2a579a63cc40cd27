"""scan.json: which answers of a scanned paper a person must look at, because no machine has read them.

    {"schema_version": 1, "waiting": {"3": "unsure", "10": "paper"}, "sheets": {"2": "<SHA-256>"},
     "pages": {"2": ["<SHA-256>"]}, "pictures": {"10": ["answers/10-1.jpg"]}, "bare": []}

`sheets` names the pictures that the answer sheet's pages were read from, `pages` those of all pages with answers, by
number; `pictures` the files of the submission that
show what was written by hand, `bare` the answers where nothing is to be seen. The file comes
with the answers that were read from a scan. Whoever hands it in by themselves only makes their own answers
wait: no point depends on it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from question_bank.diagnostics import InputError, Where, bad_input

FILE_NAME = "scan.json"
PICTURES = "answers"
"""The folder of a submission with pictures of what was written by hand."""
MOST_BYTES = 256 * 1024
_PICTURE = re.compile(rf"{PICTURES}/[A-Za-z0-9]{{1,20}}-[1-9][0-9]?\.jpg")
Waiting = Literal["paper", "unscanned", "unsure", "missing", "unreadable", "doubled"]
WHY: Mapping[Waiting, str] = {
    "paper": "answered on paper: a person marks it",
    "unscanned": "the page with this answer was not scanned, or cannot be read: a person looks for it",
    "unsure": "the scan leaves open which boxes are checked: a person looks at the answer sheet",
    "missing": "this page of the answer sheet was not scanned: a person looks for it",
    "unreadable": "this page of the answer sheet cannot be read: a person looks at it",
    "doubled": "this page of the answer sheet was scanned several times, and the scans do not agree",
}


class ScanFile(BaseModel):
    """What scan.json holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    schema_version: Literal[1]
    waiting: dict[str, Waiting]
    sheets: dict[str, str] = {}
    pages: dict[str, tuple[str, ...]] = {}
    pictures: dict[str, tuple[str, ...]] = {}
    bare: tuple[str, ...] = ()

    @field_validator("pictures")
    @classmethod
    def _names(cls, pictures: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if not all(_PICTURE.fullmatch(name) for names in pictures.values() for name in names):
            raise ValueError("a picture has a name like answers/10-1.jpg")
        return pictures


def read_scan_file(content: bytes, file: str) -> ScanFile:
    """What scan.json says. Raises InputError."""
    where = Where(f"{file}/{FILE_NAME}")
    if len(content) > MOST_BYTES:
        raise bad_input("too-large", f"is larger than {MOST_BYTES // 1024} KiB", where=where)
    try:
        return ScanFile.model_validate_json(content)
    except ValidationError:
        raise bad_input(
            "bad-scan-file", "is not what grading scans writes", where=where,
            hint="leave it out: answers.yaml is enough",
        ) from None  # fmt: skip


def waiting_answers(content: bytes, file: str) -> Mapping[str, Waiting]:
    """Label to why it waits. Raises InputError."""
    return read_scan_file(content, file).waiting


def scan_file_in(files: Mapping[str, bytes]) -> ScanFile | None:
    """The scan.json among the files of a submission; None where it is no scanned paper."""
    content = files.get(FILE_NAME)
    try:
        return None if content is None else read_scan_file(content, "")
    except InputError:
        return None
