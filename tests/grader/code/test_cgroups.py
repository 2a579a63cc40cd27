"""Control groups: the files written, what is said where they cannot be had, and what is left."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.code.sandbox import cgroups, layers

FILES = (
    "cgroup.procs", "cgroup.kill", "cgroup.subtree_control", "memory.max", "memory.swap.max",
    "memory.oom.group", "memory.events", "memory.current", "pids.max",
)  # fmt: skip


class FakeKernel:
    """Folders that fill and empty themselves as groups do, and what was written to their files."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.written = root, list[tuple[str, str]]()
        self.refused: dict[str, int] = {}
        self.busy = 0
        self._make, self._remove, self._open = Path.mkdir, Path.rmdir, os.open
        monkeypatch.setattr(Path, "mkdir", lambda path: self.mkdir(path))  # noqa: PLW0108  (so that it binds the path)
        monkeypatch.setattr(Path, "rmdir", lambda path: self.rmdir(path))  # noqa: PLW0108
        monkeypatch.setattr(cgroups, "_write", self.write)
        (root / "own").mkdir()
        (root / "own" / "cgroup.controllers").write_text("cpu memory pids")

    def mkdir(self, path: Path) -> None:
        self._make(path)
        for name in FILES:
            (path / name).write_text("")

    def rmdir(self, path: Path) -> None:
        if any(entry.is_dir() for entry in path.iterdir()) or self.busy:
            self.busy = max(0, self.busy - 1)
            raise OSError(16, "Device or resource busy")
        for entry in path.iterdir():
            entry.unlink()
        self._remove(path)

    def write(self, path: Path, text: str) -> None:
        if path.name in self.refused:
            raise OSError(self.refused[path.name], os.strerror(self.refused[path.name]))
        if not path.exists():
            raise FileNotFoundError(2, "No such file or directory", str(path))
        path.write_text(f"{path.read_text()} {text.lstrip('+')}".strip())
        place = path.parent.relative_to(self.root).as_posix()
        self.written.append((re.sub(r"held-[^/]*", "held", f"{place}/{path.name}"), text))

    def process(self, line: str = "0::/own", kind: str = "cgroup2") -> Path:
        folder = self.root / "process"
        if not folder.exists():
            self._make(folder)
        (folder / "cgroup").write_text(f"4:memory:/elsewhere\n{line}\n")
        mounts = (
            f"1 0 8:1 / / rw - ext4 disk rw\n41 31 0:38 / {self.root} rw shared:1 - {kind} x rw\n"
        )
        (folder / "mountinfo").write_text(mounts)
        return folder


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeKernel:
    return FakeKernel(tmp_path, monkeypatch)


NO_SYSTEMD = Path("/nonexistent")


def test_every_file_is_written_as_the_kernel_reads_it(kernel: FakeKernel) -> None:
    server = cgroups.serve_from(*cgroups.handed_over(kernel.process(), NO_SYSTEMD))
    group = server.group("7")
    group.bound(memory_bytes=1 << 20, processes=9)
    group.join()
    assert not group.out_of_memory()
    (group.folder / "memory.events").write_text("low 0\noom 1\noom_kill 1\n")
    assert group.out_of_memory()
    group.end()
    server.close()
    assert kernel.written == [
        ("own/cgroup.subtree_control", "+memory"),
        ("own/cgroup.subtree_control", "+pids"),
        ("own/mockexam-held/cgroup.subtree_control", "+memory"),
        ("own/mockexam-held/cgroup.subtree_control", "+pids"),
        ("own/mockexam-held/7/pids.max", "9"),
        ("own/mockexam-held/7/memory.max", str(1 << 20)),
        ("own/mockexam-held/7/memory.oom.group", "1"),
        ("own/mockexam-held/7/memory.swap.max", "0"),
        ("own/mockexam-held/7/cgroup.procs", "0"),
        ("own/mockexam-held/7/cgroup.kill", "1"),
        ("own/mockexam-held/cgroup.kill", "1"),
    ]
    assert {p.name for p in (kernel.root / "own").iterdir() if p.is_dir()} == set()


def test_what_is_handed_down_already_is_not_written_again(kernel: FakeKernel) -> None:
    (kernel.root / "own" / "cgroup.subtree_control").write_text("memory pids")
    assert cgroups.handed_over(kernel.process(), NO_SYSTEMD)[1] == ("memory", "pids")
    assert kernel.written == []


def test_a_kernel_that_does_not_account_for_swap(kernel: FakeKernel) -> None:
    server = cgroups.serve_from(kernel.root / "own", ("memory",))
    group = server.group("7")
    (group.folder / "memory.swap.max").unlink()
    group.bound(memory_bytes=1, processes=1)
    assert kernel.written[-1] == ("own/mockexam-held/7/memory.oom.group", "1")


def test_the_folder_around_a_leaf(kernel: FakeKernel) -> None:
    (kernel.root / "own" / "judge").mkdir()
    assert cgroups.handed_over(kernel.process("0::/own/judge"), NO_SYSTEMD)[0].name == "own"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("version 1", "no group of version 2"),
        ("outside", "no group of version 2"),
        ("not mounted", "no file system of version 2"),
        ("no controllers", "no controller of memory or processes"),
        ("processes", "it holds processes"),
        ("read-only", "Read-only file system"),
        ("systemd", "systemd's own"),
    ],
)
def test_where_groups_cannot_be_had_the_reason_is_said(
    change: str, reason: str, kernel: FakeKernel
) -> None:
    process, systemd = kernel.process(), NO_SYSTEMD
    if change == "version 1":
        process = kernel.process("3:pids:/")
    elif change == "outside":
        process = kernel.process("0::/../other")
    elif change == "not mounted":
        process = kernel.process(kind="cgroup")
    elif change == "no controllers":
        (kernel.root / "own" / "cgroup.controllers").write_text("cpu hugetlb")
    elif change == "systemd":
        systemd = kernel.root
    else:
        kernel.refused["cgroup.subtree_control"] = {"processes": 16, "read-only": 30}[change]
    with pytest.raises(OSError, match=re.escape(reason)):
        cgroups.handed_over(process, systemd)


@pytest.mark.parametrize(
    "name", ["cgroup.subtree_control", "memory.max", "memory.oom.group", "pids.max", "cgroup.procs"]
)
def test_a_file_that_cannot_be_written_takes_the_layer_away(
    name: str, kernel: FakeKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = (kernel.root / "own", cgroups.CONTROLLERS)
    monkeypatch.setattr(cgroups, "handed_over", lambda: place)
    missing: dict[str, str] = {}
    server = layers._probe_groups(missing)
    assert (server is None, missing) == (False, {})
    assert server
    server.close()
    kernel.refused[name] = 13
    assert layers._probe_groups(missing) is None
    assert "Permission denied" in missing["cgroup"]
    assert [p for p in (kernel.root / "own").iterdir() if p.is_dir()] == []


def test_a_group_that_is_still_busy_is_tried_again(kernel: FakeKernel) -> None:
    server = cgroups.serve_from(kernel.root / "own", ())
    kernel.busy = 3
    server.close()
    assert not server.folder.exists()


def test_what_a_killed_run_left_is_removed_and_what_lives_is_not(kernel: FakeKernel) -> None:
    own = kernel.root / "own"
    living = cgroups.serve_from(own, ())
    for name in ("mockexam-held-1-0", "mockexam-held-1-0/12", "other"):
        (own / name).mkdir()
    kernel.written.clear()
    second = cgroups.serve_from(own, ())
    assert {p for p in own.iterdir() if p.is_dir()} == {living.folder, second.folder, own / "other"}
    assert kernel.written == [("own/mockexam-held/cgroup.kill", "1")]
    living.close()
    second.close()


@pytest.fixture
def real() -> Iterator[cgroups.Server]:
    """Groups of this machine's kernel, with the controllers that there are; none at worst."""
    try:
        place = cgroups.handed_over()
    except OSError as reason:
        try:
            folder = next(cgroups._candidates(Path("/proc/self")))
        except OSError:
            pytest.skip(str(reason))
        if Path("/run/systemd/system").exists() or not os.access(folder, os.W_OK):
            pytest.skip(str(reason))
        place = (folder, ())
    try:
        server = cgroups.serve_from(*place)
    except OSError as reason:
        pytest.skip(str(reason))
    yield server
    server.close()


def child_in(group: cgroups.Group, source: str) -> subprocess.Popen[bytes]:
    joined = f"open({str(group.folder / 'cgroup.procs')!r}, 'w').write('0')\n{source}"
    return subprocess.Popen([sys.executable, "-c", joined], stdout=subprocess.PIPE)


LEAVES_ONE_BEHIND = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print(os.getpid(), flush=True)
        time.sleep(600)
    os._exit(0)
time.sleep(600)
"""


def test_a_real_group_ends_with_all_that_is_in_it(real: cgroups.Server) -> None:
    group = real.group("7")
    with child_in(group, LEAVES_ONE_BEHIND) as child:
        assert child.stdout
        orphan = int(child.stdout.readline())
        group.end()
        assert child.wait(10) == -signal.SIGKILL
    deadline = time.monotonic() + 10
    while Path(f"/proc/{orphan}/cmdline").exists() and time.monotonic() < deadline:
        if not Path(f"/proc/{orphan}/cmdline").read_bytes():  # ended, and not yet waited for
            break
        time.sleep(0.01)
    else:
        assert not Path(f"/proc/{orphan}").exists()
    assert not group.folder.exists()


def test_a_real_group_bounds_memory_and_processes(real: cgroups.Server) -> None:
    if set(real.controllers) != {"memory", "pids"}:
        pytest.skip(f"controllers here: {real.controllers}")
    group = real.group("7")
    group.bound(memory_bytes=64 << 20, processes=3)
    with child_in(group, "x = b'x' * (200 << 20)") as child:
        assert child.wait(60) == -signal.SIGKILL
    assert group.out_of_memory()
    group.end()
    group = real.group("8")
    group.bound(memory_bytes=64 << 20, processes=3)
    with child_in(group, "import os\nfor _ in range(5): print(os.fork(), flush=True)") as child:
        child.communicate(timeout=60)
        assert child.returncode
        assert group.memory_bytes() > 0
    group.end()
    assert not group.out_of_memory()
    assert not group.folder.exists()


def test_a_server_takes_all_its_groups_along(real: cgroups.Server) -> None:
    server = cgroups.serve_from(real.folder.parent, ())
    with child_in(server.group("7"), "import time; print(flush=True); time.sleep(600)") as child:
        assert child.stdout
        child.stdout.readline()
        server.group("8")
        server.close()
        assert child.wait(10) == -signal.SIGKILL
    assert not server.folder.exists()
