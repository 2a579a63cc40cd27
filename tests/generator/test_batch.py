"""A class's papers: killed in the middle and gone on with, on one processor or several, and marked."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time

import pikepdf
import pytest

from generator.batch import FORM_FILES
from generator.crew import Crew, LostWorker
from question_bank.diagnostics import InputError, bad_input

CLASS = """\
id;name;seat;large_print;extra_minutes
w0001;Ada Lovelace;3;;
w0002;"Hopper, Grace";2;yes;30
w0003;Jürgen Müller;1;;
w0004;=1+2;4;;
"""


def command(folder, bank, *words):
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from generator.cli import main; main()",
            *map(str, words),
            "--bank",
            str(bank),
        ],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A group of its own: what it leaves running can be seen.
        start_new_session=True,
    )


def run(folder, bank, *words):
    process = command(folder, bank, *words)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out, err


def tree(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


CLASS_FILES = {"exam.json", "seats.csv", "seats.pdf", "certificate.json", "certificate.pdf"}
GENERATE = ("generate", "--seed", 5, "--students", "class.csv", "-o", "exam")


@pytest.fixture(scope="module")
def undisturbed(bank_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "class.csv").write_text(CLASS, encoding="utf-8-sig")
    out, err = run(folder, bank_folder, *GENERATE)
    assert err == ""
    assert "4 students, a form for each" in out
    listed = {line.strip() for line in out.split("written:\n")[1].splitlines()}
    first = {f"w0001/{name}" for name in FORM_FILES}
    assert listed == {
        *(f"exam/{name}" for name in CLASS_FILES | first),
        "... and so for each of the 4 students",
    }
    return folder / "exam"


def test_each_student_has_a_folder_and_there_are_seat_lists(undisturbed):
    ids = ["w0001", "w0002", "w0003", "w0004"]
    names = {f"{i}/{name}" for i in ids for name in FORM_FILES}
    assert tree(undisturbed).keys() == names | CLASS_FILES
    record = json.loads((undisturbed / "exam.json").read_text())
    assert [form["student"]["name"] for form in record["forms"]][1] == "Hopper, Grace"
    for student in ids:
        key = json.loads((undisturbed / student / "key.json").read_text())
        assert key["form"] == student
        with pikepdf.open(undisturbed / student / "exam.pdf") as paper:
            assert len(paper.pages) > 3
    rows = (undisturbed / "seats.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [row.split(",")[1] for row in rows[1:]] == ["1", "2", "3", "4"]
    assert "'=1+2" in rows[4]


def still_running(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("jobs", [1, 2])
def test_killed_in_the_middle_it_goes_on_and_ends_in_the_same_bytes(
    undisturbed, bank_folder, tmp_path, jobs
):
    (tmp_path / "class.csv").write_text(CLASS, encoding="utf-8")
    exam = tmp_path / "exam"
    process = command(tmp_path, bank_folder, *GENERATE, "--jobs", jobs)
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline and not list(exam.glob("w*/key.json")):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    finished = [path for path in exam.iterdir() if path.name.startswith("w")]
    assert 1 <= len(finished) < 4
    for folder in finished:
        assert tree(folder) == tree(undisturbed / folder.name)
    assert not (exam / "exam.json").exists()
    # No worker outlives the command by more than the job that it is at.
    while time.monotonic() < deadline and still_running(process.pid):
        time.sleep(0.05)
    assert not still_running(process.pid)

    other = command(tmp_path, bank_folder, "generate", "--seed", 6, "-o", "exam")
    _, err = other.communicate(timeout=100)
    assert other.returncode == 2
    assert "what is finished of another exam" in err

    before = {folder.name: folder.stat().st_ino for folder in finished}
    out, _ = run(tmp_path, bank_folder, *GENERATE, "--json", "--jobs", jobs)
    assert json.loads(out)["resumed"] == len(finished)
    assert tree(exam) == tree(undisturbed)
    assert {name: (exam / name).stat().st_ino for name in before} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["class.csv", "exam"]


def test_without_a_seed_the_exam_that_was_stopped_goes_on(bank_folder, tmp_path):
    (tmp_path / "class.csv").write_text(CLASS, encoding="utf-8")
    words = ("generate", "--students", "class.csv", "-o", "exam", "--jobs", 1)
    process = command(tmp_path, bank_folder, *words)
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline and not list(tmp_path.glob("exam/w*/key.json")):
        assert process.poll() is None
        time.sleep(0.01)
    # Ctrl-C at a terminal reaches the whole group.
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=100)
    assert process.returncode == 130
    assert "what is finished stays; the same command goes on" in err
    seed = json.loads((tmp_path / "exam" / "exam.json.unfinished").read_text())["seed"]
    out, err = run(tmp_path, bank_folder, *words, "--json")
    assert json.loads(out)["seed"] == seed
    assert json.loads(out)["resumed"] >= 1
    assert f"goes on with the seed {seed}" in err


def test_regenerating_makes_all_of_it_again(undisturbed, bank_folder, tmp_path):
    _, err = run(
        tmp_path, bank_folder, "regenerate", undisturbed / "exam.json", "-o", "again", "--jobs", 1
    )
    assert err == ""
    assert tree(tmp_path / "again") == tree(undisturbed)


def test_regenerating_says_which_versions_differ(undisturbed, bank_folder, tmp_path):
    record = json.loads((undisturbed / "exam.json").read_text())
    record["versions"]["weasyprint"] = "60.0"
    record["forms"] = record["forms"][:1]
    (tmp_path / "exam.json").write_text(json.dumps(record))
    out, err = run(tmp_path, bank_folder, "regenerate", "exam.json", "-o", "again", "--json")
    assert "made with other versions, so its pages may differ: weasyprint 60.0, now " in err
    assert json.loads(out)["other_versions"][0].startswith("weasyprint 60.0")


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("id,name\nw1,Ada\nw1,Grace\n", "class.csv:3:1: error[same-id]"),
        ("id,name\n../w1,Ada\n", "class.csv:2:1: error[bad-id]"),
    ],
)
def test_a_wrong_table_is_refused_before_anything_is_made(bank_folder, tmp_path, table, says):
    (tmp_path / "class.csv").write_text(table)
    process = command(tmp_path, bank_folder, *GENERATE)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert out == ""
    assert says in err
    assert [path.name for path in tmp_path.iterdir()] == ["class.csv"]


def test_a_submission_is_marked_by_the_students_own_key(undisturbed, tmp_path):
    student = "w0002"
    key = json.loads((undisturbed / student / "key.json").read_text())
    numeric = next(q for q in key["questions"] if q["parts"][0]["answer"]["type"] == "numeric")
    right = numeric["parts"][0]["answer"]["value"]
    label = f"{numeric['number']}{numeric['parts'][0]['label']}"
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "answers.yaml").write_text(
        f'form: {student}\nanswers: {{{label}: "{right}"}}\n'
    )
    for given in (
        ("--exam", undisturbed / "exam.json"),
        ("--key", undisturbed / student / "key.json"),
    ):
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                "from grader.cli import main; main()",
                "in",
                *map(str, given),
                "--user",
                student,
                "--json",
                "-",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        assert report["score"] == numeric["parts"][0]["points"]
        assert report["assignment"] == key["assignment"]


def test_seat_list_and_papers_hold_no_seed_and_no_metadata_but_the_title(undisturbed):
    for path in [undisturbed / "seats.pdf", *undisturbed.glob("*/exam.pdf")]:
        with pikepdf.open(io.BytesIO(path.read_bytes())) as document:
            assert set(document.docinfo) <= {"/Title", "/Producer"}


def double(shared, job):
    if job == "refused":
        raise bad_input("no", "this is refused")
    if job == "fault":
        raise ZeroDivisionError("our own")
    if job == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    return shared * job


def test_a_crew_does_every_job_once():
    with Crew(2) as crew:
        assert dict(crew.map(double, 2, range(20))) == {n: 2 * n for n in range(20)}


def test_a_crew_passes_on_what_goes_wrong():
    for job, error, says in (
        ("refused", InputError, "this is refused"),
        ("fault", RuntimeError, "ZeroDivisionError: our own"),
        ("killed", LostWorker, "out of memory, or killed"),
    ):
        with Crew(2) as crew, pytest.raises(error, match=says):
            list(crew.map(double, 2, [job]))
