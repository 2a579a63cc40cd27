"""Print has curly quotes in text and straight ones in code; other outputs show what was typed."""

from __future__ import annotations

import pytest

from templates.richtext import to_browser, to_print, to_terminal


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ('He said "yes".', "<p>He said “yes”.</p>\n"),
        ("it's a 'b'", "<p>it’s a ‘b’</p>\n"),
        ('a "*b*" c', "<p>a “<em>b</em>” c</p>\n"),
        ('`"a"`', "<p><code>&quot;a&quot;</code></p>\n"),
        ('```\nx = "a"\n```', '<pre class="listing"><code>x = &quot;a&quot;\n</code></pre>\n'),
    ],
)
def test_quotes(typed: str, printed: str) -> None:
    assert to_print(typed) == printed


def test_quotes_around_a_formula() -> None:
    printed = to_print('the "$x$" of it')
    assert "“<img" in printed
    assert "”</span>" in printed


def test_other_outputs_show_what_was_typed() -> None:
    assert to_terminal('"a"') == '"a"'
    assert "&quot;a&quot;" in to_browser('"a"')
