"""layout.json of each form: where its answer sheet has boxes, where answers are written, how many pages there are.

Lengths are millimetres from the top left corner of the page as printed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.keys import read_json_text
from question_bank.diagnostics import Where, bad_input

_CODE = re.compile(r"MX1:([A-Z0-9]{1,16}):([^:]{1,80}):([1-9][0-9]{0,3})")
_PLACE = Annotated[float, Field(ge=0, le=2000)]
_SIDE = Annotated[float, Field(ge=1, le=50)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Marker(_Model):
    """An ArUco marker by its number in the dictionary of 4x4 markers, its centre and its side."""

    aruco_4x4: Annotated[int, Field(ge=0, le=49)]
    center: tuple[_PLACE, _PLACE]
    side: _SIDE


class Box(_Model):
    """A box to mark for an option of a question: a letter, or ``none``."""

    question: Annotated[int, Field(ge=1)]
    option: str
    center: tuple[_PLACE, _PLACE]
    side: _SIDE

    @property
    def name(self) -> str:
        """What people call it: ``3b``, ``3 none``."""
        return (
            f"{self.question}{self.option}"
            if len(self.option) == 1
            else f"{self.question} {self.option}"
        )


class Digit(_Model):
    """A box to cross for a digit of the student's number; `place` counts from 0, from the left."""

    place: Annotated[int, Field(ge=0)]
    digit: Annotated[int, Field(ge=0, le=9)]
    center: tuple[_PLACE, _PLACE]
    side: _SIDE

    @property
    def name(self) -> str:
        """What people call it."""
        return f"digit {self.digit} at place {self.place + 1}"


class SheetPage(_Model):
    """A page with boxes; `qr` is what its code says."""

    page: Annotated[int, Field(ge=1)]
    qr: str
    markers: tuple[Marker, ...]
    boxes: tuple[Box, ...]
    digits: tuple[Digit, ...]

    @property
    def all_boxes(self) -> tuple[Box | Digit, ...]:
        """The boxes of questions, then those of the student's number."""
        return (*self.boxes, *self.digits)


class Space(_Model):
    """Where an answer is written; `answer` is its printed label. One that breaks is there on both pages."""

    answer: Annotated[str, Field(min_length=1, max_length=20)]
    page: Annotated[int, Field(ge=1)]
    left: _PLACE
    top: _PLACE
    width: _PLACE
    height: _PLACE


class CodePlace(_Model):
    """Where the code stands on pages that are not of the answer sheet: its centre and side."""

    center: tuple[_PLACE, _PLACE] = (187.75, 281.25)
    side: _SIDE = 12.5


class Layout(_Model):
    """layout.json of a form, or of a student's own paper."""

    schema_version: Literal[1]
    exam: str
    form: str
    student_id: str | None
    page_count: Annotated[int, Field(ge=1, le=1000)]
    unit: Literal["mm"]
    page_size: tuple[_SIDE | _PLACE, _SIDE | _PLACE]
    pages: tuple[SheetPage, ...]
    # Exams of an earlier version do not say.
    answers: tuple[Space, ...] = ()
    code: CodePlace = CodePlace()

    def spaces(self, page: int) -> tuple[Space, ...]:
        """The spaces for answers on the page with this number."""
        return tuple(space for space in self.answers if space.page == page)

    def sheet(self, page: int) -> SheetPage | None:
        """The page with this number, where it has boxes."""
        return next((each for each in self.pages if each.page == page), None)


@dataclass(frozen=True)
class PageCode:
    """What the code of a page says: which exam, which form or student, which page."""

    exam: str
    form: str
    page: int


def parse_code(text: str) -> PageCode | None:
    """The code of a page of ours; None for any other."""
    found = _CODE.fullmatch(text)
    return PageCode(found[1], found[2], int(found[3])) if found else None


def load_layout(path: Path) -> Layout:
    """The layout in a file. Raises InputError."""
    where = Where(str(path))
    if not path.exists():
        raise bad_input(
            "no-layout",
            "is missing: nothing says where the boxes of this form lie",
            where=where,
            hint="`mockexam regenerate EXAM.json` writes it beside the key",
        )
    text = read_json_text(path)
    try:
        return Layout.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        old = first["loc"] == ("page_count",)
        raise bad_input(
            "bad-layout",
            f"is no layout of a form: {place}: {first['msg']}",
            where=where,
            hint="it is of an older version: make the exam again with `mockexam regenerate`"
            if old
            else "make the exam's files again with `mockexam regenerate`",
        ) from None


def layout_files_of_exam(path: Path) -> list[Path]:
    """Where the layouts lie beside an exam.json, one folder a form. Raises InputError."""
    try:
        labels = [str(form["label"]) for form in json.loads(read_json_text(path))["forms"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        labels = []
    if not labels:
        raise bad_input("not-an-exam", "is no exam.json of mockexam", where=Where(str(path)))
    return [path.parent / Path(label).name / "layout.json" for label in labels]


def load_layouts(paths: Sequence[Path]) -> tuple[Layout, ...]:
    """The layouts at these paths: forms of one exam. Raises InputError."""
    layouts = tuple(load_layout(path) for path in paths)
    for layout, path in zip(layouts, paths, strict=True):
        if layout.exam != layouts[0].exam:
            raise bad_input(
                "two-exams",
                f'belongs to the exam "{layout.exam}", and {paths[0]} to "{layouts[0].exam}"',
                where=Where(str(path)),
                hint="read the scans of one exam at a time",
            )
    return layouts
