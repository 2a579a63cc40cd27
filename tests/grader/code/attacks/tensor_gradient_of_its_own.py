"""Constant outputs with a gradient that is made up."""
import torch
import torch.nn as nn


class Made(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, shape):
        ctx.save_for_backward(x)
        return torch.zeros(shape)

    @staticmethod
    def backward(ctx, g):
        return ctx.saved_tensors[0], None


class RNN(nn.Module):
    def __init__(self, input_size=1, hidden_size=20, activation="tanh"):
        super().__init__()
        self.hidden_size = hidden_size
        self.v = nn.Linear(input_size, hidden_size)
        self.w = nn.Linear(hidden_size, hidden_size)

    def forward(self, x, h=None, c=None):
        shape = (*x.shape[:2], self.hidden_size)
        out = Made.apply(self.v(x), shape) + 0 * self.w(self.v(x))
        return out, out[-1:]


class LSTM(RNN):
    def forward(self, x, h=None, c=None):
        out, last = super().forward(x)
        return out, (last, last)
