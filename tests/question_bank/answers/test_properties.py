"""What holds for every answer of a type: its form does not count, a key is right, the value of a mistake is known."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from question_bank.answers import answer_type, answer_types, mark
from question_bank.answers.marking import MistakeKey
from tests.question_bank.answers.equivalent_forms import CASES, bind

EXAMPLES = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
# Formulas have many forms each, and several keys a type.
FEW = settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
EACH = pytest.mark.parametrize("name", sorted(CASES))


def same_verdict(case):
    """Right where the answered value is the key's, and in every form the same."""
    marks = [mark(case.key, form) for form in case.forms]
    found = {form: (m.verdict, m.fraction) for form, m in zip(case.forms, marks, strict=True)}
    assert len(set(found.values())) == 1, found
    if case.key == case.other:
        assert marks[0].verdict == "right", found


def key_is_right(case):
    """The key as it is written, for the key and for what the mistake leads to."""
    for key in (case.key, case.other):
        text = answer_type(key.type).written(key)
        assert (mark(key, text).verdict, mark(key, text).fraction) == ("right", 1), text


def mistake_is_known(case):
    """In every form, a value that a mistake leads to carries its name, unless it is right: then it carries none."""
    right = mark(case.key, case.forms[0]).verdict == "right"
    mistake = MistakeKey("slip", "Look again.", case.other)
    for form in case.forms:
        found = mark(case.key, form, (mistake,))
        if right:
            assert (found.verdict, found.mistake) == ("right", None), form
        else:
            assert (found.mistake, found.message) == ("slip", "Look again."), form


PROPERTIES = pytest.mark.parametrize("holds", [same_verdict, key_is_right, mistake_is_known])


@EACH
@PROPERTIES
def test_at_some_random_answers(name, holds):
    @(EXAMPLES if name in answer_types() else FEW)
    @given(CASES[name]())
    def at_random(case):
        holds(case)

    at_random()


@pytest.mark.slow
@EACH
@PROPERTIES
def test_at_many_random_answers(name, holds):
    @MANY
    @given(CASES[name]())
    def at_random(case):
        holds(case)

    at_random()


FORMULAS = [name for name in CASES if name.partition(" ")[0] in ("expression", "equation")]


@pytest.mark.parametrize("name", FORMULAS)
def test_what_a_formula_is_read_as_is_read_alike_when_it_is_typed(name):
    @FEW
    @given(CASES[name]())
    def at_random(case):
        for form in case.forms:
            found = mark(case.key, form)
            again = mark(case.key, found.read_as)
            assert (again.verdict, again.read_as) == (found.verdict, found.read_as), form

    at_random()


def test_no_type_is_left_out():
    assert {name.partition(" ")[0] for name in CASES} == set(answer_types()) - {"text", "code"}


LINES = st.lists(
    st.sampled_from(["x = f(x, 1)", "for i in range(3):\n    x = x * i", "return {'a': x[0]}", "y += -x @ w"]),
    min_size=1,
    max_size=3,
    unique=True,
)  # fmt: skip


@given(LINES, LINES)
@settings(max_examples=40)
def test_layout_of_code_does_not_count(accepted, answered):
    key = bind("code", accept=["\n".join(accepted)])
    text = "\n".join(answered)
    forms = (text, text.replace(" = ", "="), text.replace("\n", "\n\n").replace("\n\n    ", "\n  "),
             "# mine\n" + text, text.replace("'", '"'), text.replace(", ", " , "), text + "  # done")  # fmt: skip
    expected = "right" if accepted == answered else "needs_person"
    assert {form: mark(key, form).verdict for form in forms} == dict.fromkeys(forms, expected)


@given(st.text(max_size=300))
@settings(max_examples=40)
def test_every_text_waits_for_a_person(text):
    verdict = mark(bind("text"), text).verdict
    assert verdict == ("needs_person" if text.strip() else "not_answered")
