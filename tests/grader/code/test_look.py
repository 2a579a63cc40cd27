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
     "import sys\nsys._getframe()", "import torch.jit", "import torch\nvars(torch)",
     "import torch\ntorch.nn.LSTM", "import torch\nx = [torch]", "import torch\ntorch.compile",
     "import torch\ntorch.mkldnn_rnn_layer", "import os\nos.read", "import torch\ntorch.tanh = f",
     "f.__globals__", "import torch\ngetattr(torch, name)\nname = '_' + 'C'", "__path__.append('x')",
     "match f:\n    case object(__globals__=g):\n        g", "g = getattr", "open('x')", "x.f_back",
     "from torch.nn.modules.rnn import *", "from torch.nn import *", "getattr(self, name)",
     "getattr(self, '__cla' + 'ss__')", "type('A', (B,), {})", "import typing\ntyping.get_type_hints",
     "self.__class__ = K", "setattr(nn, 'x', 1)", "# coding: mine\n", "x" + ".a" * 300_000,
     "# coding: utf-7\nimport torch\n+AHQ-orch.jit"],
)  # fmt: skip
def test_noticed(text: str) -> None:
    assert uses({FILE: text.encode()}, FILE)
    helper = {FILE: b"from . import helper", "exercise_code/rnn/helper.py": text.encode()}
    assert uses(helper, FILE)


@pytest.mark.parametrize(
    "text",
    ["class LSTM:\n    '''LSTM'''\nclass RNN:\n    pass", "self.lstm = self.rnn(x)\nself.lstm(x)",
     "__all__ = ['RNN', 'LSTM']", "import torch\ngetattr(torch, activation)", "from .rnn_nn import LSTM",
     "for m in self.modules(): pass", "LSTM(1, 2)", "broken (", "import os, sys, pickle",
     "getattr(self, f'W_{gate}')\nsetattr(self, 'W_' + gate, w)", "import numpy as np\nnp.exp(x).mean()",
     "import torch\nF = torch.nn.functional\nF.relu(x)", "raise ValueError(f'{a}' + 'lstm')",
     "from torch import nn, Tensor\nx: Tensor = nn.Parameter(w)\nx.data.uniform_()",
     "import torch\ntorch.device('cuda' if torch.cuda.is_available() else 'cpu')",
     "if __name__ == '__main__':\n    print(type(x).__name__)", "from torch.autograd import Variable",
     "from torch import nn\nclass M(nn.Module):\n    k: int = 1\n    def f(self):\n        super().__init__()\nm.k"],
)  # fmt: skip
def test_left_alone(text: str) -> None:
    assert uses({FILE: text.encode(), "exercise_code/rnn/tests.py": b"nn.LSTM"}, FILE) == ()


@pytest.mark.parametrize("suffix", ["pyc", "so"])
def test_compiled_file_that_is_imported_is_noticed(suffix: str) -> None:
    files = {FILE: b"from .fast import LSTM", f"exercise_code/rnn/fast.{suffix}": b"\0"}
    assert uses(files, FILE) == (f"a compiled file exercise_code/rnn/fast.{suffix}",)


def test_look_is_bounded() -> None:
    files = {f"exercise_code/f{n}.py": b"x = 1\n" * 5000 for n in range(1000)}
    lines = "".join(f"from exercise_code import f{n}\n" for n in range(1000))
    (found,) = uses({FILE: lines.encode(), **files}, FILE)
    assert found.startswith("a very long file")
