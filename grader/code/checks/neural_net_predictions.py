"""TwoLayerNet of exercise 1: predict() gives the class with the highest score."""

from __future__ import annotations

import numpy as np
import torch

from grader.code.bench import Bench, CodeTest, Finding, FoundError
from grader.code.checks.neural_net import CLASS, FILE, NAMES, Draw
from grader.code.checks.numpy_calls import call, on, send
from grader.code.compare import Numbers, describe
from grader.code.frames import Array, Kept
from reference_impl import fully_connected


def predict(bench: Bench) -> Finding:
    """The class with the highest score, for each example."""
    for size in ((200, 5, 7, 4), (1, 3, 4, 3)):
        draw = Draw.of(bench.rng, size)
        steps = [*draw.net(), call(f"{CLASS}.predict", Kept("net"), draw.X, keep="labels")]
        doing = f"predict {draw.at}"
        found = bench.results([*steps, send("labels", "labels")], doing)["labels"]
        parameters, x, _ = draw.tensors(bench.device)
        table = fully_connected.scores(parameters, x)
        expected = table.argmax(1).cpu().numpy()
        if not isinstance(found, Array) or found.values.shape != expected.shape:
            raise FoundError(
                f"predict should return an array of shape {expected.shape}, one class for each "
                f"example; it returned {describe(found)} ({draw.at})."
            )
        wrong = np.flatnonzero(found.values != expected)
        if not len(wrong):
            continue
        for mistake, sentence, labels in _label_mistakes(draw, table, bench.device):
            if np.array_equal(found.values, labels):
                raise FoundError(f"{sentence} ({draw.at})", mistake=mistake)
        first = int(wrong[0])
        raise FoundError(
            f"predict is wrong for {len(wrong)} of {len(expected)} examples; example {first} has "
            f"the scores {np.array2string(table[first].cpu().numpy(), precision=3)}, so class "
            f"{expected[first]}, and it gave {found.values[first]:g} ({draw.at})."
        )
    return Finding("right", "predict gives the class with the highest score.")


def _label_mistakes(draw: Draw, table: torch.Tensor, device: str) -> list[tuple[str, str, Numbers]]:
    x, w1, b1, w2, b2 = on(device, draw.X, *(draw.parameters[n] for n in NAMES))
    return [
        (
            "lowest-score",
            "predict gives the class with the lowest score.",
            table.argmin(1).cpu().numpy(),
        ),
        (
            "relu-missing",
            "predict leaves out the relu between the two layers.",
            ((x @ w1 + b1) @ w2 + b2).argmax(1).cpu().numpy(),
        ),
    ]


TESTS = {"two_layer_net.predict": CodeTest(predict, FILE)}
