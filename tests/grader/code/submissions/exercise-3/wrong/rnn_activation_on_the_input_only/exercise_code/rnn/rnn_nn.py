import torch
import torch.nn as nn


class RNN(nn.Module):
    def __init__(self, input_size=1, hidden_size=20, activation="tanh"):
        super().__init__()
        self.hidden_size = hidden_size
        self.W_hh = nn.Linear(hidden_size, hidden_size, bias=False)
        self.W_xh = nn.Linear(input_size, hidden_size)
        if activation == "tanh":
            self.act = nn.Tanh()
        elif activation == "relu":
            self.act = nn.ReLU()
        else:
            raise ValueError("activation must be tanh or relu")

    def forward(self, x, h=None):
        if h is None:
            h = torch.zeros(1, x.shape[1], self.hidden_size, device=x.device)
        h_seq = []
        for t in range(x.shape[0]):
            h = self.W_hh(h) + self.act(self.W_xh(x[t]))
            h_seq.append(h)
        return torch.cat(h_seq, dim=0), h
