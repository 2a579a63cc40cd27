"""Each answer type against its table: answer, key, verdict, why."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from authoring.attempt import _key
from question_bank.answers import answer_type, answer_types, mark
from question_bank.answers.expression import ExpressionKey

HERE = Path(__file__).parent
SYMBOLS = dict.fromkeys(("W", "V", "x", "h1", "h2"), (0.3, 1.7))


def rows():
    for table in sorted(HERE.glob("*.yaml")):
        for answer, key, verdict, why in yaml.safe_load(table.read_text()):
            yield pytest.param(
                table.stem, str(answer), key, verdict, id=f"{table.stem}: {why}: {answer!r}"[:90]
            )


def key_of(kind: str, text: str):
    if kind == "expression":
        return ExpressionKey(value=text, symbols=SYMBOLS)
    if kind == "numeric":
        return answer_type("numeric").bind(
            answer_type("numeric").Spec(type="numeric", value=text), {}
        )
    return _key(kind, text, None)


@pytest.mark.parametrize(("kind", "answer", "key", "verdict"), list(rows()))
def test_the_table(kind, answer, key, verdict):
    found = mark(key_of(kind, key), answer)
    assert found.verdict == verdict, found


def test_every_type_but_free_text_has_a_table():
    assert {p.stem for p in HERE.glob("*.yaml")} == set(answer_types()) - {"text"}


@pytest.mark.parametrize(
    ("kind", "key"),
    [("numeric", "2/3"), ("numeric", "7"), ("numeric", "ln(3)"), ("shape", "[3, 4]"), ("matrix", "[[1, 2]]"),
     ("expression", "W*V"), ("multiple_choice", "a d"), ("multiple_choice", "none")],
)  # fmt: skip
def test_samples_get_the_verdict_that_they_promise(kind, key):
    bound = key_of(kind, key)
    samples = answer_type(kind).samples(bound)
    for verdict in ("right", "wrong", "unreadable"):
        assert getattr(samples, verdict), f"{kind} invents no {verdict} answer"
        for answer in getattr(samples, verdict):
            assert mark(bound, answer).verdict == verdict, answer


def test_free_text_waits_for_a_person_and_earns_nothing_yet():
    found = mark(answer_type("text").Key(), "because the gradient vanishes")
    assert (found.verdict, found.fraction) == ("needs_person", 0)


def test_an_answer_too_long_is_not_read():
    assert mark(key_of("numeric", "3"), "1+" * 2000 + "1").verdict == "unreadable"
