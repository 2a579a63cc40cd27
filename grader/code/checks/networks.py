"""The networks of exercise 3, untrained: shapes, independence of the batch, parameters that learn.

What they compute inside is the student's own choice. Whatever it is, in test mode the output must
have the shape asked for, depend on the input, be the same each time, and be the same for an example
alone as in a batch; and training must reach every parameter that the output depends on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from grader.code.bench import Bench, CodeTest, Finding, FoundError
from grader.code.checks.numpy_calls import call, send
from grader.code.compare import Numbers, describe
from grader.code.frames import Array, Kept
from grader.code.frames import Tensor as Sent
from grader.code.sanitise import one_line

RECURRENT = "exercise_code/rnn/rnn_nn.py"
# Layers of float32 compute an example alone otherwise than in a batch: other blocks, other sums.
CLOSE = 1e-3
NOTHING = 1e-7
# Of what is between two examples: what rounding may make of a sum in another order.
BLIND = 1e-3
MOST_TENSORS = 1000
CUT_OFF = "gradient-cut-off"


@dataclass(frozen=True)
class Network:
    """A class of the submission: an example's shape, the output's, and on which axis N stands."""

    name: str
    file: str
    example: tuple[int, ...]
    output: tuple[int, ...]
    batch_axis: int = 0
    examples: int = 3

    @property
    def target(self) -> str:
        """As the worker finds it."""
        return f"{self.file.removesuffix('.py').replace('/', '.')}:{self.name}"

    def draw(self, rng: np.random.Generator, examples: int) -> Numbers:
        """A batch of numbers from 0 to 1, as images are."""
        shape = list(self.example)
        shape.insert(self.batch_axis, examples)
        return rng.uniform(0, 1, shape).astype(np.float32)

    def shape(self, examples: int) -> tuple[int, ...]:
        """Of the output for so many examples."""
        return (examples, *self.output)


NETWORKS = {
    "keypoint_model": Network(
        "KeypointModel", "exercise_code/classifiers/keypoint_nn.py", (1, 96, 96), (30,)
    ),
    "segmentation_nn": Network(
        "SegmentationNN", "exercise_code/segmentation_nn.py", (3, 240, 240), (23, 240, 240),
        examples=2,
    ),
    "rnn_classifier": Network(
        "RNN_Classifier", RECURRENT, (28, 28), (10,), batch_axis=1, examples=4
    ),
    "lstm_classifier": Network(
        "LSTM_Classifier", RECURRENT, (28, 28), (10,), batch_axis=1, examples=4
    ),
}  # fmt: skip


def made(network: Network, *, measured: bool = False) -> list[dict[str, Any]]:
    """Steps that make the network, kept as "net", in test mode.

    `measured`: nothing is trained. Without a graph, large networks stay within the memory.
    """
    steps = [
        call(network.target, keep="net"),
        call("torch.nn:Module.train", Kept("net"), False, keep="nothing"),
    ]
    if measured:
        steps.append(call("torch.nn:Module.requires_grad_", Kept("net"), False, keep="nothing"))
    return steps


def outputs(bench: Bench, network: Network, batches: Sequence[Numbers]) -> list[Numbers]:
    """What the network makes of each batch in test mode; FoundError unless the shapes are right.

    Every call makes the network afresh, from the same seed: with the same start values.
    """
    steps = made(network, measured=True)
    for index, x in enumerate(batches):
        steps += [
            call(Kept("net"), Sent(x), keep=f"out{index}"),
            send(f"out{index}", f"out{index}"),
        ]
    sent = results(bench, steps, f"{network.name}()(x) in test mode")
    found = []
    for index, x in enumerate(batches):
        expected = network.shape(x.shape[network.batch_axis])
        value = sent[f"out{index}"]
        if not isinstance(value, Array) or value.kind != "tensor":
            raise FoundError(
                f"{network.name} should give a tensor of shape {expected}; it gives "
                f"{describe(value)} (x of shape {x.shape}, test mode)."
            )
        if value.values.shape != expected:
            raise _of_other_shape(network, x, value.values.shape, expected)
        if value.values.dtype.kind != "f":
            raise FoundError(
                f"{network.name} should give floating-point numbers; its output's dtype is "
                f"{value.values.dtype}."
            )
        numbers = value.values.astype(np.float64)
        if not np.isfinite(numbers).all():
            raise FoundError(
                f"{network.name} gives NaN or infinite numbers, untrained, in test mode."
            )
        found.append(numbers)
    return found


def _of_other_shape(
    network: Network, x: Numbers, found: tuple[int, ...], expected: tuple[int, ...]
) -> FoundError:
    says = (
        f"{network.name} should give a tensor of shape {expected} for x of shape {x.shape}; it "
        f"gives one of shape {found}."
    )
    if network.batch_axis == 1 and found == (len(x), *network.output):
        return FoundError(
            f"{says} The first axis of x is time and the second the examples, so batch_first "
            "stays off, and the last state is h_seq[-1].",
            mistake="time-taken-for-examples",
        )
    if network.batch_axis == 1 and found == (len(x), *expected):
        return FoundError(
            f"{says} These are scores after every step; only those after the last are asked for.",
            mistake="scores-of-every-step",
        )
    if found == expected[:1] + expected[2:]:
        return FoundError(
            f"{says} The axis of the classes is missing: give their scores, not the best label.",
            mistake="labels-instead-of-scores",
        )
    return FoundError(says, mistake="output-shape")


def results(bench: Bench, steps: list[dict[str, Any]], doing: str) -> Any:
    """What the steps sent; a download that cannot be made here goes to a person."""
    try:
        return bench.results(steps, doing)
    except FoundError as error:
        text = error.finding.message
        if error.finding.verdict == "wrong" and any(sign in text for sign in _OFFLINE):
            raise FoundError(
                f"{text} Submissions are graded without a network, so pretrained weights cannot be "
                "fetched: a person will look at it.",
                verdict="needs_person",
            ) from None
        raise


_OFFLINE = (
    "raised URLError", "raised HTTPError", "raised gaierror", "raised ConnectionError",
    "raised RemoteDisconnected", "Name or service not known", "name resolution",
)  # fmt: skip


# ---------------------------------------------------------------------------------------- tests


def shapes(bench: Bench, key: str) -> Finding:
    """The output's shape, for one example and for several, and that it depends on the input."""
    network = NETWORKS[key]
    several = network.draw(bench.rng, network.examples)
    one = network.draw(bench.rng, 1)
    found = [outputs(bench, network, [x])[0] for x in (several, one)]
    rows = found[0].reshape(len(found[0]), -1)
    differ = float(np.abs(rows - rows[0]).max())
    if differ <= NOTHING:
        raise FoundError(
            f"{network.name} gives the same output for different inputs ({network.examples} random "
            "examples, test mode).",
            mistake="input-ignored",
        )
    mixed = several[..., bench.rng.permutation(several.shape[-1])]
    change = float(np.abs(outputs(bench, network, [mixed])[0] - found[0]).max())
    if change <= BLIND * differ:
        raise FoundError(
            f"{network.name} gives the same output when the columns of the pictures change places: "
            "it sees how bright they are, and not what is in them.",
            mistake="places-ignored",
        )
    return Finding(
        "right",
        f"The output has the shape {network.shape(network.examples)} for x of shape "
        f"{several.shape}, and so for one example.",
    )


def independence(bench: Bench, key: str) -> Finding:
    """In test mode: the same each time, and the same alone as in a batch."""
    network = NETWORKS[key]
    batch = network.draw(bench.rng, network.examples)
    alone = np.take(batch, [1], axis=network.batch_axis)
    (together, again) = outputs(bench, network, [batch, batch])
    size = max(float(np.abs(together).max()), 1e-6)
    if np.abs(together - again).max() > CLOSE * size:
        raise FoundError(
            f"{network.name} gives other numbers each time in test mode: something random (such as "
            "dropout) does not look at self.training, or batch statistics move.",
            mistake="random-in-test-mode",
        )
    (single,) = outputs(bench, network, [alone])
    off = float(np.abs(together[1] - single[0]).max())
    if off > CLOSE * size:
        raise FoundError(
            f"In test mode the output for an example depends on the others of its batch: alone it "
            f"differs by up to {off:.3g}. Each example is computed by itself (batch statistics are "
            "for training; a reshape must keep N apart).",
            mistake="examples-mixed",
        )
    if np.abs(together - together[:1]).max() <= NOTHING:
        raise FoundError(
            f"{network.name} gives the same output for different inputs.", mistake="input-ignored"
        )
    return Finding("right", "In test mode each example's output is its own, and always the same.")


def registered(bench: Bench, key: str) -> Finding:
    """The weights are registered: a gradient through a large network would cost too much memory."""
    network = NETWORKS[key]
    tensors, count = _registered(bench, network)
    return Finding("right", f"{network.name} has {count:,} parameters in {tensors} tensors.")


def parameters(bench: Bench, key: str) -> Finding:
    """The weights are registered, and a gradient reaches each that the output depends on."""
    network = NETWORKS[key]
    tensors, count = _registered(bench, network)
    x = network.draw(bench.rng, network.examples)
    along = bench.rng.standard_normal(network.shape(network.examples)).astype(np.float32)
    steps = [
        *made(network),
        call(Kept("net"), Sent(x), keep="out"),
        {"do": "gradient", "of": [Kept("out")], "along": [Sent(along)], "module": "net",
         "as": "gradients"},
    ]  # fmt: skip
    for index in range(tensors):
        steps += [
            call("operator:is_", Kept("gradients")[index], None, keep="missing"),
            send("missing", f"missing{index}"),
        ]
    try:
        sent = results(bench, steps, f"The gradient of {network.name}")
    except FoundError as error:
        if "does not require grad" not in error.finding.message:
            raise
        raise FoundError(
            f"No gradient reaches the parameters of {network.name}: the output is cut off from "
            "them (detach, .data, numpy or a new tensor made of its numbers).",
            mistake=CUT_OFF,
        ) from None
    without = [index for index in range(tensors) if sent[f"missing{index}"] is True]
    matter = (_that_matters(bench, network, x, index) for index in without)
    cut = [name for name in matter if name is not None]
    if cut:
        shown = ", ".join(one_line(name, 60) for name in cut[:4])
        raise FoundError(
            f"No gradient reaches {len(cut)} of the {tensors} parameters of {network.name}, though "
            f"the output depends on them ({shown}): the path from the output to them is cut.",
            mistake=CUT_OFF,
        )
    return Finding(
        "right",
        f"{network.name} has {count:,} parameters in {tensors} tensors, and gradients reach all "
        "that the output depends on.",
    )


def _registered(bench: Bench, network: Network) -> tuple[int, int]:
    """How many parameters are registered: tensors, and numbers in them."""
    x = network.draw(bench.rng, network.examples)
    steps = [
        *made(network, measured=True),
        call("torch.nn:Module.parameters", Kept("net"), keep="iterator"),
        call("builtins:list", Kept("iterator"), keep="parameters"),
        call("builtins:len", Kept("parameters"), keep="tensors"),
        call("importlib:import_module", "torch", keep="torch"),
        call("builtins:getattr", Kept("torch"), "numel", keep="numel"),
        call("builtins:map", Kept("numel"), Kept("parameters"), keep="sizes"),
        call("builtins:sum", Kept("sizes"), keep="count"),
        call("torch:_foreach_zero_", Kept("parameters"), keep="nothing"),
        call(Kept("net"), Sent(x), keep="out"),
        *(send(name, name) for name in ("tensors", "count", "out")),
    ]
    _require_any(bench, network)
    sent = results(bench, steps, f"{network.name}() with all weights 0")
    tensors, count, out = sent["tensors"], sent["count"], sent["out"]
    if type(tensors) is not int or type(count) is not int or not 0 <= tensors <= MOST_TENSORS:
        raise FoundError(f"The parameters of {network.name} cannot be counted.")
    expected = network.shape(network.examples)
    if not isinstance(out, Array):
        raise FoundError(
            f"{network.name} should give a tensor of shape {expected}; it gives {describe(out)}."
        )
    if out.values.shape != expected:
        raise _of_other_shape(network, x, out.values.shape, expected)
    values = out.values.astype(np.float64)
    if np.isfinite(values).all() and np.abs(values - values[:1]).max() > NOTHING:
        raise FoundError(
            f"With all {count:,} registered parameters of {network.name} set to 0 the output still "
            "depends on the input: some weights are not registered, so training cannot find them. "
            "Keep layers as attributes of the module; those of a list belong in nn.ModuleList.",
            mistake="weights-not-registered",
        )
    return tensors, count


def _require_any(bench: Bench, network: Network) -> None:
    steps = [
        call(network.target, keep="net"),
        call("torch.nn:Module.parameters", Kept("net"), keep="iterator"),
        call("builtins:list", Kept("iterator"), keep="parameters"),
        call("builtins:len", Kept("parameters"), keep="tensors"),
        send("tensors", "tensors"),
    ]
    if results(bench, steps, f"{network.name}()")["tensors"] == 0:
        raise FoundError(
            f"{network.name} has no parameters, so nothing of it can be trained: keep layers as "
            "attributes of the module.",
            mistake="weights-not-registered",
        )


def _that_matters(bench: Bench, network: Network, x: Numbers, index: int) -> str | None:
    """The name of the parameter, if it is to be trained and changes the output.

    Others are left over, or frozen on purpose.
    """
    steps = [
        *made(network),
        call("torch.nn:Module.named_parameters", Kept("net"), keep="iterator"),
        call("builtins:list", Kept("iterator"), keep="named"),
        call("builtins:getattr", Kept("named")[index][1], "requires_grad", keep="free"),
        call("torch.nn:Module.requires_grad_", Kept("net"), False, keep="nothing"),
        # What is random in the network must not pass for the parameter's work.
        call("torch:manual_seed", 0, keep="nothing"),
        call(Kept("net"), Sent(x), keep="before"),
        call("torch:Tensor.add_", Kept("named")[index][1], 0.1, keep="nothing"),
        call("torch:manual_seed", 0, keep="nothing"),
        call(Kept("net"), Sent(x), keep="after"),
        send(Kept("named")[index][0], "name"),
        *(send(name, name) for name in ("free", "before", "after")),
    ]
    sent = results(bench, steps, f"{network.name}()(x)")
    before, after = sent["before"], sent["after"]
    if sent["free"] is not True or not isinstance(before, Array) or not isinstance(after, Array):
        return None
    same = before.values.shape == after.values.shape and np.allclose(
        before.values, after.values, atol=1e-6
    )
    return None if same else str(sent["name"])


_SEGMENTATION = "segmentation_nn"
TESTS = {
    f"{key}.{test.__name__}": CodeTest(partial(test, key=key), network.file)
    for key, network in NETWORKS.items()
    for test in (shapes, independence, parameters)
} | {
    # Of a frozen encoder a gradient would say little, too.
    f"{_SEGMENTATION}.parameters": CodeTest(
        partial(registered, key=_SEGMENTATION), NETWORKS[_SEGMENTATION].file
    )
}
