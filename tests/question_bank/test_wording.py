"""Numbers with their nouns."""

from __future__ import annotations

import pytest

from question_bank.wording import counted, instead_of, not_right


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1 draw"), (1.0, "1 draw"), (0, "0 draws"), (0.5, "0.5 draws"), (2_000_000, "2000000 draws")],
)  # fmt: skip
def test_an_amount_and_its_noun(number, words):
    assert counted(number, "draw") == words


@pytest.mark.parametrize(
    ("found", "asked", "words"),
    [(1, 3, "1 number where 3 are asked for"), (2, 1, "2 numbers where 1 is asked for")],
)
def test_another_amount_than_the_one_asked_for(found, asked, words):
    assert instead_of(found, asked, "number") == words


def test_how_much_of_a_list_is_wrong():
    assert not_right(1, 4, "entries") == "1 of 4 entries is not right"
    assert not_right(2, 4, "entries") == "2 of 4 entries are not right"
