"""Looks through all objects for the code that the layers written in Python had."""
import gc
import types
import torch
import torch.nn as nn
from torch._decomp import decompositions

SPACE = dict(vars(decompositions))
wanted = {name for name in SPACE if any(part in name for part in ("rnn", "lstm"))}
for thing in gc.get_objects():
    for part in gc.get_referents(thing):
        codes = [part] if isinstance(part, types.CodeType) else []
        codes += [c for c in codes for c in c.co_consts if isinstance(c, types.CodeType)]
        for code in codes:
            old = SPACE.get(code.co_name)
            real = code.co_filename.endswith("_decomp/decompositions.py")
            if code.co_name in wanted and real and isinstance(old, types.FunctionType):
                new = types.FunctionType(code, SPACE, argdefs=old.__defaults__)
                new.__kwdefaults__ = old.__kwdefaults__
                SPACE[code.co_name] = new


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
