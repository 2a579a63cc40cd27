"""A hidden test set: inputs for the models, targets for the judge, and where both come from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from grader.code.hidden import digits, faces, shapes
from grader.code.hidden.folder import Found, find_data
from grader.code.hidden.marks import Marks, load_marks
from grader.code.hidden.read_digits import read_digits
from grader.code.hidden.read_keypoints import read_keypoints
from grader.code.hidden.read_segmentation import read_segmentation
from grader.code.hidden.secret import hidden_key

Task = Literal["segmentation", "keypoints", "digits"]
TASKS: tuple[Task, ...] = ("segmentation", "keypoints", "digits")
# Enough for a score that is stable to about one part in a hundred, drawn in under two seconds.
COUNTS: dict[Task, int] = {"segmentation": 36, "keypoints": 300, "digits": 1000}
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class HiddenSet:
    """What a model is tested on.

    segmentation: inputs (N, 3, 240, 240) in [0, 1], targets (N, 240, 240) labels from -1 to 22
    keypoints:    inputs (N, 1, 96, 96) in [0, 1], targets (N, 30) in [-1, 1], x and y in turn
    digits:       inputs (N, 28, 28) in [0, 1], targets (N,) digits

    Inputs are float32. `generated` sets have no course's data behind them. `fingerprint` tells two
    sets apart and gives nothing else away.
    """

    task: Task
    inputs: Array
    targets: Array
    generated: bool
    fingerprint: str


@dataclass(frozen=True)
class HiddenSets:
    """The hidden sets of a grading: from the folder `data` where it holds them, else generated."""

    data: Path | None = None

    def get(self, task: Task) -> HiddenSet:
        """The hidden set of a task. Raises InputError where the data are wrong, or cannot be made."""
        found = self._found().get(task)
        if found is not None:
            return _read(found)
        return _generated(task, hidden_key(task), COUNTS[task])

    def is_generated(self, task: Task) -> bool:
        """Whether the set of a task is generated; reads no data. Raises InputError for a bad folder."""
        return task not in self._found()

    def marks(self, task: Task) -> Marks:
        """The pass marks that fit the set's origin."""
        return load_marks(task, generated=self.is_generated(task))

    def _found(self) -> dict[str, Found]:
        return {} if self.data is None else find_data(self.data)


@lru_cache(maxsize=3)
def _read(found: Found) -> HiddenSet:
    if found.task == "segmentation":
        images, targets = read_segmentation(found.files[0])
        inputs = np.moveaxis(images, -1, 1)
        return _hidden("segmentation", inputs, targets, generated=False)
    if found.task == "keypoints":
        grey, points = read_keypoints(found.files[0])
        return _hidden("keypoints", grey[:, None], _in_unit(points), generated=False)
    grey, labels = read_digits(*found.files)
    return _hidden("digits", grey, labels, generated=False)


@lru_cache(maxsize=3)
def _generated(task: Task, key: bytes, count: int) -> HiddenSet:
    rng = np.random.default_rng(list(key))
    return generate(task, rng, count)


def generate(
    task: Task, rng: np.random.Generator, count: int, *, practice: bool = False
) -> HiddenSet:
    """Draw a set. The same numbers give the same set. `practice`: of digits that no hidden set has."""
    if task == "segmentation":
        images, labels = shapes.draw_scenes(rng, count)
        return _hidden(task, np.moveaxis(images, -1, 1), labels, generated=True)
    if task == "keypoints":
        grey, points = faces.draw_faces(rng, count)
        return _hidden(task, grey[:, None], _in_unit(points), generated=True)
    grey, labels = digits.draw_digits(rng, count, practice=practice)
    return _hidden(task, grey, labels, generated=True)


def _hidden(task: Task, images: Array, targets: Array, *, generated: bool) -> HiddenSet:
    """From grey or colour values in [0, 255], as bytes or as floats."""
    digest = hashlib.sha256()
    for array in (images, targets):
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return HiddenSet(
        task, np.ascontiguousarray(images, np.float32) / np.float32(255), targets, generated,
        digest.hexdigest()[:16],
    )  # fmt: skip


def _in_unit(points: Array) -> Array:
    """(N, 15, 2) pixels of a 96x96 image -> (N, 30) in [-1, 1], as Normalize does."""
    return points.reshape(len(points), -1) / 48.0 - 1.0
