"""One suite for every kind of worker: what it is kept from, and whether the layers reported say so."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.code.frames import Kept, Reply
from grader.code.sandbox.conversation import Limits, SandboxError, Worker, WorkerEndedError
from grader.code.sandbox.host import Zygote
from grader.code.spawner import _given_up
from tests.grader.code.test_sandbox import readable

TABLE = yaml.safe_load(Path(__file__).with_name("probes.yaml").read_text())
LIMITS = Limits(wall_s=3, cpu_s=1, memory_mb=256, output_kb=64)
# Loading torch into a spawned worker is not the submission's time.
PATIENT = Limits(wall_s=120, cpu_s=100, memory_mb=256, output_kb=64)
SOURCE = """
import ctypes, os, resource, signal, socket, threading, time

def child():
    number = os.fork()
    if number == 0:
        os._exit(0)
    os.waitpid(number, 0)
    return True

def children(most):
    started = []
    try:
        for _ in range(most):
            started.append(os.fork())
            if started[-1] == 0:
                time.sleep(60)
    except OSError:
        return len(started)
    finally:
        for number in started:
            os.kill(number, signal.SIGKILL)
    return len(started)

def threads(most):
    threading.stack_size(1 << 16)
    end, started = threading.Event(), 0
    try:
        for started in range(most):
            threading.Thread(target=end.wait, daemon=True).start()
    except RuntimeError:
        return started
    finally:
        end.set()
    return most

def fill(number, megabytes):
    for _ in range(number):
        if os.fork() == 0:
            held = bytearray(b"x") * (megabytes << 20)
            time.sleep(60)
    time.sleep(60)

def leave_behind(mark):
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        libc = ctypes.CDLL(None)
        libc.prctl(15, ctypes.c_char_p(mark.encode()), 0, 0, 0)  # its name
        time.sleep(600)
    time.sleep(60)

def rights():
    lines = open("/proc/self/status").read().splitlines()
    return any(int(line.split()[1], 16) for line in lines if line.startswith("Cap"))

def gets_through(expression):
    try:
        return bool(eval(expression))
    except (OSError, MemoryError):
        return False

def does(expression):
    eval(expression)
"""


@dataclass(frozen=True)
class Backend:
    """A way to start workers, less some layers."""

    server: Zygote
    without: tuple[str, ...]
    layers: tuple[str, ...]

    def open(self, folder: Path) -> Worker:
        worker = self.server.open(folder, PATIENT, without=self.without)
        try:
            worker.ask([], 0)
        except SandboxError as error:
            # Where Python lies in a folder that an ordinary user may not enter, it must be mounted.
            if self.without != ("namespaces",) or "Permission denied" not in str(error):
                raise
            pytest.skip(str(error))
        worker.limits = LIMITS
        return worker


SPAWNED = [
    pytest.param(("torch", "cpu", without), marks=pytest.mark.slow, id=name)
    for name, without in {
        "spawned": (),
        "spawned, no seccomp": ("seccomp",),
        "spawned, no seccomp, no cgroup": ("seccomp", "cgroup"),
        "spawned, no namespaces": ("namespaces",),
        "spawned, no namespaces, no user": ("namespaces", "unprivileged user"),
        "spawned, only landlock": ("namespaces", "unprivileged user", "seccomp"),
        "spawned, nothing": ("namespaces", "unprivileged user", "seccomp", "landlock", "cgroup"),
    }.items()
]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(("numpy", None, ()), id="forked numpy"),
        pytest.param(("torch", None, ()), id="forked torch", marks=pytest.mark.slow),
        *SPAWNED,
    ],
)
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    kind, device, without = request.param
    with Zygote(kind, device=device) as server:
        told = server.hello()["layers"]
        yield Backend(server, without, tuple(n for n in told if not _given_up(n, without)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "probes.py").write_text(SOURCE)
    return readable(tmp_path)


def asked(worker: Worker, function: str, expression: str) -> Reply:
    call = {"do": "call", "target": f"probes:{function}", "args": [expression], "as": "out"}
    return worker.ask([call, {"do": "send", "value": Kept("out"), "label": "out"}], 1)


def test_a_worker_is_kept_from_what_its_layers_say(backend: Backend, folder: Path) -> None:
    worker = backend.open(folder)
    worker.limits = replace(LIMITS, wall_s=25)
    got: dict[str, Any] = {}
    try:
        for name, probe in TABLE["probes"].items():
            reply = asked(worker, "gets_through", probe["tries"])
            assert reply.raised is None, (name, reply.raised)
            got[name] = reply.sent["out"]
    finally:
        worker.close()
    names = " ".join(backend.layers)
    kept = {
        name: not probe["kept_by"] or any(layer in names for layer in probe["kept_by"])
        for name, probe in TABLE["probes"].items()
    }
    assert {name for name in got if got[name] == kept[name]} == set(), backend.layers


@pytest.mark.parametrize("name", sorted(TABLE["ends"]))
def test_a_worker_that_does_not_answer_is_ended(name: str, backend: Backend, folder: Path) -> None:
    if any(layer in backend.layers for layer in TABLE["ends"][name].get("unless", ())):
        pytest.skip("its layers do not let it come that far")
    worker, start = backend.open(folder), time.monotonic()
    if name not in ("sleeps", "prints"):  # other programs may use the machine, too
        worker.limits = replace(LIMITS, wall_s=25)
    with pytest.raises(WorkerEndedError, match=TABLE["ends"][name]["says"]):
        asked(worker, "does", TABLE["ends"][name]["does"])
    assert time.monotonic() - start < 30


def test_what_a_worker_leaves_behind_ends_with_it(backend: Backend, folder: Path) -> None:
    mark, worker = f"left-{os.getpid()}", backend.open(folder)
    if "seccomp" in backend.layers:
        pytest.skip("it cannot start a process")
    worker.limits = replace(LIMITS, wall_s=2)
    with pytest.raises(WorkerEndedError, match="stopped after 2 s"):
        asked(worker, "leave_behind", mark)
    deadline = time.monotonic() + 10
    while (left := named(mark)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []


def named(name: str) -> list[str]:
    """Processes of this name."""
    found = []
    for path in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            found += [path.parent.name] if path.read_text().strip() == name else []
    return found
