"""Answers by chance: a verdict each time, never a traceback, and within bounded time.

A few are tried each time; `make test-slow` takes 100 000, and measures them.
"""

from __future__ import annotations

import time
from collections import Counter

import pytest

from question_bank.answers import answer_type, answer_types, mark
from question_bank.answers.base import Unreadable
from question_bank.grammar import equivalence
from tests.question_bank.answers.random_answers import answer
from tests.question_bank.answers.tables import bound

FEW, MANY, SHARE = 400, 100_000, 25
VERDICTS = {"right", "partly_right", "wrong", "unreadable", "not_answered", "needs_person"}
# Seconds of the processor, so that a busy machine is no failure.
STAGE, WHOLE = 0.05, 2.0


def check(number: int) -> tuple[str, str]:
    key, text = answer(number)
    found = mark(key, text)
    assert found.verdict in VERDICTS, (number, found)
    assert -1 <= found.fraction <= 1, (number, found)
    assert (found.fraction == 1) == (found.verdict == "right"), (number, found)
    for shown in (found.message, found.read_as or "", *found.ask):
        assert shown.replace("\n", "").replace("\t", "").isprintable(), (number, shown)
    return key.type, found.verdict


def measure(number: int) -> None:
    # Python may collect its garbage at any time: only what is slow each time is slow.
    taken = [times(number)]
    while len(taken) < 3 and not within(taken[-1]):
        taken.append(times(number))
    assert within(taken[-1]), (number, taken)


def within(taken: tuple[float, float]) -> bool:
    stage, whole = taken
    return stage < STAGE and whole < WHOLE


def times(number: int) -> tuple[float, float]:
    """Seconds of the slowest of reading and comparisons, and of all of it."""
    key, text = answer(number)
    kind = answer_type(key.type)
    start = time.process_time()
    try:
        readings = kind.parse(text.strip(), key)
    except Unreadable:
        readings = ()
    stages = [time.process_time() - start]
    for reading in readings:
        start = time.process_time()
        kind.compare(reading, key)
        stages.append(time.process_time() - start)
    start = time.process_time()
    mark(key, text)
    return max(stages), time.process_time() - start


def test_answers_by_chance():
    found = Counter(check(number) for number in range(FEW))
    assert {kind for kind, _ in found} == set(answer_types())
    assert {"right", "wrong", "unreadable", "needs_person"} <= {verdict for _, verdict in found}


# Each of these once took longer: inverses at hundreds of points beside bends that are none, or that are far from them.
INVERSES = (
    "(W U)^-1^-1",
    "((W U)^-1^-1)^-1^-1^-1",
    "(W U)^(-2/2) + relu(W) - relu(W)",
    "U^-1 W^-1 + 0*relu(b)*relu(b)^T",
    "(W U)^-1 (W U) (W U)^-1 relu(1)",
    "abs(U)^-1 W^-1 - abs(U)^-1 W^-1 + U^-1 W^-1",
)


@pytest.mark.parametrize("text", INVERSES)
def test_inverses_are_compared_in_bounded_time(text):
    key = bound("expression", "U^-1 W^-1", "arrays")
    mark(key, "W U")  # what is imported when it is first needed takes time of its own
    (reading,) = answer_type("expression").parse(text, key)
    taken = []
    while len(taken) < 3 and min(taken, default=1) >= STAGE:
        equivalence._known.cache_clear()
        start = time.process_time()
        answer_type("expression").compare(reading, key)
        taken.append(time.process_time() - start)
    assert min(taken) < STAGE, taken


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARE))
def test_many_answers_by_chance(share):
    key, text = answer(share)
    mark(key, text)  # what is imported when it is first needed takes time of its own
    for number in range(FEW + share, FEW + MANY, SHARE):
        check(number)
        measure(number)
