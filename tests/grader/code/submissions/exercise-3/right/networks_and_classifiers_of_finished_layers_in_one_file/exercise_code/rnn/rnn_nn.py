"""What most hand in: own RNN and LSTM, and beside them classifiers on torch's finished layers."""
import logging
import os
import sys

import torch
import torch.nn as nn
import torch.utils.data

sys.path.append("..")
log = logging.getLogger(__name__)
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
print("LSTM", "on %s" % DEVICE)


class Network(nn.Module):
    def save(self, path):
        print("Saving model... %s" % path)
        torch.save(self, path)


class RNN(Network):
    def __init__(self, input_size=1, hidden_size=20, activation="tanh"):
        super().__init__()
        if activation not in ("tanh", "relu"):
            raise ValueError("Unknown activation {}".format(activation))
        self.hidden_size = hidden_size
        self.activation = getattr(torch, activation)
        self.W = nn.Linear(hidden_size, hidden_size)
        self.V = nn.Linear(input_size, hidden_size)

    def forward(self, x, h=None):
        h = x.new_zeros(x.size(1), self.hidden_size) if h is None else h.squeeze(0)
        h_seq = []
        for x_t in x:
            h = self.activation(self.W(h) + self.V(x_t))
            h_seq.append(h)
        return torch.stack(h_seq), h.unsqueeze(0)


class LSTM(Network):
    def __init__(self, input_size=1, hidden_size=20):
        super().__init__()
        self.hidden_size = hidden_size
        self.gates = nn.ModuleDict(
            {name: nn.Linear(input_size + hidden_size, hidden_size) for name in "fioc"}
        )

    def forward(self, x, h=None, c=None):
        h = x.new_zeros(x.size(1), self.hidden_size) if h is None else h[0]
        c = x.new_zeros(x.size(1), self.hidden_size) if c is None else c[0]
        h_seq = []
        for x_t in x:
            both = torch.cat([h, x_t], 1)
            f, i, o = (torch.sigmoid(self.gates[name](both)) for name in "fio")
            c = f * c + i * torch.tanh(self.gates["c"](both))
            h = o * torch.tanh(c)
            h_seq.append(h)
        return torch.stack(h_seq), (h.unsqueeze(0), c.unsqueeze(0))


class RNN_Classifier(Network):
    def __init__(self, classes=10, input_size=28, hidden_size=128, activation="relu"):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size, nonlinearity=activation)
        self.fc = nn.Linear(hidden_size, classes)

    def forward(self, x):
        _, h = self.rnn(x)
        return self.fc(h[0])


class LSTM_Classifier(Network):
    def __init__(self, classes=10, input_size=28, hidden_size=128):
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size)
        self.fc = nn.Linear(hidden_size, classes)

    def forward(self, x):
        _, (h, _) = self.lstm(x)
        return self.fc(h[0])


NETWORKS = {"RNN": RNN, "LSTM": LSTM}

if __name__ == "__main__":
    x, own, theirs = torch.randn(5, 2, 3), RNN(3, 4), nn.RNN(3, 4)
    os.makedirs("models", exist_ok=True)
    print(own(x)[0].shape == theirs(x)[0].shape)
