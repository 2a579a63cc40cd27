"""A small exam on paper: six questions with boxes and one in words, printed without the generator."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from question_bank.key import FormKey, dumps, key_question
from question_bank.loader import parse_question
from question_bank.variant import instantiate
from tests.grader.conftest import CHOICE, WORDS, questions
from tests.support import form_key

if any(find_spec(name) is None for name in ("cv2", "pypdfium2", "zxingcpp")):
    collect_ignore_glob = ["test_*.py"]
else:
    from grader.scans.layout import Layout, SheetPage
    from grader.scans.reading import Papers, papers_of
    from tests.grader.scans.printed import layout_of, printed_page
    from tests.grader.scans.synthetic import DPI, Grey, Hand, Look, Mark, Pen, pdf, seen

assert questions  # the folder above has them

CHOICES = 6
RIGHT = {"a", "d"}  # of the first three and the fourth option in the bank's order


@pytest.fixture(scope="session")
def key() -> FormKey:
    """Questions 1 to 6 have boxes, 7 is written on paper."""
    found = [
        key_question(number, instantiate(parse_question(CHOICE, "choice.yaml"), number))
        for number in range(1, CHOICES + 1)
    ]
    found.append(key_question(CHOICES + 1, instantiate(parse_question(WORDS, "words.yaml"), 1)))
    return form_key(found)


@pytest.fixture(scope="session")
def shared() -> Layout:
    """Form A, for anybody: the student's number has three digits."""
    return layout_of("A", CHOICES, digits=3)


@pytest.fixture(scope="session")
def own() -> Layout:
    """The paper of student w0256."""
    return layout_of("w0256", CHOICES, student="w0256")


@pytest.fixture(scope="session")
def papers(shared: Layout) -> Papers:
    return papers_of([shared, layout_of("B", CHOICES, digits=3)])


@pytest.fixture(scope="session")
def clean() -> Callable[[Layout, int], Grey]:
    """A page as it leaves the printer; each is drawn once."""
    drawn: dict[tuple[str, int], Grey] = {}

    def page(layout: Layout, number: int) -> Grey:
        name = layout.form, number
        if name not in drawn:
            drawn[name] = printed_page(layout, number)
        return drawn[name]

    return page


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(1)


PLAIN_PEN = Pen(0.5, 0.9)


@pytest.fixture(scope="session")
def marked(clean: Callable[[Layout, int], Grey]) -> Callable[..., Grey]:
    """The answer sheet with marks by the names of boxes, a student's number, and one stroke at a box, scanned."""

    def scan(
        layout: Layout,
        marks: Mapping[str, Mark],
        *,
        number: str = "",
        struck: str = "",
        pen: Pen = PLAIN_PEN,
        look: Look | None = None,
        seed: int = 1,
    ) -> Grey:
        random = np.random.default_rng(seed)
        sheet: SheetPage = layout.pages[0]
        hand = Hand(clean(layout, sheet.page), random)
        for box in sheet.boxes:
            hand.mark(marks.get(box.name, "empty"), *box.center, box.side, pen)
            if box.name == struck:
                x, y = box.center
                hand.stroke([(x - 1.5, y), (x + 1.5, y)], pen)
        for digit in sheet.digits:
            crossed = number[digit.place : digit.place + 1] == str(digit.digit)
            hand.mark("cross" if crossed else "empty", *digit.center, digit.side, pen)
        return seen(hand.page, look or Look(), random)

    return scan


@pytest.fixture(scope="session")
def prints(clean: Callable[[Layout, int], Grey]) -> Callable[[Layout], bytes]:
    """exam.pdf of a form; each is made once."""
    made: dict[str, bytes] = {}

    def of(layout: Layout) -> bytes:
        if layout.form not in made:
            pages = [clean(layout, number) for number in range(1, layout.page_count + 1)]
            made[layout.form] = pdf(pages, dpi=DPI)
        return made[layout.form]

    return of


@pytest.fixture
def exam(
    work: Path,
    key: FormKey,
    shared: Layout,
    own: Layout,
    prints: Callable[[Layout], bytes],
) -> Path:
    """exam/exam.json with the forms A and B, class/exam.json with the paper of w0256 and of w0300."""
    b = layout_of("B", CHOICES, digits=3)
    other = layout_of("w0300", CHOICES, student="w0300")
    for name, layouts in (("exam", (shared, b)), ("class", (own, other))):
        for layout in layouts:
            folder = work / name / layout.form
            folder.mkdir(parents=True)
            (folder / "exam.pdf").write_bytes(prints(layout))
            (folder / "layout.json").write_text(layout.model_dump_json())
            (folder / "key.json").write_text(dumps(key.model_copy(update={"form": layout.form})))
        forms = [{"label": layout.form} for layout in layouts]
        (work / name / "exam.json").write_text(json.dumps({"forms": forms}))
    return work / "exam" / "exam.json"


@pytest.fixture
def scans(work: Path) -> Callable[..., Path]:
    """Write pictures as a scanner's PDF."""

    def write(*pictures: Grey, name: str = "scans.pdf") -> Path:
        (work / name).write_bytes(pdf(list(pictures)))
        return Path(name)

    return write


@pytest.fixture(scope="session")
def other_page(clean: Callable[[Layout, int], Grey]) -> Callable[..., Grey]:
    """A page with open answers, scanned; `lines` are written into its spaces."""

    def scan(
        layout: Layout, number: int, *, seed: int = 1, look: Look | None = None, lines: int = 0
    ) -> Grey:
        look = look or replace(Look(), noise=1.0)
        random = np.random.default_rng(seed)
        hand = Hand(clean(layout, number), random)
        for space in layout.spaces(number):
            for line in range(lines):
                y = space.top + (line + 1) * space.height / (lines + 1)
                x = np.linspace(space.left + 8, space.left + space.width - 20, 60)
                hand.stroke([(a, y + 2 * np.sin(a)) for a in x], PLAIN_PEN)
        return seen(hand.page, look, random)

    return scan
