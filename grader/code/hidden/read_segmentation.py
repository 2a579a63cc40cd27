"""The course's segmentation data: a list of names, a folder of images, a folder of targets.

Beside the list lie `images/NAME.*` and `targets/NAME_GT.*` (or `targets/NAME.*`), in any format
that Pillow reads, and targets also as .npy. What is not 240x240 is cut to it around the centre.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from grader.code.hidden.classes import CLASSES, NAMES, UNLABELLED, VOID_COLOUR
from question_bank.diagnostics import InputError, Where, bad_input

SIZE = 240
MOST = 2000  # images
LARGEST = 4096  # pixels on a side
UNLABELLED_BYTE = 255  # -1 in an image of labels
SUFFIXES = (".bmp", ".png", ".jpg", ".jpeg", ".ppm", ".tif", ".tiff", ".npy")

Array = np.ndarray[Any, Any]


def read_segmentation(listed: Path) -> tuple[Array, Array]:
    """(N, 240, 240, 3) colours, uint8, and (N, 240, 240) labels from -1 to 22, int16. InputError."""
    images, targets = [], []
    for line, name in _names(listed):
        image = _file(listed, line, "images", (name,))
        target = _file(listed, line, "targets", (f"{name}_GT", name))
        colours, labels = _colours(image, listed, line), _labels(target, listed, line)
        if colours.shape[:2] != labels.shape:
            raise _bad(
                listed,
                line,
                f"{target.name} is {_size(labels)}, but {image.name} is {_size(colours)}",
            )
        images.append(_centre(colours, 0))
        targets.append(_centre(labels, UNLABELLED))
    labels_of_all = np.stack(targets)
    if not (labels_of_all >= 0).any():
        raise _bad(listed, None, "not one pixel of its targets is labelled")
    return np.stack(images), labels_of_all


def _names(listed: Path) -> list[tuple[int, str]]:
    try:
        text = listed.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _bad(listed, None, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _bad(listed, None, "is no UTF-8 text") from None
    names: list[tuple[int, str]] = []
    seen: dict[str, int] = {}
    for line, entry in enumerate(text.splitlines(), start=1):
        name = entry.strip()
        if not name:
            continue
        if "/" in name or "\\" in name or "\0" in name or name.startswith("."):
            raise _bad(listed, line, f"{name[:60]!r} is not the name of an image")
        stem = name.rpartition(".")[0] if name.lower().endswith(SUFFIXES) else name
        if stem in seen:
            raise _bad(listed, line, f"{name[:60]!r} was listed on line {seen[stem]} already")
        seen[stem] = line
        names.append((line, stem))
    if not names:
        raise _bad(listed, None, "lists no images")
    if len(names) > MOST:
        raise _bad(listed, names[MOST][0], f"lists more than {MOST:,} images")
    return names


def _file(listed: Path, line: int, folder: str, stems: tuple[str, ...]) -> Path:
    for stem in stems:
        for suffix in SUFFIXES:
            path = listed.parent / folder / (stem + suffix)
            if path.is_file():
                return path
    raise _bad(listed, line, f"there is no {folder}/{stems[0]}.bmp (or .png, ...) beside the list")


def _open(path: Path, listed: Path, line: int, mode: str | None) -> Array:
    """The image's values, in Pillow's mode; None keeps an image of labels as it is."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            if max(image.size) > LARGEST:
                raise _bad(listed, line, f"{path.name} is larger than {LARGEST} pixels")
            kept = image if mode is None and image.mode == "L" else image.convert("RGB")
            return np.asarray(kept)
    except UnidentifiedImageError:
        raise _bad(listed, line, f"{path.name} is no image") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _bad(listed, line, f"{path.name} cannot be read: {error}") from None


def _colours(path: Path, listed: Path, line: int) -> Array:
    if path.suffix == ".npy":
        raise _bad(listed, line, f"{path.name}: images are read from pictures, not from .npy")
    return _open(path, listed, line, "RGB")


def _labels(path: Path, listed: Path, line: int) -> Array:
    if path.suffix == ".npy":
        return _checked(_numbers(path, listed, line), path, listed, line)
    values = _open(path, listed, line, None)
    if values.ndim == 2:
        labels = values.astype(np.int16)
        labels[values == UNLABELLED_BYTE] = UNLABELLED
        return _checked(labels, path, listed, line)
    return _from_colours(values, path, listed, line)


def _numbers(path: Path, listed: Path, line: int) -> Array:
    try:
        values = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise _bad(listed, line, f"{path.name} cannot be read: {error}") from None
    if values.ndim != 2 or values.dtype.kind not in "iu" or max(values.shape) > LARGEST:
        raise _bad(
            listed, line, f"{path.name} should hold whole numbers in two axes; it holds "
            f"{values.dtype} of shape {values.shape}",
        )  # fmt: skip
    return np.asarray(values, np.int64)


def _checked(labels: Array, path: Path, listed: Path, line: int) -> Array:
    bad = (labels < UNLABELLED) | (labels >= len(NAMES))
    if bad.any():
        row, column = (int(i) for i in np.argwhere(bad)[0])
        raise _bad(
            listed, line, f"{path.name}: label {labels[row, column]} at row {row}, column {column} is "
            f"not one of -1 to {len(NAMES) - 1}",
        )  # fmt: skip
    return labels.astype(np.int16)


def _from_colours(colours: Array, path: Path, listed: Path, line: int) -> Array:
    codes = colours.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
    labels = np.full(codes.shape, UNLABELLED - 1, np.int16)
    known = [(UNLABELLED, VOID_COLOUR), *((n, rgb) for n, (_, rgb) in enumerate(CLASSES))]
    for number, (red, green, blue) in known:
        labels[codes == (red << 16) + (green << 8) + blue] = number
    unknown = labels < UNLABELLED
    if unknown.any():
        row, column = (int(i) for i in np.argwhere(unknown)[0])
        raise _bad(
            listed, line, f"{path.name}: the colour {tuple(int(v) for v in colours[row, column])} at "
            f"row {row}, column {column} belongs to no class",
        )  # fmt: skip
    return labels


def _centre(values: Array, outside: int) -> Array:
    """240x240 around the centre; what a smaller image lacks is filled with `outside`."""
    for axis in (0, 1):
        lacking = SIZE - values.shape[axis]
        if lacking > 0:
            width = [(0, 0)] * values.ndim
            width[axis] = (lacking // 2, lacking - lacking // 2)
            values = np.pad(values, width, constant_values=outside)
        first = (values.shape[axis] - SIZE) // 2
        values = np.take(values, range(first, first + SIZE), axis=axis)
    return values


def _size(values: Array) -> str:
    return f"{values.shape[1]}x{values.shape[0]}"


def _bad(listed: Path, line: int | None, reason: str) -> InputError:
    return bad_input("bad-data", reason, where=Where(str(listed), line))
