"""A class's printed papers, written on and scanned: for benchmarks, tests and screenshots of marking.

Everything comes from a seed. Answers are words of a single-stroke font with a hand's tremor, so that pictures look like
what a person has to read.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from grader.scans.layout import Layout, Space, load_layout
from grader.scans.pictures import Limits, pages_of
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.key import FormKey, loads
from tests.grader.scans.synthetic import DPI, Grey, Hand, Look, Pen, seen

WORDS = (
    "because the gradient vanishes", "W = 32, H = 32", "= 2/3 - 1/6 = 1/2", "overfits the training data",
    "(W - F + 2P)/S + 1 = 16", "dL/dw = x (y - t)", "no, since b is shared", "3 x 3 x 64 x 128 + 128",
)  # fmt: skip
_MM = DPI / 25.4


@dataclass(frozen=True)
class PaperOf:
    """A printed paper: whose (its form where it names nobody), its layout, its key, its PDF."""

    name: str
    layout: Layout
    key: FormKey
    file: Path


def papers_in(exam: Path, names: list[str]) -> list[PaperOf]:
    """The printed papers of an exam's folder."""
    found = []
    for name in names:
        folder = exam / name
        key = loads((folder / "key.json").read_text("utf-8"), "key.json")
        found.append(PaperOf(name, load_layout(folder / "layout.json"), key, folder / "exam.pdf"))
    return found


def write_roster(file: Path, count: int) -> list[str]:
    """class.csv with so many students; their numbers."""
    numbers = [f"0371{n:04}" for n in range(1, count + 1)]
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "name"])
        writer.writerows([number, f"Student {n}"] for n, number in enumerate(numbers, start=1))
    return numbers


def scanned_pages(
    paper: PaperOf,
    random: np.random.Generator,
    *,
    skill: float = 0.7,
    look: Look | None = None,
    number: str = "",
) -> Iterator[Grey]:
    """All pages of a paper as a student with this skill (0 to 1) leaves them, through an office scanner.

    `number` is crossed on a paper that names nobody.
    """
    own = Pen(float(random.uniform(0.3, 0.5)), float(random.uniform(0.7, 1.0)))
    limits = Limits(dpi=DPI, most_pixels=12_000_000)
    for page in pages_of(paper.file, paper.file.name, limits):
        if page.picture is None:
            raise AssertionError(page.error)
        hand = Hand(page.picture, random)
        _cross(paper, page.number, hand, random, own, skill)
        _cross_number(paper, page.number, hand, own, number)
        for space in paper.layout.spaces(page.number):
            if random.random() < 0.25 + 0.7 * skill:
                _write(hand, space, random, own)
        office = Look(
            dpi=150, skew=float(random.uniform(-1.5, 1.5)), shade=0.08, noise=3.0, jpeg=75,
            quarter_turns=int(random.choice([0, 0, 0, 2])),
        )  # fmt: skip
        yield seen(hand.page, look or office, random)


def _cross(
    paper: PaperOf,
    number: int,
    hand: Hand,
    random: np.random.Generator,
    pen: Pen,
    skill: float,
) -> None:
    sheet = paper.layout.sheet(number)
    if sheet is None:
        return
    right: dict[int, set[str]] = {}
    for question in paper.key.questions:
        key = question.parts[0].key
        if isinstance(key, MultipleChoiceKey):
            right[question.number] = set(key.right) or {"none"}
    knows = {number: random.random() < skill for number in right}
    for box in sheet.boxes:
        hit = box.option in right[box.question]
        wrong = not knows[box.question] and box.option != "none" and random.random() < 0.3
        if (knows[box.question] and hit) or wrong:
            hand.mark("cross", *box.center, box.side, pen)


def _cross_number(paper: PaperOf, page: int, hand: Hand, pen: Pen, number: str) -> None:
    sheet = paper.layout.sheet(page)
    for digit in sheet.digits if sheet is not None else ():
        if number[digit.place : digit.place + 1] == str(digit.digit):
            hand.mark("cross", *digit.center, digit.side, pen)


def _write(hand: Hand, space: Space, random: np.random.Generator, pen: Pen) -> None:
    """Some lines of handwriting in a space."""
    lines = int(random.integers(1, max(2, int(space.height // 14)) + 1))
    height = 4.2
    for line in range(lines):
        top = space.top + 6 + line * 9
        if top + height > space.top + space.height - 2:
            break
        text = str(random.choice(WORDS))
        _line(
            hand.page, text, space.left + 4 + float(random.uniform(0, 6)), top + height, pen, random
        )


def _line(page: Grey, text: str, x: float, y: float, pen: Pen, random: np.random.Generator) -> None:
    ink = np.full_like(page, 255)
    size = float(random.uniform(1.5, 1.9))
    shade = round(255 * (1 - pen.dark))
    for letter in text:
        place = (round(x * _MM), round((y + float(random.normal(0, 0.25))) * _MM))
        cv2.putText(ink, letter, place, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, size, shade, max(2, round(pen.width * _MM)), cv2.LINE_AA)  # fmt: skip
        (width, _), _ = cv2.getTextSize(letter, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, size, 1)
        x += width / _MM + float(random.normal(0.1, 0.15))
    np.minimum(page, ink, out=page)
