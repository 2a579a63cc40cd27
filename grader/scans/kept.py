"""Readings that an earlier run kept: a page whose picture, reader and layout are the same is not read again.

A line of JSON for each page, appended as soon as the page is read: a run that was killed goes on where it was, and a
line that was cut off counts for nothing.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from grader.scans.reading import VERSION, Papers, Reading
from question_bank.diagnostics import Where, bad_input

FILE = "readings.jsonl"
_READING: TypeAdapter[Reading] = TypeAdapter(Reading)


class KeptReadings:
    """The readings in a folder; without a folder, none, and none are kept."""

    def __init__(self, folder: Path | None, papers: Papers) -> None:
        self._file = None if folder is None else folder / FILE
        self._papers = papers_version(papers)
        self._known: dict[str, Reading] = {}
        for line in _lines(self._file):
            reading = _reading(line, self._papers)
            if reading is not None:
                self._known[reading.sha256] = reading

    def get(self, sha256: str) -> Reading | None:
        """The reading of a picture, where there is one."""
        return self._known.get(sha256)

    def keep(self, reading: Reading) -> None:
        """Keep a reading; a later one of the same picture takes its place. Raises InputError."""
        self._known[reading.sha256] = reading
        if self._file is not None:
            data = {"papers": self._papers, "reader": VERSION, **asdict(reading)}
            append_line(self._file, data)


def append_line(file: Path, data: dict[str, Any]) -> None:
    """Add a line of JSON to a file, whole. Raises InputError."""
    text = json.dumps(data, ensure_ascii=False) + "\n"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab+") as out:
            if out.tell() and _cut_off(file):
                text = "\n" + text
            out.write(text.encode())
    except OSError as error:
        raise bad_input(
            "cannot-write", f"cannot be written: {error.strerror}", where=Where(str(file))
        ) from None


def _cut_off(file: Path) -> bool:
    """Whether the last line has no end: its run was killed while it wrote."""
    with file.open("rb") as stream:
        stream.seek(-1, 2)
        return stream.read(1) != b"\n"


def _lines(file: Path | None) -> list[dict[str, Any]]:
    return [] if file is None else json_lines(file)


def json_lines(file: Path) -> list[dict[str, Any]]:
    """The lines of a file that are JSON objects; none where there is no file. Raises InputError."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise bad_input(
            "cannot-read", f"cannot be read: {error.strerror}", where=Where(str(file))
        ) from None
    found = []
    for line in content.splitlines():
        try:
            data = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(data, dict):
            found.append(data)
    return found


def _reading(data: dict[str, Any], papers: str) -> Reading | None:
    if data.pop("papers", None) != papers or data.pop("reader", None) != VERSION:
        return None
    try:
        return _READING.validate_python(data)
    except ValidationError:
        return None


def papers_version(papers: Papers) -> str:
    """What tells the layouts of an exam apart from others."""
    whole = hashlib.sha256(papers.exam.encode())
    for name, layout in sorted(papers.layouts.items()):
        whole.update(f"{name}:{layout.model_dump_json()}".encode())
    return whole.hexdigest()[:16]
