"""Files around a grading: the submission's bytes, reports written, reports read back."""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

from grader.archive import read_submission
from grader.page import render_page
from grader.report import Report, to_json
from question_bank.diagnostics import Where, bad_input
from question_bank.files import write_whole
from question_bank.strict_yaml import read_text

MAX_KEPT = 200_000_000


def submission_bytes(path: Path) -> bytes:
    """What is kept of a submission: the zip as it came; a folder as a zip of its files, always the same bytes."""
    if path.is_dir():
        return _zipped(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_KEPT + 1)
    except OSError as error:
        raise bad_input(
            "cannot-read", f"cannot be read: {error.strerror}", where=Where(str(path))
        ) from None
    if len(content) > MAX_KEPT:
        raise bad_input("too-large", f"is larger than {MAX_KEPT:,} bytes", where=Where(str(path)))
    return content


def _zipped(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(read_submission(folder).files.items()):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def write_reports(
    report: Report, submission: Path, folder: Path | None, json_file: str | None, html: Path | None
) -> None:
    """The report as JSON and HTML, wherever it is asked for; each file is written whole or not at all."""
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise bad_input(
                "cannot-write", f"cannot be made: {error.strerror}", where=Where(str(folder))
            ) from None
        name = _stem(submission)
        write_whole(folder / f"{name}.json", to_json(report))
        write_whole(folder / f"{name}.html", render_page(report))
    if json_file == "-":
        sys.stdout.write(to_json(report))
    elif json_file is not None:
        write_whole(Path(json_file), to_json(report))
    if html is not None:
        write_whole(html, render_page(report))


def _stem(submission: Path) -> str:
    name = submission.absolute().name.removesuffix(".zip")
    return re.sub(r"[^\w.-]", "_", name) or "report"


def read_report(path: Path) -> dict[str, Any]:
    """An earlier report.json. Raises InputError when it is none."""
    try:
        data = json.loads(read_text(path))
        checks, seed = data["checks"], data["seed"]
        known = isinstance(seed, int) and all({"id", "verdict", "points"} <= set(c) for c in checks)
    except (json.JSONDecodeError, KeyError, TypeError, RecursionError):
        known = False
    if not known:
        raise bad_input("not-a-report", "is no report.json of grade", where=Where(str(path)))
    return dict(data)
