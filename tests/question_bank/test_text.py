"""What a template reads: a plain one without a parser, and then the same as with it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank import text
from question_bank.text import TemplateFault, check_template

PIECES = (
    *("{{ a }}", "{{b2}}", "{{ a[0] }}", "{{ m[1][2]|tex }}", "{{ a | fixed(2) }}", "{{ c|plain}}"),
    *("{{ none }}", "{{ not }}", "{{ loop }}", "{{ True }}", "{{ a|nothing }}", "{{ a|tex|row }}"),
    *("{{ a + b }}", "{{- a }}", "{{ '}}' }}", "{{ _a }}", "{{ a._b }}", "{{ a[x] }}", "{{ 1 }}"),
    *(
        "{% if a %}",
        "{% endif %}",
        "{##",
        "##}",
        "{",
        "}",
        "{{",
        "}}",
        "\\frac{",
        "x",
        "\n",
        "$",
        " ",
    ),
)


def read(source: str) -> frozenset[str] | str:
    try:
        return check_template(source)
    except TemplateFault as fault:
        return str(fault)


@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_a_plain_template_reads_what_the_parser_says(source: str) -> None:
    quick = read(source)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "_plain_pieces", lambda _source: None)
        check_template.cache_clear()
        assert read(source) == quick


VALUES = {
    "a": 3, "b2": "a_word", "c": Fraction(-2, 3), "d": 0.1 + 0.2, "m": ((1, -2), (3, Fraction(1, 2))), "t": True,
}  # fmt: skip
FILLED = (
    *("{{ a }}", "{{b2}}", "{{ m[1][0]|tex }}", "{{ m[1][1] | fixed(1) }}", "{{ c|paren }}"),
    *("{{ d }}", "{{ t }}", "{{ m }}", "{{ m[0]|row }}", "{{ c|percent}}", "{{ a|words }}"),
    *("{{ b2[0] }}", "{{ a[0] }}", "{{ m[5] }}", "{{ gone }}", "{{ b2|fixed }}", "{{ b2|by }}"),
    *(
        "{{ a + 1 }}",
        "{% if t %}yes{% endif %}",
        "{{",
        "}}",
        "}}}",
        "\n",
        " ",
        "x",
        "\r\n",
        "\u2028",
    ),
)


def filled(source: str) -> tuple[str, str]:
    try:
        return "text", text.fill(source, VALUES)
    except TemplateFault as fault:
        return "fault", str(fault)


@given(st.lists(st.sampled_from(FILLED), max_size=6).map("".join))
def test_a_plain_template_is_filled_as_the_engine_fills_it(source: str) -> None:
    quick = filled(source)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "_plain_pieces", lambda _source: None)
        assert filled(source) == quick


@pytest.mark.parametrize(
    ("source", "names"),
    [("no names", ()), ("{{ a }} and {{ b[0]|tex }}", ("a", "b")), ("${{ n|fixed(1) }}$", ("n",))],
)
def test_plain_templates_need_no_parser(source: str, names: tuple[str, ...]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "_sandbox", None)
        check_template.cache_clear()
        assert check_template(source) == frozenset(names)
