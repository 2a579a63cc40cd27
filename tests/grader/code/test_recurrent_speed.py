"""The speed of a recurrent network: told by ratios of the fastest requests, never wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from grader.code.assignment import CodeAssignment
from grader.code.bench import FoundError
from grader.code.checks import recurrent_speed
from grader.code.frames import Raised, Reply

REQUEST_S, TORCH_S, STUDENT_S = 0.004, 0.0001, 0.00023


class Clock:
    """Seconds that pass only when something is asked."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


class FakeBench:
    """Answers every request after the time that its calls would take, and now and then later."""

    def __init__(self, clock: Clock, delays: Iterator[float], reply: Any = None) -> None:
        self.clock, self.delays = clock, delays
        self.reply = reply or Reply()
        self.rng = np.random.default_rng(0)

    def ask(self, steps: list[dict[str, Any]]) -> Reply:
        targets = [getattr(step.get("target"), "name", "") for step in steps]
        calls = targets.count("torch") * TORCH_S + targets.count("net") * STUDENT_S
        self.clock.now += REQUEST_S + calls + next(self.delays)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(recurrent_speed, "time", made)
    return made


def delays(pattern: list[float]) -> Iterator[float]:
    while True:
        yield from pattern


@pytest.mark.parametrize("kind", ["RNN", "LSTM"])
@pytest.mark.parametrize("pattern", [[0.0], [0.0, 0.02, 0.0, 0.0, 0.001], [0.05, 0.0, 0.0, 0.0]])
def test_the_ratio_is_that_of_the_calls_alone(
    clock: Clock, kind: str, pattern: list[float]
) -> None:
    finding = recurrent_speed.speed(FakeBench(clock, delays(pattern)), kind=kind)  # type: ignore[arg-type]
    assert finding.verdict == "right"
    assert f"about 2.3 times as long as torch.nn.{kind}" in finding.message


@pytest.mark.parametrize(("reply", "says"), [
    (Reply(missing="RNN"), "no such network"),
    (Reply(raised=Raised(0, "ValueError", "text", "")), "raises an exception"),
    (FoundError("The worker ended."), "gave no result"),
])  # fmt: skip
def test_what_cannot_be_measured_is_not_wrong(clock: Clock, reply: Any, says: str) -> None:
    finding = recurrent_speed.speed(FakeBench(clock, delays([0.0]), reply), kind="RNN")  # type: ignore[arg-type]
    assert finding.verdict == "not_answered"
    assert says in finding.message


def test_a_machine_too_busy_to_tell_says_so(clock: Clock) -> None:
    busy = FakeBench(clock, delays([0.0, 1.0, 0.0, 0.0]))  # whatever builds only is held up
    finding = recurrent_speed.speed(busy, kind="RNN")  # type: ignore[arg-type]
    assert (finding.verdict, "too busy" in finding.message) == ("not_answered", True)


def test_no_further_round_begins_when_enough_time_has_passed(clock: Clock) -> None:
    recurrent_speed.speed(FakeBench(clock, delays([0.1])), kind="RNN")  # type: ignore[arg-type]
    assert clock.now < 0.5, "one round"


def test_speed_is_worth_nothing(exercise_3: CodeAssignment) -> None:
    points = {c.id: c.points for c in exercise_3.checks if c.id.endswith(".speed")}
    assert points == {"rnn.speed": 0, "lstm.speed": 0}


def test_no_check_runs_after_the_speed(exercise_3: CodeAssignment) -> None:
    assert [c.id for c in exercise_3.checks[-2:]] == ["rnn.speed", "lstm.speed"]
