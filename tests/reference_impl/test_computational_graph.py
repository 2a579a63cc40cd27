from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.testing import assert_close

from reference_impl.computational_graph import OPERATIONS, Node, forward, run
from reference_impl.graph_tables import reverse_table, shown, value_table

BY_TORCH: dict[str, Callable[..., Tensor]] = {
    "add": torch.add,
    "subtract": torch.sub,
    "multiply": torch.mul,
    "divide": torch.div,
    "negate": torch.neg,
    "reciprocal": torch.reciprocal,
    "square": torch.square,
    "sqrt": torch.sqrt,
    "exp": torch.exp,
    "log": torch.log,
    "sin": torch.sin,
    "cos": torch.cos,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "max": torch.maximum,
    "min": torch.minimum,
}
# Operations for which one of the operands must not be small, or not negative.
FAR_FROM_ZERO = {"divide", "reciprocal"}
POSITIVE = {"log", "sqrt"}

Example = tuple[tuple[Node, ...], dict[str, Tensor]]


def number(value: float) -> Tensor:
    return torch.tensor(value, dtype=torch.float64)


def by_autograd(
    graph: Sequence[Node], inputs: dict[str, Tensor], output: str
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Values and gradients of all nodes. Each node is detached from nothing: the graph is torch's."""
    values = {name: value.clone().requires_grad_() for name, value in inputs.items()}
    for node in graph:
        if node.operation != "input":
            values[node.name] = BY_TORCH[node.operation](*(values[o] for o in node.operands))
    names = list(values)
    found = torch.autograd.grad(
        values[output].sum(), [values[name] for name in names], allow_unused=True
    )
    zeros = (torch.zeros_like(values[name]) for name in names)
    gradients = {
        name: zero if gradient is None else gradient
        for name, gradient, zero in zip(names, found, zeros, strict=True)
    }
    return {name: value.detach() for name, value in values.items()}, gradients


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """Graphs of up to 12 operations on up to 4 inputs, with values in each operation's domain."""
    shape = draw(st.sampled_from([(), (3,), (2, 2)]))
    count = int(torch.tensor(shape).prod()) if shape else 1
    names = [f"x{i}" for i in range(draw(st.integers(1, 4)))]
    # Halves, so that equal operands of max and min, and relu at 0, come up.
    entry = st.integers(-6, 6).map(lambda k: k / 2)
    inputs = {
        name: torch.tensor(
            draw(st.lists(entry, min_size=count, max_size=count)), dtype=torch.float64
        ).reshape(shape)
        for name in names
    }
    graph, values = [Node(name) for name in names], dict(inputs)
    for i in range(draw(st.integers(1, 12))):
        operation = draw(st.sampled_from(sorted(OPERATIONS)))
        operands = tuple(
            draw(st.sampled_from([node.name for node in graph]))
            for _ in OPERATIONS[operation].derivatives
        )
        last = values[operands[-1]]
        if operation in FAR_FROM_ZERO and last.abs().min() < 0.1:
            continue
        if operation in POSITIVE and last.min() < 0.1:
            continue
        result = BY_TORCH[operation](*(values[o] for o in operands))
        if result.abs().max() > 1e4:
            continue
        node = Node(f"n{i}", operation, operands)
        graph.append(node)
        values[node.name] = result
    return tuple(graph), inputs


@given(examples(), st.data())
def test_random_graphs_are_autograds(example: Example, data: st.DataObject) -> None:
    graph, inputs = example
    output = data.draw(st.sampled_from([node.name for node in graph]))
    found = run(graph, inputs, output)
    values, gradients = by_autograd(graph, inputs, output)
    assert found.values.keys() == values.keys()
    for name, value in values.items():
        assert_close(found.values[name], value, rtol=1e-9, atol=1e-9)
        assert_close(found.gradients[name], gradients[name], rtol=1e-7, atol=1e-9)


@given(examples())
def test_steps_add_up_to_the_gradients(example: Example) -> None:
    graph, inputs = example
    found = run(graph, inputs)
    sums = {name: torch.zeros_like(value) for name, value in found.values.items()}
    sums[found.output] = torch.ones_like(found.values[found.output])
    finished: set[str] = set()
    for step in found.steps:
        # A node that passes its gradient on gets no more of it afterwards.
        finished.add(step.node)
        assert step.operand not in finished
        assert torch.equal(step.upstream, sums[step.node])
        assert torch.equal(step.contribution, step.upstream * step.local)
        sums[step.operand] = sums[step.operand] + step.contribution
        assert torch.equal(step.total, sums[step.operand])
    for name, total in sums.items():
        assert torch.equal(total, found.gradients[name])


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_each_operation_by_itself(operation: str) -> None:
    operands = tuple("ab"[: len(OPERATIONS[operation].derivatives)])
    inputs = {"a": number(0.7), "b": number(1.3)}
    inputs = {name: inputs[name] for name in operands}
    graph = [*(Node(name) for name in operands), Node("f", operation, operands)]
    values, gradients = by_autograd(graph, inputs, "f")
    found = run(graph, inputs)
    for name in (*operands, "f"):
        assert_close(found.values[name], values[name])
        assert_close(found.gradients[name], gradients[name])


# Lecture 4's kind of example: f = (x y + z) max(z, x y), with z and p on two paths each.
GRAPH = (
    Node("x"),
    Node("y"),
    Node("z"),
    Node("p", "multiply", ("x", "y")),
    Node("q", "add", ("p", "z")),
    Node("m", "max", ("z", "p")),
    Node("f", "multiply", ("q", "m")),
)
INPUTS = {"x": number(2.0), "y": number(-1.0), "z": number(3.0)}


def test_the_tables_are_the_solution_by_hand() -> None:
    passes = run(GRAPH, INPUTS)
    assert value_table(passes).splitlines() == [
        "| node | computation | value | df/dnode |",
        "| ---- | ----------- | ----- | -------- |",
        "| x    | input       | 2     | -3       |",
        "| y    | input       | -1    | 6        |",
        "| z    | input       | 3     | 4        |",
        "| p    | x * y       | -2    | 3        |",
        "| q    | p + z       | 1     | 3        |",
        "| m    | max(z, p)   | 3     | 1        |",
        "| f    | q * m       | 3     | 1        |",
    ]
    assert reverse_table(passes).splitlines() == [
        "| edge   | upstream | local derivative | contribution | sum so far |",
        "| ------ | -------- | ---------------- | ------------ | ---------- |",
        "| f -> q | 1        | df/dq = 3        | 3            | df/dq = 3  |",
        "| f -> m | 1        | df/dm = 1        | 1            | df/dm = 1  |",
        "| m -> z | 1        | dm/dz = 1        | 1            | df/dz = 1  |",
        "| m -> p | 1        | dm/dp = 0        | 0            | df/dp = 0  |",
        "| q -> p | 3        | dq/dp = 1        | 3            | df/dp = 3  |",
        "| q -> z | 3        | dq/dz = 1        | 3            | df/dz = 4  |",
        "| p -> x | 3        | dp/dx = -1       | -3           | df/dx = -3 |",
        "| p -> y | 3        | dp/dy = 2        | 6            | df/dy = 6  |",
    ]


def test_an_operand_used_twice_gets_two_contributions() -> None:
    passes = run([Node("u"), Node("f", "multiply", ("u", "u"))], {"u": number(3.0)})
    assert passes.gradients["u"] == 6
    assert [step.total.item() for step in passes.steps] == [3.0, 6.0]


def test_what_does_not_lead_to_the_output_has_no_gradient() -> None:
    passes = run(GRAPH, INPUTS, output="q")
    assert [passes.gradients[name].item() for name in ("m", "f", "p", "z")] == [0, 0, 1, 1]
    assert {step.node for step in passes.steps} == {"q", "p"}


def test_numbers_are_shown_short() -> None:
    assert shown(number(-0.0)) == "0"
    assert shown(number(2 / 3)) == "0.6667"
    assert shown(number(2 / 3), digits=2) == "0.67"
    assert shown(torch.tensor([1.0, 1e-7])) == "[1, 1e-07]"


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        ([Node("x"), Node("x")], "two nodes are called x"),
        ([Node("x"), Node("f", "cosh", ("x",))], "no operation 'cosh'"),
        ([Node("x"), Node("f", "add", ("x",))], "takes 2 operands, not 1"),
        ([Node("x", "input", ("y",))], "takes 0 operands"),
        ([Node("f", "exp", ("x",)), Node("x")], "f uses x"),
        ([Node("x"), Node("y")], "the inputs are"),
    ],
)
def test_graphs_that_make_no_sense_are_refused(graph: list[Node], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        forward(graph, {"x": number(1.0)})


def test_other_inputs_and_outputs_are_refused() -> None:
    with pytest.raises(ValueError, match="one shape"):
        forward([Node("x"), Node("y")], {"x": torch.zeros(2), "y": torch.zeros(1)})
    with pytest.raises(ValueError, match="no node of the graph"):
        run(GRAPH, INPUTS, output="g")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_keeps_the_dtype(dtype: torch.dtype) -> None:
    passes = run(GRAPH, {name: value.to(dtype) for name, value in INPUTS.items()})
    tensors = [*passes.values.values(), *passes.gradients.values()]
    assert {tensor.dtype for tensor in tensors} == {dtype}
