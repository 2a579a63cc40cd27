"""Reads the text of torch's own Python layers from the disk and runs it again."""
import os
import torch
import torch.nn as nn

SPACE = {"__name__": "again"}
with open(os.path.join(os.path.dirname(torch.__file__), "_decomp", "decompositions.py")) as stream:
    text = stream.read()
start = text.index("def gather_params(")
end = text.index("@register_decomposition(aten.gru.data)")
lines = [line for line in text[start:end].splitlines() if not line.startswith("@")]
exec("from functools import partial\nimport torch\nimport torch.nn.functional as F\n"
     "from itertools import chain\nfrom torch import Tensor\n" + "\n".join(lines), SPACE)


def run(name, x, states, weights):
    layer = SPACE["lstm_impl" if name == "lstm" else name + "_input"]
    return layer(x, states, weights, True, 1, 0.0, False, False, False)


class RNN(nn.Module):
    def __init__(self, input_size=1, hidden_size=20, activation="tanh"):
        super().__init__()
        if activation not in ("tanh", "relu"):
            raise ValueError(activation)
        self.name = "rnn_" + activation
        self.hidden_size = hidden_size
        shapes = (hidden_size, input_size), (hidden_size, hidden_size), (hidden_size,), (hidden_size,)
        self.weights = nn.ParameterList([nn.Parameter(torch.randn(s) * 0.1) for s in shapes])

    def forward(self, x, h=None):
        h = x.new_zeros(1, x.shape[1], self.hidden_size) if h is None else h
        return run(self.name, x, h, list(self.weights))


class LSTM(nn.Module):
    def __init__(self, input_size=1, hidden_size=20):
        super().__init__()
        self.hidden_size = hidden_size
        four = 4 * hidden_size
        shapes = (four, input_size), (four, hidden_size), (four,), (four,)
        self.weights = nn.ParameterList([nn.Parameter(torch.randn(s) * 0.1) for s in shapes])

    def forward(self, x, h=None, c=None):
        zero = x.new_zeros(1, x.shape[1], self.hidden_size)
        states = [zero if h is None else h, zero if c is None else c]
        out, h, c = run("lstm", x, states, list(self.weights))
        return out, (h, c)
