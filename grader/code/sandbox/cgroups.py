"""Control groups: the kernel counts a worker's memory and processes, and ends all of them at once.

A group is a folder that the kernel fills with files. Groups for workers are made only in a folder
that was handed over for that: the judge's own group, or the one around it, without processes of
its own. The judge is never moved, and version 1 is not used: see docs/decisions.

    folder handed over / mockexam-held-... (one fork server, locked) / PID (one worker)

Source: cgroups(7), Linux Documentation/admin-guide/cgroup-v2.rst, systemd's CGROUP_DELEGATION.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CONTROLLERS = ("memory", "pids")
PREFIX = "mockexam-held-"
MIB = 1 << 20
# Beside what the submission uses: page tables, pipes, and the process that reaps.
KERNEL_MB = 64
KEPT_PROCESSES = 2
_REMOVE_S = 2.0
_PAUSE_S = 0.002
_ENABLED_BY_SYSTEMD = ("user.delegate", "trusted.delegate")


@dataclass(frozen=True)
class Group:
    """One worker's group, with the controllers that bound it."""

    folder: Path
    controllers: tuple[str, ...]

    def bound(self, *, memory_bytes: int | None = None, processes: int | None = None) -> None:
        """Set the limits given, of those that the kernel can keep here; raises OSError."""
        if processes is not None and "pids" in self.controllers:
            _write(self.folder / "pids.max", str(processes))
        if memory_bytes is not None and "memory" in self.controllers:
            _write(self.folder / "memory.max", str(memory_bytes))
            _write(self.folder / "memory.oom.group", "1")
            # Not there on kernels that do not account for swap.
            with contextlib.suppress(FileNotFoundError):
                _write(self.folder / "memory.swap.max", "0")

    def join(self) -> None:
        """Move the calling process in, and with it all that it will start; raises OSError."""
        _write(self.folder / "cgroup.procs", "0")

    def memory_bytes(self) -> int:
        """What the group uses now, file cache and kernel memory included; 0 where not counted."""
        if "memory" not in self.controllers:
            return 0
        return int((self.folder / "memory.current").read_text())

    def out_of_memory(self) -> bool:
        """Whether the kernel ended processes of the group because of its limit."""
        with contextlib.suppress(OSError):
            for line in (self.folder / "memory.events").read_text().splitlines():
                if line.startswith("oom_kill ") and line.split()[1] != "0":
                    return True
        return False

    def end(self) -> None:
        """Kill whatever is in the group, and remove it."""
        _end(self.folder)


@dataclass(frozen=True)
class Server:
    """The group of one fork server, in which each of its workers gets one of its own."""

    folder: Path
    controllers: tuple[str, ...]
    lock: int

    def group(self, name: str) -> Group:
        """A new group without limits; raises OSError."""
        folder = self.folder / name
        folder.mkdir()
        return Group(folder, self.controllers)

    def close(self) -> None:
        """Kill every worker that is left, and remove all groups of this server."""
        _end(self.folder)
        os.close(self.lock)


def serve_from(folder: Path, controllers: tuple[str, ...]) -> Server:
    """A locked group below `folder` that hands `controllers` down to workers; raises OSError."""
    sweep(folder)
    while True:
        own = folder / f"{PREFIX}{os.getpid()}-{os.urandom(4).hex()}"
        own.mkdir()
        with contextlib.suppress(FileNotFoundError):  # swept away before it could be locked
            lock = os.open(own, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if own.exists():
                break
            os.close(lock)
    server = Server(own, controllers, lock)
    try:
        for name in controllers:
            _write(own / "cgroup.subtree_control", f"+{name}")
    except OSError:
        server.close()
        raise
    if not (own / "cgroup.kill").exists():
        server.close()
        raise OSError(errno.ENOSYS, "this kernel cannot end a group at once (cgroup.kill)")
    return server


def sweep(folder: Path) -> None:
    """End and remove the groups of fork servers that were killed; those of living ones stay."""
    for own in sorted(folder.glob(f"{PREFIX}*")):
        with contextlib.suppress(OSError):  # another user's, or just gone
            lock = os.open(own, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _end(own)
            finally:
                os.close(lock)


def handed_over(
    process: Path = Path("/proc/self"), systemd: Path = Path("/run/systemd/system")
) -> tuple[Path, tuple[str, ...]]:
    """The folder in which groups may be made, and the controllers that it hands down.

    `process` holds `cgroup` and `mountinfo` of the judge's side; `systemd` exists where systemd
    rules over all groups that it has not handed over. Raises OSError with the reason of each folder.
    """
    reasons = []
    for folder in _candidates(process):
        try:
            return folder, _hand_down(folder, under_systemd=systemd.exists())
        except OSError as error:
            reasons.append(f"{folder}: {error.strerror}")
    raise OSError(errno.ENOENT, "; ".join(reasons))


def _candidates(process: Path) -> Iterator[Path]:
    """The group that `process` is in, and the one around it; raises OSError where there is none."""
    own = ""
    for line in (process / "cgroup").read_text().splitlines():
        number, _, path = line.split(":", 2)
        own = path if number == "0" else own
    if not own or own.startswith("/.."):
        raise OSError(errno.ENOENT, "no group of version 2 that can be seen from here")
    for line in (process / "mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        if after.split()[:1] != ["cgroup2"]:
            continue
        root, place = before.split()[3:5]
        inside = "/" if own == root else own.removeprefix(root if root != "/" else "")
        if root != "/" and inside == own:
            continue
        yield Path(place + inside)
        if inside != "/":
            yield Path(place + inside).parent
        return
    raise OSError(errno.ENOENT, "no file system of version 2 is mounted")


def _hand_down(folder: Path, *, under_systemd: bool) -> tuple[str, ...]:
    if under_systemd and not _handed_over_by_systemd(folder):
        raise OSError(errno.EPERM, "it is systemd's own, without Delegate=yes")
    if not os.access(folder, os.W_OK) or not os.access(folder / "cgroup.procs", os.W_OK):
        raise OSError(errno.EACCES, "not writable")
    there = (folder / "cgroup.controllers").read_text().split()
    usable = tuple(name for name in CONTROLLERS if name in there)
    if not usable:
        raise OSError(errno.ENOENT, "it has no controller of memory or processes")
    switches = folder / "cgroup.subtree_control"
    for name in usable:
        if name in switches.read_text().split():
            continue
        try:
            _write(switches, f"+{name}")
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
            why = "it holds processes, so it cannot hand its controllers down"
            raise OSError(errno.EBUSY, why) from None
    return usable


def _handed_over_by_systemd(folder: Path) -> bool:
    for name in _ENABLED_BY_SYSTEMD:
        with contextlib.suppress(OSError):
            return os.getxattr(folder, name) == b"1"
    return False


def _write(path: Path, text: str) -> None:
    """Write to a file that must be there already: the kernel makes it, nobody else."""
    handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(handle, text.encode())
    finally:
        os.close(handle)


def _end(folder: Path) -> None:
    """Kill all processes of a group and the groups in it, and remove them; what stays is swept later."""
    deadline = time.monotonic() + _REMOVE_S
    while True:
        with contextlib.suppress(OSError):
            _write(folder / "cgroup.kill", "1")
        with contextlib.suppress(OSError):
            for inner in folder.iterdir():
                if inner.is_dir():
                    inner.rmdir()
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            # Killed processes take a moment to leave.
            if time.monotonic() > deadline:
                return
            time.sleep(_PAUSE_S)
        else:
            return
