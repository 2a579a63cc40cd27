"""Parameter counts of fully connected and recurrent networks (lectures 3 and 11)."""

from __future__ import annotations

from itertools import pairwise

from question_bank.counts import not_negative, positive


def mlp_params(widths: tuple[int, ...], bias: bool = True) -> int:
    """Parameters of a fully connected network with these layer widths, input first; one bias per unit."""
    if len(widths) < 2:
        raise ValueError("a network has two layers or more, its input among them")
    for width in widths:
        positive(**{"a width": width})
    return sum((a + bool(bias)) * b for a, b in pairwise(widths))


def rnn_params(input_size: int, hidden_size: int, biases: int = 1) -> int:
    """Parameters of a simple RNN cell: hidden (input + hidden + biases); the course writes one bias."""
    positive(input_size=input_size, hidden_size=hidden_size)
    not_negative(biases=biases)
    return hidden_size * (input_size + hidden_size + biases)


def lstm_params(input_size: int, hidden_size: int, biases: int = 1) -> int:
    """Parameters of an LSTM cell: four times those of a simple RNN cell; the course writes one bias (PyTorch two)."""
    return 4 * rnn_params(input_size, hidden_size, biases)


def gru_params(input_size: int, hidden_size: int, biases: int = 1) -> int:
    """Parameters of a GRU cell: three times those of a simple RNN cell; one bias unless told otherwise."""
    return 3 * rnn_params(input_size, hidden_size, biases)
