"""Classifying images row by row: a recurrent network and one linear layer on its last state.

Axes:  T  rows of the image (28)      N  images      I  pixels of a row (28)      H  hidden units

    h_seq, h = RNN(x)            x (T, N, I): step t reads row t of every image
    scores   = h W^T + b         (N, classes), from the last state, which has seen all rows

The scores go to the loss as they are: cross entropy applies the softmax itself, and a second one
(as on the slide's LSTM_Classifier) only flattens its gradient. The slide also initialises
`self.RNN` in LSTM_Classifier, an attribute that does not exist there.

Source: exercise 3; lecture 11.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from reference_impl.lstm import stacked_lstm
from reference_impl.lstm_through_time import STACKED
from reference_impl.rnn import RNNWeights, rnn


def _uniform(*shape: int, bound: float) -> nn.Parameter:
    return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))


class RNNClassifier(nn.Module):
    """Simple RNN and a linear layer: x (T, N, input_size) -> scores (N, classes)."""

    def __init__(
        self,
        classes: int = 10,
        input_size: int = 28,
        hidden_size: int = 128,
        activation: str = "relu",
    ) -> None:
        super().__init__()
        self.activation = activation
        bound = hidden_size**-0.5  # as torch.nn.RNN starts
        self.V = _uniform(hidden_size, input_size, bound=bound)
        self.b = nn.Parameter(torch.zeros(hidden_size))
        # With relu an orthogonal W keeps the length of the state over the 28 steps.
        self.W = nn.Parameter(nn.init.orthogonal_(torch.empty(hidden_size, hidden_size)))
        self.output = nn.Linear(hidden_size, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, classes) of the sequences x (T, N, I)."""
        _, last = rnn(x, RNNWeights(self.W, self.V, self.b), activation=self.activation)
        scores: Tensor = self.output(last[0])
        return scores


class LSTMClassifier(nn.Module):
    """LSTM and a linear layer: x (T, N, input_size) -> scores (N, classes)."""

    def __init__(self, classes: int = 10, input_size: int = 28, hidden_size: int = 128) -> None:
        super().__init__()
        bound = hidden_size**-0.5
        self.W = _uniform(4 * hidden_size, hidden_size, bound=bound)
        self.V = _uniform(4 * hidden_size, input_size, bound=bound)
        bias = torch.zeros(4 * hidden_size)
        forget = STACKED.index("f")
        bias[forget * hidden_size : (forget + 1) * hidden_size] = 1  # starts open: the past is kept
        self.b = nn.Parameter(bias)
        self.output = nn.Linear(hidden_size, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, classes) of the sequences x (T, N, I)."""
        _, (last, _) = stacked_lstm(x, self.W, self.V, self.b)
        scores: Tensor = self.output(last[0])
        return scores
