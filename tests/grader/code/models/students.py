"""Submissions with saved models for the tests: sources, the objects saved from them, small data.

The data are made so that a network without training can solve them: the red value of a pixel is its
class, grey values are the keypoints, a bright row is the digit.
"""

from __future__ import annotations

import io
import pickle
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from grader.archive import Submission
from grader.code.hidden.practice import write_set
from grader.code.hidden.sets import HiddenSet

FILES = {
    "segmentation": "exercise_code/segmentation_nn.py",
    "keypoints": "exercise_code/classifiers/keypoint_nn.py",
    "rnn": "exercise_code/rnn/rnn_nn.py",
}
PACKAGES = {
    f"{folder}/__init__.py": b""
    for folder in ("exercise_code", "exercise_code/classifiers", "exercise_code/rnn")
}
SEGMENTATION = """
import torch
from torch import nn


class SegmentationNN(nn.Module):
    def __init__(self, num_classes=23):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.0))
        self.register_buffer("centres", torch.arange(num_classes).view(1, -1, 1, 1) * 10 / 255)

    def forward(self, x):
        return -self.scale * (x[:, :1] - self.centres).abs()
"""
KEYPOINTS = """
import torch
from torch import nn


class KeypointModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(2.0))

    def forward(self, x):
        return x[:, 0, 0, :30] * self.scale - 1
"""
DIGITS = """
import torch
from torch import nn


class RNN_Classifier(nn.Module):
    def __init__(self, classes=10, input_size=28, hidden_size=128, activation="relu"):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.0))

    def forward(self, x):
        assert x.shape[0] == 28
        return self.scale * x.sum(dim=2)[:10].T


class LSTM_Classifier(RNN_Classifier):
    pass
"""
SOURCES = {"segmentation": SEGMENTATION, "keypoints": KEYPOINTS, "rnn": DIGITS}
CLASSES = {"segmentation": "SegmentationNN", "keypoints": "KeypointModel", "rnn": "RNN_Classifier"}


@contextmanager
def importable(kind: str, source: str) -> Iterator[types.ModuleType]:
    """The student's file as the module that a pickle names, as long as the block runs."""
    name = FILES[kind].removesuffix(".py").replace("/", ".")
    parents = [name.rsplit(".", level)[0] for level in range(1, name.count(".") + 1)]
    module = types.ModuleType(name)
    kept = {part: sys.modules.get(part) for part in [name, *parents]}
    sys.modules.update({part: types.ModuleType(part) for part in parents})
    sys.modules[name] = module
    try:
        exec(compile(source, name, "exec"), module.__dict__)
        yield module
    finally:
        for part, before in kept.items():
            sys.modules.pop(part)
            if before is not None:
                sys.modules[part] = before


def torch_bytes(value: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()


def weights(model: Any) -> bytes:
    return torch_bytes(model.state_dict())


def pickled(model: Any) -> bytes:
    return pickle.dumps({"the model": model})


def submission(
    kind: str,
    source: str | None = None,
    *,
    save: Callable[[Any], bytes] = torch_bytes,
    file: str | None = None,
    make: Callable[[Any], Any] | None = None,
) -> Submission:
    """A submission with the student's file and one saved model of its class."""
    source = source or SOURCES[kind]
    with importable(kind, source) as module:
        model = make(module) if make else getattr(module, CLASSES[kind])()
        content = save(model)
    return files(kind, source, {file or f"models/{kind}.model": content})


def files(kind: str, source: str, models: dict[str, bytes]) -> Submission:
    return Submission({**PACKAGES, FILES[kind]: source.encode(), **models}, (), "")


def write_data(folder: Path) -> Path:
    """Small test data of all three tasks under `folder`, in the course's formats."""
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 23, (4, 24, 24)).repeat(10, axis=1).repeat(10, axis=2).astype(np.int16)
    labels[:, :20, :20] = -1
    colours = rng.integers(0, 256, (4, 3, 240, 240))
    colours[:, 0] = np.where(labels >= 0, labels * 10, 250)
    _write("segmentation", colours, labels, folder)
    grey = rng.integers(0, 256, (40, 1, 96, 96))
    _write("keypoints", grey, grey[:, 0, 0, :30] / 127.5 - 1, folder)
    digits = rng.integers(0, 10, 300)
    rows = rng.integers(0, 30, (300, 28, 28))
    rows[np.arange(300), digits] = 220
    _write("digits", rows, digits, folder)
    return folder


def _write(task: Any, values: Any, targets: Any, folder: Path) -> None:
    inputs = values.astype(np.float32) / np.float32(255)
    write_set(HiddenSet(task, inputs, targets, False, ""), folder / task, name="test")
