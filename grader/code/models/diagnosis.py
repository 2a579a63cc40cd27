"""Why a model's score is low: known mistakes, each tried out on what the model predicted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from grader.code.bench import Bench, FoundError
from grader.code.hidden.faces import KEYPOINTS
from grader.code.hidden.sets import HiddenSet
from grader.code.models import metrics
from grader.code.models.conversation import Opened, predictions

Numbers = np.ndarray[Any, Any]
# Images that a mistake about the inputs is tried on.
FEW = {"segmentation": 8, "keypoints": 64, "digits": 250}
# Mean and standard deviation of MNIST's grey values, and of ImageNet's colours, as often used.
MNIST = (0.1307, 0.3081)
IMAGENET = (
    np.array([0.485, 0.456, 0.406], np.float32).reshape(3, 1, 1),
    np.array([0.229, 0.224, 0.225], np.float32).reshape(3, 1, 1),
)


def diagnosed(
    bench: Bench, opened: Opened, hidden: HiddenSet, found: Numbers, mark: float
) -> tuple[str | None, str]:
    """The name of a recognised mistake (None for none), and what to do next."""
    for name, sentence, changed in _of_outputs(opened, found):
        if _value(hidden, changed, slice(None)) > mark:
            return name, sentence
    few = slice(0, FEW[hidden.task])
    for name, sentence, change in _of_inputs(opened):
        inputs = np.ascontiguousarray(change(hidden.inputs[few]), np.float32)
        try:
            tried = predictions(bench, opened, inputs, range(len(inputs)), len(inputs) // 2 or 1)
        except FoundError:
            continue
        if _value(hidden, tried, few) > mark:
            return name, sentence
    if _constant(found):
        return "constant-prediction", (
            "It predicts the same for every image: it was saved untrained, its training collapsed "
            "(too high a learning rate), or its outputs do not depend on x."
        )
    return None, (
        "Next: score it on your own validation data in evaluation mode. If it is as low there, train "
        "longer or with a larger network; if it is high there, the network overfits: regularise, or "
        "augment the training data."
    )


def _value(hidden: HiddenSet, found: Numbers, which: slice) -> float:
    measure = {
        "segmentation": metrics.segmentation,
        "keypoints": metrics.keypoints,
        "digits": metrics.digits,
    }[hidden.task]
    return measure(found, hidden.targets[which]).value


def _constant(found: Numbers) -> bool:
    if found.dtype == np.uint8:
        return bool((found == found.flat[0]).all())
    return len(found) > 1 and bool(np.allclose(found, found[:1], atol=1e-4))


def _of_outputs(opened: Opened, found: Numbers) -> Iterator[tuple[str, str, Numbers]]:
    if opened.kind.task == "segmentation":
        yield (
            "height-and-width-swapped",
            "With height and width of its output swapped it would pass: an axis is permuted on the way.",
            np.swapaxes(found, 1, 2),
        )
    if opened.kind.task != "keypoints":
        for step, what in ((-1, "one higher"), (1, "one lower")):
            yield (
                "classes-shifted-by-one",
                f"Its classes are numbered {what} than the labels: class 0 is the first one.",
                (found.astype(np.int64) + step).clip(0, 255),
            )
        return
    points = found.reshape(len(found), -1, 2)
    yield (
        "keypoints-in-pixels",
        "Its keypoints are pixels in [0, 96]; they should be normalised to [-1, 1].",
        found / 48 - 1,
    )
    yield (
        "keypoints-in-zero-one",
        "Its keypoints lie in [0, 1]; they should be normalised to [-1, 1].",
        found * 2 - 1,
    )
    yield (
        "x-and-y-swapped",
        "Its outputs are y, x for each keypoint; the order is x, y.",
        points[:, :, ::-1].reshape(found.shape),
    )
    yield (
        "coordinates-grouped",
        "Its outputs are all x first and then all y; the order is x, y for each keypoint.",
        np.swapaxes(found.reshape(len(found), 2, -1), 1, 2).reshape(found.shape),
    )
    yield (
        "left-and-right-swapped",
        (
            "It takes the face's left side for its right: the left eye is on the right-hand side of the "
            "image."
        ),
        points[:, _other_side()].reshape(found.shape),
    )


def _other_side() -> list[int]:
    swapped = {"left": "right", "right": "left"}
    names = ["_".join(swapped.get(part, part) for part in name.split("_")) for name in KEYPOINTS]
    return [KEYPOINTS.index(name) for name in names]


def _of_inputs(opened: Opened) -> Iterator[tuple[str, str, Callable[[Numbers], Numbers]]]:
    task = opened.kind.task
    given = "Images are given in [0, 1]; it would pass with images"
    yield (
        "images-expected-in-minus-one-one",
        f"{given} in [-1, 1]: train it with the range that the task names, or rescale in forward.",
        lambda x: x * 2 - 1,
    )
    yield (
        "images-expected-in-0-255",
        f"{given} in [0, 255]: train it with the range that the task names, or rescale in forward.",
        lambda x: x * 255,
    )
    mean, deviation = MNIST if task == "digits" else IMAGENET
    if task != "keypoints":
        yield (
            "images-expected-standardised",
            (
                f"{given} shifted and scaled by the data set's mean and standard deviation: do that inside "
                "of forward."
            ),
            lambda x: (x - mean) / deviation,
        )
    if task == "digits":
        yield (
            "images-read-by-columns",
            "It reads the images by columns; x[t] is row t of each image.",
            lambda x: np.swapaxes(x, 1, 2),
        )
