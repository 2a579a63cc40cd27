"""The one Jinja environment of the project: strict, escaping, and able to render rich text."""

from __future__ import annotations

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
    - `browser_md`, `browser_line`: for web pages.
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


def _browser_md(text: str) -> Markup:
    return richtext.to_browser(text)


def _browser_line(text: str) -> Markup:
    return richtext.to_browser(text, inline=True)
