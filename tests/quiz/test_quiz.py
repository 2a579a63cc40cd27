"""The quiz: a seeded session, marked by the bank's answer types, in a terminal or through a pipe."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest
from quiz.session import Wish, advance, judge, start, tally
from quiz.terminal import face, play, print_result

from question_bank.answers import answer_type
from question_bank.diagnostics import InputError
from question_bank.loader import Bank, load_bank, parse_question
from tests.support import CHAIN

BANK = load_bank()


@pytest.fixture(autouse=True)
def figures(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "mockexam" / "figures"


def chain_bank(use="both"):
    question = parse_question(CHAIN + f"use: {use}\n", "chain.yaml")
    return Bank({"chain": question}, {}, "0")


def right_answers(session):
    lines = []
    for prompt in session.prompts:
        kind = answer_type(prompt.part.answer["type"])
        lines.append(kind.written(prompt.part.key))
        if kind.kind == "text":
            lines.append(f"{prompt.part.points:g}")
    return lines


def pipe(session, lines):
    out = io.StringIO()
    shown = face(io.StringIO("\n".join(lines) + "\n"), out, plain=True)
    done = play(session, shown)
    print_result(done, shown)
    return done, out.getvalue()


def test_the_same_seed_asks_the_same_and_another_asks_something_else():
    ids = [[p.question.model_dump() for p in start(BANK, Wish(seed=s)).prompts] for s in (1, 1, 2)]
    assert ids[0] == ids[1] != ids[2]


def test_a_session_keeps_to_its_lectures():
    session = start(BANK, Wish(lectures=(3, 9), count=6))
    assert {p.question.lecture for p in session.prompts} == {3, 9}
    assert session.prompts[-1].number == 6


def test_what_is_kept_for_exams_is_never_drawn():
    with pytest.raises(InputError, match="no practice questions"):
        start(chain_bank("exam"), Wish(lectures=(4,)))
    assert start(chain_bank("exam"), Wish()).prompts == ()


def test_right_answers_earn_all_points_in_every_lecture():
    for lecture in range(1, 13):
        session = start(BANK, Wish(lectures=(lecture,), count=4, seed=5))
        done, shown = pipe(session, right_answers(session))
        sums = tally(done.outcomes)
        assert sums.earned == sums.possible > 0, shown


def test_an_error_is_carried_forward():
    session = start(chain_bank(), Wish())
    session = advance(session, "7", judge(session, "7"))
    assert judge(session, "8").verdict == "right"
    assert judge(session, "9").verdict == "wrong"


def test_a_slip_is_named_and_the_solution_shown():
    _, shown = pipe(start(chain_bank(), Wish()), ["5", "7", "14"])
    assert "The two are multiplied, not added." in shown
    assert "Right answer: 6" in shown
    assert "5 of 10 points" in shown


def with_a_figure():
    lectures = (1, 2, 3, 5, 9)
    sessions = (start(BANK, Wish(lectures=lectures, count=8, seed=seed)) for seed in range(20))
    return next(s for s in sessions if any(p.variant.figure for p in s.prompts))


def test_figures_lie_in_one_folder_and_the_same_one_is_not_drawn_twice(figures, tmp_path):
    session = with_a_figure()
    _, shown = pipe(session, [])
    for _ in range(2):
        _, shown = pipe(session, [""] * len(session.prompts) * 2)
    drawn = sorted(figures.iterdir())
    asked = sum(p.first and p.variant.figure is not None for p in session.prompts)
    asked += sum(p.part.label != "" and p.figure is not None for p in session.prompts)
    assert len(drawn) == asked > 0
    for file in drawn:
        assert f"(drawn in {file})" in shown
        assert file.read_text().startswith("<svg")
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == drawn


def test_old_figures_are_removed(figures):
    figures.mkdir(parents=True)
    old, new = figures / "old.svg", figures / "new.svg"
    for file in (old, new):
        file.write_text("<svg/>")
    os.utime(old, (0, 0))
    pipe(start(chain_bank(), Wish()), ["6"])
    assert (old.exists(), new.exists()) == (False, True)


def test_a_figure_that_cannot_be_written_is_described(figures, tmp_path):
    (tmp_path / "mockexam").write_text("no folder")
    session = with_a_figure()
    _, shown = pipe(session, [""] * len(session.prompts) * 2)
    assert "Figure: " in shown
    assert "(drawn in" not in shown


def test_the_end_of_the_input_ends_the_session():
    done, shown = pipe(start(chain_bank(), Wish()), ["6"])
    assert len(done.outcomes) == 1
    assert "5 of 5 points" in shown


def test_an_unreadable_line_of_a_pipe_does_not_swallow_the_next():
    done, _ = pipe(start(chain_bank(), Wish()), ["six", "7", ""])
    assert [o.mark.verdict for o in done.outcomes] == ["unreadable", "right", "not_answered"]


def test_no_escape_code_reaches_a_pipe():
    _, shown = pipe(start(chain_bank(), Wish()), ["\x1b[31m6", "7"])
    assert "\x1b" not in shown


def run(*arguments, text=""):
    code = "from quiz.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_works_through_a_pipe_and_gives_json():
    done = run("--lecture", "9", "-n", "2", "--seed", "1", "--json", text="16\na\nb\n")
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert data["seed"] == 1
    assert data["answers"][0]["verdict"] in ("right", "wrong", "partly_right", "unreadable")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [("--lecture 13", "lecture 13"), ("--topic nothing_like_it", "topic"), ("-n 0", "count"), ("--seed x", "seed"),
     ("--bank /no/such", "no folder")],
)  # fmt: skip
def test_bad_usage_is_one_clear_message_and_exit_2(arguments, part):
    done = run(*arguments.split())
    assert done.returncode == 2
    assert part in done.stderr
    assert "Traceback" not in done.stderr
