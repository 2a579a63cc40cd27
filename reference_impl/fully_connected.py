"""Fully connected networks of L affine layers, with optional batch normalisation and dropout.

Axes:  N  examples      D  numbers of one example      H_l  units of hidden layer l      C  classes

    a_0 = x                                                       (N, D)
    z_l = a_{l-1} W_l + b_l            W_l (H_{l-1}, H_l), b_l (H_l,)
    a_l = dropout(relu(batchnorm(z_l)))                           for l = 1 ... L-1
    scores = a_{L-1} W_L + b_L                                    (N, C)
    loss   = data loss(scores, y) + 1/2 reg sum_l sum W_l^2       biases, gamma, beta are not in it

The factor 1/2 makes the regularisation's gradient reg W_l. Parameters are a mapping with the
course's names: W1, b1, ..., WL, bL, and gamma1, beta1, ... where there is batch normalisation.
The backward pass goes through the same layers in reverse, each turning dL/dout into dL/dinput and
leaving the gradients of its own parameters behind. The two-layer net is the case of one hidden layer.

Source: lecture 4, exercises 1 (neural_net.py) and 2 (fc_net.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from reference_impl.activations import relu, relu_backward
from reference_impl.affine import affine, affine_backward
from reference_impl.batchnorm import (
    BatchNormCache,
    RunningStatistics,
    batchnorm_backward,
    batchnorm_test,
    batchnorm_train,
)
from reference_impl.dropout import dropout, dropout_backward
from reference_impl.losses import (
    cross_entropy,
    cross_entropy_gradient,
    l2_distance,
    l2_distance_gradient,
)

Parameters = Mapping[str, Tensor]

LOSSES: dict[str, tuple[Callable[[Tensor, Tensor], Tensor], Callable[[Tensor, Tensor], Tensor]]] = {
    "softmax": (cross_entropy, cross_entropy_gradient),
    "l2": (l2_distance, l2_distance_gradient),
}


@dataclass(frozen=True)
class HiddenCache:
    """What one hidden layer keeps for its backward pass.

    x (N, H_{l-1}) the layer's input; z (N, H_l) what enters relu; keep_mask (N, H_l).
    """

    x: Tensor
    z: Tensor
    batch_norm: BatchNormCache | None
    keep_mask: Tensor | None


@dataclass(frozen=True)
class TrainingPass:
    """Scores (N, C), what backward needs, and the batch norms' averages after this batch."""

    scores: Tensor
    hidden: tuple[HiddenCache, ...]
    last_input: Tensor
    running: tuple[RunningStatistics, ...]


@dataclass(frozen=True)
class LossAndGradients:
    """The loss (a number), a gradient for each parameter, and the new averages."""

    loss: Tensor
    gradients: dict[str, Tensor]
    running: tuple[RunningStatistics, ...]


def initialise(
    sizes: Sequence[int],
    *,
    generator: torch.Generator,
    weight_scale: float = 1e-2,
    batch_norm: bool = False,
    dtype: torch.dtype = torch.float32,
) -> dict[str, Tensor]:
    """Parameters for layer sizes [D, H_1, ..., C], on the generator's device.

    Weights are Gaussian with mean 0 and standard deviation weight_scale; b and beta 0; gamma 1.
    """
    device = generator.device
    parameters: dict[str, Tensor] = {}
    for layer, (inputs, outputs) in enumerate(pairwise(sizes), start=1):
        noise = torch.randn(inputs, outputs, generator=generator, dtype=dtype, device=device)
        parameters[f"W{layer}"] = weight_scale * noise
        parameters[f"b{layer}"] = torch.zeros(outputs, dtype=dtype, device=device)
        if batch_norm and layer < len(sizes) - 1:
            parameters[f"gamma{layer}"] = torch.ones(outputs, dtype=dtype, device=device)
            parameters[f"beta{layer}"] = torch.zeros(outputs, dtype=dtype, device=device)
    return parameters


def layers_of(parameters: Parameters) -> int:
    """L, the number of affine layers."""
    return sum(name.startswith("W") for name in parameters)


def fresh_statistics(parameters: Parameters) -> tuple[RunningStatistics, ...]:
    """Averages for each batch normalisation, in the layers' order, before the first batch."""
    return tuple(
        RunningStatistics.zeros(parameters[f"b{layer}"].shape[0], parameters[f"b{layer}"])
        for layer in range(1, layers_of(parameters))
        if f"gamma{layer}" in parameters
    )


def scores(parameters: Parameters, x: Tensor, running: Sequence[RunningStatistics] = ()) -> Tensor:
    """Scores (N, C) of x (N, d1, ..., dk) in test mode; `running` holds the batch norms' averages."""
    layers = layers_of(parameters)
    averages = iter(running)
    a = x
    for layer in range(1, layers):
        z = affine(a, parameters[f"W{layer}"], parameters[f"b{layer}"])
        if f"gamma{layer}" in parameters:
            gamma, beta = parameters[f"gamma{layer}"], parameters[f"beta{layer}"]
            z = batchnorm_test(z, gamma, beta, next(averages))
        a = relu(z)
    return affine(a, parameters[f"W{layers}"], parameters[f"b{layers}"])


def predict(parameters: Parameters, x: Tensor, running: Sequence[RunningStatistics] = ()) -> Tensor:
    """The class (N,) with the highest score."""
    return scores(parameters, x, running).argmax(dim=1)


def training_pass(
    parameters: Parameters,
    x: Tensor,
    *,
    running: Sequence[RunningStatistics] = (),
    keep_masks: Sequence[Tensor] = (),
    p: float = 0.0,
) -> TrainingPass:
    """Scores of x in training mode. keep_masks: (N, H_l) for each hidden layer, or none at all."""
    layers = layers_of(parameters)
    averages, masks = iter(running), iter(keep_masks)
    hidden: list[HiddenCache] = []
    new_averages: list[RunningStatistics] = []
    a = x
    for layer in range(1, layers):
        z = affine(a, parameters[f"W{layer}"], parameters[f"b{layer}"])
        norm_cache = None
        if f"gamma{layer}" in parameters:
            gamma, beta = parameters[f"gamma{layer}"], parameters[f"beta{layer}"]
            z, norm_cache, average = batchnorm_train(z, gamma, beta, next(averages))
            new_averages.append(average)
        keep_mask = next(masks, None)
        hidden.append(HiddenCache(a, z, norm_cache, keep_mask))
        a = relu(z) if keep_mask is None else dropout(relu(z), keep_mask, p)
    out = affine(a, parameters[f"W{layers}"], parameters[f"b{layers}"])
    return TrainingPass(out, tuple(hidden), a, tuple(new_averages))


def loss_and_gradients(
    parameters: Parameters,
    x: Tensor,
    y: Tensor,
    *,
    reg: float = 0.0,
    loss: str = "softmax",
    running: Sequence[RunningStatistics] = (),
    keep_masks: Sequence[Tensor] = (),
    p: float = 0.0,
) -> LossAndGradients:
    """Loss and gradients for x (N, d1, ..., dk) and y ((N,) for "softmax", (N, C) for "l2").

    Raises ValueError for another loss.
    """
    if loss not in LOSSES:
        raise ValueError(f"loss is {loss!r}; it can be {' or '.join(LOSSES)}")
    forward = training_pass(parameters, x, running=running, keep_masks=keep_masks, p=p)
    data_loss, data_gradient = LOSSES[loss]
    gradients: dict[str, Tensor] = {}

    last = layers_of(parameters)
    da, gradients[f"W{last}"], gradients[f"b{last}"] = affine_backward(
        data_gradient(forward.scores, y), forward.last_input, parameters[f"W{last}"]
    )
    for layer, cache in reversed(list(enumerate(forward.hidden, start=1))):
        if cache.keep_mask is not None:
            da = dropout_backward(da, cache.keep_mask, p)
        dz = relu_backward(da, cache.z)
        if cache.batch_norm is not None:
            dz, gradients[f"gamma{layer}"], gradients[f"beta{layer}"] = batchnorm_backward(
                dz, cache.batch_norm
            )
        da, gradients[f"W{layer}"], gradients[f"b{layer}"] = affine_backward(
            dz, cache.x, parameters[f"W{layer}"]
        )

    total = data_loss(forward.scores, y)
    for layer in range(1, last + 1):
        w = parameters[f"W{layer}"]
        total = total + 0.5 * reg * (w**2).sum()
        gradients[f"W{layer}"] = gradients[f"W{layer}"] + reg * w
    return LossAndGradients(total, gradients, forward.running)
