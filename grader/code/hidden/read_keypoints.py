"""The course's CSV of facial keypoints: 30 coordinates, then the image as 96*96 numbers.

Rows with a missing coordinate are left out, as FacialKeypointsDataset does.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from question_bank.diagnostics import InputError, Where, bad_input

SIZE, COORDINATES = 96, 30
MOST = 20_000  # rows

Array = np.ndarray[Any, Any]


def read_keypoints(path: Path) -> tuple[Array, Array]:
    """(N, 96, 96) grey values, float64, and (N, 15, 2) keypoints in pixels. Raises InputError."""
    images: list[Array] = []
    points: list[list[float]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream, strict=True)
            _check_head(path, next(rows, None))
            for row in rows:
                if not row:
                    continue
                if len(points) >= MOST:
                    raise _bad(path, rows.line_num, f"holds more than {MOST:,} rows")
                coordinates = _coordinates(path, rows.line_num, row)
                if coordinates is not None:
                    points.append(coordinates)
                    images.append(_image(path, rows.line_num, row[-1]))
    except OSError as error:
        raise _bad(path, None, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _bad(path, None, "is no UTF-8 text") from None
    except csv.Error as error:
        raise _bad(path, rows.line_num, f"is no CSV: {error}") from None
    if not points:
        raise _bad(path, None, "holds no row in which every coordinate is given")
    return np.stack(images), np.array(points).reshape(-1, COORDINATES // 2, 2)


def _check_head(path: Path, head: list[str] | None) -> None:
    if head is None:
        raise _bad(path, None, "is empty")
    if len(head) != COORDINATES + 1 or head[-1].strip() != "Image":
        raise _bad(
            path, 1, f"the first line should name {COORDINATES} coordinates and then Image; it names "
            f"{len(head)} columns, the last one {head[-1][:40]!r}",
        )  # fmt: skip
    for number, name in enumerate(head[:-1]):
        axis = "xy"[number % 2]
        if not name.strip().lower().endswith(f"_{axis}"):
            raise _bad(
                path, 1, f"column {number + 1} should be an {axis} coordinate, with a name that ends "
                f"in _{axis}; it is {name[:40]!r}",
            )  # fmt: skip


def _coordinates(path: Path, line: int, row: list[str]) -> list[float] | None:
    """The row's coordinates; None when one is missing."""
    if len(row) != COORDINATES + 1:
        raise _bad(path, line, f"has {len(row)} columns, not {COORDINATES + 1}")
    if any(text.strip().lower() in {"", "nan"} for text in row[:-1]):
        return None
    found = []
    for number, text in enumerate(row[:-1], start=1):
        try:
            value = float(text)
        except ValueError:
            raise _bad(path, line, f"column {number}: {text[:40]!r} is no number") from None
        # A keypoint may lie a little outside; NaN and infinity fail this comparison.
        if not -SIZE <= value <= 2 * SIZE:
            raise _bad(path, line, f"column {number}: {text[:40]!r} lies far outside of the image")
        found.append(value)
    return found


def _image(path: Path, line: int, text: str) -> Array:
    numbers = text.split()
    if len(numbers) != SIZE * SIZE:
        raise _bad(path, line, f"the image has {len(numbers):,} numbers, not {SIZE * SIZE:,}")
    try:
        grey = np.array(numbers, np.float64)
    except ValueError:
        raise _bad(path, line, "the image holds something that is no number") from None
    if not ((grey >= 0) & (grey <= 255)).all():
        raise _bad(path, line, "the image has grey values outside of 0 to 255")
    return grey.reshape(SIZE, SIZE)


def _bad(path: Path, line: int | None, reason: str) -> InputError:
    return bad_input("bad-data", reason, where=Where(str(path), line))
