"""Loops of recurrent networks as a student might write them, run by torch."""

from __future__ import annotations

from typing import Any


def torch_written_loop(
    start: int, recurrent: int, inner: int, bias: int, inputs: Any, carried: bool, wanted: str
) -> list[float]:
    """The "outputs" of a ReLU network with one unit, or the "slopes" of the last output by the first and last input.

    Without `carried`, the state is set to its start in each step.
    """
    import torch

    x = torch.tensor([float(v) for v in inputs], dtype=torch.float64, requires_grad=True)
    cell = torch.nn.RNNCell(1, 1, nonlinearity="relu", dtype=torch.float64)
    with torch.no_grad():
        for parameter, value in zip(cell.parameters(), (inner, recurrent, bias, 0), strict=True):
            parameter.fill_(float(value))
    first = torch.full((1, 1), float(start), dtype=torch.float64)
    state, outputs = first, []
    for value in x:
        state = cell(value.reshape(1, 1), state if carried else first)
        outputs.append(state.squeeze())
    if wanted == "outputs":
        return [float(v.detach()) for v in outputs]
    (slopes,) = torch.autograd.grad(outputs[-1], x)
    return [float(slopes[0]), float(slopes[-1])]
