import torch
import torch.nn as nn


class LSTM(nn.Module):
    def __init__(self, input_size=1, hidden_size=20):
        super().__init__()
        self.hidden_size = hidden_size
        self.W_f = nn.Linear(hidden_size, hidden_size)
        self.V_f = nn.Linear(input_size, hidden_size)
        self.W_i = nn.Linear(hidden_size, hidden_size)
        self.V_i = nn.Linear(input_size, hidden_size)
        self.W_o = nn.Linear(hidden_size, hidden_size)
        self.V_o = nn.Linear(input_size, hidden_size)
        self.W_c = nn.Linear(hidden_size, hidden_size)
        self.V_c = nn.Linear(input_size, hidden_size)

    def forward(self, x, h=None, c=None):
        if h is None:
            h = torch.zeros(1, x.size(1), self.hidden_size)
        if c is None:
            c = torch.zeros(1, x.size(1), self.hidden_size)
        out = []
        for xt in x:
            xt = xt.unsqueeze(0)
            h, c = h.detach(), c.detach()
            f = torch.sigmoid(self.W_f(h) + self.V_f(xt))
            i = torch.sigmoid(self.W_i(h) + self.V_i(xt))
            o = torch.sigmoid(self.W_o(h) + self.V_o(xt))
            c = f * c + i * torch.tanh(self.W_c(h) + self.V_c(xt))
            h = o * torch.tanh(c)
            out.append(h)
        return torch.cat(out, 0), (h, c)
