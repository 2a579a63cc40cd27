"""Markdown with mathematics, rendered for print, for browsers, and for terminals.

One dialect for all three: paragraphs, lists, tables, quotations, emphasis, code, links to web pages, and
formulas between dollar signs. Raw HTML, pictures and headings are not part of it: they print as they were
typed. Whatever the text holds, the result is safe to put into a page or onto a terminal.

In print, straight quotes become curly ones (not in code), and fractions within a line get a legible size.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from templates import mathematics
from templates.dollar_mathematics import DISPLAY, INLINE, dollar_mathematics
from templates.inline_fractions import legible
from templates.math_address import math_address
from templates.plain_text import plain_text

LONGEST_TEXT = 100_000
"""Characters. A question has a few thousand; more would only keep the renderer busy."""

if TYPE_CHECKING:
    from markdown_it.renderer import RendererHTML

_NOT_OURS = ["heading", "lheading", "hr", "image", "html_block", "html_inline", "reference", "code"]
_LINKS = frozenset({"http", "https", "mailto"})
_GLUE_AFTER = re.compile(r"^[^\s]+")
# WeasyPrint 70 breaks a line after its first word where the text before an element fits only without
# its last space; a space in an element of its own is measured by itself.
_SPACE_BEFORE_ELEMENT = re.compile(r"[ \n](?=<(?:img|span|code|em|strong|a)\b)")
_GLUE_BEFORE = re.compile(r"[^\s]+$")

# Formulas taller than this, in em, get air above and below: replaced elements know no line height.
_TALL = 1.6
_AIR = 0.14

# em: the measure of what is asked in large print; wider formulas shrink there. And gaps with half their width,
# less the blank between two pictures.
_LARGE_MEASURE = 24.0
_GAPS = {r"\qquad": 0.88, r"\quad": 0.38}
_GAP_OR_GROUP = re.compile(
    r"\\qq?uad(?![A-Za-z])|\\left(?![A-Za-z])|\\right(?![A-Za-z])|\\(?:begin|end)(?=\{)|\\.|[{}]",
    re.DOTALL,
)
_Draw = Callable[[str, bool], str]


def to_print(text: str, *, color: str = "#000", inline: bool = False) -> Markup:
    """Render for `templates.pdf.render_pdf`: formulas become pictures that say what they show.

    Args:
        text: Markdown.
        color: colour of the formulas, `#rgb` or `#rrggbb` (a picture cannot inherit it).
        inline: True for a stretch of a line: no paragraph around it.

    Raises:
        MathError: a formula does not typeset, or a dollar sign opens none.
        ValueError: the text is too long.
    """

    return _to_print(text, color, inline)


def printed_rows(latex: str) -> list[str]:
    r"""The pieces of a displayed formula that may stand in lines of their own, if it is wide: what `\qquad` parts.

    Without one, what `\quad` parts. In large print such a formula would else shrink to its measure.
    """
    return _rows(latex)[0]


def _rows(latex: str) -> tuple[list[str], float]:
    """The pieces, and the margin beside each in em."""
    for gap, margin in _GAPS.items():
        if gap in latex and len(pieces := _parted(latex, gap)) > 1:
            wide = mathematics.svg(latex, display=True).width > _LARGE_MEASURE
            return (pieces, margin) if wide else ([latex], 0.0)
    return [latex], 0.0


def _parted(latex: str, gap: str) -> list[str]:
    """Split a formula at a gap that stands in no group."""
    pieces, depth, start = [], 0, 0
    for match in _GAP_OR_GROUP.finditer(latex):
        if match[0] == gap and not depth:
            pieces.append(latex[start : match.start()].strip())
            start = match.end()
        elif match[0] in {"{", r"\left", r"\begin"}:
            depth += 1
        elif match[0] in {"}", r"\right", r"\end"}:
            depth -= 1
    pieces.append(latex[start:].strip())
    return [piece for piece in pieces if piece]


@lru_cache(maxsize=8192)
def _to_print(text: str, color: str, inline: bool) -> Markup:
    """Kept: most texts stand in both papers of a form, and many in every student's."""

    def piece(latex: str, margin: float) -> str:
        depth = mathematics.svg(latex, display=True, color=color).depth
        source = math_address(latex, display=True, color=color)
        label = html.escape(mathematics.spoken(latex))
        style = f"vertical-align:{-depth:.6g}em;margin:0 {margin:g}em"
        return f'<img class="math" src="{source}" alt="{label}" style="{style}">'

    def draw(latex: str, display: bool) -> str:
        label = html.escape(mathematics.spoken(latex))
        drawn = latex if display else legible(latex)
        picture = mathematics.svg(drawn, display=display, color=color)
        source = math_address(drawn, display=display, color=color)
        if display and len((rows := _rows(latex))[0]) > 1:
            return "<span> </span>".join(piece(row, rows[1]) for row in rows[0])
        # The picture knows its own size, in em; fewer styles have to be worked out without it.
        start = f'<img class="math" src="{source}" alt="{label}"'
        if display:
            return f"{start}>"
        air = air_around(picture.height)
        style = f"vertical-align:{-picture.depth - air:.6g}em"
        style += f";margin:{air:g}em 0" if air else ""
        return f'{start} style="{style}">'

    return _to_html(text, draw, inline, curly=True)


def to_browser(text: str, *, inline: bool = False) -> Markup:
    """Render for a web page: formulas become MathML with a spoken label.

    Args and errors as in `to_print`.
    """
    return _to_html(text, mathematics.mathml, inline, boxed=True)


def to_terminal(text: str, *, columns: int | None = None, spell: Callable[[str], str] = str) -> str:
    """Render as plain Unicode text: no markup, no control characters, long lines left for the caller to wrap.

    Args:
        text: Markdown.
        columns: where given, cells of tables that would be wider are wrapped.
        spell: changes the letters of a table's cell, before its columns are laid out.

    Errors as in `to_print`.
    """

    def speak(latex: str, lines: str) -> str:
        return mathematics.spoken(latex, line_break=lines)

    return plain_text(_parse(text), speak, columns=columns, spell=spell)


def air_around(height: float) -> float:
    """The air above and below a formula of such a height within a line, in em."""
    return _AIR if height > _TALL else 0.0


def is_line(text: str) -> bool:
    """Whether a text is one stretch of a line, as the forms with `inline` want it.

    Errors as in `to_print`.
    """
    return _is_one_line(text)


@lru_cache(maxsize=8192)
def _is_one_line(text: str) -> bool:
    return _is_line(_parse(text))


def _is_line(tokens: Sequence[Token]) -> bool:
    kinds = [token.type for token in tokens]
    return kinds == ["paragraph_open", "inline", "paragraph_close"] and not any(
        child.type == DISPLAY for child in tokens[1].children or ()
    )


def parsed(text: str) -> Sequence[Token]:
    """Read Markdown into its tokens. Raises MathError, ValueError as in `to_print`."""
    return _parse(text)


def _parse(text: str, *, curly: bool = False) -> tuple[Token, ...]:
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"the text has more than {LONGEST_TEXT} characters")
    return _tokens(text, curly and ('"' in text or "'" in text))


# The same text is often asked for in one form and then in another.
@lru_cache(maxsize=256)
def _tokens(text: str, curly: bool) -> tuple[Token, ...]:
    return tuple(_markdown(curly).parse(text))


def _to_html(
    text: str, draw: _Draw, inline: bool, *, curly: bool = False, boxed: bool = False
) -> Markup:
    tokens = _parse(text, curly=curly)
    if inline:
        paragraphs = [token for token in tokens if token.type == "inline"]
        if len(paragraphs) > 1 or any(token.type in {"fence", DISPLAY} for token in tokens):
            raise ValueError(f"this text must be one stretch of a line, and is more: {text!r}")
        tokens = tuple(paragraphs)
    return Markup(_html(tokens, draw, boxed=boxed))  # noqa: S704 - markdown-it escapes text, raw HTML is off


def _html(tokens: Sequence[Token], draw: _Draw, *, boxed: bool) -> str:
    """boxed: the text of a list's item gets an element of its own, which can be scrolled beside its number."""
    pieces: list[str] = []
    for place, token in enumerate(tokens):
        if token.type == "inline":
            line = _line(token.children or [], draw)
            bare = boxed and place > 0 and tokens[place - 1].hidden
            pieces.append(f'<div class="line">{line}</div>' if bare else line)
        elif token.type == DISPLAY:
            pieces.append(f'<div class="display">{draw(token.content, True)}</div>\n')
        elif token.type == "fence":
            pieces.append(f'<pre class="listing"><code>{html.escape(token.content)}</code></pre>\n')
        else:
            pieces.append(_ordinary(tokens, place))
    return "".join(pieces)


def _ordinary(tokens: Sequence[Token], place: int) -> str:
    markdown = _markdown(False)
    renderer = cast("RendererHTML", markdown.renderer)
    draw = renderer.rules.get(tokens[place].type, renderer.renderToken)
    drawn: str = draw(tokens, place, markdown.options, {})
    return drawn


def _line(tokens: Sequence[Token], draw: _Draw) -> str:
    """Render the inside of a paragraph, with what touches a formula kept on the formula's line."""
    texts = [token.content if token.type == "text" else "" for token in tokens]
    pieces: list[str] = []
    for place, token in enumerate(tokens):
        if token.type == "text":
            pieces.append(html.escape(texts[place]))
        elif token.type == INLINE:
            before = after = ""
            if place and (match := _GLUE_BEFORE.search(texts[place - 1])):
                before = match[0]
                whole = html.escape(texts[place - 1])
                pieces[-1] = whole[: len(whole) - len(html.escape(before))]
            if place + 1 < len(tokens) and (match := _GLUE_AFTER.match(texts[place + 1])):
                after = match[0]
                texts[place + 1] = texts[place + 1][len(after) :]
            formula = html.escape(before) + draw(token.content, False) + html.escape(after)
            glued = f'<span class="nowrap">{formula}</span>' if before or after else formula
            pieces.append(glued)
        elif token.type == DISPLAY:
            pieces.append(f'<span class="display">{draw(token.content, True)}</span>')
        elif token.type == "code_inline":
            pieces.append(f"<code>{html.escape(token.content)}</code>")
        else:
            pieces.append(_ordinary(tokens, place))
    return _SPACE_BEFORE_ELEMENT.sub("<span> </span>", "".join(pieces))


@lru_cache(maxsize=2)
def _markdown(curly: bool) -> MarkdownIt:
    options = {"html": False, "maxNesting": 20, "typographer": curly, "quotes": "“”‘’"}
    markdown = MarkdownIt("commonmark", options).enable("table")
    if curly:
        markdown.enable("smartquotes")
    markdown.disable(_NOT_OURS)
    markdown.validateLink = _is_web_link  # type: ignore[assignment,method-assign]
    markdown.use(dollar_mathematics)
    markdown.add_render_rule("th_open", _column_header)
    markdown.add_render_rule("th_close", _end_of_header)
    return markdown


def _is_web_link(address: str) -> bool:
    try:
        return urlsplit(address).scheme.lower() in _LINKS
    except ValueError:
        return False


def _column_header(
    renderer: Any, tokens: Sequence[Token], index: int, options: Any, environment: Any
) -> str:
    if not tokens[index + 1].content:
        return "<td>"  # the corner of a table heads no column
    tokens[index].attrSet("scope", "col")
    rendered: str = renderer.renderToken(tokens, index, options, environment)
    return rendered


def _end_of_header(
    renderer: Any, tokens: Sequence[Token], index: int, options: Any, environment: Any
) -> str:
    del renderer, options, environment
    return "</th>\n" if tokens[index - 1].content else "</td>\n"
