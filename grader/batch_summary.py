"""The summary of a batch: a row for each submission, as a table for people, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.batch_desk import Outcome
from grader.batch_members import Member
from grader.isolation import told
from grader.report import SCHEMA_VERSION, Report
from grader.wording import VERDICTS, shortened
from leaderboard.untrusted import csv_text
from question_bank.diagnostics import printable

FIELDS = (
    "submission", "user", "state", "assignment", "form", "score", "max_score", "percent", "passed",
    "pending_points", *VERDICTS, "reason", "report", "seed", "content_sha256", "missing_layers",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One submission and what became of it."""

    member: Member
    outcome: Outcome

    @property
    def report(self) -> Report | None:
        """The report, where there is one."""
        return self.outcome.report

    @property
    def undecided(self) -> bool:
        """Whether a fault of ours left all of it, or one of its checks, open."""
        checks = self.report.checks if self.report else ()
        return self.outcome.state == "undecided" or any(c.verdict == "undecided" for c in checks)

    @property
    def reason(self) -> str:
        """Why there is no report, on one line."""
        if self.outcome.diagnostics:
            return shortened("; ".join(each.message for each in self.outcome.diagnostics))
        if self.outcome.fault:
            return "not graded, which is our own fault"
        return shortened(self.outcome.told[-1]) if self.report is None and self.outcome.told else ""

    def data(self) -> dict[str, Any]:
        """The row by FIELDS; what a report would say is None where there is none."""
        found: dict[str, Any] = dict.fromkeys(FIELDS)
        found |= {
            "submission": self.member.name, "user": self.member.user, "reason": self.reason or None,
            "state": self.outcome.state,
        }  # fmt: skip
        if self.report is not None:
            copied = set(FIELDS) & set(self.report.__dataclass_fields__)
            found |= {name: getattr(self.report, name) for name in copied}
            found |= dict.fromkeys(VERDICTS, 0) | verdict_counts(self.report)
            found["report"] = f"{self.member.stem}.json"
        return found


def verdict_counts(report: Report) -> Counter[str]:
    """How many checks ended in each verdict; checks of no points are told elsewhere and count nothing."""
    return Counter(check.verdict for check in report.checks if check.max_points)


def totals(rows: Sequence[Row]) -> dict[str, int]:
    """How many submissions there are, in which state, and how many have a check that is undecided."""
    states = Counter(row.outcome.state for row in rows)
    return {
        "submissions": len(rows),
        "graded": states["graded"],
        "kept": states["kept"],
        "refused": states["refused"],
        "undecided": sum(row.undecided for row in rows),
    }


def in_words(rows: Sequence[Row], *, not_reached: int = 0) -> str:
    """`28 graded, 2 refused`: the totals in one line."""
    count = totals(rows)
    faults = sum(row.outcome.fault is not None for row in rows)
    undecided = count["undecided"] - faults
    return ", ".join(
        piece
        for piece, shown in (
            (f"{count['graded']} graded", True),
            (f"{count['kept']} kept from before", count["kept"]),
            (f"{count['refused']} refused", True),
            (f"{undecided} with undecided checks", undecided),
            (f"{faults} not graded through our own fault", faults),
            (f"{not_reached} not reached", not_reached),
        )
        if shown
    )


def to_summary_json(rows: Sequence[Row]) -> str:
    """summary.json: totals, what was missing around code that ran, and a row for each submission."""
    data = {
        "schema_version": SCHEMA_VERSION,
        "totals": totals(rows),
        "isolation": told([row.report for row in rows if row.report is not None]),
        "submissions": [row.data() for row in rows],
    }
    return printable(json.dumps(data, ensure_ascii=False, indent=1)) + "\n"


def to_summary_csv(rows: Sequence[Row]) -> str:
    """summary.csv: no cell of it is taken for a formula."""
    out = io.StringIO()
    writer = csv.DictWriter(out, FIELDS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.data().items()})
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, tuple):
        return csv_text(", ".join(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return csv_text(value) if isinstance(value, str) else value
