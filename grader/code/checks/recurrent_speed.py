"""How long a student's RNN and LSTM take beside torch.nn's: told, and never wrong.

The slides end with such a comparison, at T = 10, N = 1 and I = H = 3. Both networks run in the
student's worker, and the judge's own clock goes around the requests. A request that only builds
the networks takes what a request takes by itself; of each kind the fastest of several counts,
as whatever else the machine does can only add to it.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Any, Literal

import numpy as np

from grader.code.bench import Bench, CodeTest, Finding, FoundError
from grader.code.checks.recurrent import FILE, Network
from grader.code.frames import Kept
from grader.code.frames import Tensor as Sent

STEPS, WIDTH = 10, 3
CALLS = 8
ROUNDS = 9
ENOUGH_S = 0.12
"""After a round that ends later than this no further one begins."""

SLIDES = {"RNN": 2.30, "LSTM": 2.51}
"""Times of the slides' own networks in those of torch.nn."""


def speed(bench: Bench, kind: Literal["RNN", "LSTM"]) -> Finding:
    """Right with the ratio in words; not_answered where there is nothing to measure."""
    network = Network(kind, WIDTH, WIDTH)
    theirs = {**network.build, "target": f"torch.nn:{kind}", "as": "torch"}
    x = bench.rng.standard_normal((STEPS, 1, WIDTH)).astype(np.float32)
    build: list[dict[str, Any]] = [
        network.build, theirs, {"do": "keep", "value": Sent(x), "as": "x"},
    ]  # fmt: skip
    requests = {
        "neither": build,
        "student": [*build, *[_call("net")] * CALLS],
        "torch": [*build, *[_call("torch")] * CALLS],
    }
    fastest = dict.fromkeys(requests, float("inf"))
    began = time.perf_counter()
    try:
        if (reason := _seconds_or_reason(bench, [*build, _call("net")])[1]) is not None:
            return _not_measured(kind, reason)
        for _ in range(ROUNDS):
            for name, steps in requests.items():
                seconds, reason = _seconds_or_reason(bench, steps)
                if reason is not None:
                    return _not_measured(kind, reason)
                fastest[name] = min(fastest[name], seconds)
            if time.perf_counter() - began > ENOUGH_S:
                break
    except FoundError:
        return _not_measured(kind, "the code gave no result")
    ours, rival = (fastest[name] - fastest["neither"] for name in ("student", "torch"))
    if ours <= 0 or rival <= 0:
        return _not_measured(kind, "the machine was too busy to tell")
    return Finding(
        "right",
        f"{kind} takes about {ours / rival:.1f} times as long as torch.nn.{kind}, forward, at "
        f"T = {STEPS}, N = 1 and {WIDTH} features in and hidden; on the slides it is "
        f"{SLIDES[kind]:.2f}. For information only: it differs from run to run and between "
        "machines.",
    )


def _call(name: str) -> dict[str, Any]:
    return {"do": "call", "target": Kept(name), "args": [Kept("x")], "as": "out"}


def _seconds_or_reason(bench: Bench, steps: list[dict[str, Any]]) -> tuple[float, str | None]:
    """Seconds of a request by the judge's clock; or why it says nothing."""
    start = time.perf_counter()
    reply = bench.ask(steps)
    seconds = time.perf_counter() - start
    if reply.missing is not None:
        return seconds, "the submission has no such network"
    return seconds, None if reply.raised is None else "the code raises an exception"


def _not_measured(kind: str, reason: str) -> Finding:
    return Finding("not_answered", f"The speed of {kind} was not measured: {reason}.")


TESTS = {
    "rnn.speed": CodeTest(partial(speed, kind="RNN"), FILE, by_clock=True),
    "lstm.speed": CodeTest(partial(speed, kind="LSTM"), FILE, by_clock=True),
}
