"""Several submissions at once: all that can be graded are, none twice, and nothing stops the others."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import unicodedata
import zipfile
from pathlib import Path

import pytest

from grader.batch_desk import Desk
from leaderboard.store import open_store
from leaderboard.tables import results, submissions

ROOT = Path(__file__).resolve().parents[2]
CODE = ROOT / "tests/grader/code/submissions/exercise-3"
SCORES = {
    "13": "form: A\nanswers: {1: [A, D], 2: [1 2 3], 4a: 6, 4b: 7, 4c: 14}\n",
    "2": "form: A\nanswers: {1: [a, d]}\n",
    "0": "form: A\nanswers: {}\n",
}


@pytest.fixture
def in_this_process(monkeypatch):
    """Jobs as calls: a test may then break something inside."""

    def graded(members, order, jobs):
        with Desk(order) as desk:
            for number, member in enumerate(members):
                yield number, desk.outcome(member)

    monkeypatch.setattr("grader.batch.graded_by_jobs", graded)


@pytest.fixture
def class_folder(work, key_file, hand_in):
    """Thirty submissions, six of which cannot be graded."""
    for number in range(24):
        hand_in(list(SCORES.values())[number % 3], name=f"hand-in/w{number:04}.zip")
    hand_in("answers: [", name="hand-in/w0101.zip")
    hand_in("form: Z\nanswers: {}", name="hand-in/w0102.zip")
    hand_in(None, name="hand-in/w0103.zip", notes__txt="hello")
    (work / "hand-in/w0104.zip").write_bytes(b"no zip")
    (work / "hand-in/w0105.rar").write_bytes(b"Rar!")
    with zipfile.ZipFile(work / "hand-in/w0106.zip", "w") as archive:
        archive.writestr("../escape.py", "x")
    (work / "hand-in/roster.csv").write_text("w0000\n")
    return Path("hand-in")


def reports(folder: str = "reports") -> dict[str, dict]:
    return {
        path.stem: json.loads(path.read_text("utf-8"))
        for path in sorted(Path(folder).glob("*.json"))
        if path.name != "summary.json"
    }


def summary(folder: str = "reports") -> dict[str, dict]:
    data = json.loads(Path(folder, "summary.json").read_text("utf-8"))
    return {row["submission"]: row for row in data["submissions"]}


# A background job of a shell starts with Ctrl-C ignored, and hands that on to what it starts.
COMMAND = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from grader.cli import main; main()"
)


def start(*words: object, stdout: int = subprocess.PIPE, **settings) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, *map(str, words)],
        stdout=stdout,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        **settings,
    )


def finish(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    assert b"Traceback" not in err
    return process.returncode, out.decode(), err.decode()


def test_all_that_can_be_graded_are_and_the_others_have_a_reason(class_folder, grade):
    ran = grade(class_folder, "--exam", "exam/exam.json", "-o", "reports", "--jobs", "2")
    assert ran.status == 1
    assert len(reports()) == 24
    assert {path.suffix for path in Path("reports").iterdir()} == {".json", ".html", ".csv"}
    rows = summary()
    assert len(rows) == 30
    refused = {name: row["reason"] for name, row in rows.items() if row["state"] == "refused"}
    assert sorted(refused) == [f"w010{n}.{'rar' if n == 5 else 'zip'}" for n in range(1, 7)]
    assert refused["w0105.rar"] == "this is not a zip file"
    assert rows["w0000.zip"] | {"score": 13, "max_score": 16, "passed": True, "right": 5, "not_answered": 1, "state": "graded", "report": "w0000.json"} == rows["w0000.zip"]  # fmt: skip
    with Path("reports/summary.csv").open(newline="", encoding="utf-8") as stream:
        table = {row["submission"]: row for row in csv.DictReader(stream)}
    assert list(table) == list(rows)
    assert (table["w0000.zip"]["passed"], table["w0101.zip"]["score"]) == ("yes", "")
    lines = ran.out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(rows)
    assert lines[0].split(maxsplit=1)[1] == "13/16   81.25 %  passed      5 right, 1 not answered"
    said = ran.err.splitlines()
    assert said[0] == "grade: hand-in/roster.csv is no submission and was passed over"
    assert sum(line.startswith("grade: hand-in/w010") for line in said) == 6
    assert any(line.startswith("grade: 30/30 w0") for line in said)
    assert said[-1] == "24 graded, 6 refused"
    assert not list(Path().glob("**/escape.py"))


def test_a_second_run_grades_nothing_and_a_changed_zip_again(class_folder, grade, hand_in):
    words = [class_folder, "--key", "key.json", "-o", "reports"]
    first = grade(*words)
    before = {name: Path(f"reports/{name}.json").stat().st_mtime_ns for name in reports()}
    again = grade(*words)
    assert again.out == first.out
    assert again.err.splitlines()[-1] == "0 graded, 24 kept from before, 6 refused"
    assert before == {n: Path(f"reports/{n}.json").stat().st_mtime_ns for n in reports()}

    hand_in(SCORES["0"], name="hand-in/w0000.zip")
    Path("reports/w0001.html").unlink()
    Path("reports/w0002.json").write_text("{half")
    Path("reports/w0003.json").write_text(Path("reports/w0004.json").read_text("utf-8"))
    ran = grade(*words)
    assert ran.err.splitlines()[-1] == "4 graded, 20 kept from before, 6 refused"
    assert [reports()[f"w000{n}"]["score"] for n in range(4)] == [0, 2, 0, 13]


@pytest.mark.parametrize(
    ("first", "second", "graded"),
    [
        ([], ["--seed", "5"], 1),
        (["--seed", "5"], ["--seed", "5"], 0),
        (["--seed", "5"], [], 0),
        ([], ["--user-from", "^w0256"], 1),
        ([], ["--without-solutions"], 1),
        (["--without-solutions"], ["--without-solutions"], 0),
        ([], ["--format", "gradescope"], 1),
        ([], ["--key", "changed.json"], 1),
        ([], ["--key", "exam/B/key.json", "--key", "exam/A/key.json"], 0),
    ],
)
def test_what_a_report_must_agree_in_to_be_kept(
    first, second, graded, key_file, hand_in, grade, key
):
    from question_bank.key import dumps

    Path("changed.json").write_text(dumps(key.model_copy(update={"pass_mark": 9})))
    hand_in(name="hand-in/w0256.zip")
    for words in (first, second):
        key_words = [] if "--key" in words else ["--key", "key.json"]
        ran = grade("hand-in", "-o", "reports", *words, *key_words)
        assert ran.status == 0
    assert ran.err.splitlines()[-1].startswith(f"{graded} graded")


def test_another_version_of_the_exercise_is_graded_again(work, grade, monkeypatch, in_this_process):
    from grader.code import assignment

    for name in ("one", "two"):
        shutil.copytree(CODE / "right/normalize_plain", Path("hand-in", name))
    words = ["hand-in", "-o", "reports", "--allow-weak-sandbox"]
    assert grade(*words, "--assignment", "exercise-3").err.splitlines()[-1] == "2 graded, 0 refused"
    version = reports()["one"]["versions"]["assignment"]
    assert version == assignment.load_assignment("exercise-3").version
    assert grade(*words).err.splitlines()[-1].startswith("0 graded, 2 kept")

    folder = work / "assignments"
    folder.mkdir()
    text = (assignment.FOLDER / "exercise-3.yaml").read_text("utf-8")
    (folder / "exercise-3.yaml").write_text(text + "\n# changed\n")
    monkeypatch.setattr(assignment, "FOLDER", folder)
    assert grade(*words).err.splitlines()[-1] == "2 graded, 0 refused"
    assert reports()["one"]["versions"]["assignment"] != version


def test_kill_9_in_the_middle_and_a_second_run(class_folder, grade):
    for member in list(class_folder.iterdir()):
        if member.name > "w01" or member.suffix == ".csv":
            member.unlink()
    words = [
        class_folder, "--key", "key.json", "-o", "reports", "--record",
        "--user-from", "^w[0-9]{4}",
    ]  # fmt: skip
    for enough in (3, 11):
        process = start(*words)
        while len(list(Path("reports").glob("w*.json"))) < enough:
            assert process.poll() is None
            time.sleep(0.005)
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        for report in reports().values():  # none is half-written
            assert len(report["checks"]) == 6
    time.sleep(1)  # what was under way is finished by its job
    there = len(reports())
    assert 11 <= there < 24
    ran = grade(*words)
    assert ran.status == 0
    assert ran.err.splitlines()[-1] == f"{24 - there} graded, {there} kept from before, 0 refused"
    assert sorted(path.name for path in Path("reports").iterdir()) == sorted(
        [f"w{n:04}.{end}" for n in range(24) for end in ("json", "html")]
        + ["summary.csv", "summary.json"]
    )
    store = open_store()
    with store.engine.connect() as connection:
        users = [row.username for row in connection.execute(submissions.select())]
        log = [row.submission_id for row in connection.execute(results.select())]
    store.close()
    assert sorted(users) == [f"w{n:04}" for n in range(24)]
    assert sorted(log) == list(range(1, 25))


def test_ctrl_c_keeps_what_was_done(class_folder, grade):
    process = start(class_folder, "--key", "key.json", "-o", "reports", "--jobs", "2")
    while len(list(Path("reports").glob("w*.json"))) < 3:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    status, out, err = finish(process)
    assert status == 130
    assert err.splitlines()[-1] == "interrupted"
    assert "not reached" in err.splitlines()[-2]
    done = [name for name, row in summary().items() if row["state"] == "graded"]
    assert (
        1 <= len(done) <= len(out.splitlines())
    )  # of the last ones the outcome was still under way
    assert set(done) <= {f"{name}.zip" for name in reports()}
    assert grade(class_folder, "--key", "key.json", "-o", "reports").status == 1
    assert len(reports()) == 24


INSIDE_A_FINALIZER = """
import os, signal, sys, time
from grader.batch_crew import heed_the_end

class Held:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.2)

heed_the_end()
held = Held()
try:
    del held
    time.sleep(60)
finally:
    print("in order")
"""


def test_a_job_that_is_told_to_end_inside_a_finalizer_ends_a_moment_later():
    done = subprocess.run(
        [sys.executable, "-c", INSIDE_A_FINALIZER],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False, timeout=50,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (143, "in order\n", "")


def jobs_of(process: subprocess.Popen[bytes]) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]  # fmt: skip


@pytest.mark.parametrize(("deaths", "state"), [(1, "graded"), (2, "undecided")])
def test_a_job_that_dies_costs_its_submission_one_more_try(deaths, state, work, key_file, hand_in):
    hand_in(name="hand-in/w0000.zip")
    hand_in(name="hand-in/w0001.zip")
    held = Path("hand-in/w0001.zip")
    content = held.read_bytes()
    process = start("hand-in", "--key", "key.json", "-o", "reports", "--jobs", "2")
    killed: set[int] = set()
    for _ in range(deaths):
        # Two jobs alive at the same time are those of two submissions, each under way.
        alive: set[int] = set()
        while len(alive) < 2:
            alive = set(jobs_of(process)) - killed
            assert process.poll() is None
        for pid in alive:
            os.kill(pid, signal.SIGKILL)
        killed |= alive
    status, _, err = finish(process)
    rows = summary()
    assert {row["state"] for row in rows.values()} == {state}
    assert held.read_bytes() == content
    if state == "undecided":
        assert status == 1
        assert "ended 2 times (signal 9), which is our own fault" in rows["w0001.zip"]["reason"]
        assert err.splitlines()[-1] == "0 graded, 0 refused, 2 with undecided checks"
        assert reports() == {}
    else:
        assert status == 0
        assert len(reports()) == 2


def test_the_number_of_jobs_changes_no_verdict(class_folder, grade):
    found = []
    for jobs in ("1", "2"):
        words = ["--key", "key.json", "--seed", "7", "-o", f"reports-{jobs}", "--jobs", jobs]
        grade(class_folder, *words)
        found.append(
            {
                name: (report["seed"], [(c["id"], c["verdict"], c["points"]) for c in report["checks"]])
                for name, report in reports(f"reports-{jobs}").items()
            }
        )  # fmt: skip
    assert found[0] == found[1]
    assert len(found[0]) == 24


def test_code_by_two_jobs(work, grade):
    """Fork servers stay warm; a submission that crashes its worker leaves the next one its points."""
    crash = "import os\n\nclass Normalize:\n    def __call__(self, sample):\n        os._exit(0)\n"
    plain = (CODE / "right/normalize_plain/exercise_code/transforms.py").read_text("utf-8")
    for name, text in {"a": plain, "b": crash, "c": plain}.items():
        path = Path("hand-in", name, "exercise_code", "transforms.py")
        path.parent.mkdir(parents=True)
        path.write_text(text)
    words = ["hand-in", "--allow-weak-sandbox", "--seed", "3", "--jobs"]
    assert grade(*words, "2", "-o", "two").status == 0
    assert grade(*words, "1", "-o", "one").status == 0
    points = {name: report["score"] for name, report in reports("two").items()}
    assert points["a"] == points["c"] > points["b"] == 0
    for name, report in reports("one").items():
        again = reports("two")[name]
        assert [c["verdict"] for c in report["checks"]] == [c["verdict"] for c in again["checks"]]
        assert "undecided" not in {c["verdict"] for c in report["checks"]}


def test_without_a_folder_the_reports_are_printed(key_file, hand_in, grade):
    hand_in(name="w0220.zip")
    ran = grade(hand_in(), "w0220.zip", "w0220.zip", "./w0220.zip", "--key", "key.json")
    assert ran.status == 0
    assert ran.out.count("Mock exam, form A") == 2
    assert ran.err.splitlines()[-1] == "2 graded, 0 refused"
    assert not Path("summary.json").exists()


def test_undecided_answers_are_told(key_file, hand_in, grade, monkeypatch, in_this_process):
    from question_bank import key as marking

    monkeypatch.setattr(marking, "mark", lambda *arguments: 1 / 0)
    hand_in(name="w0220.zip")
    words = [hand_in(), "w0220.zip", "--key", "key.json", "-o", "reports"]
    for _ in range(2):  # they are not kept: the next run may decide them
        ran = grade(*words)
        assert ran.status == 1
        assert ran.err.splitlines()[-1] == "2 graded, 0 refused, 2 with undecided checks"
        assert "still open" in ran.out


def test_our_own_fault_in_one_leaves_the_others_graded(
    key_file, hand_in, grade, monkeypatch, in_this_process
):
    from grader import batch_desk

    accept = batch_desk.accept

    def faulty(path, task, user):
        if path.name == "w0220.zip":
            raise ZeroDivisionError("a fault")
        return accept(path, task, user)

    monkeypatch.setattr(batch_desk, "accept", faulty)
    hand_in(name="w0220.zip")
    ran = grade("w0220.zip", hand_in(), "--key", "key.json", "-o", "reports")
    assert ran.status == 3
    assert "1 graded, 0 refused, 1 not graded through our own fault" in ran.err
    assert "this is our own fault (FaultElsewhere: ZeroDivisionError: a fault)" in ran.err
    assert summary()["w0220.zip"]["state"] == "undecided"
    assert Path("reports/w0256.json").exists()


def test_a_check_that_fails_by_itself_is_told_with_a_log(work, grade, monkeypatch):
    from grader.code import judge

    tests = dict(judge.all_tests())
    broken = tests["normalize.image"]
    monkeypatch.setattr(
        judge,
        "all_tests",
        lambda: {**tests, "normalize.image": dataclasses.replace(broken, run=lambda bench: 1 / 0)},
    )
    words = [CODE / "right/normalize_plain", "--allow-weak-sandbox", "--json", "report.json"]
    ran = grade(*words)
    assert ran.status == 0
    (line,) = ran.err.splitlines()
    assert line.startswith("grade: some checks could not be carried out, which is our own fault")
    log = Path(line.rpartition(" ")[2])
    assert "ZeroDivisionError" in log.read_text("utf-8")
    log.unlink()
    report = json.loads(Path("report.json").read_text("utf-8"))
    verdicts = {check["id"]: check["verdict"] for check in report["checks"]}
    assert (verdicts["normalize.image"], verdicts["normalize.keypoints"]) == ("undecided", "right")
    assert report["passed"] is None


def test_submissions_of_the_same_name_keep_their_own_reports(key_file, hand_in, grade):
    hand_in(SCORES["2"], name="w0220/hand-in.zip")
    hand_in("form: A\nanswers: {4a: 6}", name="w0445/Hand-In.zip")
    hand_in(SCORES["0"], name="w0445/other/hand-in.zip")
    names = ["w0220/hand-in.zip", "w0445/Hand-In.zip", "w0445/other/hand-in.zip"]
    assert grade(*names, "--key", "key.json", "-o", "reports").status == 0
    scores = {name: report["score"] for name, report in reports().items()}
    assert scores == {"w0220-hand-in": 2, "w0445-Hand-In": 5, "other-hand-in": 0}


ODD = [
    "müller.zip", unicodedata.normalize("NFD", "müller 2.zip"), "a b.zip", "a_b.zip", "-o.zip", "summary.zip",
    "名" * 80 + ".zip", "名" * 80 + "2.zip", "=1+1.zip", "new\nline.zip", "\x1b[31m.zip", "W0256.ZIP", "w0256.zip",
    b"\xff\xfe.zip", "report.json.zip", "..zip.zip",
]  # fmt: skip


def test_odd_names(key_file, hand_in, grade):
    content = hand_in().read_bytes()
    Path("w0256.zip").unlink()
    Path("hand-in").mkdir()
    for name in ODD:
        Path("hand-in", os.fsdecode(name)).write_bytes(content)
    ran = grade("hand-in", "--key", "key.json", "-o", "reports")
    assert (ran.status, ran.err.splitlines()[-1]) == (
        0,
        "15 graded, 0 refused",
    )  # "..zip.zip" is hidden
    assert len(reports()) == 15
    assert "\x1b" not in ran.out + ran.err
    assert {report["score"] for report in reports().values()} == {13}
    text = Path("reports/summary.csv").read_text("utf-8")
    assert "'=1+1.zip" in text
    again = grade("hand-in", "--key", "key.json", "-o", "reports")
    assert again.err.splitlines()[-1] == "0 graded, 15 kept from before, 0 refused"


def test_a_folder_that_cannot_be_written_to(class_folder, grade, monkeypatch):
    Path("full").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "full")
    ran = grade(class_folder, "--key", "key.json", "-o", "full/reports")
    assert (ran.status, ran.out) == (2, "")
    assert "cannot be written: no permission to write to " in ran.err


def limited(size: int):
    import resource

    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_full_disk_ends_the_batch_and_a_later_run_completes_it(class_folder, grade):
    words = [class_folder, "--key", "key.json", "-o", "reports"]
    status, _, err = finish(start(*words, preexec_fn=limited(3000)))
    assert status == 2
    assert "the file cannot be written: File too large" in err
    assert "not reached" in err
    assert all(path.suffix != ".tmp" for path in Path("reports").iterdir())
    assert reports() == {}
    assert grade(*words).status == 1
    assert len(reports()) == 24


def test_a_reader_that_has_gone(class_folder):
    reader, writer = os.pipe()
    process = start(class_folder, "--key", "key.json", "-o", "reports", stdout=writer)
    os.close(reader)
    os.close(writer)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0
    assert b"Traceback" not in err
    assert len(reports()) == 24
    assert len(summary()) == 30


def test_a_bar_is_for_terminals_alone(class_folder):
    import pty

    reader, writer = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", "from grader.cli import main; main()", str(class_folder), "--key", "key.json"],
        stderr=writer, stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "NO_COLOR": "1"},
    )  # fmt: skip
    os.close(writer)
    written = b""
    try:
        while piece := os.read(reader, 65536):
            written += piece
    except OSError:
        pass
    os.close(reader)
    assert process.wait() == 1
    assert b"30/30" in written
    assert b"\x1b[31m" not in written


FOUND = {
    "zips": (["a.zip", "b.zip"], ["a.zip", "b.zip"]),
    "one zip in a folder": (["a.zip"], ["a.zip"]),
    "folders": (["w1/answers.yaml", "w2/exercise_code/layers.py"], ["w1", "w2"]),
    "zips and folders": (["a.zip", "w2/models/x.model"], ["a.zip", "w2"]),
    "a folder a student": (["w1/x.zip", "w2/x.zip"], ["w1/x.zip", "w2/x.zip"]),
    "one wrapping level": (["all/a.zip", "all/b.zip"], ["all/a.zip", "all/b.zip"]),
    "wrapped folders": (["all/w1/answers.yaml", "all/w2/answers.yaml"], ["all/w1", "all/w2"]),
    "what lies around": (["a.zip", "__MACOSX/._a.zip", ".DS_Store", "._a.zip"], ["a.zip"]),
    "a folder of something else": (["a.zip", "w2/notes.txt"], ["a.zip", "w2"]),
    "another archive": (["a.tar.gz", "b.7z"], ["a.tar.gz", "b.7z"]),
    "a submission": (["answers.yaml", "exercise_code/a.py"], None),
    "a submission with a zip in it": (["exercise_code/a.py", "data.zip"], None),
    "a wrapped submission": (["exercise_3/exercise_code/a.py"], None),
    "models alone": (["models/a.model"], None),
    "loose files": (["a.py", "b.ipynb"], None),
}


@pytest.mark.parametrize("case", FOUND, ids=list(FOUND))
def test_a_folder_of_submissions_is_told_from_a_submission(case, tmp_path):
    from grader.batch_members import find_members

    files, expected = FOUND[case]
    for name in files:
        path = tmp_path / "given" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    found = find_members([tmp_path / "given"])
    assert found.is_batch is (expected is not None)
    assert [member.name for member in found.members] == (expected or ["given"])


def test_the_report_of_another_assignment_is_not_replaced_and_stops_nobody(
    key_file, hand_in, grade
):
    hand_in(name="hand-in/a.zip")
    hand_in(name="hand-in/b.zip")
    words = ["hand-in", "--key", "key.json", "-o", "reports"]
    assert grade(*words).status == 0
    other = {**reports()["a"], "assignment": "another"}
    Path("reports/a.json").write_text(json.dumps(other))
    Path("reports/b.json").unlink()
    ran = grade(*words)
    assert (ran.status, ran.err.splitlines()[-1]) == (1, "1 graded, 1 refused")
    assert reports()["a"] == other
    assert "holds a report of another" in summary()["a.zip"]["reason"]


def test_the_reports_of_an_earlier_run_are_no_submissions(key_file, hand_in, grade):
    hand_in(name="hand-in/a.zip")
    for _ in range(2):
        ran = grade("hand-in", "--key", "key.json", "-o", "hand-in/reports")
        assert ran.status == 0
    assert ran.err.splitlines()[-1] == "0 graded, 1 kept from before, 0 refused"


def test_a_folder_without_submissions(work, grade):
    Path("hand-in/.git").mkdir(parents=True)
    Path("hand-in/a").mkdir()
    ran = grade("hand-in", "--assignment", "exercise-3")
    assert ran.status == 1
    assert "1 refused" in ran.err


@pytest.mark.parametrize(
    ("pattern", "users"),
    [
        ("^(?P<user>w[0-9]+)", {"w0256.zip": "w0256", "w0220_exercise3.zip": "w0220"}),
        ("w[0-9]{4}", {"w0256.zip": "w0256", "w0220_exercise3.zip": "w0220"}),
        ("(?P<user>[^_]+)_exercise3", {"w0220_exercise3.zip": "w0220"}),
    ],
)
def test_who_handed_in_stands_in_the_name(pattern, users, key_file, hand_in, grade):
    for name in ("w0256.zip", "w0220_exercise3.zip", "unnamed.zip"):
        hand_in(name=f"hand-in/{name}")
    words = ["hand-in", "--key", "key.json", "-o", "reports", "--record", "--user-from", pattern]
    ran = grade(*words)
    assert ran.status == 1
    assert {n: row["user"] for n, row in summary().items() if row["state"] == "graded"} == users
    assert summary()["unnamed.zip"]["reason"] == "its name does not say who handed it in"
    store = open_store()
    with store.engine.connect() as connection:
        assert {row.username for row in connection.execute(submissions.select())} == set(
            users.values()
        )
    store.close()


def test_reports_of_a_run_without_record_are_recorded_by_the_next(key_file, hand_in, grade):
    hand_in(name="hand-in/w0256.zip")
    words = ["hand-in", "--key", "key.json", "-o", "reports", "--user-from", "w[0-9]+"]
    assert grade(*words).err.splitlines()[-1] == "1 graded, 0 refused"
    assert grade(*words, "--record").err.splitlines()[-1] == "1 graded, 0 refused"
    assert grade(*words, "--record").err.splitlines()[-1].startswith("0 graded, 1 kept")


def test_a_result_that_lost_its_report_is_not_recorded_twice(key_file, hand_in, grade):
    hand_in(name="hand-in/w0256.zip")
    words = ["hand-in", "--key", "key.json", "-o", "reports", "--user-from", "w[0-9]+", "--record"]
    for _ in range(2):  # as if it was killed between the store and the report
        assert grade(*words).err.splitlines()[-1] == "1 graded, 0 refused"
        Path("reports/w0256.json").unlink()
    store = open_store()
    with store.engine.connect() as connection:
        assert len(connection.execute(submissions.select()).all()) == 1
        assert len(connection.execute(results.select()).all()) == 1
    store.close()
