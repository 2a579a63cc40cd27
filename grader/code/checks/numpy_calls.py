"""Calls of a submission's NumPy functions, and the numbers that they are called with."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.code.bench import Bench
from grader.code.compare import FEW, Numbers
from grader.code.frames import Kept

LAYERS = "exercise_code/layers.py"


def call(target: str | Kept, *args: Any, keep: str = "result", **kwargs: Any) -> dict[str, Any]:
    """The step that calls a function "module:name" (or a kept one) and keeps what it returns."""
    step: dict[str, Any] = {"do": "call", "target": target, "args": list(args), "as": keep}
    return step | ({"kwargs": kwargs} if kwargs else {})


def layer(name: str, *args: Any, keep: str = "result") -> dict[str, Any]:
    """A call of a function of layers.py."""
    return call(f"exercise_code.layers:{name}", *args, keep=keep)


def keep(value: Any, name: str) -> dict[str, Any]:
    """The step that keeps a value, so that calls share it and what they write into it stays."""
    return {"do": "keep", "value": value, "as": name}


def send(name: str | Kept, label: str) -> dict[str, Any]:
    """The step that sends a kept value back under a label."""
    return {"do": "send", "value": Kept(name) if isinstance(name, str) else name, "label": label}


def first_of(bench: Bench, steps: list[dict[str, Any]], doing: str) -> Any:
    """The first item (out) of what the last call returned: the cache stays where it is."""
    return bench.results([*steps, send(Kept("result")[0], "out")], doing)["out"]


def numbers(
    rng: np.random.Generator, *shape: int, centre: float = 0.0, spread: float = 1.0
) -> Numbers:
    """Normal numbers, none of them 0; few ones have two decimals, so that messages show them whole."""
    drawn = np.asarray(rng.normal(centre, spread, shape))
    if drawn.size <= FEW:
        drawn = np.round(drawn, 2)
    drawn[np.abs(drawn) < 5e-3] = 0.25
    return drawn


def on(device: str, *arrays: Numbers) -> tuple[Tensor, ...]:
    """Arrays as tensors for a reference."""
    return tuple(torch.from_numpy(array).to(device) for array in arrays)
