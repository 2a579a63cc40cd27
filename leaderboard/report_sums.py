"""What the checks of a report come to: one rule for whoever writes a report, and for whoever looks whether it was touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

# Their points are neither earned nor lost yet. What the machine cannot read, a person may.
PENDING: frozenset[str] = frozenset({"unreadable", "needs_person", "undecided"})


@dataclass(frozen=True)
class Marked:
    """What counts of a check."""

    points: float
    max_points: float
    verdict: str


@dataclass(frozen=True)
class Sums:
    """The sums of a report, in points; `passed` is None while points are pending."""

    score: float
    max_score: float
    pending_points: float
    percent: float
    passed: bool | None


def sums_of(checks: Iterable[Marked], pass_mark: float, *, above: bool) -> Sums:
    """The sums of checks; the pass mark, in points, is to be reached, or `above` it to be."""
    found = list(checks)
    # Wrong choices can cost points where a question says so; nobody leaves with fewer than none.
    score = max(0.0, _sum(check.points for check in found))
    full = _sum(check.max_points for check in found)
    pending = _sum(check.max_points - check.points for check in found if check.verdict in PENDING)
    reached = score > pass_mark if above else score >= pass_mark
    return Sums(
        score=score,
        max_score=full,
        pending_points=pending,
        percent=round(100 * score / full, 2) if full else 0.0,
        passed=None if pending else reached,
    )


def wrong_sums(report: Mapping[str, Any]) -> list[str]:
    """What a report, as JSON, says otherwise than its own checks. ValueError where it is no report."""
    try:
        checks = [
            Marked(float(each["points"]), float(each["max_points"]), str(each["verdict"]))
            for each in report["checks"]
        ]
        mark, above = report.get("pass_mark"), bool(report.get("above", False))
        expected = asdict(sums_of(checks, float(mark or 0), above=above))
    except (KeyError, TypeError, OverflowError):
        raise ValueError("report: its checks lack points or verdicts") from None
    # A report may leave these two open; the others it must have.
    if mark is None:
        del expected["passed"]
    if report.get("percent") is None:
        del expected["percent"]
    return [
        f"{name} is {_shown(report.get(name))}, its checks come to {_shown(value)}"
        for name, value in expected.items()
        if report.get(name) != value
        or isinstance(report.get(name), bool) != isinstance(value, bool)
    ]


def _shown(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "open", True: "yes", False: "no"}[value]
    return f"{value:g}" if isinstance(value, int | float) else "no number"


def _sum(points: Iterable[float]) -> float:
    # Exact before rounding: ten tenths are one, and so are three thirds.
    total = sum((Fraction(p).limit_denominator(10_000) for p in points), start=Fraction(0))
    return float(round(total, 4))
