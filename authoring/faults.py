"""Faults of a question over many draws: each is told once, with an example and how many draws show it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from question_bank.diagnostics import Diagnostic, Severity, Where
from question_bank.strict_yaml import Steps


@dataclass(frozen=True)
class Fault:
    """Something wrong with one draw; `fault` names it apart from the draw's numbers, the message with them.

    `at`: where in the file it is; `near`: what stands in the line that is wrong, in a text of several.
    """

    code: str
    fault: str
    message: str
    severity: Severity = "error"
    hint: str | None = None
    at: Steps = ()
    near: str = ""


@dataclass
class Faults:
    """The faults that were seen, in the order in which they were seen first, and in how many draws each.

    `place` says where in its file a fault is.
    """

    place: Callable[[Fault], Where]
    first: dict[tuple[str, str], tuple[Fault, str]] = field(default_factory=dict)
    draws: dict[tuple[str, str], set[int]] = field(default_factory=dict)

    def seen(self, fault: Fault, number: int, drawn: str) -> None:
        """A fault in the draw of this number, whose parameters are `drawn`."""
        name = fault.code, fault.fault
        self.first.setdefault(name, (fault, drawn))
        self.draws.setdefault(name, set()).add(number)

    def diagnostics(self, draws: int) -> Iterator[Diagnostic]:
        """One for each fault, of the question's `draws` in all."""
        for name, (fault, drawn) in self.first.items():
            told = fault.message
            if drawn:
                told += f" [{drawn}] (in {len(self.draws[name])} of {draws} draws)"
            yield Diagnostic(fault.code, told, self.place(fault), fault.hint, fault.severity)


def without_numbers(text: str) -> str:
    """A text by which the same fault is known in draws with other numbers."""
    return re.sub(r"[-+−]?\d+(?:[./]\d+)*", "#", text)


def in_a_line(error: Exception) -> str:
    """An error that is not ours in a short line."""
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said if len(said) <= 200 else said[:197] + '...'}"
