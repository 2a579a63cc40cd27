"""Zips and modules by chance. Case `number` is always the same.

A zip is an ordinary one or built field by field, then damaged; a module is a right one of the bank,
with tokens, expressions or bytes changed, graded beside the other files of its submission.
"""

from __future__ import annotations

import ast
import copy
import io
import random
import time
import tokenize
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from grader.archive import Submission, read_submission
from grader.code import grade_code, load_assignment
from grader.code.assignment import CodeAssignment, LimitSpec, infer_assignment
from grader.code.judge import Workshop, _unpacked, all_tests
from grader.files import Outputs
from grader.keys import read_json
from grader.report import report_from, report_of
from grader.strict_zip import ArchiveLimits
from question_bank.diagnostics import Diagnostic, InputError
from tests.grader.archive.zips import DEVICE, FILE, FOLDER, LINK, Member, build, described

BANK = Path(__file__).parent / "submissions"
LAYERS, NETWORK = "exercise_code/layers.py", "exercise_code/rnn/rnn_nn.py"
LIMITS = ArchiveLimits(archive=400_000, member=200_000, total=300_000, members=60, small=2000)
VERDICTS = {"right", "partly_right", "wrong", "not_answered", "needs_person"}
MOST_ZIP_S, MOST_MODULE_S = 20.0, 90.0  # a case that takes longer hangs
MOST_CHECKS = 2  # of a file, for one module
NUMPY = LimitSpec(wall_s=4, cpu_s=1, total_cpu_s=10, memory_mb=128, output_kb=64)
TORCH = LimitSpec(wall_s=10, cpu_s=2, total_cpu_s=20, memory_mb=512, output_kb=64)
ODD = ["..", "/", "\\", "\0", "\x1b[2J", "C:", ".", "a" * 300, "\U0001d160" * 60, "é", "e\u0301",
       "\u202e", "__MACOSX", "exercise_code", "models", "numpy.py", "K", "\u212a", "<b>", " ", "con"]  # fmt: skip


# ------------------------------------------------------------------------------------- zips


def ordinary(rng: random.Random) -> bytes:
    """A zip as students make them."""
    buffer = io.BytesIO()
    method = rng.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
    with zipfile.ZipFile(buffer, "w", method) as archive:
        folder = rng.choice(["", "exercise_3/", "a/"])
        for name in rng.sample([LAYERS, NETWORK, "models/rnn.p", "1_Notes.ipynb", ".DS_Store"], 3):
            archive.writestr(folder + name, rng.randbytes(rng.randrange(300)))
    return buffer.getvalue()


def odd(rng: random.Random) -> bytes:
    """A zip built field by field, in which several things may be off at once."""

    def member() -> Member:
        name = rng.choice(["", "a/", "exercise_code/"]) + "".join(
            rng.choices([*ODD, "b", "/"], k=2)
        )
        lies = rng.choice([{}, {}, {}, {"size": rng.randrange(1 << 32)}, {"offset": rng.randrange(200)},
                           {"packed_size": rng.randrange(500)}, {"crc": 1}, {"packed": rng.randbytes(20)},
                           {"local_name": b"x"}, {"before": b"more"}, {"extra": rng.randbytes(9)}])  # fmt: skip
        made = Member(
            rng.choice([name.encode(), rng.randbytes(5)]),
            rng.randbytes(rng.randrange(40)) * rng.choice([1, 1, 300]),
            mode=rng.choice([FILE, FILE, FILE, FOLDER, LINK, DEVICE, 0]),
            method=rng.choice([0, 8, 8, 12]),
            flags=rng.choice([0, 0, 0, 1, 8, 1 << 11, 1 << 13]),
            **lies,
        )
        return described(made) if rng.random() < 0.2 else made

    rest = rng.choice([{}, {}, {}, {"prefix": b"MZ"}, {"trailing": b"x"}, {"gap": b"x"}, {"disk": 1},
                       {"count": rng.randrange(1 << 16)}, {"comment": rng.randbytes(30)}])  # fmt: skip
    return build(*(member() for _ in range(rng.randrange(5))), **rest)


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Flipped, cut, doubled, moved or overwritten somewhere."""
    found = bytearray(data)
    for _ in range(rng.choice([0, 1, 1, 2, 8])):
        place, length = rng.randrange(len(found) + 1), rng.randrange(1, 40)
        what = rng.randrange(6)
        if what == 0 and place < len(found):
            found[place] ^= 1 << rng.randrange(8)
        elif what == 1:
            del found[place:]
        elif what == 2:
            found[place:place] = found[place : place + length]
        elif what == 3:
            del found[place : place + length]
        elif what == 4:
            found[place : place + length] = rng.randbytes(length)
        else:
            found[place : place + 4] = rng.choice([b"\xff" * 4, bytes(4), b"PK\5\6", b"PK\1\2"])
    return bytes(found)


class HangError(AssertionError):
    """A case took longer than any may."""


class LostReportError(AssertionError):
    """A report was not written, or is not what was written."""


def outside(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def check_zip(number: int, folder: Path) -> bool:
    """Whether case `number` was accepted."""
    rng = random.Random(number)
    data = damaged(rng.choice([ordinary, odd])(rng), rng)
    path = folder / "in" / "submission.zip"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    before, start = outside(folder), time.monotonic()
    refusals: tuple[Diagnostic, ...] = ()
    try:
        handed_in = read_submission(path, LIMITS)
    except InputError as error:
        refusals = error.diagnostics
    assert outside(folder) == before
    if time.monotonic() - start > MOST_ZIP_S:
        raise HangError(f"zip {number} took longer than {MOST_ZIP_S:g} s")
    if refusals:
        assert len(refusals) == 1
        assert all(c.isprintable() or c == "\n" for c in refusals[0].render())
        return False
    with _unpacked(handed_in) as place:
        inside = {p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file()}
        assert inside == set(handed_in.files)
        assert not any(p.is_symlink() for p in place.rglob("*"))
    assert outside(folder) == before
    infer_assignment(handed_in)
    return True


# ---------------------------------------------------------------------------------- modules


def tokens_changed(source: bytes, rng: random.Random) -> bytes:
    """Tokens left out, doubled, swapped, or replaced by others."""
    found = [t.string for t in tokenize.tokenize(io.BytesIO(source).readline)][1:]
    for _ in range(rng.choice([1, 1, 2, 5])):
        place, other = rng.randrange(len(found)), rng.choice(found)
        found[place] = rng.choice(["", other, found[place] * 2, "None", "x", "0", "1e400", "**"])
    # Between lines a blank would be an indent.
    text = "".join(t if t.isspace() or not t else f"{t} " for t in found)
    return text.replace("\n ", "\n").encode(errors="replace")


def tree_changed(source: bytes, rng: random.Random) -> bytes:
    """Expressions and statements exchanged with others of the same file."""
    tree = ast.parse(source)
    for kind in (ast.expr, ast.stmt):
        nodes = [n for n in ast.walk(tree) if isinstance(n, kind)]
        # A copy: a node that was put into itself would have no end.
        first, second = rng.choice(nodes), copy.deepcopy(rng.choice(nodes))
        if type(first) is type(second):
            first.__dict__.update(
                {k: v for k, v in vars(second).items() if k in first._fields and k != "ctx"}
            )
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and rng.random() < 0.1:
            node.op = rng.choice(
                [ast.Add(), ast.Pow(), ast.LShift(), ast.MatMult(), ast.FloorDiv()]
            )
    return ast.unparse(ast.fix_missing_locations(tree)).encode()


def bytes_changed(source: bytes, rng: random.Random) -> bytes:
    """The text damaged like a file, or nothing but noise."""
    return rng.choice([damaged(source, rng), rng.randbytes(rng.randrange(200))])


def changed(source: bytes, rng: random.Random) -> bytes:
    ways: list[Callable[[bytes, random.Random], bytes]] = [
        tokens_changed, tokens_changed, tree_changed, bytes_changed,
    ]  # fmt: skip
    return rng.choice(ways)(source, rng)


@dataclass(frozen=True)
class Target:
    """A file that an assignment tests, and the right submissions that have one."""

    assignment: str
    file: str
    folders: tuple[Path, ...]


@cache
def targets() -> tuple[Target, ...]:
    """Every Python file of every assignment that the bank has right ones of."""
    found = []
    for bank in sorted(BANK.iterdir()):
        assignment = load_assignment(bank.name)
        for file in assignment.files:
            folders = tuple(f for f in sorted((bank / "right").iterdir()) if (f / file).is_file())
            if folders and file.endswith(".py"):
                found.append(Target(assignment.id, file, folders))
    return tuple(found)


def target_of(number: int) -> Target:
    """The file that module `number` is one of: each in turn."""
    return targets()[number % len(targets())]


def task_of(target: Target, rng: random.Random) -> CodeAssignment:
    """Some checks of the file, with limits that end it soon."""
    whole = load_assignment(target.assignment)
    of_file = [check for check in whole.checks if all_tests()[check.id].file == target.file]
    counted = [check for check in of_file if check.points]
    chosen = rng.sample(counted, min(MOST_CHECKS, len(counted)))
    limits = TORCH if whole.files[target.file] == "torch" else NUMPY
    return whole.model_copy(update={"checks": tuple(chosen), "limits": limits})


def check_module(number: int, workshop: Workshop, folder: Path) -> None:
    """Grade case `number` and write its report below `folder`; the report is read back."""
    rng, target = random.Random(number), target_of(number)
    files = dict(read_submission(rng.choice(target.folders)).files)
    files[target.file] = changed(files[target.file], rng)
    task = task_of(target, rng)
    start = time.monotonic()
    result = grade_code(Submission(files, (), ""), task, seed=number, workshop=workshop)
    outputs, stem = Outputs(folder, gradescope=True), str(number)
    report = report_from(
        result.checks, user=None, assignment=task.id, title=task.title, form=None,
        submitted_at=datetime.now(UTC), pass_mark=1, device=result.device, seed=number,
        content_sha256="", versions={}, sandbox=result.sandbox_layers,
        missing_layers=result.missing_layers,
    )  # fmt: skip
    outputs.write(report, stem)
    if time.monotonic() - start > MOST_MODULE_S:
        raise HangError(f"module {number} took longer than {MOST_MODULE_S:g} s")
    written = outputs.files_of(stem)
    if not all(path.is_file() and path.stat().st_size for path in written):
        raise LostReportError(f"not all of {', '.join(path.name for path in written)} is there")
    if report_of(read_json(written[0])) != report:
        raise LostReportError(f"{written[0].name} does not hold what was graded")
    for path in written:
        path.unlink()
    checks = report.checks
    assert [c.id for c in checks] == [c.id for c in task.checks]
    assert {c.verdict for c in checks} <= VERDICTS, [c.message for c in checks]
    assert all(c.message.isprintable() for c in checks)
    assert all(bool(c.points) == (c.verdict in ("right", "partly_right")) for c in checks)
