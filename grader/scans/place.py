"""Where on a scan a page lies that has no markers: its printed pages say, compared with what was scanned.

The code of the page tells roughly which way up it is and how large; then pieces of the print are looked for nearby,
twice, the second time more closely. What was written by hand hides some of them, and the others agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from grader.scans.codes import code_corners
from grader.scans.layout import CodePlace
from grader.scans.markers import PageMap

Grey = NDArray[np.uint8]
Matrix = NDArray[np.float64]

PRINT_DPI = 101.6
"""Of the printed page that a scan is compared with: 4 dots to the millimetre."""

_FINE, _COARSE = 4.0, 2.0  # dots to the millimetre
# Of the two searches: half of what is searched around a piece, and how far pieces may lie from the common map, in mm.
_REACH = {_COARSE: 10.0, _FINE: 2.5}
_AGREE = {_COARSE: 1.2, _FINE: 0.6}
_PIECE = (24.0, 9.0)  # width and height of a piece of print, in mm
_INK = 8.0  # standard deviation of grey values from which a piece shows something
_MATCH = 0.45  # correlation from which a piece counts as found
_FEWEST = 8  # pieces that must agree
_SHARE = 0.35  # of those that were found


def place_of(picture: Grey, printed: Grey, code: CodePlace) -> PageMap | None:
    """The map from millimetres on the page to dots of the picture; None where the print is not found on it.

    `printed` is the page as it left the printer, at `PRINT_DPI`; `code` is where its code stands.
    """
    height, width = (length / _FINE for length in printed.shape)
    best: tuple[int, Matrix] | None = None
    for start in _starts(picture, code, width, height):
        found = _better(picture, printed, start, _COARSE)
        found = None if found is None else _better(picture, printed, found[1], _FINE)
        if found is not None and (best is None or found[0] > best[0]):
            best = found
    return None if best is None else PageMap(best[1], (), 0.0)


def _starts(picture: Grey, code: CodePlace, width: float, height: float) -> Iterator[Matrix]:
    """Maps to begin with: by the code, else the page fills the picture, whichever way up."""
    corners = code_corners(picture)
    if corners is not None:
        yield _by_code(corners, code)
        return
    high, wide = picture.shape
    frame = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    page = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    for turns in (0, 2) if high >= wide else (1, 3):
        moved = np.roll(frame, -turns, axis=0)
        yield np.asarray(cv2.getPerspectiveTransform(page, moved), np.float64)


def _by_code(corners: NDArray[np.float64], code: CodePlace) -> Matrix:
    """The turn, scale and shift that put the code's corners where they were seen."""
    (x, y), half = code.center, code.side / 2
    own = np.array([x, y]) + half * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    a, b = own - own.mean(axis=0), corners - corners.mean(axis=0)
    # As complex numbers: the best turn with scale is one factor.
    p, q = a[:, 0] + 1j * a[:, 1], b[:, 0] + 1j * b[:, 1]
    factor = (q * p.conj()).sum() / (p * p.conj()).sum()
    linear = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    shift = corners.mean(axis=0) - linear @ own.mean(axis=0)
    return np.vstack([np.column_stack([linear, shift]), [0.0, 0.0, 1.0]])


def _better(picture: Grey, printed: Grey, start: Matrix, scale: float) -> tuple[int, Matrix] | None:
    """How many pieces of print agree on where they lie, and the map that they agree on."""
    small = printed
    if scale != _FINE:
        factor = scale / _FINE
        small = np.asarray(
            cv2.resize(printed, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8
        )
    seen = _straight(picture, start, small.shape, scale)
    places, moved = _pieces(small, seen, scale)
    if len(places) < _FEWEST:
        return None
    dots = cv2.perspectiveTransform(moved.reshape(-1, 1, 2), start).reshape(-1, 2)
    # What a piece may be off is meant on the page, in millimetres; the picture has its own dots.
    mm = float(np.sqrt(abs(np.linalg.det(start[:2, :2]))))
    found: Any
    if scale == _COARSE:
        affine: Any
        affine, agreed = cv2.estimateAffine2D(
            places, dots, method=cv2.RANSAC, ransacReprojThreshold=_AGREE[scale] * mm
        )
        found = None if affine is None else np.vstack([affine, [0.0, 0.0, 1.0]])
    else:
        found, agreed = cv2.findHomography(places, dots, cv2.RANSAC, _AGREE[scale] * mm)
    if found is None or not np.isfinite(found).all():
        return None
    count = int(np.asarray(agreed).sum())
    if count < max(_FEWEST, _SHARE * len(places)):
        return None
    return count, np.asarray(found, np.float64)


def _straight(picture: Grey, where: Matrix, shape: tuple[int, ...], scale: float) -> Grey:
    """The picture as the page lies by this map, `scale` dots to the millimetre."""
    to_mm = np.array([[1 / scale, 0, 0.5 / scale], [0, 1 / scale, 0.5 / scale], [0, 0, 1]])
    across = float(np.sqrt(abs(np.linalg.det(where[:2, :2])))) / scale
    source = picture
    if across > 1.5:
        # Thin print would fall between the dots that are taken.
        source = np.asarray(cv2.GaussianBlur(picture, (0, 0), across / 2.5), np.uint8)
    return np.asarray(
        cv2.warpPerspective(
            source, where @ to_mm, (shape[1], shape[0]),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )  # fmt: skip


def _pieces(
    printed: Grey, seen: Grey, scale: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where pieces of print lie on the page, and where they were seen, in millimetres."""
    wide, high = (round(length * scale) for length in _PIECE)
    reach = round(_REACH[scale] * scale)
    around = cv2.copyMakeBorder(seen, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    places, moved = [], []
    for top in range(0, printed.shape[0] - high + 1, high):
        for left in range(0, printed.shape[1] - wide + 1, wide):
            piece = printed[top : top + high, left : left + wide]
            if float(piece.std()) < _INK:
                continue
            part = around[top : top + high + 2 * reach, left : left + wide + 2 * reach]
            match = cv2.matchTemplate(part, piece, cv2.TM_CCOEFF_NORMED)
            _, best, _, at = cv2.minMaxLoc(match)
            if best < _MATCH:
                continue
            middle = np.array([left + wide / 2, top + high / 2])
            places.append(middle / scale)
            moved.append((middle + np.array(at) - reach) / scale)
    return np.array(places, np.float64).reshape(-1, 2), np.array(moved, np.float64).reshape(-1, 2)
