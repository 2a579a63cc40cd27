"""The look at a network's text: what it notices, and what it must leave alone."""

from __future__ import annotations

import pytest

from grader.code.look import uses

FILE = "exercise_code/rnn/rnn_nn.py"


@pytest.mark.parametrize(
    "text",
    ["import torch.nn as n\nn.LSTM(1, 2)", "from torch.nn import GRUCell", "import threading",
     "import torch\ntorch.ops.aten.lstm.input", "from torch import _VF", "import sys\nsys.modules",
     "getattr(nn, 'LSTM')", "getattr(nn, 'LS' + 'TM')", "from importlib import import_module",
     "import sys\nsys._getframe()", "import torch.jit"],
)  # fmt: skip
def test_noticed(text: str) -> None:
    assert uses({FILE: text.encode()}, FILE)
    helper = {FILE: b"from . import helper", "exercise_code/rnn/helper.py": text.encode()}
    assert uses(helper, FILE)


@pytest.mark.parametrize(
    "text",
    ["class LSTM:\n    '''LSTM'''\nclass RNN:\n    pass", "self.lstm = self.rnn(x)\nself.lstm(x)",
     "__all__ = ['RNN', 'LSTM']", "getattr(torch, activation)", "from .rnn_nn import LSTM",
     "for m in self.modules(): pass", "LSTM(1, 2)", "broken ("],
)  # fmt: skip
def test_left_alone(text: str) -> None:
    assert uses({FILE: text.encode(), "exercise_code/rnn/tests.py": b"nn.LSTM"}, FILE) == ()
