"""Which number of a student's recurrent network is which weight, found by what it does.

Names, gate order, fused or separate matrices, transposes, one bias or two: all of that is the
student's own choice, so nothing is read from names. Instead every single parameter number is
nudged in a network with known small random weights, and one step is taken from inputs of which
at most one is not zero. A number that changes

    one unit, for every input              is that unit's bias,
    one unit, when x[j] = 1 only           is its weight of input j,
    one unit, when h[k] = 1 only           is its weight of hidden unit k,
    nothing                                is not used.

The layout found is a fixed map from parameter numbers to weights of the formula. It excuses
nothing: a network passes only if, under this map, it equals the reference on fresh random
weights and sequences.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.code.bench import Bench, FoundError
from grader.code.compare import Numbers, describe
from grader.code.frames import MAX_AXES, MAX_EMPTY_PRODUCT, Array, Kept
from grader.code.frames import Tensor as Sent
from grader.code.sanitise import one_line

FILE = "exercise_code/rnn/rnn_nn.py"
MODULE = "exercise_code.rnn.rnn_nn"
CHANGED = 1e-4
_LONGEST_AXIS = 1_000_000
_MOST_NUMBERS = 1000


@dataclass(frozen=True)
class Role:
    """What one parameter number is: `gate` "" for an RNN; `source` "x", "h" or "b"."""

    gate: str
    source: str
    unit: int
    index: int = 0


@dataclass(frozen=True)
class Place:
    """One number of a parameter: its name and its position in the flattened array."""

    name: str
    position: int


@dataclass(frozen=True)
class Network:
    """A recurrent class of the submission, with sizes to build it with."""

    name: str
    inputs: int
    hidden: int
    options: tuple[tuple[str, Any], ...] = ()

    @property
    def build(self) -> dict[str, Any]:
        """The step that makes one, kept as "net"."""
        sizes = {"input_size": self.inputs, "hidden_size": self.hidden}
        kwargs = {**sizes, **dict(self.options)}
        return {"do": "call", "target": f"{MODULE}:{self.name}", "kwargs": kwargs, "as": "net"}

    @property
    def words(self) -> str:
        """How it was built, for messages."""
        options = "".join(f", {key}={value!r}" for key, value in self.options)
        return f"{self.name}(input_size={self.inputs}, hidden_size={self.hidden}{options})"


@dataclass(frozen=True)
class Layout:
    """Shapes of all parameters in their order, and the places of each role."""

    shapes: Mapping[str, tuple[int, ...]]
    places: Mapping[Role, tuple[Place, ...]]

    def draw(self, rng: np.random.Generator, spread: float = 0.7) -> dict[str, Numbers]:
        """Fresh random values for every parameter."""
        return {
            name: rng.normal(0, spread, shape).astype(np.float32)
            for name, shape in self.shapes.items()
        }

    def weight(
        self, values: Mapping[str, Numbers], gate: str, source: str, size: tuple[int, ...]
    ) -> Tensor:
        """The formula's W (H, H), V (H, I) or b (H,), in float64; biases add up."""
        result = np.zeros(size)
        for role, places in self.places.items():
            if (role.gate, role.source) == (gate, source):
                total = sum(float(values[p.name].reshape(-1)[p.position]) for p in places)
                result[(role.unit, role.index) if len(size) > 1 else role.unit] = total
        return torch.from_numpy(result)

    def gradients(self, by_role: Callable[[str, str], Tensor | None]) -> dict[str, Numbers]:
        """Gradients of the formula's weights, as gradients of the student's parameters."""
        result = {name: np.zeros(shape) for name, shape in self.shapes.items()}
        for role, places in self.places.items():
            gradient = by_role(role.gate, role.source)
            if gradient is None:
                continue
            value = gradient[role.unit] if role.source == "b" else gradient[role.unit, role.index]
            for place in places:
                result[place.name].reshape(-1)[place.position] = float(value)
        return result


def set_all(values: Mapping[str, Numbers]) -> dict[str, Any]:
    """The step that gives the network "net" these parameters."""
    return {
        "do": "set_parameters",
        "of": "net",
        "values": {name: Sent(np.asarray(value, np.float32)) for name, value in values.items()},
    }


def parameter_shapes(bench: Bench, network: Network) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the network's parameters; FoundError when they cannot be used."""
    steps = [
        network.build,
        {"do": "parameters", "of": "net", "as": "parameters"},
        {"do": "send", "value": Kept("parameters"), "label": "parameters"},
    ]
    found = bench.results(steps, f"{network.words}")["parameters"]
    shapes = dict(_shapes(found, network))
    count = sum(math.prod(shape) for shape in shapes.values())
    if not count:
        raise FoundError(
            f"{network.words} has no parameters: keep the weights in nn.Parameter or nn.Linear, "
            "as attributes of the module, or training cannot find them.",
            mistake="weights-not-registered",
        )
    if count > _MOST_NUMBERS:
        raise FoundError(f"{network.words} has {count} parameters, far more than the formula has.")
    return shapes


def _shapes(listed: Any, network: Network) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Check the list that came back, which the student's process may have forged."""
    for name, entry in listed.items() if isinstance(listed, dict) else [("", None)]:
        shape = entry[1] if isinstance(entry, list) and len(entry) == 2 else None
        if not isinstance(shape, list) or not _possible(shape):
            raise FoundError(f"The parameters of {network.words} cannot be listed.")
        yield name, tuple(shape)


def _possible(shape: list[Any]) -> bool:
    """Whether NumPy can make an array of it: few axes, none too long, nor all of them together."""
    return (
        len(shape) <= MAX_AXES
        and all(type(n) is int and 0 <= n <= _LONGEST_AXIS for n in shape)
        and math.prod(n for n in shape if n) <= MAX_EMPTY_PRODUCT
    )


@dataclass(frozen=True)
class OneHot:
    """One step's inputs, of which at most one number is 1: rows nothing, x[0].., h[0]..."""

    x: Numbers  # (1, N, I)
    h: Numbers  # (1, N, H)

    @classmethod
    def make(cls, network: Network) -> OneHot:
        """N = 1 + I + H rows."""
        rows = np.eye(1 + network.inputs + network.hidden, dtype=np.float32)
        return cls(
            x=rows[None, :, 1 : 1 + network.inputs].copy(),
            h=rows[None, :, 1 + network.inputs :].copy(),
        )


def role_of(changed: Numbers, network: Network) -> tuple[str, int, int] | None:
    """Source, unit and index from where (rows, units) a nudge changed something; None: nowhere.

    Raises ValueError when no weight of a recurrent network acts like that.
    """
    rows, units = np.asarray(changed.any(axis=1)), np.asarray(changed.any(axis=0))
    if not rows.any():
        return None
    if units.sum() != 1:
        raise ValueError(f"{int(units.sum())} hidden units change at once")
    unit = int(np.flatnonzero(units)[0])
    if rows.all():
        return "b", unit, 0
    if rows.sum() != 1 or rows[0]:
        raise ValueError("a unit changes for several inputs and not for all")
    row = int(np.flatnonzero(rows)[0]) - 1
    return ("x", unit, row) if row < network.inputs else ("h", unit, row - network.inputs)


def places_of(shapes: Mapping[str, tuple[int, ...]]) -> list[Place]:
    """Every single number of the parameters."""
    return [Place(n, i) for n, s in shapes.items() for i in range(math.prod(s))]


def nudged(base: Mapping[str, Numbers], place: Place, by: float) -> dict[str, Numbers]:
    """The parameter that holds `place`, with that one number moved."""
    value = base[place.name].copy()
    value.reshape(-1)[place.position] += by
    return {place.name: value}


def numbers(value: Any, shape: tuple[int, ...], name: str, network: Network) -> Numbers:
    """A tensor of the shape expected, as float64; FoundError otherwise."""
    if not isinstance(value, Array) or value.kind != "tensor" or value.values.shape != shape:
        flat = isinstance(value, Array) and value.values.shape == shape[1:]
        raise FoundError(
            f"{name} should be a tensor of shape {shape}; it is {describe(value)} "
            f"({network.words}, given states).",
            mistake="last-state-without-its-first-axis" if flat else None,
        )
    return value.values.astype(np.float64)


def unlike(
    network: Network,
    place: Place,
    shape: Sequence[int],
    why: str,
    named: tuple[str, str] | None = None,
) -> FoundError:
    """The finding for a parameter that acts like no weight of the formula. `why`: what changes.

    `named` is the mistake that explains it: its name, and what was probably done.
    """
    index = tuple(int(i) for i in np.unravel_index(place.position, shape)) if shape else ()
    probably = f"Probably {named[1]}. (Seen so: " if named else ""
    return FoundError(
        f"{network.words}: {probably}In the formula each weight belongs to one unit"
        f"{' of one gate' if network.name == 'LSTM' else ''}. When {one_line(place.name, 60)}"
        f"{list(index)} alone is changed, then in one step from given states {why}."
        f"{')' if named else ''}",
        mistake=named[0] if named else None,
    )


def mixed_examples(
    error: FoundError, bench: Bench, network: Network, states: int, h: Kept
) -> FoundError:
    """The finding; a clearer one where an example of a batch changes what comes out for others.

    `states`: how many states the network takes; `h` is the last hidden state in what it gives, "o".
    """
    if error.finding.verdict != "wrong" or error.finding.mistake:
        return error
    x = bench.rng.standard_normal((1, 4, network.inputs)).astype(np.float32)
    other = x.copy()
    other[0, -1] += 1
    zeros = np.zeros((1, 4, network.hidden), np.float32)
    steps = [network.build]
    for label, value in (("before", x), ("after", other)):
        args = [Sent(value), *[Sent(zeros)] * states]
        steps += [
            {"do": "call", "target": Kept("net"), "args": args, "as": "o"},
            {"do": "send", "value": h, "label": label},
        ]
    sent = bench.ask(steps).sent
    before, after = sent.get("before"), sent.get("after")
    if not isinstance(before, Array) or not isinstance(after, Array):
        return error
    if before.values.shape != zeros.shape or after.values.shape != zeros.shape:
        return error
    if np.abs(before.values - after.values)[0, :-1].max() <= CHANGED:
        return error
    return FoundError(
        f"{network.words}: in one step of four examples, another x of the last example changes the "
        "states of the others, too. The first axis of x is time and the second the examples (as without "
        "batch_first), and each example is computed by itself.",
        mistake="time-taken-for-examples",
    )


def require_complete(
    network: Network,
    places: Mapping[Role, Iterable[Place]],
    gates: Sequence[str],
) -> None:
    """FoundError unless every weight of every gate is there."""
    for source, columns, mistake, sentence in (
        ("h", network.hidden, "initial-state-ignored",
         ("the hidden state that is passed in has no effect on the next one (is the argument h "
         "used, and multiplied by a weight of its own?)")),
        ("x", network.inputs, "input-ignored", "the input x_t has no weights"),
        ("b", 1, "bias-missing", "there is no bias"),
    ):  # fmt: skip
        lacking = [
            Role(gate, source, unit, index)
            for gate in gates
            for unit in range(network.hidden)
            for index in range(columns)
            if Role(gate, source, unit, index) not in places
        ]
        if len(lacking) == len(gates) * network.hidden * columns:
            raise FoundError(f"{network.words}: {sentence}.", mistake=mistake)
        if lacking:
            where = f"gate {lacking[0].gate}, " if lacking[0].gate else ""
            what = {"h": "hidden state", "x": "input", "b": "bias"}[source]
            raise FoundError(
                f"{network.words}: {len(lacking)} weights of the formula are missing, the first "
                f"for {where}unit {lacking[0].unit}, {what} {lacking[0].index}."
            )


def pullback(
    outputs: Sequence[Tensor], sources: Sequence[Tensor], along: Sequence[Tensor]
) -> tuple[Tensor, ...]:
    """Gradients of the sources, in their order, for cotangents `along` shaped like the outputs."""
    # As the gradient of one number: given cotangents, torch imports its symbolic shapes (0.4 s).
    total = sum((torch.sum(o * c) for o, c in zip(outputs, along, strict=True)), torch.tensor(0.0))
    return torch.autograd.grad(total, sources, materialize_grads=True)
