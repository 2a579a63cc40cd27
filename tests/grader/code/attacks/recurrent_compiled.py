"""Has torch compile its own layer, which takes it apart."""
import torch
import torch.nn as nn


def layer(name, x, states, weights):
    return getattr(torch, name)(x, states, weights, True, 1, 0.0, False, False, False)


run = torch.compile(layer, backend="aot_eager")


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
