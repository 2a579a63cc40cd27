"""Normalize: a face image to [0, 1] and its keypoints to [-1, 1]."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from grader.code.bench import Bench, CodeTest, Finding, FoundError
from grader.code.compare import Mistake, Numbers, describe, require
from grader.code.frames import Kept
from reference_impl.keypoint_normalisation import normalize_image, normalize_keypoints

FILE = "exercise_code/transforms.py"


def _normalised(bench: Bench, key: str) -> tuple[Numbers, Any]:
    """A fresh sample's entry, and what Normalize made of it."""
    # The largest value stays below 255 and 96, so that scaling by one's own maximum shows.
    image = bench.rng.integers(0, 230, (1, 96, 96)).astype(np.float64)
    keypoints = bench.rng.uniform(4.0, 90.0, (15, 2))
    sample = {"image": image, "keypoints": keypoints}
    results = bench.results(
        [
            {"do": "call", "target": "exercise_code.transforms:Normalize", "as": "transform"},
            {"do": "call", "target": Kept("transform"), "args": [sample], "as": "out"},
            {"do": "send", "value": Kept("out"), "label": "out"},
        ],
        "Normalize()(sample)",
    )
    out = results["out"]
    if not isinstance(out, dict) or key not in out:
        raise FoundError(
            f"Normalize()(sample) should return a dict with 'image' and 'keypoints'; "
            f"it returned {describe(out)}."
        )
    return sample[key], out[key]


def _fixed(formulas: Sequence[tuple[str, str, Any]], x: Numbers) -> list[Mistake]:
    return [Mistake(name, why, partial(formula, x)) for name, why, formula in formulas]


_IMAGE_MISTAKES = (
    (
        "image-mapped-to-minus-one-one",
        (
            "The image is mapped to [-1, 1], as on the course's slide; the task asks for [0, 1]: "
            "divide by 255, and stop there."
        ),
        lambda x: x / 255 * 2 - 1,
    ),
    ("image-unchanged", "The image is still in [0, 255].", lambda x: x),
    (
        "divided-by-own-maximum",
        (
            "The image is divided by its own maximum, so that equal grey values of two images become "
            "different numbers; divide by 255."
        ),
        lambda x: x / x.max(),
    ),
    ("divided-by-256", "The image is divided by 256; its largest value is 255.", lambda x: x / 256),
    (
        "standardised",
        (
            "The image is shifted and scaled by its own mean and standard deviation; the task asks "
            "for [0, 1]."
        ),
        lambda x: (x - x.mean()) / x.std(),
    ),
)
_KEYPOINT_MISTAKES = (
    (
        "keypoints-mapped-to-zero-one",
        "The keypoints are mapped to [0, 1]; the task asks for [-1, 1].",
        lambda x: x / 96,
    ),
    ("keypoints-unchanged", "The keypoints are still in [0, 96].", lambda x: x),
    (
        "keypoints-not-centred",
        "The keypoints are divided by 48 but not shifted: they lie in [0, 2].",
        lambda x: x / 48,
    ),
    (
        "keypoints-shifted-before-scaling",
        "The keypoints are shifted by 48 but divided by 96: they lie in [-0.5, 0.5].",
        lambda x: (x - 48) / 96,
    ),
    (
        "keypoints-normalised-with-other-constants",
        (
            "The keypoints are normalised with 100 and 50, the numbers of another data set; here the "
            "images are 96 pixels wide."
        ),
        lambda x: (x - 100) / 50,
    ),
)


def image(bench: Bench) -> Finding:
    """The image is divided by 255."""
    given, found = _normalised(bench, "image")
    reference = normalize_image(torch.from_numpy(given).to(bench.device))
    require(
        "The image", found, reference, at="a random image of shape (1, 96, 96)",
        mistakes=_fixed(_IMAGE_MISTAKES, given),
    tolerance=bench.tolerance)  # fmt: skip
    return Finding("right", "The image comes back in [0, 1], equal to the reference.")


def keypoints(bench: Bench) -> Finding:
    """The keypoints are brought from [0, 96] to [-1, 1]."""
    given, found = _normalised(bench, "keypoints")
    reference = normalize_keypoints(torch.from_numpy(given).to(bench.device))
    require(
        "The array of keypoints", found, reference, at="15 random keypoints",
        mistakes=_fixed(_KEYPOINT_MISTAKES, given),
    tolerance=bench.tolerance)  # fmt: skip
    return Finding("right", "The keypoints come back in [-1, 1], equal to the reference.")


TESTS = {
    "normalize.image": CodeTest(image, FILE),
    "normalize.keypoints": CodeTest(keypoints, FILE),
}
