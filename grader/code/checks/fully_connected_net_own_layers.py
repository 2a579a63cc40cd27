"""Error carried forward: a layer's slip costs its points once, in the layer's own checks.

fc_net.py imports layers.py, so one wrong layer makes a right network wrong. Putting other layers in
the place of the student's is no way out, for a worker must never hold a reference. So, where a
network's numbers are wrong, the network is put together again from the functions of layers.py, as the
task describes it. Where both agree and one kind of layer is wrong at that, all others being right,
the network has done its work and gets its points; the message says whose fault it was.

Where more than one kind is wrong, layers and network could have been made to agree on anything, so a
person decides. So does one where the network cannot be seen because a layer raises, or gives something
of another shape. A layer's slip can also leave no unit above 0, so that the scores say nothing of the
network; then other numbers are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from grader.code.bench import Bench, Finding, FoundError
from grader.code.checks.fully_connected_net_draw import Draw, loss_and_gradients
from grader.code.checks.fully_connected_net_layer_calls import called, number_of
from grader.code.checks.numpy_calls import layer, send
from grader.code.compare import Numbers, agree
from grader.code.frames import Kept

FAULT = "fault-in-the-layers"
SMALLEST = 1e-9
# How often numbers are drawn until they say something of the network.
DRAWS = 4

Size = TypeVar("Size")


class UnseenError(FoundError):
    """The layers at fault leave nothing to be seen of the network at these numbers."""


def until_seen(attempt: Callable[[Size], None]) -> Callable[[Size], None]:
    """The attempt, at other numbers where nothing is seen of the network; for a person after the last."""

    def again(size: Size) -> None:
        for _ in range(DRAWS - 1):
            with suppress(UnseenError):
                attempt(size)
                return
        attempt(size)

    return again


@dataclass
class OwnLayers:
    """Whose fault a network's wrong numbers are. `at_fault`: functions of layers.py, seen so far."""

    bench: Bench
    at_fault: set[str] = field(default_factory=set)

    def right(self, message: str) -> Finding:
        """The verdict of a test that came to its end."""
        if not self.at_fault:
            return Finding("right", message)
        return Finding(
            "right",
            "The network does with your own layers.py what the task says. What it gives is not "
            f"the reference's because of {_listed(self.at_fault)}, whose own check tells that: it costs "
            "nothing here.",
        )

    def results(self, steps: list[dict[str, Any]], doing: str, draw: Draw) -> Mapping[str, Any]:
        """What the steps sent; for a person where the network stops over one of its layers."""
        try:
            return self.bench.results(steps, doing)
        except FoundError as error:
            if error.finding.verdict != "wrong":
                raise
            broken = set().union(
                *(called(self.bench, draw, None, test=test).broken for test in (False, True))
            )
            if not broken:
                raise
            raise FoundError(
                f"The network stops over {_listed(broken)} of your layers.py, whose own check tells "
                "what is wrong. Whether the network is right otherwise cannot be seen so; it need not "
                f"cost points twice: a person will look at it. ({error.finding.message})",
                verdict="needs_person",
                mistake=FAULT,
            ) from None

    def answer(self, draw: Draw) -> tuple[Any, dict[str, Any]]:
        """Loss and gradients of a new net at the draw."""
        steps = [*draw.net(), *draw.loss("result")]
        return loss_and_gradients(self.results(steps, f"loss(X, y) {draw.at}", draw)["result"])

    def excuse(
        self,
        error: FoundError,
        draw: Draw,
        found: Mapping[str, Any],
        trained: Draw | None = None,
    ) -> None:
        """Raise the error, or one for a person, unless a layer alone is at fault.

        `found` holds any of "scores" (in test mode; `trained` is what came before them in training
        mode, often enough for all averages to settle), "loss" and gradients by the names of their
        parameters.
        """
        if error.finding.verdict != "wrong" or not found:
            raise error
        calls = called(self.bench, draw, trained, test="scores" in found)
        values = {name: number_of(value) for name, value in found.items()}
        if not calls.wrong or not all(
            name in calls.gives and agree(value, calls.gives[name], self.bench.tolerance)
            for name, value in values.items()
        ):
            raise error
        kinds = {name.partition("_")[0] for name in calls.wrong}
        seen = _says_something(draw, values)
        if len(kinds) == 1 and seen:
            self.at_fault |= calls.wrong
            return
        raise (FoundError if seen else UnseenError)(
            "The network gives what your own layers.py gives, put together as the task says, and that "
            f"differs from the reference because of {_listed(calls.wrong)}, whose own checks tell it. "
            f"It need not cost points twice: a person will look at it. ({error.finding.message})",
            verdict="needs_person",
            mistake=FAULT,
        )

    def excuse_masks(self, error: FoundError, draw: Draw) -> None:
        """Raise the error unless dropout_forward itself draws masks so: with a seed, or without one."""
        seed = draw.options.get("seed")
        how: dict[str, Any] = {"mode": "train", "p": draw.options["dropout"]}
        how |= {} if seed is None else {"seed": seed}
        x = np.ones((1, 900))
        steps = []
        for label in ("first", "second"):
            steps += [layer("dropout_forward", x, how, keep=label), send(Kept(label)[0], label)]
        sent = self.bench.ask(steps).sent
        first, second = (number_of(sent.get(label)) for label in ("first", "second"))
        same = np.array_equal(first, second)
        by_itself = 0 < np.count_nonzero(first) < first.size
        # With a seed both should be the same, without one they should not.
        if first.shape != x.shape or (by_itself and same == (seed is not None)):
            raise error
        self.at_fault.add("dropout_forward")


def _says_something(draw: Draw, values: Mapping[str, Numbers]) -> bool:
    """Whether the results depend on the inputs: scores differ, loss and gradients of W are not 0.

    Other gradients can be 0 by a layer's fault, or are so by right: of a bias before batch norm.
    """
    for name, value in values.items():
        plain = value - draw.reg * draw.parameters[name] if name.startswith("W") else value
        if name == "scores":
            plain = value - value[:1] if len(value) > 1 else value
        if not np.isfinite(plain).all():
            return False
        if name.startswith(("W", "scores", "loss")) and not np.abs(plain).max() > SMALLEST:
            return False
    return True


def _listed(functions: set[str]) -> str:
    return " and ".join(sorted(functions))
