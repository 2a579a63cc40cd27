"""The fork server: imports what workers need, then forks one locked worker per request.

It is started by exec, so nothing of the grader was ever in its memory, and it neither computes
nor opens anything for the student: a worker can read this process's memory as it was, and finds
an interpreter with numpy (and torch), no more.

    grader --control socket--> zygote --fork--> monitor --fork--> process 1 --fork--> worker

The monitor stays outside the namespaces. It watches memory, ends the tree when the grader hangs
up (also when the grader dies), and says how the worker ended. Process 1 reaps.
"""

from __future__ import annotations

import array
import contextlib
import fcntl
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from functools import partial
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from . import cgroups, layers, paths

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec

CONTROL = 3
REQUESTS, REPLIES = 3, 4
MESSAGE_BYTES = 1 << 16
FDS_PER_WORKER = 4
WATCH_MS = 25
IDLE_S = 0.5
KIB_PER_MIB = 1024


class AllowedPackages:
    """Import hook: of the installed packages, only those on the list can be found."""

    def __init__(self, packages: dict[str, str]) -> None:
        self._packages = packages

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,  # noqa: ARG002  (the import system passes it)
    ) -> ModuleSpec | None:
        """Find an allowed top-level package; its submodules are found through its own path."""
        if path is not None or name not in self._packages:
            return None
        # Named outright: the folder that it lies in among all others cannot be listed from inside.
        place = Path(self._packages[name])
        if place.suffix == ".py":
            return spec_from_file_location(name, place)
        return spec_from_file_location(
            name, place / "__init__.py", submodule_search_locations=[str(place)]
        )


def main(worker: Any) -> None:
    """Serve the control socket until it closes. `worker` is the worker module."""
    control, config, readable = begin()
    plan = layers.probe(readable, samples(config))
    for name in config["preload"]:
        _preload(name)
    later = list(config["preload_later"])
    answer(control, plan)
    monitor = partial(Monitor, plan, readable, worker=worker)
    serve(
        control, plan, later, monitor, lambda: worker.finished_layers.prepare(sys.modules["torch"])
    )


def begin() -> tuple[socket.socket, dict[str, Any], paths.Paths]:
    """The control socket, what came first through it, and what workers may read."""
    control = socket.socket(fileno=CONTROL)
    config = json.loads(control.recv(MESSAGE_BYTES))
    sys.dont_write_bytecode = True
    sys.meta_path.append(AllowedPackages(config["packages"]))
    return (
        control,
        config,
        paths.for_packages([*config["packages"].values(), *config["libraries"]]),
    )


def answer(control: socket.socket, plan: layers.Plan) -> None:
    """Tell the grader that workers can be had, and what locks them in."""
    versions = {
        name: str(getattr(sys.modules.get(name), "__version__", "")) for name in ("numpy", "torch")
    }
    hello = {
        "layers": plan.names(),
        "missing": plan.missing,
        "private_root": plan.private_root,
        "versions": {name: version for name, version in versions.items() if version},
    }
    control.send(json.dumps(hello).encode())


def serve(
    control: socket.socket,
    plan: layers.Plan,
    later: list[str],
    monitor: Callable[[dict[str, Any], list[int]], Monitor],
    prepare: Callable[[], None] = lambda: None,
) -> None:
    """A worker for each request; modules of `later` are loaded when nothing is asked for.

    `prepare` is called before a worker that is to have nothing finished.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    asked = False
    while True:
        # Not before the first worker: whoever waits for that one waits for nothing else.
        while later and asked and not select.select([control], [], [], IDLE_S)[0]:
            _preload(later.pop(0))
        asked = True
        message, fds = _receive(control)
        if not message:
            if plan.groups:
                plan.groups.close()
            os._exit(0)
        request = json.loads(message)
        if request["worker"]["own_work"]:
            # Should it fail here, it fails in the worker again, which says why.
            with contextlib.suppress(Exception):
                prepare()
        if os.fork() == 0:
            control.close()
            try:
                monitor(request, fds).run()
            finally:
                os._exit(1)
        for fd in fds:
            os.close(fd)


def _preload(name: str) -> None:
    # A module of another torch version is no loss: it would be imported later, or never.
    gc.disable()
    with contextlib.suppress(ImportError):
        importlib.import_module(name)
    # Nothing of it is ever collected: workers share it as it is.
    gc.freeze()
    gc.enable()


def samples(config: dict[str, Any]) -> tuple[str, ...]:
    """Files that a worker must be able to read."""
    inits = [Path(path, "__init__.py") for path in config["packages"].values()]
    return (str(Path(os.__file__).resolve()), *(str(p) for p in inits if p.is_file()))


def _receive(control: socket.socket) -> tuple[bytes, list[int]]:
    message, ancillary, _, _ = control.recvmsg(
        MESSAGE_BYTES, socket.CMSG_SPACE(FDS_PER_WORKER * array.array("i").itemsize)
    )
    fds = array.array("i")
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            fds.frombytes(data[: len(data) // fds.itemsize * fds.itemsize])
    return message, list(fds)


class Monitor:
    """One worker's life, seen from outside: set it up, watch it, say how it ended."""

    def __init__(
        self,
        plan: layers.Plan,
        readable: paths.Paths,
        request: dict[str, Any],
        fds: list[int],
        worker: Any,
    ) -> None:
        self.plan, self.readable, self.worker = plan, readable, worker
        self.bounds = layers.Limits(**request["limits"])
        self.submission, self.scratch = request["submission"], request["scratch"]
        self.options = request["worker"]
        self.requests, self.replies, self.output, self.status = fds
        self.group: cgroups.Group | None = None

    def run(self) -> None:
        """Fork the tree, wait for its end, report. Never returns."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        layers.adopt_orphans()
        os.environ["WORKER_USER"] = str(layers.unprivileged_id())
        base_kb = _private_kb(os.getpid())
        set_up, set_up_writer = os.pipe()
        try:
            self.group = self._bounded_group()
            layers.leave_namespaces(self.plan)
        except OSError as error:
            self._report({"end": "set-up", "reason": str(error)})
        tree = os.fork()
        if tree == 0:
            os.close(set_up)
            os.close(self.status)
            self._first_process(set_up_writer)
        for fd in (set_up_writer, self.requests, self.replies, self.output):
            os.close(fd)
        with os.fdopen(set_up, "rb") as stream:
            problem = stream.read().decode(errors="replace")
        if problem:
            self._report({"end": "set-up", "reason": problem})
        shared_kb = self._shared_kb(tree, base_kb)
        with contextlib.suppress(BrokenPipeError):
            os.write(self.status, b"\n")  # set up: from here on the submission runs
        self._report(self._watch(tree, shared_kb))

    def _bounded_group(self) -> cgroups.Group | None:
        """A control group for the tree, where groups can be had. Raises OSError."""
        if not self.plan.groups:
            return None
        group = self.plan.groups.group(str(os.getpid()))
        bounds = self.bounds
        group.bound(
            memory_bytes=(bounds.memory_mb + bounds.scratch_mb + cgroups.KERNEL_MB) * cgroups.MIB,
            processes=bounds.processes + cgroups.KEPT_PROCESSES,
        )
        return group

    def _shared_kb(self, tree: int, base_kb: int) -> int:  # noqa: ARG002  (others measure the tree)
        """Memory that a process has without the submission: what it shares with the fork server."""
        return base_kb

    def _report(self, report: dict[str, object]) -> None:
        if self.group:
            self.group.end()
        with contextlib.suppress(BrokenPipeError):
            os.write(self.status, json.dumps(report).encode())
        os._exit(0)

    def _watch(self, tree: int, base_kb: int) -> dict[str, object]:
        handle = os.pidfd_open(tree)
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        poll.register(self.status, 0)  # only its error: the grader hung up
        reason = ""
        while not reason:
            events = dict(poll.poll(WATCH_MS))
            if handle in events:
                break
            if self.status in events:
                reason = "hung up"
            elif tree_kb(tree, base_kb) > self.bounds.memory_mb * KIB_PER_MIB:
                reason = "memory"
        if reason:
            with contextlib.suppress(ProcessLookupError):
                os.kill(tree, signal.SIGKILL)
        _, status, usage = os.wait4(tree, 0)
        full = self.group is not None and self.group.out_of_memory()
        if self.group:
            self.group.end()
        _end_descendants()
        report: dict[str, object] = {"cpu_s": usage.ru_utime + usage.ru_stime}
        if reason or full:
            return report | {"end": reason or "memory"}
        if os.WIFSIGNALED(status):
            return report | {"end": "signal", "number": os.WTERMSIG(status)}
        code = os.WEXITSTATUS(status)
        if self.plan.own_pids and code > Reaper.SIGNALLED:
            return report | {"end": "signal", "number": code - Reaper.SIGNALLED}
        return report | {"end": "exit", "number": code}

    def _first_process(self, set_up: int) -> None:
        """In the new namespaces: the private file system, then the worker. Never returns."""
        try:
            layers.end_with_parent()
            if self.group:
                self.group.join()
            set_up = self._place_fds(set_up)
            layers.enter_root(self.plan, self.readable, self.submission, self.bounds.scratch_mb)
            if self.plan.private_root:
                self.submission, self.scratch = layers.SUBMISSION, layers.SCRATCH
            layers.hide_from_ptrace()
            if self.plan.own_pids:
                child = os.fork()
                if child:
                    os.closerange(0, set_up + 1)
                    Reaper(child).run()
            self._worker(set_up)
        except BaseException as error:  # noqa: BLE001  (the report is the only way out)
            os.write(set_up, f"{type(error).__name__}: {error}"[:1000].encode())
        os._exit(1)

    def _place_fds(self, set_up: int) -> int:
        """0 nothing, 1 and 2 the captured output, 3 requests, 4 replies, 5 set-up; no others."""
        nothing = os.open(os.devnull, os.O_RDONLY)
        high = [
            fcntl.fcntl(fd, fcntl.F_DUPFD, 64)
            for fd in (nothing, self.output, self.output, self.requests, self.replies, set_up)
        ]
        for number, fd in enumerate(high):
            os.dup2(fd, number)
        os.closerange(len(high), 4096)
        return len(high) - 1

    def _worker(self, set_up: int) -> None:
        os.chdir(self.scratch)
        self._lock_in()
        if not self.plan.own_proc:
            layers.hide_from_ptrace()
        os.environ.clear()
        os.environ.update(HOME=self.scratch, TMPDIR=self.scratch, LANG="C.UTF-8", PATH="")
        os.close(set_up)
        self.worker.serve(REQUESTS, REPLIES, self.submission, self.options)
        os._exit(0)

    def _lock_in(self) -> None:
        if self.options["own_work"]:
            self._take_away()
        layers.lock_in(self.plan, self.readable, self.bounds, self.submission, self.scratch)

    def _take_away(self) -> None:
        """Nothing finished is left in this process, nor can it be read from files again."""
        files = self.worker.finished_layers.take_away(importlib.import_module("torch"))
        self.readable = self.readable.without(files)


class Reaper:
    """Process 1 of the worker's process tree: it waits, and passes on how the worker ended."""

    SIGNALLED = 128

    def __init__(self, worker: int) -> None:
        self.child = worker

    def run(self) -> None:
        """Never returns; its own end takes the whole tree with it."""
        while True:
            process, status = os.wait()
            if process != self.child:
                continue
            if os.WIFEXITED(status):
                os._exit(min(os.WEXITSTATUS(status), self.SIGNALLED))
            os._exit(self.SIGNALLED + os.WTERMSIG(status))


def _descendants(process: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *_descendants(int(child))]
    return found


def _end_descendants() -> None:
    """Kill what the tree left behind, until no child is left: orphans come to this process."""
    while True:
        for process in _descendants(os.getpid()):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        try:
            os.wait()
        except ChildProcessError:
            return


def _private_kb(process: int) -> int:
    """Memory of one process that no file backs, in KiB; 0 when it has just ended."""
    total = 0
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith(("RssAnon:", "RssShmem:")):
                total += int(line.split()[1])
    return total


def tree_kb(process: int, shared_kb: int) -> int:
    """Memory of a process tree, less what each of it shares with the zygote by fork."""
    return sum(max(0, _private_kb(p) - shared_kb) for p in [process, *_descendants(process)])
