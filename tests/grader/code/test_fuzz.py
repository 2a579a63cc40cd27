"""Zips and modules by chance: read or refused, graded or not, and never a traceback or a lost report.

The numbers of each kind are small here; `make test-slow` takes thousands. Case `n` is always the same.
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
from pathlib import Path

import pytest

from grader.archive import Submission, read_submission
from grader.code import grade_code
from grader.code.assignment import CodeAssignment, LimitSpec, infer_assignment
from grader.code.judge import Workshop, _unpacked
from grader.strict_zip import ArchiveLimits
from question_bank.diagnostics import Diagnostic, InputError
from tests.grader.archive.zips import DEVICE, FILE, FOLDER, LINK, Member, build, described

BANK = Path(__file__).parent / "submissions/exercise-3/right"
LAYERS, NETWORK = "exercise_code/layers.py", "exercise_code/rnn/rnn_nn.py"
MODULE = (BANK / "batchnorm_by_axis_sums" / LAYERS).read_bytes()
RECURRENT = [path.read_bytes() for path in sorted(BANK.glob(f"rnn_*/{NETWORK}"))]
LIMITS = ArchiveLimits(archive=400_000, member=200_000, total=300_000, members=60, small=2000)
VERDICTS = {"right", "wrong", "not_answered", "needs_person"}
FEW, MANY, MANY_MODULES = 100, 10_000, 2000
SHARE = 25  # cases of a slow test; each is a test of its own, so that workers share them
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
    assert time.monotonic() - start < 20
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


def check_module(number: int, task: CodeAssignment, workshop: Workshop) -> None:
    content = changed(MODULE, random.Random(number))
    start = time.monotonic()
    handed_in = Submission({LAYERS: content}, (), "")
    checks = grade_code(handed_in, task, seed=number, workshop=workshop).checks
    assert time.monotonic() - start < 60
    assert [c.id for c in checks] == [c.id for c in task.checks]
    assert {c.verdict for c in checks} <= VERDICTS, [c.message for c in checks]
    assert all(c.message.isprintable() for c in checks)
    assert all(bool(c.points) == (c.verdict == "right") for c in checks)


@pytest.fixture(scope="module")
def task(exercise_3: CodeAssignment) -> CodeAssignment:
    wanted = ("spatial_batchnorm_forward.values", "spatial_batchnorm_backward.gradients")
    checks = tuple(c for c in exercise_3.checks if c.id in wanted)
    limits = LimitSpec(wall_s=2, cpu_s=1, total_cpu_s=10, memory_mb=128, output_kb=64)
    return exercise_3.model_copy(update={"checks": checks, "limits": limits})


def test_zips_by_chance(tmp_path: Path) -> None:
    accepted = sum(check_zip(number, tmp_path) for number in range(FEW))
    assert 5 < accepted < FEW - 5, "the cases are neither all good nor all bad"


def test_modules_by_chance(task: CodeAssignment, workshop: Workshop) -> None:
    for number in range(FEW):
        check_module(number, task, workshop)


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARE))
def test_many_zips_by_chance(share: int, tmp_path: Path) -> None:
    for number in range(FEW + share, FEW + MANY, SHARE):
        check_zip(number, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARE))
def test_many_modules_by_chance(share: int, task: CodeAssignment, workshop: Workshop) -> None:
    for number in range(FEW + share, FEW + MANY_MODULES, SHARE):
        check_module(number, task, workshop)
