"""A computational graph, run forwards and backwards one step at a time.

A node is an input or an elementary operation on earlier nodes. The forward pass gives each node its
value. The reverse pass starts with dL/dL = 1 at the output and walks the nodes in reverse order; along
each edge from a node v to one of its operands u it adds

    dL/du  +=  dL/dv * dv/du                    upstream gradient times local derivative

When a node's turn comes, all nodes that use it have had theirs, so its gradient is complete. A value
that is used twice gets a contribution along each path, also where it is both operands (u * u).

One pass costs about as much as the forward pass and gives the derivative by every input: that is
why networks (many weights, one loss) are trained in reverse mode.

Values are numbers, or tensors of one shape taken entry by entry; then the output's gradient is the
one of its sum. Kinks as in torch: relu'(0) = 0, and equal operands of max or min share by halves.

Source: lecture 4; Rumelhart, Hinton and Williams (1986), Nature 323.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from reference_impl.activations import relu, sigmoid, tanh


@dataclass(frozen=True)
class Operation:
    """An elementary function: how it is written ("{} * {}"), its value, a derivative per operand."""

    written: str
    value: Callable[..., Tensor]
    derivatives: tuple[Callable[..., Tensor], ...]


def one(like: Tensor) -> Tensor:
    """Ones of the shape, dtype and device of a tensor."""
    return torch.ones_like(like)


def share(a: Tensor, b: Tensor) -> Tensor:
    """d max(a, b) / da: 1 where a is larger, 1/2 where they are equal, else 0."""
    return (a > b).to(a.dtype) + (a == b).to(a.dtype) / 2


OPERATIONS: dict[str, Operation] = {
    "add": Operation("{} + {}", lambda a, b: a + b, (lambda a, _b: one(a), lambda _a, b: one(b))),
    "subtract": Operation(
        "{} - {}", lambda a, b: a - b, (lambda a, _b: one(a), lambda _a, b: -one(b))
    ),
    "multiply": Operation("{} * {}", lambda a, b: a * b, (lambda _a, b: b, lambda a, _b: a)),
    "divide": Operation(
        "{} / {}", lambda a, b: a / b, (lambda _a, b: 1 / b, lambda a, b: -a / b**2)
    ),
    "negate": Operation("-{}", lambda a: -a, (lambda a: -one(a),)),
    "reciprocal": Operation("1 / {}", lambda a: 1 / a, (lambda a: -1 / a**2,)),
    "square": Operation("{}^2", lambda a: a**2, (lambda a: 2 * a,)),
    "sqrt": Operation("sqrt({})", torch.sqrt, (lambda a: 1 / (2 * a.sqrt()),)),
    "exp": Operation("exp({})", torch.exp, (torch.exp,)),
    "log": Operation("log({})", torch.log, (lambda a: 1 / a,)),
    "sin": Operation("sin({})", torch.sin, (torch.cos,)),
    "cos": Operation("cos({})", torch.cos, (lambda a: -a.sin(),)),
    "sigmoid": Operation("sigmoid({})", sigmoid, (lambda a: sigmoid(a) * sigmoid(-a),)),
    "tanh": Operation("tanh({})", tanh, (lambda a: 1 - tanh(a) ** 2,)),
    "relu": Operation("relu({})", relu, (lambda a: (a > 0).to(a.dtype),)),
    "max": Operation("max({}, {})", torch.maximum, (share, lambda a, b: share(b, a))),
    "min": Operation("min({}, {})", torch.minimum, (lambda a, b: share(b, a), share)),
}


@dataclass(frozen=True)
class Node:
    """An input (operation "input", no operands) or an operation on nodes named before it."""

    name: str
    operation: str = "input"
    operands: tuple[str, ...] = ()

    @property
    def written(self) -> str:
        """The computation as it is printed, "p * z" for instance; empty for an input."""
        if self.operation == "input":
            return ""
        return OPERATIONS[self.operation].written.format(*self.operands)


@dataclass(frozen=True)
class Step:
    """One edge of the reverse pass, from `node` to its `operand`.

    upstream = dL/dnode, local = dnode/doperand, contribution = upstream * local, and total = the
    sum of the contributions that have reached the operand so far.
    """

    node: str
    operand: str
    upstream: Tensor
    local: Tensor
    contribution: Tensor
    total: Tensor


@dataclass(frozen=True)
class Passes:
    """Values and gradients of all nodes, and the steps of the reverse pass in their order."""

    graph: tuple[Node, ...]
    output: str
    values: dict[str, Tensor]
    gradients: dict[str, Tensor]
    steps: tuple[Step, ...]


def check_graph(graph: Sequence[Node]) -> None:
    """Raises ValueError for an unknown operation, operands that are missing or later, a name used twice."""
    known: set[str] = set()
    for node in graph:
        if node.name in known:
            raise ValueError(f"two nodes are called {node.name}")
        if node.operation != "input" and node.operation not in OPERATIONS:
            raise ValueError(f"{node.name}: there is no operation {node.operation!r}")
        needed = 0 if node.operation == "input" else len(OPERATIONS[node.operation].derivatives)
        if len(node.operands) != needed:
            raise ValueError(
                f"{node.name}: {node.operation} takes {needed} operands, not {len(node.operands)}"
            )
        unknown = [operand for operand in node.operands if operand not in known]
        if unknown:
            raise ValueError(f"{node.name} uses {unknown[0]}, which no node before it is called")
        known.add(node.name)


def forward(graph: Sequence[Node], inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The value of every node. Raises ValueError for a graph or inputs that do not fit together."""
    check_graph(graph)
    wanted = {node.name for node in graph if node.operation == "input"}
    if wanted != inputs.keys():
        raise ValueError(f"the inputs are {sorted(wanted)}, not {sorted(inputs)}")
    if len({value.shape for value in inputs.values()}) > 1:
        raise ValueError("all inputs must have one shape")
    values = dict(inputs)
    for node in graph:
        if node.operation != "input":
            operands = [values[name] for name in node.operands]
            values[node.name] = OPERATIONS[node.operation].value(*operands)
    return values


def run(graph: Sequence[Node], inputs: Mapping[str, Tensor], output: str | None = None) -> Passes:
    """Both passes; the output is the last node unless named. A node that does not lead to it has gradient 0."""
    values = forward(graph, inputs)
    output = graph[-1].name if output is None else output
    if output not in values:
        raise ValueError(f"the output {output} is no node of the graph")
    gradients = {name: torch.zeros_like(value) for name, value in values.items()}
    gradients[output] = one(values[output])
    steps: list[Step] = []
    reached = {output}
    for node in reversed(graph):
        if node.name not in reached or node.operation == "input":
            continue
        operands = [values[name] for name in node.operands]
        upstream = gradients[node.name]
        for name, derivative in zip(
            node.operands, OPERATIONS[node.operation].derivatives, strict=True
        ):
            local = derivative(*operands)
            contribution = upstream * local
            gradients[name] = gradients[name] + contribution
            steps.append(Step(node.name, name, upstream, local, contribution, gradients[name]))
            reached.add(name)
    return Passes(tuple(graph), output, values, gradients, tuple(steps))
