"""What came back of a form, kept: one at a place, few of a user, for a day; on either database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from quiz.returned import KEPT, MOST, Returned, find_returned, keep_returned
from quiz.store import erase, exported
from tests.quiz.conftest import START

FORM = Returned({"answer-1": ["4+", "<é>"]}, "said", "0.1", {"label": "1"})


def test_it_is_found_by_its_word_at_its_place_by_its_user(progress):
    word = keep_returned(progress, "s/1/q/1", FORM, START)
    assert find_returned(progress, "s/1/q/1", word) == FORM
    assert find_returned(progress, "s/1/q/2", word) is None
    assert find_returned(progress, "s/1/q/1", word[:-1]) is None
    assert find_returned(progress, "s/1/q/1", "") is None
    assert find_returned(replace(progress, user="eve"), "s/1/q/1", word) is None


def test_the_next_one_takes_its_place(progress):
    first = keep_returned(progress, "code/relu", FORM, START)
    second = keep_returned(progress, "code/relu", replace(FORM, said="again"), START)
    assert find_returned(progress, "code/relu", first) is None
    assert find_returned(progress, "code/relu", second).said == "again"


def test_few_are_kept_and_not_for_long(progress):
    words = {}
    for number in range(MOST + 5):
        moment = START + timedelta(seconds=number)
        words[number] = keep_returned(progress, f"s/1/q/{number}", FORM, moment)
    found = [n for n, word in words.items() if find_returned(progress, f"s/1/q/{n}", word)]
    assert found == list(range(5, MOST + 5))
    other = keep_returned(replace(progress, user="eve"), "s/1/q/1", FORM, START)
    keep_returned(progress, "begin", FORM, START + KEPT + timedelta(minutes=1))
    assert [form["place"] for form in exported(progress)["returned_forms"]] == ["begin"]
    assert find_returned(replace(progress, user="eve"), "s/1/q/1", other), "everyone has their own"
    erase(progress)
    assert exported(progress)["returned_forms"] == []
