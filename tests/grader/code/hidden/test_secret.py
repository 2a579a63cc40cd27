"""The instructor's secret: made once, readable by its owner alone, never in what is said."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from grader.code.hidden.secret import FILE_NAME, hidden_key
from question_bank.diagnostics import InputError


@pytest.fixture
def file(home_of_its_own: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MOCKEXAM_SECRET", raising=False)
    return home_of_its_own / FILE_NAME


def test_made_at_first_need_and_kept(file: Path) -> None:
    key = hidden_key("digits")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text()
    assert len(text.strip()) == 64
    assert hidden_key("digits") == key != hidden_key("keypoints")
    assert file.read_text() == text
    assert [path.name for path in file.parent.iterdir()] == [FILE_NAME]  # nothing half-made stays


def test_the_environment_comes_first(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKEXAM_SECRET", "given")
    key = hidden_key("digits")
    assert not file.exists()
    monkeypatch.setenv("MOCKEXAM_SECRET", "another")
    assert hidden_key("digits") != key


def test_folder_is_made(file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MOCKEXAM_HOME", str(tmp_path / "a" / "b"))
    hidden_key("digits")
    assert (tmp_path / "a" / "b" / FILE_NAME).is_file()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_open_to_others_is_refused(file: Path, mode: int) -> None:
    hidden_key("digits")
    secret = file.read_text().strip()
    file.chmod(mode)
    with pytest.raises(InputError) as caught:
        hidden_key("digits")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "secret-open-to-others"
    assert str(diagnostic.hint) == f"chmod 600 {file}"
    assert secret not in str(caught.value)


@pytest.mark.parametrize("content", ["", "short\n"])
def test_broken_file_is_never_replaced(file: Path, content: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(InputError) as caught:
        hidden_key("digits")
    assert "too short" in str(caught.value)
    assert file.read_text() == content


def test_no_place_to_make_it(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MOCKEXAM_HOME", str(tmp_path / "file"))
    with pytest.raises(InputError) as caught:
        hidden_key("digits")
    assert caught.value.diagnostics[0].code == "no-secret"
    assert "MOCKEXAM_SECRET" in str(caught.value.diagnostics[0].hint)


def test_many_at_once_find_one_secret(file: Path) -> None:
    source = (
        "import sys; sys.stdin.read(1); from grader.code.hidden.secret import hidden_key; "
        "print(hidden_key('digits').hex())"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=os.environ, cwd=Path(__file__).parents[4], text=True,
        )
        for _ in range(6)
    ]  # fmt: skip
    for process in started:
        assert process.stdin
        process.stdin.write("x")
        process.stdin.flush()
    found = {process.communicate()[0] for process in started}
    assert len(found) == 1
    assert len(found.pop().strip()) == 64
    assert [path.name for path in file.parent.iterdir()] == [FILE_NAME]
