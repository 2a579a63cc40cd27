"""A report as results.json, which Gradescope's autograder container reads.

Source: Gradescope's autograder specification, "Output format"
(https://gradescope-autograders.readthedocs.io/en/latest/specs/).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from grader.report import Check, Report, lacking
from grader.wording import VERDICTS, adds_to_verdict, mistake_words, summary
from question_bank.diagnostics import Diagnostic, printable

SHARED = {"visibility": "visible", "stdout_visibility": "hidden", "output_format": "text"}


def to_results_json(report: Report) -> str:
    """results.json of a report.

    Gradescope has no open points: a check that waits for a person counts 0 there, and says so.
    """
    missing = ", ".join(lacking(report))
    said = [summary(report), *(f"Note: {note}" for note in report.notes)]
    said += [f"Graded without these layers of isolation: {missing}"] if missing else []
    return _dumped(
        {
            "score": report.score,
            "execution_time": round(sum(check.seconds for check in report.checks), 3),
            "output": "\n".join(said),
            **SHARED,
            "tests": [_test(check) for check in report.checks],
            "leaderboard": [
                {"name": "Score", "value": report.score, "order": "desc"},
                {"name": "Percent", "value": report.percent, "order": "desc"},
            ],
            "extra_data": {
                "assignment": report.assignment,
                "seed": report.seed,
                "versions": dict(report.versions),
                "content_sha256": report.content_sha256,
                "pending_points": report.pending_points,
            },
        }
    )


def refused_results_json(diagnostics: Sequence[Diagnostic]) -> str:
    """results.json of a submission that was refused: no points, and the reason instead of a failed autograder."""
    said = "\n".join(each.render() for each in diagnostics)
    return _dumped({"score": 0.0, "output": f"This was not graded.\n{said}", **SHARED, "tests": []})


def _test(check: Check) -> dict[str, Any]:
    lines = [] if check.verdict in ("right", "wrong") else [f"{VERDICTS[check.verdict]}."]
    lines += [f"Recognised: {mistake_words(check.mistake)}."] if check.mistake else []
    lines += [check.message] if adds_to_verdict(check) else []
    return {
        "name": f"{check.id}: {check.title}",
        "score": check.points,
        "max_score": check.max_points,
        "status": "passed" if check.verdict == "right" else "failed",
        "output": "\n".join(lines),
        "output_format": "text",
        "visibility": "visible",
    }


def _dumped(results: dict[str, Any]) -> str:
    return printable(json.dumps(results, ensure_ascii=False, indent=1)) + "\n"
