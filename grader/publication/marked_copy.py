"""A student's own paper with what it earned: a sheet with the result, and each page with points and comments beside the answers.

Nothing here knows of scans or of a store: what is shown comes in, a PDF goes out. Lengths are millimetres.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from question_bank.diagnostics import bad_input
from templates.environment import environment
from templates.fonts.coverage import unprintable
from templates.pdf import PdfUnavailable, photo_address, render_pdf

STYLES = ("marked/copy.css",)
RED = "#c21a1f"
PAGE_RIGHT = 207.0
"""Where comments beside an answer end at the right."""
_MARGIN = 17.0  # what is narrower has no room beside it: the comment stands inside then
_INSIDE = 34.0
_LINE = 3.15  # of a comment's type
_LETTERS = 0.78  # letters to a millimetre of it

Tone = Literal["full", "part", "bad"]


@dataclass(frozen=True)
class Words:
    """The words of a copy in one language."""

    language: str
    answer: str
    question: str
    points_head: str
    comment: str
    of: str
    points: str
    bonus: str
    grade: str
    passed: str
    failed: str
    scanned: str
    more: str


WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "en": Words(
            language="en", answer="Answer", question="Question", points_head="Points", comment="Comment",
            of="of", points="points", bonus="bonus", grade="grade", passed="passed", failed="not passed",
            scanned="As scanned: page", more="more on page 1",
        ),
        "de": Words(
            language="de", answer="Antwort", question="Aufgabe", points_head="Punkte", comment="Bemerkung",
            of="von", points="Punkten", bonus="Bonus", grade="Note", passed="bestanden", failed="nicht bestanden",
            scanned="Wie gescannt: Seite", more="mehr auf Seite 1",
        ),
    }
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """An answer on the sheet with the result; `earned` are lines of the rubric (Markdown), `note` is plain text."""

    label: str
    title: str
    points: str
    tone: Tone
    earned: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Box:
    """A frame around a box that was to be checked (`right`), or was checked and should not have been (`wrong`)."""

    kind: Literal["right", "wrong"]
    left: float
    top: float
    side: float


@dataclass(frozen=True)
class Badge:
    """Points at an answer, with a comment as far as there is room."""

    points: str
    tone: Tone
    place: Literal["beside", "inside", "row"]
    left: float
    top: float
    width: float
    height: float
    earned: tuple[str, ...] = ()
    note: str = ""
    more: bool = False


@dataclass(frozen=True)
class Page:
    """A scanned page as a JPEG, made straight, and what is drawn upon it."""

    number: int
    jpeg: bytes = field(repr=False)
    boxes: tuple[Box, ...] = ()
    badges: tuple[Badge, ...] = ()

    @property
    def address(self) -> str:
        """Where the template finds the picture."""
        return photo_address(self.jpeg)


@dataclass(frozen=True)
class Copy:
    """All that a copy shows."""

    title: str
    whose: str
    score: str
    full: str
    lines: tuple[Line, ...]
    pages: tuple[Page, ...]
    bonus: str = ""
    grade: str = ""
    passed: bool | None = None
    language: str = "en"
    result: str = ""


def badge_at(line: Line, left: float, top: float, width: float, height: float) -> Badge:
    """The badge of an answer whose space lies here: in the margin beside it, or in its corner where there is none."""
    right = left + width
    beside = PAGE_RIGHT - (right + 2) >= _MARGIN
    wide = PAGE_RIGHT - (right + 2) if beside else _INSIDE
    at = right + 2 if beside else right - wide - 1
    room = max(0, int((height - 4.6) / _LINE)) * int(wide * _LETTERS)
    # What does not fit stands on the sheet with the result, whole.
    texts = [*line.earned, *([line.note] if line.note else [])]
    fits = sum(len(text) + int(wide * _LETTERS) // 2 for text in texts) <= room
    return Badge(
        line.points, line.tone, "beside" if beside else "inside", round(at, 2),
        round(top if beside else top + 1, 2), round(wide, 2), round(height, 2),
        line.earned if fits else (), line.note if fits else "", bool(texts) and not fits,
    )  # fmt: skip


def render_copy(copy: Copy) -> bytes:
    """The copy as a PDF; the same copy, the same bytes. Raises InputError where this machine writes no PDFs."""
    words = WORDS.get(copy.language, WORDS["en"])
    html = environment().get_template("marked/copy.html").render(copy=copy, words=words, color=RED)
    for letter in unprintable(html):
        # A note may hold what no font has; the rest of it is to be read all the same.
        html = html.replace(letter, "?")
    try:
        return render_pdf(
            html, styles=STYLES, photos={page.address: page.jpeg for page in copy.pages}
        )
    except PdfUnavailable as error:
        raise bad_input("no-pdf", str(error)) from None


def tone_of(points: float, most: float) -> Tone:
    """How points look: all of them, some, or none."""
    return "full" if points >= most else "part" if points > 0 else "bad"


def solutions_behind(pdf: bytes, solutions: bytes) -> bytes:
    """A copy with the pages of the form's solutions behind it."""
    import pypdfium2

    whole = pypdfium2.PdfDocument.new()
    for part in (pdf, solutions):
        opened = pypdfium2.PdfDocument(part)
        whole.import_pages(opened)
        opened.close()
    out = io.BytesIO()
    whole.save(out)
    whole.close()
    return out.getvalue()
