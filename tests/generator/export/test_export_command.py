"""`mockexam export`, as it is typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.generator.export.reading_moodle import read_moodle

CASES = yaml.safe_load(Path(__file__).with_name("command.yaml").read_text())
ENDINGS = {
    "moodle": ["moodle.xml"],
    "gift": ["gift"],
    "qti21": ["qti21.zip"],
    "qti3": ["qti3.zip"],
    "canvas": ["canvas.zip"],
}


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


@pytest.fixture(scope="module")
def record(bank_folder, tmp_path_factory):
    """An exam.json of two forms, without its PDFs."""
    from generator.blueprint import load_blueprint
    from generator.make import make_exam
    from generator.record import dumps, record_of
    from question_bank.loader import load_bank

    exam = make_exam(load_blueprint("mock_exam"), load_bank([bank_folder]), seed=77_001, forms=2)
    file = tmp_path_factory.mktemp("exam") / "exam.json"
    file.write_text(dumps(record_of(exam)))
    return file


@pytest.mark.parametrize("name", ENDINGS)
def test_a_file_and_its_report_are_written(name, record, bank_folder, work):
    done = mockexam("export", record, "--to", name, "--bank", bank_folder, cwd=work)
    assert done.returncode == 0, done.stderr
    files = [f"mock_exam-77001.{ending}" for ending in ENDINGS[name]]
    assert sorted(p.name for p in work.iterdir()) == [files[0], f"{files[0]}.losses.json"]
    assert done.stdout.splitlines() == ["written:", f"  {files[0]}", f"  {files[0]}.losses.json"]
    told = json.loads((work / f"{files[0]}.losses.json").read_text())
    assert told["format"] == name
    assert told["forms"] == ["A", "B"]
    assert done.stderr.startswith(f"what {name} does not keep:\n")
    for kind, count in told["kinds"].items():
        assert f"{kind} {count}" in done.stderr
    assert {"form", "label", "question", "effect", "kind", "message"} == set(told["losses"][0])


def test_each_form_has_a_page_of_its_own_whose_name_holds_no_seed(record, bank_folder, work):
    done = mockexam("export", record, "--to", "html", "--bank", bank_folder, cwd=work)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert sorted(p.name for p in work.iterdir()) == ["mock_exam-A.html", "mock_exam-B.html"]
    assert all("77001" not in p.read_text() for p in work.iterdir())


def test_one_form_can_be_chosen_and_named(record, bank_folder, work):
    words = ["--to", "html", "--form", "B", "-o", "paper.html", "--bank", bank_folder]
    assert mockexam("export", record, *words, cwd=work).returncode == 0
    assert [p.name for p in work.iterdir()] == ["paper.html"]
    words = ["--to", "moodle", "--form", "B", "--bank", bank_folder]
    assert mockexam("export", record, *words, cwd=work).returncode == 0
    places = read_moodle((work / "mock_exam-77001-B.moodle.xml").read_bytes())
    assert {form for form, _ in places} == {"B"}


def test_json_holds_what_the_report_holds(record, bank_folder, work):
    words = ["--to", "gift", "--json", "--bank", bank_folder]
    done = mockexam("export", record, *words, cwd=work)
    told = json.loads(done.stdout)
    report = json.loads((work / "mock_exam-77001.gift.losses.json").read_text())
    assert told["losses"] == report["losses"]
    assert told["kinds"] == report["kinds"]
    assert told["questions"] > 0
    assert done.stderr == ""


def test_the_same_bytes_in_another_process(record, bank_folder, work):
    for name in ("moodle", "qti3", "canvas", "html"):
        for seed in ("1", "2"):
            words = ["--to", name, "--form", "A", "-o", f"{name}{seed}", "--bank", bank_folder]
            assert mockexam("export", record, *words, cwd=work, hash_seed=seed).returncode == 0
        assert (work / f"{name}1").read_bytes() == (work / f"{name}2").read_bytes()


def test_another_bank_is_refused_unless_it_is_wanted(record, bank_folder, work):
    other = work / "other"
    other.mkdir()
    for file in Path(bank_folder).iterdir():
        (other / file.name).write_text(
            file.read_text().replace("source: Lecture", "source: lecture")
        )
    refused = mockexam("export", record, "--to", "gift", "--bank", other, cwd=work)
    assert refused.returncode == 2
    assert "error[other-bank]" in refused.stderr
    assert [p.name for p in work.iterdir()] == ["other"]
    words = ["--to", "gift", "--bank", other, "--any-bank"]
    assert mockexam("export", record, *words, cwd=work).returncode == 0


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_misuse_is_answered_in_one_line(case, record, bank_folder, work):
    (work / "folder").mkdir()
    (work / "exam.json").write_bytes(record.read_bytes())
    (work / "text").write_text("nothing")
    words = [str(bank_folder) if word == "BANK" else word for word in case["words"]]
    before = sorted(p.name for p in work.iterdir())
    done = mockexam("export", *words, cwd=work)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert case["says"] in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert sorted(p.name for p in work.iterdir()) == before
