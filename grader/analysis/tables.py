"""The analysis for machines: one JSON, and tables of answers, options and students (under pseudonyms) as CSV."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

import numpy as np

from grader.analysis.analysis import Analysis, pseudonyms
from grader.analysis.numbers import Estimate
from grader.analysis.proposals import Proposal
from grader.analysis.words import summary
from leaderboard.untrusted import csv_text
from question_bank.diagnostics import printable

SCHEMA_VERSION = 1


def to_json(found: Analysis, proposals: Sequence[Proposal]) -> str:
    """analysis.json: no figure in it is NaN, and no student is named."""
    responses = found.responses
    data = {
        "schema_version": SCHEMA_VERSION,
        "assignment": responses.assignment,
        "title": responses.title,
        "students": responses.students,
        "forms": list(responses.forms),
        "summary": list(summary(found)),
        "notes": list(responses.notes),
        "scores": {k: v for k, v in _plain(found.scores).items() if k != "percent"},
        "suspicions": [
            {
                "item": each.item.id,
                "forms": each.forms,
                "labels": each.item.labels,
                "strength": each.strength,
                "reasons": [
                    {"code": r.code, "sentence": r.sentence, "sure": r.sure} for r in each.reasons
                ],
                "look_at": each.look_at,
                "change": mend.change,
                "command": mend.command,
            }
            for each, mend in zip(found.suspicions, proposals, strict=True)
        ],
        "items": [
            {
                "id": item.id,
                "question": item.question,
                "part": item.part,
                "type": item.kind,
                "points": item.points,
                "labels": item.labels,
                "statistics": own,
                "options": [_option(o) for o in (*options, *typed)],
            }
            for item, own, options, typed in zip(
                responses.items, found.statistics, found.options, found.typed, strict=True
            )
        ],
        "reliability": found.reliability,
        "form_difference": found.forms,
        "item_differences": found.differences,
        "abilities": {
            k: v for k, v in _plain(found.abilities).items() if k not in ("ability", "error")
        },
        "students_under_pseudonyms": _students(found),
    }
    return printable(json.dumps(_plain(data), ensure_ascii=False, indent=1, allow_nan=False)) + "\n"


def items_csv(found: Analysis) -> str:
    """A row for each answer."""
    rows = []
    for item, own in zip(found.responses.items, found.statistics, strict=True):
        rows.append(
            {
                "item": item.id,
                "type": item.kind,
                "points": item.points,
                "forms": " ".join(f"{form}:{label}" for form, label in item.labels.items()),
                **_estimate("difficulty", own.difficulty),
                **_estimate("discrimination", own.discrimination),
                "lower_third": own.lower,
                "upper_third": own.upper,
                "answered": own.answered,
                "not_answered": own.not_answered,
                "not_reached": own.not_reached,
                "pending": own.pending,
            }
        )
    return _csv(rows)


def options_csv(found: Analysis) -> str:
    """A row for each option and each answer that several students typed."""
    columns = zip(found.responses.items, found.options, found.typed, strict=True)
    return _csv(
        {"item": item.id, **_option(option), "curve": " ".join(f"{v:.4f}" for v in option.curve)}
        for item, options, typed in columns
        for option in (*options, *typed)
    )


def students_csv(found: Analysis) -> str:
    """A row for each student, under a pseudonym, the most points first."""
    return _csv(_students(found))


def _students(found: Analysis) -> list[dict[str, Any]]:
    responses, model = found.responses, found.abilities
    names = pseudonyms(found)
    order = sorted(range(responses.students), key=lambda row: names[row])
    return [
        {
            "student": names[row],
            "form": responses.forms[responses.form_of[row]],
            "percent": round(float(found.scores.percent[row]), 2),
            "ability": model.ability[row] if model.ability else None,
            "ability_error": model.error[row] if model.error else None,
        }
        for row in order
    ]


def _option(option: Any) -> dict[str, Any]:
    return {
        "text": option.text,
        "letters": " ".join(f"{form}:{letter}" for form, letter in option.letters.items()),
        "typed": option.typed,
        "mistake": option.mistake,
        "right": option.correct,
        "count": option.count,
        "of": option.of,
        "share": option.share,
        "mean_rest": option.rest,
        "slope": None if option.slope is None else option.slope.value,
        "upper_third": option.upper,
        "curve": option.curve,
    }


def _estimate(name: str, found: Estimate | None) -> Mapping[str, Any]:
    if found is None:
        return {name: None, f"{name}_low": None, f"{name}_high": None, f"{name}_n": None}
    return {
        name: found.value,
        f"{name}_low": found.low,
        f"{name}_high": found.high,
        f"{name}_n": found.n,
    }


def _csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as CSV: no cell is taken for a formula."""
    found = list(rows)
    out = io.StringIO()
    if found:
        writer = csv.DictWriter(out, list(found[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in found)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return csv_text(value) if isinstance(value, str) else value


def _plain(value: Any) -> Any:
    """As JSON has it; figures to six digits, none of them NaN."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(v) for v in value]
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    if isinstance(value, np.integer):
        return int(value)
    return value
