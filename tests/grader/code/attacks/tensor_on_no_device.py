"""Tensors without storage (meta), expanded ones and one whose storage is taken away."""
import torch
import torch.nn as nn

COUNT = [0]


def made(shape):
    COUNT[0] += 1
    if COUNT[0] % 3 == 0:
        return torch.empty(shape, device="meta", requires_grad=True)
    if COUNT[0] % 3 == 1:
        out = torch.zeros(shape)
        out.untyped_storage().resize_(0)
        return out
    return torch.zeros(1, requires_grad=True).expand(shape)


class RNN(nn.Module):
    def __init__(self, input_size=1, hidden_size=20, activation="tanh"):
        super().__init__()
        self.hidden_size = hidden_size
        self.v = nn.Linear(input_size, hidden_size)
        self.w = nn.Linear(hidden_size, hidden_size)

    def forward(self, x, h=None, c=None):
        out = made((*x.shape[:2], self.hidden_size))
        return out, out[-1:]


class LSTM(RNN):
    def forward(self, x, h=None, c=None):
        out, last = super().forward(x)
        return out, (last, last)
