"""In large print no displayed formula of the bank shrinks below the size of usual print."""

from __future__ import annotations

import re
from html import unescape

from question_bank.loader import load_bank
from question_bank.variant import instantiate
from templates import mathematics
from templates.math_address import read_math_address
from templates.richtext import printed_rows, to_print

MEASURE = 24.4
"""Of what is asked in large print, in em."""
SMALLEST = 10.5 / 16


def shares(text: str) -> list[float]:
    """The size in large print of each displayed formula, as a share of what it should be."""
    found = []
    for address in re.findall(r'src="(math:[^"]*)"', to_print(text)):
        latex, display, color = read_math_address(unescape(address))
        if display:
            found.append(min(1, MEASURE / mathematics.svg(latex, display=True, color=color).width))
    return found


def test_a_wide_formula_parts_at_its_own_gaps_alone() -> None:
    wide = r"a = b + c + d + e + f + g + h + i + j + k + l + m + n + o"
    assert printed_rows(rf"{wide}, \qquad {wide}") == [f"{wide},", wide]
    assert printed_rows(rf"{wide}, \quad {wide}") == [f"{wide},", wide]
    assert printed_rows(r"a \qquad b") == [r"a \qquad b"]
    for held in (
        rf"\begin{{aligned}} {wide} \qquad {wide} \end{{aligned}}",
        rf"\{{ {{{wide} \qquad {wide}}}",
        rf"\left( {wide} \qquad {wide} \right)",
    ):
        assert printed_rows(held) == [held]


def test_no_formula_of_the_bank_is_smaller_than_in_usual_print() -> None:
    small = {}
    for name, question in load_bank().questions.items():
        variant = instantiate(question, 1)
        texts = [variant.text, *(part.text for part in variant.parts)]
        least = min((share for text in texts if "$$" in text for share in shares(text)), default=1)
        if least < SMALLEST:
            small[name] = round(least, 2)
    assert small == {}


def test_hidden_units_are_read_off_a_plot_in_full_size() -> None:
    question = load_bank().questions["relu_units_from_a_plot"]
    assert min(shares(instantiate(question, 1).text)) > 0.85
