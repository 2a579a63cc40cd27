"""The server for workers on a device: it stays bare, and each worker loads torch for itself.

What CUDA sets up does not survive a fork, so nothing of it may exist before a worker does. A worker
locks itself in first and opens the device afterwards: threads that the driver starts are then as
locked in as the rest, and what a device cannot work with is seen before a submission is there.

    grader --control socket--> server --fork--> monitor --fork--> process 1 --fork--> worker: torch, device
"""

from __future__ import annotations

import importlib
import os
import resource
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from . import cgroups, layers, limits, zygote
from .paths import Paths

# What the library of the GPU opens beside the device itself.
_BESIDE_THE_GPU = ("/sys", "/proc/driver/nvidia")
_NODES = ("nvidia[0-9]*", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-caps/*")
UNBOUNDED_MB = 1 << 24  # 16 TiB of addresses: a GPU's memory is mapped beside all of the machine's
OPEN_FILES = 512


def main(worker: Any) -> None:
    """Serve the control socket until it closes. `worker` is the worker module."""
    control, config, readable = zygote.begin()
    device = config["device"]
    readable = with_device(readable, device)
    plan = layers.probe(readable, zygote.samples(config))
    zygote.answer(control, plan)
    monitor = partial(DeviceMonitor, plan, readable, worker=worker, preload=config["preload"])
    zygote.serve(control, plan, [], monitor)


def with_device(readable: Paths, device: str) -> Paths:
    """What a worker on that device may open."""
    if device == "cpu":
        return readable
    nodes = sorted(str(path) for pattern in _NODES for path in Path("/dev").glob(pattern))
    beside = tuple(path for path in _BESIDE_THE_GPU if Path(path).is_dir())
    return replace(
        readable,
        bound=(*readable.bound, "/sys"),
        single=(*readable.single, *beside),
        devices=tuple(nodes),
    )


def reduced(plan: layers.Plan, without: list[str]) -> layers.Plan:
    """The plan less the layers named; "namespaces" are all of them."""
    if "namespaces" in without:
        plan = replace(plan, user_namespace=False, namespaces=(), own_proc=False)
    if "unprivileged user" in without:
        plan = replace(plan, unprivileged_user=False)
    if "seccomp" in without:
        plan = replace(plan, seccomp=False)
    if "landlock" in without:
        plan = replace(plan, landlock=False)
    if "cgroup" in without:
        plan = replace(plan, groups=None)
    return plan


class DeviceMonitor(zygote.Monitor):
    """One worker's life on a device."""

    def __init__(
        self,
        plan: layers.Plan,
        readable: Paths,
        request: dict[str, Any],
        fds: list[int],
        worker: Any,
        preload: list[str],
    ) -> None:
        options = request["worker"]
        super().__init__(reduced(plan, options["without"]), readable, request, fds, worker)
        self.device: str = options["device"]
        self.preload = preload

    def _bounded_group(self) -> cgroups.Group | None:
        """A group for the tree; what torch itself takes is not the submission's."""
        group = self.plan.groups.group(str(os.getpid())) if self.plan.groups else None
        if group:
            group.bound(processes=self.bounds.processes + cgroups.KEPT_PROCESSES)
        return group

    def _shared_kb(self, tree: int, base_kb: int) -> int:  # noqa: ARG002  (it has no torch to share)
        if self.group:
            bounds = self.bounds
            more = (bounds.memory_mb + bounds.scratch_mb + cgroups.KERNEL_MB) * cgroups.MIB
            self.group.bound(memory_bytes=self.group.memory_bytes() + more)
        return zygote.tree_kb(tree, 0)

    def _lock_in(self) -> None:
        given = self.bounds
        open_files = OPEN_FILES if self.device != "cpu" else given.open_files
        # Bounded below, when torch is loaded: what it maps is no use of memory.
        self.bounds = replace(given, memory_mb=UNBOUNDED_MB, open_files=open_files)
        layers.lock_in(self.plan, self.readable, self.bounds, self.submission, self.scratch)
        with _Quiet():
            for name in self.preload:
                importlib.import_module(name)
            use(self.device)
        if self.options["own_work"]:
            self._take_away()
            if self.plan.landlock:
                layers.restrict_files(self.plan, self.readable, self.submission, self.scratch)
        if self.device == "cpu":
            most = limits.address_space_bytes() + given.memory_mb * limits.MIB
            resource.setrlimit(resource.RLIMIT_AS, (most, most))


class _Quiet:
    """What libraries say while they load is not what the submission prints."""

    def __enter__(self) -> None:
        self._kept = [os.dup(fd) for fd in (1, 2)]
        nothing = os.open(os.devnull, os.O_WRONLY)
        for fd in (1, 2):
            os.dup2(nothing, fd)
        os.close(nothing)

    def __exit__(self, *_: object) -> None:
        for fd, kept in zip((1, 2), self._kept, strict=True):
            os.dup2(kept, fd)
            os.close(kept)


def use(device: str) -> None:
    """Make `device` the one that tensors are made on, and see that it computes. Raises RuntimeError."""
    if device == "cpu":
        return
    torch: Any = importlib.import_module("torch")
    torch.set_default_device(device)
    # Single precision as on the CPU: rounding to 10 bits is no student's mistake.
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    images = torch.ones(1, 1, 8, 8, requires_grad=True)
    torch.nn.functional.conv2d(images, torch.ones(1, 1, 3, 3)).sum().backward()
    (torch.ones(8, 8) @ torch.ones(8, 8)).sum().item()
    torch.cuda.synchronize()
