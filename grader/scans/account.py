"""What became of each page of the scans: the account that leaves none out."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from grader.scans.scanned import Scanned
from grader.scans.written import is_crooked
from leaderboard.untrusted import csv_text
from question_bank.diagnostics import printable
from question_bank.wording import counted

FIELDS = ("file", "page_of_file", "became", "form", "page", "student", "note", "sha256")
CROOKED = "cannot be made straight: the whole page is shown"
_WORDS = {
    "sheet": ("answer sheet read", "answer sheets read"),
    "page": ("page with open answers", "pages with open answers"),
    "blank": ("blank page", "blank pages"),
    "foreign": ("foreign page", "foreign pages"),
    "damaged": ("page not read", "pages not read"),
}


def rows(found: Scanned) -> Iterator[dict[str, Any]]:
    """A row by FIELDS for each page, in the order of the scans; then one for each file of which not all was read."""
    whose = {
        id(seen): paper.student
        for paper in found.papers
        for scans in paper.scans.values()
        for seen in scans
    }
    aside = {id(seen) for paper in found.papers for seen in paper.aside}
    for seen in found.pages:
        reading = seen.reading
        unsure = reading.states.count("unsure")
        yield {
            "file": seen.file,
            "page_of_file": seen.number,
            "became": reading.kind,
            "form": reading.code.form if reading.code else None,
            "page": reading.code.page if reading.code else None,
            "student": whose.get(id(seen)),
            "note": reading.reason
            or (_unclear(unsure) if unsure else "put aside" if id(seen) in aside else None)
            or (CROOKED if is_crooked(found.written.placed(reading.sha256)) else None),
            "sha256": reading.sha256,
        }
    for name, why in found.unread:
        yield dict.fromkeys(FIELDS) | {"file": name, "became": "unread", "note": why}


def _unclear(boxes: int) -> str:
    return f"{boxes} box{'' if boxes == 1 else 'es'} not clear"


def in_words(found: Scanned) -> str:
    """`48 pages: 3 answer sheets read, 44 pages with open answers, 1 page not read`."""
    kinds: Counter[str] = Counter(seen.reading.kind for seen in found.pages)
    pieces = [
        f"{kinds[kind]} {one if kinds[kind] == 1 else many}"
        for kind, (one, many) in _WORDS.items()
        if kinds[kind]
    ]
    return f"{counted(len(found.pages), 'page')}: {', '.join(pieces) or 'none'}"


def to_csv(found: Scanned) -> str:
    """pages.csv; no cell of it is taken for a formula."""
    out = io.StringIO()
    writer = csv.DictWriter(out, FIELDS, lineterminator="\n")
    writer.writeheader()
    for row in rows(found):
        writer.writerow({k: csv_text(v) if isinstance(v, str) else v for k, v in row.items()})
    return out.getvalue()


def to_json(found: Scanned) -> str:
    """The same for machines, with what is open and what a person must know."""
    data = {
        "schema_version": 1,
        "pages": list(rows(found)),
        "open": [
            {"about": t.about, "file": t.seen.file, "page_of_file": t.seen.number, "box": t.box or None, "asks": t.asks, "picture": t.file_name}
            for t in found.open
        ],
        "told": [{"code": t.code, "message": t.message, "fault": t.fault} for t in found.told],
    }  # fmt: skip
    return printable(json.dumps(data, ensure_ascii=False, indent=1)) + "\n"
