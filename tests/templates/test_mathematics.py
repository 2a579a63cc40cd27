"""Formulas in three outputs: every formula of the table typesets everywhere and reads as stated."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from templates.math_address import math_address, read_math_address
from templates.mathematics import MathError, mathml, spoken, svg

FORMULAS = yaml.safe_load((Path(__file__).parent / "formulas.yaml").read_text(encoding="utf-8"))
LATEX = [formula["latex"] for formula in FORMULAS]


@pytest.mark.parametrize("formula", FORMULAS, ids=LATEX)
def test_reads_as_the_table_says(formula: dict[str, str]) -> None:
    assert spoken(formula["latex"]) == formula["spoken"]


@pytest.mark.parametrize("latex", LATEX)
@pytest.mark.parametrize("display", [False, True])
def test_typesets_as_svg_and_as_mathml(latex: str, display: bool) -> None:
    picture = svg(latex, display=display, color="#123456")
    root = ET.fromstring(picture.svg)
    assert root.tag.endswith("svg")
    assert 0 < picture.width < 60
    assert 0 < picture.height < 10
    assert picture.depth < picture.height
    assert "currentColor" not in picture.svg
    assert "#123456" in picture.svg

    element = ET.fromstring(mathml(latex, display).replace("&ApplyFunction;", ""))
    assert element.get("display") == ("block" if display else None)
    assert element.get("aria-label") == spoken(latex)


def test_the_picture_does_not_repeat_the_source() -> None:
    picture = svg(r"\text{secret} + x").svg
    for word in ("secret", "<title", "<metadata", "<text"):
        assert word not in picture


def test_the_colour_is_a_colour() -> None:
    with pytest.raises(ValueError, match="not a colour"):
        svg("x", color='red"/><script>')


@pytest.mark.parametrize(
    ("latex", "message", "column"),
    [
        (r"a + \foo x", "unsupported command", 5),
        (r"\frac{a}{b", "without a matching", 9),
        ("a}b", "without a matching", 2),
        (r"\href{javascript:alert(1)}{x}", "unsupported command", 1),
        ("x_", "missing argument", 3),
        (r"a + \begin{matrix}a", "without", 5),
        ("a^b^c", "double superscript", 4),
        ("  ", "empty", 1),
        ("x" * 5000, "4000 characters", 4001),
        ("{" * 1500, "", None),
    ],
)
def test_a_fault_names_its_column(latex: str, message: str, column: int | None) -> None:
    for output in (svg, mathml, spoken):
        with pytest.raises(MathError) as caught:
            output(latex)
        assert message in caught.value.message
        assert caught.value.latex == latex
        if column is not None:
            assert caught.value.column == column


@pytest.mark.parametrize(
    "latex",
    [r"x + \mathchoice{a}{b}{c}{d}", r"x + \hdotsfor{2}"],
    ids=["the browser's engine alone knows it", "the printer's engine alone knows it"],
)
def test_one_engine_is_not_enough(latex: str) -> None:
    for output in (svg, mathml, spoken):
        with pytest.raises(MathError) as caught:
            output(latex)
        assert caught.value.column == 5


def test_text_in_a_formula_is_escaped() -> None:
    written = mathml(r'\text{<script>alert("1")</script>}')
    assert "<script" not in written
    assert "<script" not in svg(r"\text{<script>}").svg


def test_lines_of_aligned_equations() -> None:
    assert (
        spoken(r"\begin{aligned} a &= 1 \\ b &= 2 \end{aligned}", line_break="\n") == "a = 1\nb = 2"
    )


@pytest.mark.parametrize("kind", ["pmatrix", "bmatrix", "vmatrix", "matrix"])
@pytest.mark.parametrize("display", [False, True])
def test_rows_with_fractions_do_not_overlap(kind: str, display: bool) -> None:
    def height(rows: int, cell: str) -> float:
        row = f"{cell} & {cell}"
        body = r" \\ ".join([row] * rows)
        return svg(rf"\begin{{{kind}}} {body} \end{{{kind}}}", display=display).height

    # A fraction is 1.4 em high, a digit 0.7 em.
    assert height(4, r"\frac{4}{5}") - height(3, r"\frac{4}{5}") > 1.5
    assert height(4, "4") - height(3, "4") < 1.3


@given(st.text(), st.booleans())
def test_an_address_holds_the_formula(latex: str, display: bool) -> None:
    address = math_address(latex, display=display, color="#0a0b0c")
    assert read_math_address(address) == (latex, display, "#0a0b0c")
    assert address.isascii()


@pytest.mark.parametrize(
    "address", ["math:", "math:inline.000", "file:inline.000.eA", "math:x.000.eA"]
)
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match="not the address of a formula"):
        read_math_address(address)
