"""Grading again: the same submission with the same seed must give the same verdicts, and so the same score.

What was measured by the clock is told, and is no difference: it depends on what else the machine does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.keys import read_json
from grader.report import Report
from leaderboard.report_sums import wrong_sums
from question_bank.diagnostics import Where, bad_input
from question_bank.wording import counted

LONGEST_VERSION = 26  # characters: a hash's beginning, or a hidden set's origin and fingerprint


@dataclass(frozen=True)
class Earlier:
    """What a replay needs of an earlier report: verdict and points by check, what each is worth, and the pass mark.

    `faults`: what the report says otherwise than its own checks.
    """

    assignment: str
    seed: int
    content_sha256: str | None
    checks: dict[str, tuple[str, float]]
    device: str | None = None
    versions: dict[str, str] = field(default_factory=dict)
    worth: dict[str, float] = field(default_factory=dict)
    pass_mark: float | None = None
    above: bool = False
    faults: tuple[str, ...] = ()


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
            worth={
                check["id"]: float(_of_type(check["max_points"], int | float))
                for check in data["checks"]
            },
            pass_mark=float(_of_type(data["pass_mark"], int | float)),
            above=data.get("above", False) is True,
            faults=(*_twice(data["checks"]), *wrong_sums(data)),
        )
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError):
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
    # Sums of checks that depend on the clock may differ; a report that contradicts itself was touched.
    found += [f"in the earlier report {fault}" for fault in earlier.faults]
    now = {check.id: check.max_points for check in report.checks}
    found += [
        f"{name}: was worth {counted(was, 'point')}, is worth {counted(now[name], 'point')}"
        for name, was in earlier.worth.items()
        if now.get(name, was) != was
    ]
    if earlier.pass_mark is not None:
        was, now_is = (earlier.pass_mark, earlier.above), (report.pass_mark, report.above)
        if was != now_is:
            found.append(f"the pass mark: was {_mark(*was)}, is {_mark(*now_is)}")
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


def _twice(checks: list[Any]) -> list[str]:
    """What stands in a report more than once would be compared once, and counted each time."""
    many = Counter(check["id"] for check in checks)
    return [f"{name} stands {count} times" for name, count in many.items() if count > 1]


def _mark(points: float, above: bool) -> str:
    return f"{'more than ' if above else ''}{counted(points, 'point')}"


def _short(version: object) -> str:
    return "none" if version is None else str(version)[:LONGEST_VERSION]


def _shown(outcome: tuple[str, float] | None) -> str:
    return "absent" if outcome is None else f"{outcome[0]} ({counted(outcome[1], 'point')})"


def _of_type(value: Any, kind: Any) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError
    return value
