"""Wrong fully connected networks, each by name: wrong forward passes, regularisations, gradients.

A wrong forward pass is differentiated by autograd, so that one formula explains scores, loss and
gradients alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

import torch
from torch import Tensor

from reference_impl import fully_connected
from reference_impl.batchnorm import batch_statistics
from reference_impl.fully_connected import LOSSES, layers_of

Parameters = Mapping[str, Tensor]
Forward = Callable[[Parameters, Tensor], Tensor]


def _normalised(x: Tensor, eps: float = 1e-5) -> Tensor:
    mean, var = batch_statistics(x)
    return (x - mean) / torch.sqrt(var + eps)


def forward(
    parameters: Parameters,
    x: Tensor,
    *,
    activation: Callable[[Tensor], Tensor] = torch.relu,
    norm: str = "before",
    bias: Callable[[int, int], bool] = lambda layer, layers: True,  # noqa: ARG005
    last: Callable[[Tensor], Tensor] | None = None,
    skips: int | None = None,
) -> Tensor:
    """Scores in training mode, with one thing or another done differently.

    `norm`: batch normalisation "before" or "after" the activation, "plain" (without gamma and
    beta), or "none". `skips`: the layer without an activation.
    """
    layers = layers_of(parameters)
    a = x.reshape(len(x), -1)
    for layer in range(1, layers + 1):
        a = a @ parameters[f"W{layer}"]
        b = parameters[f"b{layer}"]
        # A forgotten bias keeps its gradient: the backward pass knows nothing of its absence.
        a = a + b if bias(layer, layers) else a + (b - b.detach())
        if layer == layers:
            break
        active = torch.clone if layer == skips else activation
        gamma, beta = parameters.get(f"gamma{layer}"), parameters.get(f"beta{layer}")
        if gamma is None or beta is None or norm == "none":
            a = active(a)
        elif norm == "plain":
            a = active(_normalised(a))
        elif norm == "after":
            a = gamma * _normalised(active(a)) + beta
        else:
            a = active(gamma * _normalised(a) + beta)
    return a if last is None else last(a)


def wrong_forwards(parameters: Parameters) -> Iterator[tuple[str, str, Forward]]:
    """Known slips in the forward pass."""
    layers = layers_of(parameters)
    yield (
        "relu-missing",
        "The relu between the layers is missing.",
        partial(forward, activation=torch.clone),
    )
    for layer in range(1, layers) if layers > 2 else ():
        yield (
            "relu-missing",
            f"The relu after layer {layer} is missing.",
            partial(forward, skips=layer),
        )
    yield (
        "relu-on-the-scores",
        "The scores pass through a relu; only the hidden layers do.",
        partial(forward, last=torch.relu),
    )
    yield (
        "last-bias-missing",
        f"b{layers} is not added.",
        partial(forward, bias=lambda layer, layers: layer < layers),
    )
    yield (
        "biases-missing",
        "The biases are not added.",
        partial(forward, bias=lambda layer, layers: False),  # noqa: ARG005
    )
    if any(name.startswith("gamma") for name in parameters):
        yield from _wrong_norms()
    for name, words, activation in (
        ("sigmoid-instead-of-relu", "a sigmoid", torch.sigmoid),
        ("tanh-instead-of-relu", "a tanh", torch.tanh),
    ):
        yield (
            name,
            f"The hidden layers pass through {words}; it is a relu.",
            partial(forward, activation=activation),
        )


def _wrong_norms() -> Iterator[tuple[str, str, Forward]]:
    yield (
        "batch-norm-missing",
        "There is no batch normalisation, though use_batchnorm is True.",
        partial(forward, norm="none"),
    )
    yield (
        "batch-norm-after-relu",
        "The batch normalisation comes after the relu; its place is between affine layer and relu.",
        partial(forward, norm="after"),
    )
    yield (
        "batch-norm-on-the-last-layer",
        "The scores are batch-normalised, too; only the hidden layers are.",
        partial(forward, last=_normalised),
    )
    yield (
        "gamma-and-beta-ignored",
        "The batch normalisation does not use the gamma and beta in params.",
        partial(forward, norm="plain"),
    )


# ------------------------------------------------------------------------------ regularisation


def weights(parameters: Iterable[str]) -> list[str]:
    """The names of the weights, which alone are regularised."""
    return [name for name in parameters if name.startswith("W")]


def wrong_penalties(
    parameters: Parameters, count: int
) -> Iterator[tuple[str, str, Mapping[str, float]]]:
    """Known slips in the regularisation: how many times reg * w each parameter's gradient gets.

    The right one is 1 for each weight; `count` is N.
    """
    right = dict.fromkeys(weights(parameters), 1.0)
    yield "regularisation-missing", "The regularisation is missing.", {}
    halved = "The regularisation is reg * sum(W^2); this net's is 0.5 * reg * sum(W^2)."
    yield "regularisation-not-halved", halved, dict.fromkeys(right, 2.0)
    for times in (1.0, 2.0):
        some = {name: times * factor for name, factor in right.items()}
        biases = (n for n in parameters if n.startswith("b") and not n.startswith("beta"))
        yield (
            "biases-regularised",
            "The biases are regularised, too; only the weights W are.",
            some | dict.fromkeys(biases, times),
        )
    for name in right:
        words = f"Only {name} is regularised; all weights are."
        yield "one-weight-regularised", words, {name: 1.0}
        if len(right) > 2:
            words = f"{name} is not regularised; all weights are."
            yield "one-weight-not-regularised", words, {n: 1.0 for n in right if n != name}
    words = "The regularisation is divided by N; it is added after the mean is taken."
    yield "regularisation-divided-by-n", words, dict.fromkeys(right, 1.0 / count)


def penalty(parameters: Parameters, factors: Mapping[str, float], reg: float) -> Tensor:
    """1/2 reg times the sum of squares, each parameter's times its factor."""
    total = torch.zeros((), dtype=torch.float64, device=next(iter(parameters.values())).device)
    for name, factor in factors.items():
        total = total + 0.5 * reg * factor * (parameters[name] ** 2).sum()
    return total


# ------------------------------------------------------------------------- losses and gradients


def wrong_losses(
    parameters: Parameters, x: Tensor, y: Tensor, reg: float, loss: str = "softmax"
) -> Iterator[tuple[str, str, Tensor]]:
    """Known slips, and the losses that they lead to."""
    data_loss, _ = LOSSES[loss]
    data = data_loss(forward(parameters, x), y)
    right = penalty(parameters, dict.fromkeys(weights(parameters), 1.0), reg)
    if reg:
        for name, sentence, factors in wrong_penalties(parameters, len(x)):
            yield name, sentence, data + penalty(parameters, factors, reg)
    averaged = "The loss is the sum over the examples; divide by N."
    yield "loss-not-averaged", averaged, len(x) * data + right
    for name, sentence, slip in wrong_forwards(parameters):
        yield name, sentence, data_loss(slip(parameters, x), y) + right


def wrong_gradients(
    parameters: Parameters, x: Tensor, y: Tensor, reg: float, loss: str = "softmax"
) -> Iterator[tuple[str, str, dict[str, Tensor]]]:
    """Known slips, and all gradients that they lead to."""
    data_loss, _ = LOSSES[loss]
    right = fully_connected.loss_and_gradients(
        parameters, x, y, loss=loss, running=fully_connected.fresh_statistics(parameters)
    ).gradients

    def decayed(values: Mapping[str, Tensor], factors: Mapping[str, float]) -> dict[str, Tensor]:
        return {n: v + reg * factors.get(n, 0.0) * parameters[n] for n, v in values.items()}

    usual = dict.fromkeys(weights(parameters), 1.0)
    if reg:
        for name, sentence, factors in wrong_penalties(parameters, len(x)):
            where = "-in-the-gradient" if name == "regularisation-missing" else ""
            words = f"{sentence.rstrip('.')} (in the gradient)." if where else sentence
            yield name + where, words, decayed(right, factors)
    for name, sentence, factor in (
        ("gradient-not-averaged",
         "The gradients are sums over the examples; the loss is a mean, so divide by N.", len(x)),
        ("gradient-divided-twice", "The gradients are divided by N twice.", 1 / len(x)),
        ("gradient-sign", "The gradients have the other sign.", -1.0),
    ):  # fmt: skip
        yield name, sentence, decayed({n: factor * v for n, v in right.items()}, usual)
    unmasked: tuple[str, str, Forward] = (
        "relu-mask-missing",
        (
            "The gradient passes the relu as if it were not there; where a hidden unit is off, "
            "nothing goes back."
        ),
        partial(forward, activation=_relu_without_mask),
    )
    for name, sentence, slip in (unmasked, *wrong_forwards(parameters)):
        yield name, sentence, decayed(_by_autograd(slip, parameters, x, y, data_loss), usual)


def _relu_without_mask(z: Tensor) -> Tensor:
    """relu(z) whose derivative is 1 everywhere."""
    return z + (z.relu() - z).detach()


def _by_autograd(
    slip: Forward,
    parameters: Parameters,
    x: Tensor,
    y: Tensor,
    data_loss: Callable[[Tensor, Tensor], Tensor],
) -> dict[str, Tensor]:
    leaves = {name: value.clone().requires_grad_() for name, value in parameters.items()}
    value = data_loss(slip(leaves, x), y)
    found = torch.autograd.grad(
        value, list(leaves.values()), allow_unused=True, materialize_grads=True
    )
    return dict(zip(leaves, found, strict=True))
