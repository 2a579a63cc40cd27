"""Pictures in which the last window would reach beyond the edge: sizes that the stride leaves a rest of.

The course's formula has no rest, so code may refuse such a size. Code that takes it rounds down: what
lies beyond the last whole window is not looked at.
"""

from __future__ import annotations

from typing import Any

from grader.code.bench import Bench, FoundError
from grader.code.frames import Array


def refused(bench: Bench, step: dict[str, Any]) -> bool:
    """Whether the layer raises at this size."""
    return bench.ask([step]).raised is not None


def require_rounded_down(
    out: Any, free: tuple[int, int], stride: int, *, name: str, at: str
) -> None:
    """Raise FoundError where out has a window too many. `free`: rows and columns less the window."""
    down = tuple(length // stride + 1 for length in free)
    up = tuple(-(-length // stride) + 1 for length in free)
    if isinstance(out, Array) and out.values.shape[2:] == up != down:
        raise FoundError(
            f"The size of out is rounded up to {up[0]} x {up[1]} where the stride leaves a rest: the last "
            f"window reaches beyond the picture. Only whole windows count, so {name} rounds down, to "
            f"{down[0]} x {down[1]} ({at}).",
            mistake="output-size-rounded-up",
        )
