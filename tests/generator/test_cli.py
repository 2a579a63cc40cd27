"""The command, as it is typed: a process of its own, real questions, real PDFs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
import yaml

from generator.cli import main

MISUSE = yaml.safe_load(Path(__file__).with_name("misuse.yaml").read_text())


def mockexam(*words, cwd, hash_seed="0"):
    return subprocess.run(
        [sys.executable, "-c", "from generator.cli import main; main()", *map(str, words)],
        cwd=cwd,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def tree(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def made(bank_folder, tmp_path_factory):
    """Two forms, made once; the folder, and what the command said."""
    work = tmp_path_factory.mktemp("made")
    done = mockexam(
        "generate", "--seed", 7, "--forms", 2, "-o", "exam", "--bank", bank_folder, cwd=work
    )
    assert done.returncode == 0, done.stderr
    return work / "exam", done


def test_it_says_what_was_made_and_where(made):
    folder, done = made
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "Mock exam · Introduction to Deep Learning"
    assert lines[1] == ("seed 7 · 90 points · 90 minutes · forms A, B · assignment mock_exam-7")
    assert lines[3].split() == ["Section", "Questions", "Points", "Lectures"]
    assert lines[4].startswith("Multiple choice          9      18  ")
    assert lines[7].endswith("90  12 lectures")
    for name in tree(folder):
        assert f"  exam/{name}" in lines


def test_the_same_seed_makes_the_same_bytes_in_another_process(made, bank_folder, tmp_path):
    done = mockexam(
        "generate", "mock_exam", "--seed=7", "--forms=2", "-o", "deep/er/again", "--bank", bank_folder,
        cwd=tmp_path, hash_seed="4242",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    first, second = tree(made[0]), tree(tmp_path / "deep/er/again")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_form_a_alone_is_form_a_of_two(made, bank_folder, tmp_path):
    mockexam("generate", "--seed", 7, "-o", "one", "--bank", bank_folder, cwd=tmp_path)
    for name in ("exam.pdf", "solutions.pdf", "key.json", "layout.json"):
        assert (tmp_path / "one/A" / name).read_bytes() == (made[0] / "A" / name).read_bytes()


def test_regenerate_writes_the_same_bytes(made, bank_folder, tmp_path):
    before = tree(made[0])
    done = mockexam(
        "regenerate", made[0] / "exam.json", "-o", "again", "--bank", bank_folder, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "again") == before


def test_regenerate_refuses_another_bank(made, tmp_path, bank_folder):
    changed = tmp_path / "changed"
    changed.mkdir()
    for file in bank_folder.iterdir():
        (changed / file.name).write_text(file.read_text().replace("alpha", "first"))
    words = ("regenerate", made[0] / "exam.json", "-o", "again", "--bank", changed)
    done = mockexam(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert "error[other-bank]" in done.stderr
    assert "--any-bank" in done.stderr
    assert not (tmp_path / "again").exists()
    assert mockexam(*words, "--any-bank", cwd=tmp_path).returncode == 0


def test_excluded_questions_are_out(made, bank_folder, tmp_path):
    bank = tmp_path / "bank"
    bank.mkdir()
    for file in bank_folder.iterdir():
        (bank / file.name).write_text(file.read_text())
        text = file.read_text().replace(f"id: {file.stem}", f"id: {file.stem}b")
        (bank / f"{file.stem}b.yaml").write_text(text)
    done = mockexam(
        "generate", "--exclude", made[0] / "exam.json", "--seed", 7, "--bank", bank, "--json", "-o", "new",
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    new = {name for section in said["sections"] for name in section["questions"]}
    record = json.loads((tmp_path / "new/exam.json").read_text())
    old = json.loads((made[0] / "exam.json").read_text())
    used = {q["id"] for s in old["forms"][0]["sections"] for q in s["questions"]}
    assert not used & new
    assert set(record["excluded"]) == used
    # What was kept out of it stays out when it is made again.
    again = mockexam("regenerate", "new/exam.json", "--bank", bank, "-o", "copy", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert tree(tmp_path / "copy") == tree(tmp_path / "new")


def test_a_sheet_for_one_lecture_and_disjoint_forms_come_with_their_certificate(tmp_path):
    words = ("quiz_sheet", "--lecture", 5, "--seed", 2, "--forms", 2, "--disjoint", "-o", "sheet")
    done = mockexam("generate", *words, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["assignment"] == "quiz_sheet-05-2"
    record = json.loads((tmp_path / "sheet/exam.json").read_text())
    first, second = (
        {q["id"] for s in form["sections"] for q in s["questions"]} for form in record["forms"]
    )
    assert not first & second
    certified = json.loads((tmp_path / "sheet/certificate.json").read_text())
    # Exit status 0, and one line where they are not alike.
    assert certified["verdict"] == "not_comparable"
    assert json.loads(done.stdout)["comparable"] is False
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(
        "mockexam: sheet/certificate.pdf: warning[not-comparable]: the forms are not comparable: "
    )
    assert [form["lectures"] for form in certified["forms"]] == [{"5": 15.0}] * 2
    page = pdf_text(tmp_path / "sheet/certificate.pdf")
    assert "Quiz sheet: lecture 5: Comparability of the forms" in page
    again = mockexam("regenerate", "sheet/exam.json", "-o", "again", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert tree(tmp_path / "again") == tree(tmp_path / "sheet")


QUICK = """\
id: quick
title: Quick
course: Course
minutes: 5
points: 2
pass_mark: 1
use: practice
lectures: [1]
sections: [{kind: multiple_choice, questions: 1}]
"""


def test_without_a_seed_it_takes_a_fresh_one_and_prints_it(bank_folder, tmp_path):
    (tmp_path / "quick.yaml").write_text(QUICK)
    words = ("generate", "quick.yaml", "--bank", bank_folder, "--json")
    said = [json.loads(mockexam(*words, cwd=tmp_path).stdout) for _ in range(2)]
    assert said[0]["seed"] != said[1]["seed"]
    for one in said:
        assert one["folder"] == one["assignment"] == f"quick-{one['seed']}"
        assert (tmp_path / one["folder"] / "A" / "exam.pdf").exists()
        # Of several forms the data say whether they are comparable.
        assert one["comparable"] is None


def test_a_typed_seed_that_can_be_guessed_is_warned_of_where_the_exam_counts(bank_folder, tmp_path):
    (tmp_path / "quick.yaml").write_text(QUICK.replace("practice", "exam"))
    words = ("generate", "quick.yaml", "--bank", bank_folder, "--seed")
    small, large = (mockexam(*words, seed, cwd=tmp_path) for seed in (2026, 71828182845904))
    assert small.returncode == large.returncode == 0
    assert small.stderr.startswith("mockexam: warning[weak-seed]: the seed 2026 can be guessed")
    assert small.stderr.count("\n") == 1
    assert large.stderr == ""


def test_a_roster_with_a_name_that_no_font_has_makes_every_paper(bank_folder, tmp_path):
    (tmp_path / "quick.yaml").write_text(
        QUICK.replace("title: Quick", "title: {en: Quick, de: Kurz}")
    )
    (tmp_path / "class.csv").write_text("id;name\nw7;王小明\nw8;Ada Lovelace\n", encoding="utf-8")
    words = (
        "generate",
        "quick.yaml",
        "--bank",
        bank_folder,
        "--students",
        "class.csv",
        "-o",
        "exam",
    )
    done = mockexam(*words, "--language", "de", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("mockexam: warning[no-glyph]: the name of w7, ")
    assert done.stderr.count("\n") == 1
    record = json.loads((tmp_path / "exam/exam.json").read_text(encoding="utf-8"))
    assert record["forms"][0]["student"]["name"] == "王小明"
    assert "王小明" in (tmp_path / "exam/seats.csv").read_text(encoding="utf-8")
    theirs, other = (pdf_text(tmp_path / "exam" / name / "exam.pdf") for name in ("w7", "w8"))
    assert "w7" in theirs
    assert "Ada Lovelace" in other
    for page in (theirs, other):
        assert "Kurz" in page
        assert "Mehrfachauswahl" in page
        assert "Multiple choice" not in page
    # The lists have a line in the place of the name, and the papers come out again.
    lists = pdf_text(tmp_path / "exam/seats.pdf")
    for word, stands in (("w7", True), ("Lovelace", True), ("\ufffd", False)):
        assert (word in lists) is stands
    again = mockexam(
        "regenerate", "exam/exam.json", "--bank", bank_folder, "-o", "again", cwd=tmp_path
    )
    assert again.returncode == 0, again.stderr
    assert tree(tmp_path / "again") == tree(tmp_path / "exam")


def pdf_text(path):
    text = subprocess.run(
        ["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True
    ).stdout
    return unicodedata.normalize("NFKC", text)


def test_the_paper_holds_no_key(made):
    folder, _ = made
    key = json.loads((folder / "A" / "key.json").read_text())
    record = json.loads((folder / "exam.json").read_text())
    paper, solutions = (pdf_text(folder / "A" / f"{name}.pdf") for name in ("exam", "solutions"))
    raw = (folder / "A" / "exam.pdf").read_bytes()
    products = [q["let"] and q for q in key["questions"] if q["id"].startswith("short")]
    assert products
    for question in products:
        left, right = question["parameters"]["left"], question["parameters"]["right"]
        assert str(left * right) not in paper
        assert str(left * right) in solutions.replace(" ", "")
    assert "marker" in solutions
    assert "marker" not in paper
    for section in record["forms"][0]["sections"]:
        for question in section["questions"]:
            assert question["id"] not in paper
            assert question["id"].encode() not in raw
            assert str(question["seed"]).encode() not in raw


@pytest.mark.parametrize("case", MISUSE, ids=lambda case: case["name"])
def test_misuse_is_answered_with_one_line_and_status_2(
    case, bank_folder, tmp_path, monkeypatch, capsys
):
    (tmp_path / "file").write_text("text")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    words = [word.replace("BANK", str(bank_folder)) for word in case["words"]]
    before = tree(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["mockexam", *words])
    with pytest.raises(SystemExit) as done:
        main()
    said = capsys.readouterr()
    assert done.value.code == 2
    assert said.out == ""
    assert case["says"] in said.err
    assert case.get("hint", "") in said.err
    problems = [line for line in said.err.splitlines() if not line.startswith("  ")]
    assert len(problems) == 1
    assert tree(tmp_path) == before
    assert {path.name for path in tmp_path.iterdir()} == {"file", "full"}


def test_the_shipped_blueprints_are_listed_and_printed(tmp_path):
    listed = mockexam("blueprints", cwd=tmp_path)
    rows = [line.split() for line in listed.stdout.splitlines()]
    assert ["mock_exam", "Mock", "exam", "90", "90"] in rows
    assert ["short_mock", "Short", "mock", "exam", "31", "31"] in rows
    printed = mockexam("blueprints", "mock_exam", cwd=tmp_path).stdout
    (tmp_path / "mine.yaml").write_text(printed)
    as_data = json.loads(mockexam("blueprints", "mock_exam", "--json", cwd=tmp_path).stdout)
    assert as_data["points"] == 90
    rows = json.loads(mockexam("blueprints", "--json", cwd=tmp_path).stdout)
    assert {"name": "mock_exam", "title": "Mock exam", "minutes": 90, "points": 90} in rows
    schema = json.loads(mockexam("blueprints", "--schema", cwd=tmp_path).stdout)
    assert {"sections", "quotas", "pins"} <= set(schema["properties"])


def test_help_imports_nothing_heavy(tmp_path):
    program = (
        "import sys; sys.argv = ['mockexam', 'generate', '--help']\n"
        "from generator.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'scipy', 'pydantic', 'yaml', 'jinja2', 'weasyprint', 'torch', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
