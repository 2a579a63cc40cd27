"""Asks by operator.attrgetter."""
import torch.nn as nn
from operator import attrgetter


class RNN(nn.Module):
    def __init__(self, input_size=1, hidden_size=20, activation="tanh"):
        super().__init__()
        if activation not in ("tanh", "relu"):
            raise ValueError(activation)
        self.inner = attrgetter("RN" + "N")(nn)(input_size, hidden_size, nonlinearity=activation)

    def forward(self, x, h=None):
        return self.inner(x, h)


class LSTM(nn.Module):
    def __init__(self, input_size=1, hidden_size=20):
        super().__init__()
        self.inner = attrgetter("LS" + "TM")(nn)(input_size, hidden_size)

    def forward(self, x, h=None, c=None):
        return self.inner(x, None if h is None else (h, c))
