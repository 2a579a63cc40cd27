"""Pictures of what is open: the boxes with what stands around them, as they were scanned, or the whole page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from grader.scans.open_things import Open
from grader.scans.pictures import pages_of
from grader.scans.reading import map_of
from grader.scans.straighten import DOTS_A_MM, cut_out
from question_bank.files import write_whole

Grey = NDArray[np.uint8]
_AROUND = 7.0  # millimetres
# Above the digits to cross stand the fields that the number is written into by hand.
_AROUND_NUMBER = 18.0
_PAGE_DOTS = 1100  # of a whole page, on its longer side
_FRAME = (30, 30, 200)  # blue, green, red: around the box in question, outside of it


def picture_of(picture: Grey, thing: Open) -> bytes:
    """What is shown of a page for something open, as PNG."""
    return _png(_shown(picture, thing))


def write_pictures(things: Sequence[Open], files: dict[str, Path], folder: Path) -> None:
    """Write the pictures that are not there yet; pages that they are cut from are opened again. Raises InputError.

    A scan that shows the same thing otherwise comes below, where it is among the files.
    """
    waiting: dict[str, dict[int, list[tuple[Open, Open]]]] = {}
    parts: dict[str, dict[str, NDArray[np.uint8]]] = {}
    for thing in things:
        if not (folder / thing.file_name).exists():
            scans = [thing]
            if thing.beside is not None:
                scans.append(replace(thing, seen=thing.beside, beside=thing.seen))
            for scan in scans:
                pages = waiting.setdefault(scan.seen.file, {})
                pages.setdefault(scan.seen.number, []).append((thing, scan))
    if waiting:
        folder.mkdir(parents=True, exist_ok=True)
    for name, pages in waiting.items():
        for page in pages_of(files[name], name):
            for thing, scan in pages.pop(page.number, ()):
                if page.picture is None:
                    continue
                cut = parts.setdefault(thing.file_name, {})
                cut[scan.seen.reading.sha256] = _shown(page.picture, scan)
                if len(cut) == (1 if thing.beside is None else 2):
                    first = cut.pop(thing.seen.reading.sha256)
                    write_whole(folder / thing.file_name, _png(_stacked([first, *cut.values()])))
                    del parts[thing.file_name]
            if not pages:
                break


def _shown(picture: Grey, thing: Open) -> NDArray[np.uint8]:
    return _page(picture) if not thing.boxes else _boxes(picture, thing)


def _stacked(parts: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Pictures below each other, with a grey line between."""
    if len(parts) == 1:
        return parts[0]
    width = max(part.shape[1] for part in parts)
    rows = []
    for part in parts:
        edge = ((0, 0), (0, width - part.shape[1]), (0, 0))
        rows += [np.pad(part, edge, constant_values=255), np.full((6, width, 3), 128, np.uint8)]
    return np.vstack(rows[:-1])


def _png(shown: NDArray[np.uint8]) -> bytes:
    done, content = cv2.imencode(".png", shown)
    if not done:
        raise AssertionError("a picture in memory can be written as PNG")
    return bytes(content)


def _page(picture: Grey) -> Grey:
    scale = min(1.0, _PAGE_DOTS / max(picture.shape))
    shown = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(shown, np.uint8)


def _boxes(picture: Grey, thing: Open) -> NDArray[np.uint8]:
    where = map_of(thing.seen.reading)
    grey = cut_out(picture, where, thing.boxes, _around(thing))
    shown = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)
    if thing.at is not None:
        left, top, right, bottom = about(thing, 5.0)
        cv2.rectangle(shown, (left, top), (right, bottom), _FRAME, 3)
    return shown


def about(thing: Open, around: float) -> tuple[int, int, int, int]:
    """Left, top, right and bottom in the picture of something open: its box, and `around` millimetres about it.

    Of what is about no single box: all of its boxes.
    """
    centres = np.array([box.center for box in thing.boxes])
    side = max(box.side for box in thing.boxes)
    origin = centres.min(axis=0) - side / 2 - _around(thing)
    inner = centres if thing.at is None else np.array([thing.at.center])
    low = (inner.min(axis=0) - side / 2 - around - origin) * DOTS_A_MM
    high = (inner.max(axis=0) + side / 2 + around - origin) * DOTS_A_MM
    return (round(low[0]), round(low[1]), round(high[0]), round(high[1]))


def _around(thing: Open) -> float:
    """Millimetres that a picture shows about its boxes."""
    return _AROUND_NUMBER if thing.about == "student" else _AROUND
