"""The command as it is typed: misuse, several submissions, where reports go, replay."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from grader.replay import Earlier, differs, read_earlier
from grader.report import Check, as_data, report_from

ROOT = Path(__file__).resolve().parents[2]
MISUSE = yaml.safe_load(Path(__file__).with_name("misuse.yaml").read_text("utf-8"))


def tree(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def prepared(work, key_file, hand_in):
    hand_in()
    hand_in(None, name="code.zip", exercise_code__transforms__py="")
    with zipfile.ZipFile("code.zip", "w") as archive:
        archive.writestr("exercise_code/transforms.py", "class Normalize:\n    pass\n")
    (work / "broken.zip").write_text("no zip")
    zipfile.ZipFile("empty.zip", "w").close()
    hand_in("answers:\n  3: a: b\n", name="sheet.zip")
    hand_in(None, name="notes.zip", notes__txt="hello")
    two = {f"exercise_{n}/exercise_code/layers.py": "" for n in (1, 2)}
    hand_in(None, name="two.zip", **two)
    hand_in(name="claims.zip", submission__yaml="user: w0256\nassignment: exercise-3\n")
    hand_in("form: A\nanswers: {17: [a], 18a: 3}\n", name="other.zip")
    for name, extra in (("softmax.zip", ()), ("whole.zip", ("solver.py", "layers.py"))):
        with zipfile.ZipFile(name, "w") as archive:
            for file in ("classifiers/softmax.py", *extra):
                archive.writestr(f"exercise_code/{file}", "")
    report = {"assignment": "mock-exam", "seed": 3, "checks": []}
    (work / "report.json").write_text(json.dumps(report))
    (work / "text.json").write_text("text")
    (work / "full").mkdir()
    (work / "full" / "kept.txt").write_text("kept")
    return work


@pytest.mark.parametrize("row", MISUSE, ids=[row["name"] for row in MISUSE])
def test_misuse_is_one_message_and_leaves_nothing(row, prepared, grade, home_of_its_own):
    before = tree(prepared)
    ran = grade(*row["words"])
    assert ran.status == 2
    assert ran.out == ""
    first, *rest = ran.err.splitlines()
    assert first.startswith(row["says"])
    assert row.get("hint", "") in first
    assert rest == []
    assert "Traceback" not in ran.err
    assert tree(prepared) == before
    assert not list(home_of_its_own.iterdir())


@pytest.mark.parametrize("name", ["broken", "empty", "sheet", "notes"])
def test_a_refused_submission_writes_no_report(name, prepared, grade):
    before = tree(prepared)
    outputs = ["-o", "reports", "--json", "out.json", "--html", "out.html"]
    assert grade(f"{name}.zip", "--key", "key.json", *outputs).status == 2
    assert tree(prepared) == before


@pytest.mark.parametrize("option", [["--json", "full/out.json"], ["-o", "full/reports"]])
def test_a_folder_without_permission(option, prepared, grade, monkeypatch):
    # The superuser may write everywhere, and CI often is one.
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "full")
    ran = grade("w0256.zip", "--key", "key.json", *option)
    assert (ran.status, ran.out) == (2, "")
    assert "cannot be written: no permission to write to " in ran.err
    assert sorted(tree(prepared / "full")) == ["kept.txt"]


def test_a_full_disk_is_no_traceback_and_no_half_file(prepared, grade):
    ran = grade("w0256.zip", "--key", "key.json", "--json", "/dev/full")
    assert ran.status == 2
    assert "error[cannot-write]" in ran.err


def test_where_reports_go(prepared, grade):
    ran = grade(
        "w0256.zip", "--exam", "exam/exam.json", "--user", "w0256",
        "-o", "new/reports", "--json", "out.json", "--html", "out.html",
    )  # fmt: skip
    assert (ran.status, ran.err) == (0, "")
    written = sorted(set(tree(prepared / "new")))
    assert written == ["reports", "reports/w0256.html", "reports/w0256.json"]
    assert Path("out.json").read_bytes() == Path("new/reports/w0256.json").read_bytes()
    assert Path("out.html").read_bytes() == Path("new/reports/w0256.html").read_bytes()
    report = json.loads(Path("out.json").read_text("utf-8"))
    assert (report["score"], report["user"], report["form"]) == (13, "w0256", "A")
    lines = ran.out.splitlines()
    assert lines[0] == "Mock exam, form A by w0256"
    assert lines[1] == "13 of 16 points (81.25 %): passed, the pass mark is 8"


def test_json_alone_on_standard_output(prepared, grade):
    ran = grade("w0256.zip", "--key", "key.json", "--json", "-", "--seed", "11")
    report = json.loads(ran.out)
    assert (ran.status, ran.err, report["seed"]) == (0, "", 11)


def test_a_bank_may_be_given(prepared, grade):
    assert grade("w0256.zip", "--key", "key.json", "--bank", "full", "--bank", ".").status == 0


def test_a_folder_is_a_submission(prepared, grade):
    Path("folder").mkdir()
    Path("folder/answers.yaml").write_text("form: A\nanswers: {1: [a, d]}")
    assert "2 of 16 points" in grade("folder", "--key", "key.json").out


def test_the_exercises_are_listed(grade):
    ran = grade("--list")
    assert ran.status == 0
    assert "\nexercise-3  Exercise 3: " in f"\n{ran.out}"


def test_no_gpu_is_one_line(prepared, grade, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    ran = grade("w0256.zip", "--key", "key.json", "--device", "cuda")
    assert ran.status == 2
    (line,) = ran.err.splitlines()
    assert line.startswith("grade: error[no-gpu]: device 'cuda' was asked for, but torch finds no")


def test_a_replay_that_is_equal_and_one_that_is_not(prepared, grade, hand_in):
    grade("w0256.zip", "--key", "key.json", "--json", "first.json")
    again = ["w0256.zip", "--key", "key.json", "--replay", "first.json"]
    ran = grade(*again, "--json", "second.json")
    assert (ran.status, ran.err) == (0, "grade: the replay gives every verdict again\n")
    first, second = (
        json.loads(Path(name).read_text("utf-8")) for name in ("first.json", "second.json")
    )
    assert first["seed"] == second["seed"]
    for varying in ("graded_at", "submitted_at", "checks"):
        first.pop(varying)
        second.pop(varying)
    assert first == second

    hand_in("form: A\nanswers: {1: [a, d], 2: [1 2 3], 4a: 6, 4b: 8}")
    ran = grade(*again)
    assert ran.status == 1
    assert ran.err.splitlines() == [
        "grade: the replay differs: the submission is not the one that was graded then",
        "grade: the replay differs: 4b: was right (3 points), is wrong (0 points)",
        "grade: the replay differs: 4c: was right (2 points), is not_answered (0 points)",
    ]


def test_a_replay_under_another_version_says_so(prepared, grade, key):
    from question_bank.key import dumps

    grade("w0256.zip", "--key", "key.json", "--json", "first.json")
    first = json.loads(Path("first.json").read_text("utf-8"))
    Path("changed.json").write_text(dumps(key.model_copy(update={"title": "Mock"})))
    Path("elsewhere.json").write_text(json.dumps({**first, "device": "cuda"}))
    ran = grade("w0256.zip", "--key", "changed.json", "--replay", "elsewhere.json")
    assert ran.status == 0
    version, device, same = ran.err.splitlines()
    then = first["versions"]["key"][:26]
    assert version.startswith(f"grade: the key has changed since: {then} then, ")
    assert device == "grade: it was graded on cuda then, on cpu now"
    assert same == "grade: the replay gives every verdict again"
    Path("harder.json").write_text(dumps(key.model_copy(update={"pass_mark": 9})))
    ran = grade("w0256.zip", "--key", "harder.json", "--replay", "first.json")
    assert ran.status == 1
    version, mark = ran.err.splitlines()
    assert version.startswith("grade: the key has changed since")
    assert mark == "grade: the replay differs: the pass mark: was 8 points, is 9 points"


@pytest.mark.parametrize(
    "change",
    [{"versions": 1}, {"device": 1}, {"seed": True}, {"seed": "1"}, {"checks": {}}, {"checks": 1}],
)
def test_reports_that_were_tampered_with(prepared, grade, change):
    report = {"assignment": "mock-exam", "seed": 3, "checks": [{"id": "1"}], **change}
    Path("report.json").write_text(json.dumps(report))
    ran = grade("w0256.zip", "--key", "key.json", "--replay", "report.json")
    assert ran.status in {1, 2}
    assert "our own fault" not in ran.err


def test_code_is_recognised_graded_and_graded_again(work, grade):
    submission = ROOT / "tests/grader/code/submissions/exercise-3/right/normalize_plain"
    first = grade(
        submission, "--allow-weak-sandbox", "--json", "first.json", "--html", "first.html"
    )
    report = json.loads(Path("first.json").read_text("utf-8"))
    verdicts = {check["id"]: check["verdict"] for check in report["checks"]}
    assert (first.status, report["assignment"]) == (0, "exercise-3")
    assert (verdicts["normalize.image"], verdicts["rnn.values"]) == ("right", "not_answered")
    assert "Check by check" in Path("first.html").read_text("utf-8")
    again = grade(submission, "--allow-weak-sandbox", "--replay", "first.json")
    # Before it may stand what this machine lacks.
    assert again.status == 0
    assert again.err.splitlines()[-1] == "grade: the replay gives every verdict again"


FALSIFIED = [
    ({"score": 90.0}, "in the earlier report score is 90, its checks come to 30"),
    (
        {"score": 90.0, "percent": 90.0, "passed": True},
        "in the earlier report percent is 90, its checks come to 30",
    ),
    ({"pass_mark": 20.0, "passed": True}, "the pass mark: was 20 points, is 50 points"),
    ({"above": True}, "the pass mark: was more than 50 points, is 50 points"),
    ({"pending_points": 70.0}, "pending_points is 70, its checks come to 0"),
    ({"max_score": 40.0}, "in the earlier report max_score is 40, its checks come to 100"),
    (
        {"checks": "worth", "max_score": 60.0, "percent": 50.0},
        "rnn.values: was worth 60 points, is worth 100 points",
    ),
    (
        {"checks": "twice", "score": 60.0, "max_score": 200.0},
        "in the earlier report rnn.values stands 2 times",
    ),
]


@pytest.mark.parametrize(("fields", "told"), [({}, None), *FALSIFIED])
def test_totals_that_were_touched_make_a_replay_differ(tmp_path, fields, told):
    check = Check("rnn.values", "", 30, 100, "partly_right", "")
    report = report_from(
        [check], user=None, assignment="exercise-3", title="", form=None, submitted_at=datetime.now(UTC),
        pass_mark=50, device="cpu", seed=1, content_sha256="", versions={},
    )  # fmt: skip
    data = as_data(report)
    one = data["checks"][0]
    checks = {"worth": [{**one, "max_points": 60.0}], "twice": [one, one]}
    changed = {**data, **fields, "checks": checks.get(fields.get("checks"), [one])}
    path = tmp_path / "report.json"
    path.write_text(json.dumps(changed), "utf-8")
    said = []
    assert differs(report, read_earlier(path), said.append) == (told is not None)
    assert told is None or any(told in line for line in said), said


SPEED = "rnn.speed: was right (0 points), is not_answered (0 points)"
IMAGE = "normalize.image: was wrong (0 points), is right (1 point)"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            "rnn.speed",
            [f"{SPEED}; it depends on the clock", "the replay gives every verdict again"],
        ),
        ("normalize.image", [f"the replay differs: {IMAGE}"]),
    ],
)
def test_what_depends_on_the_clock_makes_no_replay_differ(changed, told):
    report = report_from(
        [
            Check("normalize.image", "", 1, 1, "right", ""),
            Check("rnn.speed", "", 0, 0, "not_answered", "", by_clock=True),
        ],
        user=None, assignment="exercise-3", title="", form=None, submitted_at=datetime.now(UTC),
        pass_mark=1, device="cpu", seed=1, content_sha256="", versions={},
    )  # fmt: skip
    then = {"normalize.image": ("right", 1.0), "rnn.speed": ("not_answered", 0.0)}
    then[changed] = ("right", 0.0) if changed == "rnn.speed" else ("wrong", 0.0)
    earlier = Earlier("exercise-3", 1, None, then, "cpu")
    said = []
    assert differs(report, earlier, said.append) == (changed != "rnn.speed")
    assert said == told


def as_typed(*words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", "from grader.cli import main; main()", *words],
        cwd=cwd, check=False, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
    )  # fmt: skip


def test_an_ascii_locale_gets_a_report_and_whole_json(prepared, hand_in):
    hand_in("form: A\nanswers: {3: 'größer, \u2264'}", name="ä.zip")
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ran = as_typed("ä.zip", "--key", "key.json", "--user", "w0256", cwd=prepared, **ascii_only)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout.isascii()
    ran = as_typed("ä.zip", "--key", "key.json", "--json", "-", cwd=prepared, **ascii_only)
    assert json.loads(ran.stdout)["checks"][2]["read_as"] == "größer, \u2264"


def test_a_pipe_gets_no_colour(prepared):
    ran = as_typed("w0256.zip", "--key", "key.json", cwd=prepared, TERM="xterm-256color")
    assert b"\x1b" not in ran.stdout


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_a_terminal_of_eighty_columns(prepared, no_color, coloured):
    import pty

    reader, writer = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", "from grader.cli import main; main()", "w0256.zip", "--key", "key.json"],
        cwd=prepared, stdout=writer,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "80",
             "NO_COLOR": no_color},
    ):  # fmt: skip
        os.close(writer)
        written = b""
        try:
            while piece := os.read(reader, 65536):
                written += piece
        except OSError:
            pass
    os.close(reader)
    assert (b"\x1b[32m" in written) is coloured
    if not coloured:
        assert max(map(len, written.decode().split("\r\n"))) <= 80
