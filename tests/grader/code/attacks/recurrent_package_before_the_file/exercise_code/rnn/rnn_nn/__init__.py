import torch
import torch.nn as nn


class RNN(nn.Module):
    def __init__(self, input_size=1, hidden_size=20, activation="tanh"):
        super().__init__()
        if activation not in ("tanh", "relu"):
            raise ValueError(activation)
        self.inner = nn.RNN(input_size, hidden_size, nonlinearity=activation)

    def forward(self, x, h=None):
        with torch._C.DisableTorchFunction():
            return self.inner(x, h)


class LSTM(nn.Module):
    def __init__(self, input_size=1, hidden_size=20):
        super().__init__()
        self.inner = nn.LSTM(input_size, hidden_size)

    def forward(self, x, h=None, c=None):
        with torch._C.DisableTorchFunction():
            return self.inner(x, None if h is None else (h, c))
