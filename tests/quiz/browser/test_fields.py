"""Fields of one answer: what is filled in comes back as it was, half done as well, and is marked as it would be typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.answers import answer_type
from question_bank.answers.base import MAX_ANSWER, MAX_PROSE, Key
from question_bank.answers.marking import mark
from question_bank.answers.matching import MatchingKey
from question_bank.answers.multiple_choice import MultipleChoiceKey, Option
from question_bank.answers.ordering import OrderingKey
from question_bank.answers.pseudo_code import PseudoCodeKey
from question_bank.loader import load_bank
from quiz.browser.fields import answer_over, answer_text, field_of
from quiz.browser.room import LARGEST_FORM
from web.forms import Form

LETTERS = "abcdefghijkl"
TWELVE = tuple(f"item {letter}" for letter in LETTERS)
ORDERED = OrderingKey(items=TWELVE, order=tuple(LETTERS))
LINES = PseudoCodeKey(lines=TWELVE, order=("b", "a"), before=(("b", "a"),))
PAIRS = MatchingKey(left=TWELVE, right=TWELVE, pairs=tuple(LETTERS))
OPTIONS = MultipleChoiceKey(
    options=tuple(Option(text=each, correct=each == "item b", why="") for each in TWELVE[:8])
)

Filled = dict[str, tuple[str, ...]]


@st.composite
def half_done(draw: st.DrawFn) -> tuple[Key, Filled]:
    """A key, and what of its form's fields is filled in: anything from one field to all of them."""
    key = draw(st.sampled_from((ORDERED, LINES, PAIRS, OPTIONS)))
    known = LETTERS[:8] if key is OPTIONS else LETTERS
    signs = draw(st.lists(st.sampled_from(known), unique=True, min_size=1))
    if key is OPTIONS:
        return key, {"answer-1": tuple(sorted(signs))}
    if key is PAIRS:
        numbers = draw(st.permutations(range(1, 13)))
        chosen = draw(st.lists(st.sampled_from(LETTERS), min_size=1, max_size=12))
        return key, {f"answer-1-{n}": (letter,) for n, letter in zip(numbers, chosen, strict=False)}
    places = draw(st.permutations(range(1, 13)))
    return key, {f"answer-1-{s}": (str(p),) for s, p in zip(signs, places, strict=False)}


def test_every_question_of_the_course_fits_into_a_form_filled_to_the_last_sign():
    """Nine bytes for each sign, as forms are sent; and something for what else stands in them."""
    largest = 0
    for question in load_bank().questions.values():
        answers = [part.answer for part in question.parts] or [question.answer]
        kinds = [answer_type(each.type) for each in answers if each is not None]
        signs = sum(MAX_PROSE if kind.by_person else MAX_ANSWER for kind in kinds)
        largest = max(largest, 9 * signs)
    assert 0 < largest < LARGEST_FORM - 16_384


@given(half_done())
def test_what_is_saved_half_done_comes_back_as_it_was(found):
    key, filled = found
    text = answer_text(key, "1", Form(filled))
    assert dict(field_of(key, "1", text).values) == filled
    assert answer_over(key, "1", Form(filled), text) == text


@given(half_done().filter(lambda found: found[0] in (ORDERED, LINES)))
def test_a_place_that_is_left_out_changes_no_mark(found):
    key, filled = found
    given_places = sorted((int(place), name[-1]) for name, (place,) in filled.items())
    typed = ", ".join(letter for _, letter in given_places)
    assert mark(key, answer_text(key, "1", Form(filled))) == mark(key, typed)


@pytest.mark.parametrize(
    ("key", "typed", "shown"),
    [
        (LINES, "ba", {"answer-1-b": ("1",), "answer-1-a": ("2",)}),
        (LINES, "b -> a", {"answer-1-b": ("1",), "answer-1-a": ("2",)}),
        (ORDERED, "L K j", {"answer-1-l": ("1",), "answer-1-k": ("2",), "answer-1-j": ("3",)}),
        (PAIRS, "1 -> b", {"answer-1-1": ("b",)}),
        (OPTIONS, "B and a", {"answer-1": ("a", "b")}),
        (OPTIONS, "the second one", {}),
        (PAIRS, "one to two", {}),
        (LINES, "first the third", {}),
        (ORDERED, "a, b, a", {}),
    ],
)
def test_what_was_typed_in_a_terminal_is_shown_where_it_can_be_and_kept_until_it_is_changed(
    key, typed, shown
):
    field = field_of(key, "1", typed)
    assert dict(field.values) == shown
    assert field.unshown == ("" if shown else typed)
    assert answer_over(key, "1", Form(shown), typed) == typed
    added = {OPTIONS: {"answer-1": ("c",)}, PAIRS: {"answer-1-9": ("k",)}}
    more = added.get(key, {"answer-1-h": ("9",)})
    changed = Form({**shown, **more})
    assert answer_over(key, "1", changed, typed) == answer_text(key, "1", changed) != typed
