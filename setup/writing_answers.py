"""Writes docs/writing_answers.md from the tables that test the answer types; `--check` says whether it is up to date."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from tests.question_bank.answers.tables import Row

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "writing_answers.md"
TEXTS = Path(__file__).with_suffix(".yaml")

# A key with fields, and those of them that say more than what is right.
WITH_FIELDS = re.compile(r"\{\w+:")
SAID = (
    "unit", "tolerance", "relative", "digits", "between", "exact", "scheme", "credit", "before",
    "entries", "axes", "units",
)  # fmt: skip

INTRODUCTION = """# How answers are written, and read

Made from the tables that test the answer types, by `make reference`.

Write an answer as you would on paper: there are many ways to write the same thing, and all of them are read. Each
type below has a table of answers with the verdict that each gets. The report shows how every answer was read.

- *right*, *partly right* (with the share of the points that it earns), *wrong*: what they say.
- *unreadable*: the machine cannot say what is meant. The report says what could not be read, and how to write it. In an
  exam it costs nothing yet: a person looks at it.
- *needs a person*: the machine does not decide, so that nobody loses points by it. This also holds for an answer with
  two readings of which only one is right.
- *not answered*: nothing was written, or signs alone (`?`, `---`) that answer nothing here.

A full stop or a semicolon at the end, quotes, dollar signs, and LaTeX's `\\mathrm{}`, `\\mathbf{}`, `\\text{}` and the
like do not count.
"""


def page() -> str:
    """The page: for each type what to know, and its table."""
    sys.path.insert(0, str(ROOT))
    from tests.question_bank.answers.tables import rows

    tables = {kind: list(found) for kind, found in groupby(rows(), key=lambda row: row.kind)}
    texts = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))
    missing = sorted(set(tables) ^ {entry["type"] for entry in texts})
    if missing:
        raise SystemExit(f"{TEXTS.name} and the tables differ in {', '.join(missing)}")
    lines = [INTRODUCTION]
    for entry in texts:
        lines += [f"## {entry['title']}", "", entry["text"], *_table(tables[entry["type"]]), ""]
    return "\n".join(lines).rstrip() + "\n"


def _table(rows: list[Row]) -> Iterator[str]:
    from question_bank.answers import mark

    yield "| answer | the right answer | verdict | read as | why |"
    yield "|---|---|---|---|---|"
    for row in rows:
        echo = mark(row.key, row.answer).read_as or ""
        cells = [
            _code(row.answer) if row.answer.strip() else "(nothing)",
            _right(row),
            _verdict(row),
            "" if echo == row.answer else _code(echo),
            row.why.replace("|", r"\|"),
        ]
        yield f"| {' | '.join(cells)} |"


def _right(row: Row) -> str:
    """The right answer, and what the question says about it."""
    from question_bank.answers import answer_type

    fields = yaml.safe_load(row.asked) if WITH_FIELDS.match(row.asked) else {}
    if fields.pop("by_entry", False):
        fields["credit"] = "by_entry"  # another name of the same
    said = [f"{name.replace('_', ' ')}: {_plain(fields[name])}" for name in SAID if name in fields]
    right = answer_type(row.kind).written(row.key) if fields else row.asked
    if row.kind == "code" and fields:
        right = " or ".join(fields["accept"])
    return ", ".join(filter(None, [_code(right), *said]))


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(entry) for entry in value) or "nothing"
    return str(value).replace("_", " ")


def _verdict(row: Row) -> str:
    words = row.verdict.replace("needs_", "needs a ").replace("_", " ")
    return f"{words}, {row.share}" if row.share not in (0, 1) else words


def _code(text: str) -> str:
    """Text as it was typed, on one line of a table."""
    shown = text.replace("\t", "⇥").replace("\n", " ⏎ ").replace("|", r"\|").strip()
    if len(shown) > 90:
        shown = shown[:90] + "..."
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`" if shown else ""


def main() -> int:
    """Write the page, or check it."""
    found = page()
    if "--check" not in sys.argv:
        PAGE.write_text(found, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == found:
        return 0
    print("docs/writing_answers.md is not up to date: run `make reference`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
