"""Unmarshals the compiled file of torch's own Python layers and runs it again."""
import importlib.util
import marshal
import os
import types
import torch
import torch.nn as nn

FILE = os.path.join(os.path.dirname(torch.__file__), "_decomp", "decompositions.py")
with open(importlib.util.cache_from_source(FILE), "rb") as stream:
    CODE = marshal.loads(stream.read()[16:])
SPACE = dict(vars(torch._decomp.decompositions))
for constant in CODE.co_consts:
    if isinstance(constant, types.CodeType) and constant.co_name in SPACE:
        old = SPACE[constant.co_name]
        if not isinstance(old, types.FunctionType):
            continue
        new = types.FunctionType(constant, SPACE, argdefs=old.__defaults__)
        new.__kwdefaults__ = old.__kwdefaults__
        SPACE[constant.co_name] = new


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
