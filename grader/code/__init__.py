"""Grading code: a judge with references and verdicts, and locked workers with the submission.

`grade_code`, `load_assignment`, `list_assignments` and `infer_assignment` can be imported from
here; the modules behind them load when one is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.code.assignment import (
        CodeAssignment,
        infer_assignment,
        list_assignments,
        load_assignment,
    )
    from grader.code.judge import CodeResult, grade_code

__all__ = [
    "CodeAssignment",
    "CodeResult",
    "grade_code",
    "infer_assignment",
    "list_assignments",
    "load_assignment",
]

_JUDGE = {"grade_code", "CodeResult"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "grader.code.judge" if name in _JUDGE else "grader.code.assignment"
    return getattr(importlib.import_module(module), name)
