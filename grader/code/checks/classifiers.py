"""RNN_Classifier and LSTM_Classifier: the whole sequence counts, and scores are no probabilities."""

from __future__ import annotations

from functools import partial

import numpy as np

from grader.code.bench import Bench, CodeTest, Finding, FoundError
from grader.code.checks.networks import NETWORKS, NOTHING, RECURRENT, outputs

STEPS = 28
KEYS = ("rnn_classifier", "lstm_classifier")
BLIND = 1e-3


def sequence(bench: Bench, key: str) -> Finding:
    """The output depends on the last step, on the steps before, and on their order."""
    network = NETWORKS[key]
    base = network.draw(bench.rng, network.examples)
    # A step far back leaves little in the last state of an untrained network, so it is a loud one.
    last, early = base.copy(), base.copy()
    last[-1] = bench.rng.uniform(0, 1, last[-1].shape)
    early[STEPS - 4 : STEPS - 1] += bench.rng.uniform(1, 3, early[-3:].shape).astype(np.float32)
    first = base.copy()
    first[0] = bench.rng.uniform(0, 1, first[0].shape)
    results = outputs(bench, network, [base, last, early, first, base[::-1].copy()])
    changes = [float(np.abs(other - results[0]).max()) for other in results[1:]]
    on_last, on_early, on_first = (change > NOTHING for change in changes[:3])
    if not on_last and on_first and not on_early:
        raise FoundError(
            f"{network.name} does not see the last step: the scores change with x[0] and not with "
            "x[27]. The state after the last step has seen the whole picture: h_seq[-1].",
            mistake="first-step-read",
        )
    if not on_last:
        raise FoundError(
            f"{network.name} does not see the last row of the pictures: its scores stay as they "
            "are when x[27] changes.",
            mistake="last-step-ignored",
        )
    if not on_early:
        raise FoundError(
            f"{network.name} sees the last row of the pictures only: its scores stay as they are "
            "when the rows x[24] to x[26] change. The states must be carried from step to step.",
            mistake="earlier-steps-ignored",
        )
    # The rows of the pictures, from the last to the first: another picture to a recurrent network. The
    # rounding of a sum that is taken the other way round is far less.
    if changes[3] <= BLIND * max(changes[:3]):
        raise FoundError(
            f"{network.name} gives the same scores when the rows of the pictures come from the last to "
            "the first: it adds them up instead of going through them step by step, each with the "
            "state of the step before.",
            mistake="order-ignored",
        )
    return Finding("right", "The scores depend on all steps and on their order.")


def scores(bench: Bench, key: str) -> Finding:
    """The output is what cross entropy takes: scores, not the softmax's probabilities."""
    network = NETWORKS[key]
    (found,) = outputs(bench, network, [network.draw(bench.rng, 8)])
    if (found >= 0).all() and np.allclose(found.sum(axis=1), 1.0, atol=1e-4):
        raise FoundError(
            f"{network.name} ends with a softmax, as on the course's slide: nn.CrossEntropyLoss "
            "applies the softmax itself, so it is applied twice and the gradient becomes small. "
            "Give back the scores.",
            mistake="softmax-before-the-loss",
        )
    return Finding("right", "The output holds scores, as cross entropy wants them.")


TESTS = {
    f"{key}.{test.__name__}": CodeTest(partial(test, key=key), RECURRENT)
    for key in KEYS
    for test in (sequence, scores)
}
