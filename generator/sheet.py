"""What a paper shows, as plain data: all that a template may see of a form.

The sheet of an exam holds no key at all: a template cannot print, hide or mark what it does not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.paper import Paper, page_code
from generator.render_space import Space

SOLUTION_COLOR = "#a3161a"
_FOOTER, _FOOTER_LARGE = 44, 27
"""Characters of a student's name and number that fit into the footer, in usual type and in large print."""

BANK_LANGUAGE = "en"
"""The bank is written in English; what is printed around its questions may be in another language."""


@dataclass(frozen=True)
class SheetFigure:
    """A picture by its address, with its alternative text; sizes in millimetres, as printed."""

    address: str
    alt: str
    width: float
    height: float


@dataclass(frozen=True)
class Why:
    """An option in the solutions: whether it is right, and why."""

    letter: str
    right: bool
    text: str


@dataclass(frozen=True)
class RubricEntry:
    """Points, and what earns them (Markdown)."""

    points: float
    earns: str


@dataclass(frozen=True)
class MistakeEntry:
    """A named mistake: the value that it leads to (Markdown, or empty) and why it is one."""

    value: str
    why: str


@dataclass(frozen=True)
class Solution:
    """What the solutions add to a question or a part; texts are Markdown."""

    text: str
    answer: str = ""
    options: tuple[Why, ...] = ()
    rubric: tuple[RubricEntry, ...] = ()
    mistakes: tuple[MistakeEntry, ...] = ()


@dataclass(frozen=True)
class SheetOption:
    """An option; the last one, `none of these`, has no letter.

    Beside others, it reaches so far `above` and `below` its baseline, in em, as the tallest of its row: a row
    of the grid shares its top, and so its baseline.
    """

    letter: str
    text: str
    right: bool = False
    above: float = 0.0
    below: float = 0.0


@dataclass(frozen=True)
class SheetPart:
    """One answer: what is asked (Markdown), and the room to write it.

    `piece` names it on this paper: ``12`` or ``12a``. With `beside` the figure stands to the left of the
    room to write.
    """

    piece: str
    label: str
    text: str
    points: float
    figure: SheetFigure | None
    space: Space
    solution: Solution | None
    beside: bool = False


@dataclass(frozen=True)
class SheetQuestion:
    """A question under its printed number; `text` and options are Markdown. A `whole` one keeps to one page."""

    number: int
    title: str
    points: float
    show_points: bool
    text: str
    figure: SheetFigure | None
    whole: bool = False
    options: tuple[SheetOption, ...] = ()
    columns: int = 1
    parts: tuple[SheetPart, ...] = ()
    solution: Solution | None = None


@dataclass(frozen=True)
class SheetSection:
    """A part of the exam: its heading, a line on how it is marked, its questions."""

    title: str
    kind: str
    points: float
    intro: str
    questions: tuple[SheetQuestion, ...]

    @property
    def first_piece(self) -> str:
        """Return the name of the first question."""
        return str(self.questions[0].number) if self.questions else ""


@dataclass(frozen=True)
class Problem:
    """A line of the table on page 1; its title is a question's own where that is `asked` by itself."""

    numbers: str
    title: str
    points: float
    asked: bool = False


@dataclass(frozen=True)
class AnswerSheetPage:
    """A page of the answer sheet, as one picture of the whole page."""

    page: int
    address: str
    alt: str


@dataclass(frozen=True)
class Sheet:
    """A paper: an exam, or (with `solutions`) the same paper with its solutions.

    `exam_pages` says, in solutions, on which page of the exam each piece begins that begins a page there.
    """

    title: str
    document_title: str
    course: str
    label: str
    language: str
    minutes: float
    points: float
    solutions: bool
    paper: Paper
    code: str
    answer_sheet: tuple[AnswerSheetPage, ...]
    exam_pages: Mapping[str, int]
    exam_page_count: int
    instructions: tuple[str, ...]
    problems: tuple[Problem, ...]
    sections: tuple[SheetSection, ...]
    figures: Mapping[str, str] = field(repr=False)
    color: str = SOLUTION_COLOR

    @property
    def has_boxes(self) -> bool:
        """Return whether any question is answered by marking boxes."""
        return bool(self.answer_sheet)

    @property
    def has_digits(self) -> bool:
        """Return whether the student crosses the digits of their number."""
        return self.has_boxes and not self.paper.student_id

    @property
    def whose(self) -> str:
        """Return the student's name and number, as far as the paper knows them."""
        return " · ".join(filter(None, [self.paper.name, self.paper.student_id]))

    @property
    def footer_name(self) -> str:
        """Return `whose`, short enough for a footer: what is too long of a name is left out, not the number."""
        whose, number = self.whose, self.paper.student_id or ""
        most = _FOOTER_LARGE if self.paper.large_print else _FOOTER
        if len(whose) <= most:
            return whose
        name = (self.paper.name or "")[: max(0, most - len(number) - 4)].rstrip()
        return f"{name}… · {number}" if name and number else whose[: most - 1] + "…"

    @property
    def foreign(self) -> str:
        """Return the language of the questions where it is not the paper's, else nothing."""
        return "" if self.language == BANK_LANGUAGE else BANK_LANGUAGE

    def page_code(self, page: int) -> str:
        """Return what the QR code of a page says."""
        return page_code(self.code, self.paper.form, page)
