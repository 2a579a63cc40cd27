"""Minibatch gradients, running moments and optimiser states (lecture 5) by torch, enumeration and simulation."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any


def torch_moments_kept(names: Any, claims: Any) -> list[bool]:
    """Whether torch's optimisers keep what is claimed: 0 nothing, 1 a first moment, 2 a second one, 3 both.

    A state that changes its sign with the gradient is a first moment; one that does not is a second one.
    """
    return [_kept(name) == claim for name, claim in zip(names, claims, strict=True)]


@lru_cache(maxsize=8)
def _kept(name: str) -> int:
    up, down = _state_after(name, 3.0), _state_after(name, -3.0)
    found = 0
    for key, value in up.items():
        if value == -down[key]:
            found |= 1
        elif value == down[key]:
            found |= 2
        else:
            raise ValueError(f"{key} is no moment")
    return found


def _makers() -> dict[str, Callable[[Any], Any]]:
    import torch

    optim = torch.optim
    return {
        "sgd": lambda p: optim.SGD(p, lr=0.1),
        "momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
        "nesterov": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
        "rmsprop": lambda p: optim.RMSprop(p, lr=0.1),
        "adam": lambda p: optim.Adam(p, lr=0.1),
    }


def _state_after(name: str, gradient: float) -> dict[str, float]:
    """What an optimiser keeps for a weight after a step, without its count of steps."""
    import torch

    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = _makers()[name]([theta])
    theta.grad = torch.tensor([gradient], dtype=torch.float64)
    optimiser.step()
    state = optimiser.state[theta]
    return {k: float(v) for k, v in state.items() if k != "step" and v is not None}


def torch_training_bytes(name: str, weights: Any, size: int) -> float:
    """Bytes of weights, gradients and states of a small layer under torch's optimiser, scaled to so many weights."""
    import torch

    layer = torch.nn.Linear(7, 5, dtype={2: torch.float16, 4: torch.float32}[size])
    held = sum(p.numel() for p in layer.parameters())
    optimiser = _makers()[name](list(layer.parameters()))
    for p in layer.parameters():
        p.grad = torch.ones_like(p)
    optimiser.step()
    tensors = [t for p in layer.parameters() for t in (p, p.grad)]
    for state in optimiser.state.values():
        tensors += [v for k, v in state.items() if k != "step" and v is not None]
    total = sum(t.numel() * t.element_size() for t in tensors if t is not None)
    return float(weights) * total / held


def batch_size_claims(
    sizes: Any, points: Any, named: int, said: int, noise: Any, memory: Any, updates: Any
) -> list[bool]:
    """The statements on three batch sizes: roughness of the drawn curves; sampling and counting for the rest."""
    rough = [sum(abs(b[1] - a[1]) for a, b in itertools.pairwise(curve)) for curve in points]
    rank = sorted(rough, reverse=True).index(rough[named])
    small, large = sizes[0], sizes[2]
    return [
        rank == said,
        math.isclose(_spread(small) / _spread(large), float(noise), rel_tol=0.1),
        math.isclose(_activations(large) / _activations(small), float(memory)),
        math.isclose(_updates(large) / _updates(small), float(updates)),
    ]


@lru_cache(maxsize=32)
def _spread(batch: int) -> float:
    """The standard deviation of means of random samples, by drawing them."""
    import numpy as np

    rng = np.random.default_rng(5)
    values = rng.normal(3.0, 2.0, size=1000)
    return float(rng.choice(values, size=(6000, batch)).mean(axis=1).std())


@lru_cache(maxsize=32)
def _activations(batch: int) -> int:
    """Numbers that torch keeps for the backward pass of a small network, without its weights."""
    import torch

    net = torch.nn.Sequential(torch.nn.Linear(6, 9), torch.nn.Tanh(), torch.nn.Linear(9, 2))
    kept: dict[int, int] = {}

    def pack(t: Any) -> Any:
        if not isinstance(t, torch.nn.Parameter) and t.shape[0] == batch:
            kept[t.data_ptr()] = t.numel()
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        net(torch.randn(batch, 6, requires_grad=True))
    return sum(kept.values())


@lru_cache(maxsize=32)
def _updates(batch: int) -> int:
    from torch.utils.data import BatchSampler

    return sum(1 for _ in BatchSampler(range(2048), batch, drop_last=False))


def optimiser_code_claims(
    variant: int, beta1: Any, beta2: Any, claimed: Any, times: int, settled: int, count: int
) -> list[bool]:
    """The statements on a variant of Adam's code, by running it."""
    step = _coded(variant, float(beta1), float(beta2))
    firsts = [abs(step([g])[0]) for g in (-3.0, 0.5, 7.0)]
    lasts = [abs(step([g] * 200_000)[0]) for g in (-3.0, 0.5)]
    ends = all(math.isclose(x, 1.0, rel_tol=1e-3) for x in lasts)
    return [
        all(math.isclose(x, float(claimed), rel_tol=1e-9) for x in firsts),
        math.isclose(step([5.0])[0], step([5.0 * times])[0]),
        ends == (settled == 1),
        # Two numbers carry over a step: the moments are all that the next call is given.
        count == step([1.0])[1],
    ]


@lru_cache(maxsize=64)
def _coded(variant: int, b1: float, b2: float) -> Callable[[list[float]], tuple[float, int]]:
    @lru_cache(maxsize=64)
    def run(first: float, steps: int) -> tuple[float, int]:
        state, moved = (0.0, 0.0), 0.0
        for t in range(1, steps + 1):
            m = b1 * state[0] + (1 - b1) * first
            s = b2 * state[1] + (1 - b2) * first**2
            m_hat = m if variant == 1 else m / (1 - b1**t)
            s_hat = s if variant in (1, 2) else s / (1 - b2**t)
            moved = m_hat / (s_hat if variant == 3 else math.sqrt(s_hat))
            state = (m, s)
        return moved, len(state)

    return lambda gradients: run(gradients[0], len(gradients))


def torch_training_megabytes(name: str, millions: Any, size: int) -> float:
    """Megabytes of weights, gradients and states under torch's optimiser."""
    return torch_training_bytes(name, millions, size)


def torch_rmsprop(theta: Any, square: Any, gradient: Any, rate: Any, decay: Any) -> list[float]:
    """The weights after a step of torch's RMSprop (epsilon 0) that continues with the given averages."""
    import torch

    start = torch.tensor([float(x) for x in theta], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.RMSprop([start], lr=float(rate), alpha=float(decay), eps=0.0)
    start.grad = torch.zeros_like(start) + 1.0
    optimiser.step()
    with torch.no_grad():
        start.copy_(torch.tensor([float(x) for x in theta], dtype=torch.float64))
        kept = torch.tensor([float(x) for x in square], dtype=torch.float64)
        optimiser.state[start]["square_avg"].copy_(kept)
    start.grad = torch.tensor([float(x) for x in gradient], dtype=torch.float64)
    optimiser.step()
    return [float(x) for x in start.detach()]


def torch_gradient_behind(moment: Any, beta: Any, steps: int) -> float:
    """The constant gradient under which torch's Adam has this first moment: by its answer to the gradient 1."""
    import torch

    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([theta], lr=0.1, betas=(float(beta), 0.99))
    for _ in range(steps):
        theta.grad = torch.ones(1, dtype=torch.float64)
        optimiser.step()
    return float(f"{float(moment) / float(optimiser.state[theta]['exp_avg']):.9g}")


def every_minibatch(gradients: Any, batch: int) -> list[float]:
    """(mean, standard deviation) of the minibatch gradient over all equally likely minibatches."""
    import numpy as np

    values = np.array([float(g) for g in gradients])
    sums = np.zeros(1)
    for _ in range(batch):
        sums = (sums[:, None] + values[None, :]).ravel()
    means = sums / batch
    return [float(f"{means.mean():.9g}"), float(f"{means.std():.9g}")]


def torch_coasting(slope: Any, rate: Any, beta: Any, edge: Any) -> float:
    """Where torch's SGD with momentum comes to rest when the gradient vanishes after a long slope."""
    import torch

    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([theta], lr=float(rate), momentum=float(beta))
    for gradient in (float(slope), 0.0):
        if gradient == 0:
            with torch.no_grad():
                theta.fill_(float(edge))
        theta.grad = torch.full((1,), gradient, dtype=torch.float64)
        # Until the steps are all alike: the terminal speed, then rest.
        before, place, step = math.inf, float(theta.detach()), 0.0
        while abs(step - before) > 1e-14:
            optimiser.step()
            before, step = step, float(theta.detach()) - place
            place += step
    return float(f"{float(theta.detach()):.9g}")


def torch_first_moments(gradients: Any, beta: Any) -> list[float]:
    """Adam's first moment in torch after each of the gradients."""
    return [_adam_run(gradients[: k + 1], 0.1, float(beta), 0.9)[0] for k in range(len(gradients))]


def torch_adam_third_step(
    first: Any, second: Any, rate: Any, beta1: Any, beta2: Any, what: str
) -> list[float]:
    """For two weights in the last step: "first" or "second" corrected moments, or the "change" by torch's Adam."""
    found = []
    for gradients in (first, second):
        m, s, change = _adam_run(gradients, float(rate), float(beta1), float(beta2))
        # What constant gradients of 1 lead to is the correction.
        one_m, one_s, _ = _adam_run([1] * len(gradients), 1.0, float(beta1), float(beta2))
        found.append({"first": m / one_m, "second": s / one_s, "change": change}[what])
    return [float(f"{v:.9g}") for v in found]


def _adam_run(
    gradients: Any, rate: float, beta1: float, beta2: float
) -> tuple[float, float, float]:
    import torch

    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([theta], lr=rate, betas=(beta1, beta2), eps=0.0)
    before = 0.0
    for gradient in gradients:
        before = float(theta.detach())
        theta.grad = torch.tensor([float(gradient)], dtype=torch.float64)
        optimiser.step()
    state = optimiser.state[theta]
    change = float(theta.detach()) - before
    return float(state["exp_avg"]), float(state["exp_avg_sq"]), change


def torch_single_samples(samples: Any, start: Any, what: str) -> list[float]:
    """full (derivative, minimum), constant or decayed (theta after each step), noise (mean, variance), by torch."""
    import torch

    xs = torch.tensor([float(x) for x in samples], dtype=torch.float64)

    def run(begin: float, picked: Any, rates: list[float]) -> list[float]:
        theta = torch.tensor([begin], dtype=torch.float64, requires_grad=True)
        optimiser = torch.optim.SGD([theta], lr=1.0)
        found = []
        for x, rate in zip(picked, rates, strict=True):
            optimiser.param_groups[0]["lr"] = rate
            optimiser.zero_grad()
            (0.5 * (theta - x) ** 2).sum().backward()
            optimiser.step()
            found.append(float(f"{float(theta.detach()):.9g}"))
        return found

    theta = torch.tensor(float(start), dtype=torch.float64, requires_grad=True)
    (0.5 * (theta - xs) ** 2).mean().backward()
    # Full gradient descent, far longer than it takes.
    place, mean = float(start), float(xs.mean())
    for _ in range(200):
        place -= 0.5 * (place - mean)
    if what == "full":
        return [float(theta.grad), float(f"{place:.9g}")] if theta.grad is not None else []
    if what == "constant":
        return run(float(start), xs, [0.5] * len(xs))
    if what == "decayed":
        return run(float(start), xs, [1 / (k + 1) for k in range(len(xs))])
    ends = torch.tensor([run(place, [x], [0.5])[0] for x in xs], dtype=torch.float64)
    return [float(f"{v:.8g}") for v in (float(ends.mean()), float(ends.var(correction=0)))]
