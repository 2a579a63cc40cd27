"""The QR code of a page: at a corner of the page, whichever way up it lies, or anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from grader.scans.layout import PageCode, parse_code

Grey = NDArray[np.uint8]
# What is searched around each corner, as shares of the page's longer and shorter side.
_LONG, _SHORT = 0.15, 0.4


def read_codes(picture: Grey) -> tuple[str, ...]:
    """What the codes on the page say: the first that is found, where it is one of ours and lies as a page's does."""
    lying = picture.shape[1] > picture.shape[0]
    for part in _corners(picture):
        found = _read(part)
        # On two pages side by side a code stands upright in a picture that is wider than high.
        if found and all(parse_code(code.text) and code.turned == lying for code in found):
            return _texts(found)
    # Codes that are small in the picture are read when it is larger.
    found = _read(picture)
    if not found and max(picture.shape) < 2000:
        found = _read(np.asarray(cv2.resize(picture, None, fx=2, fy=2), np.uint8))
    return _texts(found)


def code_corners(picture: Grey) -> NDArray[np.float64] | None:
    """The corners of the page's one code, (4, 2) in dots, clockwise from the code's own top left; None without it."""
    import zxingcpp

    formats: Any = zxingcpp.BarcodeFormat.QRCode
    # Small codes are read when they are larger, and corners come in whole dots.
    factor = 2 if max(picture.shape) < 2000 else 1
    larger = cv2.resize(picture, None, fx=factor, fy=factor) if factor > 1 else picture
    found = [
        each.position
        for each in zxingcpp.read_barcodes(np.ascontiguousarray(larger), formats=formats)
        if each.valid and parse_code(each.text)
    ]
    if len(found) != 1:
        return None
    names = ("top_left", "top_right", "bottom_right", "bottom_left")
    corners = [getattr(found[0], name) for name in names]
    return np.array([(corner.x, corner.y) for corner in corners], np.float64) / factor


def page_codes(texts: tuple[str, ...]) -> tuple[PageCode, ...]:
    """The codes of ours among them, each once."""
    return tuple(dict.fromkeys(code for text in texts if (code := parse_code(text))))


def _corners(picture: Grey) -> Iterator[Grey]:
    """The four corners, the usual one first: bottom right of an upright page."""
    height, width = picture.shape
    upright = height >= width
    rows = round(height * (_LONG if upright else _SHORT))
    columns = round(width * (_SHORT if upright else _LONG))
    top, bottom = slice(0, rows), slice(height - rows, height)
    left, right = slice(0, columns), slice(width - columns, width)
    order = ((bottom, right), (top, left)) if upright else ((top, right), (bottom, left))
    others = ((bottom, left), (top, right)) if upright else ((top, left), (bottom, right))
    for down, across in (*order, *others):
        part = picture[down, across]
        if max(picture.shape) < 1900:
            part = np.asarray(
                cv2.resize(part, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8
            )
        yield part


@dataclass(frozen=True)
class _Code:
    text: str
    turned: bool  # by a quarter turn


def _read(picture: Grey) -> list[_Code]:
    import zxingcpp

    formats: Any = zxingcpp.BarcodeFormat.QRCode
    found = zxingcpp.read_barcodes(np.ascontiguousarray(picture), formats=formats)
    return [_Code(each.text, round(each.orientation / 90) % 2 == 1) for each in found if each.valid]


def _texts(found: list[_Code]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code.text for code in found))
