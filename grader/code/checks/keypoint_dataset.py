"""FacialKeypointsDataset of dataloader.py, on a CSV file like the course's, made for each check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.code.bench import Bench, CodeTest, Finding, FoundError
from grader.code.checks.numpy_calls import call, send
from grader.code.compare import Mistake, Numbers, describe, require
from grader.code.frames import Array, Kept

FILE = "exercise_code/dataloader.py"
CLASS = "exercise_code.dataloader:FacialKeypointsDataset"
SIDE, POINTS, COMPLETE = 96, 15, 3
_PARTS = (
    "left_eye_center", "right_eye_center", "left_eye_inner_corner", "left_eye_outer_corner",
    "right_eye_inner_corner", "right_eye_outer_corner", "left_eyebrow_inner_end",
    "left_eyebrow_outer_end", "right_eyebrow_inner_end", "right_eyebrow_outer_end", "nose_tip",
    "mouth_left_corner", "mouth_right_corner", "mouth_center_top_lip", "mouth_center_bottom_lip",
)  # fmt: skip
COLUMNS = (*(f"{part}_{axis}" for part in _PARTS for axis in "xy"), "Image")


@dataclass(frozen=True)
class Faces:
    """A file: keypoints (rows, 30), NaN where one is missing; images (rows, 96*96)."""

    keypoints: Numbers
    images: Numbers

    @classmethod
    def of(cls, rng: np.random.Generator) -> Faces:
        """Rows 1 and 3 lack a coordinate each, so an item's place and its row's differ."""
        rows = COMPLETE + 2
        keypoints = np.round(rng.uniform(4, 92, (rows, 2 * POINTS)), 4)
        for row in (1, 3):
            keypoints[row, rng.integers(0, 2 * POINTS)] = np.nan
        return cls(keypoints, rng.integers(0, 256, (rows, SIDE * SIDE)))

    @property
    def complete(self) -> list[int]:
        """The rows that stay."""
        return [int(i) for i in np.flatnonzero(~np.isnan(self.keypoints).any(axis=1))]

    def dataset(self, **kwargs: Any) -> list[dict[str, Any]]:
        """Steps that write the file and open it as "dataset"."""
        lines = [",".join(COLUMNS)]
        for coordinates, image in zip(self.keypoints, self.images, strict=True):
            fields = ["" if np.isnan(v) else f"{v:.4f}" for v in coordinates]
            lines.append(",".join([*fields, " ".join(map(str, image))]))
        return [
            {"do": "file", "name": "training.csv", "text": "\n".join(lines) + "\n", "as": "path"},
            call(CLASS, Kept("path"), keep="dataset", **kwargs),
        ]


def _results(bench: Bench, steps: list[dict[str, Any]], doing: str) -> Any:
    """What the steps sent; with a hint where the exception is a well-known one."""
    try:
        return bench.results(steps, doing)
    except FoundError as error:
        text = error.finding.message
        hint = next((words for sign, words in _HINTS if sign in text), None)
        if hint is None or error.finding.verdict != "wrong":
            raise
        verdict, mistake, sentence = hint
        raise FoundError(
            f"{text} {sentence}", mistake=mistake, verdict="needs_person" if verdict else "wrong"
        ) from None


# A sign in the message, whether a person decides, the mistake's name, and the help.
_HINTS: tuple[tuple[str, tuple[bool, str | None, str]], ...] = (
    ("raised KeyError", (
        False, "labels-after-dropna",
        ("After dropna the rows keep their old labels, and those of dropped rows are gone: take rows by "
        "their place with iloc, or call reset_index(drop=True)."),
    )),
    ("could not convert string to float", (
        False, "last-column-instead-of-all-but-the-last",
        ("The column Image is a text of 96*96 numbers. The coordinates are all columns but the last, "
        "columns[:-1]; the slide's columns[-1] is the last one."),
    )),
    ("has no attribute 'as_matrix'", (
        True, None,
        ("pandas has removed that name, which older versions of the exercise used: a person will "
        "look at it. Today's is to_numpy()."),
    )),
    ("has no attribute 'ix'", (
        True, None,
        ("pandas has removed that name, which older versions of the exercise used: a person will "
        "look at it. Today's is iloc."),
    )),
)  # fmt: skip


def length(bench: Bench) -> Finding:
    """Rows with missing values are dropped."""
    faces = Faces.of(bench.rng)
    rows = len(faces.keypoints)
    steps = [
        *faces.dataset(),
        call("builtins:len", Kept("dataset"), keep="length"),
        send("length", "length"),
    ]
    at = f"a file of {rows} rows, {rows - COMPLETE} of which lack a coordinate"
    found = _results(bench, steps, f"len(FacialKeypointsDataset) for {at},")["length"]
    if found == COMPLETE:
        return Finding("right", "Rows with missing values are dropped.")
    if found == rows:
        raise FoundError(
            f"All {rows} rows are kept, for {at}: drop the rows with missing values.",
            mistake="missing-values-kept",
        )
    if found == COMPLETE - 1:
        raise FoundError(
            f"len(dataset) is {COMPLETE - 1} for {at}: one row too few. Is the first row taken for "
            "another header, or the last left out?",
            mistake="one-row-lost",
        )
    raise FoundError(f"len(dataset) should be {COMPLETE} for {at}; it is {describe(found)}.")


def items(bench: Bench) -> Finding:
    """Every item: its image and its keypoints."""
    faces = Faces.of(bench.rng)
    steps = faces.dataset()
    for index in range(COMPLETE):
        steps += [
            call("operator:getitem", Kept("dataset"), index, keep=f"item{index}"),
            send(f"item{index}", f"item{index}"),
        ]
    results = _results(bench, steps, "FacialKeypointsDataset(csv_file)[i]")
    for index, row in enumerate(faces.complete):
        item, at = results[f"item{index}"], f"item {index}"
        if not isinstance(item, dict) or not {"image", "keypoints"} <= set(item):
            raise FoundError(
                f"dataset[{index}] should be a dict with 'image' and 'keypoints'; it is "
                f"{describe(item)}."
            )
        _require_complete(item["keypoints"], at)
        require(
            "'keypoints'", _floating(item["keypoints"]),
            faces.keypoints[row].reshape(POINTS, 2), at=at, tolerance=bench.tolerance,
            mistakes=_keypoint_mistakes(faces, index, row),
        )  # fmt: skip
        require(
            "'image'", _floating(item["image"]), faces.images[row].reshape(1, SIDE, SIDE), at=at,
            tolerance=bench.tolerance, mistakes=_image_mistakes(faces, index, row),
        )  # fmt: skip
    return Finding(
        "right", "Every item has the image (1, 96, 96) and keypoints (15, 2) of its row."
    )


def _floating(value: Any) -> Any:
    """Grey values may come as whole numbers."""
    if isinstance(value, Array) and value.values.dtype.kind in "iu":
        return Array(value.values.astype(np.float64), value.kind)
    return value


def _require_complete(value: Any, at: str) -> None:
    if isinstance(value, Array) and value.values.dtype.kind == "f" and np.isnan(value.values).any():
        raise FoundError(
            f"'keypoints' of {at} has NaN among its numbers: rows with missing values are to be "
            "dropped.",
            mistake="missing-values-kept",
        )


def _row_mistake(
    faces: Faces, index: int, values: Numbers, *, filled: bool = False
) -> Iterator[Mistake]:
    lacking = filled and np.isnan(faces.keypoints[index]).any()
    yield Mistake(
        "missing-values-filled" if lacking else "row-of-the-whole-file",
        "This is the row at that place of the whole file; items are counted among the rows that "
        "stay."
        + (" Its missing value was filled with 0; the row is to be dropped." if lacking else ""),
        lambda: np.nan_to_num(values[index]),
    )


def _keypoint_mistakes(faces: Faces, index: int, row: int) -> Iterator[Mistake]:
    flat = faces.keypoints[row]
    pairs = flat.reshape(POINTS, 2)
    yield from _row_mistake(faces, index, faces.keypoints.reshape(-1, POINTS, 2), filled=True)
    for name, sentence, value in (
        ("keypoints-not-paired", "The 30 coordinates are not paired: reshape them to (15, 2).", flat),
        ("keypoints-not-paired", "The 30 coordinates are not paired: reshape them to (15, 2).",
         flat.reshape(1, -1)),
        ("keypoints-transposed", "The keypoints are transposed: (15, 2) is asked for.", pairs.T),
        ("coordinates-mixed",
         ("The coordinates are cut into two halves; x and y stand by turns in the file, so "
         "reshape(15, 2) pairs them."), flat.reshape(2, POINTS).T),
        ("coordinates-mixed",
         ("The coordinates are cut into two halves; x and y stand by turns in the file, so "
         "reshape(15, 2) pairs them."), flat.reshape(2, POINTS)),
        ("x-and-y-swapped", "x and y are swapped.", pairs[:, ::-1]),
        ("keypoints-normalised",
         "The keypoints are normalised already; that is the transform's part.", (pairs - 48) / 48),
        ("keypoints-rounded", "The coordinates are cut to whole numbers.", np.trunc(pairs)),
        ("extra-axis", "There is an axis too many.", pairs[None]),
    ):  # fmt: skip
        yield Mistake(name, sentence, lambda value=value: value)  # type: ignore[misc]


def _image_mistakes(faces: Faces, index: int, row: int) -> Iterator[Mistake]:
    square = faces.images[row].reshape(SIDE, SIDE)
    yield from _row_mistake(faces, index, faces.images.reshape(-1, 1, SIDE, SIDE))
    for name, sentence, value in (
        ("channel-axis-missing",
         "The axis of the channel is missing: an image is (1, 96, 96).", square),
        ("channel-axis-last",
         "The axis of the channel is the last one; it is the first: (1, 96, 96).",
         square[:, :, None]),
        ("image-flat", "The image is one long row: reshape it to (1, 96, 96).", square.reshape(-1)),
        ("image-transposed", "Rows and columns of the image are swapped.", square.T[None]),
        ("image-normalised",
         "The image is divided by 255 already; that is the transform's part.", square[None] / 255),
    ):  # fmt: skip
        yield Mistake(name, sentence, lambda value=value: value)  # type: ignore[misc]


def transform(bench: Bench) -> Finding:
    """What the transform makes of a sample is what the item is."""
    faces = Faces.of(bench.rng)
    steps = [
        # A transform that gives the sample's keypoints alone, so it cannot be overlooked.
        call("operator:itemgetter", "keypoints", keep="transform"),
        *faces.dataset(transform=Kept("transform")),
        call("operator:getitem", Kept("dataset"), 1, keep="item"),
        send("item", "item"),
    ]
    results = _results(bench, steps, "FacialKeypointsDataset(csv_file, transform=...)[1]")
    found = results["item"]
    if isinstance(found, dict):
        raise FoundError(
            "The item is the sample itself: the transform is not applied, or what it returns is "
            "thrown away (sample = self.transform(sample)).",
            mistake="transform-not-applied",
        )
    _require_complete(found, "the transformed item")
    row = faces.complete[1]
    if not isinstance(found, Array) or found.values.size != 2 * POINTS:
        raise FoundError(
            "With a transform that returns the sample's keypoints, an item should be just those; "
            f"it is {describe(found)}."
        )
    # Their shape is the other check's affair.
    require(
        "The transformed item",
        Array(found.values.reshape(-1).astype(np.float64), "array"),
        faces.keypoints[row], at="a transform that returns the keypoints", tolerance=bench.tolerance,
        mistakes=[
            Mistake(m.name, m.sentence, lambda m=m: np.ravel(m.value()))  # type: ignore[misc]
            for m in _keypoint_mistakes(faces, 1, row)
        ],
    )  # fmt: skip
    return Finding("right", "The transform is applied to every item.")


TESTS = {
    "facial_keypoints_dataset.length": CodeTest(length, FILE),
    "facial_keypoints_dataset.items": CodeTest(items, FILE),
    "facial_keypoints_dataset.transform": CodeTest(transform, FILE),
}
