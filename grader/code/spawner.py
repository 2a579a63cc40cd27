"""The judge's side of workers on a device: each is started for itself, and one is kept ready ahead.

A worker on a GPU takes seconds to start, so it starts before its submission is known: it is locked
in around an empty folder, which the submission's files are put into when its turn comes.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from grader.code.frames import Kept, Tensor
from grader.code.sandbox.conversation import Limits, SandboxError, Worker, WorkerEndedError
from grader.code.sandbox.host import START_S, Zygote
from grader.held_folders import HeldFolder, hold
from question_bank.diagnostics import Diagnostic, InputError

# What is given up, one after the other, where a device does not work behind all layers.
LADDER: tuple[tuple[str, ...], ...] = (
    (),
    ("seccomp",),
    ("namespaces",),
    ("namespaces", "unprivileged user"),
    ("namespaces", "unprivileged user", "seccomp"),
    ("namespaces", "unprivileged user", "seccomp", "landlock"),
)
# What no worker on a GPU has, and why.
NEVER_ON_A_GPU: Mapping[str, str] = {
    "address space limit": "a GPU's memory is mapped beside the machine's, so it cannot be bounded",
    "hidden hardware": "the GPU's library reads /sys, and steers the nodes of the device",
    "GPU memory limit": "a GPU's memory cannot be bounded for one process",
}


_ONES = np.ones((4, 4), np.float32)


@dataclass(frozen=True)
class _Place:
    """A worker without a submission yet, and the folder that it will find one in."""

    worker: Worker
    folder: Path


class Spawner:
    """Workers that load torch for themselves, on one device; to the judge it is like a fork server."""

    def __init__(self, device: str, limits: Limits) -> None:
        self.device, self._limits = device, limits
        self._server = Zygote("torch", device=device)
        self._without: tuple[str, ...] = ()
        self._hello: dict[str, Any] | None = None
        self._folders: list[HeldFolder] = []
        self._opened = {False: 0, True: 0}
        self._ahead: dict[bool, _Place] = {False: self._start()}  # by whether it is for own work

    def hello(self) -> dict[str, Any]:
        """Layers in force and missing, once a worker has computed on the device behind them.

        Raises InputError where none does.
        """
        if self._hello is None:
            told = self._server.hello()
            reason = ""
            there = [
                tuple(name for name in step if _in_force(told["layers"], name)) for step in LADDER
            ]
            for self._without in dict.fromkeys(there):
                place = self._ahead.pop(False, None) or self._start()
                why = self._trial(place)
                if not why:
                    self._ahead[False] = place
                    break
                reason = reason or why
            else:
                raise InputError(
                    Diagnostic(
                        code="device-fails",
                        message=f"no worker can compute on {self.device}: {reason}",
                        hint="use --device auto: references then run on the GPU, submissions on the CPU",
                    )
                )
            why = f"{self.device} does not work behind all layers: {reason}"
            lost = dict.fromkeys(self._without, why)
            if self.device != "cpu":
                lost |= NEVER_ON_A_GPU
            kept = [name for name in told["layers"] if not _given_up(name, self._without)]
            self._hello = {**told, "layers": kept, "missing": told["missing"] | lost}
        return self._hello

    def open(self, submission: Path, limits: Limits, *, own_work: bool = False) -> Worker:
        """A locked worker for the files under `submission`; waits until it is ready.

        `own_work`: without what torch has finished and the task is to write.
        """
        self.hello()
        if limits != self._limits:
            self._end_those_ahead()
            self._limits = limits
        place = self._ahead.pop(own_work, None) or self._start(own_work=own_work)
        self._opened[own_work] += 1
        if self._opened[own_work] > 1:
            # Whoever needs two may need more.
            self._ahead[own_work] = self._start(own_work=own_work)
        _ask(place.worker, [])
        shutil.copytree(submission, place.folder, dirs_exist_ok=True)
        place.worker.limits = limits
        return place.worker

    def close(self) -> None:
        """End the server, and remove what workers read."""
        self._end_those_ahead()
        self._server.close()
        for folder in self._folders:
            folder.remove()

    def _end_those_ahead(self) -> None:
        while self._ahead:
            self._ahead.popitem()[1].worker.close()

    def _start(self, *, own_work: bool = False) -> _Place:
        held = hold("place")
        self._folders.append(held)
        folder = held.path
        folder.chmod(0o755)
        # Loading torch is not the submission's time.
        patient = replace(self._limits, wall_s=START_S)
        worker = self._server.open(folder, patient, own_work=own_work, without=self._without)
        return _Place(worker, folder)

    def _trial(self, place: _Place) -> str:
        """Why the device cannot be used behind the layers of the place, which is then closed; or ""."""
        square = Tensor(_ONES, grad=True)
        steps: list[dict[str, Any]] = [
            {"do": "keep", "value": square, "as": "x"},
            {"do": "call", "target": "torch:matmul", "args": [Kept("x"), Kept("x")], "as": "y"},
            {"do": "gradient", "of": [Kept("y")], "along": [square], "wrt": [Kept("x")], "as": "g"},
            {"do": "send", "value": Kept("g"), "label": "g"},
        ]
        try:
            _ask(place.worker, steps)
        except SandboxError as error:
            place.worker.close()
            return str(error) or "it does not say why"
        return ""


def _ask(worker: Worker, steps: list[dict[str, Any]]) -> None:
    """Have it do something before there is a submission. Raises SandboxError."""
    try:
        reply = worker.ask(steps, 0)
    except WorkerEndedError as error:
        raise SandboxError(f"{error.reason} {error.output}".strip()) from None
    if reply.raised:
        raise SandboxError(f"{reply.raised.type_name}: {reply.raised.text}")


def _given_up(layer: str, without: tuple[str, ...]) -> bool:
    kind = "namespaces" if layer.endswith(" namespace") else layer
    return any(kind.startswith(name) for name in without)


def _in_force(layers: list[str], name: str) -> bool:
    return any(_given_up(layer, (name,)) for layer in layers)
