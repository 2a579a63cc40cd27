"""However a student keeps the weights: a right network is right, and a wrong one wrong.

Submissions are written from parts: where the weights are, in which order the gates stand, which
biases there are, and what a step does with the gates.
"""

from __future__ import annotations

from itertools import permutations, product
from pathlib import Path

import pytest

from grader.archive import read_submission
from grader.code import grade_code
from grader.code.assignment import CodeAssignment
from grader.code.judge import Workshop
from grader.report import Check

# How the K parts (four gates, or the one sum of an RNN) come out of x and h, for each way to keep
# the weights: (what __init__ makes, the expression for all parts along the last axis).
KEPT = {
    "a Linear pair for each gate": (
        """self.a = nn.ModuleList(nn.Linear(I, H, bias=XB) for _ in range(K))
        self.z = nn.ModuleList(nn.Linear(H, H, bias=HB) for _ in range(K))""",
        "torch.cat([a(x_t) + z(h) for a, z in zip(self.a, self.z)], -1)",
    ),
    "one Linear over cat(x, h)": (
        "self.all = nn.Linear(I + H, K * H, bias=XB or HB)",
        "self.all(torch.cat([x_t, h], -1))",
    ),
    "one Linear over cat(h, x)": (
        "self.all = nn.Linear(H + I, K * H, bias=XB or HB)",
        "self.all(torch.cat([h, x_t], -1))",
    ),
    "a ParameterList": (
        """made = [torch.randn(H, I), torch.randn(H, H), torch.randn(H), torch.randn(H)]
        self.p = nn.ParameterList([nn.Parameter(m.clone()) for _ in range(K) for m in made])
        self.use = (XB, HB)""",
        """torch.cat([x_t @ self.p[4 * k].T + h @ self.p[4 * k + 1].T
                + self.use[0] * self.p[4 * k + 2] + self.use[1] * self.p[4 * k + 3]
                for k in range(self.K)], -1)""",
    ),
    "transposed matrices": (
        """self.V = nn.Parameter(torch.randn(I, K * H))
        self.W = nn.Parameter(torch.randn(H, K * H))
        if XB:
            self.b = nn.Parameter(torch.randn(K * H))
        if HB:
            self.d = nn.Parameter(torch.randn(K * H))""",
        "x_t @ self.V + h @ self.W + getattr(self, 'b', 0) + getattr(self, 'd', 0)",
    ),
}
BIASES = {"two biases": (True, True), "one bias": (True, False), "no input bias": (False, True)}

LSTM_STEP = """c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)"""
WRONG_LSTM = {
    "tanh-missing-on-the-cell-state": ("torch.tanh(c)", "c"),
    "candidate-not-squashed": ("torch.tanh(g)", "g"),
    "candidate-without-tanh": ("torch.tanh(g)", "torch.sigmoid(g)"),
    "forget-gate-on-the-candidate": ("torch.sigmoid(i)", "torch.sigmoid(f)"),
    "forget-gate-tied-to-the-input-gate": ("torch.sigmoid(f)", "(1 - torch.sigmoid(i))"),
    "forget-gate-missing": ("torch.sigmoid(f) * c", "c"),
    "output-gate-missing": ("torch.sigmoid(o) * torch.tanh(c)", "torch.tanh(c)"),
}
RNN_STEP = "h = self.act(g)"
WRONG_RNN = {
    "activation-missing": ("self.act(g)", "g"),
    "sigmoid-activation": ("self.act(g)", "torch.sigmoid(g)"),
}
ORDERS = ["".join(order) for order in permutations("fiog")]

SOURCE = """import torch
from torch import nn


class {name}(nn.Module):
    def __init__(self, input_size=1, hidden_size=20{option}):
        super().__init__()
        I, H, K, XB, HB = input_size, hidden_size, {parts}, {of_input}, {of_state}
        self.H, self.K = H, K
        {made}
        {more}

    def forward(self, x, h=None{cell}):
        h = x.new_zeros(1, x.shape[1], self.H) if h is None else h
        {start}
        out = []
        for x_t in x.split(1):
            {gates} = ({parts_of}).chunk(self.K, -1)
            {step}
            out.append(h)
        return torch.cat(out), {last}
"""


def lstm(kept: str, biases: str, order: str, wrong: str | None = None) -> str:
    """The text of an LSTM."""
    step = LSTM_STEP.replace(*WRONG_LSTM[wrong]) if wrong else LSTM_STEP
    return _source(kept, biases, 4).format(
        name="LSTM", option="", cell=", c=None", more="", gates=", ".join(order), step=step,
        start="c = x.new_zeros(1, x.shape[1], self.H) if c is None else c", last="(h, c)",
    )  # fmt: skip


def rnn(kept: str, biases: str, wrong: str | None = None) -> str:
    """The text of an RNN."""
    step = RNN_STEP.replace(*WRONG_RNN[wrong]) if wrong else RNN_STEP
    return _source(kept, biases, 1).format(
        name="RNN", option=", activation='tanh'", cell="", gates="(g,)", step=step, start="",
        more="self.act = {'tanh': torch.tanh, 'relu': torch.relu}[activation]", last="h",
    )  # fmt: skip


def _source(kept: str, biases: str, parts: int) -> str:
    made, parts_of = KEPT[kept]
    of_input, of_state = BIASES[biases]
    known = {"parts": parts, "of_input": of_input, "of_state": of_state, "made": made}
    source = SOURCE
    for name, value in (known | {"parts_of": parts_of}).items():
        source = source.replace("{" + name + "}", str(value))
    return source


def graded(
    source: str, folder: Path, exercise: CodeAssignment, workshop: Workshop, *checks: str
) -> dict[str, Check]:
    """These checks of a submission with this text alone."""
    path = folder / "exercise_code/rnn/rnn_nn.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
    listed = tuple(c for c in exercise.checks if c.id in checks)
    assert len(listed) == len(checks)
    exercise = exercise.model_copy(update={"checks": listed})
    result = grade_code(read_submission(folder), exercise, seed=4, workshop=workshop)
    return {check.id: check for check in result.checks}


LSTM_CHECKS = ("lstm.values", "lstm.gradient", "lstm.states")
RNN_CHECKS = ("rnn.values", "rnn.gradient", "rnn.states")


@pytest.mark.parametrize(("kept", "biases"), list(product(KEPT, BIASES)))
def test_a_right_network_is_right_however_it_keeps_its_weights(
    kept: str, biases: str, tmp_path: Path, exercise_3: CodeAssignment, workshop: Workshop
) -> None:
    for source, checks in (
        (lstm(kept, biases, "oigf"), LSTM_CHECKS),
        (rnn(kept, biases), RNN_CHECKS),
    ):
        found = graded(source, tmp_path, exercise_3, workshop, *checks)
        assert [c.message for c in found.values() if c.verdict != "right"] == []


@pytest.mark.parametrize(
    ("number", "kept", "wrong"),
    [(n, k, w) for n, (k, w) in enumerate(product(KEPT, (*WRONG_LSTM, *WRONG_RNN)))],
)
def test_no_way_to_keep_them_excuses_a_wrong_network(
    number: int,
    kept: str,
    wrong: str,
    tmp_path: Path,
    exercise_3: CodeAssignment,
    workshop: Workshop,
) -> None:
    biases = list(BIASES)[number % len(BIASES)]
    if wrong in WRONG_LSTM:
        source, check = lstm(kept, biases, ORDERS[number % len(ORDERS)], wrong), "lstm.values"
    else:
        source, check = rnn(kept, biases, wrong), "rnn.values"
    found = graded(source, tmp_path, exercise_3, workshop, check)[check]
    assert (found.verdict, found.mistake) == ("wrong", wrong), found.message


@pytest.mark.slow
@pytest.mark.parametrize("order", ORDERS)
def test_every_order_of_the_gates(
    order: str, tmp_path: Path, exercise_3: CodeAssignment, workshop: Workshop
) -> None:
    for kept, biases in product(KEPT, BIASES):
        source = lstm(kept, biases, order)
        right = graded(source, tmp_path, exercise_3, workshop, *LSTM_CHECKS)
        assert [c.message for c in right.values() if c.verdict != "right"] == []
    for kept, wrong in product(KEPT, WRONG_LSTM):
        source = lstm(kept, "two biases", order, wrong)
        found = graded(source, tmp_path, exercise_3, workshop, "lstm.values")["lstm.values"]
        assert (found.verdict, found.mistake) == ("wrong", wrong), found.message
