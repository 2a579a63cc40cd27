import torch
import torch.nn as nn


class RNN(nn.Module):
    def __init__(self, input_size=1, hidden_size=20, activation="tanh"):
        super(RNN, self).__init__()
        """
        Inputs:
        - input_size: Number of features in input vector
        - hidden_size: Dimension of hidden vector
        - activation: Nonlinearity in cell; 'tanh' or 'relu'
        """
        self.hidden_size = hidden_size
        self.W = nn.Linear(hidden_size, hidden_size)
        self.V = nn.Linear(input_size, hidden_size)
        if activation == "tanh":
            self.activation = torch.tanh
        elif activation == "relu":
            self.activation = torch.relu
        else:
            raise ValueError("Unrecognized activation. Allowed activations: tanh or relu")

    def forward(self, x, h=None):
        """
        Inputs:
        - x: Input tensor (seq_len, batch_size, input_size)
        - h: Optional hidden vector (nr_layers, batch_size, hidden_size)

        Outputs:
        - h_seq: Hidden vector along sequence (seq_len, batch_size, hidden_size)
        - h: Final hidden vector of sequence (1, batch_size, hidden_size)
        """
        if h is None:
            h = torch.zeros(1, x.shape[1], self.hidden_size)
        h_seq = []
        for x_t in x:
            h = self.activation(self.W(h) + self.V(x_t))
            h_seq.append(h)
        h_seq = torch.cat(h_seq, 0)
        return h_seq, h


class LSTM(nn.Module):
    def __init__(self, input_size=1, hidden_size=20):
        super(LSTM, self).__init__()
        self.hidden_size = hidden_size
        # forget, input and output gate, and the new cell
        self.gates_x = nn.Linear(input_size, 4 * hidden_size)
        self.gates_h = nn.Linear(hidden_size, 4 * hidden_size)

    def forward(self, x, h=None, c=None):
        """
        Inputs:
        - x: Input tensor (seq_len, batch_size, input_size)
        - h: Hidden vector (nr_layers, batch_size, hidden_size)
        - c: Cell state vector (nr_layers, batch_size, hidden_size)

        Outputs:
        - h_seq: Hidden vector along sequence (seq_len, batch_size, hidden_size)
        - h: Final hidden vector of sequence (1, batch_size, hidden_size)
        - c: Final cell state vector of sequence (1, batch_size, hidden_size)
        """
        if h is None:
            h = torch.zeros(1, x.shape[1], self.hidden_size)
        if c is None:
            c = torch.zeros(1, x.shape[1], self.hidden_size)
        h_seq = []
        for x_t in x:
            f, i, o, g = (self.gates_x(x_t) + self.gates_h(h)).chunk(4, dim=-1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * c
            h_seq.append(h)
        h_seq = torch.cat(h_seq, 0)
        return h_seq, (h, c)
