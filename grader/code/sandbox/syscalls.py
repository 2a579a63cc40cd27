"""The few Linux system calls that the standard library does not wrap."""

from __future__ import annotations

import ctypes
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()

# Numbers that libc has no function for. From 424 on they are the same on every architecture.
NUMBERS: dict[str, int] = {
    "x86_64": {"pivot_root": 155, "capset": 126, "seccomp": 317},
    "aarch64": {"pivot_root": 41, "capset": 91, "seccomp": 277},
}.get(MACHINE, {}) | {
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
}


def checked(result: int, what: str) -> int:
    """Return `result`, or raise OSError with the C library's errno when it is negative."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def syscall(name: str, *arguments: object) -> int:
    """Call a system call by name; raises OSError. Integers are passed as C longs."""
    if name not in NUMBERS:
        raise OSError(38, f"{name}: its number on {MACHINE} is not known")
    converted = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return checked(libc.syscall(ctypes.c_long(NUMBERS[name]), *converted), name)


def prctl(option: int, value: int = 0) -> int:
    """Call prctl(2) with one argument; raises OSError."""
    zero = ctypes.c_ulong(0)
    result = libc.prctl(ctypes.c_int(option), ctypes.c_ulong(value), zero, zero, zero)
    return checked(result, f"prctl({option})")


PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
