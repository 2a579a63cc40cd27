"""A long question that ends early is a question: it draws, its key is right, its mistakes can be made."""

from __future__ import annotations

import pytest

from generator.heads import head_of
from question_bank.key import key_question, mark_question
from question_bank.loader import load_bank
from question_bank.needed import names_needed
from question_bank.shortened import shortened
from question_bank.variant import instantiate

LONG = [question for question in load_bank().questions.values() if question.parts]
WAYS = [(question, parts) for question in LONG for parts in range(2, len(question.parts))]


@pytest.mark.parametrize("question", LONG, ids=lambda question: question.id)
def test_every_way_to_end_a_question_of_the_course_early_draws_and_marks(question):
    for parts in range(2, len(question.parts)):
        cut = shortened(question, parts)
        assert cut.points == sum(part.points for part in question.parts[:parts])
        variant = instantiate(cut, 3)
        assert [part.label for part in variant.parts] == list("abcdef"[:parts])
        key = key_question(7, variant)
        answers = {f"7{part.label}": part.answer for part in variant.parts}
        assert len(mark_question(key, dict.fromkeys(answers, ""))) == parts


@pytest.mark.parametrize(("question", "parts"), WAYS[::9], ids=str)
def test_the_head_of_a_shortened_question_is_its_shortened_head(question, parts):
    cut, head = shortened(question, parts), head_of(question, parts)
    assert (head.points, head.minutes, head.ends_after) == (cut.points, cut.minutes, parts)
    assert head.answers == frozenset(part.answer.type for part in cut.parts)
    assert head.figure == cut.has_figure


@pytest.mark.parametrize("parts", [-1, 0, 1, 99])
def test_a_question_ends_after_two_parts_or_more_and_not_after_all(parts):
    with pytest.raises(ValueError, match="cannot end after"):
        shortened(LONG[0], parts)
    with pytest.raises(ValueError, match="cannot end after"):
        shortened(LONG[0], len(LONG[0].parts))


def test_mistakes_go_with_the_parts_that_show_them():
    for question, parts in WAYS:
        needed = names_needed(question, parts)
        assert all(needed & set(m.set) for m in shortened(question, parts).mistakes)
