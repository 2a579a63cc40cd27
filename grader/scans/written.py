"""What was written by hand on pages of open answers: where each page lies, and a picture of each answer.

Kept below the folder of the scans, by the page's picture, so that nothing is cut out twice:

    places.jsonl               the map of each page, and the answers with nothing to be seen
    answers/SHA256-12a-1.jpg   the space for answer 12a, and what stands around it
    answers/SHA256-page.jpg    the whole page, where the print was not found on it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from grader.scans.kept import append_line, json_lines, papers_version
from grader.scans.layout import Space
from grader.scans.markers import PageMap
from grader.scans.pictures import Limits, pages_of
from grader.scans.place import PRINT_DPI, place_of
from grader.scans.reading import Papers, Reading
from question_bank.diagnostics import InputError
from question_bank.files import write_whole

Grey = NDArray[np.uint8]
FILE, FOLDER = "places.jsonl", "answers"
VERSION = 1
"""Of what is cut out, and how: what another one kept is cut out again."""

DOTS_A_MM = 6.0
"""Of the pictures: handwriting is read at 150 dots to the inch."""
AROUND = 4.0
"""Millimetres around a space that its picture shows: people write over the edge."""
_PAGE_DOTS = 1400  # of a whole page, on its longer side
_QUALITY = 70
# Ink that no print explains: so much darker than the paper, on so much of a space at most where nothing is written.
_DARKER, _BARE, _BESIDE_PRINT = 40, 0.0004, 1.0


@dataclass(frozen=True)
class Placed:
    """A page: its map from millimetres to dots (nothing where it was not found), and the answers left bare."""

    sha256: str
    matrix: tuple[float, ...] = ()
    bare: tuple[str, ...] = ()

    @property
    def where(self) -> PageMap | None:
        """The map, where there is one."""
        return PageMap(np.array(self.matrix).reshape(3, 3), (), 0.0) if self.matrix else None


def is_crooked(placed: Placed | None) -> bool:
    """Whether a page was looked at and its print not found, so that it cannot be made straight."""
    return placed is not None and not placed.matrix


_PLACED: TypeAdapter[Placed] = TypeAdapter(Placed)


class Prints:
    """The pages of an exam as they left the printer, small, each file opened once."""

    def __init__(self, files: Mapping[str, Path], tell: Callable[[str], None]) -> None:
        self._files, self._tell = files, tell
        self._pages: dict[str, dict[int, bytes]] = {}

    def page(self, form: str, number: int, size: tuple[float, float]) -> Grey | None:
        """A page of a form, of this size in mm, at `PRINT_DPI`; None where its PDF is not there."""
        if form not in self._pages:
            self._pages[form] = self._opened(form)
        found = self._pages[form].get(number)
        if found is None:
            return None
        opened: Any = cv2.imdecode(np.frombuffer(found, np.uint8), cv2.IMREAD_GRAYSCALE)
        picture = np.asarray(opened, np.uint8)
        # A PDF that holds pictures is opened at their resolution.
        wide, high = (round(length * PRINT_DPI / 25.4) for length in size)
        if abs(picture.shape[0] - high) > 2 or abs(picture.shape[1] - wide) > 2:
            smaller = cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA)
            picture = np.asarray(smaller, np.uint8)
        return picture

    def _opened(self, form: str) -> dict[int, bytes]:
        file = self._files.get(form)
        if file is None:
            return {}
        try:
            pages = list(pages_of(file, file.name, Limits(dpi=PRINT_DPI)))
        except InputError:
            self._tell(
                f"{file} cannot be read: open answers of form {form} are shown as whole pages;"
                " `mockexam regenerate` makes it again"
            )
            return {}
        # Pages of print take a tenth of the room as PNG, and a class has thousands of them.
        return {
            each.number: bytes(cv2.imencode(".png", each.picture)[1])
            for each in pages
            if each.picture is not None
        }


class Written:
    """What is known of the pages with open answers, in a folder."""

    def __init__(self, folder: Path, papers: Papers, prints: Prints) -> None:
        self.folder, self.papers, self.prints = folder, papers, prints
        self._version = papers_version(papers)
        self._known: dict[str, Placed] = {}
        for line in json_lines(folder / FILE):
            if line.pop("papers", None) != self._version or line.pop("cutter", None) != VERSION:
                continue
            try:
                placed = _PLACED.validate_python(line)
            except ValidationError:
                continue
            self._known[placed.sha256] = placed

    def placed(self, sha256: str) -> Placed | None:
        """What is known of a page, by its picture."""
        return self._known.get(sha256)

    def see(self, picture: Grey, reading: Reading) -> None:
        """Find the page's place and cut its answers out, unless that was done before. Raises InputError."""
        code = reading.code
        if code is None or reading.kind != "page":
            return
        layout = self.papers.layouts[code.form]
        spaces = layout.spaces(code.page)
        if not spaces:
            return
        known = self._known.get(reading.sha256)
        if known is not None and all(file.exists() for file in self._all_files(known, spaces)):
            return
        printed = self.prints.page(code.form, code.page, layout.page_size)
        where = None if printed is None else place_of(picture, printed, layout.code)
        bare: tuple[str, ...] = ()
        if where is not None and printed is not None:
            bare = _bare(picture, where, printed, spaces)
        numbers = () if where is None else tuple(float(value) for value in where.matrix.ravel())
        placed = Placed(reading.sha256, numbers, bare)
        for file, content in zip(
            self._all_files(placed, spaces), _pictures(picture, where, spaces), strict=True
        ):
            file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, content)
        self._known[reading.sha256] = placed
        data = {"papers": self._version, "cutter": VERSION, **asdict(placed)}
        append_line(self.folder / FILE, data)

    def files(self, sha256: str, answer: str, spaces: Sequence[Space]) -> list[Path]:
        """The pictures of an answer on a page with these spaces; none where the page was not seen."""
        placed = self._known.get(sha256)
        if placed is None:
            return []
        if not placed.matrix:
            return [self._page_file(sha256)]
        return [
            file
            for file, space in zip(self._all_files(placed, spaces), spaces, strict=True)
            if space.answer == answer
        ]

    def _all_files(self, placed: Placed, spaces: Sequence[Space]) -> list[Path]:
        if not placed.matrix:
            return [self._page_file(placed.sha256)]
        folder, start = self.folder / FOLDER, placed.sha256[:20]
        return [folder / f"{start}-{n}-{space.answer}.jpg" for n, space in enumerate(spaces)]

    def _page_file(self, sha256: str) -> Path:
        return self.folder / FOLDER / f"{sha256[:20]}-page.jpg"


def _pictures(picture: Grey, where: PageMap | None, spaces: Sequence[Space]) -> list[bytes]:
    """JPEGs of the spaces, or of the whole page."""
    if where is None:
        scale = min(1.0, _PAGE_DOTS / max(picture.shape))
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        return [_jpeg(np.asarray(small, np.uint8))]
    return [_jpeg(straight_part(picture, where, space, AROUND, DOTS_A_MM)) for space in spaces]


def straight_part(picture: Grey, where: PageMap, space: Space, around: float, scale: float) -> Grey:
    """A space and `around` millimetres about it, made straight, `scale` dots to the millimetre."""
    left, top = space.left - around, space.top - around
    size = (
        max(1, round((space.width + 2 * around) * scale)),
        max(1, round((space.height + 2 * around) * scale)),
    )
    to_mm = np.array(
        [[1 / scale, 0, left + 0.5 / scale], [0, 1 / scale, top + 0.5 / scale], [0, 0, 1]]
    )
    part = cv2.warpPerspective(
        picture, where.matrix @ to_mm, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(part, np.uint8)


def _jpeg(picture: Grey) -> bytes:
    done, content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise AssertionError("a picture in memory can be written as JPEG")
    return bytes(content)


def _bare(picture: Grey, where: PageMap, printed: Grey, spaces: Sequence[Space]) -> tuple[str, ...]:
    """The answers in whose spaces nothing is to be seen but print."""
    scale = PRINT_DPI / 25.4
    with_ink = set()
    for space in spaces:
        seen = straight_part(picture, where, space, 0.0, scale)
        print_map = PageMap(np.diag([scale, scale, 1.0]), (), 0.0)
        own = straight_part(printed, print_map, space, 0.0, scale)
        reach = 2 * round(_BESIDE_PRINT * scale) + 1
        # Thin lines are faint at this size.
        near_print = cv2.dilate((own < 248).astype(np.uint8), np.ones((reach, reach), np.uint8))
        paper = cv2.medianBlur(seen, 31)
        dark = (paper.astype(int) - seen.astype(int) > _DARKER) & (near_print == 0)
        if float(dark.mean()) > _BARE:
            with_ink.add(space.answer)
    return tuple(dict.fromkeys(s.answer for s in spaces if s.answer not in with_ink))
