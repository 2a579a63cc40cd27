"""results.json, field by field as Gradescope's autograder specification describes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]
Format = Literal["text", "html", "simple_format", "md", "ansi"]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class Documented(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Test(Documented):
    __test__ = False

    score: Finite | None = None
    max_score: Finite | None = None
    status: Literal["passed", "failed"] | None = None
    name: str | None = None
    name_format: Format | None = None
    number: str | None = None
    output: str | None = None
    output_format: Format | None = None
    tags: list[str] | None = None
    visibility: Visibility | None = None
    extra_data: dict[str, Any] | None = None


class Column(Documented):
    name: str
    value: Finite | str
    order: Literal["asc", "desc"] | None = None


class Results(Documented):
    score: Finite
    execution_time: Finite | None = None
    output: str | None = None
    output_format: Format | None = None
    test_output_format: Format | None = None
    test_name_format: Format | None = None
    visibility: Visibility | None = None
    stdout_visibility: Visibility | None = None
    extra_data: dict[str, Any] | None = None
    tests: list[Test] = []
    leaderboard: list[Column] = []


def results(text: str) -> Results:
    return Results.model_validate_json(text)


SHEET = "form: A\nanswers: {1: [a, d], 2: [1 0 0], 3: because, 4a: 5}"


def test_a_report_as_results(key_file, hand_in, grade):
    ran = grade(hand_in(SHEET), "--key", key_file, "--format", "gradescope")
    found = results(ran.out)
    assert (ran.status, ran.err) == (0, "")
    by_name = {test.name.split(":")[0]: test for test in found.tests}
    assert list(by_name) == ["1", "2", "3", "4a", "4b", "4c"]
    assert (by_name["1"].status, by_name["1"].score, by_name["1"].max_score) == ("passed", 2, 2)
    assert (by_name["2"].status, by_name["2"].score) == ("failed", pytest.approx(1 / 3, abs=1e-5))
    assert by_name["3"].output.startswith("waits for a person")
    assert by_name["4a"].output == "Recognised: added.\nThe two are multiplied, not added."
    assert found.score == pytest.approx(sum(test.score for test in found.tests), abs=1e-3)
    assert "3 more are open" in found.output
    assert found.leaderboard[0].model_dump() == {"name": "Score", "value": found.score, "order": "desc"}  # fmt: skip
    assert found.extra_data["versions"]["key"]


@pytest.mark.parametrize(
    ("words", "file"),
    [
        (["--json", "results.json"], "results.json"),
        (["-o", "results.json"], "results.json"),
        (["-o", "reports"], "reports/w0256.results.json"),
    ],
)
def test_where_results_go(words, file, key_file, hand_in, grade):
    ran = grade(hand_in(), "--key", key_file, "--format", "gradescope", *words)
    assert ran.status == 0
    assert "13 of 16 points" in ran.out
    assert results(Path(file).read_text("utf-8")).score == 13


def test_a_refused_submission_says_why_instead_of_failing(key_file, work, grade):
    Path("w0256.zip").write_text("no zip")
    words = ["w0256.zip", "--key", key_file, "--format", "gradescope", "--json", "results.json"]
    ran = grade(*words)
    assert ran.status == 2
    found = results(Path("results.json").read_text("utf-8"))
    assert (found.score, found.tests) == (0, [])
    assert "this is not a zip file" in found.output


def test_what_is_not_the_submission_s_fault_is_no_zero(key_file, hand_in, grade):
    words = [hand_in(), "--key", key_file, "--format", "gradescope", "--html", "/dev/full"]
    assert grade(*words, "--json", "results.json").status == 2
    assert not Path("results.json").exists()


def test_the_schema_refuses_what_is_not_documented():
    for wrong in ({"score": "1"}, {"score": 1, "test": []}, {"score": 1, "tests": [{"status": "ok"}]}):  # fmt: skip
        with pytest.raises(ValueError):
            results(json.dumps(wrong))


def test_several_have_one_each(key_file, hand_in, grade):
    hand_in(name="hand-in/a.zip")
    hand_in(SHEET, name="hand-in/b.zip")
    words = ["hand-in", "--key", key_file, "--format", "gradescope", "-o", "reports"]
    assert grade(*words).status == 0
    assert results(Path("reports/a.results.json").read_text("utf-8")).score == 13
    assert grade(*words).err.splitlines()[-1].startswith("0 graded, 2 kept")
