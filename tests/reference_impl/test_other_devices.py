"""Everything runs where its inputs are: on the meta device a tensor made on the CPU would be an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from reference_impl import (
    activations,
    affine,
    computational_graph,
    dropout,
    fully_connected,
    linear_regression,
    losses,
    nearest_neighbours,
    second_order,
    softmax_classifier,
    update_rules,
)


def number(*shape: int) -> Tensor:
    return torch.empty(shape, device="meta")


def label(*shape: int) -> Tensor:
    return torch.empty(shape, device="meta", dtype=torch.long)


def keep(*shape: int) -> Tensor:
    return torch.empty(shape, device="meta", dtype=torch.bool)


def tensors(value: Any) -> list[Tensor]:
    """All tensors in tuples, lists, mappings and dataclasses."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, (tuple, list)):
        return [tensor for one in value for tensor in tensors(one)]
    if isinstance(value, dict):
        return tensors(list(value.values()))
    return tensors(vars(value)) if hasattr(value, "__dict__") else []


NAMES = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "maxout", "softmax", "log_softmax")
RULES: tuple[Callable[..., Any], ...] = (
    update_rules.sgd,
    update_rules.momentum,
    update_rules.nesterov,
    update_rules.rmsprop,
    update_rules.adam,
)


def net(*, batch_norm: bool) -> dict[str, Tensor]:
    parameters = {"W1": number(6, 5), "b1": number(5), "W2": number(5, 4), "b2": number(4)}
    return parameters | ({"gamma1": number(5), "beta1": number(5)} if batch_norm else {})


def trained(*, batch_norm: bool) -> Any:
    parameters = net(batch_norm=batch_norm)
    return fully_connected.loss_and_gradients(
        parameters,
        number(3, 2, 3),
        label(3),
        reg=0.1,
        running=fully_connected.fresh_statistics(parameters),
        keep_masks=[keep(3, 5)],
        p=0.5,
    )


def graph_of_all_operations() -> Any:
    nodes = [computational_graph.Node("a"), computational_graph.Node("b")]
    for name, operation in computational_graph.OPERATIONS.items():
        operands = ("a", "b")[: len(operation.derivatives)]
        nodes.append(computational_graph.Node(name, name, operands))
    last = "a"
    for name in computational_graph.OPERATIONS:
        nodes.append(computational_graph.Node(f"with {name}", "add", (last, name)))
        last = f"with {name}"
    return computational_graph.run(nodes, {"a": number(2), "b": number(2)})


CALLS: dict[str, Callable[[], Any]] = {
    "affine": lambda: affine.affine(number(3, 2, 2), number(4, 5), number(5)),
    "affine_backward": lambda: affine.affine_backward(number(3, 5), number(3, 2, 2), number(4, 5)),
    "activations": lambda: [getattr(activations, name)(number(3, 4)) for name in NAMES],
    "derivatives": lambda: [
        getattr(activations, f"{name}_backward")(
            number(4) if name == "maxout" else number(3, 4), number(3, 4)
        )
        for name in NAMES
    ],
    "losses": lambda: [
        getattr(losses, name + more)(number(3, 4), number(3, 4))
        for name in (
            "mean_squared_error",
            "mean_absolute_error",
            "l2_distance",
            "binary_cross_entropy",
            "binary_cross_entropy_of_scores",
        )
        for more in ("", "_gradient")
    ],
    "losses of classes": lambda: [
        getattr(losses, name + more)(number(3, 4), label(3))
        for name in ("cross_entropy", "hinge")
        for more in ("", "_gradient")
    ],
    "dropout": lambda: dropout.dropout_backward(number(3, 4), keep(3, 4), 0.5),
    "dropout2d": lambda: dropout.dropout2d_backward(number(3, 4, 2, 2), keep(3, 4), 0.5),
    "update rules": lambda: [rule(number(3), number(3)) for rule in RULES],
    "softmax classifier": lambda: softmax_classifier.loss_and_gradient(
        number(4, 5), number(3, 4), label(3), 0.1
    ),
    "fully connected": lambda: trained(batch_norm=False),
    "with batch norm": lambda: trained(batch_norm=True),
    "computational graph": graph_of_all_operations,
    "distances": lambda: nearest_neighbours.distances(number(3, 2), number(4, 2)),
    "neighbours": lambda: nearest_neighbours.classify(number(4, 2), label(4), number(3, 2), 2),
    "linear regression": lambda: linear_regression.loss_and_gradient(
        number(4), number(3, 4), number(3), 0.1
    ),
    "levenberg-marquardt": lambda: second_order.levenberg_marquardt_step(
        number(2), number(5), number(5, 2), 0.1
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_stays_on_the_device_of_its_inputs(name: str) -> None:
    found = tensors(CALLS[name]())
    assert found
    assert {tensor.device.type for tensor in found} == {"meta"}
    assert {tensor.dtype for tensor in found} <= {torch.float32, torch.long, torch.bool}
