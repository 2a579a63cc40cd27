import math

import torch
import torch.nn as nn


class RNN(nn.Module):
    def __init__(self, input_size=1, hidden_size=20, activation="tanh"):
        super().__init__()
        self.hidden_size = hidden_size
        self.activation = activation
        k = 1 / math.sqrt(hidden_size)
        self.weight_ih = nn.Parameter(torch.empty(hidden_size, input_size).uniform_(-k, k))
        self.weight_hh = nn.Parameter(torch.empty(hidden_size, hidden_size).uniform_(-k, k))
        self.bias_ih = nn.Parameter(torch.empty(hidden_size).uniform_(-k, k))
        self.bias_hh = nn.Parameter(torch.empty(hidden_size).uniform_(-k, k))

    def forward(self, x, h=None):
        if h is None:
            h = torch.zeros((1, x.shape[1], self.hidden_size), dtype=x.dtype)
        outputs = torch.empty(x.shape[0], x.shape[1], self.hidden_size)
        rows = []
        for t in range(len(x)):
            z = x[t] @ self.weight_ih.t() + self.bias_ih + h @ self.weight_hh.t() + self.bias_hh
            if self.activation == "tanh":
                h = torch.tanh(z)
            elif self.activation == "relu":
                h = torch.clamp(z, min=0)
            else:
                raise ValueError("Unknown activation " + str(self.activation))
            rows.append(h)
        assert outputs.shape[0] == len(rows)
        return torch.cat(rows), h


class LSTM(nn.Module):
    """Chunks in torch's order i, f, g, o; sigmoids written out; an unused readout."""

    def __init__(self, input_size=1, hidden_size=20):
        super().__init__()
        self.H = hidden_size
        self.ih = nn.Linear(input_size, 4 * hidden_size)
        self.hh = nn.Linear(hidden_size, 4 * hidden_size)
        self.readout = nn.Linear(hidden_size, 1)

    def forward(self, x, h=None, c=None):
        n = x.size(1)
        h = torch.zeros(1, n, self.H) if h is None else h
        c = torch.zeros(1, n, self.H) if c is None else c
        seq = []
        for t in range(x.size(0)):
            gates = self.ih(x[t : t + 1]) + self.hh(h)
            i, f, g, o = gates.chunk(4, dim=-1)
            c = c / (1 + torch.exp(-f)) + g / (1 + torch.exp(-i))
            h = torch.tanh(c) / (1 + torch.exp(-o))
            seq.append(h)
        return torch.cat(seq), (h, c)
