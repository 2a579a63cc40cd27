"""What kept code away from the machine while it was graded, in words: the tone goes by what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from grader.code.sandbox.floor import short_of_floor
from grader.report import STOOD_IN_FOR, Report

# exposed: code could do harm. reduced: other layers still hold. stood_in: a coarser one does the same.
Tone = Literal["exposed", "reduced", "stood_in"]


@dataclass(frozen=True)
class Lack:
    """What was missing, as one sentence without its full stop."""

    tone: Tone
    sentence: str


def lacks(reports: Iterable[Report]) -> list[Lack]:
    """What was missing when these reports were made, the worst first; nothing where no code ran."""
    missing: dict[str, None] = {}
    short: dict[str, None] = {}
    for report in reports:
        missing |= dict.fromkeys(report.missing_layers)
        if report.missing_layers:
            short |= dict.fromkeys(short_of_floor(report.sandbox))
    stood_in = [layer for layer in missing if layer in STOOD_IN_FOR]
    others = [layer for layer in missing if layer not in STOOD_IN_FOR]
    found = []
    if short:
        found.append(
            Lack(
                "exposed",
                f"code ran here with too little around it: {'; '.join(short)}. It could read, change or "
                "send away what this user can: only for submissions that are trusted, every one",
            )
        )
    if others and not short:
        found.append(
            Lack(
                "reduced",
                f"graded with fewer layers than usual: no {', no '.join(others)} here. Those that are "
                "left still keep code from this machine's files, programs and network",
            )
        )
    elif others:
        found.append(Lack("reduced", f"missing here: {', '.join(others)}"))
    if stood_in:
        found.append(
            Lack("stood_in", f"no {', no '.join(stood_in)} here: resource limits stand in")
        )
    return found


def told(reports: Iterable[Report]) -> list[str]:
    """What whoever grades should know: nothing that another layer makes good."""
    return [lack.sentence for lack in lacks(reports) if lack.tone != "stood_in"]
