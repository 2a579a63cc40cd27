"""What a rule of item-writing reports."""

from __future__ import annotations

from typing import NamedTuple

from question_bank.diagnostics import Severity


class Finding(NamedTuple):
    """A broken rule: its stable kebab-case code, what was seen, and how bad it is."""

    code: str
    message: str
    severity: Severity
