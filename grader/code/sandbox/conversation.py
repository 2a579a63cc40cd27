"""One locked worker, seen from the judge: requests go in, replies and what is printed come out."""

from __future__ import annotations

import array
import contextlib
import json
import os
import select
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.code import frames
from grader.code.sandbox.kinds import WorkerKind, stand_ins
from grader.code.sanitise import sanitise
from grader.code.stack_dump import without_dumps
from grader.held_folders import hold

END_S = 5.0
GRACE_S = 1.0
REPORT_S = 2.0
READ_BYTES = 1 << 16
KEPT_OUTPUT_BYTES = 1 << 14
SHOWN_CHARACTERS = 1000
_STATUS_SIGXCPU, _STATUS_SIGKILL, _STATUS_SIGSEGV, _STATUS_SIGALRM = 24, 9, 11, 14


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
        """`output`: all that was kept of what it had printed, with dumps of where its code was."""
        printed, self.place = without_dumps(output)
        super().__init__(f"{reason} (at {self.place})" if self.place else reason)
        self.reason, self.output = str(self), sanitise(printed, SHOWN_CHARACTERS)


class SandboxError(Exception):
    """The worker could not be set up: not the student's fault."""


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
        self._scratch = hold("scratch")
        self._scratch.path.chmod(0o1777)
        requests, self._requests = os.pipe()
        self._replies, replies = os.pipe()
        self._printed, printed = os.pipe()
        self._status, status = os.pipe()
        message = {
            "submission": str(submission.resolve()),
            "scratch": str(self._scratch.path.resolve()),
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
        limits = self.limits
        request = frames.encode_request(self._number, seed, limits.cpu_s, limits.wall_s, steps)
        # The worker's own timer comes first: it knows where its code is.
        deadline = time.monotonic() + limits.wall_s + GRACE_S
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
        """The end of what the student's code has printed, as it came."""
        return bytes(self._output).decode(errors="replace")

    def close(self) -> None:
        """End the worker and everything it started."""
        for name in ("_requests", "_replies", "_printed", "_status"):
            fd = getattr(self, name)
            if fd >= 0:
                os.close(fd)
                setattr(self, name, -1)
        self._scratch.remove()

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
                raise self._ended(self._late())
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

    def _late(self) -> str:
        return f"it was stopped after {self.limits.wall_s:g} s without a result"

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
                _STATUS_SIGALRM: self._late(),
                _STATUS_SIGKILL: "its process was killed",
                _STATUS_SIGSEGV: "its process crashed (segmentation fault)",
            }
            return self._ended(names.get(number, f"its process ended by signal {number}"))
        return self._ended(
            f"it ended the process (exit status {number}) instead of returning a result"
        )
