"""Submissions that are accepted, and everything that is refused with one clear diagnostic."""

from __future__ import annotations

import io
import os
import struct
import sys
import time
import tracemalloc
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.archive import Submission, read_submission
from grader.strict_zip import ArchiveLimits
from question_bank.diagnostics import InputError

sys.path.insert(0, str(Path(__file__).parent))
from zips import DEVICE, FOLDER, LINK, Member, build, described

LAYERS = Member(b"exercise_code/layers.py")
SMALL = ArchiveLimits(archive=200_000, member=100_000, total=150_000, members=50, small=2000)

TABLE = yaml.safe_load((Path(__file__).parent / "hand_ins.yaml").read_text("utf-8"))
REAL, HINTS = TABLE["real"], TABLE["hints"]


def refused(path: Path, limits: ArchiveLimits | None = None) -> tuple[str, str]:
    """Code and rendered text of the one diagnostic."""
    with pytest.raises(InputError) as caught:
        read_submission(path, limits)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.hint
    assert diagnostic.where
    assert diagnostic.where.file == str(path)
    return diagnostic.code, diagnostic.render()


def written(folder: Path, data: bytes) -> Path:
    path = folder / "submission.zip"
    path.write_bytes(data)
    return path


FACE = "\U0001f600".encode()
ZEROS = Member(b"a.bin", content=bytes(90_000))
HOSTILE = {
    "traversal": (build(Member(b"../../evil.py")), "leads out of the archive"),
    "traversal in the middle": (build(Member(b"a/../../evil.py")), "leads out of the archive"),
    "absolute": (build(Member(b"/etc/passwd")), "absolute"),
    "windows drive": (build(Member(b"C:/evil.py")), "Windows"),
    "backslash": (build(Member(b"..\\evil.py")), "Windows"),
    "dot": (build(Member(b"./layers.py")), "empty part"),
    "double slash": (build(Member(b"a//layers.py")), "empty part"),
    "empty name": (build(Member(b"")), "empty or too long"),
    "long name": (build(Member(b"a" * 300)), "empty or too long"),
    "long name in bytes": (
        build(Member(b"exercise_code/" + FACE * 100 + b".py")), "empty or too long",
    ),
    "long folder name in bytes": (
        build(Member(FACE * 100 + b"/", b"", FOLDER, method=0), LAYERS),
        "empty or too long",
    ),
    "long name once composed": (build(Member("\U0001d160".encode() * 60)), "empty or too long"),
    "deep": (build(Member(b"a/" * 30 + b"b.py")), "nested too deep"),
    "NUL": (build(Member(b"layers.py\0.txt")), "control characters"),
    "escape sequence": (build(Member(b"\x1b[2Jlayers.py")), "control characters"),
    "right-to-left": (build(Member("layers\u202eyp.py".encode(), flags=1 << 11)), "control"),
    "not UTF-8": (build(Member(b"\xff\xfe.py", flags=1 << 11)), "not text"),
    "symbolic link": (build(LAYERS, Member(b"link", b"/etc/passwd", LINK)), "symbolic link"),
    "device": (build(Member(b"tty", mode=DEVICE)), "special file"),
    "folder with content": (build(Member(b"a/", mode=FOLDER)), "folder and a file"),
    "folder without a slash": (build(Member(b"a", b"", FOLDER)), "folder and a file"),
    "twice": (build(LAYERS, LAYERS), "occurs twice"),
    "case collision": (build(LAYERS, Member(b"exercise_code/Layers.py")), "collides"),
    "NFC collision": (
        build(Member("é.py".encode()), Member("e\u0301.py".encode())), "collides",
    ),
    "file and folder": (build(Member(b"a"), Member(b"a/b.py")), "inside the file"),
    "encrypted": (build(Member(b"a.py", flags=1)), "encrypted"),
    "masked headers": (build(Member(b"a.py", flags=1 << 13)), "encrypted"),
    "unknown compression": (build(Member(b"a.py", method=14)), "compression method 14"),
    "zip64 sizes": (build(Member(b"a.py", size=0xFFFFFFFF)), "ZIP64"),
    "bomb by ratio": (build(ZEROS), "more than 50 times"),
    "bomb of many small members": (
        build(*(Member(b"%d" % n, bytes(12_000)) for n in range(10))), "more than 50 times",
    ),
    "too large": (build(Member(b"a.bin", os.urandom(110_000), method=0)), "more than"),
    "too large together": (
        build(*(Member(b"%d" % n, os.urandom(45_000), method=0) for n in range(4))), "more than",
    ),
    "many members": (build(*(Member(b"%d.py" % n, b"") for n in range(60))), "60 members"),
    "lying size, too small": (build(Member(b"a.py", size=3)), "not as long"),
    "lying size, too large": (build(Member(b"a.py", size=30)), "not as long"),
    "lying checksum": (build(Member(b"a.py", crc=5)), "damaged"),
    "local header names another file": (
        build(Member(b"a.py", local_name=b"b.py")), "own header",
    ),
    "local header has another size": (build(Member(b"a.py", local_size=1)), "own header"),
    "descriptor lies": (
        build(Member(b"a.py", flags=8, descriptor=b"PK\x07\x08" + bytes(12))), "wrong",
    ),
    "overlap": (build(LAYERS, Member(b"b.py", offset=0)), "overlap"),
    "overlap, quoted": (
        build(Member(b"a.py", packed_size=30, packed=bytes(10)), Member(b"b.py")), "overlap",
    ),
    "prefix data": (build(LAYERS, prefix=b"#!/bin/sh\n"), "hidden data"),
    "hidden between members": (build(LAYERS, Member(b"b.py", before=b"secret")), "hidden data"),
    "hidden before the directory": (build(LAYERS, gap=b"secret"), "hidden data"),
    "trailing data": (build(LAYERS, trailing=b"more"), "after the end"),
    "two zips in one": (build(LAYERS) + build(Member(b"b.py")), "does not end where"),
    "second end record in the comment": (
        build(LAYERS, comment=build(Member(b"b.py"))), "",
    ),
    "bomb beside what is not used": (build(ZEROS, Member(b"venv/a")), "more than 50 times"),
    "traversal in what is not used": (build(Member(b"venv/../../evil.py")), "leads out"),
    "escape sequence in what is not used": (build(LAYERS, Member(b".git/\x1b[2J")), "control"),
    "overlap in what is not used": (build(LAYERS, Member(b"venv/b.py", offset=0)), "overlap"),
    "what is not used, below a long name": (build(Member(b"venv/" + b"a/" * 900)), "too long"),
    "count too large": (build(LAYERS, count=2), "announces 2"),
    "count too small": (build(LAYERS, Member(b"b.py"), count=1), "lists more"),
    "several disks": (build(LAYERS, disk=1), "several"),
    "empty zip": (build(), "no files"),
    "only folders": (build(Member(b"a/", b"", FOLDER, method=0)), "no files that can be graded"),
    "only junk": (build(Member(b"__MACOSX/a"), Member(b".DS_Store")), "no files that can be"),
    "empty file": (b"", "empty"),
    "not a zip": (b"%PDF-1.7 and so on" * 20, "not a zip"),
    "cut off": (build(LAYERS)[:-30], "cut off"),
    "cut off in the end record": (build(LAYERS)[:-3], "cut off"),
    "zeros": (bytes(1000), "not a zip"),
    "broken deflate": (build(Member(b"a.py", packed=b"\xff" * 9)), "cannot be unpacked"),
    "data after the deflate stream": (
        build(Member(b"a.py", packed=Member(b"").data + b"more")), "not as long",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_zip_is_refused(name: str, tmp_path: Path) -> None:
    data, says = HOSTILE[name]
    path = written(tmp_path, data)
    code, text = refused(path, SMALL)
    assert says in text
    assert code in {"unsafe-zip", "broken-zip", "not-a-zip", "too-large", "empty-submission"}
    assert "\x1b" not in text
    assert [entry.name for entry in tmp_path.iterdir()] == ["submission.zip"]


def test_a_million_announced_members_cost_nothing(tmp_path: Path) -> None:
    assert "ZIP64" in refused(written(tmp_path, build(LAYERS, count=0xFFFF)))[1]


def test_bomb_is_not_inflated_beyond_its_announced_size(tmp_path: Path) -> None:
    bomb = Member(b"a.bin", bytes(50_000_000), size=1000, crc=zlib.crc32(bytes(1000)))
    assert "not as long" in refused(written(tmp_path, build(bomb)))[1]


def test_missing_file_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere.zip")[0] == "unreadable"


def test_plain_zip(tmp_path: Path) -> None:
    got = read_submission(
        written(tmp_path, build(LAYERS, Member(b"models/", b"", FOLDER, method=0)))
    )
    assert dict(got.files) == {"exercise_code/layers.py": b"x = 1\n"}
    assert len(got.sha256) == 64


@pytest.mark.parametrize("marked", [True, False])
def test_sizes_after_the_data_are_read(tmp_path: Path, marked: bool) -> None:
    members = [
        described(LAYERS, marked=marked),
        described(Member(b"exercise_code/b.py"), marked=marked),
    ]
    got = read_submission(written(tmp_path, build(*members, comment=b"made by a student")))
    assert sorted(got.files) == ["exercise_code/b.py", "exercise_code/layers.py"]


def test_what_lay_around_is_skipped_and_named(tmp_path: Path) -> None:
    names = [
        b"exercise_3/exercise_code/layers.py", b"exercise_3/1_BatchNorm.ipynb",
        b"exercise_3/exercise_code/__pycache__/layers.cpython-37.pyc", b"exercise_3/.DS_Store",
        b"__MACOSX/exercise_3/._layers.py", b"exercise_3/models/rnn.model",
        b"exercise_3/exercise_code/fast.so", b"exercise_3/torch.py", b"exercise_3/numpy/__init__.py",
    ]  # fmt: skip
    got = read_submission(written(tmp_path, build(*map(Member, names))))
    assert sorted(got.files) == ["1_BatchNorm.ipynb", "exercise_code/layers.py", "models/rnn.model"]
    skipped = dict(got.skipped)
    assert len(skipped) == 6
    assert "macOS" in skipped["__MACOSX/exercise_3/._layers.py"]
    assert skipped["torch.py"] == "has the name of a library"


@pytest.mark.parametrize("case", REAL, ids=lambda case: case["name"])
@pytest.mark.parametrize("as_folder", [False, True], ids=["zip", "folder"])
def test_real_hand_ins_are_read(case: dict[str, Any], as_folder: bool, tmp_path: Path) -> None:
    contents = {name: name.encode() for name in case["zip"]}
    if as_folder:
        path = tmp_path / "hand-in"
        for name, content in contents.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(content)
    else:
        path = written(tmp_path, build(*(Member(n.encode(), c) for n, c in contents.items())))
    got = read_submission(path)
    wanted = case["files"] if isinstance(case["files"], dict) else {n: n for n in case["files"]}
    assert got.files == {name: came_from.encode() for name, came_from in wanted.items()}
    not_used = {reason for _, reason in got.skipped}
    assert not_used == set(case.get("not_used", []))


@pytest.mark.parametrize("case", HINTS, ids=lambda case: case["name"])
def test_the_hint_fits_the_reason(case: dict[str, str], tmp_path: Path) -> None:
    data, _ = HOSTILE[case["name"]]
    with pytest.raises(InputError) as caught:
        read_submission(written(tmp_path, data), SMALL)
    assert case["hint"] in str(caught.value.diagnostics[0].hint)


def test_too_many_members_names_the_folder_that_holds_most(tmp_path: Path) -> None:
    members = [Member(b"w0256/datasets/cifar/%d.png" % n, b"") for n in range(60)]
    _, text = refused(written(tmp_path, build(LAYERS, *members)), SMALL)
    assert "w0256/datasets/cifar/ holds 60 of them" in text


@pytest.mark.parametrize("folder", ["venv", ".git", "my_env", "a/node_modules", "x/__pycache__"])
def test_what_is_not_used_does_not_count(folder: str, tmp_path: Path) -> None:
    """Neither its members, nor their depth, size, twins, links or passwords: nothing of it is read."""
    inside = [
        *(Member(f"{folder}/{n}".encode(), b"") for n in range(60)),
        Member(f"{folder}/{'a/' * 30}b.js".encode()),
        Member(f"{folder}/large".encode(), os.urandom(110_000), method=0),
        Member(f"{folder}/README.md".encode()),
        Member(f"{folder}/readme.md".encode()),
        Member(f"{folder}/bin/python".encode(), b"/usr/bin/python3", LINK),
        Member(f"{folder}/secret".encode(), flags=1),
        Member(f"{folder}/pyvenv.cfg".encode()),
    ]
    got = read_submission(written(tmp_path, build(LAYERS, *inside)), SMALL)
    assert list(got.files) == ["exercise_code/layers.py"]
    assert len(got.skipped) == len(inside)


def test_links_of_an_environment_in_a_folder_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "env/bin").mkdir(parents=True)
    (tmp_path / "env/bin/python").symlink_to("/usr/bin/python3")
    (tmp_path / "env/pyvenv.cfg").write_text("")
    (tmp_path / "venv").symlink_to("/usr")
    (tmp_path / "exercise_code").mkdir()
    (tmp_path / "exercise_code/layers.py").write_text("")
    assert list(read_submission(tmp_path).files) == ["exercise_code/layers.py"]


def test_as_many_members_as_a_zip_can_list_are_read_in_seconds(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(65_000):
            archive.writestr(f"venv/{'é' * 90}{number}", b"")
        archive.writestr("exercise_code/layers.py", b"")
    start = time.process_time()
    assert list(read_submission(path).files) == ["exercise_code/layers.py"]
    assert time.process_time() - start < 10


def test_a_zip_of_a_megabyte_unpacks_to_64_at_most(tmp_path: Path) -> None:
    """Below that every ratio passes, above it what is in all 50 times the zip."""
    zeros = [Member(b"models/%d.model" % n, bytes(8 << 20)) for n in range(8)]
    assert len(read_submission(written(tmp_path, build(*zeros))).files) == 8
    assert "more than 50 times" in refused(written(tmp_path, build(*zeros, LAYERS)))[1]
    noise = Member(b"models/noise.model", os.urandom(2 << 20), method=0)
    assert len(read_submission(written(tmp_path, build(*zeros, noise))).files) == 9


def test_zips_of_the_standard_library_are_read(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("exercise_code/layers.py", "x = 1\n" * 1000)
        archive.writestr("exercise_code/größe.py", "y = 2\n")
    files = read_submission(written(tmp_path, buffer.getvalue())).files
    assert files["exercise_code/layers.py"] == b"x = 1\n" * 1000
    assert "exercise_code/größe.py" in files


def test_folder_and_zip_of_it_are_the_same_files(tmp_path: Path) -> None:
    root = tmp_path / "work" / "exercise_code"
    root.mkdir(parents=True)
    (root / "layers.py").write_bytes(b"x = 1\n")
    (tmp_path / "work" / ".DS_Store").write_bytes(b"")
    of_folder = read_submission(tmp_path / "work")
    of_zip = read_submission(written(tmp_path, build(LAYERS)))
    assert dict(of_folder.files) == dict(of_zip.files)
    (root / "layers.py").write_bytes(b"x = 2\n")
    assert read_submission(tmp_path / "work").sha256 != of_folder.sha256


def test_links_in_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "layers.py").symlink_to("/etc/passwd")
    assert refused(tmp_path)[0] == "unsafe-folder"
    assert refused_empty(tmp_path / "empty") == "empty-submission"


def refused_empty(path: Path) -> str:
    path.mkdir()
    return refused(path)[0]


@settings(max_examples=300, deadline=None)
@given(
    cuts=st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=4)), max_size=4),
    end=st.integers(0, 60),
)
def test_damaged_zips_are_read_or_refused_never_crash(
    cuts: list[tuple[int, bytes]], end: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = bytearray(build(LAYERS, described(Member(b"exercise_code/b.py")), comment=b"hello"))
    for position, replacement in cuts:
        data[position : position + len(replacement)] = replacement
    path = written(tmp_path_factory.mktemp("damaged"), bytes(data[: len(data) - end]))
    refusals: tuple[object, ...] = ("none",)
    try:
        assert isinstance(read_submission(path, SMALL), Submission)
    except InputError as error:
        refusals = error.diagnostics
    assert len(refusals) == 1


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=300))
def test_noise_is_refused(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = written(tmp_path_factory.mktemp("noise"), data + struct.pack("<4s18x", b"PK\x05\x06"))
    with pytest.raises(InputError):
        read_submission(path, SMALL)


@pytest.mark.parametrize("folder", ["", "exercise_3/"])
def test_saved_models_may_be_called_pth(tmp_path: Path, folder: str) -> None:
    members = [
        Member(f"{folder}{name}".encode())
        for name in ("models/seg.pth", "exercise_code/evil.pth", "exercise_code/layers.py")
    ]
    submission = read_submission(written(tmp_path, build(*members)))
    assert set(submission.files) == {"models/seg.pth", "exercise_code/layers.py"}
    assert [name for name, _ in submission.skipped] == [f"{folder}exercise_code/evil.pth"]


def test_nothing_compiled_passes_in_a_folder_of_models(tmp_path: Path) -> None:
    names = [b"exercise_code/models/fast.so", b"models/hidden.pyc", b"models/rnn.model"]
    submission = read_submission(written(tmp_path, build(*map(Member, names))))
    assert set(submission.files) == {"models/rnn.model"}


@pytest.mark.parametrize("method", [0, 8])
def test_a_large_member_is_held_once_beside_the_zip(tmp_path: Path, method: int) -> None:
    content = os.urandom(24 << 20)
    path = written(tmp_path, build(Member(b"models/seg.model", content=content, method=method)))
    tracemalloc.start()
    try:
        submission = read_submission(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert submission.files["models/seg.model"] == content
    assert peak < 2.4 * len(content)  # the zip and the member; three copies would be 3
