from __future__ import annotations

import json
import os
import pty
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from leaderboard.cli import FORMATS
from leaderboard.database import writing
from leaderboard.formats import _WRITERS
from leaderboard.queue import GIVEN_UP, hand_in, refuse_waiting
from leaderboard.store import UNASSIGNED, Store, open_store, record_submission
from leaderboard.tables import gradings

ROOT = Path(__file__).resolve().parents[2]
RUN = "from leaderboard.cli import main; main()"
WIDE = "王小明" * 20

Add = Callable[..., int]


def run(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN, *words],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **env},
    )


def on_a_terminal(columns: int, *words: str, **env: str) -> str:
    """What the command writes to a terminal of so many columns."""
    reader, writer = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", RUN, *words],
        stdout=writer,
        env={
            **{k: v for k, v in os.environ.items() if k != "NO_COLOR"},
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "TERM": "xterm-256color",
            "COLUMNS": str(columns),
            **env,
        },
    ):
        os.close(writer)
        written = b""
        while True:
            try:
                piece = os.read(reader, 65536)
            except OSError:
                break
            if not piece:
                break
            written += piece
    os.close(reader)
    return written.decode("utf-8")


@pytest.fixture
def filled(add: Add, moment: datetime) -> Store:
    """Two assignments; a tie, a pending result, a long and hostile name, one without a result."""
    store = open_store()
    add(store, "w0256", 93.37)
    add(store, "w0220", 93.37, at=moment + timedelta(seconds=1))
    add(store, WIDE, 60, passed=None, pending_points=10)
    add(store, "\x1b[31m\u202e", 20, passed=False)
    add(store, "w0256", 81.5, assignment="mock_exam")
    record_submission(
        store,
        user="w0999",
        assignment="exercise_3",
        filename="x.zip",
        content=b"",
        received_at=moment,
    )
    store.close()
    return store


@pytest.mark.usefixtures("filled")
def test_show_lists_every_board_in_plain_columns() -> None:
    done = run("show", "--user", "w0220")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "exercise_3"
    assert lines[1].split("  ")[0] == "Rank"
    assert lines[1].split() == ["Rank", "User", "Date", "submitted", "Score", "Pass"]
    assert lines[2].split() == ["#1", "w0256", "2020-01-14", "07:42:59", "93.37", "✓"]
    assert lines[3].split()[:3] == ["#1", "w0220", "(you)"]
    assert lines[4].split()[0] == "#3"
    assert lines[4].split()[-1] == "pending"
    assert "\\u001b[31m\\u202e" in lines[5]
    assert "times are UTC" in lines[6]
    assert "mock_exam" in lines
    assert "\x1b" not in done.stdout
    assert "w0220 has handed in nothing here." in lines


@pytest.mark.usefixtures("filled")
def test_show_as_json() -> None:
    done = run("show", "--json", "--user", "w0220")
    boards = json.loads(done.stdout)["boards"]
    assert [each["assignment"] for each in boards] == ["exercise_3", "mock_exam"]
    assert [each["you"] for each in boards[0]["rows"]] == [False, True, False, False]
    assert boards[0]["rows"][2]["Pass"] is None
    assert boards[0]["without_result"] == ["w0999"]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("columns", [100, 60, 40, 20])
def test_a_table_fits_the_terminal_and_no_name_steers_it(columns: int) -> None:
    from rich.cells import cell_len

    written = on_a_terminal(columns, "show", "--assignment", "exercise_3", NO_COLOR="1")
    plain = written.replace("\x1b[0m", "").replace("\x1b[1m", "").replace("\x1b[2m", "")
    assert "\x1b" not in plain, "colours, or an escape of a user's name"
    assert max(cell_len(line) for line in plain.splitlines()) <= columns
    if columns >= 40:
        for part in ("#3", "93.37", "pending", "2020-01-14", "07:42:59"):
            assert part in plain


@pytest.mark.usefixtures("filled")
def test_a_terminal_gets_colour_unless_it_is_not_wanted() -> None:
    assert "\x1b[32m" in on_a_terminal(100, "show")
    assert "\x1b[32m" not in on_a_terminal(100, "show", NO_COLOR="1")


@pytest.mark.usefixtures("filled")
def test_an_ascii_terminal_tells_pass_from_fail() -> None:
    done = run("show", PYTHONIOENCODING="ascii:strict")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert (lines[2].split()[-1], lines[5].split()[-1]) == ("yes", "no")


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("board.csv", "Rank,User,Date submitted,Score,Pass"),
        ("board.json", '{\n  "schema_version"'),
        ("board.md", "# Leaderboard: exercise\\_3"),
        ("board.html", "<!doctype html>"),
        ("board", "Rank,User,Date submitted,Score,Pass"),
    ],
)
def test_export_takes_the_format_from_the_file(tmp_path: Path, name: str, start: str) -> None:
    target = tmp_path / name
    done = run("export", "--assignment", "exercise_3", "-o", str(target))
    assert (done.returncode, done.stdout) == (0, "")
    assert target.read_text("utf-8").startswith(start)
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == [name]


@pytest.mark.usefixtures("filled")
def test_export_to_a_pipe_is_utf_8_whatever_the_locale() -> None:
    words = ("export", "--assignment", "exercise_3", "--format", "csv", "-o", "-")
    done = run(*words, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert WIDE in done.stdout


@pytest.mark.usefixtures("filled")
def test_export_follows_a_link_and_keeps_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    words = ("export", "--assignment", "mock_exam", "-o")
    assert run(*words, str(tmp_path / "link.csv")).returncode == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text().startswith("Rank,")
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert run(*words, str(tmp_path / "pipe")).returncode == 0
    assert os.read(reader, 5) == b"Rank,"
    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


def says(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """Bad input: status 2, nothing on stdout, one error (and perhaps its hint) on stderr."""
    assert (done.returncode, done.stdout) == (2, "")
    first, *rest = done.stderr.splitlines()
    assert all(line.startswith("  ") for line in rest)
    for word in words:
        assert word in done.stderr, first


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "--assignment", "exercise_33"], ["unknown-assignment", '"exercise_3"?']),
        (["show", "--assignment", "zzz"], ["exercise_3, mock_exam"]),
        (["show", "--assignment", ""], ["bad-assignment"]),
        (["show", "--user", ""], ["bad-user"]),
        (["show", "--bank", "no/such/folder"], ["no-bank", "no/such/folder"]),
        (["export"], ["which-assignment", "exercise_3, mock_exam", "--all"]),
        (["export", "--assignment", "mock_exam", "-o", "/proc/x.csv"], ["cannot-write"]),
        (["export", "--assignment", "mock_exam", "-o", "/"], ["cannot-write"]),
        (["export", "--assignment", "mock_exam", "-o", "no/x.csv"], ["cannot-write"]),
        (["export", "--format", "docx"], ["docx"]),
        (["export", "--format", "html", "--submissions"], ["--submissions is for csv"]),
        (["show", "--policy", "no.yaml"], ["cannot-read", "no.yaml"]),
        (["why", "w1"], ["unknown-user", '"w1"']),
        (["why", "w0999", "--assignment", "mock_exam"], ["unknown-user", "here"]),
        (["configure"], ["which boards to keep"]),
        (["configure", "no.yaml"], ["cannot-read", "no.yaml"]),
        (["configure", "--shipped", "no.yaml"], ["--shipped stands in place of FILE"]),
        (["withdraw", "99"], ["unknown-submission", "leaderboard why"]),
        (["reinstate", "1"], ["nothing-to-do", "neither withdrawn nor flagged"]),
        (["flag", "x"], ["NUMBER"]),
        (["roster", "no.csv"], ["cannot-read", "no.csv"]),
        (["erase", "w0256"], ["not-sure", "--yes"]),
        (["erase", "w1", "--yes"], ["unknown-user"]),
        (["backup", "/proc/x/y.db"], ["cannot-write", "/proc/x/y.db"]),
        (["backup", "/tmp"], ["cannot-write", "/tmp"]),
        (["restore", "no.db"], ["no-backup", "no.db"]),
        (["shwo"], ['"show"?']),
        ([], ["COMMAND"]),
    ],
)
def test_bad_input_is_one_clear_line(words: list[str], said: list[str]) -> None:
    says(run(*words), *said)


def test_no_store_and_an_empty_store_are_told_apart(own_home: Path) -> None:
    says(run("show"), "no-store", "grade SUBMISSION.zip --record")
    assert not own_home.exists(), "looking must not create anything"
    open_store().close()
    says(run("export"), "empty-store")


def test_a_file_that_is_no_store(own_home: Path) -> None:
    own_home.mkdir()
    (own_home / "mockexam.db").write_text("not a database, but long enough to look like one " * 40)
    says(run("show"), "not-a-store", "mockexam.db")


def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    says(run("show", DATABASE_URL="sqlite:////proc/store.db"), "/proc/store.db")
    (tmp_path / "file").write_text("")
    says(run("show", MOCKEXAM_HOME=str(tmp_path / "file")), "mockexam.db")


@pytest.mark.usefixtures("filled")
def test_a_bank_is_accepted() -> None:
    assert run("show", "--bank", str(ROOT), "--bank", str(ROOT)).returncode == 0


TABS = """
title: Deep things
tabs:
  - {name: Exercise, assignment: exercise_3, counts: last, deadline: "2020-01-14 07:43", pass_mark: 90}
  - {name: Exam, assignment: mock_exam, hidden_until: "2999-01-01 00:00"}
total: {name: All, adds: passes}
"""


@pytest.fixture
def tabs(tmp_path: Path) -> str:
    """A file of boards."""
    path = tmp_path / "tabs.yaml"
    path.write_text(TABS)
    return str(path)


def rows(done: subprocess.CompletedProcess[str], board: int = 0) -> list[tuple[object, ...]]:
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)["boards"][board]["rows"]
    return [(each["Rank"], each["User"], each["Score"]) for each in data]


@pytest.mark.usefixtures("filled")
def test_a_file_of_boards_for_once_and_for_good(tabs: str) -> None:
    once = run("show", "--json", "--policy", tabs)
    assert [each["board"] for each in json.loads(once.stdout)["boards"]] == [
        "Exercise",
        "Exam",
        "All",
    ]
    assert json.loads(run("show", "--json").stdout)["boards"][0]["board"] == "exercise_3"
    assert "2 boards" in run("configure", tabs, "--check").stdout
    assert run("configure", tabs, "--show").stdout == TABS
    assert run("configure", tabs).returncode == 0
    assert run("configure", "--show").stdout == TABS
    kept = run("show", "--json")
    assert kept.stdout == once.stdout, "kept standings and the log say the same"
    assert run("configure", "--shipped").returncode == 0
    assert json.loads(run("show", "--json").stdout)["boards"][0]["board"] == "exercise_3"


@pytest.mark.usefixtures("filled")
def test_a_hidden_board_is_shown_to_who_asks_for_it(tabs: str) -> None:
    run("configure", tabs)
    assert rows(run("show", "--json", "--assignment", "Exam")) == []
    assert "Hidden until 2999-01-01" in run("show", "--assignment", "Exam").stdout
    assert "Hidden until 2999-01-01" in run("show", "--assignment", "All").stdout, (
        "a total tells too much"
    )
    for form in ("csv", "html", "markdown", "moodle", "gradescope", "lti"):
        assert "81.5" not in run("export", "--assignment", "mock_exam", "--format", form).stdout
    found = run("show", "--json", "--assignment", "mock_exam", "--with-hidden")
    assert rows(found) == [(1, "w0256", 81.5)]


@pytest.mark.usefixtures("filled")
def test_what_is_withdrawn_or_flagged_is_kept_and_not_ranked() -> None:
    words = ("--assignment", "exercise_3")
    done = run("withdraw", "1", "--reason", "wrong file", "--by", "Ada")
    assert (done.returncode, done.stdout) == (0, "")
    assert "submission 1 of w0256 for exercise_3 is withdrawn" in done.stderr
    assert rows(run("show", "--json", *words))[0][1] == "w0220"
    assert json.loads(run("show", "--json", *words).stdout)["boards"][0]["not_ranked"] == ["w0256"]
    assert "w0256 is not ranked" in run("show", *words, "--user", "w0256").stdout
    assert "not ranked: withdrawn by Ada: wrong file" in run("why", "w0256", *words).stdout
    assert run("flag", "1").returncode == 0
    assert run("verify").returncode == 0
    assert run("reinstate", "1").returncode == 0
    assert rows(run("show", "--json", *words))[0][1] == "w0256"


@pytest.mark.usefixtures("filled")
def test_why_tells_the_rule_the_tie_and_the_grading(tmp_path: Path) -> None:
    said = run("why", "w0220", "--assignment", "exercise_3").stdout
    assert "exercise_3: w0220 is #1 of 4 with 93.37 points, passed." in said
    assert "Same points: w0256; share the rank." in said
    assert "2  2020-01-14 07:43:00     93.37  counts" in said
    assert "1 partly_right; seed 7; on cpu; by mockexam 0.1.0" in said
    assert "Next above: w0220, #1" in run("why", WIDE).stdout
    data = json.loads(run("why", "w0220", "--json").stdout)
    assert data["boards"][0]["submissions"][0]["what_became_of_it"] == "counts"
    assert run("why", "w0999").stdout.count("has no result yet") == 1
    done = run("why", "w0220", "--save", str(tmp_path / "proof"))
    assert done.stderr.rstrip().endswith("2.json --assignment exercise_3")
    assert (tmp_path / "proof" / "2.zip").read_bytes() == b"w0220 93.37"
    assert json.loads((tmp_path / "proof" / "2.json").read_text("utf-8"))["user"] == "w0220"


def test_why_says_by_what_a_result_is_confirmed(add: Callable[..., int], tmp_path: Path) -> None:
    store = open_store()
    add(store, "w1", 90, versions={"mockexam": "0.1.0", "key": "0" * 64})
    store.close()
    done = run("why", "w1", "--save", str(tmp_path / "proof"))
    assert done.stderr.rstrip().endswith("# with the --key or --exam that it was graded by")


def test_why_tells_apart_what_has_no_result_and_saves_its_bytes(
    filled: Store, moment: datetime, tmp_path: Path
) -> None:
    words = {
        "waiting": "has no result yet: it waits to be graded",
        "claimed": "has no result yet: it is being graded",
        "refused": r"refused: no zip file; \u001bmend it and hand in again",
        "given_up": f"has no result: {GIVEN_UP}",
        "done": "had a result, which is gone: see leaderboard verify",
    }
    told = {"refused": ["no zip\nfile", "\x1bmend it and hand in again"], "given_up": [GIVEN_UP]}
    for number, state in enumerate(words):
        one = hand_in(
            filled, user="w7", assignment="exercise_3", filename="w7.zip", content=state.encode(),
            received_at=moment + timedelta(hours=number),
        )  # fmt: skip
        with writing(filled.engine).begin() as connection:
            row = {"state": state, "told": json.dumps(told.get(state, []))}
            mine = gradings.c.submission_id == one.number
            connection.execute(gradings.update().where(mine).values(**row))
    done = run("why", "w7", "--save", str(tmp_path / "all"))
    said = [line.split("  ")[-1].strip() for line in done.stdout.splitlines()[-len(words) :]]
    assert said == list(words.values())
    saved = {path.read_bytes().decode() for path in (tmp_path / "all").glob("*.zip")}
    assert saved == set(words)
    assert "--replay" not in done.stderr


def test_why_tells_what_was_refused_for_no_assignment(moment: datetime, tmp_path: Path) -> None:
    store = open_store()
    one = hand_in(
        store, user="w7", assignment=UNASSIGNED, filename="w7.zip", content=b"x", received_at=moment
    )
    refuse_waiting(store, one.number, ["holds nothing that is known"])
    store.close()
    done = run("why", "w7", "--save", str(tmp_path / "all"))
    assert done.returncode == 0, done.stderr
    assert "for no assignment that could be told" in done.stdout
    assert "refused: holds nothing that is known" in done.stdout
    assert "Rule" not in done.stdout
    assert (tmp_path / "all" / "1.zip").read_bytes() == b"x"
    says(run("why", "w8"), "unknown-user")


def spoiled(whole: bytes, how: str, file: Path) -> None:
    """A backup as it may come back: cut off, overwritten in its middle, of another program, of a later version."""
    torn = whole[:8192] + b"\xff" * (len(whole) - 8192)
    made = {"cut off": whole[: len(whole) // 2], "torn": torn, "noise": b"x" * 9000, "empty": b""}
    file.write_bytes(made.get(how, whole if how == "newer" else b""))
    with closing(sqlite3.connect(file)) as database:
        if how == "other":
            database.execute("CREATE TABLE contents (a)")
        if how == "newer":
            database.execute("INSERT INTO leaderboard_schema VALUES (99, '2099-01-01')")
        database.commit()


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("cut off", "bad-backup"), ("torn", "bad-backup"), ("noise", "bad-backup"), ("empty", "bad-backup"),
        ("other", "bad-backup"), ("newer", "store-too-new"),
    ],
)  # fmt: skip
def test_a_backup_that_cannot_be_restored_is_named_and_leaves_no_store_behind(
    tmp_path: Path, how: str, said: str
) -> None:
    file, home = tmp_path / "course.db", tmp_path / "other"
    assert run("backup", str(file)).returncode == 0
    spoiled(file.read_bytes(), how, file)
    done = run("restore", str(file), MOCKEXAM_HOME=str(home))
    says(done, said, str(file))
    assert "mockexam-restore-" not in done.stderr
    assert not home.exists()


@pytest.mark.usefixtures("filled")
def test_export_of_every_board_and_of_every_submission() -> None:
    every = run("export", "--all").stdout.splitlines()
    assert every[0].startswith("Rank,User,Date submitted,Score,Pass,")
    assert len(every) == 6
    log = run("export", "--submissions").stdout.splitlines()
    assert log[0].startswith("Submission,User,Date submitted,Score,Pass,")
    assert log[1] == "1,w0256,2020-01-14 07:42:59,93.37,yes,0.00,100.00,exercise_3,"
    assert log[-1] == "6,w0999,2020-01-14 07:42:59,,,,,exercise_3,"


@pytest.mark.usefixtures("filled")
def test_a_backup_fills_an_empty_store(tmp_path: Path) -> None:
    before = run("show", "--json").stdout
    file = str(tmp_path / "backup.db")
    assert "6 submissions, 5 results" in run("backup", file).stderr
    assert Path(file).stat().st_mode & 0o777 == 0o600
    assert run("show", "--json", DATABASE_URL=f"sqlite:///{file}").stdout == before
    says(run("restore", file), "not-empty")
    other = str(tmp_path / "other")
    assert run("restore", file, MOCKEXAM_HOME=other).returncode == 0
    assert run("show", "--json", MOCKEXAM_HOME=other).stdout == before
    assert run("verify", MOCKEXAM_HOME=other).returncode == 0


@pytest.mark.usefixtures("filled")
def test_verify_finds_what_was_changed_behind_its_back(own_home: Path) -> None:
    import sqlite3

    assert "all as recorded" in run("verify").stdout
    with sqlite3.connect(own_home / "mockexam.db") as database:
        database.execute("UPDATE standings SET points = 99000000 WHERE username = 'w0220'")
    done = run("verify")
    assert (done.returncode, done.stderr) == (1, "")
    assert "board-differs" in done.stdout
    assert "leaderboard rebuild" in done.stdout
    assert run("rebuild").returncode == 0
    assert run("verify").returncode == 0


@pytest.mark.usefixtures("filled")
def test_a_roster_for_gradebooks_and_an_erased_person(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("user;name;email\nw0256;Ada Lovelace;ada@example.org\n")
    assert "kept 1 person" in run("roster", str(tmp_path / "roster.csv")).stderr
    assert "Ada Lovelace" in run("export", "--format", "canvas").stdout
    assert "Ada" not in run("export", "--format", "html").stdout
    done = run("erase", "w0256", "--yes")
    assert "erased-1" in done.stderr
    assert "w0256" not in run("export", "--submissions").stdout
    assert rows(run("show", "--json"))[0] == (1, "erased-1", 93.37)
    assert run("verify").returncode == 0


def test_every_form_that_is_offered_has_a_writer() -> None:
    assert set(FORMATS) == set(_WRITERS)


@pytest.mark.parametrize(
    "words", [["--help"], ["show", "--help"], ["export", "--help"], ["erase", "--help"]]
)
def test_help_imports_nothing_but_the_standard_library(words: list[str]) -> None:
    program = (
        "import sys\n"
        "from leaderboard.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "own = {'leaderboard', 'question_bank'}\n"
        "seen = {name.partition('.')[0] for name in sys.modules} - sys.stdlib_module_names - own\n"
        "print(sorted(name for name in seen if not name.startswith('_')), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", program, *words],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stderr.splitlines()[-1] == "[]"
    assert "usage: leaderboard" in done.stdout
