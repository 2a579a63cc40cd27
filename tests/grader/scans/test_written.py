"""Open answers on paper: pages found by their print, answers cut out, and handed on with the submission."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from grader.scans.place import PRINT_DPI, place_of
from grader.scans.written import AROUND, DOTS_A_MM
from leaderboard.store import graded_submissions, open_store, submission_content
from tests.grader.scans.printed import CODE, OPEN_PAGE, layout_of
from tests.grader.scans.synthetic import DPI, Look

ANSWER = "7"
LOOKS = {
    "plain": Look(),
    "100 dpi, askew": Look(dpi=100, skew=4, noise=6, jpeg=60),
    "300 dpi, upside down": Look(dpi=300, skew=-3, quarter_turns=2),
    "on its side, folded, shaded": Look(dpi=150, quarter_turns=1, fold=0.8, shade=0.3),
    "a torn corner": Look(dpi=150, skew=2, torn=(2,), quarter_turns=2),
    "a photograph": Look(dpi=150, perspective=0.03, noise=4),
}


def small(page):
    """As `Prints` gives a page."""
    factor = PRINT_DPI / DPI
    return np.asarray(cv2.resize(page, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))


@pytest.mark.parametrize("name", LOOKS)
def test_a_page_is_found_by_its_print(name, shared, clean, other_page) -> None:
    scan = other_page(shared, OPEN_PAGE, look=LOOKS[name], lines=6)
    where = place_of(scan, small(clean(shared, OPEN_PAGE)), CODE)
    assert where is not None
    # The frame of the answer is where the map says: dark along its edges, light beside them.
    (space,) = shared.spaces(OPEN_PAGE)
    middle = space.left + space.width / 2
    for edge in (space.top, space.top + space.height):
        steps = np.arange(-2.5, 2.5, 0.1)
        rows = [
            np.mean([
                value(scan, where.dots(np.array([[x, edge + step]], float))[0])
                for x in np.linspace(middle - 50, middle + 50, 40)
            ])
            for step in steps
        ]  # fmt: skip
        assert abs(steps[int(np.argmin(rows))]) <= 1.2


def value(picture, dot) -> float:
    x, y = (round(each) for each in dot)
    return float(picture[y, x])


def test_another_page_is_not_taken_for_it(shared, clean, other_page) -> None:
    other = np.full_like(clean(shared, OPEN_PAGE), 255)
    cv2.putText(other, "Something else", (300, 900), cv2.FONT_HERSHEY_SIMPLEX, 5, 0, 8)
    assert place_of(other, small(clean(shared, OPEN_PAGE)), CODE) is None


@pytest.fixture
def paper(own, marked, other_page):
    """w0256's paper with six lines at question 7."""
    return [other_page(own, 1), marked(own, {}), other_page(own, 3, lines=6), other_page(own, 4)]


def scan_file(student: str, folder: str = "out") -> dict:
    return json.loads(Path(folder, "scans", "submissions", student, "scan.json").read_text())


def test_an_answer_is_cut_out_and_goes_with_the_submission(exam, scans, paper, grade) -> None:
    ran = grade(scans(*paper), "--exam", "class/exam.json", "-o", "out", "--record")
    assert ran.status == 0, ran.err
    said = scan_file("w0256")
    assert said["pictures"] == {ANSWER: [f"answers/{ANSWER}-1.jpg"]}
    assert said["bare"] == []
    assert said["waiting"][ANSWER] == "paper"
    with Image.open(f"out/scans/submissions/w0256/answers/{ANSWER}-1.jpg") as cut:
        assert cut.size == (
            round((140 + 2 * AROUND) * DOTS_A_MM),
            round((50 + 2 * AROUND) * DOTS_A_MM),
        )
        dots = np.asarray(cut)
    inside = dots[40:-40, 40:-40]
    assert 0.005 < float((inside < 128).mean()) < 0.3
    store = open_store()
    (graded,) = graded_submissions(store, "mock-exam")
    names = zipfile.ZipFile(io.BytesIO(submission_content(store, graded.number))).namelist()
    store.close()
    assert names == [f"answers/{ANSWER}-1.jpg", "answers.yaml", "scan.json"]


def test_a_space_with_nothing_in_it_is_told(exam, scans, own, marked, other_page, grade) -> None:
    looks = [Look(noise=4, jpeg=50), Look(dpi=100, skew=3, shade=0.3), Look(dpi=300, fold=0.8)]
    for look in looks:
        pile = scans(marked(own, {}), other_page(own, 3, look=look))
        assert grade(pile, "--exam", "class/exam.json", "-o", "out").status in (0, 1)
        assert scan_file("w0256")["bare"] == [ANSWER], look
    faint = other_page(own, 3, look=Look(dpi=100, contrast=0.8), lines=1)
    grade(scans(marked(own, {}), faint), "--exam", "class/exam.json", "-o", "out")
    assert scan_file("w0256")["bare"] == []


def test_a_page_that_was_not_scanned_is_told_where_others_were(
    exam, scans, own, marked, other_page, grade
) -> None:
    second = layout_of("w0300", 6, student="w0300")
    pile = scans(marked(own, {}), other_page(own, 3, lines=2), marked(second, {}))
    ran = grade(pile, "--exam", "class/exam.json", "-o", "out")
    assert "page 3 of w0300: not scanned" in ran.err.replace("pages", "page")
    assert scan_file("w0300")["waiting"][ANSWER] == "paper"
    assert scan_file("w0300")["pictures"] == {}


def test_cut_out_once_is_cut_out_and_what_is_gone_is_made_again(exam, scans, paper, grade) -> None:
    pile = scans(*paper)
    words = (pile, "--exam", "class/exam.json", "-o", "out")
    grade(*words)
    (cut,) = Path("out/scans/answers").iterdir()
    before, stamp = cut.read_bytes(), cut.stat().st_mtime_ns
    grade(*words)
    assert cut.stat().st_mtime_ns == stamp
    assert len(Path("out/scans/places.jsonl").read_text().splitlines()) == 1
    cut.unlink()
    grade(*words)
    assert cut.read_bytes() == before


def test_without_the_print_the_whole_page_is_shown(exam, scans, paper, grade) -> None:
    Path("class/w0256/exam.pdf").unlink()
    ran = grade(scans(*paper), "--exam", "class/exam.json", "-o", "out")
    assert "open answers of form w0256 are shown as whole pages" in ran.err
    with Image.open(f"out/scans/submissions/w0256/answers/{ANSWER}-1.jpg") as cut:
        assert max(cut.size) == 1400
    assert "page 3 cannot be made straight: the whole page is shown to whoever marks it" in ran.err
    assert (
        "cannot be made straight: the whole page is shown"
        in Path("out/scans/pages.csv").read_text()
    )


def test_two_scans_of_a_page_are_both_shown(exam, scans, paper, own, other_page, grade) -> None:
    again = other_page(own, 3, lines=6, look=replace(Look(), noise=2.0), seed=5)
    grade(scans(*paper, again), "--exam", "class/exam.json", "-o", "out")
    assert len(scan_file("w0256")["pictures"][ANSWER]) == 2
    grade(scans(*paper), "--exam", "class/exam.json", "-o", "out")
    assert len(scan_file("w0256")["pictures"][ANSWER]) == 1
    assert len(list(Path("out/scans/submissions/w0256/answers").iterdir())) == 1
