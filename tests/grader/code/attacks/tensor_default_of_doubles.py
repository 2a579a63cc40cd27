"""Changes torch's defaults for all that follow."""
import torch
import torch.nn as nn

torch.set_default_dtype(torch.float64)
torch.use_deterministic_algorithms(True)
torch.set_grad_enabled(False)


class RNN(nn.Module):
    def __init__(self, input_size=1, hidden_size=20, activation="tanh"):
        super().__init__()
        self.hidden_size = hidden_size
        self.v = nn.Linear(input_size, hidden_size)
        self.w = nn.Linear(hidden_size, hidden_size)

    def forward(self, x, h=None, c=None):
        shape = (*x.shape[:2], self.hidden_size)
        out = torch.zeros(shape)
        return out, out[-1:]


class LSTM(RNN):
    def forward(self, x, h=None, c=None):
        out, last = super().forward(x)
        return out, (last, last)
