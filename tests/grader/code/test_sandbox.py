"""The layers: each one denies what it should, and grading says which are missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.code.frames import Kept, Reply
from grader.code.judge import Workshop
from grader.code.sandbox.conversation import Limits, WorkerEndedError
from grader.code.sandbox.floor import require_floor
from question_bank.diagnostics import InputError

HERE = Path(__file__).parent
PER_PIXEL = HERE / "submissions/exercise-3/wrong/batchnorm_per_pixel_statistics"
PROBES = """
import os, socket, sys, threading

def run(name):
    return PROBES[name]()

def outside():
    paths = ("/etc/passwd", "/home", "/var", "/usr/bin", "/boot", REPOSITORY + "/grader", REPOSITORY + "/tests",
             REPOSITORY + "/reference_impl", REPOSITORY + "/pyproject.toml", REPOSITORY + "/.git")
    return [p for p in paths if os.path.exists(p)]

def opens():
    found = []
    for path in ("/etc/passwd", "/etc/hostname", "/bin/sh", "/proc/1/environ", "/root/.bashrc"):
        try:
            open(path, "rb").close()
            found.append(path)
        except OSError:
            pass
    return found

def writable():
    found = []
    for folder in ("/", "/submission", "/submission/exercise_code", "/dev", "/dev/shm", "/usr", os.path.dirname(os.__file__)):
        try:
            open(os.path.join(folder, "x"), "w").close()
            found.append(folder)
        except OSError:
            pass
    return found

def scratch():
    with open("own_file", "w") as f:
        f.write("x" * 1000)
    return os.path.getsize("own_file")

def identity():
    return {"uid": os.getuid(), "groups": len(os.getgroups()), "parent": os.getppid()}

def status():
    text = open("/proc/self/status").read()
    return {line.split(":")[0]: line.split(":")[1].strip() for line in text.splitlines()
            if line.startswith(("CapEff", "CapPrm", "CapBnd", "NoNewPrivs", "Seccomp"))}

def processes():
    return [p for p in os.listdir("/proc") if p.isdigit()]

def descriptors():
    return len([p for p in os.listdir("/proc/self/fd")]) - 1

def sockets():
    denied = 0
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, 16, 17):
        try:
            socket.socket(family, socket.SOCK_DGRAM)
        except OSError:
            denied += 1
    return denied

def threads():
    seen = []
    workers = [threading.Thread(target=seen.append, args=(n,)) for n in range(4)]
    [w.start() for w in workers]
    [w.join() for w in workers]
    return len(seen)

def modules():
    found = []
    for name in ("grader", "question_bank", "reference_impl", "yaml", "pydantic", "pytest", "torch", "numpy", "scipy"):
        try:
            found += [name] if __import__(name).__file__ else []
        except (ImportError, AttributeError):
            pass
    return found

def mounts():
    # mount points that could be written to if their permissions allowed it
    found = []
    for line in open("/proc/self/mountinfo"):
        fields = line.split()
        if "rw" in fields[5].split(",") and not fields[4].startswith(("/dev/", "/proc")):
            found.append(fields[4])
    return found

def environment():
    return sorted(os.environ)

PROBES = {f.__name__: f for f in (outside, opens, writable, scratch, identity, status, processes,
          descriptors, sockets, threads, modules, mounts, environment)}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("probes")
    (root / "exercise_code").mkdir()
    source = PROBES + f"\nREPOSITORY = {str(HERE.parents[2])!r}\n"
    (root / "exercise_code" / "probes.py").write_text(source)
    return readable(root)


def readable(folder: Path) -> Path:
    """Let a worker, which may be another user, come as far as the folder."""
    for path in (folder, *folder.parents):
        if path.stat().st_mode & 0o777 == 0o700 and path.parent != Path("/"):
            path.chmod(0o755)
    return folder


def ask(shop: Workshop, folder: Path, name: str, kind: Any = "numpy") -> Any:
    worker = shop.start({kind})[kind].open(folder, Limits(wall_s=20, cpu_s=5, memory_mb=256))
    steps: list[dict[str, Any]] = [
        {"do": "call", "target": "exercise_code.probes:run", "args": [name], "as": "out"},
        {"do": "send", "value": Kept("out"), "label": "out"},
    ]
    try:
        reply = worker.ask(steps, 1)
    finally:
        worker.close()
    assert isinstance(reply, Reply)
    assert reply.raised is None, reply.raised
    return reply.sent["out"]


def layers(shop: Workshop) -> str:
    return " ".join(shop.start({"numpy"})["numpy"].hello()["layers"])


def test_files_outside_do_not_exist(workshop: Workshop, folder: Path) -> None:
    if "mount namespace" not in layers(workshop):
        pytest.skip("no mount namespace here")
    assert ask(workshop, folder, "outside") == []


def test_nothing_outside_can_be_read_or_written(workshop: Workshop, folder: Path) -> None:
    assert ask(workshop, folder, "opens") == []
    assert ask(workshop, folder, "writable") == []
    assert ask(workshop, folder, "scratch") == 1000


def test_all_mounts_but_the_scratch_folder_are_read_only(workshop: Workshop, folder: Path) -> None:
    if "mount namespace" not in layers(workshop):
        pytest.skip("no mount namespace here")
    assert ask(workshop, folder, "mounts") == ["/tmp"]


def test_no_rights_are_left(workshop: Workshop, folder: Path) -> None:
    status = ask(workshop, folder, "status")
    assert {status[name] for name in ("CapEff", "CapPrm", "CapBnd")} == {"0" * 16}
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"
    identity = ask(workshop, folder, "identity")
    assert identity["groups"] == 0 or os.getuid()
    if "unprivileged user" in layers(workshop):
        assert identity["uid"] > 60000


def test_other_processes_and_descriptors_are_out_of_sight(workshop: Workshop, folder: Path) -> None:
    if "pid namespace" in layers(workshop):
        assert len(ask(workshop, folder, "processes")) == 2
    assert ask(workshop, folder, "descriptors") == 5
    assert ask(workshop, folder, "environment") == ["HOME", "LANG", "PATH", "TMPDIR"]


def test_no_socket_of_any_kind_but_threads(workshop: Workshop, folder: Path) -> None:
    assert ask(workshop, folder, "sockets") == 5
    assert ask(workshop, folder, "threads") == 4


def test_only_allowed_packages_can_be_imported(workshop: Workshop, folder: Path) -> None:
    assert ask(workshop, folder, "modules") == ["numpy"]
    assert ask(workshop, folder, "modules", "torch") == ["torch", "numpy"]


def test_a_worker_that_prints_without_end_is_stopped(workshop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "loud.py").write_text("def run():\n    while True: print('x' * 10000)\n")
    worker = workshop.start({"numpy"})["numpy"].open(readable(tmp_path), Limits(output_kb=64))
    with pytest.raises(WorkerEndedError, match="64 KiB"):
        worker.ask([{"do": "call", "target": "loud:run", "as": "out"}], 1)


def test_large_arrays_go_in_and_out(workshop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "same.py").write_text("def run(x):\n    return x\n")
    worker = workshop.start({"numpy"})["numpy"].open(readable(tmp_path), Limits())
    x = np.arange(2_000_000, dtype=np.float64)
    steps: list[dict[str, Any]] = [
        {"do": "call", "target": "same:run", "args": [x], "as": "out"},
        {"do": "send", "value": Kept("out"), "label": "out"},
    ]
    assert np.array_equal(worker.ask(steps, 1).sent["out"].values, x)
    worker.close()


@pytest.mark.parametrize(
    ("names", "refused"),
    [(["seccomp"], True), ([], True), (["landlock (version 4)"], True),
     (["landlock (version 4)", "seccomp"], False), (["mount namespace", "seccomp"], False)],
)  # fmt: skip
def test_floor(names: list[str], refused: bool) -> None:
    if refused:
        with pytest.raises(InputError) as caught:
            require_floor({"layers": names}, allow_weak=False)
        assert caught.value.diagnostics[0].code == "weak-sandbox"
    require_floor({"layers": names}, allow_weak=not refused or True)


def without(*denied: str, allow: bool = False) -> dict[str, Any]:
    """What grading says where these calls are not permitted."""
    script = HERE / "without_namespaces.py"
    done = subprocess.run(
        [sys.executable, script, PER_PIXEL, "allow" if allow else "no", *denied],
        env={**os.environ, "PYTHONPATH": str(HERE.parents[2])},
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_without_namespaces_the_other_layers_grade_the_same() -> None:
    found = without("unshare")
    assert "mount namespace" in found["missing"]
    assert "seccomp" in found["layers"]
    assert found["checks"]["spatial_batchnorm_forward.values"][:2] == [
        "wrong",
        "per-pixel-statistics",
    ]


def test_below_the_floor_grading_refuses_unless_told_otherwise() -> None:
    assert without("unshare", "landlock") == {"refused": "weak-sandbox"}
    assert without("seccomp") == {"refused": "weak-sandbox"}
    found = without("unshare", "landlock", "seccomp", allow=True)
    assert {"landlock", "seccomp", "mount namespace"} <= set(found["missing"])
    assert found["checks"]["spatial_batchnorm_forward.values"][0] == "wrong"
