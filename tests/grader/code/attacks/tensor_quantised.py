"""A quantised tensor."""
import torch
import torch.nn as nn


class RNN(nn.Module):
    def __init__(self, input_size=1, hidden_size=20, activation="tanh"):
        super().__init__()
        self.hidden_size = hidden_size
        self.v = nn.Linear(input_size, hidden_size)
        self.w = nn.Linear(hidden_size, hidden_size)

    def forward(self, x, h=None, c=None):
        shape = (*x.shape[:2], self.hidden_size)
        out = torch.quantize_per_tensor(torch.zeros(shape), 0.1, 0, torch.qint8)
        return out, out[-1:]


class LSTM(RNN):
    def forward(self, x, h=None, c=None):
        out, last = super().forward(x)
        return out, (last, last)
