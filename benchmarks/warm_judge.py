"""A warm judge in a process of its own: `python benchmarks/warm_judge.py OUTPUT [--bare]`.

For each line with the names of zips (JSON) a line with the seconds of each, from the zip to the
report on disk, and what the workers were locked by. With --bare the calls that all layers but the
resource limits need are denied to it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

CHECKS = 10


def judge(output: Path) -> Generator[tuple[float, str], Path, None]:
    """A warm judge: for each zip sent, the seconds from the zip to the report on disk, and what it was locked by."""
    from grader.archive import read_submission
    from grader.code import grade_code, load_assignment
    from grader.code.judge import Workshop
    from grader.files import Outputs
    from grader.report import report_from

    layers = load_assignment("layers")
    of_batch_norm = tuple(
        check
        for check in load_assignment("exercise-3").checks
        if check.id.startswith("spatial_batchnorm")
    )
    ten = layers.model_copy(update={"checks": (*of_batch_norm, *layers.checks)})
    outputs, shop = Outputs(output), Workshop()
    try:
        path = yield 0.0, ""
        while True:
            start = time.perf_counter()
            submission = read_submission(path)
            result = grade_code(
                submission, ten, seed=1, allow_weak_sandbox=True, workshop=shop, device="cpu"
            )
            report = report_from(
                result.checks, user=None, assignment=ten.id, title=ten.title, form=None,
                submitted_at=datetime.now(UTC), pass_mark=ten.pass_mark, device=result.device,
                seed=1, content_sha256=submission.sha256, versions={},
                sandbox=result.sandbox_layers, missing_layers=result.missing_layers,
            )  # fmt: skip
            outputs.write(report, path.stem)
            taken = time.perf_counter() - start
            if len(report.checks) != CHECKS or report.score != report.max_score:
                raise RuntimeError(f"not full marks: {report}")
            lacking = ", ".join(result.missing_layers) or "none"
            path = yield taken, f"{', '.join(result.sandbox_layers)}; missing: {lacking}"
    finally:
        shop.close()


def deny_all_layers() -> None:
    """From here on this process and its children have resource limits to lock workers in, and no more."""
    import ctypes

    from grader.code.sandbox import limits, seccomp
    from grader.code.sandbox.syscalls import MACHINE, syscall

    names = ("unshare", "setresuid", "setgroups")
    column = 0 if MACHINE == "x86_64" else 1
    numbers = [seccomp.CALLS[name][column] for name in names]
    numbers += [444, {"x86_64": 317, "aarch64": 277}[MACHINE]]  # Landlock, seccomp
    # The benchmark's filter is made of the sandbox's own parts; nobody else needs one.
    instruction, program_type = seccomp._instruction, seccomp._Program  # noqa: SLF001
    program = [instruction(0x20, 0)]
    for number in numbers:
        program += [instruction(0x15, number or 0, 0, 1), instruction(0x06, 0x00050000 | 1)]
    text = b"".join([*program, instruction(0x06, 0x7FFF0000)])
    buffer = ctypes.create_string_buffer(text, len(text))
    filter_ = program_type(len(text) // 8, ctypes.addressof(buffer))
    limits.forbid_new_privileges()
    syscall("seccomp", 1, 0, ctypes.byref(filter_))


def serve(output: Path, *, bare: bool) -> None:
    """For each line with names of zips: their seconds, one by one, and the layers. In a process of its own."""
    if bare:
        deny_all_layers()
    judging = judge(output)
    next(judging)
    for line in sys.stdin:
        found = [judging.send(Path(name)) for name in json.loads(line)]
        print(json.dumps([[seconds for seconds, _ in found], found[-1][1]]), flush=True)
    judging.close()


def main() -> int:
    """Serve until the input ends."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0], allow_abbrev=False)
    options.add_argument("output", type=Path, help="folder of the reports")
    options.add_argument("--bare", action="store_true", help="resource limits only")
    arguments = options.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    serve(arguments.output, bare=arguments.bare)
    return 0


if __name__ == "__main__":
    sys.exit(main())
