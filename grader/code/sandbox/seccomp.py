"""seccomp: system calls that a worker never needs answer "not permitted".

The filter allows by default and denies by name, so that numpy, torch and the C library keep
working across versions; what it denies is what leads out: programs, processes, sockets, mounts,
other processes' memory, and the kernel's large and rarely needed interfaces.

Source: seccomp(2), Linux Documentation/userspace-api/seccomp_filter.rst.
"""

from __future__ import annotations

import ctypes
import errno
import struct

from .syscalls import MACHINE, syscall

# name: (number on x86_64, number on aarch64); None where the architecture lacks the call.
CALLS: dict[str, tuple[int | None, int | None]] = {
    # programs and processes (threads come from clone, treated apart)
    "execve": (59, 221), "execveat": (322, 281), "fork": (57, None), "vfork": (58, None),
    # sockets of every kind
    "socket": (41, 198), "socketpair": (53, 199),
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "kcmp": (312, 272), "pidfd_getfd": (438, 438), "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424), "process_madvise": (440, 440),
    # file systems and namespaces
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "statmount": (457, 457), "listmount": (458, 458),
    "unshare": (272, 97), "setns": (308, 268), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265), "mknod": (133, None), "mknodat": (259, 33),
    "quotactl": (179, 60), "quotactl_fd": (443, 443), "swapon": (167, 224), "swapoff": (168, 225),
    # the kernel itself
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142),
    "syslog": (103, 116), "acct": (163, 89), "personality": (135, 92), "iopl": (172, None),
    "ioperm": (173, None), "modify_ldt": (154, None), "vhangup": (153, 58),
    "lookup_dcookie": (212, 18), "vmsplice": (278, 75), "move_pages": (279, 239),
    "migrate_pages": (256, 238), "fanotify_init": (300, 262), "fanotify_mark": (301, 263),
    # clocks, names, keys, identities
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171),
    "clock_adjtime": (305, 266), "sethostname": (170, 161), "setdomainname": (171, 162),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143),
    "setresuid": (117, 147), "setresgid": (119, 149), "setgroups": (116, 159),
    "setfsuid": (122, 151), "setfsgid": (123, 152), "capset": (126, 91),
    # memory that outlives or hides from the limits, queues between processes
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194),
    "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
    # signals, sessions
    "setsid": (112, 157), "setpgid": (109, 154), "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
}  # fmt: skip
CLONE = (56, 220)
CLONE3 = (435, 435)
CLONE_THREAD = 0x00010000
SIGNALS = {"kill": (62, 129), "tgkill": (234, 131)}

_AUDIT_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x40000000
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_OFFSET_NUMBER, _OFFSET_ARCHITECTURE, _OFFSET_FIRST_ARGUMENT = 0, 4, 16
_SET_MODE_FILTER, _ALL_THREADS = 1, 1


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value & 0xFFFFFFFF)


def program(own_pid: int) -> bytes:
    """The filter as BPF instructions, for a process whose only own pid is `own_pid`."""
    column = 0 if MACHINE == "x86_64" else 1
    refuse = _instruction(_RETURN, _ERROR | errno.EPERM)
    allow = _instruction(_RETURN, _ALLOW)
    code = [
        _instruction(_LOAD, _OFFSET_ARCHITECTURE),
        _instruction(_JUMP_EQUAL, _AUDIT_ARCHITECTURE[MACHINE], 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _OFFSET_NUMBER),
    ]
    if MACHINE == "x86_64":  # the x32 numbers are a second way to every call
        code += [_instruction(_JUMP_AT_LEAST, _X32_BIT, 0, 1), _instruction(_RETURN, _KILL)]
    for numbers in CALLS.values():
        number = numbers[column]
        if number is not None:
            code += [_instruction(_JUMP_EQUAL, number, 0, 1), refuse]
    # The C library falls back to clone when clone3 is not there; only clone's flags are visible.
    code += [
        _instruction(_JUMP_EQUAL, CLONE3[column], 0, 1),
        _instruction(_RETURN, _ERROR | errno.ENOSYS),
    ]
    threads_only = [
        _instruction(_LOAD, _OFFSET_FIRST_ARGUMENT),
        _instruction(_JUMP_SET, CLONE_THREAD, 1, 0),
        refuse,
        allow,
    ]
    code += [_instruction(_JUMP_EQUAL, CLONE[column], 0, len(threads_only)), *threads_only]
    for numbers in SIGNALS.values():
        to_itself_only = [
            _instruction(_LOAD, _OFFSET_FIRST_ARGUMENT),
            _instruction(_JUMP_EQUAL, own_pid, 1, 0),
            refuse,
            allow,
        ]
        code += [_instruction(_JUMP_EQUAL, numbers[column], 0, len(to_itself_only))]
        code += to_itself_only
    return b"".join([*code, allow])


class _Program(ctypes.Structure):
    _fields_ = [
        ("length", ctypes.c_ushort),
        ("instructions", ctypes.c_void_p),
    ]


def restrict(own_pid: int) -> None:
    """Install the filter in every thread of this process; raises OSError."""
    if MACHINE not in _AUDIT_ARCHITECTURE:
        raise OSError(errno.ENOSYS, f"no filter is written for {MACHINE}")
    text = program(own_pid)
    buffer = ctypes.create_string_buffer(text, len(text))
    filter_ = _Program(len(text) // 8, ctypes.addressof(buffer))
    thread = syscall("seccomp", _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(filter_))
    if thread > 0:
        raise OSError(errno.ESRCH, f"thread {thread} could not be bound by the filter")
