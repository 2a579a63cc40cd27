"""Warnings: what an instructor is told though the exam is made, and what to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from generator.cautions import SAFE_SEED, far_apart, fresh_seed, guessable_seed
from generator.comparability import Certificate, Difference
from generator.exam import MAX_SEED

FORMS = ("A", "B", "C")


def difference(measure: str, difference: float, tolerance: float) -> Difference:
    within = difference <= tolerance
    return Difference(measure, 522, "A", 1198, "C", difference, tolerance, within)


def certificate(*differences: Difference, questions: str = "disjoint", forms: int = 3):
    empty = Certificate("x-1", "X", "C", "de", 1, "b", questions, (), (), differences, ())
    return replace(empty, forms=tuple(range(forms)))


FAR = difference("hand_work", 0.785, 0.1)


@pytest.mark.parametrize("seed", [0, 7, 2026, 20_261_130, 2**31, SAFE_SEED - 1])
def test_a_seed_that_can_be_guessed_is_told_where_an_exam_counts(seed):
    (caution,) = guessable_seed(seed, "exam")
    assert caution.render() == (
        f"warning[weak-seed]: the seed {seed} can be guessed from the printed pages, and with the question"
        " bank it gives the whole key (for an exam that counts, leave --seed away, or type 14 or 15 random"
        " digits)"
    )
    assert list(guessable_seed(seed, "practice")) == []


def test_fresh_seeds_are_safe_exact_in_json_and_differ():
    seeds = {fresh_seed() for _ in range(1_000)}
    assert len(seeds) == 1_000
    assert all(SAFE_SEED <= seed <= MAX_SEED == int(float(MAX_SEED)) for seed in seeds)
    assert int(float(MAX_SEED + 2)) != MAX_SEED + 2
    assert max(seeds) > 2**52  # of 53 bits, not of 48
    assert not any(list(guessable_seed(seed, "exam")) for seed in seeds)


@pytest.mark.parametrize(
    ("found", "of_students", "cures"),
    [
        (certificate(FAR), False, "make fewer forms, leave --disjoint out, try another seed, or allow more"),
        (certificate(FAR, forms=2), False, "leave --disjoint out, try another seed, or allow more"),
        (certificate(FAR, questions="same"), False, "try another seed, or allow more"),
        (certificate(FAR, questions="same"), True, "let students share a word in the column form, and with it their numbers, or allow more"),
    ],
)  # fmt: skip
def test_forms_that_are_far_apart_are_one_line_with_what_to_do(found, of_students, cures):
    (caution,) = far_apart(found, "exam/certificate.pdf", of_students=of_students)
    # In English, whatever the language of the exam.
    assert caution.render() == (
        "exam/certificate.pdf: warning[not-comparable]: the forms are not comparable: Hand-work in digits:"
        f" 522 on A, 1198 on C; 78.5 % apart, 10 % allowed ({cures} with `comparable` in the blueprint)"
    )


def test_the_measure_that_is_furthest_beyond_is_named():
    near, never = difference("minutes", 3, 2), difference("points", 1, 0)
    (caution,) = far_apart(certificate(near, FAR), "c")
    assert "Hand-work in digits" in caution.message
    assert caution.message.endswith("10 % allowed; and 1 more measure beyond")
    (caution,) = far_apart(certificate(near, FAR, never), "c")
    assert "comparable: Points: " in caution.message


def test_forms_that_are_alike_or_alone_are_no_news():
    assert list(far_apart(None, "c")) == []
    assert list(far_apart(certificate(difference("minutes", 1, 2)), "c")) == []
