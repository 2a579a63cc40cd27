"""Faces with keypoints, from the course's CSV file, without pandas.

The file has a header and 31 columns: 30 coordinates (x and y of 15 keypoints, in pixels), then
Image, 96*96 grey values from 0 to 255, row by row, separated by blanks. In the real file many rows
lack some coordinate; they are dropped.

Axes of one item:  image (1, 96, 96): channel, row, column      keypoints (15, 2): keypoint, (x, y)

x counts columns and y rows, so keypoint (x, y) lies at image[0, y, x].

The slide reads `columns[-1]` where all columns but the last, `columns[:-1]`, are meant: its
keypoints would be the image. It also uses `np.float`, which NumPy 1.24 has removed.

Source: exercise 3; the data are those of Kaggle's "Facial Keypoints Detection".
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

COORDINATES = 30
SIDE = 96
BRIGHTEST = 255

Sample = dict[str, Tensor]

# What pandas reads as missing, in lower case.
_MISSING = {"", "na", "n/a", "nan", "-nan", "null", "none", "<na>", "#n/a"}


class KeypointFileError(ValueError):
    """The file is not as the course's: which line, and what is wrong with it."""


@dataclass(frozen=True)
class Faces:
    """images (N, 1, 96, 96) from 0 to 255 and keypoints (N, 15, 2) in pixels, both float32; `dropped`
    counts the rows with missing values, which are in neither.
    """

    images: Tensor
    keypoints: Tensor
    dropped: int


def read_faces(csv_file: str | Path) -> Faces:
    """All complete rows of the file, in its order. Raises KeypointFileError, naming file and line."""
    images: list[np.ndarray] = []
    keypoints: list[list[float]] = []
    dropped = 0
    for where, fields in _rows(Path(csv_file)):
        if any(field.strip().lower() in _MISSING for field in fields):
            dropped += 1
            continue
        keypoints.append([_coordinate(field, where) for field in fields[:-1]])
        images.append(_image(fields[-1], where))
    pixels = np.stack(images) if images else np.zeros((0, SIDE * SIDE), dtype=np.float32)
    return Faces(
        torch.from_numpy(pixels).reshape(-1, 1, SIDE, SIDE),
        torch.tensor(keypoints, dtype=torch.float32).reshape(-1, COORDINATES // 2, 2),
        dropped,
    )


class FacialKeypointsDataset(Dataset[Sample]):
    """The faces as items {"image": (1, 96, 96), "keypoints": (15, 2)}, passed through `transform`."""

    def __init__(
        self, csv_file: str | Path, transform: Callable[[Sample], Sample] | None = None
    ) -> None:
        self.faces = read_faces(csv_file)
        self.transform = transform

    def __len__(self) -> int:
        return len(self.faces.keypoints)

    def __getitem__(self, index: int) -> Sample:
        # Copies: a transform that writes in place must not change what the next epoch reads.
        sample = {
            "image": self.faces.images[index].clone(),
            "keypoints": self.faces.keypoints[index].clone(),
        }
        return sample if self.transform is None else self.transform(sample)


def _rows(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Every row after the header, with "FILE, line N" for messages."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            header = next(reader, [])
            _check_header(header, path)
            for row in reader:
                if not row:
                    continue  # an empty line, as at the end of many files
                where = f"{path}, line {reader.line_num}"
                if len(row) != len(header):
                    raise KeypointFileError(f"{where}: {len(row)} columns, not {len(header)}")
                yield where, row
    except OSError as error:
        raise KeypointFileError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise KeypointFileError(f"{path} is no text in UTF-8: is it a CSV file?") from error
    except csv.Error as error:
        raise KeypointFileError(f"{path} is no CSV file as expected: {error}") from error


def _check_header(header: list[str], path: Path) -> None:
    if len(header) != COORDINATES + 1 or header[-1].strip() != "Image":
        last = f", the last is {header[-1].strip()[:40]!r}" if header else ""
        raise KeypointFileError(
            f"{path}, line 1: {COORDINATES} columns of coordinates and then Image are needed; "
            f"there are {len(header)}{last}"
        )


def _coordinate(field: str, where: str) -> float:
    try:
        number = float(field)
    except ValueError:
        number = float("nan")
    if not np.isfinite(number):
        raise KeypointFileError(f"{where}: {field.strip()[:40]!r} is no coordinate")
    return number


def _image(field: str, where: str) -> np.ndarray:
    values = field.split()
    if len(values) != SIDE * SIDE:
        raise KeypointFileError(f"{where}: {len(values)} grey values, not {SIDE} * {SIDE}")
    try:
        image = np.array(values, dtype=np.float32)
    except ValueError as error:
        raise KeypointFileError(f"{where}: a grey value is no number") from error
    # Written so that a NaN fails as well.
    if not ((image >= 0) & (image <= BRIGHTEST)).all():
        raise KeypointFileError(f"{where}: grey values must lie from 0 to {BRIGHTEST}")
    return image
