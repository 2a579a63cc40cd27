"""One formula in LaTeX, three outputs: SVG for print, MathML for browsers, text for ears and terminals.

Two engines read every formula: mathra (SVG) and math-core (MathML). A formula counts as good only when
both accept it, so what prints also shows on the screen. Both are swappable: nothing outside this module
knows their names.
"""

from __future__ import annotations

import html
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from templates.spoken_mathematics import read_aloud

LONGEST_FORMULA = 4000
"""Characters. The longest formula of a real exam has a few hundred; more is an accident or an attack."""

_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}\Z")
_SIZE = re.compile(
    r'viewBox="(?P<box>[-\d. ]+)" width="(?P<width>[\d.]+)em" height="(?P<height>[\d.]+)em"'
    r' style="vertical-align: (?P<align>-?[\d.]+)em"'
)
# Title, metadata and the invisible text layer repeat the formula; here the alternative text does that.
_NOT_DRAWN = re.compile(
    r"<title.*?</title>|<metadata>.*?</metadata>|<style>.*?</style>|<text .*?</text>", re.DOTALL
)
_MATHRA_COLUMN = re.compile(r"column (\d+): (.*)", re.DOTALL)
_MATH_CORE_COLUMN = re.compile(r"(\d+): (.*)", re.DOTALL)
# mathra 1.5.0 drops the thin space inside an operator's name, which its own \argmin sets correctly.
_ARG_EXTREMUM = re.compile(r"\\operatorname\*\{arg(?:\\,|~|\\ )(min|max)\}")
# mathra 1.5.0 sets the rows of a matrix 1.2 em apart whatever stands in them, and ignores \\[1ex]:
# fractions overlap. In a small matrix it is 0.84 em.
_MATRIX = re.compile(
    r"\\begin\{([pbv]?)matrix\}((?:(?!\\begin|\\end).)*)\\end\{\1matrix\}", re.DOTALL
)
_DELIMITERS = {"p": ("(", ")"), "b": ("[", "]"), "v": ("|", "|"), "": (".", ".")}


class MathError(ValueError):
    """A formula that cannot be typeset.

    Attributes:
        message: what is wrong, in words.
        column: where in the formula, counted from 1.
        latex: the formula.
    """

    def __init__(self, message: str, column: int, latex: str = "") -> None:
        shown = " ".join(latex.split("\n"))
        super().__init__(f"{message} (column {column} of the formula {shown})")
        self.message = message
        self.column = column
        self.latex = latex


@dataclass(frozen=True)
class MathSvg:
    """A formula as an SVG picture.

    Attributes:
        svg: a whole SVG document; letters are outlines, so it needs no font.
        width, height: size of the picture, in em of the surrounding text.
        depth: how far the picture reaches below the baseline, in em (negative: it hangs above).
    """

    svg: str
    width: float
    height: float
    depth: float


def svg(latex: str, *, display: bool = False, color: str = "#000") -> MathSvg:
    """Typeset a formula for print.

    Args:
        latex: the formula, without dollar signs.
        display: True for a formula on a line of its own (large sums, limits below).
        color: `#rgb` or `#rrggbb`, drawn into the picture.

    Raises:
        MathError: the formula does not typeset in one of the two engines.
        ValueError: `color` is not a colour of the two forms above.
    """
    if not _COLOR.match(color):
        raise ValueError(f"not a colour: {color!r}; write #rgb or #rrggbb")
    check(latex)
    return _svg(latex, display, color)


def mathml(latex: str, display: bool = False) -> str:
    """Typeset a formula for a browser: a `<math>` element with a spoken label.

    Raises:
        MathError: the formula does not typeset in one of the two engines.
    """
    check(latex)
    body = _mathml(latex, display)
    label = html.escape(spoken(latex))
    return body.replace("<math", f'<math aria-label="{label}"', 1)


def spoken(latex: str, *, line_break: str = "; ") -> str:
    """Write a formula as one readable line of Unicode text, for alternative texts and terminals.

    `\\frac{a+b}{2}` gives `(a + b)/2`, `h_2^\\top` gives `h₂ᵀ`, a matrix gives `[[1, 2], [3, 4]]`.

    Args:
        latex: the formula, without dollar signs.
        line_break: what stands between the lines of `aligned` and its like.

    Raises:
        MathError: the formula does not typeset in one of the two engines.
    """
    check(latex)
    return _spoken(latex, line_break)


def check(latex: str) -> None:
    """Let both engines read a formula.

    Raises:
        MathError: one of them refused it.
    """
    fault = _fault(latex)
    if fault is not None:
        raise MathError(*fault, latex)


@lru_cache(maxsize=4096)
def _fault(latex: str) -> tuple[str, int] | None:
    if not latex.strip():
        return "the formula is empty", 1
    if len(latex) > LONGEST_FORMULA:
        return f"the formula has more than {LONGEST_FORMULA} characters", LONGEST_FORMULA + 1
    try:
        _drawn(latex, False)
        _mathml(latex, False)
    except MathError as error:
        return error.message, error.column
    return None


@lru_cache(maxsize=4096)
def _svg(latex: str, display: bool, color: str) -> MathSvg:
    plain = _drawn(latex, display)
    return replace(plain, svg=plain.svg.replace("currentColor", color))


@lru_cache(maxsize=4096)
def _drawn(latex: str, display: bool) -> MathSvg:
    """A formula in the colour of the text around it."""
    import mathra

    try:
        plain = _for_mathra(latex)
        drawn = mathra.tex_to_svg(plain, display=display, strict=True)
        spread = _MATRIX.sub(_with_room_for_fractions, plain)
        if spread != plain:
            with suppress(ValueError):
                drawn = mathra.tex_to_svg(spread, display=display, strict=True)
    except ValueError as error:
        raise _math_error(_MATHRA_COLUMN, str(error), latex) from None
    size = _SIZE.search(drawn)
    if size is None:
        raise RuntimeError("mathra gave an SVG without a size: is it the pinned version?")
    body = _NOT_DRAWN.sub("", drawn[drawn.index(">") + 1 :])
    width, height = float(size["width"]), float(size["height"])
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size["box"]}"'
        f' width="{width:g}em" height="{height:g}em">'
    )
    return MathSvg(head + body, width, height, -float(size["align"]))


@lru_cache(maxsize=4096)
def _mathml(latex: str, display: bool) -> str:
    import math_core

    try:
        converted: str = _math_core().convert_with_local_state(latex, displaystyle=display)
    except math_core.LatexError as error:
        raise _math_error(_MATH_CORE_COLUMN, str(error), latex, first=0) from None
    # U+FE00 asks for another shape of a script letter; few fonts know it, some draw a box.
    return converted.replace("\ufe00", "")


@lru_cache(maxsize=4096)
def _spoken(latex: str, line_break: str) -> str:
    return read_aloud(_mathml(latex, False), line_break=line_break)


@lru_cache(maxsize=1)
def _math_core() -> Any:
    import math_core

    return math_core.LatexToMathML(
        fancy_error=False,
        macros={
            "argmin": r"\operatorname*{arg\,min}",
            "argmax": r"\operatorname*{arg\,max}",
        },
    )


def _for_mathra(latex: str) -> str:
    return _ARG_EXTREMUM.sub(r"\\arg\1", latex)


def _with_room_for_fractions(matrix: re.Match[str]) -> str:
    """A matrix with fractions as a small one, with an empty row or column between its own."""
    rows = re.split(r"\\\\\s*", matrix[2].strip().removesuffix(r"\\"))
    if len(rows) == 1 or "frac" not in matrix[2] or r"\&" in matrix[2]:
        return matrix[0]
    body = r" \\ {} \\ ".join(
        " & & ".join(rf"\textstyle {cell}" for cell in row.replace("dfrac", "tfrac").split("&"))
        for row in rows
    )
    left, right = _DELIMITERS[matrix[1]]
    return rf"\left{left} \begin{{smallmatrix}} {body} \end{{smallmatrix}} \right{right}"


def _math_error(pattern: re.Pattern[str], text: str, latex: str, first: int = 1) -> MathError:
    match = pattern.match(text)
    if match is None:
        return MathError(text.strip(), 1, latex)
    message = match[2].strip().rstrip(".")
    return MathError(message[:1].lower() + message[1:], int(match[1]) + 1 - first, latex)
