"""The judge's side of the sandbox: start a fork server, open locked workers, talk to them."""

from __future__ import annotations

import array
import contextlib
import importlib.util
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from grader.code import frames
from grader.code.sanitise import sanitise
from question_bank.diagnostics import Diagnostic, InputError

WorkerKind = Literal["numpy", "torch"]
START_S = 120.0
SET_UP_S = 30.0
END_S = 5.0
REPORT_S = 2.0
READ_BYTES = 1 << 16
KEPT_OUTPUT_BYTES = 1 << 14
_STATUS_SIGXCPU, _STATUS_SIGKILL, _STATUS_SIGSEGV = 24, 9, 11

# Helper packages that tasks of exercise 3 may use in earnest (a table of faces, a pretrained net), and
# what they import in turn: real where they are installed, stand-ins where not. See the extra "course".
COURSE_PACKAGES = ("pandas", "dateutil", "six", "pytz", "tzdata", "PIL", "torchvision")
# What each kind of worker can import beyond the standard library. torch needs the others.
PACKAGES: Mapping[WorkerKind, tuple[str, ...]] = {
    "numpy": ("numpy",),
    "torch": (
        "numpy", "torch", "torchgen", "functorch", "typing_extensions", "sympy", "mpmath",
        "networkx", "jinja2", "markupsafe", "filelock", "fsspec", "triton", "optree",
        *COURSE_PACKAGES,
    ),
}  # fmt: skip
# Folders beside the packages that hold shared libraries only.
LIBRARIES = (
    "numpy.libs", "torch.libs", "nvidia", "pandas.libs", "pillow.libs", "torchvision.libs",
)  # fmt: skip
# Imported once in the fork server instead of once per worker, before the first worker starts ...
PRELOAD: Mapping[WorkerKind, tuple[str, ...]] = {
    "numpy": ("numpy", "numpy.random"),
    "torch": ("numpy", "numpy.random", "torch", "torch.overrides"),
}
# ... or when nothing has been asked for a while: some code never needs these, and they take longer.
# torch imports them at a gradient along a given vector, and where an optimiser is made.
PRELOAD_LATER: Mapping[WorkerKind, tuple[str, ...]] = {
    "numpy": (),
    "torch": ("torch.fx.experimental.symbolic_shapes", "torch._dynamo"),
}
# Packages that the course's helper files import; a stand-in fails only when it is used.
HELPERS = (
    "pandas", "PIL", "torchvision", "matplotlib", "scipy", "sklearn", "skimage", "cv2", "h5py",
    "imageio", "seaborn", "tqdm", "IPython", "tensorboard", "tensorboardX", "pytorch_lightning",
    "graphviz", "past", "future", "six",
)  # fmt: skip
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "import sandbox.{module} as server, worker; "
    "del sys.path[0]; sys.argv[:] = ['']; server.main(worker)"
)


@dataclass(frozen=True)
class Limits:
    """What a worker may use: per request seconds, in all CPU seconds, and sizes in MiB."""

    wall_s: float = 20.0
    cpu_s: float = 10.0
    total_cpu_s: int = 120
    memory_mb: int = 1024
    scratch_mb: int = 64
    reply_mb: int = 64
    output_kb: int = 1024


class WorkerEndedError(Exception):
    """The worker is gone, or was ended, because of what the student's code did."""

    def __init__(self, reason: str, output: str) -> None:
        super().__init__(reason)
        self.reason, self.output = reason, output


class SandboxError(Exception):
    """The worker could not be set up: not the student's fault."""


def installed(names: tuple[str, ...]) -> dict[str, str]:
    """Where the packages lie that are installed here: name -> folder or file."""
    found = {}
    for name in names:
        spec = importlib.util.find_spec(name)
        if spec and spec.submodule_search_locations and spec.origin:
            found[name] = str(Path(next(iter(spec.submodule_search_locations))).resolve())
        elif spec and spec.origin and spec.origin.endswith(".py"):
            found[name] = str(Path(spec.origin).resolve())
    return found


class Zygote:
    """A fork server with numpy (and torch) imported; each worker is a locked child of it.

    With `device` the server is bare, and each worker loads torch by itself: what a GPU's library
    sets up does not survive a fork.
    """

    def __init__(self, kind: WorkerKind, *, device: str | None = None) -> None:
        self.kind = kind
        self._device = device
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        packages = installed(PACKAGES[kind])
        folders = {Path(path).parent for path in packages.values()}
        config = {
            "packages": packages,
            "preload": PRELOAD[kind],
            "preload_later": PRELOAD_LATER[kind],
            "device": device,
            "libraries": [
                str(f / name) for f in folders for name in LIBRARIES if (f / name).is_dir()
            ],
        }
        with theirs:
            self._process = subprocess.Popen(
                _command(theirs.fileno(), "spawned" if device else "zygote"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=(theirs.fileno(),),
                cwd="/",
                env={
                    "PATH": "",
                    "LANG": "C.UTF-8",
                    "OMP_NUM_THREADS": "1",
                    "OPENBLAS_NUM_THREADS": "1",
                    "MKL_NUM_THREADS": "1",
                    "CUDA_VISIBLE_DEVICES": "",
                    **(_of_device(device) if device else {}),
                },
                start_new_session=True,
            )
        ours.send(json.dumps(config).encode())
        self._hello: dict[str, Any] | None = None

    def hello(self) -> dict[str, Any]:
        """Layers in force, missing layers with reasons, versions. Waits for the start to end."""
        if self._hello is None:
            self._control.settimeout(START_S)
            message = b""
            with contextlib.suppress(OSError):
                message = self._control.recv(READ_BYTES)
            if not message:
                self._process.kill()
                _, errors = self._process.communicate()
                last = errors.decode(errors="replace").strip().splitlines()[-1:]
                raise SandboxError(f"the {self.kind} fork server did not start: {' '.join(last)}")
            self._hello = json.loads(message)
        return self._hello

    def open(self, submission: Path, limits: Limits, *, without: tuple[str, ...] = ()) -> Worker:
        """A new locked worker for the files under `submission`, `without` some layers."""
        self.hello()
        options: dict[str, Any] = {"torch": self.kind == "torch"}
        if self._device:
            options |= {"device": self._device, "without": without}
        return Worker(self._control, self.kind, submission, limits, options)

    def close(self) -> None:
        """End the fork server."""
        self._control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.communicate(timeout=END_S)
        self._process.kill()
        self._process.wait()
        if self._process.stderr:
            self._process.stderr.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _of_device(device: str) -> dict[str, str]:
    """What the library of a device reads from the environment."""
    if device == "cpu":
        return {}
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    found = {"CUDA_CACHE_DISABLE": "1"}  # compiled kernels are not left behind for the next worker
    return found if chosen is None else found | {"CUDA_VISIBLE_DEVICES": chosen}


def _command(control: int, module: str) -> list[str]:
    """Start the fork server in a bare interpreter: no site-packages, no .pth files."""
    base = getattr(sys, "_base_executable", None) or sys.executable
    # The inherited control socket moves to the number that the zygote expects.
    move = f"import os; os.dup2({control}, 3); os.closerange(4, 256); "
    code_folder = str(Path(__file__).resolve().parent.parent)
    return [
        str(Path(base).resolve()),
        "-I",
        "-S",
        "-c",
        move + _START.format(module=module),
        code_folder,
    ]


def require_floor(hello: Mapping[str, Any], *, allow_weak: bool) -> None:
    """Refuse to run student code with too little around it, unless told otherwise."""
    names = " ".join(hello["layers"])
    lacking = []
    if "landlock" not in names and "mount namespace" not in names:
        lacking.append("neither Landlock nor a mount namespace hides the files of this machine")
    if "seccomp" not in names:
        lacking.append("no seccomp filter, so programs and sockets cannot be denied")
    if lacking and not allow_weak:
        raise InputError(
            Diagnostic(
                code="weak-sandbox",
                message=f"refusing to run a submission here: {'; '.join(lacking)}",
                hint="grade on a Linux machine or container that allows them, or pass "
                "--allow-weak-sandbox if you trust every submission",
            )
        )


def stand_ins(kind: WorkerKind) -> dict[str, str]:
    """Packages that a worker of this kind gets as stand-ins, with the reason for the student."""
    reasons = dict.fromkeys(HELPERS, "it is not installed where submissions are graded")
    if kind == "numpy":
        reasons["torch"] = "this task is to be written in NumPy: there is no torch here"
    return reasons


class Worker:
    """One locked process with one submission in it."""

    def __init__(
        self,
        control: socket.socket,
        kind: WorkerKind,
        submission: Path,
        limits: Limits,
        options: Mapping[str, Any],
    ) -> None:
        self.limits = limits
        self._number = 0
        self._output = bytearray()
        self._output_bytes = 0
        self._scratch = Path(tempfile.mkdtemp(prefix="mockexam-scratch-"))
        self._scratch.chmod(0o1777)
        requests, self._requests = os.pipe()
        self._replies, replies = os.pipe()
        self._printed, printed = os.pipe()
        self._status, status = os.pipe()
        message = {
            "submission": str(submission.resolve()),
            "scratch": str(self._scratch.resolve()),
            "limits": {
                "cpu_s": limits.total_cpu_s,
                "memory_mb": limits.memory_mb,
                "scratch_mb": limits.scratch_mb,
            },
            "worker": {
                **options,
                "stand_ins": stand_ins(kind),
                "reply_bytes": limits.reply_mb << 20,
            },
        }
        theirs = [requests, replies, printed, status]
        try:
            control.sendmsg(
                [json.dumps(message).encode()],
                [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", theirs))],
            )
        except OSError as error:
            raise SandboxError(f"the fork server is gone: {error}") from error
        finally:
            for fd in theirs:
                os.close(fd)
        for fd in (self._requests, self._replies, self._printed):
            os.set_blocking(fd, False)

    def ask(self, steps: list[dict[str, Any]], seed: int) -> frames.Reply:
        """Carry out steps; WorkerEndedError when no proper reply comes, SandboxError if ours."""
        self._number += 1
        request = frames.encode_request(self._number, seed, self.limits.cpu_s, steps)
        deadline = time.monotonic() + self.limits.wall_s
        prefix = bytearray()
        self._exchange(request, prefix, frames.PREFIX_BYTES, deadline)
        try:
            lengths = frames.body_lengths(bytes(prefix), self.limits.reply_mb << 20)
            rest = bytearray()
            self._exchange(b"", rest, sum(lengths), deadline)
            text, body = bytes(rest[: lengths[0]]), bytes(rest[lengths[0] :])
            return frames.decode_reply(self._number, text, body)
        except frames.RubbishError as error:
            raise self._ended(f"the reply was not readable: {error}") from None

    def output(self) -> str:
        """The end of what the student's code has printed, safe to show."""
        return sanitise(bytes(self._output).decode(errors="replace"), 1000)

    def close(self) -> None:
        """End the worker and everything it started."""
        for name in ("_requests", "_replies", "_printed", "_status"):
            fd = getattr(self, name)
            if fd >= 0:
                os.close(fd)
                setattr(self, name, -1)
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _ended(self, reason: str) -> WorkerEndedError:
        output = self.output()
        self.close()
        return WorkerEndedError(reason, output)

    def _exchange(self, request: bytes, into: bytearray, count: int, deadline: float) -> None:
        """Write `request` and read exactly `count` bytes of the reply, and all that is printed."""
        to_write = memoryview(request)
        poll = select.poll()
        poll.register(self._replies, select.POLLIN)
        poll.register(self._printed, select.POLLIN)
        if to_write:
            poll.register(self._requests, select.POLLOUT)
        while len(into) < count or to_write:
            left = deadline - time.monotonic()
            if left <= 0:
                raise self._ended(f"it was stopped after {self.limits.wall_s:g} s without a result")
            for fd, event in poll.poll(left * 1000):
                if fd == self._requests:
                    try:
                        to_write = to_write[os.write(fd, to_write[:READ_BYTES]) :]
                    except BrokenPipeError:
                        to_write = to_write[:0]
                    if not to_write:
                        poll.unregister(fd)
                elif fd == self._printed:
                    if not self._drain():
                        poll.unregister(fd)
                elif event:
                    part = os.read(fd, min(READ_BYTES, count - len(into)))
                    if not part:
                        raise self._gone()
                    into += part
                    if len(into) >= count:
                        poll.unregister(fd)

    def _drain(self) -> bool:
        part = os.read(self._printed, READ_BYTES)
        self._output_bytes += len(part)
        self._output = (self._output + part)[-KEPT_OUTPUT_BYTES:]
        if self._output_bytes > self.limits.output_kb << 10:
            raise self._ended(f"it printed more than {self.limits.output_kb} KiB and was stopped")
        return bool(part)

    def _read_status(self) -> bytes:
        """What the monitor says: nothing before the set-up, a line end after it, then a report."""
        text, deadline = b"", time.monotonic() + END_S
        poll = select.poll()
        poll.register(self._status, select.POLLIN)
        while poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            part = os.read(self._status, READ_BYTES)
            if not part:
                break
            text += part
            deadline = min(deadline, time.monotonic() + REPORT_S)
        return text

    def _gone(self) -> Exception:
        """Why the reply pipe closed, as the monitor saw it."""
        text, report = self._read_status(), dict[str, Any]()
        with contextlib.suppress(ValueError):
            report = json.loads(text)
        while select.select([self._printed], [], [], 0)[0] and self._drain():
            pass
        end, number = report.get("end"), int(report.get("number", 0))
        if end == "set-up" or not text:
            self.close()
            return SandboxError(report.get("reason", "the worker vanished without a report"))
        if not report:
            # It was set up, and lives: only the student's code can have closed the pipe.
            return self._ended("it closed the pipe to the grader instead of returning a result")
        if end == "memory":
            return self._ended(f"it used more than {self.limits.memory_mb} MiB and was stopped")
        if end == "signal":
            names = {
                _STATUS_SIGXCPU: f"it used more than {self.limits.cpu_s:g} s of CPU time",
                _STATUS_SIGKILL: "its process was killed",
                _STATUS_SIGSEGV: "its process crashed (segmentation fault)",
            }
            return self._ended(names.get(number, f"its process ended by signal {number}"))
        return self._ended(
            f"it ended the process (exit status {number}) instead of returning a result"
        )
