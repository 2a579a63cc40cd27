"""From a scan to the page as printed: the ArUco markers, and the map from millimetres to dots that they give.

With three markers of the four the map is known to a fraction of a millimetre; with fewer a person looks.

Source: opencv's `aruco` module (dictionary 4x4, 50 markers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from grader.scans.layout import Marker

Grey = NDArray[np.uint8]
FEWEST = 3
# Of a marker's corner from where the map puts it, in millimetres: folds and photographs bend a page a little.
_MOST_OFF = 1.6
# The markers are searched for in a picture of about this many dots on its longer side, first.
_COARSE = 1000


@dataclass(frozen=True)
class PageMap:
    """`matrix` takes millimetres on the page to dots of the picture; `found` are the markers that gave it.

    `off` is how far in millimetres the marker that fits worst lies from where the map puts it.
    """

    matrix: NDArray[np.float64]
    found: tuple[int, ...]
    off: float

    def dots(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Places in millimetres, (n, 2), as dots."""
        moved = cv2.perspectiveTransform(places.reshape(-1, 1, 2), self.matrix)
        return np.asarray(moved.reshape(-1, 2), np.float64)


def find_markers(picture: Grey) -> dict[int, NDArray[np.float64]]:
    """Number to the four corners of each marker, clockwise from its own top left, in dots."""
    # Whole numbers of dots are made one: nothing is quicker.
    smaller = max(1, round(max(picture.shape) / _COARSE))
    found = _detected(picture, smaller)
    if len(found) < FEWEST and smaller > 1:
        found = _detected(picture, 1) | found
    return found


def page_map(corners: dict[int, NDArray[np.float64]], markers: Sequence[Marker]) -> PageMap | None:
    """The map that the markers give; None where there are too few, or they lie as no page's do."""
    known = [marker for marker in markers if marker.aruco_4x4 in corners]
    if len(known) < FEWEST:
        return None
    places = np.concatenate([_corners_of(marker) for marker in known])
    dots = np.concatenate([corners[marker.aruco_4x4] for marker in known])
    found: Any = cv2.findHomography(places, dots)[0]
    if found is None or not np.isfinite(found).all() or abs(np.linalg.det(found)) < 1e-9:
        return None
    matrix = np.asarray(found, np.float64)
    again = cv2.perspectiveTransform(dots.reshape(-1, 1, 2), np.linalg.inv(matrix)).reshape(-1, 2)
    off = float(np.abs(again - places).max())
    # Not so: bent, or what was found are no markers.
    if not off <= _MOST_OFF:
        return None
    return PageMap(matrix, tuple(marker.aruco_4x4 for marker in known), round(off, 3))


def _detected(picture: Grey, smaller: int) -> dict[int, NDArray[np.float64]]:
    height, width = (length // smaller for length in picture.shape)
    whole = picture[: height * smaller, : width * smaller]
    small = whole
    if smaller > 1:
        small = np.asarray(
            cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8
        )
    quads, numbers, _ = _detector().detectMarkers(small)
    found: dict[int, NDArray[np.float64]] = {}
    twice: set[int] = set()
    for quad, number in zip(quads, [] if numbers is None else numbers.ravel(), strict=False):
        if number in found:
            twice.add(int(number))
        corners = (quad.reshape(4, 2) + 0.5) * smaller - 0.5
        found[int(number)] = _refined(picture, corners)
    # A marker that is there twice says nothing of where the page lies: two sheets in one picture.
    return {number: corners for number, corners in found.items() if number not in twice}


def _refined(picture: Grey, corners: NDArray[Any]) -> NDArray[np.float64]:
    """Corners to a fraction of a dot."""
    side = float(np.linalg.norm(corners[0] - corners[1]))
    reach = max(2, round(side / 16))
    start = np.ascontiguousarray(corners.reshape(-1, 1, 2), np.float32)
    height, width = picture.shape
    inside = (start >= reach + 2).all() and (
        start[:, 0] < np.array([width - reach - 2, height - reach - 2])
    ).all()
    if not inside:
        return corners.astype(np.float64)
    end = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.02)
    better = cv2.cornerSubPix(picture, start.copy(), (reach, reach), (-1, -1), end)
    return np.asarray(better.reshape(-1, 2), np.float64)


def _corners_of(marker: Marker) -> NDArray[np.float64]:
    x, y = marker.center
    half = marker.side / 2
    return np.array(
        [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]
    )


def _detector() -> Any:
    settings = cv2.aruco.DetectorParameters()
    settings.minMarkerPerimeterRate = 0.06
    settings.maxMarkerPerimeterRate = 0.6
    settings.adaptiveThreshWinSizeMin = 31
    settings.adaptiveThreshWinSizeMax = 31
    return cv2.aruco.ArucoDetector(
        cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50), settings
    )
