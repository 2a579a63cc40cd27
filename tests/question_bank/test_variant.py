"""Draws and variants: pure functions of question and seed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from question_bank.draws import Domain, Source
from question_bank.key import FormKey, dumps, key_question, loads, mark_answers
from question_bank.loader import load_bank, parse_question
from question_bank.variant import instantiate
from tests.support import CHAIN, form_key

BANK = load_bank()


def test_draws_are_pinned():
    # These values may never change: published exams are rebuilt from seeds.
    source = Source("question", "version", 1, 0, "x")
    assert [source.below(1000) for _ in range(5)] == [646, 155, 635, 998, 912]
    assert Source("shuffle").shuffled(list("abcdef")) == ["a", "f", "d", "c", "b", "e"]


def test_a_variant_is_the_same_in_another_process():
    code = "from question_bank import *; print(instantiate(load_bank().question('conv_output_size'), 7))"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


@pytest.mark.parametrize(
    ("domain", "size"),
    [
        ({"choice": [1, 2, 3]}, 3),
        ({"range": [1, 9, 2]}, 5),
        ({"vector": {"length": 2, "of": {"range": [0, 3]}}}, 16),
        ({"distinct": {"length": 2, "of": {"range": [0, 3]}}}, 12),
        ({"matrix": {"rows": 1, "columns": 2, "of": {"choice": [0, 1]}}}, 4),
        ({"permutation": ["a", "b", "c"]}, 6),
    ],
)
def test_a_domain_lists_what_it_draws(domain, size):
    model = Domain.model_validate(domain)
    values = list(model.values())
    assert model.size() == size == len(values) == len(set(values))
    assert {model.draw(Source("d", i)) for i in range(size * 30)} == set(values)


@pytest.mark.parametrize("question", BANK.questions.values(), ids=lambda q: q.id)
def test_every_question_of_the_bank_has_variants_that_mark_their_own_key(question):
    from question_bank.answers import answer_type, mark

    for seed in (0, 1):
        variant = instantiate(question, seed)
        assert sum(part.points for part in variant.parts) == question.points
        for part in variant.parts:
            if part.answer.type != "text":
                written = answer_type(part.answer.type).written(part.answer)
                assert mark(part.answer, written, part.mistakes).verdict == "right"


def test_a_key_survives_its_file():
    variants = [instantiate(q, 3) for q in BANK.questions.values()]
    key = form_key([key_question(n, v) for n, v in enumerate(variants, 1)])
    assert loads(dumps(key), "key.json") == key
    assert isinstance(key, FormKey)


def marks(answers):
    question = parse_question(CHAIN, "chain.yaml")
    key = form_key([key_question(1, instantiate(question, 0))])
    return {m.label: m for m in mark_answers(key, answers)}


def test_a_named_mistake_is_recognised_and_its_sentence_told():
    found = marks({"1a": "5"})["1a"].mark
    assert (found.verdict, found.mistake) == ("wrong", "added")
    assert "multiplied" in found.message


def test_an_error_is_carried_forward_to_full_points():
    found = marks({"1a": "7", "1b": "8"})
    assert found["1a"].points == 0
    assert (found["1b"].mark.verdict, found["1b"].points) == ("right", 3)
    assert found["1b"].carried_from == ("1a",)
    assert "1a" in found["1b"].mark.message


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"1a": "7", "1b": "9"}, "neither the key nor what follows"),
        ({"1b": "8"}, "nothing was carried"),
        ({"1a": "0", "1b": "1"}, "zero is not carried: it would make the rest trivial"),
        ({"1a": "6", "1b": "8"}, "the earlier answer is right"),
    ],
)
def test_what_is_not_carried_forward(answers, why):
    assert marks(answers)["1b"].mark.verdict == "wrong", why


def test_what_may_follow_from_an_answer_that_could_not_be_read_waits_with_it():
    assert marks({"1a": "nonsense", "1b": "8"})["1b"].mark.verdict == "needs_person"


def test_an_error_is_carried_on_through_every_later_part():
    found = marks({"1a": "7", "1b": "8", "1c": "16"})
    assert [found[f"1{p}"].points for p in "abc"] == [0, 3, 2]
    assert marks({"1a": "7", "1b": "8", "1c": "15"})["1c"].mark.verdict == "wrong"


@pytest.mark.parametrize("answers", [{"1a": "6001", "1b": "6002"}, {"1a": "0.001", "1b": "1.001"}])
def test_what_follows_from_a_value_that_spares_the_work_waits_for_a_person(answers):
    found = marks(answers)["1b"]
    assert (found.mark.verdict, found.points) == ("needs_person", 0)


def test_what_follows_from_the_key_is_right_as_well():
    assert marks({"1a": "7", "1b": "7"})["1b"].mark.verdict == "right"


def marks_by(correction, answers, part=0):
    """The marks under a key whose given part was corrected after the exam."""
    question = parse_question(CHAIN, "chain.yaml")
    asked = key_question(1, instantiate(question, 0))
    parts = list(asked.parts)
    parts[part] = parts[part].model_copy(update=correction)
    key = form_key([asked.model_copy(update={"parts": tuple(parts)})])
    again = loads(dumps(key), "key.json")
    assert again == key
    return {m.label: m for m in mark_answers(again, answers)}


ALSO_5 = {"accept": ({"type": "numeric", "value": "5"},)}


@pytest.mark.parametrize(
    ("correction", "answer", "verdict", "points"),
    [
        (ALSO_5, "5", "right", 5),
        (ALSO_5, "6", "right", 5),
        (ALSO_5, "7", "wrong", 0),
        (ALSO_5, "", "not_answered", 0),
        (ALSO_5, "x = ?", "unreadable", 0),
        ({"void": True}, "7", "right", 5),
        ({"void": True}, "", "right", 5),
        ({"void": True}, "x = ?", "right", 5),
        ({"void": True, **ALSO_5}, "5", "right", 5),
    ],
)
def test_a_corrected_key(correction, answer, verdict, points):
    found = marks_by(correction, {"1a": answer})["1a"]
    assert (found.mark.verdict, found.points) == (verdict, points)


@pytest.mark.parametrize("correction", [ALSO_5, {"void": True}], ids=["accepted", "withdrawn"])
def test_what_follows_from_a_corrected_answer_is_right_too(correction):
    found = marks_by(correction, {"1a": "5", "1b": "6"})
    assert (found["1a"].points, found["1b"].points) == (5, 3)
    assert found["1b"].carried_from == ("1a",)
    assert marks_by(correction, {"1a": "6", "1b": "6"})["1b"].points == 0


def test_a_key_without_corrections_says_nothing_of_them():
    key = form_key([key_question(1, instantiate(parse_question(CHAIN, "chain.yaml"), 0))])
    assert "accept" not in dumps(key)
    assert "void" not in dumps(key)
