"""Fractions in a line of text are set large enough to read; those in small places stay small."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.inline_fractions import legible
from templates.math_address import read_math_address
from templates.mathematics import svg
from templates.printed_size import printed_width
from templates.richtext import to_print, to_terminal


@pytest.mark.parametrize(
    ("written", "set_as"),
    [
        (r"\frac{1}{2}", r"\dfrac{1}{2}"),
        (r"\frac12", r"\dfrac12"),
        (r"p = \left(\frac{a}{b}\right)^2", r"p = \left(\dfrac{a}{b}\right)^2"),
        (r"\sqrt{\frac{1}{2}}", r"\sqrt{\dfrac{1}{2}}"),
        (r"e^{\frac{a}{b}}", r"e^{\frac{a}{b}}"),
        (r"x^\frac12 + \frac ab", r"x^\frac12 + \dfrac ab"),
        (r"\frac{\frac12}{3}", r"\dfrac{\frac12}{3}"),
        (r"\begin{pmatrix} \frac12 \end{pmatrix} \frac12", r"\begin{pmatrix} \frac12 \end{pmatrix} \dfrac12"),
        (r"\tfrac12", r"\tfrac12"),
        (r"\text{no fraction}", r"\text{no fraction}"),
    ],
)  # fmt: skip
def test_only_what_stands_by_itself_grows(written: str, set_as: str) -> None:
    assert legible(written) == set_as


def test_print_shows_it_and_reads_it_as_before() -> None:
    printed = to_print(r"half is $\frac{1}{2}$ and $$\frac{1}{2}$$")
    inline, display = re.findall(r'src="([^"]+)"', printed)
    assert read_math_address(inline)[0] == r"\dfrac{1}{2}"
    assert read_math_address(display)[0] == r"\frac{1}{2}"
    assert printed.count('alt="1/2"') == 2
    assert to_terminal(r"$\frac{1}{2}$") == "1/2"


def test_digits_are_as_large_as_those_of_the_text() -> None:
    """In a small fraction they are drawn at 0.7 of their size."""
    assert "scale(0.7)" in svg(r"\frac{3}{8}").svg
    assert "scale(0.7)" not in svg(legible(r"\frac{3}{8}")).svg


def test_the_estimate_of_the_width_knows_it() -> None:
    assert printed_width(r"$\frac{123}{456}$") == svg(r"\dfrac{123}{456}").width


def test_lines_with_tall_formulas_keep_apart() -> None:
    assert re.search(r"vertical-align:-[\d.]+em;margin:0\.14em 0", to_print(r"$\frac{1}{2}$"))
    assert "margin" not in to_print("$x$")


@given(st.text(alphabet=r"\frac{}^_ abc12&" + "\n", max_size=60))
def test_nothing_but_the_size_changes(latex: str) -> None:
    assert legible(latex).replace(r"\dfrac", r"\frac") == latex.replace(r"\dfrac", r"\frac")
