"""GRU, classifiers, and what happens to the gradient on its way into the past."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from reference_impl.gru import GRUWeights, gru
from reference_impl.lstm import GATES, LSTMWeights, lstm, lstm_cell, stacked_lstm
from reference_impl.recurrent_classifier import LSTMClassifier, RNNClassifier
from reference_impl.recurrent_gradient import bound_on_gradient, gradient_steps
from reference_impl.rnn import RNNWeights, rnn, rnn_cell
from reference_impl.vanishing_gradient import (
    decay_per_step,
    lstm_cell_state,
    plot,
    scaled,
    simple_rnn,
)

sys.path.insert(0, str(Path(__file__).parent))
from comparison import assert_matches_torch

T, N, D, H = 6, 3, 4, 5


def drawn(*shape: int, seed: int = 0, scale: float = 1.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(shape, generator=generator, dtype=torch.float64)


def rnn_weights(scale: float = 0.5) -> RNNWeights:
    return RNNWeights(drawn(H, H, seed=1, scale=scale), drawn(H, D, seed=2), drawn(H, seed=3))


def lstm_weights() -> LSTMWeights:
    def tables(seed: int, *shape: int) -> dict[str, Tensor]:
        return {gate: drawn(*shape, seed=seed + n) for n, gate in enumerate(GATES)}

    return LSTMWeights(tables(10, H, H), tables(20, H, D), tables(30, H))


@pytest.mark.parametrize("seed", [0, 1])
def test_gru_matches_torch(seed: int) -> None:
    def ours(
        x: Tensor, h: Tensor, w: Tensor, v: Tensor, b: Tensor, c: Tensor
    ) -> tuple[Tensor, ...]:
        def by_gate(stacked: Tensor) -> dict[str, Tensor]:
            return dict(zip("rzn", stacked.chunk(3), strict=True))

        return gru(x, GRUWeights(by_gate(w), by_gate(v), by_gate(b), c), h)

    def theirs(
        x: Tensor, h: Tensor, w: Tensor, v: Tensor, b: Tensor, c: Tensor
    ) -> tuple[Tensor, ...]:
        inner = torch.cat([torch.zeros(2 * H, dtype=c.dtype), c])
        out, last = torch._VF.gru(x, h, [v, w, b, inner], True, 1, 0.0, True, False, False)
        return out, last

    shapes = ((T, N, D), (1, N, H), (3 * H, H), (3 * H, D), (3 * H,), (H,))
    assert_matches_torch(ours, theirs, *shapes, seed=seed)


def test_gru_starts_from_zeros() -> None:
    weights = GRUWeights(
        {g: drawn(H, H, seed=n) for n, g in enumerate("rzn")},
        {g: drawn(H, D, seed=n) for n, g in enumerate("rzn")},
        {g: drawn(H, seed=n) for n, g in enumerate("rzn")},
        drawn(H),
    )
    x = drawn(T, N, D)
    assert torch.equal(gru(x, weights)[0], gru(x, weights, x.new_zeros(1, N, H))[0])


def test_a_sequence_is_its_cells_one_after_another() -> None:
    x, weights = drawn(T, N, D), lstm_weights()
    h = c = x.new_zeros(N, H)
    for x_t, state in zip(x, lstm(x, weights)[0], strict=True):
        h, c = lstm_cell(x_t, h, c, weights)
        assert_close(state, h)
    h = x.new_zeros(N, H)
    for x_t, state in zip(x, rnn(x, rnn_weights())[0], strict=True):
        h = rnn_cell(x_t, h, rnn_weights())
        assert_close(state, h)


def test_without_gradients_an_lstm_gives_the_same() -> None:
    x, weights = drawn(T, N, D), lstm_weights()
    states, (last, cell) = lstm(x, weights)
    with torch.no_grad():
        plain, (plain_last, plain_cell) = lstm(x, weights)
    assert torch.equal(states, plain)
    assert torch.equal(last, plain_last)
    assert torch.equal(cell, plain_cell)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")  # torch's compiler, of torch
def test_torch_compile_takes_each_network_as_one_graph() -> None:
    """A break in the graph leaves the way back to eager code, which is three times slower."""
    weights, lstm_of_all = rnn_weights(), lstm_weights().stacked()
    wanted = [w.requires_grad_() for w in (weights.W, *lstm_of_all)]
    x = drawn(T, N, D)

    def both(x: Tensor) -> Tensor:
        return rnn(x, weights)[0].sum() + stacked_lstm(x, *lstm_of_all)[0].square().sum()

    compiled = torch.compile(both, fullgraph=True, backend="aot_eager")
    found, expected = (torch.autograd.grad(f(x), wanted) for f in (compiled, both))
    for ours, plain in zip(found, expected, strict=True):
        assert_close(ours, plain)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("tau", [0, 2, T - 1])
def test_gradient_step_by_step_equals_autograd(activation: str, tau: int) -> None:
    x, weights, start = drawn(T, D), rnn_weights(), drawn(H, seed=5)
    steps = gradient_steps(x, weights, tau, start, activation)
    for step in steps:

        def state(at_tau: Tensor, t: int = step.t) -> Tensor:
            changed = torch.cat([x[:tau], at_tau[None], x[tau + 1 :]])
            return rnn(changed[:, None], weights, start[None, None], activation)[0][t, 0]

        expected = torch.autograd.functional.jacobian(state, x[tau])
        assert_close(step.gradient, expected)
        assert_close(step.h, state(x[tau]))
        size = float(torch.linalg.matrix_norm(step.gradient, ord=2))
        assert size <= bound_on_gradient(weights, max(0, step.t - tau)) + 1e-12
    assert not any(step.gradient.any() for step in steps[:tau])


def test_the_slides_gradient_of_h3() -> None:
    """dh_3/dx_1 (steps counted from 1 there, from 0 here) written out, and not dh_3/dx_0."""
    x, weights = drawn(3, D), rnn_weights()
    steps = gradient_steps(x, weights, 0)
    through = [step.slope[:, None] * weights.W for step in steps]
    assert_close(steps[2].gradient, through[2] @ through[1] @ (steps[0].slope[:, None] * weights.V))


@pytest.mark.parametrize(("tau", "activation", "says"), [
    (T, "tanh", "steps 0 to 5"), (-1, "tanh", "steps 0 to 5"), (0, "sigmoid", "tanh or relu"),
])  # fmt: skip
def test_impossible_gradients_are_refused(tau: int, activation: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        gradient_steps(drawn(T, D), rnn_weights(), tau, activation=activation)
    with pytest.raises(ValueError, match="no later input"):
        bound_on_gradient(rnn_weights(), -1)


@pytest.mark.parametrize("radius", [0.5, 1.0, 1.5])
def test_the_gradient_of_a_linear_network_goes_as_the_spectral_radius(radius: float) -> None:
    """With relu and all states positive every slope is 1, and the factor is that of W alone."""
    W = scaled(drawn(H, H, seed=1).abs(), radius)
    weights = RNNWeights(W, drawn(H, D, seed=2), drawn(H, seed=3).abs() + 20)
    norms = simple_rnn(drawn(60, N, D, scale=0.1), weights, "relu")
    assert decay_per_step(norms) == pytest.approx(radius, rel=0.02)


def test_an_open_forget_gate_keeps_the_gradient_that_a_simple_network_loses() -> None:
    x = drawn(60, N, D)
    weights = lstm_weights()
    opened = LSTMWeights(
        {g: 0.1 * m for g, m in weights.W.items()}, weights.V, weights.b | {"f": drawn(H) + 6}
    )
    simple = RNNWeights(scaled(drawn(H, H, seed=1), 0.5), drawn(H, D, seed=2), drawn(H))
    assert decay_per_step(lstm_cell_state(x, opened)) > 0.85
    assert decay_per_step(simple_rnn(x, simple)) < 0.6


def test_what_cannot_be_measured_is_said() -> None:
    with pytest.raises(ValueError, match="all eigenvalues are 0"):
        scaled(torch.zeros(2, 2), 1.0)
    with pytest.raises(ValueError, match="fewer than two"):
        decay_per_step(torch.tensor([0.0, 0.0, 1.0]))


def test_the_plot_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "gradient.svg"
    plot({"simple RNN": simple_rnn(drawn(10, N, D), rnn_weights())}, path)
    assert "<svg" in path.read_text()


@pytest.mark.parametrize("network", [RNNClassifier, LSTMClassifier])
def test_classifiers_learn_and_read_every_row(network: type[torch.nn.Module]) -> None:
    torch.manual_seed(0)
    model = network(classes=3, input_size=D, hidden_size=16)
    x, y = drawn(T, 12, D).float(), torch.arange(12) % 3
    assert model(x).shape == (12, 3)
    inputs = x.clone().requires_grad_()
    model(inputs).sum().backward()
    assert inputs.grad is not None
    assert (inputs.grad.abs().sum(dim=(1, 2)) > 0).all(), "every row reaches the scores"
    assert all(p.grad is not None and p.grad.any() for p in model.parameters())
    step = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(60):
        step.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        step.step()
    assert (model(x).argmax(dim=1) == y).all()
