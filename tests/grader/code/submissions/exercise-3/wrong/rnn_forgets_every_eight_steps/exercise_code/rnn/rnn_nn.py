import torch
from torch import nn


class RNN(nn.Module):
    """One matrix for [x, h], applied from the right, and one bias."""

    def __init__(self, input_size=1, hidden_size=20, activation="tanh"):
        super(RNN, self).__init__()
        assert_known = {"tanh": torch.tanh, "relu": torch.relu}
        if activation not in assert_known:
            raise ValueError(activation)
        self.f = assert_known[activation]
        self.hidden_size = hidden_size
        self.theta = nn.Parameter(torch.randn(input_size + hidden_size, hidden_size) * 0.1)
        self.bias = nn.Parameter(torch.zeros(hidden_size))

    def forward(self, x, h=None):
        T, N, _ = x.shape
        s = x.new_zeros(N, self.hidden_size) if h is None else h.squeeze(0)
        states = []
        for t in range(T):
            if t and t % 8 == 0:
                s = torch.zeros_like(s)
            s = self.f(torch.cat([x[t], s], dim=1) @ self.theta + self.bias)
            states.append(s)
        return torch.stack(states), s[None]


class LSTM(nn.Module):
    """One fused matrix with the gates interleaved unit by unit: o, g, f, i."""

    def __init__(self, input_size=1, hidden_size=20):
        super(LSTM, self).__init__()
        self.hidden_size = hidden_size
        self.theta = nn.Parameter(torch.randn(hidden_size + input_size, 4 * hidden_size) * 0.1)
        self.bias = nn.Parameter(torch.zeros(hidden_size, 4))

    def forward(self, x, h=None, c=None):
        T, N, _ = x.shape
        s = x.new_zeros(N, self.hidden_size) if h is None else h[0]
        m = x.new_zeros(N, self.hidden_size) if c is None else c[0]
        states = []
        for t in range(T):
            if t and t % 8 == 0:
                s, m = s.detach(), m.detach()
            a = (torch.cat([s, x[t]], 1) @ self.theta).view(N, self.hidden_size, 4) + self.bias
            o, g, f, i = a.unbind(-1)
            m = f.sigmoid() * m + i.sigmoid() * g.tanh()
            s = o.sigmoid() * m.tanh()
            states.append(s)
        return torch.stack(states), (s.unsqueeze(0), m.unsqueeze(0))
