"""Results kept by their arguments, for `templates.pdf_memory`."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

MOST_KEPT = 50_000
"""Of each kind. A batch of a thousand exams stays below; beyond, all of a kind is forgotten."""

UNSEEN = object()
"""Stands for what was never looked up, where None is a result."""


class Kept(dict[Hashable, Any]):
    """Results by their arguments, not more than `MOST_KEPT`."""

    def __setitem__(self, key: Hashable, value: Any) -> None:
        if len(self) >= MOST_KEPT:
            self.clear()
        super().__setitem__(key, value)
