"""Wrong backward passes of exercise 1's two-layer net, each by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from grader.code.compare import agree, as_numbers
from grader.code.frames import Array
from grader.code.tolerances import Tolerance
from reference_impl import fully_connected
from reference_impl.losses import cross_entropy

Slip = tuple[str, str, dict[str, Tensor]]


def explaining_all(
    slips: Iterable[Slip],
    found: Mapping[str, Any],
    expected: Mapping[str, Tensor],
    tolerance: Tolerance,
) -> Iterator[Slip]:
    """Slips that explain every gradient: a share of the points is not for one that happens to fit."""
    for name, sentence, values in slips:
        whole = {**expected, **values}
        if all(
            isinstance(found[n], Array) and agree(found[n].values, as_numbers(v), tolerance)
            for n, v in whole.items()
        ):
            yield name, sentence, whole


def wrong_gradients(
    parameters: Mapping[str, Tensor], x: Tensor, y: Tensor, reg: float
) -> Iterator[Slip]:
    """Known slips in the backward pass, and all gradients that they lead to."""
    w1, w2 = parameters["W1"], parameters["W2"]
    z = x @ w1 + parameters["b1"]
    a = z.relu()
    right = fully_connected.loss_and_gradients(parameters, x, y, reg=0.0).gradients
    probabilities = (a @ w2 + parameters["b2"]).softmax(1)
    of_scores = probabilities.clone()
    of_scores[torch.arange(len(x), device=x.device), y] -= 1
    of_scores = of_scores / len(x)
    decay = {"W1": reg * w1, "W2": reg * w2}

    def decayed(values: Mapping[str, Tensor], times: float = 1.0) -> dict[str, Tensor]:
        return {n: v + times * decay.get(n, torch.zeros_like(v)) for n, v in values.items()}

    yield (
        "regularisation-missing-in-the-gradient",
        ("The regularisation is missing in the gradient."),
        right,
    )
    yield (
        "regularisation-not-halved",
        (
            "The gradient of the regularisation is 2 * reg * W; of 0.5 * reg * sum(W^2) it is reg * W."
        ),
        decayed(right, 2.0),
    )
    yield (
        "biases-regularised",
        "The biases are regularised, too; only W1 and W2 are.",
        {n: v + reg * parameters[n] for n, v in right.items()},
    )
    yield (
        "bias-gradient-averaged",
        (
            "The gradient of a bias is the sum over the examples of what flows back (the mean is in it "
            "already)."
        ),
        {n: right[n] / len(x) for n in ("b1", "b2")},
    )
    yield (
        "gradient-not-averaged",
        ("The gradients are sums over the examples; the loss is a mean, so divide by N."),
        decayed({n: len(x) * v for n, v in right.items()}),
    )
    yield (
        "gradient-divided-twice",
        "The gradients are divided by N twice.",
        decayed({n: v / len(x) for n, v in right.items()}),
    )
    yield (
        "gradient-sign",
        "The gradients have the other sign.",
        decayed({n: -v for n, v in right.items()}),
    )
    unmasked = of_scores @ w2.T
    yield (
        "relu-mask-missing",
        (
            "The gradient passes the relu as if it were not there; where a hidden unit is off, nothing "
            "goes back."
        ),
        decayed({"W1": x.T @ unmasked, "b1": unmasked.sum(0)}),
    )
    yield (
        "relu-missing",
        "The relu between the two layers is missing.",
        decayed(_without_relu(parameters, x, y)),
    )
    yield (
        "relu-missing",
        "The relu between the two layers is missing on the way forward; backwards it is there.",
        decayed(_without_relu(parameters, x, y, masked=True)),
    )
    yield (
        "weight-gradient-from-the-pre-activation",
        (
            "The gradient of W2 is made from what enters the relu; W2 is multiplied by what leaves it."
        ),
        decayed({"W2": z.T @ of_scores}),
    )
    yield (
        "one-hot-forgotten",
        (
            "The 1 of the right class is not subtracted: dL/dscores is the probabilities less the "
            "one-hot row of y."
        ),
        decayed(_through(probabilities / len(x), x, z, w2)),
    )
    yield (
        "bias-gradient-not-summed",
        ("The gradient of a bias is summed over the examples: its shape is the bias's."),
        {"b2": of_scores, "b1": unmasked * (z > 0)},
    )


def _through(of_scores: Tensor, x: Tensor, z: Tensor, w2: Tensor) -> dict[str, Tensor]:
    """The right backward pass from other gradients of the scores."""
    back = (of_scores @ w2.T) * (z > 0)
    return {
        "W2": z.relu().T @ of_scores, "b2": of_scores.sum(0), "W1": x.T @ back, "b1": back.sum(0),
    }  # fmt: skip


def _without_relu(
    parameters: Mapping[str, Tensor], x: Tensor, y: Tensor, *, masked: bool = False
) -> dict[str, Tensor]:
    """The gradients of two affine layers with nothing between them, or with the relu's mask backwards."""
    leaves = {name: value.clone().requires_grad_() for name, value in parameters.items()}
    z = x @ leaves["W1"] + leaves["b1"]
    if masked:
        z.register_hook(lambda back: back * (z > 0))
    loss = cross_entropy(z @ leaves["W2"] + leaves["b2"], y)
    return dict(zip(leaves, torch.autograd.grad(loss, list(leaves.values())), strict=True))
