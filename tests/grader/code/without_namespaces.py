"""Grade one folder as inside a container that allows no namespaces; started by test_sandbox.

A seccomp filter answers "not permitted" to the calls named on the command line, so that they
fail as they do there. Prints what the grader found as JSON.
"""

from __future__ import annotations

import ctypes
import json
import sys
from pathlib import Path

from grader.archive import read_submission
from grader.code import grade_code, load_assignment
from grader.code.sandbox import limits, seccomp
from grader.code.sandbox.syscalls import MACHINE, syscall
from question_bank.diagnostics import InputError

LANDLOCK = 444
UNSHARE, SECCOMP = {"x86_64": (272, 317), "aarch64": (97, 277)}[MACHINE]
DENIED = {"unshare": UNSHARE, "seccomp": SECCOMP, "landlock": LANDLOCK}


def deny(numbers: list[int]) -> None:
    step = seccomp._instruction
    code = [step(0x20, 0)]
    for number in numbers:
        code += [step(0x15, number, 0, 1), step(0x06, 0x00050000 | 1)]
    text = b"".join([*code, step(0x06, 0x7FFF0000)])
    buffer = ctypes.create_string_buffer(text, len(text))
    program = seccomp._Program(len(text) // 8, ctypes.addressof(buffer))
    limits.forbid_new_privileges()
    syscall("seccomp", 1, 0, ctypes.byref(program))


def main() -> None:
    folder, allow_weak, *names = sys.argv[1:]
    deny([DENIED[name] for name in names])
    try:
        result = grade_code(
            read_submission(Path(folder)),
            load_assignment("exercise-3"),
            seed=1,
            allow_weak_sandbox=allow_weak == "allow",
        )
    except InputError as error:
        print(json.dumps({"refused": error.diagnostics[0].code}))
        return
    print(
        json.dumps(
            {
                "layers": result.sandbox_layers,
                "missing": result.missing_layers,
                "checks": {c.id: [c.verdict, c.mistake, c.message] for c in result.checks},
            }
        )
    )


main()
