"""The network as the task describes it, put together from the student's own layers.py.

Every call's result comes back, so that each can be compared with the reference at the very numbers
that the call was given: what is wrong before it does not count against a layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.code.bench import Bench
from grader.code.checks.fully_connected_net_draw import Draw
from grader.code.checks.fully_connected_net_mistakes import weights
from grader.code.checks.numpy_calls import call, keep, layer, send
from grader.code.compare import Numbers, agree
from grader.code.frames import Array, Kept
from grader.code.tolerances import Tolerance
from reference_impl.activations import relu, relu_backward
from reference_impl.affine import affine, affine_backward
from reference_impl.batchnorm import (
    RunningStatistics,
    batch_statistics,
    batchnorm_backward,
    batchnorm_test,
    batchnorm_train,
)
from reference_impl.fully_connected import LOSSES

# After so many passes the running averages are the batch's own statistics (0.9^200 < 1e-9),
# wherever they started and whatever their momentum: those are the layer's business.
PASSES = 200
# Of 100 units and more, what is further from the share asked for is no chance (four deviations).
SHARE = 0.2
ENOUGH = 100


def number_of(value: Any) -> Numbers:
    """What came back as float64 numbers; NaN, which equals nothing, where it is something else."""
    if isinstance(value, float):
        return np.asarray(value)
    if isinstance(value, Array):
        return value.values.astype(np.float64)
    return np.asarray(np.nan)


@dataclass
class Calls:
    """What the layers gave, by the names of the calls, and which of them are wrong at that.

    `broken`: layers that raised, or gave something of another shape. `scores`, `loss` and gradients by
    the names of their parameters are what the network should give, if it is made of these layers.
    """

    tolerance: Tolerance
    wrong: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    gives: dict[str, Numbers] = field(default_factory=dict)

    def judge(self, function: str, found: Any, expected: Any) -> Numbers | None:
        """What a call gave; None where nothing can go on from it."""
        right = np.asarray(expected.numpy() if isinstance(expected, Tensor) else expected)
        values = number_of(found)
        if values.shape != right.shape:
            self.wrong.add(function)
            self.broken.add(function)
            return None
        if not agree(values, right, self.tolerance):
            self.wrong.add(function)
        return values


def called(bench: Bench, draw: Draw, trained: Draw | None, *, test: bool) -> Calls:
    """Go through the student's layers: forward in test mode, or forward and backward.

    In test mode `trained` is what came before in training mode, often enough for averages to settle.
    """
    steps = [keep({"mode": "train"}, f"bn{place + 1}") for place in range(len(draw.size.hidden))]
    if trained:
        steps += _forward(trained, "train") * (PASSES - 1)
        steps += _sent(_forward(trained, "train"), "trained_")
    steps += _sent(_forward(draw, "test" if test else "train"), "")
    if not test:
        steps += _backward(draw)
    sent = bench.ask(steps).sent
    calls = Calls(bench.tolerance)
    before = _followed(calls, trained, sent, "trained_", {}) if trained else {}
    averages = {name: batch_statistics(torch.from_numpy(z)) for name, z in before.items()}
    inputs = _followed(calls, draw, sent, "", averages, test=test)
    if not test and "scores" in inputs:
        _followed_back(calls, draw, sent, inputs)
    return calls


# --------------------------------------------------------------------------------------- steps


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
            how = {"mode": mode, "p": drop, "seed": draw.options.get("seed")}
            steps.append(layer("dropout_forward", Kept(out)[0], how, keep=f"drop{number}"))
            out = f"drop{number}"
        a = Kept(out)[0]
    return steps


def _kinds(draw: Draw) -> list[str]:
    """What comes after the affine layer in a hidden layer."""
    norms, drop = draw.options.get("use_batchnorm"), draw.options.get("dropout")
    return ["affine", *(["norm"] if norms else []), "relu", *(["drop"] if drop else [])]


def _sent(steps: list[dict[str, Any]], prefix: str) -> list[dict[str, Any]]:
    """The same steps; what each layer gives is sent at once, as a later one may raise."""
    kept = [(step, str(step["as"])) for step in steps]
    return [
        each
        for step, name in kept
        for each in (step, *([send(Kept(name)[0], prefix + name)] if name != "nothing" else []))
    ]


def _backward(draw: Draw) -> list[dict[str, Any]]:
    last = len(draw.size.hidden) + 1
    loss = f"{draw.options.get('loss_function', 'softmax')}_loss"
    steps = [
        layer(loss, Kept(f"affine{last}")[0], draw.y, keep="loss"),
        send("loss", "loss"),
    ]
    back = Kept("loss")[1]
    functions = {
        "affine": "affine_backward", "norm": "batchnorm_backward", "relu": "relu_backward",
        "drop": "dropout_backward",
    }  # fmt: skip
    for number in range(last, 0, -1):
        for kind in ["affine"] if number == last else reversed(_kinds(draw)):
            name = f"{kind}{number}"
            steps += [
                layer(functions[kind], back, Kept(name)[1], keep=f"back_{name}"),
                send(f"back_{name}", f"back_{name}"),
            ]
            single = kind in ("relu", "drop")
            back = Kept(f"back_{name}") if single else Kept(f"back_{name}")[0]
    return steps


# ------------------------------------------------------------------------------------- judging


def _tensors(*arrays: Numbers) -> tuple[Tensor, ...]:
    return tuple(torch.from_numpy(np.asarray(a, dtype=np.float64)) for a in arrays)


def _followed(
    calls: Calls,
    draw: Draw,
    sent: Mapping[str, Any],
    prefix: str,
    averages: Mapping[str, tuple[Tensor, Tensor]],
    *,
    test: bool = False,
) -> dict[str, Numbers]:
    """Judge the forward pass; the input of each call by its name, and "scores" if it comes so far."""
    inputs: dict[str, Numbers] = {}
    a, last = draw.X.astype(np.float64), len(draw.size.hidden) + 1
    for number in range(1, last + 1):
        for kind in ["affine"] if number == last else _kinds(draw):
            name = f"{kind}{number}"
            inputs[name] = a
            expected = _expected(draw, kind, number, a, averages.get(name), sent, prefix, test=test)
            function = {"affine": "affine_forward", "norm": "batchnorm_forward",
                        "relu": "relu_forward", "drop": "dropout_forward"}[kind]  # fmt: skip
            found = calls.judge(function, sent.get(prefix + name), expected)
            if found is None:
                return inputs
            a = found
    inputs["scores"] = a
    if not prefix:
        calls.gives["scores"] = a
    return inputs


def _expected(
    draw: Draw,
    kind: str,
    number: int,
    a: Numbers,
    averages: tuple[Tensor, Tensor] | None,
    sent: Mapping[str, Any],
    prefix: str,
    *,
    test: bool,
) -> Any:
    p = draw.parameters
    if kind == "affine":
        return affine(*_tensors(a, p[f"W{number}"], p[f"b{number}"]))
    if kind == "relu":
        return relu(*_tensors(a))
    if kind == "drop":
        return a if test else _dropped(draw, a, number_of(sent.get(f"{prefix}drop{number}")))
    x, gamma, beta = _tensors(a, p[f"gamma{number}"], p[f"beta{number}"])
    if not test:
        return batchnorm_train(x, gamma, beta, RunningStatistics.zeros(x.shape[1], x))[0]
    # Without training before, the layer's start values are not said here.
    mean, var = averages or batch_statistics(x)
    return batchnorm_test(x, gamma, beta, RunningStatistics(mean, var))


def _dropped(draw: Draw, a: Numbers, found: Numbers) -> Numbers:
    """a with the units at 0 that are 0 in what was found, if they can be units dropped by chance."""
    p = float(draw.options["dropout"])
    if found.shape != a.shape:
        return a
    kept = found != 0
    drawn = a != 0
    share = 1 - float(kept[drawn].mean()) if drawn.any() else p
    if int(drawn.sum()) >= ENOUGH and abs(share - p) > SHARE:
        return np.full_like(a, np.nan)
    return np.where(kept, a / (1 - p), 0.0)


def _followed_back(
    calls: Calls, draw: Draw, sent: Mapping[str, Any], inputs: Mapping[str, Numbers]
) -> None:
    """Judge the loss and the backward pass, and say what the network should give."""
    scores, y = torch.from_numpy(inputs["scores"]), torch.from_numpy(draw.y)
    name = draw.options.get("loss_function", "softmax")
    loss, slope = (f(scores, y) for f in LOSSES[name])
    value = sent.get("loss")
    pair = value if isinstance(value, (tuple, list)) and len(value) == 2 else (None, None)
    found_loss = number_of(pair[0])
    if found_loss.size == 1:
        found_loss = found_loss.reshape(())
    if calls.judge(f"{name}_loss", Array(found_loss, "array"), loss) is None:
        return
    back = calls.judge(f"{name}_loss", pair[1], slope)
    gradients: dict[str, Numbers] = {}
    last = len(draw.size.hidden) + 1
    for number in range(last, 0, -1):
        for kind in ["affine"] if number == last else reversed(_kinds(draw)):
            if back is None:
                return
            call_name = f"{kind}{number}"
            result = sent.get(f"back_{call_name}")
            x = inputs[call_name]
            back = _one_back(calls, draw, kind, number, back, x, result, sent, gradients)
    if back is None:
        return
    for w in weights(draw.parameters):
        found_loss = found_loss + 0.5 * draw.reg * (draw.parameters[w] ** 2).sum()
        gradients[w] = gradients[w] + draw.reg * draw.parameters[w]
    calls.gives |= {"loss": found_loss, **gradients}


def _one_back(
    calls: Calls,
    draw: Draw,
    kind: str,
    number: int,
    back: Numbers,
    x: Numbers,
    result: Any,
    sent: Mapping[str, Any],
    gradients: dict[str, Numbers],
) -> Numbers | None:
    p = draw.parameters
    if kind in ("relu", "drop"):
        single = result[0] if isinstance(result, (tuple, list)) and len(result) == 1 else result
        if kind == "relu":
            return calls.judge("relu_backward", single, relu_backward(*_tensors(back, x)))
        out = number_of(sent.get(f"drop{number}"))
        return calls.judge("dropout_backward", single, _back_dropped(draw, back, x, out, single))
    parts = result if isinstance(result, (tuple, list)) and len(result) == 3 else (None,) * 3
    if kind == "affine":
        function, names = "affine_backward", (f"W{number}", f"b{number}")
        expected = affine_backward(*_tensors(back, x, p[f"W{number}"]))
    else:
        function, names = "batchnorm_backward", (f"gamma{number}", f"beta{number}")
        z, gamma, beta = _tensors(x, p[names[0]], p[names[1]])
        cache = batchnorm_train(z, gamma, beta, RunningStatistics.zeros(z.shape[1], z))[1]
        (upstream,) = _tensors(back)
        expected = batchnorm_backward(upstream, cache)
    found = [calls.judge(function, f, e) for f, e in zip(parts, expected, strict=True)]
    if found[1] is None or found[2] is None:
        return None
    gradients |= {names[0]: found[1], names[1]: found[2]}
    return found[0]


def _back_dropped(draw: Draw, back: Numbers, x: Numbers, out: Numbers, found: Any) -> Numbers:
    """dout with the mask of the forward pass; where x was 0, which hides it, either is right."""
    scaled = back / (1 - float(draw.options["dropout"]))
    if out.shape != x.shape:
        return scaled
    values = number_of(found)
    hidden = np.zeros_like(scaled) if values.shape != x.shape else np.where(values != 0, scaled, 0)
    return np.where(x != 0, np.where(out != 0, scaled, 0.0), hidden)
