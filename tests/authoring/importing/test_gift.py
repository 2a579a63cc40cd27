"""GIFT files as they are read."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from authoring.importing.gift import read_gift, shortest

CASES = yaml.safe_load(Path(__file__).with_name("gift.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_reading(case):
    (item,) = read_gift(case["gift"], "q.gift")
    expected = case["read"]
    answers = [
        [a.text, a.weight * 100, a.why, None if a.tolerance is None else str(a.tolerance)]
        for a in item.answers
    ]
    found = {
        "answers": answers,
        "pairs": [[pair.left, pair.right] for pair in item.pairs],
        "lost": list(item.lost),
    }
    for name, value in expected.items():
        assert found.get(name, getattr(item, name)) == value, name
    assert found["answers"] == expected.get("answers", [])


def test_each_question_knows_its_line():
    text = "// c\n\nOne? {#1}\n\n\n$CATEGORY: x\nTwo?\n{#2}\n"
    assert [item.where.line for item in read_gift(text, "q.gift")] == [3, 7]


@pytest.mark.parametrize(
    ("value", "text"), [("7/1", "7"), ("1/2", "0.5"), ("-9/40", "-0.225"), ("1/3", "1/3")]
)
def test_numbers_are_written_exactly(value, text):
    assert shortest(Fraction(value)) == text
    assert Fraction(text) == Fraction(value)
