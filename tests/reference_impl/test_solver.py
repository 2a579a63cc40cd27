from __future__ import annotations

import copy
import math

import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close
from torch.utils.data import DataLoader, TensorDataset

from reference_impl.overfitting import overfit_small_set
from reference_impl.solver import Solver, right_labels


def data(n: int = 48, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Three classes, told by which of three numbers is the largest."""
    x = torch.randn(n, 3, generator=torch.Generator().manual_seed(seed))
    return x, x.argmax(dim=1)


def batches(x: Tensor, y: Tensor, size: int) -> DataLoader[tuple[Tensor, ...]]:
    return DataLoader(TensorDataset(x, y), batch_size=size)


def net(*, dropout: float = 0.0) -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(3, 16), nn.Dropout(dropout), nn.ReLU(), nn.Linear(16, 3))


def test_histories_are_those_of_a_plain_loop() -> None:
    x, y = data()
    validation = data(20, seed=1)
    model, by_hand = net(), net()
    solver = Solver(torch.optim.SGD, {"lr": 0.3, "momentum": 0.5})
    solver.train(model, batches(x, y, 20), batches(*validation, 7), num_epochs=3)

    optimiser = torch.optim.SGD(by_hand.parameters(), lr=0.3, momentum=0.5)
    losses, train_accuracy, accuracy, val_loss = [], [], [], []
    for _ in range(3):
        right = 0
        for rows in (slice(0, 20), slice(20, 40), slice(40, 48)):
            scores = by_hand(x[rows])
            loss = nn.functional.cross_entropy(scores, y[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
            right += int((scores.argmax(1) == y[rows]).sum())
        train_accuracy.append(right / 48)
        with torch.no_grad():
            scores = by_hand(validation[0])
        accuracy.append(float((scores.argmax(1) == validation[1]).float().mean()))
        val_loss.append(nn.functional.cross_entropy(scores, validation[1]).item())

    assert solver.train_loss_history == pytest.approx(losses, rel=1e-6)
    assert solver.train_acc_history == pytest.approx(train_accuracy)
    assert solver.val_acc_history == pytest.approx(accuracy)
    assert solver.val_loss_history == pytest.approx(val_loss, rel=1e-6)
    for found, expected in zip(model.parameters(), by_hand.parameters(), strict=True):
        assert_close(found, expected)


def test_it_learns() -> None:
    x, y = data(300)
    solver = Solver(optim_args={"lr": 1e-2})
    solver.train(net(), batches(x, y, 30), batches(*data(100, seed=1), 50), num_epochs=15)
    assert solver.val_acc_history[-1] > 0.9
    assert solver.train_loss_history[-1] < 0.3 * solver.train_loss_history[0]
    assert (len(solver.train_loss_history), len(solver.train_acc_history)) == (150, 15)


def test_dropout_is_on_in_training_and_off_in_validation() -> None:
    modes: list[tuple[bool, bool]] = []

    class Watched(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            modes.append((self.training, torch.is_grad_enabled()))
            return super().forward(x)

    x, y = data(4)
    model = Watched(3, 3)
    Solver().train(model, batches(x, y, 2), batches(x, y, 4), num_epochs=2)
    assert modes == [(True, True), (True, True), (False, False)] * 2
    assert model.training


def test_training_again_begins_new_histories() -> None:
    x, y = data(4)
    solver = Solver()
    for _ in range(2):
        solver.train(net(), batches(x, y, 2), batches(x, y, 4), num_epochs=1)
    assert len(solver.train_loss_history) == 2
    assert len(solver.val_acc_history) == 1


def test_the_log() -> None:
    x, y = data(6)
    lines: list[str] = []
    Solver().train(net(), batches(x, y, 2), batches(x, y, 6), 1, log_nth=2, log=lines.append)
    assert [line.split(":")[0] for line in lines] == ["update 2", "epoch 1 of 1"]
    lines.clear()
    Solver().train(net(), batches(x, y, 2), batches(x, y, 6), 1, log=lines.append)
    assert lines == []


def test_unlabelled_pixels_do_not_count() -> None:
    scores = torch.zeros(1, 2, 1, 4)
    scores[0, 1, 0, :2] = 1.0
    labels = torch.tensor([[[1, 0, 0, -1]]])
    assert right_labels(scores, labels) == (2.0, 3)


def test_keypoints_need_a_score_of_their_own() -> None:
    x = torch.randn(6, 3)
    y = x @ torch.randn(3, 2)
    loader = batches(x, y, 3)
    with pytest.raises(ValueError, match="score function"):
        Solver(loss_func=nn.MSELoss()).train(nn.Linear(3, 2), loader, loader, 1)

    def near(outputs: Tensor, labels: Tensor) -> tuple[float, int]:
        return float(((outputs - labels).abs() < 0.1).all(dim=1).sum()), len(labels)

    solver = Solver(torch.optim.SGD, {"lr": 0.2}, nn.MSELoss(), near)
    solver.train(nn.Linear(3, 2), loader, loader, 200)
    assert solver.val_acc_history[-1] == 1


def test_no_data_are_an_error() -> None:
    x, y = data(4)
    full = batches(x, y, 2)
    with pytest.raises(ValueError, match="no batch of training"):
        Solver().train(net(), [], full, 1)
    with pytest.raises(ValueError, match="no batch of validation"):
        Solver().train(net(), full, [], 1)


def test_a_sound_model_learns_a_few_examples_by_heart() -> None:
    x, y = torch.randn(8, 3, generator=torch.Generator().manual_seed(4)), torch.arange(8) % 3
    model = net()
    before = copy.deepcopy(model.state_dict())
    report = overfit_small_set(model, x, y, optim_args={"lr": 3e-2})
    assert report.learnt
    assert report.accuracy == 1
    assert report.losses[-1] <= 0.01 < report.losses[-2]
    assert report.updates == len(report.losses) - 1 < 500
    assert report.without_gradient == ()
    assert str(report).startswith("Learnt by heart: 8 examples, loss 1.")
    # The model itself was only looked at.
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


class Cut(nn.Module):
    """A net whose first layer gets no gradient, because its output was detached."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(3, 1), nn.Linear(1, 3)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.second(torch.relu(self.first(x).detach()))
        return scores


def test_a_cut_gradient_is_named() -> None:
    torch.manual_seed(0)
    report = overfit_small_set(Cut(), torch.randn(8, 3), torch.arange(8) % 3, updates=50)
    assert not report.learnt
    assert report.without_gradient == ("first.weight", "first.bias")
    assert "No gradient ever reached: first.weight, first.bias." in str(report)


def test_units_that_are_dead_are_named() -> None:
    model = net()
    torch.nn.init.constant_(model[0].bias, -100.0)
    report = overfit_small_set(model, torch.randn(8, 3), torch.arange(8) % 3, updates=20)
    # Their gradients exist, but are 0, and with them those of the weights on their outputs.
    assert report.without_gradient == ("0.weight", "0.bias", "3.weight")


@pytest.mark.parametrize(
    ("rate", "says"),
    [(1e-9, "hardly moved"), (1e30, "finite|rose"), (2e-3, "The loss fell, but not to 0.01")],
)
def test_what_went_wrong_is_told(rate: float, says: str) -> None:
    x, y = torch.randn(8, 3, generator=torch.Generator().manual_seed(4)), torch.arange(8) % 3
    report = overfit_small_set(net(), x, y, optim_args={"lr": rate}, updates=60)
    assert not report.learnt
    assert str(report).startswith("NOT learnt by heart")
    assert any(part in str(report) for part in says.split("|"))


def test_a_loss_that_is_not_finite_ends_the_check() -> None:
    x, y = torch.full((2, 3), math.nan), torch.tensor([0, 1])
    report = overfit_small_set(net(), x, y)
    assert report.updates == 0
    assert "no longer finite" in str(report)


def test_regression_has_no_accuracy() -> None:
    x = torch.randn(4, 3, generator=torch.Generator().manual_seed(5))
    report = overfit_small_set(
        net(), x, x**2, loss_func=nn.MSELoss(), score=None, optim_args={"lr": 2e-2}
    )
    assert report.learnt
    assert report.accuracy is None
    assert "accuracy" not in str(report)


@pytest.mark.gpu
def test_data_follow_the_model_to_the_gpu() -> None:
    x, y = data(8)
    solver = Solver()
    solver.train(net().to("cuda"), batches(x, y, 4), batches(x, y, 4), 1)
    assert len(solver.train_loss_history) == 2
    assert overfit_small_set(net().to("cuda"), x, y, updates=1).updates == 1
