"""Markdown with formulas: the same text for print, browser and terminal, and nothing unsafe in any."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.environment import environment
from templates.math_address import read_math_address
from templates.mathematics import MathError
from templates.richtext import to_browser, to_print, to_terminal


def formulas(printed: str) -> list[str]:
    return [read_math_address(address)[0] for address in re.findall(r'src="([^"]+)"', printed)]


def test_a_formula_becomes_a_picture_with_a_text() -> None:
    printed = to_print(r"Let $h_2^\top$ be", color="#a00")
    assert formulas(printed) == [r"h_2^\top"]
    assert 'alt="h₂ᵀ"' in printed
    assert "math:inline.a00." in printed
    assert re.search(r"vertical-align:-0\.\d+em", printed)


def test_a_formula_becomes_mathml() -> None:
    assert '<math aria-label="x²"><msup>' in to_browser("$x^2$")


def test_display_formulas() -> None:
    text = "Then\n\n$$\nx = 1\n- y\n$$\n\nholds, and $$z$$ too."
    assert formulas(to_print(text)) == ["x = 1\n- y", "z"]
    assert to_browser(text).count('display="block"') == 2
    assert to_terminal(text) == "Then\n\n    x = 1 − y\n\nholds, and\n    z\ntoo."


def test_a_display_formula_may_interrupt_a_paragraph_and_stand_in_a_list() -> None:
    assert to_terminal("- so\n  $$\n  x\n  $$\n- b") == "- so\n      x\n- b"


def test_dollars() -> None:
    assert to_terminal(r"It costs \$5 or \$6, not $6$.") == "It costs $5 or $6, not 6."
    assert to_terminal("`a$b$`") == "a$b$"
    assert formulas(to_print(r"$\text{\$}x$")) == [r"\text{\$}x"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("it costs $5", "opens no formula"),
        ("$5 and $6", "blank at its edge"),
        ("$$\nx", "closing $$ is missing"),
        (r"a $x$ and $\nonsense$", "unsupported command"),
        ("$$ $$", "empty"),
    ],
)
def test_a_faulty_formula_is_an_error_in_every_output(text: str, message: str) -> None:
    for output in (to_print, to_browser, to_terminal):
        with pytest.raises(MathError, match=re.escape(message)):
            output(text)


def test_no_word_stands_alone_on_a_line_before_a_formula() -> None:
    """At some widths WeasyPrint breaks after the first word of a text that ends in a space."""
    from weasyprint import HTML

    text = "the start no gradient is stored, in three iterations the gradients of the current $w$"
    page = "@page { size: 600pt 200pt; margin: 0 } p { margin: 0; font: 10pt monospace }"
    for tenths in range(-80, 80, 4):
        # About as wide as the text before the formula, whose characters are of one width.
        width = 6.02 * text.index("$") + tenths / 10
        html = to_print(text).replace('src="math', 'data-src="math')
        styled = f"<style>{page} p {{ width: {width}pt }} img {{ width: 5pt }}</style>{html}"
        lines = [
            "".join(getattr(part, "text", "") for part in box.descendants())
            for box in HTML(string=styled).render().pages[0]._page_box.descendants()
            if type(box).__name__ == "LineBox"
        ]
        assert all(len(line.split()) > 1 for line in lines[:-1]), (width, lines)


def test_what_touches_a_formula_stays_on_its_line() -> None:
    printed = to_print("see ($x$), or $y$")
    assert re.search(
        r'see<span> </span><span class="nowrap">\(<img [^>]+>\),</span> or<span> </span><img ',
        printed,
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](file:///etc/passwd)",
        "[a](data:text/html,x)",
        "[a](JaVaScRiPt:x)",
        "![a](https://example.org/x.png)",
        "```<script>\nx\n```",
        "| <b> |\n|--|\n| <i> |",
        '[a](https://example.org/"onclick="x)',
    ],
)
def test_nothing_unsafe_comes_out(text: str) -> None:
    for output in (to_print, to_browser):
        page = output(text)
        assert not re.search(r"<(script|img|b|i)\b", page)
        assert not re.search(r'(href|src)="(?!https:)', page)
        assert 'onclick="' not in page


def test_web_links_stay() -> None:
    assert '<a href="https://example.org/x">a</a>' in to_print("[a](https://example.org/x)")


@given(st.text())
def test_a_terminal_gets_no_control_characters(text: str) -> None:
    shown = to_terminal(text.replace("$", ""))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)


@given(st.text(alphabet="ab *_`|-1.\n<>&[]()\\#$\"'"))
def test_any_text_renders_or_is_a_formula_error(text: str) -> None:
    for output in (to_print, to_browser):
        try:
            page = output(text)
        except MathError:
            return
        assert not re.search(r"<(script|iframe|h\d)", page)


def test_tables_have_column_headers() -> None:
    table = "| a | $b$ |\n|---|--:|\n| long | 1 |"
    assert to_print(table).count('scope="col"') == 2
    assert to_terminal(table) == "a     b\n----  -\nlong  1"


def test_the_empty_corner_of_a_table_heads_no_column() -> None:
    table = "|  | b |\n|---|:--|\n| long | 1 |"
    for page in (to_print(table), to_browser(table)):
        assert "<td></td>" in page
        assert re.findall("<th .*</th>", page) == ['<th style="text-align:left" scope="col">b</th>']
    assert to_terminal(table) == "      b\n----  -\nlong  1"


@pytest.mark.parametrize(
    "text",
    [
        "| a |\n|--:|\n| 1 |",
        r"$$\begin{aligned}a&=b\end{aligned}$$",
        r"$$\begin{cases}a&x\end{cases}$$",
    ],
)
def test_pages_align_cells_without_a_style_that_their_policy_refuses(text: str) -> None:
    page = environment().from_string("{{ text | browser_md }}").render(text=text)
    assert " style=" in to_browser(text)
    assert " style=" not in page
    assert re.search(r'<(td|mtd) data-align="(left|right)"', page)


def test_code_is_shown_as_typed() -> None:
    text = "```python\nx = [1]  # $not$ <b>\n```"
    assert "x = [1]  # $not$ &lt;b&gt;" in to_print(text)
    assert to_terminal(text) == "    x = [1]  # $not$ <b>"


def test_lists_on_a_terminal() -> None:
    assert to_terminal("1. a\n   - b\n   - c\n2. d") == "1. a\n   - b\n   - c\n2. d"
    assert to_terminal("1. a\n\n   more\n\n2. d") == "1. a\n\n   more\n\n2. d"


def test_headings_are_not_part_of_the_dialect() -> None:
    assert "<h1>" not in to_print("# a")
    assert "<hr" not in to_print("a\n\n---\n\nb")


def test_one_line_only() -> None:
    assert to_print("*a*", inline=True) == "<em>a</em>"
    with pytest.raises(ValueError, match="one stretch of a line"):
        to_print("a\n\nb", inline=True)


def test_the_environment_escapes_and_refuses_unknown_names() -> None:
    template = environment().from_string(
        "{{ text }} {{ text|print_line('#abc') }} {{ text|terminal_md }}"
    )
    assert template.render(text="<b>") == "&lt;b&gt; &lt;b&gt; &lt;b&gt;"
    with pytest.raises(Exception, match="'other' is undefined"):
        environment().from_string("{{ other }}").render()


TABLE = (
    "| a | what it is |\n|---|---|\n| 1 | some words that go on and on |\n| $x \\le 2$ | short |"
)


def test_a_table_is_wrapped_where_it_would_be_too_wide_and_no_word_is_broken() -> None:
    assert to_terminal(TABLE, columns=24) == (
        "a      what it is\n-----  -----------------\n1      some words that\n"
        "       go on and on\nx ≤ 2  short"
    )
    assert to_terminal(TABLE).splitlines()[2] == "1      some words that go on and on"
    narrow = to_terminal(TABLE, columns=3)
    assert all(word in narrow.split() for word in ("some", "words", "that", "go", "on"))


def test_a_table_is_laid_out_in_the_letters_that_are_shown() -> None:
    shown = to_terminal(TABLE, spell=lambda text: text.replace("≤", "<="))
    assert shown.splitlines()[-1] == "x <= 2  short"
    assert shown.splitlines()[0] == "a       what it is"


def test_what_an_item_of_a_list_says_has_an_element_of_its_own_in_a_browser() -> None:
    """So that a wide formula scrolls, and the item's number stays where it is."""
    text = "1. the first\n2. the *second*"
    assert to_browser(text).count('<div class="line">the') == 2
    assert "line" not in to_print(text)
    assert "line" not in to_browser("1. one\n\n2. two")


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"60\,\% \cdot 20 = 12", "60 % · 20 = 12"),
        (r"8 \cdot \nabla L", "8 · ∇L"),
        (r"-\nabla L", "−∇L"),
        (r"\partial L / \partial x", "∂L/∂x"),
        (r"n! \cdot 2", "n! · 2"),
    ],
)
def test_a_sign_that_belongs_to_one_side_leaves_the_operators_blank_alone(latex, text) -> None:
    assert to_terminal(f"${latex}$") == text
