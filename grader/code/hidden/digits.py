"""Handwritten digits as 28x28 grey images, made from the 8x8 digits that scikit-learn ships.

Each image is one of them (1,797 by 43 writers; E. Alpaydin and C. Kaynak, Optical Recognition of
Handwritten Digits, UCI, 1998), enlarged, then turned, sheared, scaled and shifted a little.
Practice data and hidden sets are made from different digits: the first two thirds and the rest.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from question_bank.diagnostics import bad_input

SIZE, SMALL, LARGE = 28, 8, 32
PRACTICE_SHARE = 2 / 3
INSTALL = "pip install 'mockexam[digits]'   (or: pip install scikit-learn)"

Array = np.ndarray[Any, Any]


def draw_digits(rng: np.random.Generator, count: int, *, practice: bool) -> tuple[Array, Array]:
    """(count, 28, 28) grey values, uint8, bright on dark as in MNIST, and (count,) labels.

    Raises InputError where scikit-learn is not installed.
    """
    small, labels = _originals()
    split = int(len(small) * PRACTICE_SHARE)
    chosen = rng.integers(0, split, count) if practice else rng.integers(split, len(small), count)
    return _varied(rng, small[chosen]), labels[chosen]


def _originals() -> tuple[Array, Array]:
    """The 8x8 digits in [0, 1] and their labels."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise bad_input(
            "no-digits",
            "the hidden digits are made from a data set that scikit-learn ships, and scikit-learn "
            "is not installed here",
            hint=f"{INSTALL}, or give MNIST's test files with --data DIR (docs/hidden_data.md)",
        ) from None
    images, labels = load_digits(return_X_y=True)
    return np.asarray(images).reshape(-1, SMALL, SMALL) / 16.0, np.asarray(labels, np.int64)


def _varied(rng: np.random.Generator, small: Array) -> Array:
    count = len(small)
    enlarge = _cubic_weights()
    large = enlarge @ small @ enlarge.T  # (count, 32, 32)
    angle = rng.normal(0, 0.10, count)
    shear = rng.normal(0, 0.09, count)
    zoom = np.exp(rng.normal(0, 0.05, (count, 2)))
    shift = rng.normal(0, 0.8, (count, 2))
    row, column = np.mgrid[0:SIZE, 0:SIZE] - (SIZE - 1) / 2
    # A digit fills about 20 of 28 pixels: one of ours is 32 / 20 of the enlarged one.
    step = LARGE / 21.0
    y = (row[None] - shift[:, :1, None]) * (step / zoom[:, :1, None])
    x = (column[None] - shift[:, 1:, None]) * (step / zoom[:, 1:, None])
    c, s = np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
    source_row = c * y + s * x
    source_column = -s * y + c * x + shear[:, None, None] * source_row
    values = _sample(large, source_row + (LARGE - 1) / 2, source_column + (LARGE - 1) / 2)
    # Strokes of ink: steep between paper and ink, as MNIST is.
    edge = rng.uniform(0.40, 0.54, count)[:, None, None]
    ink = 1 / (1 + np.exp(-9.0 * (values - edge)))
    floor = 1 / (1 + np.exp(9.0 * edge))
    ink = np.clip((ink - floor) / (0.96 - floor), 0, 1)
    ink[ink < 0.04] = 0
    return np.rint(255 * ink).astype(np.uint8)


def _cubic_weights() -> Array:
    """(32, 8): how an enlarged row is blended from the small one (cubic B-spline)."""
    position = (np.arange(LARGE) + 0.5) * SMALL / LARGE - 0.5
    distance = np.abs(position[:, None] - np.arange(SMALL)[None])
    near = 2 / 3 - distance**2 + distance**3 / 2
    far = (2 - distance) ** 3 / 6
    weights: Array = np.where(distance < 1, near, np.where(distance < 2, far, 0.0))
    return weights


def _sample(images: Array, row: Array, column: Array) -> Array:
    """Bilinear interpolation; outside of an image there is 0."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    row = np.clip(row + 1, 0, LARGE + 0.999)
    column = np.clip(column + 1, 0, LARGE + 0.999)
    r, c = row.astype(int), column.astype(int)
    fr, fc = row - r, column - c
    n = np.arange(len(images))[:, None, None]
    top = padded[n, r, c] * (1 - fc) + padded[n, r, c + 1] * fc
    bottom = padded[n, r + 1, c] * (1 - fc) + padded[n, r + 1, c + 1] * fc
    blended: Array = top * (1 - fr) + bottom * fr
    return blended
