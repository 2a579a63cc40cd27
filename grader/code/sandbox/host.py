"""The judge's side of a fork server: start it, learn its layers, open locked workers."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from grader.code.sandbox.conversation import Limits, SandboxError, Worker
from grader.code.sandbox.kinds import (
    LIBRARIES,
    PACKAGES,
    PRELOAD,
    PRELOAD_LATER,
    WorkerKind,
    installed,
)

START_S = 120.0
END_S = 5.0
MESSAGE_BYTES = 1 << 16
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "import sandbox.{module} as server, worker; "
    "del sys.path[0]; sys.argv[:] = ['']; server.main(worker)"
)


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
                message = self._control.recv(MESSAGE_BYTES)
            if not message:
                self._process.kill()
                _, errors = self._process.communicate()
                last = errors.decode(errors="replace").strip().splitlines()[-1:]
                raise SandboxError(f"the {self.kind} fork server did not start: {' '.join(last)}")
            self._hello = json.loads(message)
        return self._hello

    def open(
        self,
        submission: Path,
        limits: Limits,
        *,
        own_work: bool = False,
        without: tuple[str, ...] = (),
    ) -> Worker:
        """A new locked worker for the files under `submission`, `without` some layers.

        `own_work`: without what torch has finished and the task is to write.
        """
        self.hello()
        has_torch = self.kind == "torch"
        options: dict[str, Any] = {"torch": has_torch, "own_work": own_work and has_torch}
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
