"""Each answer type against its table: answer, key, verdict, why."""

from __future__ import annotations

import pytest

from question_bank.answers import answer_type, answer_types, mark
from question_bank.diagnostics import InputError
from tests.question_bank.answers.tables import HERE, bound, rows


@pytest.mark.parametrize(
    "row", [pytest.param(r, id=f"{r.kind}: {r.why}: {r.answer!r}"[:90]) for r in rows()]
)
def test_the_table(row):
    found = mark(row.key, row.answer)
    assert found.verdict == row.verdict, found
    assert found.fraction == row.share, found


def test_every_type_has_a_table():
    assert {p.stem for p in HERE.glob("*.yaml")} - {"attacks"} == set(answer_types())


def test_no_row_stands_twice():
    seen = [(row.kind, row.answer, row.asked, row.symbols) for row in rows()]
    assert [row for row in seen if seen.count(row) > 1] == []


SAMPLED = sorted({(r.kind, r.asked, r.symbols) for r in rows() if r.kind not in ("text", "code")})


@pytest.mark.parametrize(("kind", "asked", "symbols"), SAMPLED)
def test_samples_get_the_verdict_that_they_promise(kind, asked, symbols):
    right = bound(kind, asked, symbols)
    samples = answer_type(kind).samples(right)
    for verdict in ("right", "wrong", "unreadable"):
        assert getattr(samples, verdict), f"{kind} invents no {verdict} answer"
        for answer in getattr(samples, verdict):
            assert mark(right, answer).verdict == verdict, answer


def test_free_text_waits_for_a_person_and_earns_nothing_yet():
    found = mark(answer_type("text").Key(), "because the gradient vanishes")
    assert (found.verdict, found.fraction) == ("needs_person", 0)


@pytest.mark.parametrize("kind", ["text", "code"])
def test_a_person_gets_twenty_thousand_characters(kind):
    key = answer_type(kind).Key()
    assert mark(key, "x " * 10_000).verdict == "needs_person"
    assert mark(key, "x " * 10_001).verdict == "unreadable"


def test_a_list_too_long_is_refused_before_its_numbers_are_read(monkeypatch):
    key = bound("set", "{1, 2}")
    monkeypatch.setattr("question_bank.answers.answer_set._number", None)
    assert "more than 40" in mark(key, "1," * 999).message


def test_no_more_than_three_readings_are_echoed():
    found = mark(bound("set", "{0, 1, 2, 3, 9/2}"), "0,1,2,3,4,5")
    assert found.verdict == "needs_person"
    assert len(found.ask) > 3
    assert found.message.count(" or {") == 2
    assert f"or in {len(found.ask) - 3} more ways" in found.message


def test_each_number_of_a_list_needs_its_unit():
    with pytest.raises(InputError, match="1 units where 2 numbers"):
        bound("matrix", "{value: '[750, 38400]', units: [ms]}")


def test_an_answer_too_long_is_not_read():
    assert mark(bound("numeric", "3"), "1+" * 2000 + "1").verdict == "unreadable"
