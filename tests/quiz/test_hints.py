"""Hints help by steps and never say the answer."""

from __future__ import annotations

import pytest

from question_bank.answers import answer_type
from question_bank.loader import load_bank
from quiz.choose import Wish, by_lecture_and_topic
from quiz.hints import _numbers
from quiz.material import Material
from templates.ascii_text import to_ascii
from templates.richtext import to_terminal
from tests.quiz.conftest import BOXES, SUM, WORDS, bank_of

COURSE = Material(load_bank())


def hints(text, seed=0):
    material = Material(bank_of(text))
    (item,) = by_lecture_and_topic(material, Wish(seed=seed)).items
    return material.hints(item, item.parts[0])


def test_steps_of_the_solution_stop_before_the_answer():
    where, step, chain = hints(SUM)
    assert where == "This is about: add two numbers. Look at: Lecture 9, made for the tests."
    assert step == "Take both numbers."
    assert chain.endswith("= \\;?$$")


def test_of_boxes_the_number_of_right_ones_and_one_that_is_not():
    _, count, one = hints(BOXES)
    assert count == "2 of the 4 options are right."
    assert "is not right." in one


def test_of_free_text_how_much_is_asked_for():
    assert hints(WORDS)[-1] == "2 things earn points."


@pytest.mark.parametrize("lecture", range(1, 13))
def test_no_hint_of_the_course_gives_an_answer_away(lecture):
    plan = by_lecture_and_topic(COURSE, Wish(lectures=(lecture,), count=12, seed=4))
    for item in plan.items:
        for part in item.parts:
            key = COURSE.key_part(item, part)
            kind = answer_type(key.answer["type"])
            found = COURSE.hints(item, part)
            shown = [to_terminal(hint) for hint in found]  # each typesets
            assert len(set(found)) == len(found) >= 1
            if kind.by_person or kind.kind == "multiple_choice":
                continue
            wanted = _numbers(kind.written(key.key))
            seen = [number for hint in shown[1:] for number in _numbers(hint)]
            if wanted:
                told = [any(abs(w - s) <= 1e-9 for s in seen) for w in wanted]
                assert not all(told), (item.question, found)
            else:
                answer = to_ascii(to_terminal(kind.render(key.key))).replace(" ", "")
                assert not any(answer in to_ascii(hint).replace(" ", "") for hint in shown[1:])
