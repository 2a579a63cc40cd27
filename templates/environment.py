"""The one Jinja environment of the project: strict, escaping, and able to render rich text."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from templates import richtext

FOLDER = Path(__file__).parent


@cache
def environment() -> Environment:
    """Jinja for the files of `templates/`: every value is escaped, an unknown name is an error.

    Filters, each from Markdown with formulas:

    - `print_md`, `print_line`: for `templates.pdf.render_pdf`; an argument sets the formulas' colour.
    - `browser_md`, `browser_line`: for web pages; cells of tables and formulas say their side as `data-align`.
    - `terminal_md`: plain text.

    The `_line` forms give a stretch of a line, without a paragraph around it; the test `one_line` says
    whether a text is one.
    """
    jinja = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    jinja.filters.update(
        print_md=_print_md,
        print_line=_print_line,
        browser_md=_browser_md,
        browser_line=_browser_line,
        terminal_md=richtext.to_terminal,
    )
    jinja.tests["one_line"] = richtext.is_line
    return jinja


def _print_md(text: str, color: str = "#000") -> Markup:
    return richtext.to_print(text, color=color)


def _print_line(text: str, color: str = "#000") -> Markup:
    return richtext.to_print(text, color=color, inline=True)


# Pages whose policy takes no inline style, and logs an error for each: their sheets align the cells.
_ALIGNED = re.compile(
    r'<(t[hd]|mtd) style="text-align: ?(left|right|center);?'
    r'(?:justify-items: ?\w+;|padding-(?:left|right): ?[\w.]+;)*"'
)


def _browser_md(text: str) -> Markup:
    return _aligned(richtext.to_browser(text))


def _browser_line(text: str) -> Markup:
    return _aligned(richtext.to_browser(text, inline=True))


def _aligned(page: Markup) -> Markup:
    return Markup(_ALIGNED.sub(r'<\1 data-align="\2"', str(page)))  # noqa: S704 - our own element, other words
