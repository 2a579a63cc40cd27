"""Grading again: the same submission with the same seed must give the same verdicts.

What was measured by the clock is told, and is no difference: it depends on what else the machine does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.keys import read_json
from grader.report import Report
from question_bank.diagnostics import Where, bad_input
from question_bank.wording import counted

LONGEST_VERSION = 26  # characters: a hash's beginning, or a hidden set's origin and fingerprint


@dataclass(frozen=True)
class Earlier:
    """What a replay needs of an earlier report: verdict and points by check."""

    assignment: str
    seed: int
    content_sha256: str | None
    checks: dict[str, tuple[str, float]]
    device: str | None = None
    versions: dict[str, str] = field(default_factory=dict)


def read_earlier(path: Path) -> Earlier:
    """An earlier report.json. Raises InputError when it is none."""
    data = read_json(path)
    try:
        return Earlier(
            assignment=_of_type(data["assignment"], str),
            seed=_of_type(data["seed"], int),
            content_sha256=_of_type(data.get("content_sha256"), str | None),
            checks={
                _of_type(check["id"], str): (
                    _of_type(check["verdict"], str),
                    float(_of_type(check["points"], int | float)),
                )
                for check in data["checks"]
            },
            device=_of_type(data.get("device"), str | None),
            versions=dict(_of_type(data.get("versions", {}), dict)),
        )
    except (KeyError, TypeError, AttributeError):
        raise bad_input(
            "not-a-report", "is no report.json of grade", where=Where(str(path))
        ) from None


def differs(report: Report, earlier: Earlier, tell: Callable[[str], None]) -> bool:
    """Whether the replay came out otherwise; `tell` gets a line for whatever is worth knowing."""
    for line in circumstances(report, earlier):
        tell(line)
    found = differences(report, earlier)
    for line in found:
        tell(f"the replay differs: {line}")
    if not found:
        tell("the replay gives every verdict again")
    return bool(found)


def circumstances(report: Report, earlier: Earlier) -> list[str]:
    """What is otherwise about the grading itself: verdicts may differ for it, and need not."""
    found = []
    for what in earlier.versions:
        if what not in ("assignment", "key") and not what.startswith("hidden_"):
            continue
        name = "the " + what.replace("_", " set for ")
        was, now = earlier.versions.get(what), report.versions.get(what)
        if was != now:
            found.append(f"{name} has changed since: {_short(was)} then, {_short(now)} now")
    found += [
        f"{line}; it depends on the clock" for line in _changed(report, earlier, by_clock=True)
    ]
    if earlier.device not in (None, report.device):
        found.append(f"it was graded on {earlier.device} then, on {report.device} now")
    return found


def differences(report: Report, earlier: Earlier) -> list[str]:
    """What is otherwise than in the earlier report; empty when every verdict is the same."""
    found = []
    if report.assignment != earlier.assignment:
        found.append(f'assignment: was "{earlier.assignment}", is "{report.assignment}"')
    if earlier.content_sha256 not in (None, report.content_sha256):
        found.append("the submission is not the one that was graded then")
    return found + _changed(report, earlier, by_clock=False)


def _changed(report: Report, earlier: Earlier, *, by_clock: bool) -> list[str]:
    """The checks with other verdicts or points: those that depend on the clock, or all others."""
    after = {check.id: (check.verdict, check.points) for check in report.checks}
    timed = {check.id for check in report.checks if check.by_clock}
    found = []
    for name in dict.fromkeys([*earlier.checks, *after]):
        was, now = earlier.checks.get(name), after.get(name)
        if was != now and (name in timed) == by_clock:
            found.append(f"{name}: was {_shown(was)}, is {_shown(now)}")
    return found


def _short(version: object) -> str:
    return "none" if version is None else str(version)[:LONGEST_VERSION]


def _shown(outcome: tuple[str, float] | None) -> str:
    return "absent" if outcome is None else f"{outcome[0]} ({counted(outcome[1], 'point')})"


def _of_type(value: Any, kind: Any) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError
    return value
