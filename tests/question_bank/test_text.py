"""What a template reads: a plain one without a parser, and then the same as with it."""

from __future__ import annotations

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
        patch.setattr(text, "_plain_names", lambda _source: None)
        assert read(source) == quick


@pytest.mark.parametrize(
    ("source", "names"),
    [("no names", ()), ("{{ a }} and {{ b[0]|tex }}", ("a", "b")), ("${{ n|fixed(1) }}$", ("n",))],
)
def test_plain_templates_need_no_parser(source: str, names: tuple[str, ...]) -> None:
    assert text._plain_names(source) == frozenset(names)
