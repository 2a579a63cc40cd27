"""How to answer: numbers of every kind, and options however many of them are right."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from generator.export.asked import fields_hint, text_of
from generator.export.hypertext import markup
from generator.export.numbers import Range
from generator.export.responses import Choice, Fields, NumberField, Option
from generator.export.view import ViewPart, ViewQuestion

CASES = yaml.safe_load(Path(__file__).with_name("asked.yaml").read_text(encoding="utf-8"))
SCHEMES = ("all_or_nothing", "per_box", "partial", "negative")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("value", ["4", "2/3"])
def test_how_a_number_is_typed(case, value):
    field = NumberField(Range(Fraction(value)))
    fields = Fields((field, field), 2, by_entry=False, **case["fields"])
    assert fields_hint(fields, case["language"], one_line=True) == case["said"]


def asked(scheme: str, right: int) -> str:
    options = [Option(letter, letter, n < right, "") for n, letter in enumerate("abcd")]
    choice = Choice((*options, Option("none", "None", right == 0, "")), scheme, "")
    part = ViewPart("1", "", Fraction(2), "", None, choice, "", (), carried=False)
    question = ViewQuestion(1, "q", "q", "", Fraction(2), "Which?", None, (part,), "")
    return text_of(question, part, "en", markup, lambda figure: "")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("right", range(5))
def test_one_sentence_on_every_question_of_a_system_that_shares_out_points(scheme, right):
    said = asked(scheme, right)
    assert "each wrong one takes points away, down to 0 points." in said
    assert said == asked("all_or_nothing", 1)
