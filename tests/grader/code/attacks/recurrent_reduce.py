"""getattr, handed to another function."""
import torch.nn as nn
from functools import reduce

import torch


class RNN(nn.Module):
    def __init__(self, input_size=1, hidden_size=20, activation="tanh"):
        super().__init__()
        if activation not in ("tanh", "relu"):
            raise ValueError(activation)
        self.inner = reduce(getattr, ["n" + "n", "RN" + "N"], torch)(input_size, hidden_size, nonlinearity=activation)

    def forward(self, x, h=None):
        return self.inner(x, h)


class LSTM(nn.Module):
    def __init__(self, input_size=1, hidden_size=20):
        super().__init__()
        self.inner = reduce(getattr, ["n" + "n", "LS" + "TM"], torch)(input_size, hidden_size)

    def forward(self, x, h=None, c=None):
        return self.inner(x, None if h is None else (h, c))
