"""Every rule of the item-writing linter: an example that trips it, and one beside it that does not."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import pytest
import yaml

from authoring.lint.bank import lint_bank
from authoring.lint.chance import at_least, more_than_its_share
from authoring.lint.draw import lint_draw
from authoring.lint.exam import Printed, lint_exam
from authoring.lint.file import lint_file
from authoring.lint.habits import option_set
from authoring.lint.item import lint_item
from authoring.lint.places import lint_places
from question_bank.loader import load_bank
from question_bank.schema import Question
from question_bank.variant import instantiate

HERE = Path(__file__).parent
COMMON = {
    "id": "question",
    "title": "Some things",
    "lecture": 1,
    "topic": "testing",
    "difficulty": 1,
    "objectives": ["test"],
    "source": "made for the tests",
}
DRAWN = {
    "parameters": {"a": {"choice": [3]}, "b": {"choice": [4]}},
    "let": {"y": "a * b"},
    "mistakes": [
        {"name": "added", "set": {"y": "a + b"}, "why": "They are multiplied."},
        {"name": "squared", "set": {"y": "a * a"}, "why": "Both factors count."},
        {"name": "halved", "set": {"y": "a * b / 2"}, "why": "There is no half."},
    ],
    "text": "What is {{ a }} times {{ b }}?",
    "solution": "It is {{ y }}.",
}
BASES = {
    "statements": {
        "type": "multiple_choice",
        "points": 2,
        "text": "Which statements hold?",
        "options": ["+ The first one.", "- The second one.", "+ The third one."],
        "solution": "See there.",
    },
    "number": {"type": "short", "points": 2, "answer": {"type": "numeric", "value": "y"}, **DRAWN},
    "valued": {
        "type": "multiple_choice",
        "points": 2,
        "options": [
            {"value": "y", "correct": True},
            *({"value": "y", "correct": False, "mistake": m["name"]} for m in DRAWN["mistakes"]),
        ],
        **DRAWN,
    },
    "written": {
        "type": "short",
        "points": 3,
        "text": "Why?",
        "answer": {"type": "text", "lines": 3},
        "solution": "Because.",
    },
    "parts": {
        "type": "long",
        "text": "Two things are asked.",
        "parts": [
            {"text": "How?", "points": 4, "answer": {"type": "text", "lines": 3}, "solution": "So."},
            {"text": "Why?", "points": 4, "answer": {"type": "text", "lines": 3}, "solution": "So."},
        ],
    },
}  # fmt: skip


def rows(name):
    table = yaml.safe_load((HERE / f"{name}.yaml").read_text())
    return [
        pytest.param(row, side, id=f"{row['rule']}{' ' + row['why'] if 'why' in row else ''}: {side}")
        for row in table
        for side in ("trips", "clean")
    ]  # fmt: skip


def question_with(over, *, base="statements", number=0):
    data = copy.deepcopy({**COMMON, **BASES[base]})
    data |= copy.deepcopy(over)
    rubric = data.pop("rubric_of_part", None)
    if rubric is not None:
        data["parts"][0]["rubric"] = rubric
    if number:
        data["id"] = f"question_{number}"
    data["options"] = [
        {"text": o[2:].replace("{n}", f"word{number}"), "correct": o[0] == "+"}
        if isinstance(o, str)
        else o
        for o in data.get("options", [])
    ]
    return Question.model_validate(data)


def questions_with(entries):
    """The questions of a bank or an exam; copies get a text of their own, so that they are no twins."""
    made = []
    for entry in entries:
        over = {k: v for k, v in entry.items() if k not in ("times", "base")}
        for _ in range(entry.get("times", 1)):
            n = len(made) + 1
            own = (
                {"text": " ".join(f"own{n}{c}" for c in "abcdefghijkl")} if "times" in entry else {}
            )
            made.append(
                question_with({**own, **over}, base=entry.get("base", "statements"), number=n)
            )
    return made  # fmt: skip


@pytest.mark.parametrize(("row", "side"), rows("item"))
def test_rules_on_a_question(row, side):
    question = question_with(row[side], base=row.get("base", "statements"))
    found = {f.code for f in [*lint_item(question), *lint_draw(question, instantiate(question, 0))]}
    assert (row["rule"] in found) == (side == "trips"), found


@pytest.mark.parametrize(("row", "side"), rows("file"))
def test_rules_on_what_the_author_says(row, side):
    usual = {"topic": "motivation", "archetype": ["1.1"], "minutes": 2}
    over = {**usual, **row[side]}
    question = question_with(
        {k: v for k, v in over.items() if v is not None}
        | {k: v for k, v in over.items() if k == "answer"},
        base=row.get("base", "statements"),
    )
    written = [key for key, value in over.items() if value is not None]
    own_bank = row.get("own_bank", False) in (True, {side: True})
    found = {f.code for _, f in lint_file(question, written, of_course=not own_bank)}
    assert found == ({row["rule"]} if side == "trips" else set())


@pytest.mark.parametrize(("row", "side"), rows("draws"))
def test_rules_on_the_draws_of_a_question(row, side):
    question = question_with(row[side], base=row["base"])
    sets = [option_set(question, instantiate(question, seed)) for seed in range(60)]
    found = {f.code for f in lint_places(sets)}
    assert (row["rule"] in found) == (side == "trips"), found


@pytest.mark.parametrize(("row", "side"), rows("bank"))
def test_rules_on_a_bank(row, side):
    questions = questions_with(row[side])
    variants = {q.id: instantiate(q, 0) for q in questions}
    found = {f.code for _, f in lint_bank(questions, variants)}
    assert (row["rule"] in found) == (side == "trips"), found


@pytest.mark.parametrize(("row", "side"), rows("exam"))
def test_rules_on_an_exam(row, side):
    questions = questions_with(row[side]["questions"])
    form = [Printed(n, q, instantiate(q, 0)) for n, q in enumerate(questions, 1)]
    minutes = row[side].get("minutes", sum(q.minutes for q in questions))
    found = {f.code for f in lint_exam(form, minutes=minutes)}
    assert (row["rule"] in found) == (side == "trips"), found


def test_every_rule_has_its_example():
    folder = HERE.parents[2] / "authoring" / "lint"
    in_code = {
        code
        for file in folder.glob("*.py")
        for code in re.findall(r'Finding\(\s*"([a-z-]+)"', file.read_text())
    }
    in_tables = {row["rule"] for name in ("item", "file", "draws", "bank", "exam") for row in
                 yaml.safe_load((HERE / f"{name}.yaml").read_text())}  # fmt: skip
    assert in_code == in_tables


def test_every_rule_is_told_to_authors():
    guide = (HERE.parents[2] / "docs" / "item_writing.md").read_text()
    for name in ("item", "file", "draws", "bank", "exam"):
        for row in yaml.safe_load((HERE / f"{name}.yaml").read_text()):
            assert f"`{row['rule']}`" in guide


def test_a_clean_question_breaks_no_rule():
    for base in BASES:
        question = question_with({}, base=base)
        assert list(lint_item(question)) == []
        assert list(lint_draw(question, instantiate(question, 0))) == []


def test_the_courses_bank_breaks_no_rule_on_banks():
    questions = list(load_bank().questions.values())
    assert list(lint_bank(questions, {q.id: instantiate(q, 0) for q in questions})) == []


@pytest.mark.parametrize(
    ("observed", "chances", "expected"),
    [
        (0, [0.5, 0.5], 1.0),
        (2, [0.5, 0.5], 0.25),
        (1, [0.5, 0.5, 0.5], 0.875),
        (2, [0.2, 0.5], 0.1),
        (3, [0.5, 0.5], 0.0),
    ],
)
def test_the_tail_of_unequal_trials(observed, chances, expected):
    assert at_least(observed, chances) == pytest.approx(expected)


def test_fishers_lady_tasting_tea():
    # All four cups of milk first among eight: one in seventy. Three of them: sixteen more.
    assert more_than_its_share(4, 4, 4, 8) == pytest.approx(1 / 70)
    assert more_than_its_share(3, 4, 4, 8) == pytest.approx(17 / 70)
