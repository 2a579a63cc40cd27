"""Each answer type against its table: answer, key, verdict, why."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from authoring.attempt import key_of
from question_bank.answers import answer_type, answer_types, mark

HERE = Path(__file__).parent
SYMBOLS = yaml.safe_load((HERE.parent / "data/expression_symbols.yaml").read_text())


def rows():
    """Each row of each table. A fifth place names a formula's symbols, or gives the share of the points."""
    for kind in sorted(answer_types()):
        for answer, key, verdict, why, *more in yaml.safe_load((HERE / f"{kind}.yaml").read_text()):
            share = more[0] if more and kind != "expression" else None
            names = more if kind == "expression" else ()
            name = f"{kind}: {why}: {answer!r}"[:90]
            yield pytest.param(kind, str(answer), (key, *names), verdict, share, id=name)


def bound(kind: str, key: str, symbols: str = "plain"):
    if kind == "expression":
        model = answer_type("expression")
        spec = {"type": "expression", "value": key, **SYMBOLS[symbols]}
        return model.bind(model.Spec.model_validate(spec), {})
    return key_of(kind, key)


@pytest.mark.parametrize(("kind", "answer", "key", "verdict", "share"), list(rows()))
def test_the_table(kind, answer, key, verdict, share):
    found = mark(bound(kind, *key), answer)
    assert found.verdict == verdict, found
    expected = {"right": "1", "partly_right": share}.get(verdict, share or "0")
    assert found.fraction == Fraction(expected), found


def test_every_type_has_a_table():
    assert {p.stem for p in HERE.glob("*.yaml")} - {"attacks"} == set(answer_types())


@pytest.mark.parametrize(
    ("kind", "key"),
    [("numeric", "2/3"), ("numeric", "7"), ("numeric", "ln(3)"), ("shape", "[3, 4]"), ("matrix", "[[1, 2]]"),
     ("expression", "W*V"), ("multiple_choice", "a d"), ("multiple_choice", "none")],
)  # fmt: skip
def test_samples_get_the_verdict_that_they_promise(kind, key):
    right = bound(kind, key)
    samples = answer_type(kind).samples(right)
    for verdict in ("right", "wrong", "unreadable"):
        assert getattr(samples, verdict), f"{kind} invents no {verdict} answer"
        for answer in getattr(samples, verdict):
            assert mark(right, answer).verdict == verdict, answer


def test_free_text_waits_for_a_person_and_earns_nothing_yet():
    found = mark(answer_type("text").Key(), "because the gradient vanishes")
    assert (found.verdict, found.fraction) == ("needs_person", 0)


def test_an_answer_too_long_is_not_read():
    assert mark(key_of("numeric", "3"), "1+" * 2000 + "1").verdict == "unreadable"
