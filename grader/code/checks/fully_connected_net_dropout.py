"""FullyConnectedNet with dropout: which units a net drops is the student's own choice.

So the masks are read off the gradients. Where all numbers before a relu are positive, a unit of
hidden layer l is off only because it was dropped: for one example, its row in dL/dW_{l+1} is 0, and
so is its number in dL/db_l. With the masks known, the reference gives loss and gradients. For a
batch whose X is a diagonal matrix, the rows of dL/dW_1 belong to one example each, and show the
masks of a net with one hidden layer; under the same seed a net with batch normalisation draws them
again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.code.bench import Bench, CodeTest, Finding, FoundError
from grader.code.checks.fully_connected_net import require_gradients, require_loss
from grader.code.checks.fully_connected_net_draw import (
    ANY_LAYERS,
    FILE,
    Draw,
    Size,
    backwards,
    loss_and_gradients,
)
from grader.code.checks.fully_connected_net_own_layers import OwnLayers
from grader.code.checks.numpy_calls import numbers
from grader.code.compare import Mistake, Numbers, agree, as_numbers, require, require_number
from grader.code.frames import Array
from grader.code.tolerances import EXACT
from reference_impl import fully_connected

# Wide layers: that none of 150 units is dropped happens to a right net once in 10^28.
ONE = Size(1, (40,), (150, 150), 40)
FEW = Size(4, (4,), (60,), 3)
P = 0.35
SHARE = (0.18, 0.52)  # of 300 units: six standard deviations on either side of P


def dropout(bench: Bench) -> Finding:
    """Training mode drops and scales, also backwards; a seed repeats it; test mode does nothing."""
    seed = int(bench.rng.integers(1, 1000))
    draw = _all_on(bench.rng, ONE, {"dropout": P, "seed": seed})
    steps = [
        *draw.net(), *draw.loss("trained"), *draw.scores("scores"),
        *draw.net(keep="second"), *draw.loss("again", "second"),
    ]  # fmt: skip
    own = OwnLayers(bench)
    found = own.results(steps, f"loss(X, y) {draw.at}", draw)
    loss, gradients = loss_and_gradients(found["trained"])
    masks = _require_values(own, draw, loss, gradients, None)
    _require_test_mode(own, draw, found["scores"], masks)
    again, _ = loss_and_gradients(found["again"])
    if not _equal(loss, again):
        other = FoundError(
            f"Two nets with the same seed drop different units ({draw.at}): the seed belongs into "
            'dropout_param["seed"].',
            mistake="seed-ignored",
        )
        own.excuse_masks(other, draw)
    _require_fresh_masks(own, draw)
    _require_batches(own, seed)
    return own.right(
        "Units are dropped and scaled in training, forwards and backwards, and not in tests."
    )


def _all_on(rng: np.random.Generator, size: Size, options: Mapping[str, Any]) -> Draw:
    """Positive numbers everywhere before the last layer, small enough for a softmax that is not flat."""
    draw = Draw.of(rng, ANY_LAYERS, size, regularised=False)
    last = len(size.hidden) + 1
    parameters = {}
    for name, value in draw.parameters.items():
        layer = int(name.lstrip("Wb"))
        scale = 1 / len(value) if name.startswith("W") else 1.0
        parameters[name] = scale * (value if layer == last else np.abs(value))
    return replace(draw, parameters=parameters, X=np.abs(draw.X), options=options)


def _gradient(draw: Draw, gradients: Mapping[str, Any], name: str) -> Numbers:
    value = gradients.get(name)
    shape = draw.parameters[name].shape
    if not isinstance(value, Array) or value.values.shape != shape:
        raise FoundError(f"The gradient of {name} should be an array of shape {shape} ({draw.at}).")
    return value.values.astype(np.float64)


def _masks(draw: Draw, gradients: Mapping[str, Any]) -> list[Numbers]:
    """For one example, the mask (1, H_l) of each hidden layer."""
    masks = []
    hidden = len(draw.size.hidden)
    for layer in range(1, hidden + 1):
        kept = (_gradient(draw, gradients, f"W{layer + 1}") != 0).any(1)
        if kept.all():
            raise FoundError(
                f"No unit of hidden layer {layer} is dropped in training ({draw.at}).",
                mistake="dropout-missing",
            )
        if not kept.any():
            raise FoundError(
                f"All units of hidden layer {layer} are 0 in training ({draw.at}).",
            )
        back = _gradient(draw, gradients, f"b{layer}") != 0
        if back[~kept].any():
            raise FoundError(
                f"In hidden layer {layer} the gradient passes units that were dropped "
                f"({draw.at}): it goes back through dropout_backward, with the same mask.",
                mistake="dropout-missing-in-the-backward-pass",
            )
        masks.append(kept[None])
    off = _gradient(draw, gradients, f"b{hidden + 1}") == 0
    if off.any():
        parameters, x, _ = draw.tensors("cpu")
        tensors = [torch.from_numpy(mask) for mask in masks]
        scores = fully_connected.training_pass(parameters, x, keep_masks=tensors, p=P).scores
        if (scores.numpy()[0] <= 0)[off].all():
            raise FoundError(
                f"The scores pass through a relu; only the hidden layers do ({draw.at}).",
                mistake="relu-on-the-scores",
            )
        raise FoundError(
            f"Scores are dropped ({draw.at}): dropout follows the hidden layers only.",
            mistake="dropout-on-the-scores",
        )
    if not (_gradient(draw, gradients, "W1") != 0).any(1).all():
        raise FoundError(
            f"Inputs are dropped ({draw.at}): dropout follows the hidden layers only.",
            mistake="dropout-on-the-inputs",
        )
    return masks


def _require_values(
    own: OwnLayers,
    draw: Draw,
    loss: Any,
    gradients: Mapping[str, Any],
    masks: Sequence[Numbers] | None,
) -> Sequence[Numbers]:
    """Loss and gradients under the masks, and how many units they drop.

    Masks that are not given are read off the gradients, and come back: none where a layer's fault
    hides them.
    """
    mine = {"loss": loss} | {name: gradients.get(name) for name in draw.parameters}
    try:
        masks = _masks(draw, gradients) if masks is None else masks
        _compare_values(own.bench, draw, loss, gradients, masks)
    except FoundError as error:
        own.excuse(error, draw, mine)
        return ()
    return masks


def _compare_values(
    bench: Bench, draw: Draw, loss: Any, gradients: Mapping[str, Any], masks: Sequence[Numbers]
) -> None:
    tensors = [torch.from_numpy(mask).to(bench.device) for mask in masks]
    expected = draw.expected(bench.device, tensors, P)

    def under(p: float) -> Any:
        return draw.expected(bench.device, tensors, p)

    mistakes = [
        Mistake("dropout-not-scaled",
                "What is kept is not divided by 1 - p in training (inverted dropout).",
                lambda: under(0.0).loss),
        Mistake("keep-probability",
                "dropout is taken for the probability to keep; it is the probability to drop.",
                lambda: under(1 - P).loss),
    ]  # fmt: skip
    require_number(
        "The loss with dropout",
        loss,
        expected.loss,
        at=draw.at,
        mistakes=mistakes,
        tolerance=bench.tolerance,
    )
    for name in backwards(expected.gradients):
        require(f"The gradient of {name} with dropout", gradients.get(name),
                expected.gradients[name], at=draw.at, tolerance=bench.tolerance)  # fmt: skip
    dropped = 1 - float(np.concatenate(masks, axis=None).mean())
    if draw.size == ONE and not SHARE[0] < dropped < SHARE[1]:
        raise FoundError(
            f"With dropout = {P}, {dropped:.0%} of {sum(ONE.hidden)} units are dropped ({draw.at}).",
            mistake="another-share-dropped",
        )


def _require_test_mode(own: OwnLayers, draw: Draw, found: Any, masks: Sequence[Numbers]) -> None:
    device = own.bench.device
    parameters, x, _ = draw.tensors(device)
    expected = fully_connected.scores(parameters, x)
    tensors = [torch.from_numpy(mask).to(device) for mask in masks]
    try:
        require("The scores in test mode", found, expected, at=draw.at,
                mistakes=_wrong_scores(parameters, x, tensors) if masks else (), tolerance=own.bench.tolerance)  # fmt: skip
    except FoundError as error:
        own.excuse(error, draw, {"scores": found})


def _wrong_scores(
    parameters: Mapping[str, Tensor], x: Tensor, masks: Sequence[Tensor]
) -> Iterator[Mistake]:
    active = "loss(X) drops units: without y, the mode is 'test', and dropout does nothing."
    scores = partial(fully_connected.training_pass, parameters, x, keep_masks=masks, p=P)
    yield Mistake("dropout-active-in-test-mode", active, lambda: scores().scores)


def _equal(one: Any, other: Any) -> bool:
    values = [v.values if isinstance(v, Array) else np.asarray(v) for v in (one, other)]
    return all(v.dtype.kind == "f" for v in values) and agree(
        values[0], as_numbers(values[1]), EXACT
    )


def _require_fresh_masks(own: OwnLayers, draw: Draw) -> None:
    """Without a seed, every batch is dropped differently."""
    free = replace(draw, options={"dropout": P})
    steps = [*free.net(), *free.loss("first"), *free.loss("second")]
    found = own.results(steps, f"loss(X, y) {free.at}", free)
    first, second = (loss_and_gradients(found[label])[0] for label in ("first", "second"))
    if _equal(first, second):
        same = FoundError(
            f"Without a seed, the same units are dropped in every batch ({free.at}).",
            mistake="the-same-mask-in-every-batch",
        )
        own.excuse_masks(same, free)


def _require_batches(own: OwnLayers, seed: int) -> None:
    """A batch of several examples, then the same masks together with batch normalisation."""
    rng = own.bench.rng
    options = {"dropout": P, "seed": seed}
    plain = _all_on(rng, FEW, options)
    plain = replace(plain, X=np.diag(np.abs(numbers(rng, FEW.examples)) + 0.1))
    loss, gradients = own.answer(plain)
    masks = [_gradient(plain, gradients, "W1") != 0]
    _require_values(own, plain, loss, gradients, masks)
    normed = Draw.of(rng, ANY_LAYERS, FEW, regularised=False, batch_norm=True)
    try:
        found, slopes = own.answer(normed)
        require_loss(own, normed, found)
        require_gradients(own, normed, slopes)
    except FoundError:
        return  # wrong without dropout, too: that has a check of its own
    normed = replace(normed, options={**normed.options, **options})
    loss, gradients = own.answer(normed)
    _require_values(own, normed, loss, gradients, masks)


TESTS = {"fully_connected_net.dropout": CodeTest(dropout, FILE)}
