"""`question-bank` as its users call it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter

import pytest


def run(*arguments, **settings):
    code = "from authoring.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        **settings,
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("conv_output_size input=32 kernel=5 stride=2 padding=2", "16"),
        ("conv_param_count in_channels=3 out_channels=64 kernel=3", "1792"),
        ("receptive_field layers=[[3,1],[3,2],[3,1]]", "9"),
        ("transposed_conv_size input=4 kernel=4 stride=2 padding=1", "8"),
        ("lstm_params input_size=64 hidden_size=128", "98816"),
    ],
)
def test_solve_prints_the_value(arguments, expected):
    done = run("solve", *arguments.split())
    assert (done.returncode, done.stdout.strip()) == (0, expected)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ("solve conv_output_size input=32 kernel=5 stride=0", "stride"),
        ("solve conv_output_sizes input=32", "did you mean"),
        ("solve conv_output_size inptu=32", "did you mean"),
        ("solve conv_output_size 32 5", "key=value"),
        ("solve conv_output_size input=__import__ kernel=2", "input"),
        ("show conv_output_siz", "did you mean"),
        ("try conv_output_size --part b --answer 1", "has no parts"),
        ("try --type numeric --answer 1", "--key"),
        ("try --type number --key 1 --answer 1", "answer type"),
        ("try --type expression --key ( --answer 1", "no key"),
        ("try --type numeric --key 1/3 --tolerance inf --answer 5", "tolerance"),
        ("try --type numeric --key 1/3 --tolerance nan --answer 5", "tolerance"),
        ("try --type numeric --key 3 --answer --json", "expected one argument"),
        ("list --bank /no/such/folder", "no folder"),
        ("chek", "did you mean"),
        ("check nofile.yaml", "nofile.yaml: error[no-file]: there is no such file"),
        ("new my_question -o /dev/null/x", "no folder can be made here"),
        ("new my_question -o /tmp/other.yaml", "-o /tmp/my_question.yaml"),
        ("show conv_output_size --seed -1", "whole number"),
    ],
)
def test_bad_input_is_one_clear_message_and_exit_2(arguments, part):
    done = run(*arguments.split())
    assert done.returncode == 2
    assert part in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [
        "try --type numeric --key -53/16 --answer -53/16",
        "try --type numeric --key=-53/16 --answer=-53/16 --json",
        "try --answer -x --type expression --key -x",
    ],
)
def test_an_answer_may_begin_with_a_dash(arguments):
    done = run(*arguments.split())
    assert done.returncode == 0, done.stderr
    assert "right" in done.stdout


def test_try_says_verdict_reading_and_mistake():
    shown = json.loads(run("show", "conv_output_size", "--seed", "3", "--json").stdout)
    slip = shown["parts"][0]["mistakes"][0]
    done = run(
        "try",
        "conv_output_size",
        "--seed",
        "3",
        "--json",
        "--answer",
        f"= {slip['answer']['value']}",
    )
    result = json.loads(done.stdout)
    assert done.returncode == 0
    assert (result["verdict"], result["points_fraction"]) == ("wrong", 0)
    assert result["mistake"] == slip["name"]
    assert result["read_as"] == slip["answer"]["value"]


@pytest.mark.parametrize(
    ("words", "calls"),
    [
        (["conv2d", "SIZE"], ["torch_conv2d_size(size, kernel, stride=1, padding=0, dilation=1)", "torch_conv_shape(channels, filters, size, kernel, stride, padding)"]),
        (["torch_linear_weights"], ["torch_linear_weights(inputs, outputs)"]),
        (["no", "such", "route", "at", "all"], []),
    ],
)  # fmt: skip
def test_routes_are_found_by_words(words, calls):
    done = run("routes", *words)
    assert done.returncode == 0
    assert [line for line in done.stdout.splitlines() if not line.startswith(" ")] == calls
    found = json.loads(run("routes", *words, "--json").stdout)
    assert [one["call"] for one in found] == calls
    assert all(one["says"].endswith(".") for one in found)


@pytest.mark.parametrize("target", ["deep/down", "deep/down/my_question.yaml"])
def test_a_new_question_makes_its_folder_and_passes_the_check_but_for_its_gaps(target, tmp_path):
    made = run("new", "my_question", "-o", str(tmp_path / target))
    assert made.stdout.strip() == str(tmp_path / "deep/down/my_question.yaml")
    checked = run("check", "--draws", "1", made.stdout.strip())
    assert (checked.returncode, checked.stdout) == (0, "1 question, 1 draw: no findings\n")
    strict = run("check", "--draws", "1", "--strict", made.stdout.strip())
    assert (strict.returncode, strict.stdout) == (1, "1 question, 1 draw: 3 findings\n")
    assert strict.stderr.count("is still to be done") == 3


def test_stats_show_a_whole_course():
    data = json.loads(run("stats", "--json").stdout)
    assert set(data["by_lecture"]) == {str(n) for n in range(1, 13)}
    for lecture, counts in data["by_lecture"].items():
        assert sum(counts.values()) >= (14 if lecture == "1" else 18)
        assert counts["multiple_choice"] >= 6
        assert counts["short"] >= 6
        assert counts["long"] >= 2
    assert data["questions"] >= 300
    assert data["parametrised"] >= 200
    assert data["with_figure"] >= 70
    assert data["long_with_carried_errors"] >= 40
    assert data["archetypes_missing"] == data["archetypes_unknown"] == []
    topics = [counts for found in data["by_topic"].values() for counts in found.values()]
    assert sum(sum(counts.values()) for counts in topics) == data["questions"]
    levels = data["by_difficulty"].values()
    assert sum(sum(counts.values()) for counts in levels) == data["questions"]
    assert all(sum(counts.values()) for counts in levels)
    assert sum(data["by_objective"].values()) >= data["questions"]
    together = Counter()
    for found in data["objectives_by_topic"].values():
        for aims in found.values():
            together.update({aim: sum(counts.values()) for aim, counts in aims.items()})
    assert together == data["by_objective"]
    by_verb = data["objectives_by_verb"]
    counts = [sum(found.values()) for found in by_verb.values()]
    assert sum(counts) == sum(together.values())
    assert counts[:-1] == sorted(counts[:-1], reverse=True)
    assert min(counts[:-1]) >= 5
    computed = sum(n for aim, n in together.items() if aim.startswith("compute "))
    assert sum(by_verb["compute"].values()) == computed


def test_stats_as_tables_and_as_a_picture(tmp_path):
    done = run("stats", "--plot", str(tmp_path / "coverage.svg"))
    assert done.returncode == 0
    for table in ("lecture", "difficulty", "topic", "objective"):
        assert any(
            line.startswith(table) and line.endswith("multiple choice  short  long    all")
            for line in done.stdout.splitlines()
        )
    assert max(map(len, done.stdout.splitlines())) <= 92
    picture = (tmp_path / "coverage.svg").read_text()
    assert picture.startswith("<svg")
    for name in ("compute", "1 motivation", "12"):
        assert f'data-label="{name}"' in picture
    refused = run("stats", "--plot", str(tmp_path / "coverage.png"))
    assert refused.returncode == 2
    assert "coverage.svg" in refused.stderr
    assert not (tmp_path / "coverage.png").exists()


def test_habits_of_the_bank_are_printed_with_their_probability():
    lint = json.loads(run("stats", "--json").stdout)["lint"]
    places = lint["key_position"]
    assert sum(seen["observed"] for seen in places.values()) == lint["single_key_questions"]
    for figure in (lint["longest_is_right"], *places.values()):
        assert figure["p"] > 0.01
    printed = run("stats").stdout
    assert (
        f"right at a: {places['a']['observed']} (by chance {places['a']['by_chance']:g}" in printed
    )


def test_a_preview_shows_three_draws_that_differ(tmp_path):
    target = tmp_path / "page.html"
    # Its first seeds draw the same numbers twice.
    assert run("preview", "slope_from_output", "-o", str(target)).returncode == 0
    draws = re.findall(r'class="seed">seed \d+(.*?)</p>', target.read_text())
    assert len(draws) == len(set(draws)) == 3


def test_preview_writes_a_page_of_its_own(tmp_path):
    target = tmp_path / "page.html"
    assert run("preview", "conv_output_size", "-o", str(target)).returncode == 0
    page = target.read_text()
    assert "<math" in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")
