"""Trained models through the command: score and mark in the report and on the board, bad data."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.archive import Submission
from grader.cli import main
from grader.code.hidden import sets
from leaderboard.store import open_store
from tests.grader.code.models.students import submission

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`grade` in this process: exit status, and what it said on stderr."""

    def run(*words: object) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["grade", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            main()
        return int(left.value.code or 0), capsys.readouterr().err

    return run


def zipped(folder: Path, handed_in: Submission) -> Path:
    path = folder / "w0256.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in handed_in.files.items():
            archive.writestr(f"exercise_3/{name}", content)
    return path


@pytest.mark.parametrize(
    ("kind", "assignment", "score", "mark"),
    [("keypoints", "keypoints", 1000, 100), ("rnn", "mnist-rnn", 100, 97)],
)
def test_score_is_the_metric_in_report_and_record(
    kind: str,
    assignment: str,
    score: float,
    mark: float,
    command: Command,
    data: Path,
    tmp_path: Path,
) -> None:
    path, report = zipped(tmp_path, submission(kind)), tmp_path / "report.json"
    status, said = command(
        path, "--assignment", assignment, "--data", data, "--user", "w0256", "--record",
        "--json", report,
    )  # fmt: skip
    assert status == 0, said
    found = json.loads(report.read_text())
    assert (found["score"], found["pass_mark"], found["passed"]) == (score, mark, True)
    task = {"keypoints": "keypoints", "rnn": "digits"}[kind]
    assert found["versions"][f"hidden_{task}"].startswith("given ")
    store = open_store()
    with store.engine.connect() as connection:
        kept = connection.exec_driver_sql("select score, pass_mark, passed from results").all()
    store.close()
    assert [tuple(row) for row in kept] == [(score * 10**6, mark * 10**6, 1)]


def test_a_replay_sees_other_data(command: Command, data: Path, tmp_path: Path) -> None:
    path, report = zipped(tmp_path, submission("keypoints")), tmp_path / "report.json"
    command(path, "--assignment", "keypoints", "--data", data, "--json", report)
    assert command(path, "--replay", report, "--data", data) == (
        0, "grade: the replay gives every verdict again\n",
    )  # fmt: skip
    lines = (data / "keypoints" / "test.csv").read_text().splitlines()
    other = tmp_path / "other"
    other.mkdir()
    (other / "test.csv").write_text("\n".join(lines[:20]) + "\n")
    _, said = command(path, "--replay", report, "--data", other)
    assert "hidden set for keypoints has changed" in said


@pytest.mark.parametrize(
    ("content", "says"), [(None, "holds no test data"), ("a,b\n", "test.csv:1: error[bad-data]")]
)
def test_bad_data_stop_the_grading(
    content: str | None, says: str, command: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "hidden"
    folder.mkdir()
    if content:
        (folder / "test.csv").write_text(content)
    report = tmp_path / "report.json"
    path = zipped(tmp_path, submission("keypoints"))
    status, said = command(path, "--assignment", "keypoints", "--data", folder, "--json", report)
    assert status == 2
    assert says in said
    assert said.count("error[") == 1
    assert not report.exists()


def test_data_that_were_not_needed_are_noted(command: Command, data: Path, tmp_path: Path) -> None:
    source = {"exercise_code/transforms.py": b"class Normalize:\n    pass\n"}
    path, report = zipped(tmp_path, Submission(source, (), "")), tmp_path / "report.json"
    command(path, "--assignment", "exercise-3", "--data", data, "--json", report)
    assert any("--data" in note for note in json.loads(report.read_text())["notes"])


def test_the_secret_is_in_no_report(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MOCKEXAM_SECRET", "a-secret-that-nobody-sees")
    monkeypatch.setitem(sets.COUNTS, "keypoints", 9)
    path, report = zipped(tmp_path, submission("keypoints")), tmp_path / "report.json"
    page = tmp_path / "report.html"
    status, said = command(path, "--assignment", "keypoints", "--json", report, "--html", page)
    assert status == 0, said
    text = report.read_text() + page.read_text()
    assert "a-secret-that" not in text
    assert "not the course&#39;s data" in text or "not the course's data" in text
