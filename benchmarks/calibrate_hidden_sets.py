"""Pass marks for generated hidden sets: `python benchmarks/calibrate_hidden_sets.py [--task TASK] [--write]`.

The reference networks are trained on practice data as students get it (a public seed), on the CPU,
in some minutes, and scored on three generated sets under other seeds than any instructor's. The mark
allows `error_allowed` times the mean error of the reference (1 - accuracy, or the mean squared error).
Beside it stand the best answers that do not look at the image at all: a mark that these reach would
be worth nothing, and the exit status is then 1. --write puts the marks into marks.yaml.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "2")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import torch
from torch import Tensor, nn

from grader.code.hidden.practice import practice_set
from grader.code.hidden.sets import COUNTS, HiddenSet, Task, generate
from grader.code.models import metrics
from reference_impl.keypoint_network import CoordinateNetwork
from reference_impl.recurrent_classifier import LSTMClassifier, RNNClassifier
from reference_impl.segmentation_network import SegmentationNetwork, pixel_loss

MARKS = Path(__file__).resolve().parent.parent / "grader/code/hidden/marks.yaml"
SETS = 3
ERROR_ALLOWED = 1.5


@dataclass(frozen=True)
class Recipe:
    """How a reference network is trained: on how many images, how often, how fast."""

    task: Task
    key: str  # of the mark in marks.yaml
    network: Callable[[], nn.Module]
    loss: Callable[[Tensor, Tensor], Tensor]
    images: int
    epochs: int
    batch: int
    rate: float


RECIPES = (
    Recipe("segmentation", "generated", SegmentationNetwork, pixel_loss, 600, 14, 8, 5e-4),
    Recipe("keypoints", "generated", CoordinateNetwork, nn.MSELoss(), 3000, 25, 32, 1e-3),
    Recipe("digits", "generated", LSTMClassifier, nn.CrossEntropyLoss(), 12000, 10, 64, 2e-3),
    Recipe("digits", "generated_rnn", RNNClassifier, nn.CrossEntropyLoss(), 12000, 10, 64, 1e-3),
)


def train(recipe: Recipe) -> nn.Module:
    """The trained network, in evaluation mode."""
    torch.manual_seed(0)
    data = practice_set(recipe.task, seed=0, count=recipe.images)
    inputs, targets = tensors(data)
    network = recipe.network()
    steps = recipe.epochs * (len(inputs) // recipe.batch)
    optimiser = torch.optim.Adam(network.parameters(), lr=recipe.rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=steps)
    for _ in range(recipe.epochs):
        order = torch.randperm(len(inputs))
        for chosen in order[: len(order) // recipe.batch * recipe.batch].split(recipe.batch):
            optimiser.zero_grad()
            recipe.loss(network(as_batch(data, inputs[chosen])), targets[chosen]).backward()
            optimiser.step()
            schedule.step()
    return network.eval()


def tensors(data: HiddenSet) -> tuple[Tensor, Tensor]:
    """Inputs, and targets in the type that the losses take."""
    targets = torch.from_numpy(np.ascontiguousarray(data.targets))
    return torch.from_numpy(data.inputs), (
        targets.float() if data.task == "keypoints" else targets.long()
    )


def as_batch(data: HiddenSet, images: Tensor) -> Tensor:
    """Images as the network takes them: the recurrent ones row by row."""
    return images.transpose(0, 1) if data.task == "digits" else images


def predict(network: nn.Module, data: HiddenSet) -> Any:
    """Labels, or keypoints."""
    found = []
    with torch.no_grad():
        for images in torch.from_numpy(data.inputs).split(16):
            out = network(as_batch(data, images))
            found.append((out if data.task == "keypoints" else out.argmax(1)).numpy())
    return np.concatenate(found)


def score(data: HiddenSet, found: Any) -> float:
    """The course's metric."""
    measure = {
        "segmentation": metrics.segmentation,
        "keypoints": metrics.keypoints,
        "digits": metrics.digits,
    }[data.task]
    return measure(found, data.targets).value


def blind(task: Task, count: int) -> Any:
    """The best answer that does not look at the image, learnt from practice data."""
    targets = practice_set(task, seed=0, count=count).targets
    if task == "keypoints":
        return targets.mean(axis=0)
    classes = 23 if task == "segmentation" else 10
    return np.stack([(targets == label).sum(axis=0) for label in range(classes)]).argmax(axis=0)


def mark_for(task: Task, mean_score: float) -> float:
    """The score of a network with `ERROR_ALLOWED` times the reference's error, rounded down."""
    if task == "keypoints":
        return float(np.floor(mean_score / ERROR_ALLOWED))
    return float(np.floor(10 * (100 - ERROR_ALLOWED * (100 - mean_score))) / 10)


def main() -> int:
    """Train, score, print, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", choices=sorted(COUNTS))
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    text, failed = MARKS.read_text(), False
    for recipe in RECIPES:
        if arguments.task not in (None, recipe.task):
            continue
        start = time.perf_counter()
        network = train(recipe)
        seconds = time.perf_counter() - start
        sets = [
            generate(recipe.task, np.random.default_rng([2025, number]), COUNTS[recipe.task])
            for number in range(SETS)
        ]
        scores = [score(data, predict(network, data)) for data in sets]
        answer = blind(recipe.task, recipe.images)
        blindly = max(score(data, np.broadcast_to(answer, data.targets.shape)) for data in sets)
        mean = statistics.mean(scores)
        mark = mark_for(recipe.task, mean)
        name = type(network).__name__
        print(
            f"{recipe.task:13} {name:20} {seconds:6.0f} s  scores {', '.join(f'{s:.2f}' for s in scores)}"
            f"  blind {blindly:.2f}  mark {mark:g}", flush=True,
        )  # fmt: skip
        failed = failed or mark <= blindly
        if arguments.write:
            said = (
                f"the reference network {name} on generated {recipe.task}, which scores {mean:.2f} "
                f"(mean of {SETS} sets, {datetime.now(UTC).date()})"
            )
            text = written(text, recipe, mark, said)
    if arguments.write:
        MARKS.write_text(text)
    return int(failed)


def written(text: str, recipe: Recipe, mark: float, said: str) -> str:
    """marks.yaml with one mark replaced; its comments stay."""
    head, start, rest = text.partition(f"\n{recipe.task}:\n")
    rest = re.sub(rf"(?m)^  {recipe.key}: .*$", f"  {recipe.key}: {mark:g}", rest, count=1)
    if recipe.key == "generated":
        rest = re.sub(r"(?m)^  reference: .*$", f"  reference: {said}", rest, count=1)
    return head + start + rest


if __name__ == "__main__":
    raise SystemExit(main())
