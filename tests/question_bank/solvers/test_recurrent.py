"""The recurrent cells' closed forms against torch's cells, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from question_bank.solvers.recurrent import lstm_step, rnn_states, rnn_step


def _tuples(array):
    return tuple(map(_tuples, array)) if array.ndim else float(array)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("seed", range(5))
def test_states_are_those_of_torch(seed, activation):
    random = np.random.default_rng(seed)
    W, V, b = random.normal(size=(3, 3)), random.normal(size=(3, 2)), random.normal(size=3)
    inputs, start = random.normal(size=(4, 2)), random.normal(size=3)
    network = torch.nn.RNN(2, 3, nonlinearity=activation, dtype=torch.float64)
    with torch.no_grad():
        for of, value in zip(network.parameters(), (V, W, b, np.zeros(3)), strict=True):
            of.copy_(torch.tensor(value))
        expected = network(torch.tensor(inputs), torch.tensor(start)[None])[0].numpy()
    states = rnn_states(*map(_tuples, (inputs, start, W, V, b)), activation)
    np.testing.assert_allclose(states, expected, rtol=1e-12)
    assert rnn_step(*map(_tuples, (inputs[0], start, W, V, b)), activation) == states[0]


@pytest.mark.parametrize("seed", range(5))
def test_an_lstm_step_is_that_of_torch(seed):
    random = np.random.default_rng(seed)
    W, V = random.normal(size=(4, 3, 3)), random.normal(size=(4, 3, 2))
    b, x = random.normal(size=(4, 3)), random.normal(size=2)
    h, c = random.normal(size=(2, 3))
    cell = torch.nn.LSTMCell(2, 3, dtype=torch.float64)
    torch_order = [1, 0, 3, 2]  # torch stacks i, f, g, o; ours are f, i, o, g
    with torch.no_grad():
        for of, value in zip(cell.parameters(), (V, W, b, 0 * b), strict=True):
            of.copy_(torch.tensor(value[torch_order].reshape(of.shape)))
        expected = cell(torch.tensor(x), (torch.tensor(h), torch.tensor(c)))
    found = lstm_step(*map(_tuples, (x, h, c, W, V, b)))
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-12)


def test_numbers_stand_for_vectors_with_one_entry_and_stay_exact():
    assert rnn_states((1, -3, 2), 0, 2, 3, 1, "relu") == (4, 0, 7)
    assert rnn_step((2,), (1,), ((1,),), ((1,),), (0,), "identity") == (3,)
    h, c = lstm_step(0, 0, 4, (0,) * 4, (0,) * 4, (0,) * 4)
    assert c == 2
    assert h == pytest.approx(0.5 * np.tanh(2))


def test_what_is_no_cell_is_refused():
    with pytest.raises(ValueError, match="elu"):
        rnn_step(1, 0, 1, 1, 0, "elu")
    with pytest.raises(ValueError, match="4 entries"):
        lstm_step(1, 0, 0, (1, 1, 1), (1,) * 4, (0,) * 4)
    with pytest.raises(ValueError):
        rnn_step((1, 2), (0,), ((1,),), ((1,),), (0,))
