"""Which options of a multiple choice are printed, and where."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from question_bank.loader import load_bank
from question_bank.schema import Question
from question_bank.variant import instantiate

BANK = load_bank()
NUMERIC = [
    question
    for question in BANK.questions.values()
    if question.options and all(option.value is not None for option in question.options)
]
COMMON = {
    "id": "question", "title": "Some things", "lecture": 1, "topic": "testing", "points": 2,
    "type": "multiple_choice", "difficulty": 1, "objectives": ["test"],
    "source": "made for the tests", "text": "Which?", "solution": "This.",
}  # fmt: skip


def numbers(key, *wrong, **over):
    """A question whose right option is `key`."""
    options = [{"value": key, "correct": True}, *({"value": w, "correct": False} for w in wrong)]
    return Question.model_validate({**COMMON, "options": options, **over})


def printed(question, seed):
    return instantiate(question, seed).parts[0].answer.options


def values(question, seed):
    return [int(option.text.strip("$")) for option in printed(question, seed)]


@pytest.mark.parametrize(
    ("wrong", "room", "places"),
    [
        ([1, 2, 3, 7, 8, 9], 4, {0, 1, 2, 3}),
        ([1, 2, 7, 8], 4, {1, 2}),
        ([1, 2, 7, 8], 3, {0, 1, 2}),
        ([6, 7, 8, 9], 4, {0}),
        ([1, 6, 7, 8, 9], 5, {0, 1}),
    ],
)
def test_the_key_stands_at_every_place_that_the_wrong_numbers_allow_equally_often(
    wrong, room, places
):
    question = numbers(5, *wrong, printed=room)
    found = Counter()
    for seed in range(400):
        shown = values(question, seed)
        assert shown == sorted(shown)
        assert len(shown) == room
        assert set(shown) <= {5, *wrong}
        found[shown.index(5)] += 1
    assert set(found) == places
    assert min(found.values()) > 0.7 * 400 / len(places)


def test_every_wrong_number_has_its_turn():
    question = numbers(5, 1, 2, 3, 7, 8, 9, printed=4)
    found = Counter(value for seed in range(400) for value in values(question, seed))
    assert found[5] == 400
    assert min(found[w] for w in (1, 2, 3, 7, 8, 9)) > 150


def test_of_statements_the_right_ones_are_printed_and_some_of_the_wrong_ones():
    options = [
        {"text": f"Statement {n}.", "correct": n in (2, 5), "why": f"Reason {n}."} for n in range(7)
    ]
    question = Question.model_validate({**COMMON, "options": options, "printed": 4})
    seen = Counter()
    for seed in range(200):
        shown = printed(question, seed)
        assert len(shown) == 4
        assert {o.text for o in shown if o.correct} == {"Statement 2.", "Statement 5."}
        assert all(o.why == o.text.replace("Statement", "Reason") for o in shown)
        seen.update(o.text for o in shown)
    assert len(seen) == 7


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ({"printed": 4}, "fewer than the options"),
        ({"printed": 2}, "greater than or equal to 3"),
        ({"options": [{"value": 1, "correct": True}] * 5, "printed": 3}, "the right ones"),
        ({"options": [{"value": 1, "correct": "1 > 0"}] * 5, "printed": 3}, "in each draw or in none"),
        ({"options": [], "answer": {"type": "numeric", "value": 1}, "type": "short", "printed": 3}, "the options"),
    ],
)  # fmt: skip
def test_what_cannot_be_printed_is_refused(over, says):
    with pytest.raises(ValidationError, match=says):
        numbers(5, 1, 2, 3, **over)


@given(st.sampled_from(NUMERIC), st.integers(0, 10_000))
def test_numbers_of_the_bank_are_printed_by_size_with_one_key(question, seed):
    shown = printed(question, seed)
    assert len(shown) == (question.printed or len(question.options))
    assert [option.correct for option in shown].count(True) == 1
    assert len({option.text for option in shown}) == len(shown)


@pytest.mark.parametrize("question", NUMERIC, ids=lambda q: q.id)
def test_the_size_of_a_number_does_not_tell_the_key(question):
    places = Counter(
        [option.correct for option in printed(question, seed)].index(True) for seed in range(200)
    )
    assert len(places) >= 3
    assert max(places.values()) <= 100
