"""The command as people start it: through pipes, in an ASCII locale, on a terminal that goes away, killed in the middle."""

from __future__ import annotations

import json
import os
import pty
import select
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.quiz.conftest import BOXES, CHAIN, SUM, WORDS

CODE = "from quiz.cli import main; main()"
ROOT = Path(__file__).parents[2]
EXAM_ONLY = yaml.safe_load((Path(__file__).parent / "exam_only.yaml").read_text("utf-8"))
MISUSE = yaml.safe_load((Path(__file__).parent / "misuse.yaml").read_text("utf-8"))


@pytest.fixture
def chain_bank(bank_folder):
    return bank_folder(CHAIN)


def run(*arguments, text="", cwd=None, **settings):
    """The command with bytes in and bytes out, as a shell would start it."""
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    env = {**os.environ, "PYTHONPATH": path, **settings}
    done = subprocess.run(
        [sys.executable, "-c", CODE, *map(str, arguments)],
        input=text if isinstance(text, bytes) else text.encode(),
        capture_output=True, check=False, cwd=cwd, env=env, timeout=120,
    )  # fmt: skip
    assert b"Traceback" not in done.stderr
    return done


class Terminal:
    """The command in front of a terminal of 80 columns."""

    def __init__(self, *arguments):
        self.process, self.terminal = pty.fork()
        if not self.process:
            os.environ["COLUMNS"] = "80"
            os.environ["PYTHONPATH"] = os.pathsep.join(
                [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
            )
            os.execv(sys.executable, [sys.executable, "-c", CODE, *map(str, arguments)])
        self.shown, self.seen = "", 0

    def until(self, text, seconds=60):
        """Wait until this is shown, after what was waited for before."""
        end = time.monotonic() + seconds
        while text not in self.shown[self.seen :] and time.monotonic() < end and self.read():
            pass
        assert text in self.shown[self.seen :], self.shown
        self.seen = self.shown.index(text, self.seen) + len(text)
        return self

    def read(self):
        """What is shown next; False at the end."""
        if select.select([self.terminal], [], [], 0.5)[0]:
            try:
                read = os.read(self.terminal, 65_536)
            except OSError:  # Linux tells the end of a terminal so
                return False
            self.shown += read.decode()
            return bool(read)
        return True

    def type(self, text):
        os.write(self.terminal, text.encode())
        return self

    def kill(self, number):
        os.kill(self.process, number)

    def end(self):
        """The exit status (negative: the signal)."""
        while self.read():
            pass
        status = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        os.close(self.terminal)
        return status


def kept():
    """What of the chain question was answered, by the command's own export."""
    file = Path(os.environ["MOCKEXAM_HOME"]) / "export.json"
    done = run("--export-data", file)
    assert done.returncode == 0, done.stderr
    return json.loads(file.read_text())


def answers():
    return [(a["label"], a["verdict"]) for a in kept()["attempts"]]


def test_a_pipe_is_answered_line_by_line_and_json_is_for_machines(chain_bank):
    done = run("--bank", chain_bank, "--seed", 1, "--json", text="5\n9\n99\n")
    assert done.returncode == 0
    data = json.loads(done.stdout)
    assert (data["mode"], data["seed"], data["finished"]) == ("practice", 1, True)
    assert [a["verdict"] for a in data["answers"]] == ["wrong", "wrong", "wrong"]
    assert data["answers"][0]["mistake"] == "added"
    assert b"Recognised: added" in done.stderr


def test_through_a_pipe_there_is_no_escape_code_and_80_columns_are_enough(bank_folder):
    done = run("--bank", bank_folder(CHAIN, SUM, BOXES), text="6\n7\n14\na, b\n5\n")
    assert b"\x1b" not in done.stdout
    lines = done.stdout.decode().splitlines()
    assert max(map(len, lines)) <= 79


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ({"LC_ALL": "C"}, "dL/dw = 2 * h_1^2"),
        ({"LANG": "C", "LC_ALL": ""}, "dL/dw = 2 * h_1^2"),
        ({"PYTHONIOENCODING": "ascii"}, "dL/dw = 2 * h_1^2"),
        ({"LC_ALL": "C.UTF-8"}, "∂L/∂w = 2 · h₁²"),
    ],
)
def test_formulas_are_readable_in_an_ascii_locale_too(bank_folder, locale, shown):
    formula = "$\\\\frac{\\\\partial L}{\\\\partial w} = 2 \\\\cdot h_1^2$"
    text = SUM.replace('"What is', f'"{formula} What is')
    done = run("--bank", bank_folder(text), text="1\n", **locale)
    assert shown in done.stdout.decode()
    assert done.stdout.isascii() == shown.isascii()


def test_bytes_that_are_no_text_are_an_unreadable_answer(chain_bank):
    done = run("--bank", chain_bank, text=b"\xff\xfe\x1b[2J\n7\n")
    assert done.returncode == 0, done.stderr
    assert answers() == [("1a", "unreadable"), ("1b", "right")]


def test_the_end_of_a_pipe_loses_nothing(chain_bank):
    assert run("--bank", chain_bank, text="6\n7").returncode == 0
    assert answers() == [("1a", "right"), ("1b", "right")]


def test_ctrl_c_loses_nothing_and_the_session_goes_on(chain_bank):
    terminal = (
        Terminal("--bank", chain_bank, "--plain").until("> ").type("6\n").until("b) ").until("> ")
    )
    terminal.type("\x03")
    assert terminal.end() == 130
    assert "quiz --resume goes on" in terminal.shown
    assert "\x1b" not in terminal.shown
    assert answers() == [("1a", "right")]
    done = run("--bank", chain_bank, "--resume", text="7\n14\n")
    assert b"10 of 10 points" in done.stdout
    assert answers() == [("1a", "right"), ("1b", "right"), ("1c", "right")]


def test_the_end_of_a_terminal_s_input_loses_nothing(chain_bank):
    terminal = (
        Terminal("--bank", chain_bank, "--plain").until("> ").type("6\n").until("b) ").until("> ")
    )
    terminal.type("\x04")
    assert terminal.end() == 0
    assert "quiz --resume goes on" in terminal.shown
    assert answers() == [("1a", "right")]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_killed_in_the_middle_loses_nothing(chain_bank, number):
    terminal = Terminal("--bank", chain_bank, "--plain").until("> ").type("5\n").until("> ")
    terminal.kill(number)
    assert terminal.end() == -number
    assert answers() == [("1a", "wrong")]
    # What was left is ended by the next session, and scheduled.
    assert run("--bank", chain_bank, "-n", 1, text="").returncode == 0
    assert [(c["question"], c["rating"]) for c in kept()["cards"]] == [("chain", "again")]


def test_a_killed_exam_runs_on(bank_folder):
    blueprint = Path(os.environ["MOCKEXAM_HOME"]) / "short.yaml"
    blueprint.parent.mkdir(exist_ok=True)
    blueprint.write_text(
        "id: short\ntitle: Short\ncourse: Tests\nminutes: 30\npoints: 2\npass_mark: 1\nuse: practice\nlectures: [9]\n"
        "sections: [{title: Choices, kind: multiple_choice, points: 2}]\n"
    )
    bank = bank_folder(CHAIN, BOXES)
    terminal = Terminal("--bank", bank, "--exam", "--blueprint", blueprint, "--plain")
    terminal.until("min] 1> ").type("a\n").until("Hand in?").kill(signal.SIGKILL)
    assert terminal.end() == -signal.SIGKILL
    done = run("--bank", bank, "-n", 1, text="")
    assert b"A mock exam still runs, until" in done.stdout
    done = run("--bank", bank, "--resume", "--json", text="")
    data = json.loads(done.stdout)
    assert (data["mode"], data["finished"]) == ("exam", True)
    assert data["answers"][0]["answer"] == "a"
    assert list(data["by_section"]) == ["Choices"]


def test_what_was_answered_is_due_again_and_shown_in_the_statistics(chain_bank):
    run("--bank", chain_bank, "--exam-date", "2999-01-01", text="5\n99\n99\n")
    done = run("--bank", chain_bank, "--stats", "--json")
    data = json.loads(done.stdout)
    assert (data["answers"], data["exam"]) == (3, "2999-01-01")
    shown = run("--bank", chain_bank, "--stats").stdout.decode()
    assert "lecture  4" in shown
    assert "2999-01-01" in shown
    assert max(map(len, shown.splitlines())) <= 79


def test_the_page_of_the_statistics_is_written_whole(chain_bank, tmp_path):
    run("--bank", chain_bank, text="6\n")
    page = tmp_path / "page.html"
    assert run("--bank", chain_bank, "--stats", "--html", page).returncode == 0
    assert page.read_text().startswith("<!doctype html>")
    nowhere = tmp_path / "no" / "such" / "page.html"
    done = run("--bank", chain_bank, "--stats", "--html", nowhere)
    assert (done.returncode, done.stdout) == (2, b"")


def test_data_are_deleted_after_a_question_alone(chain_bank):
    run("--bank", chain_bank, text="6\n")
    for text in ("", "y\n"):
        assert run("--delete-data", text=text).returncode == 2
    assert len(kept()["attempts"]) == 1
    assert run("--delete-data", text="delete\n").returncode == 0
    assert kept()["sessions"] == kept()["attempts"] == kept()["cards"] == []
    run("--bank", chain_bank, text="6\n")
    assert run("--delete-data", "--yes").returncode == 0
    assert kept()["attempts"] == []


def test_without_a_record_nothing_is_left(chain_bank):
    assert run("--bank", chain_bank, "--no-record", text="6\n").returncode == 0
    assert not (Path(os.environ["MOCKEXAM_HOME"]) / "mockexam.db").exists()


@pytest.mark.parametrize("case", EXAM_ONLY["cases"], ids=lambda case: case["line"] or "practice")
@pytest.mark.parametrize("also", [False, True], ids=["alone", "beside a question for practice"])
def test_a_bank_that_is_kept_for_exams_says_so_and_asks_nothing(also, case, bank_folder):
    kept = [text + "use: exam\n" for text in (SUM, BOXES)]
    bank = bank_folder(*kept, *([WORDS] if also else []))
    done = run("--bank", bank, *shlex.split(case["line"]), text="1\n")
    says = case.get("beside") if also else case.get("says", EXAM_ONLY["says"])
    if says is None:
        assert done.returncode == 0
        return
    assert done.returncode == 2
    assert done.stdout == b""
    assert says in done.stderr.decode()


@pytest.mark.parametrize("as_json", [False, True])
def test_statistics_on_a_bank_that_is_kept_for_exams_say_why_nothing_is_predicted(
    as_json, bank_folder
):
    bank = bank_folder(SUM)
    run("--bank", bank, "-n", "1", text="1\n")
    (bank / "plain_sum.yaml").write_text(SUM + "use: exam\n")
    done = run("--bank", bank, "--stats", *(["--json"] if as_json else []))
    assert done.returncode == 0
    assert "the one question of the bank is kept" in " ".join(done.stdout.decode().split())


def test_nothing_due_is_no_lack_of_questions(bank_folder):
    bank = bank_folder(BOXES)
    assert run("--bank", bank, "--due", text="a, b\n").returncode == 0
    done = run("--bank", bank, "--due", text="a, b\n")
    assert done.returncode == 2
    assert "nothing is due now, and nothing is new" in done.stderr.decode()


@pytest.mark.parametrize("case", MISUSE, ids=lambda case: case["line"])
def test_bad_usage_is_one_clear_message(case, tmp_path):
    done = run(*shlex.split(case["line"]), cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert case["says"] in done.stderr.decode()
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == b""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "before", "after"),
    [(("--plain",), "", ""), ((), "\x1b[200~", "\x1b[201~"), ((), "", "")],
    ids=["plain", "a paste that says so", "a line editor"],
)
def test_what_is_pasted_is_one_answer_with_its_empty_lines(bank_folder, options, before, after):
    """Pasted at once: an empty line in the middle ends nothing, and no line becomes the mark."""
    terminal = Terminal("--bank", bank_folder(WORDS), *options).until("> ")
    terminal.type(f"{before}first\n\n2\nthird{after}\n").until("third").until("| ")
    terminal.type("\n").until("points (0 to 3)> ").type("1\n").until("Enter: result").type("\n")
    assert terminal.end() == 0
    (session,) = kept()["sessions"]
    (answer,) = [each for each in session["events"] if each["kind"] == "attempted"]
    assert answer["text"] == "first\n\n2\nthird"
    assert [each["points"] for each in session["events"] if each["kind"] == "self_marked"] == [1]


def test_a_fourth_mock_exam_is_refused(bank_folder, tmp_path):
    blueprint = tmp_path / "short.yaml"
    blueprint.write_text(
        "id: short\ntitle: Short\ncourse: Made for the tests\nminutes: 10\npoints: 2\npass_mark: 1\n"
        "use: exam\nlectures: [9]\nsections: [{title: Part, kind: short, points: 2}]\n"
    )
    line = ["--bank", bank_folder(SUM), "--exam", "--blueprint", blueprint, "--plain"]
    for _ in range(3):
        terminal = Terminal(*line).until("1> ").type(":q\n")
        assert terminal.end() == 0
    done = run(*line)
    assert done.returncode == 2
    assert b"3 mock exams of yours go on already" in done.stderr
    assert b"quiz --resume" in done.stderr
