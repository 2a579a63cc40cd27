"""Namespaces, and a root file system that holds nothing but what a worker may read.

Source: namespaces(7), user_namespaces(7), pivot_root(2), mount_setattr(2).
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from .syscalls import checked, libc, syscall

FLAGS = {
    "mount": 0x00020000,
    "hostname": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "network": 0x40000000,
}

RDONLY, NOSUID, NODEV, NOEXEC = 1, 2, 4, 8
BIND, REC, SLAVE = 4096, 16384, 1 << 19
DETACH = 2
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
DEVICES = ("null", "zero", "urandom", "random")


def unshare(names: Iterable[str]) -> None:
    """Leave the namespaces named (keys of `FLAGS`); raises OSError where that is not allowed."""
    chosen = tuple(names)
    flags = 0
    for name in chosen:
        flags |= FLAGS[name]
    checked(libc.unshare(ctypes.c_int(flags)), f"unshare {', '.join(chosen)}")


def map_own_ids(user: int, group: int, inside: int) -> None:
    """In a new user namespace: show the one outer user and group as `inside`."""
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{inside} {user} 1\n")
    Path("/proc/self/gid_map").write_text(f"{inside} {group} 1\n")


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str = "") -> None:
    """mount(2); raises OSError naming source and target."""
    encoded = [None if s is None else os.fsencode(s) for s in (source, target, kind)]
    result = libc.mount(*encoded, ctypes.c_ulong(flags), os.fsencode(data))
    checked(result, f"mount {source} on {target}")


class _MountAttributes(ctypes.Structure):
    _fields_ = [
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns", ctypes.c_uint64),
    ]


def make_read_only(path: str, *, recursive: bool) -> None:
    """Turn a mount read-only, without set-user-id programs and devices."""
    attributes = _MountAttributes(RDONLY | NOSUID | NODEV, 0, 0, 0)
    syscall(
        "mount_setattr",
        AT_FDCWD,
        ctypes.c_char_p(os.fsencode(path)),
        AT_RECURSIVE if recursive else 0,
        ctypes.byref(attributes),
        ctypes.sizeof(attributes),
    )


def _bind(source: str, target: str) -> None:
    if Path(source).is_dir():
        Path(target).mkdir(parents=True, exist_ok=True)
    else:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        Path(target).touch()
    mount(source, target, None, BIND | REC)


def _tmpfs(target: str, options: str) -> None:
    Path(target).mkdir(parents=True, exist_ok=True)
    mount("tmpfs", target, "tmpfs", NOSUID | NODEV | NOEXEC, options)


def _enter(put_old: str) -> None:
    new, old = ctypes.c_char_p(b"."), ctypes.c_char_p(os.fsencode(put_old))
    syscall("pivot_root", new, old)


def enter_private_root(
    readable: Iterable[str],
    hidden: Iterable[str],
    placed: Mapping[str, str],
    devices: Iterable[str] = (),
    *,
    scratch_mb: int,
    own_proc: bool,
) -> bool:
    """Replace the file system by an empty one with `readable` bound read-only at the same paths.

    Needs a mount namespace of its own and the right to mount in it. `hidden` folders (of other
    packages, inside readable ones) become empty before the binds below them are made; `placed`
    maps further sources to their place inside; `devices` are nodes of /dev beyond the harmless ones. /tmp is the only writable folder, in memory and
    of bounded size. Two pivots, so that sources below /tmp can still be bound. Returns whether
    /proc shows the processes of the new pid namespace (else there is no /proc).
    Raises OSError.
    """
    mount(None, "/", None, REC | SLAVE)
    stage = "/tmp"  # noqa: S108  (a mount point, nothing is written below it)
    mount("tmpfs", stage, "tmpfs", NOSUID | NODEV, "mode=0755,size=1m,nr_inodes=8k")
    Path(stage, "new").mkdir()
    Path(stage, "old").mkdir()
    os.chdir(stage)
    _enter("old")
    os.chdir("/")
    new, old = "/new", "/old"
    mount(new, new, None, BIND)
    _tmpfs(new + stage, f"mode=1777,size={scratch_mb}m,nr_inodes=4k")
    covers = set(hidden)
    for source in sorted(set(readable) | covers):
        if Path(old + source).is_symlink():
            Path(new + source).parent.mkdir(parents=True, exist_ok=True)
            Path(new + source).symlink_to(Path(old + source).readlink())
        elif source in covers:
            if Path(new + source).is_dir():
                mount("tmpfs", new + source, "tmpfs", NOSUID | NODEV | NOEXEC, "size=1m,mode=0755")
        elif Path(old + source).exists():
            _bind(old + source, new + source)
    for source, target in placed.items():
        _bind(old + source, new + target)
    for device in (*(f"/dev/{name}" for name in DEVICES), *devices):
        _bind(old + device, new + device)
    fresh_proc = own_proc and _mount_proc(new + "/proc")
    make_read_only(new, recursive=False)
    for path in (*readable, *hidden, *placed.values()):
        _seal(new + path)
    checked(libc.umount2(b"/old", ctypes.c_int(DETACH)), "umount of the old root")
    os.chdir(new)
    _enter(".")
    checked(libc.umount2(b".", ctypes.c_int(DETACH)), "umount of the stage")
    os.chdir("/")
    return fresh_proc


def _seal(path: str) -> None:
    if Path(path).is_symlink() or not os.path.ismount(path):
        return
    make_read_only(path, recursive=True)


def _mount_proc(target: str) -> bool:
    Path(target).mkdir()
    try:
        mount("proc", target, "proc", NOSUID | NODEV | NOEXEC)
    except OSError:
        return False
    return True
