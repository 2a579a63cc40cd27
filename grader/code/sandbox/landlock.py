"""Landlock: a process says which files it will ever open, and the kernel holds it to that.

Source: landlock(7), Linux Documentation/userspace-api/landlock.rst.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

from .syscalls import syscall

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << n for n in range(6))
MAKE_DIR, MAKE_REG = 1 << 7, 1 << 8
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
READ = READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | TRUNCATE
ON_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV

# How many file-system rights each version of the interface knows, and what it added later.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_ALL_RIGHTS = 16
_NETWORK_SINCE, _SCOPES_SINCE = 4, 6
_ASK_VERSION = 1
_PATH_BENEATH = 1


def version() -> int:
    """The kernel's Landlock version; 0 when there is none."""
    try:
        return syscall("landlock_create_ruleset", None, 0, _ASK_VERSION)
    except OSError:
        return 0


def restrict(
    readable: Iterable[str],
    writable: Iterable[str],
    devices: Iterable[str] = (),
    listed: Iterable[str] = (),
) -> None:
    """Allow reading below `readable`, reading and writing below `writable`, steering `devices`, and
    seeing the names of what lies below `listed`; no more. A second call takes away, and adds nothing.

    Also forbids TCP, and signals and abstract sockets to the outside, where the kernel can.
    Paths that do not exist are skipped. Raises OSError.
    """
    abi = version()
    if abi < 1:
        raise OSError(38, "this kernel has no Landlock")
    handled = (1 << _RIGHTS.get(abi, _ALL_RIGHTS)) - 1
    fields = [handled]
    if abi >= _NETWORK_SINCE:
        fields.append(0b11)
    if abi >= _SCOPES_SINCE:
        fields.append(0b11)
    attributes = ctypes.create_string_buffer(struct.pack(f"={len(fields)}Q", *fields))
    ruleset = syscall("landlock_create_ruleset", ctypes.byref(attributes), 8 * len(fields), 0)
    try:
        for path in readable:
            _allow(ruleset, path, READ & handled)
        for path in writable:
            _allow(ruleset, path, WRITE & handled)
        for path in listed:
            _allow(ruleset, path, READ_DIR & handled)
        for path in devices:
            _allow(ruleset, path, (READ_FILE | WRITE_FILE | IOCTL_DEV) & handled)
        syscall("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    if not Path(path).exists():
        return
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            rights &= ON_A_FILE
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, handle))
        syscall("landlock_add_rule", ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(handle)
