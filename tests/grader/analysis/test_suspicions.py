"""Suspicious keys: small classes, what is said of them, and the key that is proposed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from grader.analysis.analysis import analyse
from grader.analysis.proposals import proposal
from grader.analysis.responses import responses_of
from grader.report import with_checks
from question_bank.answers.multiple_choice import NONE
from question_bank.key import loads, mark_answers
from tests.grader.analysis.classes import choice, form, items, number, question, report

TABLE = yaml.safe_load(Path(__file__).with_name("suspicions.yaml").read_text("utf-8"))
OTHERS = 10


def papers_of(key, answers):
    """A paper for each answer to question 1; the later, the more of the others are right."""
    count = len(answers)
    papers = []
    for place, text in enumerate(answers):
        right = round(place / max(1, count - 1) * OTHERS)
        rest = {str(n + 2): "b" if n < right else "a" for n in range(OTHERS)}
        own = {} if text is None else {"1": text}
        papers.append(report(key, {**own, **rest}, f"w{place}"))
    return papers


def of_first(key, answers):
    found = analyse(responses_of(papers_of(key, answers), [key], own_forms=False))
    return next((s for s in found.suspicions if s.item.labels["A"] == "1"), None)


@pytest.mark.parametrize("row", TABLE, ids=[row["name"] for row in TABLE])
def test_what_is_said_of_a_class(row):
    key = form("A", [choice("first", row["options"]), *items(OTHERS)])
    words = {"-": NONE, ".": None}
    answers = [
        words.get(letters, ", ".join(letters))
        for letters in row["chosen"].split()
        for _ in range(row["times"])
    ]
    found = of_first(key, answers)
    if row["strength"] is None:
        assert found is None
        return
    assert found.strength == row["strength"]
    assert sorted({r.code for r in found.reasons}) == sorted(row["says"])
    assert found.look_at == row.get("look", found.look_at)
    mend = proposal(found, [key], Path("out"), Path("exam.json"), own_forms=False)
    if "accepts" not in row:
        return
    (text,) = mend.files.values()
    corrected = loads(text, "proposal")
    marked = mark_answers(corrected, {"1": row["accepts"]})[0]
    assert marked.mark.verdict == "right"
    # What was right by the key stays right, and nothing else becomes it.
    assert mark_answers(corrected, {"1": row["chosen"][0].replace("-", NONE)})[0].mark.verdict == (
        mark_answers(key, {"1": row["chosen"][0].replace("-", NONE)})[0].mark.verdict
    )
    assert mend.command == "grade --regrade a-test --key out/proposals/first/A.json --dry-run"


def test_the_same_number_from_the_best_students():
    key = form("A", [number("first", "16"), *items(OTHERS)])
    found = of_first(key, ["16", "3", "16", "4"] * 5 + ["12"] * 20)
    assert found.strength == "strong"
    assert found.reasons[0].code == "best-gave"
    assert found.reasons[0].sentence == (
        'of the best third on form A 100 % gave "12", and 0 % what the key says'
    )
    mend = proposal(found, [key], Path("out"), Path("exam.json"), own_forms=False)
    (text,) = mend.files.values()
    assert mark_answers(loads(text, "p"), {"1": "12"})[0].mark.verdict == "right"
    assert mark_answers(loads(text, "p"), {"1": "16"})[0].mark.verdict == "right"
    assert mend.change == 'accepts "12" on form A as well'


def test_answers_of_one_or_two_students_are_theirs_alone():
    key = form("A", [number("first", "16"), *items(OTHERS)])
    answers = ["16"] * 20 + ["777"] * 2 + ["555"] * 3
    found = analyse(responses_of(papers_of(key, answers), [key], own_forms=False))
    assert [o.text for o in found.typed[0]] == ["16", "555"]


def test_words_that_people_mark_are_not_shown():
    key = form("A", [question("first", [("", 1.0, {"type": "text", "lines": 2})]), *items(OTHERS)])
    papers = [
        with_checks(
            paper,
            [
                replace(check, verdict="right", points=1.0, by_person=True)
                if check.id == "1"
                else check
                for check in paper.checks
            ],
        )
        for paper in papers_of(key, ["my name is Ada"] * 20)
    ]
    assert papers[0].checks[0].read_as == "my name is Ada"
    found = analyse(responses_of(papers, [key], own_forms=False))
    assert found.statistics[0].difficulty.value == 1
    assert found.typed[0] == ()


def test_a_withdrawn_question_is_suspected_no_more():
    first = choice("first", "x|*y|z")
    void = first.model_copy(update={"parts": (first.parts[0].model_copy(update={"void": True}),)})
    assert of_first(form("A", [first, *items(OTHERS)]), ["b"] * 15 + ["a"] * 15) is not None
    assert of_first(form("A", [void, *items(OTHERS)]), ["b"] * 15 + ["a"] * 15) is None


@pytest.mark.parametrize("best", ["c", NONE])
def test_a_key_that_was_corrected_is_suspected_no_more(best):
    key = form("A", [choice("first", "x|*y|z"), *items(OTHERS)])
    answers = ["b"] * 15 + [best] * 15
    found = of_first(key, answers)
    mend = proposal(found, [key], Path("out"), Path("exam.json"), own_forms=False)
    (text,) = mend.files.values()
    assert of_first(loads(text, "p"), answers) is None


def test_options_are_the_same_wherever_a_form_prints_them():
    a = form("A", [choice("first", "the sum is 3|*the product is 4|none fits"), *items(OTHERS)])
    b = form("B", [choice("first", "none fits|the sum is 7|*the product is 9"), *items(OTHERS)])
    papers = papers_of(a, ["b"] * 10 + ["a"] * 5) + papers_of(b, ["c"] * 7 + ["b"] * 8)
    found = analyse(responses_of(papers, [a, b], own_forms=False))
    assert [(o.text, dict(o.letters), o.count, o.of) for o in found.options[0]] == [
        ("the sum is 3", {"A": "a", "B": "b"}, 13, 30),
        ("the product is 4", {"A": "b", "B": "c"}, 17, 30),
        ("none fits", {"A": "c", "B": "a"}, 0, 30),
    ]


def test_an_option_that_is_not_printed_on_a_form_was_not_before_its_students():
    a = form("A", [choice("first", "x|*y|only here"), *items(OTHERS)])
    b = form("B", [choice("first", "x|*y"), *items(OTHERS)])
    papers = papers_of(a, ["b"] * 10 + ["c"] * 2) + papers_of(b, ["b"] * 8)
    found = analyse(responses_of(papers, [a, b], own_forms=False))
    assert [(o.text, o.count, o.of) for o in found.options[0]] == [
        ("x", 0, 20), ("y", 18, 20), ("only here", 2, 12),
    ]  # fmt: skip


def test_keys_of_students_own_forms_are_not_proposed():
    key = form("A", [choice("first", "x|*y|z"), *items(OTHERS)])
    found = analyse(responses_of(papers_of(key, ["b"] * 15 + ["c"] * 15), [key], own_forms=True))
    (mend,) = [
        proposal(s, [key], Path("out"), Path("exam.json"), own_forms=True)
        for s in found.suspicions
        if s.item.id == "first"
    ]
    assert mend.files == {}
    assert mend.command == "grade --regrade a-test --exam exam.json --dry-run"


def test_proposals_name_files_that_a_shell_takes_as_they_are():
    key = form("A", [choice("first", "x|*y|z"), *items(OTHERS)])
    found = of_first(key, ["b"] * 15 + ["c"] * 15)
    mend = proposal(found, [key], Path("my folder"), Path("exam.json"), own_forms=False)
    assert "--key 'my folder/proposals/first/A.json'" in mend.command
    assert json.loads(next(iter(mend.files.values())))["form"] == "A"
