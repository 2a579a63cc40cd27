"""Each answer type as a part of a question: checked, printed, marked from the key alone, asked at a terminal."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from authoring.check_question import check_question
from question_bank.answers import answer_type, answer_types, mark
from question_bank.answers.multiple_choice import SCORED
from question_bank.diagnostics import InputError
from question_bank.grammar.exact import exact
from question_bank.key import KeyQuestion, key_question, mark_question
from question_bank.loader import Bank, parse_question
from question_bank.variant import instantiate
from quiz.choose import Wish, by_lecture_and_topic
from quiz.desk import Desk, start
from quiz.material import Material
from quiz.practise import practise
from quiz.results import outcomes
from quiz.screen import screen

FILE = Path(__file__).parents[1] / "data" / "every_answer_type.yaml"
QUESTION = parse_question(FILE.read_text(), FILE.name)
BOXES = """
id: some_boxes
title: Some boxes
lecture: 1
topic: Boxes
type: multiple_choice
points: 3
difficulty: 1
objectives: [choose]
source: lecture 1
text: Which are right?
options:
  - {text: This one, correct: true}
  - {text: Not this one, correct: false, why: It is not.}
  - {text: Nor this one, correct: false, why: It is not.}
solution: The first.
"""


def test_the_question_has_every_type_that_stands_in_an_answer_but_these():
    asked = {part.answer.type for part in QUESTION.parts}
    assert set(answer_types()) - asked == {
        "multiple_choice",
        "text",
        "shape",
        "matrix",
        "expression",
    }


def test_the_check_finds_nothing_but_the_missing_second_routes():
    found = {(f.code, f.severity) for f in check_question(QUESTION, FILE, draws=2).findings}
    assert found <= {
        ("no-second-route", "error"),
        ("few-draws", "warning"),
        ("mistakes", "warning"),
    }


@pytest.mark.parametrize("seed", range(3))
def test_the_key_alone_marks_right_answers_and_names_the_mistake(seed):
    made = key_question(1, instantiate(QUESTION, seed))
    read = KeyQuestion.model_validate(json.loads(json.dumps(made.model_dump(mode="json"))))
    right = {f"1{p.label}": answer_type(p.answer["type"]).written(p.key) for p in read.parts}
    assert {a.mark.verdict for a in mark_question(read, right)} == {"right"}
    slips = {
        f"1{p.label}": answer_type(m.answer["type"]).written(p.mistake_keys[0].answer)
        for p in read.parts
        for m in p.mistakes
    }
    assert len(slips) >= 5
    for answer in mark_question(read, slips):
        if answer.label in slips:
            assert answer.mark.mistake == "n_too_large", answer
            assert answer.mark.verdict in ("wrong", "partly_right")


def test_items_are_printed_with_their_letters():
    texts = [part.text for part in instantiate(QUESTION, 0).parts]
    for shown in ("- **c)** the forward pass", "- **1)** a convolution", "- **b)** a scale and a shift",
                  "- **c)** `optimizer.zero_grad()`"):  # fmt: skip
        assert any(shown in text for text in texts), shown


def test_the_terminal_asks_them_and_takes_the_key():
    material = Material(Bank({QUESTION.id: QUESTION}, {}, "0"))
    plan = by_lecture_and_topic(material, Wish(count=1, seed=2))
    (item,) = plan.items
    lines = [
        answer_type(part.answer["type"]).written(part.key).replace("\n", " ")
        for part in material.key(item).parts
    ]
    out = io.StringIO()
    desk = Desk(material, lambda: datetime(2026, 11, 1, tzinfo=UTC))
    shown = screen(io.StringIO("\n".join(lines) + "\n"), out, plain=True, settings={})
    session = practise(desk, start(desk, plan), shown)
    assert [came.verdict for *_, came in outcomes(session.state)] == ["right"] * len(lines)
    assert "a) the loss of" in out.getvalue()


@pytest.mark.parametrize(
    ("kind", "key", "value", "written"),
    [
        ("ordering", "{items: [x, y], order: [b, a]}", ("b", "a"), "b, a"),
        ("pseudo_code", "{lines: [x, y, z], order: [c, a]}", ("c", "a"), "c, a"),
        ("matching", "{left: [x, y], right: [p, q], pairs: [b, a]}", ("b", "a"), "1b, 2a"),
        ("interval", "[0, 1)", (0, 1), "[0, 1)"),
        ("set", "{1, 2}", (2, 1), "{1, 2}"),
        ("tuple", "1, 1/2", (1, Fraction(1, 2)), "(1, 1/2)"),
        ("vector", "1, 2", (1, 2), "[1, 2]"),
        ("equation", "y = 2*x", "y/x = 2", "y/x = 2"),
        ("expression", "2*x", "x + x", "x + x"),
        ("numeric", "{value: 3, unit: ms}", 3, "3"),
    ],
)  # fmt: skip
def test_what_a_second_route_finds_is_read_as_an_answer(kind, key, value, written):
    from authoring.attempt import key_of

    bound = key_of(kind, key)
    assert answer_type(kind).typed(exact(value), bound) == written
    assert mark(bound, written).verdict == "right"


@pytest.mark.parametrize(
    ("scheme", "fraction"), [("per_box", "2/3"), ("partial", "0"), ("negative", "1/2")]
)
def test_a_question_says_how_its_boxes_count(scheme, fraction):
    question = parse_question(BOXES + f"scoring: {scheme}\n", "boxes.yaml")
    asked = key_question(1, instantiate(question, 0))
    kind, key = answer_type("multiple_choice"), asked.parts[0].key
    assert SCORED[scheme] in kind.instruction(key)
    letters = dict(zip([o.text for o in key.options], key.letters, strict=True))
    answer = f"{letters['This one']}, {letters['Nor this one']}"
    (marked,) = mark_question(asked, {"1": answer})
    assert marked.mark.fraction == Fraction(fraction)
    assert marked.points == float(round(3 * Fraction(fraction), 4))


def test_scoring_is_about_boxes():
    with pytest.raises(InputError, match="scoring is about the boxes"):
        parse_question(FILE.read_text() + "scoring: per_box\n", FILE.name)
