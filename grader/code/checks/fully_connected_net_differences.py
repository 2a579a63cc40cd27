"""A second look at a network's wrong gradients: finite differences of its own loss.

This explains and never earns points, as in `grader.code.checks.differences`: a loss and its
gradients can agree and both be wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from grader.code.bench import Bench, FoundError
from grader.code.checks.differences import RELATIVE, STEP
from grader.code.checks.fully_connected_net_draw import Draw, answer, backwards
from grader.code.compare import require_number
from grader.code.frames import Array


def explained(error: FoundError, bench: Bench, draw: Draw, found: Mapping[str, Any]) -> FoundError:
    """The same finding, with what the differences say where no mistake was recognised.

    Of numbers in float32 they would be rounding noise.
    """
    if any(isinstance(v, Array) and v.values.dtype == np.float32 for v in found.values()):
        return error
    if error.finding.mistake is not None or error.finding.verdict != "wrong":
        return error
    try:
        words = [_words(bench, draw, found.get(name), name) for name in backwards(draw.parameters)]
    except FoundError:
        return error
    fits = ", ".join(name for name, differs in words if not differs)
    text = " ".join(differs for _, differs in words if differs)
    if fits:
        text = f"{text} By them, right for your own loss: {fits}.".strip()
    finding = error.finding
    return FoundError(
        f"{finding.message} {text}".strip(), verdict=finding.verdict, detail=error.detail
    )


def _words(bench: Bench, draw: Draw, gradient: Any, name: str) -> tuple[str, str]:
    """The name, and what is wrong with its gradient ("" where nothing is)."""
    value = draw.parameters[name]
    if not isinstance(gradient, Array) or gradient.values.shape != value.shape:
        return name, f"The gradient of {name} is no array of shape {value.shape}."
    along = bench.rng.standard_normal(value.shape)
    losses = []
    for sign in (1, -1):
        moved = {**draw.parameters, name: value + sign * STEP * along}
        loss, _ = answer(bench, replace(draw, parameters=moved))
        require_number(
            "The loss",
            loss,
            loss.values if isinstance(loss, Array) else loss,
            at="",
            tolerance=bench.tolerance,
        )
        losses.append(float(loss.values.item() if isinstance(loss, Array) else loss))
    slope = (losses[0] - losses[1]) / (2 * STEP)
    told = float((gradient.values.astype(np.float64) * along).sum())
    if abs(slope - told) <= RELATIVE * (abs(slope) + abs(told)) + 1e-6:
        return name, ""
    return name, (
        f"By finite differences of your own loss along a random direction, the gradient of {name} "
        f"should give {slope:.6g}; it gives {told:.6g}."
    )
