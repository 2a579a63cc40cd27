"""scan.json: which answers of a scanned paper a person must look at, because no machine has read them.

    {"schema_version": 1, "waiting": {"3": "unsure", "10": "paper"}, "sheets": {"2": "<SHA-256>"}}

`sheets` names the pictures that the answer sheet's pages were read from. The file comes
with the answers that were read from a scan. Whoever hands it in by themselves only makes their own answers
wait: no point depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from question_bank.diagnostics import Where, bad_input

FILE_NAME = "scan.json"
MOST_BYTES = 256 * 1024
Waiting = Literal["paper", "unsure", "missing", "unreadable", "doubled"]
WHY: Mapping[Waiting, str] = {
    "paper": "answered on paper: a person marks it",
    "unsure": "the scan leaves open which boxes are checked: a person looks at the answer sheet",
    "missing": "this page of the answer sheet was not scanned: a person looks for it",
    "unreadable": "this page of the answer sheet cannot be read: a person looks at it",
    "doubled": "this page of the answer sheet was scanned several times, and the scans do not agree",
}


class _ScanFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    schema_version: Literal[1]
    waiting: dict[str, Waiting]
    sheets: dict[str, str] = {}


def waiting_answers(content: bytes, file: str) -> Mapping[str, Waiting]:
    """Label to why it waits. Raises InputError."""
    where = Where(f"{file}/{FILE_NAME}")
    if len(content) > MOST_BYTES:
        raise bad_input("too-large", f"is larger than {MOST_BYTES // 1024} KiB", where=where)
    try:
        return _ScanFile.model_validate_json(content).waiting
    except ValidationError:
        raise bad_input(
            "bad-scan-file", "is not what grading scans writes", where=where,
            hint="leave it out: answers.yaml is enough",
        ) from None  # fmt: skip
