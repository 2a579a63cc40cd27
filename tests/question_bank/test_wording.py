"""Numbers with their nouns."""

from __future__ import annotations

import pytest

from question_bank.wording import counted


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1 draw"), (1.0, "1 draw"), (0, "0 draws"), (0.5, "0.5 draws"), (2_000_000, "2000000 draws")],
)  # fmt: skip
def test_an_amount_and_its_noun(number, words):
    assert counted(number, "draw") == words
