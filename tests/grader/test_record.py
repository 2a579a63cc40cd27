"""--record: nothing that was handed in is lost, and no result stands twice."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import select

from grader.files import submission_bytes
from leaderboard.boards import board
from leaderboard.store import open_store, reports, submission_content
from leaderboard.tables import results, submissions
from question_bank.diagnostics import InputError


def kept():
    """Everything in the store: number, user, assignment, SHA-256, and how many results."""
    store = open_store()
    try:
        with store.engine.connect() as connection:
            rows = connection.execute(select(submissions).order_by(submissions.c.id)).all()
            log = connection.execute(select(results.c.submission_id)).scalars().all()
        return [(r.id, r.username, r.assignment, r.sha256, log.count(r.id)) for r in rows]
    finally:
        store.close()


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_result_is_recorded_once(key_file, hand_in, grade):
    path = hand_in()
    ran = grade(path, "--key", key_file, "--user", "  w0256 ", "--record")
    assert (ran.status, ran.err) == (0, "")
    assert kept() == [(1, "w0256", "mock-exam", sha256(path), 1)]
    store = open_store()
    assert submission_content(store, 1) == path.read_bytes()
    (report,) = reports(store, 1)
    assert (report["score"], report["pending_points"], report["passed"]) == (13, 0, True)
    assert [entry.row.user for entry in board(store, "mock-exam").entries] == ["w0256"]
    store.close()


def test_grading_again_keeps_the_bytes_once_and_the_board_as_it_is(key_file, hand_in, grade):
    path = hand_in()
    for _ in range(2):
        assert grade(path, "--exam", "exam/exam.json", "--user", "w0256", "--record").status == 0
    assert [row[3:] for row in kept()] == [(sha256(path), 1)] * 2
    store = open_store()
    assert [entry.row.submission for entry in board(store, "mock-exam").entries] == [1]
    store.close()


REFUSED = {
    "no zip at all": (b"no zip", ["--key", "key.json"], "mock-exam"),
    "no zip, for an exercise": (b"PK\x03\x04", ["--assignment", "exercise-3"], "exercise-3"),
    "no zip, for who knows what": (b"no zip", [], "unassigned"),
    "an empty file": (b"", ["--key", "key.json"], "mock-exam"),
    "another form": ("form: Z\nanswers: {}", ["--key", "key.json"], "mock-exam"),
    "no YAML": ("answers: [", ["--key", "key.json"], "mock-exam"),
    "answers without a key": ("answers: {}", [], "unassigned"),
    "answers for an exercise": ("answers: {1: a}", ["--assignment", "exercise-3"], "exercise-3"),
    "another exam": ("form: A\nanswers: {17: a}", ["--key", "key.json"], "mock-exam"),
}


@pytest.mark.parametrize("case", REFUSED, ids=list(REFUSED))
def test_the_bytes_of_a_refused_submission_are_kept(case, key_file, hand_in, grade, work):
    content, task, assignment = REFUSED[case]
    if isinstance(content, bytes):
        path = Path("w0256.zip")
        path.write_bytes(content)
    else:
        path = hand_in(content)
    ran = grade(path, *task, "--user", "w0256", "--record", "--json", "out.json")
    assert ran.status == 2
    assert ran.err.splitlines()[0] == "grade: refused; its bytes are kept as submission 1"
    assert kept() == [(1, "w0256", assignment, sha256(path), 0)]
    assert not Path("out.json").exists()


def test_what_has_no_assignment_has_no_board(key_file, hand_in, grade, capsys, monkeypatch):
    from leaderboard.cli import main

    Path("broken.zip").write_bytes(b"no zip")
    assert grade("broken.zip", "--user", "w0256", "--record").status == 2
    assert grade(hand_in(), "--key", key_file, "--user", "w0256", "--record").status == 0
    for words in (["show"], ["export"]):
        monkeypatch.setattr("sys.argv", ["leaderboard", *words])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        assert (left.value.code, said.err) == (0, "")
        assert "unassigned" not in said.out
        assert "w0256" in said.out


def test_a_submission_under_a_false_name_is_kept_and_not_graded(key_file, hand_in, grade):
    path = hand_in(submission__yaml="user: w0001")
    assert grade(path, "--key", key_file, "--user", "w0256", "--record").status == 2
    assert kept() == [(1, "w0256", "mock-exam", sha256(path), 0)]


def test_it_is_kept_before_it_is_graded(key_file, hand_in, grade, monkeypatch):
    import grader.record

    seen = []

    def dies(*arguments, **named):
        seen.append(kept())
        raise KeyboardInterrupt

    monkeypatch.setattr(grader.record, "accept", dies)
    path = hand_in()
    assert grade(path, "--key", key_file, "--user", "w0256", "--record").status == 130
    assert seen == [[(1, "w0256", "mock-exam", sha256(path), 0)]] == [kept()]


def test_without_record_there_is_no_trace(key_file, hand_in, grade, home_of_its_own):
    assert grade(hand_in(), "--key", key_file, "--user", "w0256").status == 0
    assert not list(home_of_its_own.iterdir())


def test_a_store_that_cannot_be_used_is_one_message(key_file, hand_in, grade, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "nonsense")
    ran = grade(hand_in(), "--key", key_file, "--user", "w0256", "--record", "-o", "reports")
    assert ran.status == 2
    assert "error[store-address]" in ran.err
    assert not Path("reports").exists()


def test_a_folder_is_kept_whole_as_a_zip_that_is_always_the_same(work):
    folder = work / "w0256"
    (folder / "deeper" / "__pycache__").mkdir(parents=True)
    (folder / "answers.yaml").write_text("form: A")
    (folder / "deeper" / "__pycache__" / "a.pyc").write_bytes(b"\0")
    (folder / "link").symlink_to("/etc/hostname")
    os.mkfifo(folder / "pipe")
    content = submission_bytes(folder)
    assert submission_bytes(Path("w0256")) == content
    (work / "kept.zip").write_bytes(content)
    with zipfile.ZipFile(work / "kept.zip") as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    assert found == {
        "answers.yaml": b"form: A",
        "deeper/__pycache__/a.pyc": b"\0",
        "link": b"/etc/hostname",
    }


def test_a_refused_folder_is_kept_too(key_file, work, grade):
    Path("w0256").mkdir()
    Path("w0256/link").symlink_to("/etc/hostname")
    ran = grade("w0256", "--key", key_file, "--user", "w0256", "--record")
    assert ran.status == 2
    assert "unsafe-folder" in ran.err
    assert [row[2] for row in kept()] == ["mock-exam"]


def test_a_pipe_is_refused_without_waiting_for_it(work):
    os.mkfifo("pipe")
    with pytest.raises(InputError, match="neither a zip file nor a folder"):
        submission_bytes(Path("pipe"))


def test_an_inferred_exercise_is_kept_under_its_name(hand_in, grade, monkeypatch):
    """What cannot be graded here and now is kept under the assignment that its files tell."""
    import grader.record

    def refused(accepted, *arguments, **named):
        raise InputError

    monkeypatch.setattr(grader.record, "grade_accepted", refused)
    path = Path("code.zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("exercise_code/transforms.py", "class Normalize: ...")
        archive.writestr("submission.yaml", json.dumps({"assignment": "exercise-3"}))
    assert grade(path, "--user", "w0256", "--record").status == 2
    assert kept() == [(1, "w0256", "exercise-3", sha256(path), 0)]
