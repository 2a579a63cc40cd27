"""Which of a submission's saved models belongs to which task.

The names of files are not fixed, so the rule is: files in models/ that end in .model, .pt, .pth,
.p or .pkl. A name with one of a task's words belongs to that task: lstm; rnn; seg; keypoint, facial
or face. What has no such word is tried for each task that has no file of its own: whether it fits
is seen by its class and its outputs. Of several that fit, the first by name counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from grader.code.hidden.sets import Task

FOLDER = "models/"
SUFFIXES = (".model", ".pt", ".pth", ".p", ".pkl")
Kind = Literal["segmentation", "keypoints", "rnn", "lstm"]


@dataclass(frozen=True)
class ModelKind:
    """One kind of model: its words in file names, its data, its class, the shapes of one batch.

    `image` is one input's shape, `batch_axis` where the images of a batch lie; `output` one
    output's shape; `axis` the one with the classes' scores, None for numbers.
    """

    kind: Kind
    title: str
    words: tuple[str, ...]
    task: Task
    target: str
    image: tuple[int, ...]
    output: tuple[int, ...]
    axis: int | None
    batch_axis: int = 0

    @property
    def class_name(self) -> str:
        """The name of the class that the course's files give it."""
        return self.target.partition(":")[2]


KINDS: dict[Kind, ModelKind] = {
    "segmentation": ModelKind(
        "segmentation", "segmentation network", ("seg",), "segmentation",
        "exercise_code.segmentation_nn:SegmentationNN", (3, 240, 240), (23, 240, 240), 1,
    ),
    "keypoints": ModelKind(
        "keypoints", "keypoint network", ("keypoint", "facial", "face"), "keypoints",
        "exercise_code.classifiers.keypoint_nn:KeypointModel", (1, 96, 96), (30,), None,
    ),
    "lstm": ModelKind(
        "lstm", "LSTM classifier", ("lstm",), "digits",
        "exercise_code.rnn.rnn_nn:LSTM_Classifier", (28, 28), (10,), 1, batch_axis=1,
    ),
    "rnn": ModelKind(
        "rnn", "RNN classifier", ("rnn",), "digits",
        "exercise_code.rnn.rnn_nn:RNN_Classifier", (28, 28), (10,), 1, batch_axis=1,
    ),
}  # fmt: skip


def model_files(names: Iterable[str]) -> list[str]:
    """The files that can be models, by name."""
    return sorted(n for n in names if n.startswith(FOLDER) and n.lower().endswith(SUFFIXES))


def named_for(file: str) -> Kind | None:
    """The kind that a file's name speaks of; None when it leaves that open."""
    name = PurePosixPath(file).name.lower()
    for kind, model in KINDS.items():
        if any(word in name for word in model.words):
            return kind
    return None


def candidates(names: Iterable[str], kind: Kind) -> tuple[list[str], list[str]]:
    """The files named for a kind, and those whose names leave it open."""
    files = model_files(names)
    return [f for f in files if named_for(f) == kind], [f for f in files if named_for(f) is None]
