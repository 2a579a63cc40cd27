"""Giving up rights: resource limits, capabilities, the way back to privileges.

Source: setrlimit(2), capabilities(7), prctl(2) PR_SET_NO_NEW_PRIVS.
"""

from __future__ import annotations

import ctypes
import os
import resource
from pathlib import Path

from .syscalls import (
    PR_CAP_AMBIENT,
    PR_CAP_AMBIENT_CLEAR_ALL,
    PR_CAPBSET_DROP,
    PR_SET_NO_NEW_PRIVS,
    libc,
    prctl,
    syscall,
)

MIB = 1 << 20
_CAPABILITY_VERSION_3 = 0x20080522


def set_resource_limits(
    *, cpu_s: int, memory_mb: int, file_mb: int, open_files: int, processes: int
) -> None:
    """Bound CPU seconds, further memory (MiB beyond what is mapped now), files, and processes."""

    def both(kind: int, value: int) -> None:
        resource.setrlimit(kind, (value, value))

    both(resource.RLIMIT_CORE, 0)
    both(resource.RLIMIT_CPU, cpu_s)
    both(resource.RLIMIT_FSIZE, file_mb * MIB)
    both(resource.RLIMIT_NOFILE, open_files)
    both(resource.RLIMIT_NPROC, processes)
    both(resource.RLIMIT_MEMLOCK, MIB)
    both(resource.RLIMIT_AS, address_space_bytes() + memory_mb * MIB)


def address_space_bytes() -> int:
    """Bytes that this process has mapped (a torch process maps gigabytes that it never touches)."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def close_way_to_capabilities() -> None:
    """Empty the bounding set, so that no program started later can gain a capability.

    Needs the right to do so, which goes with `become`: call it first.
    """
    zero = ctypes.c_ulong(0)
    for capability in range(64):
        # One that the kernel does not know, or may not be dropped, is harmless: the sets of the
        # process itself are emptied all the same.
        libc.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability), zero, zero, zero)


def drop_capabilities() -> None:
    """Give up every capability that this process has; raises OSError."""
    zero = ctypes.c_ulong(0)
    libc.prctl(PR_CAP_AMBIENT, ctypes.c_ulong(PR_CAP_AMBIENT_CLEAR_ALL), zero, zero, zero)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)()
    syscall("capset", ctypes.byref(header), ctypes.byref(sets))


def forbid_new_privileges() -> None:
    """From here on no program can raise this process's rights; raises OSError."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def become(user: int) -> None:
    """Turn into an ordinary user with no groups; raises OSError unless called as root."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
