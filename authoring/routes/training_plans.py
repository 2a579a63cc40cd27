"""Lecture 6 by the clock: searches and trainings run step by step, torch's schedulers, losses read at one time."""

from __future__ import annotations

import heapq
import itertools
import math
from functools import cache
from typing import Any


def hours_of_a_queue(sizes: Any, seeds: int, machines: int, minutes: int) -> float:
    """Hours until the last training of a grid search ends, by giving each training to the machine that is free first."""
    free = [0] * machines
    for _ in itertools.product(*(range(size) for size in (*sizes, seeds))):
        heapq.heapreplace(free, free[0] + minutes)
    return max(free) / 60


def epochs_of_halving(settings: int, factor: int, first: int) -> list[int]:
    """[epochs run, epochs without dropping] of a search that keeps the best 1 / factor, one epoch at a time."""
    trained = dict.fromkeys(range(settings), 0)
    alive, until, run = list(trained), first, 0
    while True:
        for setting in alive:
            while trained[setting] < until:
                trained[setting] += 1
                run += 1
        if len(alive) == 1:
            return [run, settings * trained[alive[0]]]
        alive, until = alive[: len(alive) // factor], until * factor


def constant_prediction_by_training(counts: Any) -> list[float]:
    """[loss at zero scores, lowest loss, accuracy] in bits, by torch's cross-entropy and Newton steps on the biases."""
    import torch

    shares = torch.tensor([float(c) for c in counts], dtype=torch.float64)
    shares = shares / shares.sum()
    scores = torch.zeros(len(counts), dtype=torch.float64, requires_grad=True)

    def loss() -> Any:
        return torch.nn.functional.cross_entropy(scores.unsqueeze(0), shares.unsqueeze(0))

    first = float(loss().detach())
    optimiser = torch.optim.LBFGS(
        [scores], max_iter=500, tolerance_grad=1e-12, tolerance_change=1e-16
    )

    def closure() -> Any:
        optimiser.zero_grad()
        value = loss()
        value.backward()
        return value

    optimiser.step(closure)
    best = float(loss().detach())
    accuracy = float(shares[int(scores.detach().argmax())])
    return [round(v, 9) for v in (first / math.log(2), best / math.log(2), accuracy)]


def losses_at_epoch_end(training: Any, validation: Any, epoch: int) -> list[float]:
    """[training loss at the end of an epoch, validation loss minus it], by numpy's interpolation of the middles."""
    import numpy as np

    middles = np.arange(len(training)) + 0.5
    at_end = float(np.interp(epoch, middles, [float(v) for v in training]))
    return [at_end, float(validation[epoch - 1]) - at_end]


def gaps_of_a_chain(errors: Any) -> list[float]:
    """The differences from each error of a chain to the next."""
    import numpy as np

    return [float(v) for v in np.diff([float(e) for e in errors])]


def order_of_passes(
    places: Any,
    samples: int,
    batch: int,
    updates: int,
    few: int,
    rates: int,
    search: Any,
    final: int,
) -> list[int]:
    """The numbers of five steps by the samples that pass through the network, counted batch by batch."""
    from torch.utils.data import BatchSampler

    @cache
    def epoch(count: int) -> int:
        return sum(len(rows) for rows in BatchSampler(range(count), batch, drop_last=False))

    settings, epochs = search
    passes = {
        0: batch,
        1: sum(few for _ in range(updates)),
        2: sum(epoch(samples) for _ in range(rates)),
        3: sum(epoch(samples // 10) for _ in range(settings * epochs)),
        4: sum(epoch(samples) for _ in range(final)),
    }
    numbered = [(passes[step], number) for number, step in enumerate(places, 1)]
    return [number for _, number in sorted(numbered)]


def epochs_by_the_clock(
    samples: int, batch: int, update: Any, validation: Any, minutes: int
) -> int:
    """Epochs that are completed in time, by letting the clock run update by update (in tenths of seconds)."""
    clock, limit, epochs = 0, minutes * 600, 0
    while True:
        for _ in range(0, samples, batch):
            clock += round(10 * float(update))
        clock += round(10 * float(validation))
        if clock > limit:
            return epochs
        epochs += 1


def stop_with_smallest_improvement(errors: Any, patience: int, smallest: Any) -> list[int]:
    """[last epoch, kept epoch], by looking ahead from each epoch that counts to the next one."""
    values = [float(v) for v in errors]
    counted = 0
    while True:
        later = [
            e for e in range(counted + 1, len(values)) if values[e] <= values[counted] - smallest
        ]
        if not later or later[0] > counted + patience:
            return [counted + patience + 1, counted + 1]
        counted = later[0]


def torch_warmup_cosine(peak: Any, warm: int, decay: int, early: int, target: Any) -> list[float]:
    """[rate in an early epoch, first later epoch with the target], from torch's schedulers in sequence."""
    import torch

    schedulers = torch.optim.lr_scheduler
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=float(peak))
    scheduler = schedulers.SequentialLR(
        optimiser,
        [
            schedulers.LambdaLR(optimiser, lambda e: e / warm),
            schedulers.CosineAnnealingLR(optimiser, decay),
        ],
        milestones=[warm],
    )
    rates = []
    for _ in range(warm + decay + 1):
        rates.append(float(optimiser.param_groups[0]["lr"]))
        optimiser.step()
        scheduler.step()
    reached = [
        e for e in range(warm, len(rates)) if math.isclose(rates[e], float(target), rel_tol=1e-9)
    ]
    if len(reached) != 1:
        raise ValueError(f"the target is met in the epochs {reached}")
    return [rates[early], float(reached[0])]


def graphs_of_schedulers(panels: Any, formulas: Any, every: int, scale: int) -> list[int]:
    """The number of the drawn graph that lies closest to each of torch's schedulers.

    Formulas: 0 exponential, 1 step, 2 cosine, 3 linear, 4 inverse, 5 warm-up.
    """
    import numpy as np
    import torch

    schedulers = torch.optim.lr_scheduler
    made: dict[int, Any] = {
        0: lambda o: schedulers.ExponentialLR(o, math.exp(-1 / scale)),
        1: lambda o: schedulers.StepLR(o, every, 0.5),
        2: lambda o: schedulers.CosineAnnealingLR(o, 100),
        3: lambda o: schedulers.LinearLR(o, 1.0, 0.0, 100),
        4: lambda o: schedulers.LambdaLR(o, lambda e: 1 / (1 + e / scale)),
        5: lambda o: schedulers.LambdaLR(o, lambda e: min(1.0, e / scale)),
    }
    epochs = np.arange(100)
    drawn = [
        np.interp(epochs, [float(p[0]) for p in panel], [float(p[1]) for p in panel])
        for panel in panels
    ]
    found = []
    for formula in formulas:
        optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        scheduler = made[int(formula)](optimiser)
        rates = []
        for _ in epochs:
            rates.append(float(optimiser.param_groups[0]["lr"]))
            optimiser.step()
            scheduler.step()
        distances = [float(np.abs(graph - np.array(rates)).max()) for graph in drawn]
        if min(distances) > 0.03:
            raise ValueError("no graph shows this schedule")
        found.append(int(np.argmin(distances)) + 1)
    return found


def grid_by_listing(values: int, machines: int, minutes: int) -> list[float]:
    """[trainings, hours] of a grid over three hyperparameters, by running all machines until the list is empty."""
    waiting = list(itertools.product(range(values), repeat=3))
    trainings, clock = len(waiting), 0
    while waiting:
        del waiting[:machines]
        clock += minutes
    return [trainings, clock / 60]


def learning_rates_tried(values: int) -> list[int]:
    """[grid, random search]: different first hyperparameters among as many trainings, counted in sets."""
    import numpy as np

    grid = list(itertools.product(range(values), repeat=3))
    drawn = np.random.default_rng(0).random((len(grid), 3))
    return [len({point[0] for point in grid}), len(set(drawn[:, 0].tolist()))]


def expected_in_decades(values: int, low: int, high: int, wide: int) -> float:
    """The expected number among values^3 log-uniform draws in the highest decades, by scipy's distribution."""
    from scipy.stats import loguniform

    law = loguniform(10.0**low, 10.0**high)
    share = float(law.sf(10.0 ** (high - wide)))
    return round(share * len(list(itertools.product(range(values), repeat=3))), 9)


def decade_of_the_best(points: Any) -> list[int]:
    """[k, k + 1] of the decade with the four highest points; ValueError where they lie in several."""
    import numpy as np

    xs, ys = np.array([[float(v) for v in point] for point in points]).T
    decades = {int(np.floor(x)) for x in xs[np.argsort(ys)[-4:]]}
    if len(decades) != 1:
        raise ValueError("the best trainings lie in several decades")
    (decade,) = decades
    return [decade, decade + 1]


def chance_of_no_hit(decades: int, divisor: int, first: int) -> float:
    """The share of all sequences of equally likely cells without the one good cell, by listing them."""
    cells = list(itertools.product(range(decades), range(divisor)))
    sequences = list(itertools.product(cells, repeat=first))
    return sum((0, 0) not in sequence for sequence in sequences) / len(sequences)


def numpy_root_law(validation: Any) -> list[float]:
    """[limit, factor] of limit + factor / sqrt(n), by least squares on all four errors at n = 1, 4, 9, 16."""
    import numpy as np

    n = np.array([1.0, 4.0, 9.0, 16.0])
    design = np.stack([np.ones(4), 1 / np.sqrt(n)], axis=1)
    found = np.linalg.lstsq(design, np.array([float(v) for v in validation]), rcond=None)[0]
    return [round(float(v), 9) for v in found]


def samples_by_scanning(validation: Any, target: Any) -> int:
    """The first whole number of thousands at which the fitted law is down at the target."""
    limit, factor = numpy_root_law(validation)
    for n in range(1, 1000):
        if limit + factor / math.sqrt(n) <= float(target) + 1e-9:
            return n
    raise ValueError("the target is not reached")


def price_of_missing(validation: Any, target: Any, cents: int) -> float:
    """Euros for the samples beyond 16 thousand, one thousand after the other."""
    missing = range(16, samples_by_scanning(validation, target))
    return sum(1000 * cents for _ in missing) / 100


_RIGHT_SCRIPT = """\
model = Sequential(Linear(784, 64), ReLU(), Dropout(), Linear(64, 10))
loss_fn = CrossEntropyLoss()
optimizer = SGD(model.parameters(), lr=0.1)
train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
val_loader = DataLoader(val_set, batch_size=64)
best = 0
for epoch in range(50):
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
    model.eval()
    right, total = 0, 0
    with no_grad():
        for x, y in val_loader:
            right += (model(x).argmax(1) == y).sum()
            total += len(y)
    accuracy = right / total
    if accuracy > best:
        best = accuracy
        save(model)
"""


def lines_that_differ(script: Any) -> list[int]:
    """The numbers of the lines that are not those of a right script, which runs, or stand in another place."""
    import difflib

    right = _RIGHT_SCRIPT.splitlines()
    compile(_RIGHT_SCRIPT, "right", "exec")
    compile("\n".join(script), "printed", "exec")
    matcher = difflib.SequenceMatcher(None, right, list(script), autojunk=False)
    kept = {b + k for _, b, size in matcher.get_matching_blocks() for k in range(size)}
    return [number for number in range(1, len(script) + 1) if number - 1 not in kept]


def torch_lowest_double_softmax(classes: int) -> float:
    """Torch's cross-entropy on the softmax of scores of which the true one is very large."""
    import torch

    scores = torch.zeros(1, classes, dtype=torch.float64)
    scores[0, 1] = 200.0
    target = torch.tensor([1])
    return float(torch.nn.functional.cross_entropy(torch.softmax(scores, 1), target))


def batches_of_an_epoch(samples: int, batch: int) -> int:
    """The number of batches that torch's DataLoader gives."""
    import torch
    from torch.utils.data import DataLoader

    return len(list(DataLoader(torch.utils.data.TensorDataset(torch.zeros(samples)), batch)))


def torch_summed_gradients(samples: int, batch: int) -> float:
    """How many times as far torch's SGD moves a weight in an epoch without zero_grad, with one gradient throughout."""
    import torch

    def moved(zeroed: bool) -> float:
        weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        optimiser = torch.optim.SGD([weight], lr=0.25)
        for _ in range(batches_of_an_epoch(samples, batch)):
            if zeroed:
                optimiser.zero_grad()
            (3 * weight).sum().backward()
            optimiser.step()
        return float(weight.detach())

    return moved(False) / moved(True)


def torch_restarted_cosine(peak: Any, cycle: int, epoch: int) -> float:
    """The learning rate of torch's CosineAnnealingWarmRestarts in an epoch."""
    import torch

    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=float(peak))
    scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimiser, cycle)
    for _ in range(epoch):
        optimiser.step()
        scheduler.step()
    return float(optimiser.param_groups[0]["lr"])


def wrong_by_rounding(probabilities: Any, labels: Any) -> list[int]:
    """Wrong predictions of each row of percentages, by rounding to 0 or 1."""
    import numpy as np

    rows = np.array([[float(v) for v in row] for row in probabilities]) / 100
    wrong = np.rint(rows) != np.array([int(y) for y in labels])
    return [int(v) for v in wrong.sum(axis=1)]


def numpy_mean_rows(probabilities: Any) -> list[float]:
    """The mean of the rows of percentages, as probabilities."""
    import numpy as np

    rows = np.array([[float(v) for v in row] for row in probabilities])
    return [float(v) for v in rows.mean(axis=0) / 100]


def wrong_of_the_mean(probabilities: Any, labels: Any) -> int:
    """Wrong predictions of the mean of the rows, by the larger of two class probabilities."""
    import numpy as np

    ones = np.array(numpy_mean_rows(probabilities))
    predicted = np.stack([1 - ones, ones]).argmax(axis=0)
    return int((predicted != np.array([int(y) for y in labels])).sum())


def hours_of_further_trainings(cycle: int, minutes: int) -> float:
    """Hours of three long trainings minus those of one, each run epoch by epoch."""
    one = sum(minutes for _ in range(3) for _ in range(cycle))
    three = sum(one for _ in range(3))
    return (three - one) / 60
