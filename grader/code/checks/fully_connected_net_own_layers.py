"""Error carried forward: what a network gives if it is put together from the student's own layers.

fc_net.py imports layers.py, so one wrong layer makes a right network wrong, and its fault would
cost points twice: in its own check and here. Putting other layers in the place of the student's is
no way out, for a worker must never hold a reference. So, where a network's numbers are wrong, the
worker is asked for the same network as the task describes it, layer by layer, from the functions of
layers.py. Where both agree, the network is not what is wrong. That earns no points by itself, as
layers and network could be made to agree on anything (on zeros, say): a person decides.

Only numbers are carried forward. A layer that raises is named in the message of the error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.code.bench import Bench, FoundError
from grader.code.checks.fully_connected_net_draw import Draw
from grader.code.checks.fully_connected_net_mistakes import weights
from grader.code.checks.numpy_calls import call, keep, layer, send
from grader.code.compare import FLOAT64, Numbers, agree
from grader.code.frames import Array, Kept

# After so many passes the running averages are the batch's own statistics (0.9^200 < 1e-9),
# wherever they started and whatever their momentum: those are the layer's business.
PASSES = 200


def carried_forward(
    error: FoundError,
    bench: Bench,
    draw: Draw,
    found: Mapping[str, Any],
    trained: Draw | None = None,
) -> FoundError:
    """The finding: unchanged, or for a person where the student's own layers lead to `found`.

    `found` holds any of "scores" (in test mode; `trained` is what came before them in training mode,
    often enough for all averages to settle), "loss" and gradients by the names of their parameters.
    """
    if error.finding.verdict != "wrong" or not found:
        return error
    try:
        own = _own(bench, draw, trained, test="scores" in found)
    except FoundError:
        return error
    values = {name: _numbers(value) for name, value in found.items()}
    if not all(name in own and agree(value, own[name], FLOAT64) for name, value in values.items()):
        return error
    if not any(value.any() for value in values.values()):
        return error
    return FoundError(
        "The network gives what your own layers.py gives, put together as the task says, and that "
        "differs from the reference: the fault seems to be in layers.py, whose checks tell it. It "
        f"need not cost points twice: a person will look at it. ({error.finding.message})",
        verdict="needs_person",
        mistake="fault-in-the-layers",
    )


def _numbers(value: Any) -> Numbers:
    """What came back as float64 numbers; NaN, which equals nothing, where it is something else."""
    if isinstance(value, float):
        return np.asarray(value)
    if isinstance(value, Array):
        return value.values.astype(np.float64)
    return np.asarray(np.nan)


def _own(bench: Bench, draw: Draw, trained: Draw | None, *, test: bool) -> dict[str, Numbers]:
    """Scores in test mode, or loss and gradients, made from the student's own layers."""
    layers = len(draw.size.hidden) + 1
    steps = _params(draw)
    if trained:
        steps += _forward(trained, "train") * PASSES
    steps += _forward(draw, "test" if test else "train")
    scores = Kept(f"affine{layers}")[0]
    if test:
        found = bench.results([*steps, send(scores, "scores")], "layers.py")
        return {name: _numbers(value) for name, value in found.items()}
    loss = f"{draw.options.get('loss_function', 'softmax')}_loss"
    steps += [layer(loss, scores, draw.y, keep="loss"), send(Kept("loss")[0], "loss")]
    found = bench.results([*steps, *_backward(draw)], "layers.py")
    values = {name: _numbers(value) for name, value in found.items()}
    for name in weights(draw.parameters):
        w = draw.parameters[name]
        values["loss"] = values["loss"] + 0.5 * draw.reg * (w**2).sum()
        values[name] = values[name] + draw.reg * w
    return values


def _params(draw: Draw) -> list[dict[str, Any]]:
    """Steps that keep what layers remember from call to call: averages of each batch norm."""
    return [keep({"mode": "train"}, f"bn{place + 1}") for place in range(len(draw.size.hidden))]


def _forward(draw: Draw, mode: str) -> list[dict[str, Any]]:
    p = draw.parameters
    a: Numbers | Kept = draw.X
    norms, drop = draw.options.get("use_batchnorm"), draw.options.get("dropout")
    last = len(draw.size.hidden) + 1
    steps = []
    for number in range(1, last + 1):
        out = f"affine{number}"
        steps.append(layer("affine_forward", a, p[f"W{number}"], p[f"b{number}"], keep=out))
        if number == last:
            break
        if norms:
            scale, shift = p[f"gamma{number}"], p[f"beta{number}"]
            steps += [
                call("operator:setitem", Kept(f"bn{number}"), "mode", mode, keep="nothing"),
                layer("batchnorm_forward", Kept(out)[0], scale, shift, Kept(f"bn{number}"),
                      keep=f"norm{number}"),
            ]  # fmt: skip
            out = f"norm{number}"
        steps.append(layer("relu_forward", Kept(out)[0], keep=f"relu{number}"))
        out = f"relu{number}"
        if drop:
            how = {"mode": mode, "p": drop, "seed": draw.options["seed"]}
            steps.append(layer("dropout_forward", Kept(out)[0], how, keep=f"drop{number}"))
            out = f"drop{number}"
        a = Kept(out)[0]
    return steps


def _backward(draw: Draw) -> list[dict[str, Any]]:
    last = len(draw.size.hidden) + 1
    steps = []
    back = Kept("loss")[1]

    def through(function: str, kept: str) -> Kept:
        """The step back through a layer; what goes on to the layer before."""
        steps.append(layer(function, back, Kept(kept)[1], keep=f"back_{kept}"))
        return Kept(f"back_{kept}")

    for number in range(last, 0, -1):
        if number < last:
            if draw.options.get("dropout"):
                back = through("dropout_backward", f"drop{number}")
            back = through("relu_backward", f"relu{number}")
            if draw.options.get("use_batchnorm"):
                result = through("batchnorm_backward", f"norm{number}")
                steps += [send(result[1], f"gamma{number}"), send(result[2], f"beta{number}")]
                back = result[0]
        result = through("affine_backward", f"affine{number}")
        steps += [send(result[1], f"W{number}"), send(result[2], f"b{number}")]
        back = result[0]
    return steps
