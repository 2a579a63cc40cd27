"""Our RNN and LSTM beside torch's and the slides' style: `python benchmarks/recurrent_speed.py [--compile]`.

Every round runs each network once in turn, so that a busy moment of the machine hits all alike; a
ratio is median over median, on one thread (--threads for more). Two sizes: the slides' (T 10, N 1,
I = H = 3; the slides report 2.30 times torch.nn.RNN and 2.51 times torch.nn.LSTM), and T 100, N 64,
I = H = 256; forward, and forward with backward. Limits: eager RNN 1.0 of torch.nn.RNN; eager LSTM
0.5 of the slides' style; with --compile (needs a C++ compiler, takes minutes) the compiled form of
the same source 1.0 of torch's.

"products alone" are the matrix products that every form needs, and nothing else, as few and as
large as the recurrence allows: what no network made of torch's products goes below. Where that
line is above a limit, no way to write the rest reaches it, and the verdict says so.
Not reached at the large size, where every form does the same products: an eager LSTM at half of the
slides' style, and a compiled LSTM's forward pass at torch's time, whose kernel multiplies with
packed weights. docs/performance.md has the figures and the bound.
Exit status 1 when a ratio is above its limit.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch
from torch import Tensor, nn

from reference_impl.lstm import stacked_lstm
from reference_impl.rnn import RNNWeights, rnn


@dataclass(frozen=True)
class Size:
    """T steps, N sequences, I = H = `width`; calls for each measurement."""

    name: str
    steps: int
    batch: int
    width: int
    calls: int


SIZES = (Size("slides", 10, 1, 3, 100), Size("large", 100, 64, 256, 1))


class SlidesRNN(nn.Module):
    """Two linear layers and a tanh for each step."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.from_input, self.from_state = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """All states."""
        h, states = x.new_zeros(1, *x.shape[1:]), []
        for x_t in x:
            h = torch.tanh(self.from_state(h) + self.from_input(x_t))
            states.append(h)
        return torch.cat(states)


class SlidesLSTM(nn.Module):
    """Eight linear layers for each step: two for each gate."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.from_input = nn.ModuleList(nn.Linear(width, width) for _ in range(4))
        self.from_state = nn.ModuleList(nn.Linear(width, width) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        """All states."""
        h = c = x.new_zeros(1, *x.shape[1:])
        states = []
        for x_t in x:
            z = [a(h) + b(x_t) for a, b in zip(self.from_state, self.from_input, strict=True)]
            c = torch.sigmoid(z[0]) * c + torch.sigmoid(z[1]) * torch.tanh(z[2])
            h = torch.sigmoid(z[3]) * torch.tanh(c)
            states.append(h)
        return torch.cat(states)


def ours(kind: str, theirs: nn.RNNBase, *, compiled: bool) -> Callable[[Tensor], Tensor]:
    """Our network with the weights of torch's."""
    of_state, of_input, bias = (
        p.detach().clone().requires_grad_()
        for p in (theirs.weight_hh_l0, theirs.weight_ih_l0, theirs.bias_ih_l0)
    )

    def run_rnn(x: Tensor) -> Tensor:
        return rnn(x, RNNWeights(of_state, of_input, bias))[0]

    def run_lstm(x: Tensor) -> Tensor:
        return stacked_lstm(x, of_state, of_input, bias)[0]

    run = run_rnn if kind == "RNN" else run_lstm
    return torch.compile(run) if compiled else run


class Products:
    """The matrix products of one pass, on buffers that are there already."""

    def __init__(self, size: Size, gates: int) -> None:
        rows, width = size.steps * size.batch, size.width
        self.steps = size.steps
        self.inputs, self.state = torch.randn(rows, width), torch.randn(size.batch, width)
        self.weights = torch.randn(gates * width, width)
        self.of_all, self.of_step = self.inputs @ self.weights.T, self.state @ self.weights.T

    def forward(self) -> None:
        """Of the inputs of all steps at once, and of the state at each step."""
        torch.mm(self.inputs, self.weights.T, out=self.of_all)
        for _ in range(self.steps):
            torch.mm(self.state, self.weights.T, out=self.of_step)

    def backward(self) -> None:
        """Gradients of the state at each step, and of both weights for all steps at once."""
        for _ in range(self.steps):
            torch.mm(self.of_step, self.weights, out=self.state)
        for _ in range(2):
            torch.mm(self.of_all.T, self.inputs)


Run = Callable[[Tensor], Tensor] | Products


def states_of(theirs: nn.RNNBase, x: Tensor) -> Tensor:
    """All states of torch's network."""
    states: Tensor = theirs(x)[0]
    return states


def once(run: Run, x: Tensor, *, backward: bool) -> None:
    """One pass; the gradient goes to all weights."""
    if isinstance(run, Products):
        run.forward()
        if backward:
            run.backward()
    elif backward:
        run(x).sum().backward()
    else:
        with torch.no_grad():
            run(x)


def measure(runs: dict[str, Run], size: Size, rounds: int, *, backward: bool) -> dict[str, float]:
    """Median seconds of one pass of each."""
    x = torch.randn(size.steps, size.batch, size.width)
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        for _ in range(3):
            once(run, x, backward=backward)
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            for _ in range(size.calls):
                once(run, x, backward=backward)
            taken[name].append((time.perf_counter() - start) / size.calls)
    return {name: statistics.median(times) for name, times in taken.items()}


def main() -> int:
    """Print a line for each figure with its limit."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rounds", type=int, default=21)
    options.add_argument("--compile", action="store_true", help="measure torch.compile as well")
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--kind", choices=("RNN", "LSTM"), action="append")
    options.add_argument("--size", choices=[size.name for size in SIZES], action="append")
    arguments = options.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    above = 0
    for kind in arguments.kind or ("RNN", "LSTM"):
        for size in SIZES:
            if arguments.size and size.name not in arguments.size:
                continue
            theirs: nn.RNNBase = getattr(nn, kind)(size.width, size.width)
            slides = {"RNN": SlidesRNN, "LSTM": SlidesLSTM}[kind](size.width)
            runs: dict[str, Run] = {
                "torch.nn": partial(states_of, theirs),
                "slides' style": slides,
                "ours": ours(kind, theirs, compiled=False),
                "products alone": Products(size, {"RNN": 1, "LSTM": 4}[kind]),
            }
            if arguments.compile:
                torch.compiler.reset()
                runs["compiled"] = ours(kind, theirs, compiled=True)
            for backward in (False, True):
                found = measure(runs, size, arguments.rounds, backward=backward)
                rival = found["torch.nn"]
                limits = {"compiled": ("torch.nn", 1.0)}
                limits["ours"] = ("torch.nn", 1.0) if kind == "RNN" else ("slides' style", 0.5)
                print(f"\n{kind}, {size.name}, {'forward+backward' if backward else 'forward'}")
                for name, seconds in found.items():
                    line = (
                        f"  {name:14} {seconds * 1e6:10.0f} us  {seconds / rival:5.2f} of torch.nn"
                    )
                    if name in limits:
                        of, limit = limits[name]
                        ratio = seconds / found[of]
                        above += ratio > limit
                        verdict = "ok" if ratio <= limit else "ABOVE"
                        if found["products alone"] > limit * found[of]:
                            floor = found["products alone"] / found[of]
                            verdict += f" (the products alone: {floor:.2f})"
                        line += f"; {ratio:.2f} of {of}, limit {limit}: {verdict}"
                    print(line, flush=True)
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
