"""`grade SCANS --exam exam.json`: from a pile of pages to reports, with every page accounted for."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from grader.scans.decisions import load_decisions
from tests.grader.conftest import ROOT, choice_letters
from tests.grader.scans.printed import layout_of, printed_page
from tests.grader.scans.synthetic import Look


@pytest.fixture
def right(key) -> dict[str, str]:
    """The marks of somebody who knows question 1."""
    letters = choice_letters(key, right=True).split(", ")
    return {f"1{letter}": "cross" for letter in letters}


@pytest.fixture
def paper(own, marked, other_page, right):
    """All pages of w0256's paper."""
    return [
        other_page(own, 1),
        marked(own, right, look=Look(skew=2)),
        other_page(own, 3, look=Look(quarter_turns=2)),
        other_page(own, 4),
    ]


@pytest.fixture
def second(other_page, marked):
    """All pages of w0300's paper, with a stroke at 2b that is no cross."""
    layout = layout_of("w0300", 6, student="w0300")
    sheet = marked(layout, {"1a": "cross"}, struck="2b")
    return [other_page(layout, 1), sheet, other_page(layout, 3), other_page(layout, 4)]


def report(folder: str, student: str) -> dict:
    return json.loads(Path(folder, f"{student}.json").read_text())


def test_a_pile_of_papers(exam, scans, paper, second, grade) -> None:
    pages = [*paper, *second]
    pile = scans(*[pages[n] for n in (6, 0, 5, 3, 1, 7, 2, 4)])
    ran = grade(pile, "--exam", "class/exam.json", "-o", "out")
    assert ran.status == 1
    assert "8 pages: 2 answer sheets read, 6 pages with open answers" in ran.err
    assert "1 decision to make: add --unsure" in ran.err
    known = report("out", "w0256")
    assert (known["user"], known["form"], known["score"]) == ("w0256", "w0256", 2.0)
    verdicts = {check["id"]: check["verdict"] for check in known["checks"]}
    assert verdicts == {"1": "right", **dict.fromkeys("23456", "not_answered"), "7": "needs_person"}
    assert known["passed"] is None
    other = {check["id"]: check for check in report("out", "w0300")["checks"]}
    assert other["1"]["verdict"] == "wrong"
    assert other["2"]["verdict"] == "needs_person"
    assert "leaves open which boxes are checked" in other["2"]["message"]
    with Path("out/scans/pages.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["student"], row["page"]) for row in rows[:2]] == [("w0300", "3"), ("w0256", "1")]
    assert len(rows) == 8
    assert rows[2]["note"] == "1 box not clear"


def test_what_is_read_once_is_not_read_again(exam, scans, paper, grade) -> None:
    pile = scans(*paper)
    assert grade(pile, "--exam", "class/exam.json", "-o", "out").status == 0
    before = Path("out/w0256.json").read_bytes()
    ran = grade(pile, "--exam", "class/exam.json", "-o", "out")
    assert "4 pages read, 4 of them before" in ran.err
    assert "1 kept from before" in ran.err
    assert Path("out/w0256.json").read_bytes() == before


def test_a_killed_run_goes_on_where_it_was(exam, scans, paper, second, grade) -> None:
    pile = scans(*paper, *second)
    words = [str(pile), "--exam", "class/exam.json", "-o", "out"]
    command = [sys.executable, "-c", "from grader.cli import main; main()", *words]
    kept = Path("out/scans/readings.jsonl")
    process = subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE
    )
    while process.poll() is None and not (kept.exists() and kept.read_bytes().count(b"\n") >= 2):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with kept.open("ab") as stream:
        stream.write(b'{"papers": "cut o')
    done = kept.read_bytes().count(b"\n")
    assert f"8 pages read, {done} of them before" in grade(*words).err
    assert {"w0256.json", "w0300.json"} <= {path.name for path in Path("out").iterdir()}
    assert "8 pages read, 8 of them before" in grade(*words).err


def test_unsure_boxes_are_decided_at_a_terminal_and_marked(
    exam, scans, second, grade, terminal
) -> None:
    pile = scans(*second)
    words = [str(pile), "--exam", "class/exam.json", "-o", "out", "--unsure", "--by", "Ada"]
    person = terminal(*words)
    person.until("w0300: box 2b is not clear. Is it checked?")
    picture = person.until(".png").rpartition("picture: ")[2]
    with Image.open(picture) as shown:
        assert shown.width > 300
    person.until("q leave")
    person.press("y")
    person.until("no page was scanned of 1 paper")
    assert person.end() == 0
    (decision,) = load_decisions(Path("out/scans"))
    assert (decision.by, decision.about, decision.box, decision.said) == (
        "Ada",
        "box",
        "2b",
        "checked",
    )
    checks = {check["id"]: check["verdict"] for check in report("out", "w0300")["checks"]}
    assert checks["2"] in ("right", "wrong")
    assert grade(*words[:-3]).status == 0


def test_without_a_terminal_what_is_open_is_listed(exam, scans, second, grade) -> None:
    ran = grade(scans(*second), "--exam", "class/exam.json", "-o", "out", "--unsure")
    assert ran.status == 1
    asked, picture = ran.out.splitlines()[:2]
    assert asked.endswith("box 2b is not clear. Is it checked?")
    assert Path(picture.strip()).is_file()


def test_a_corrected_number_takes_its_report_along(
    exam, scans, shared, marked, other_page, grade, terminal
) -> None:
    pages = [other_page(shared, 1), marked(shared, {"1a": "cross"}, number="12")]
    pile = scans(*pages)
    ran = grade(pile, "--exam", exam, "-o", "out")
    assert ran.status == 1
    assert not list(Path("out").glob("1*.json"))
    for typed, kept in (("123", "123"), ("124", "124")):
        decisions = Path("out/scans/decisions.jsonl")
        if decisions.exists():  # somebody decides anew
            line = json.loads(decisions.read_text().splitlines()[-1])
            decisions.write_text(decisions.read_text() + json.dumps({**line, "said": typed}) + "\n")
            grade(pile, "--exam", exam, "-o", "out")
        else:
            person = terminal(str(pile), "--exam", str(exam), "-o", "out", "--unsure")
            person.until("no digit is crossed at place 3 of the student number. Whose is it?")
            person.press(f"t{typed}\n")
            person.until("2 pages: 1 answer sheet read")
            person.end()
        assert [path.name for path in Path("out").glob("1*.json")] == [f"{kept}.json"]
        assert report("out", kept)["user"] == kept


def test_only_what_is_certain_is_recorded(exam, scans, paper, second, grade) -> None:
    from leaderboard.store import graded_submissions, open_store

    ran = grade(scans(*paper, *second), "--exam", "class/exam.json", "-o", "out", "--record")
    assert "not recorded before somebody has looked at the answer sheet: w0300" in ran.err
    store = open_store(must_exist=True)
    assert [graded.user for graded in graded_submissions(store, "mock-exam")] == ["w0256"]
    store.close()
    assert report("out", "w0300")["pending_points"] > 0


def test_every_trouble_is_told(exam, scans, paper, own, marked, clean, grade) -> None:
    foreign = printed_page(own, 3, code="MX1:OTHER1:w0256:3")
    torn = marked(layout_of("w0300", 6, student="w0300"), {}, look=Look(torn=(0, 1)))
    bare = np.full_like(foreign, 250)
    pile = scans(*paper[:3], paper[0], foreign, torn, bare)
    ran = grade(pile, "--exam", "class/exam.json", "-o", "out", "--json", "-")
    assert ran.status == 1
    told = {each["code"]: each["message"] for each in json.loads(ran.out)["told"]}
    assert told == {
        "foreign": "scans.pdf, page 5 belongs to another exam (OTHER1)",
        "damaged": "scans.pdf, page 6 (form w0300, page 2): only 2 of its 4 markers can be seen, and 3 are needed; a"
        " person looks at it",
        "blank": "nothing is on scans.pdf, page 7",
        "doubled": "page 1 of w0256 was scanned 2 times: scans.pdf, page 1, scans.pdf, page 4; the same picture, which"
        " counts once",
        "missing": told["missing"],
    }
    assert (
        "7 pages: 1 answer sheet read, 3 pages with open answers, 1 blank page, 1 foreign page, 1 page not read"
        in ran.err
    )


def test_a_torn_sheet_waits_and_its_student_is_not_forgotten(exam, scans, marked, grade) -> None:
    torn = marked(layout_of("w0300", 6, student="w0300"), {}, look=Look(torn=(0, 1)))
    ran = grade(scans(torn), "--exam", "class/exam.json", "-o", "out", "--record")
    assert ran.status == 1
    assert "not recorded before somebody has looked at the answer sheet: w0300" in ran.err
    checks = report("out", "w0300")["checks"]
    assert {check["verdict"] for check in checks} == {"needs_person"}
    assert "cannot be read" in checks[0]["message"]


def test_a_page_without_a_code_is_named_by_a_person(
    exam, scans, own, marked, right, terminal
) -> None:
    page = marked(own, right).copy()
    page[-int(33 / 25.4 * 200) :, page.shape[1] // 2 : int(page.shape[1] * 0.88)] = 255
    person = terminal(str(scans(page)), "--exam", "class/exam.json", "-o", "out", "--unsure")
    person.until("Which page is it?")
    person.until("q leave")
    person.press("tZ 2\n")
    person.until("type the form, a blank and the page: A 2")
    person.press("tw0256 9\n")
    person.until("form w0256 has the pages 1 to 4")
    person.press("tw0256 2\n")
    person.until("1 page: 1 answer sheet read")
    assert person.end() == 0
    assert report("out", "w0256")["score"] == 2


def test_of_two_scans_that_differ_a_person_says_which_counts(
    exam, scans, own, marked, right, terminal
) -> None:
    pile = scans(marked(own, {"2a": "cross"}), marked(own, right))
    person = terminal(str(pile), "--exam", "class/exam.json", "-o", "out", "--unsure")
    person.until("1 of 2")
    person.press("n")
    person.until("2 of 2")
    person.press("u")
    person.until("taken back")
    person.press("n")
    person.until("2 of 2")
    person.press("y")
    person.until("2 pages: 2 answer sheets read")
    assert person.end() == 0
    assert report("out", "w0256")["score"] == 2
    said = [(each.about, each.said) for each in load_decisions(Path("out/scans"))]
    assert said == [("double", "aside"), ("double", ""), ("double", "aside"), ("double", "counts")]


def test_a_decision_is_taken_otherwise_at_a_later_sitting(exam, scans, second, terminal) -> None:
    words = [str(scans(*second)), "--exam", "class/exam.json", "-o", "out", "--unsure"]
    for more, shown, key in (
        ([], "box 2b is not clear", "y"),
        (["--again"], 'w0300: box 2b: "checked", decided by', "n"),
        (["--again", "w0300"], 'w0300: box 2b: "not checked", decided by', "-"),
    ):
        person = terminal(*words, *more)
        person.until(shown)
        person.until("q leave")
        person.press(key)
        person.until("no page was scanned of 1 paper")
        assert person.end() == 0
    assert [each.said for each in load_decisions(Path("out/scans"))] == ["checked", "empty"]


def test_a_number_that_was_read_is_corrected_at_a_terminal_and_a_taken_one_confirmed(
    exam, scans, shared, marked, terminal
) -> None:
    pile = scans(marked(shared, {}, number="123"), marked(shared, {"1a": "cross"}, number="125"))
    words = [str(pile), "--exam", str(exam), "-o", "out", "--unsure", "--again", "125"]
    person = terminal(*words)
    person.until("form A: 125 is crossed. Whose is it?")
    person.until("q leave")
    person.press("t123\n")
    person.until(
        "123 has a paper already (scans.pdf, page 1). If both are one paper, type the number again"
    )
    person.press("\n")
    person.until("nothing was decided")
    person.press("t12\n")
    person.until("the student's number has 3 digits on this sheet")
    person.press("t124\n")
    person.until("2 pages: 2 answer sheets read")
    assert person.end() == 0
    assert report("out", "124")["user"] == "124"
    assert not Path("out/125.json").exists()


def test_a_paper_that_names_somebody_else_is_given_to_who_wrote_it_at_a_terminal(
    exam, scans, own, marked, terminal
) -> None:
    pile = scans(marked(own, {"1a": "cross"}))
    words = [str(pile), "--exam", "class/exam.json", "-o", "out", "--unsure", "--again"]
    person = terminal(*words, "w0256")
    person.until("scans.pdf, form w0256: it names w0256. Whose is it?")
    person.until("q leave")
    person.press("tw0999\n")
    person.until("no paper was printed for w0999. If they wrote this one, type the number again")
    person.press("\n")
    person.until("no paper was printed for w0999: nothing was decided")
    person.press("tw0300\n")
    person.until("1 page: 1 answer sheet read")
    person.end()
    assert report("out", "w0300")["user"] == "w0300"
    assert not Path("out/w0256.json").exists()
    person = terminal(*words, "w0256")
    person.until('"w0300", decided by ')
    person.press("q")
    person.end()


def test_again_without_a_decision_is_told(exam, scans, second, grade) -> None:
    ran = grade(scans(*second), "--exam", "class/exam.json", "-o", "out", "--unsure", "--again")
    assert ran.status == 2
    assert "nobody decided anything of these scans" in ran.err


def test_photographs_in_a_folder(exam, own, marked, right, grade) -> None:
    Path("photos").mkdir()
    Image.fromarray(marked(own, right, look=Look(perspective=0.04))).save("photos/one.jpg")
    ran = grade("photos", "--exam", "class/exam.json")
    assert ran.status == 0, ran.err
    assert "w0256" in ran.out
    ran = grade("photos", "--exam", "class/exam.json", "-o", "photos")
    assert ran.status == 2
    assert "holds the scans" in ran.err


def test_a_file_that_cannot_be_read_keeps_no_other_from_being_read(
    exam, own, marked, right, scans, grade
) -> None:
    Path("pile").mkdir()
    scans(marked(own, right), name="pile/good.pdf")
    Path("pile/cut.pdf").write_bytes(Path("pile/good.pdf").read_bytes()[:300])
    Image.new("1", (30000, 30000)).save("pile/huge.png")
    for stray in ("Thumbs.db", "notes.txt"):
        Path("pile", stray).write_bytes(b"no scan")
    ran = grade("pile", "--exam", "class/exam.json", "-o", "out")
    assert ran.status == 1
    assert report("out", "w0256")["score"] == 2
    assert "pile/cut.pdf is no PDF that can be read" in ran.err
    assert "pile/huge.png" in ran.err
    assert "pile/notes.txt is no scan, and was not read" in ran.err
    assert "Thumbs.db" not in ran.err
    with Path("out/scans/pages.csv").open() as stream:
        became = {row["file"]: row["became"] for row in csv.DictReader(stream)}
    assert became == {"pile/good.pdf": "sheet", "pile/cut.pdf": "unread", "pile/huge.png": "unread"}
    # A name that was mistyped is no file that cannot be read.
    assert grade("pile/good.pdf", "goood.pdf", "--exam", "class/exam.json").status == 2


MISUSE = {
    "no key": (["s.pdf"], "scans are read against an exam's layout and key"),
    "a user": (["s.pdf", "--exam", "class/exam.json", "--user", "x"], "--user is not for scans"),
    "no folder": (["s.pdf", "--exam", "class/exam.json", "--unsure"], "--unsure needs a folder"),
    "mixed": (["s.pdf", "w.zip", "--exam", "class/exam.json"], "is no scan, and s.pdf is one"),
    "unsure without scans": (["w.zip", "--exam", "class/exam.json", "--unsure"], "--unsure belongs to scans"),
    "broken": (["s.pdf", "--exam", "class/exam.json"], "is no PDF that can be read"),
    "not there": (["none.pdf", "--exam", "class/exam.json"], "No such file"),
    "twice the name": (["s.pdf", "f/s.pdf", "--exam", "class/exam.json"], "two files are called s.pdf"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISUSE)
def test_misuse_is_refused_in_a_sentence(name, exam, grade) -> None:
    words, said = MISUSE[name]
    Path("f").mkdir()
    for file in ("s.pdf", "w.zip", "f/s.pdf"):
        Path(file).write_bytes(b"no scan")
    ran = grade(*words, "-o", "out") if name != "no folder" else grade(*words)
    assert ran.status == 2
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert not Path("out").exists()


LAYOUTS = {
    "missing": (None, "is missing: nothing says where the boxes of this form lie"),
    "no JSON": ("{", "is no layout of a form"),
    "older": ("older", "page_count: Field required"),
    "another exam": ("other", 'belongs to the exam "OTHER1"'),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_that_does_not_fit_is_told(name, exam, grade) -> None:
    content, said = LAYOUTS[name]
    file = Path("class/w0300/layout.json")
    data = json.loads(file.read_text())
    if content == "older":
        del data["page_count"]
        content = json.dumps(data)
    elif content == "other":
        content = json.dumps({**data, "exam": "OTHER1"})
    file.unlink()
    if content is not None:
        file.write_text(content)
    Path("s.pdf").write_bytes(b"")
    ran = grade("s.pdf", "--exam", "class/exam.json")
    assert ran.status == 2
    assert said in ran.err
