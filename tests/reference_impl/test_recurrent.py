from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from reference_impl.lstm import LSTMWeights, lstm
from reference_impl.rnn import RNNWeights, rnn

sys.path.insert(0, str(Path(__file__).parent))
from comparison import assert_matches_torch

T, N, D, H = 6, 3, 4, 5
TORCH_ORDER = "ifgo"


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("given", [True, False])
def test_rnn_matches_torch(activation: str, given: bool) -> None:
    def ours(x: Tensor, h: Tensor, w: Tensor, v: Tensor, b: Tensor) -> tuple[Tensor, ...]:
        start = h if given else None
        out, last = rnn(x, RNNWeights(w, v, b), start, activation)
        return out, last + 0 * h

    def theirs(x: Tensor, h: Tensor, w: Tensor, v: Tensor, b: Tensor) -> tuple[Tensor, ...]:
        call = torch._VF.rnn_tanh if activation == "tanh" else torch._VF.rnn_relu
        start = h if given else torch.zeros_like(h)
        out, last = call(x, start, [v, w, b, torch.zeros_like(b)], True, 1, 0.0, True, False, False)
        return out, last + 0 * h

    assert_matches_torch(ours, theirs, (T, N, D), (1, N, H), (H, H), (H, D), (H,))


def ours_lstm(
    x: Tensor, h: Tensor, c: Tensor, w: Tensor, v: Tensor, b: Tensor
) -> tuple[Tensor, ...]:
    def by_gate(stacked: Tensor) -> dict[str, Tensor]:
        return dict(zip(TORCH_ORDER, stacked.chunk(4), strict=True))

    out, (h, c) = lstm(x, LSTMWeights(by_gate(w), by_gate(v), by_gate(b)), h, c)
    return out, h, c


def torch_lstm(
    x: Tensor, h: Tensor, c: Tensor, w: Tensor, v: Tensor, b: Tensor
) -> tuple[Tensor, ...]:
    weights = [v, w, b, torch.zeros_like(b)]
    out, h, c = torch._VF.lstm(x, (h, c), weights, True, 1, 0.0, True, False, False)
    return out, h, c


LSTM_SHAPES = ((T, N, D), (1, N, H), (1, N, H), (4 * H, H), (4 * H, D), (4 * H,))


@pytest.mark.parametrize("seed", [0, 1])
def test_lstm_matches_torch(seed: int) -> None:
    assert_matches_torch(ours_lstm, torch_lstm, *LSTM_SHAPES, seed=seed)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_lstm_matches_torch_on_the_gpu() -> None:
    assert_matches_torch(ours_lstm, torch_lstm, *LSTM_SHAPES, device="cuda")


def test_the_harness_rejects_swapped_gates() -> None:
    def swapped(
        x: Tensor, h: Tensor, c: Tensor, w: Tensor, v: Tensor, b: Tensor
    ) -> tuple[Tensor, ...]:
        order = torch.arange(4 * H).reshape(4, H)[[2, 1, 0, 3]].reshape(-1)
        return ours_lstm(x, h, c, w[order], v[order], b[order])

    with pytest.raises(AssertionError):
        assert_matches_torch(swapped, torch_lstm, *LSTM_SHAPES)


def test_states_default_to_zeros() -> None:
    x = torch.randn(T, N, D, dtype=torch.float64)
    weights = RNNWeights(*(torch.randn(s, dtype=torch.float64) for s in ((H, H), (H, D), (H,))))
    zeros = torch.zeros(1, N, H, dtype=torch.float64)
    assert torch.equal(rnn(x, weights)[0], rnn(x, weights, zeros)[0])


def test_of_no_steps_the_last_state_is_the_given_one() -> None:
    x, h = torch.zeros(0, N, D), torch.rand(1, N, H)
    w, v, b = torch.rand(H, H), torch.rand(H, D), torch.rand(H)
    states, last = rnn(x, RNNWeights(w, v, b), h)
    assert states.shape == (0, N, H)
    assert torch.equal(last, h)
    gates = [dict.fromkeys(TORCH_ORDER, part) for part in (w, v, b)]
    states, (last, cell) = lstm(x, LSTMWeights(*gates), h, 2 * h)
    assert states.shape == (0, N, H)
    assert torch.equal(last, h)
    assert torch.equal(cell, 2 * h)


def test_unknown_activation_is_refused() -> None:
    weights = RNNWeights(torch.zeros(H, H), torch.zeros(H, D), torch.zeros(H))
    with pytest.raises(ValueError, match="tanh or relu"):
        rnn(torch.zeros(T, N, D), weights, activation="sigmoid")
