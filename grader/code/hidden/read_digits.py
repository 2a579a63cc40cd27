"""MNIST's idx files, gzipped or not.

Format: bytes 0, 0, 8 (unsigned bytes), number of axes; each axis's length as a big-endian 32-bit
number; the values (Y. LeCun, C. Cortes, The MNIST database).
"""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from question_bank.diagnostics import InputError, Where, bad_input

SIZE = 28
MOST = 100_000  # images
_GZIP = b"\x1f\x8b"

Array = np.ndarray[Any, Any]


def read_digits(images: Path, labels: Path) -> tuple[Array, Array]:
    """(N, 28, 28) grey values, uint8, and (N,) labels. Raises InputError."""
    grey, digits = _read(images, axes=3), _read(labels, axes=1)
    if grey.shape[1:] != (SIZE, SIZE):
        raise _bad(images, f"holds images of {grey.shape[1]}x{grey.shape[2]}, not of 28x28")
    if len(grey) != len(digits):
        raise _bad(labels, f"holds {len(digits)} labels, but there are {len(grey)} images")
    if not len(grey):
        raise _bad(images, "holds no images")
    if digits.max() > 9:
        first = int(np.argmax(digits > 9))
        raise _bad(labels, f"label {first} (counted from 0) is {digits[first]}, not a digit")
    return grey, digits.astype(np.int64)


def _read(path: Path, *, axes: int) -> Array:
    head = 4 + 4 * axes
    most = head + MOST * SIZE * SIZE
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == _GZIP
            raw.seek(0)
            content = (gzip.GzipFile(fileobj=raw) if zipped else raw).read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise _bad(path, f"cannot be read: {error}") from None
    if content[:4] != bytes([0, 0, 8, axes]):
        what = "images" if axes == 3 else "labels"
        raise _bad(
            path, f"is no idx file of {what}: it begins with {content[:4].hex(' ')}, "
            f"not with 00 00 08 {axes:02x}",
        )  # fmt: skip
    if len(content) < head:
        raise _bad(path, f"is cut off: {len(content)} bytes are less than its head")
    shape = struct.unpack(f">{axes}I", content[4:head])
    count = 1
    for length in shape:
        count *= length
    if shape[0] > MOST or count > MOST * SIZE * SIZE:
        raise _bad(path, f"announces {shape[0]:,} entries, more than {MOST:,}")
    if len(content) - head != count:
        raise _bad(path, f"announces {count:,} bytes of values and holds {len(content) - head:,}")
    return np.frombuffer(content, np.uint8, count, head).reshape(shape)


def _bad(path: Path, reason: str) -> InputError:
    return bad_input("bad-data", reason, where=Where(str(path)))
