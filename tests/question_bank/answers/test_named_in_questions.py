"""Names beside the numbers of an answer, in the questions of the bank: in the order that is asked for, and in another."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from question_bank.key import KeyQuestion, key_question, mark_question
from question_bank.loader import load_bank
from question_bank.variant import instantiate

DATA = Path(__file__).parents[1] / "data"
ROWS = yaml.safe_load((DATA / "names_in_questions.yaml").read_text())
FORMULAS = yaml.safe_load((DATA / "names_of_formulas.yaml").read_text())
BANK = load_bank()
SEEDS = (1, 2)


def asked_with(question_id: str, label: str, seed: int) -> tuple[KeyQuestion, list[str]]:
    """The question, and the entries (or rows) of the key of one part as they are typed."""
    question = key_question(1, instantiate(BANK.question(question_id), seed))
    key = next(part for part in question.parts if part.label == label).key
    value = key.value[0] if getattr(key, "vector", False) else key.value
    return question, [" ".join(v) if isinstance(v, (tuple, list)) else str(v) for v in value]


def verdict(question: KeyQuestion, label: str, answer: str) -> str:
    marked = mark_question(question, {f"1{label}": answer})
    return next(m.mark.verdict for m in marked if m.part.label == label)


def typed(names: list[str], entries: list[str]) -> str:
    return "\n".join(f"{name} = {entry}" for name, entry in zip(names, entries, strict=True))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("question_id", "label", "names"), ROWS)
def test_names_in_the_order_of_the_question_change_nothing(question_id, label, names, seed):
    question, entries = asked_with(question_id, label, seed)
    assert verdict(question, label, typed(names, entries)) == "right"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("question_id", "label", "names"), ROWS)
def test_names_in_another_order_go_to_a_person(question_id, label, names, seed):
    question, entries = asked_with(question_id, label, seed)
    turned = names[1:] + names[:1]
    moved = entries[1:] + entries[:1]
    if moved == entries:
        pytest.skip("all numbers are equal")
    # The numbers in the order of the question with names that say otherwise; and each number with its own name.
    by_name = dict(zip(turned, entries, strict=True))
    same = [by_name[name] for name in names] == entries
    assert verdict(question, label, typed(turned, entries)) == "right" if same else "needs_person"
    assert verdict(question, label, typed(turned, moved)) == "needs_person"


@pytest.mark.parametrize(("question_id", "label", "seed", "name", "expected"), FORMULAS)
def test_a_name_of_something_else_in_front_of_the_right_formula_goes_to_a_person(
    question_id, label, seed, name, expected
):
    question = key_question(1, instantiate(BANK.question(question_id), seed))
    key = next(part for part in question.parts if part.label == label).key
    assert verdict(question, label, f"{name} = {key.value}") == expected


@pytest.mark.parametrize(
    ("names", "expected"), [(["C", "H", "W"], "right"), (["H", "W", "C"], "needs_person")]
)
def test_names_in_another_order_go_to_a_person_where_an_answer_follows_from_an_earlier_one(
    names, expected
):
    question = key_question(1, instantiate(BANK.question("layer_table"), 1))
    by_key = mark_question(question, {"1a": "4 x 14 x 14", "1b": "1"})
    follows = [str(axis) for axis in by_key[1].follows.value]
    answers = {"1a": "4 x 14 x 14", "1b": typed(names, follows)}
    assert mark_question(question, answers)[1].mark.verdict == expected
