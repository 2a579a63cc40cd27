"""Recurrent cells step by step (lecture 11): torch's own cells, autograd, and trying out what a statement says."""

from __future__ import annotations

import math
from typing import Any


def torch_row_reader_params(_rows: int, columns: int, hidden: int, classes: int) -> int:
    """Parameters of torch's RNN (one of its two biases) that reads rows, and of a Linear layer on its last state, however many rows."""
    import torch

    with torch.device("meta"):
        rnn = torch.nn.RNN(columns, hidden)
        head = torch.nn.Linear(rnn.hidden_size, classes)
    named = [*rnn.named_parameters(), *head.named_parameters()]
    return sum(p.numel() for name, p in named if not name.startswith("bias_hh"))


def autograd_cell_path(forget: Any, enter: Any, start: int) -> float:
    """dc_T/dc_start of c_t = f_t c_(t-1) + i_t g_t with constant gates and candidates, by autograd."""
    import torch

    states = [torch.tensor(0.3, dtype=torch.float64, requires_grad=True)]
    for keep, add in zip(forget, enter, strict=True):
        states.append(float(keep) * states[-1] + float(add) * 0.5)
    return float(torch.autograd.grad(states[-1], states[start])[0])


def autograd_forgetting_distance(w: Any, v: Any, bound: int) -> int:
    """The first distance at which the gradient of h_t = w h_(t-1) + v x_t falls below 1 / bound."""
    import torch

    x = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    state, distance = float(v) * x, 0
    while abs(float(torch.autograd.grad(state, x, retain_graph=True)[0])) >= 1 / bound:
        state, distance = float(w) * state, distance + 1
    return distance


def torch_two_unit_state(w: Any, v: Any, b: Any, inputs: Any) -> list[float]:
    """The last state of torch's RNN with ReLU, two units and inputs of one number."""
    import torch

    rnn = torch.nn.RNN(1, 2, nonlinearity="relu", dtype=torch.float64)
    values = ([[float(e)] for e in v], w, b, [0, 0])
    with torch.no_grad():
        for parameter, value in zip(rnn.parameters(), values, strict=True):
            parameter.copy_(torch.tensor(value, dtype=torch.float64))
    x = torch.tensor([[float(e)] for e in inputs], dtype=torch.float64)
    return [float(e) for e in rnn(x)[1][0].detach()]


def torch_gru_one_bias(inputs: int, hidden: int) -> int:
    """Parameters of torch's bidirectional GRU with two layers, without the second bias of each cell."""
    import torch

    gru = torch.nn.GRU(inputs, hidden, num_layers=2, bidirectional=True, device="meta")
    return sum(p.numel() for name, p in gru.named_parameters() if not name.startswith("bias_hh"))


def torch_lstm_layer_one_bias(inputs: int, hidden: int) -> int:
    """Parameters of one layer of torch's LSTM, without its second bias."""
    import torch

    lstm = torch.nn.LSTM(inputs, hidden, device="meta")
    return sum(p.numel() for name, p in lstm.named_parameters() if not name.startswith("bias_hh"))


def torch_thawed_params(channels: int, layers: int, old: int, classes: int) -> int:
    """Parameters with a gradient, when the last convolutions and a new head of a torch network are trained."""
    import torch

    nn = torch.nn
    with torch.device("meta"):
        stem = nn.Conv2d(3, channels, 3)
        block = nn.Sequential(
            *(nn.Conv2d(channels, channels, 3, padding=1, bias=False) for _ in range(layers))
        )
        head = nn.Linear(channels, old)
        network = nn.ModuleDict({"stem": stem, "block": block, "head": head})
        network.requires_grad_(False)
        network["head"] = nn.Linear(channels, classes)
        block.requires_grad_(True)
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


# What each task of `sequence_patterns` is, in the question's order: elements read (one or many), elements given (one or
# many), and whether an output is due before the next input arrives.
_TASKS = (
    ("one", "many", False),
    ("one", "many", False),
    ("many", "one", False),
    ("many", "one", False),
    ("many", "one", False),
    ("many", "many", True),
    ("many", "many", True),
    ("many", "many", True),
    ("many", "many", False),
    ("many", "many", False),
)


def unrolled_pattern_fits(fed: Any, told: Any, tasks: Any) -> list[bool]:
    """For each task, whether the steps with inputs and outputs are what it needs."""
    amounts = tuple("one" if len(steps) == 1 else "many" for steps in (fed, told))
    at_once = amounts == ("many", "many") and list(fed) == list(told)
    delayed = min(told) > max(fed)
    fits = []
    for task in tasks:
        read, given, due = _TASKS[task]
        timing = at_once if due else delayed or "one" in amounts
        fits.append((read, given) == amounts and timing)
    return fits


def torch_loop_statements(kind: int, first: str, later: int) -> list[bool]:
    """The statements on a recurrent loop (0: plain, 1: state made anew, 2: detached), tried with random weights."""
    import torch

    torch.manual_seed(0)
    w, v = (torch.randn(4, n, dtype=torch.float64) * 0.4 for n in (4, 3))
    w.requires_grad_()
    b = torch.randn(4, dtype=torch.float64)
    begin = (torch.zeros if first == "zeros" else torch.ones)(2, 4, dtype=torch.float64)

    def run(x: torch.Tensor) -> list[torch.Tensor]:
        outputs, h = [], begin
        for t in range(len(x)):
            h = begin if kind == 1 else h.detach() if kind == 2 else h
            h = torch.tanh(h @ w.T + x[t] @ v.T + b)
            outputs.append(h)
        return outputs

    x = torch.randn(later + 1, 2, 3, dtype=torch.float64, requires_grad=True)
    other = x.detach().clone()
    other[0] += 1
    outputs = run(x)
    changes = not torch.allclose(outputs[later], run(other)[later], rtol=0, atol=1e-12)
    (to_input,) = torch.autograd.grad(outputs[later].sum(), x, retain_graph=True)
    (to_weight,) = torch.autograd.grad(outputs[0].sum(), w)
    sizes = [sum(p.numel() for p in torch.nn.RNN(3, 4).parameters()) for _ in (5, 50)]
    return [changes, bool(to_input[0].any()), bool(to_weight.any()), sizes[1] > sizes[0]]


def torch_saturated_gates(f: int, i: int, o: int, old: int, candidate: Any) -> list[bool]:
    """The statements on a cell with saturated gates, by torch's LSTMCell with biases of +-40."""
    import torch

    cell = torch.nn.LSTMCell(1, 1, dtype=torch.float64)
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.zero_()

    def step(state: float, g: float) -> tuple[float, float]:
        # torch's order: input, forget, candidate, output
        bias = [80.0 * i - 40, 80.0 * f - 40, math.atanh(g), 80.0 * o - 40]
        with torch.no_grad():
            cell.bias_ih.copy_(torch.tensor(bias, dtype=torch.float64))
            zero = torch.zeros(1, 1, dtype=torch.float64)
            h, c = cell(zero, (zero, torch.full_like(zero, state)))
        return float(h), float(c)

    g, small = float(candidate), 1e-9
    h, c = step(old, g)
    return [
        abs(c - old) < small,
        abs(h) < small,
        step(old + 0.5, g)[1] - c > small,
        step(old, g + 0.1)[0] - h > small,
    ]


def torch_truncated_statements(
    piece: int, pieces: int, step: int, earlier: int, later: int, said: Any
) -> list[bool]:
    """The statements on truncated backpropagation, with a scalar network in float64 (steps from 1)."""
    import torch

    def run(x: torch.Tensor, cut: bool) -> list[torch.Tensor]:
        states, h = [], torch.zeros((), dtype=torch.float64)
        for t in range(len(x)):
            if cut and t % piece == 0:
                h = h.detach()
            h = torch.tanh(0.9 * h + 0.3 * x[t])
            states.append(h)
        return states

    torch.manual_seed(0)
    x = torch.randn(piece * pieces, dtype=torch.float64, requires_grad=True)
    states = run(x, cut=True)
    (cut,) = torch.autograd.grad(states[step - 1].square(), x)
    (whole,) = torch.autograd.grad(run(x, cut=False)[step - 1].square(), x)
    return [
        bool(cut[earlier - 1] != 0),
        bool(whole[earlier - 1] != 0),
        bool(whole[later - 1] != 0),
        len(states[:piece]) == said * len(states),
    ]


def torch_lstm_run(gates: Any, candidates: Any, old: int, wanted: str) -> Any:
    """torch's LSTMCell, step by step, with gates of [k, m] quarters (forget, input) and candidates of +-1/2.

    `wanted`: the last cell "state", or the "slopes" of it by c_0 and by the first candidate (central differences).
    """
    first = float(candidates[0]) / 2
    rest = [float(c) / 2 for c in candidates[1:]]

    def last(start: float, candidate: float) -> float:
        state = start
        for (keep, add), g in zip(gates, [candidate, *rest], strict=True):
            state = _lstm_step(state, keep / 4, add / 4, g)
        return state

    if wanted == "state":
        return last(old, first)
    h = 1e-3
    return [
        (last(old + h, first) - last(old - h, first)) / (2 * h),
        (last(old, first + h) - last(old, first - h)) / (2 * h),
    ]


def _lstm_step(state: float, keep: float, add: float, candidate: float) -> float:
    import torch

    cell = torch.nn.LSTMCell(1, 1, dtype=torch.float64)
    logits = [math.log(share / (1 - share)) for share in (add, keep)]
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.zero_()
        bias = [logits[0], logits[1], math.atanh(candidate), 0.0]
        cell.bias_ih.copy_(torch.tensor(bias, dtype=torch.float64))
        zero = torch.zeros(1, 1, dtype=torch.float64)
        return float(cell(zero, (zero, torch.full_like(zero, state)))[1])
