"""The font for formulas: what a browser needs to stretch, and every character that a formula can be drawn with."""

from __future__ import annotations

import base64
import io
import re
from functools import cache
from html import unescape
from pathlib import Path

import pytest
import yaml
from fontTools.ttLib import TTFont

from templates.mathematics import mathml
from templates.mathematics_font import FAMILY, FILE, mathematics_face

FORMULAS = yaml.safe_load(Path(__file__).with_name("formulas.yaml").read_text(encoding="utf-8"))
CSS = Path(FILE).parents[1] / "quiz" / "practice.css"


def embedded(page: str) -> TTFont:
    found = re.fullmatch(
        rf'@font-face {{ font-family: "{FAMILY}"; .* url\(data:font/ttf;base64,(.*)\) }}',
        mathematics_face(page),
    )
    return TTFont(io.BytesIO(base64.b64decode(found[1])))


def name_of(font: TTFont, letter: str) -> str:
    return font.getBestCmap()[ord(letter)]


def sizes(font: TTFont, letter: str) -> int:
    """How many sizes of a sign there are, and pieces to make larger ones from."""
    variants = font["MATH"].table.MathVariants
    place = variants.VertGlyphCoverage.glyphs.index(name_of(font, letter))
    made = variants.VertGlyphConstruction[place]
    pieces = made.GlyphAssembly.PartRecords if made.GlyphAssembly else ()
    return made.VariantCount + len(pieces)


@cache
def whole() -> TTFont:
    return TTFont(FILE)


@pytest.mark.parametrize(
    ("latex", "sign"),
    [
        (r"\frac{g}{\sqrt{s}}", "√"),
        (r"\frac{1}{2\sqrt[3]{t}}", "√"),
        (r"\begin{pmatrix}1\\2\end{pmatrix}", "("),
        (r"\left[\frac{1}{2}\right]", "]"),
        (r"\sum_{i=1}^\infty a_i", "∑"),
        (r"\left|\frac{\partial h}{\partial x}\right|", "|"),
    ],
)
def test_what_stretches_comes_with_all_of_its_sizes(latex, sign):
    font = embedded(f"<p>{mathml(latex)}</p>")
    assert sizes(font, sign) == sizes(whole(), sign) > 1


def test_constants_of_typesetting_are_those_of_the_whole_font():
    constants = embedded(mathml(r"\sum_i x_i"))["MATH"].table.MathConstants
    wanted = whole()["MATH"].table.MathConstants
    assert constants.AxisHeight.Value == wanted.AxisHeight.Value
    assert constants.RadicalVerticalGap.Value == wanted.RadicalVerticalGap.Value


@pytest.mark.parametrize(
    ("latex", "drawn"),
    [("x", "𝑥"), ("h", "\N{PLANCK CONSTANT}"), (r"\theta", "𝜃"), (r"\epsilon", "𝜖"), ("-1", "−")],
)
def test_what_a_browser_draws_in_place_of_what_is_written_is_there(latex, drawn):
    assert ord(drawn) in embedded(mathml(latex)).getBestCmap()


def test_only_what_formulas_use_is_there():
    few = embedded(f"<p>Quick brown fox</p>{mathml('a+b')}")
    assert ord("Q") not in few.getBestCmap()
    assert few["maxp"].numGlyphs < 40


def test_a_page_without_formulas_has_no_such_font():
    assert mathematics_face("<p>No formula, only the word math.</p>") == ""


def test_same_formulas_same_text():
    assert mathematics_face(mathml("x^2")) == mathematics_face(f"<p>x</p>{mathml('x^2')}")


@pytest.mark.parametrize("latex", [case["latex"] for case in FORMULAS if "latex" in case])
def test_the_whole_font_has_every_character_of_our_formulas(latex):
    written = set(unescape(re.sub("<[^>]*>", "", mathml(latex))))
    missing = {letter for letter in written if ord(letter) not in whole().getBestCmap()}
    # Function application is not drawn.
    assert missing <= {"\N{FUNCTION APPLICATION}", "\n"}


def test_practice_names_the_font_that_is_served_in_the_version_that_it_has():
    version = re.match(r"Version ([0-9.]+)", whole()["name"].getDebugName(5))[1]
    assert f'url("{FILE.name}?v={version}")' in CSS.read_text(encoding="utf-8")
    assert f'font-family: "{FAMILY}"' in CSS.read_text(encoding="utf-8")


def test_the_font_comes_with_its_licence():
    readme = FILE.with_name("README.md").read_text(encoding="utf-8")
    (licence,) = re.findall(r"OFL-[\w-]+\.txt", readme)
    text = FILE.with_name(licence).read_text(encoding="utf-8")
    assert "SIL Open Font License" in text
    assert text.startswith(whole()["name"].getDebugName(0))
