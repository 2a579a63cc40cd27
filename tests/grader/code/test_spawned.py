"""Workers that load torch for themselves, as on a GPU: the same locks, limits and verdicts, on the CPU here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from grader.archive import read_submission
from grader.code import grade_code
from grader.code.assignment import CodeAssignment
from grader.code.frames import Kept, Reply, Tensor
from grader.code.judge import CodeResult, Workshop, resolve_device
from grader.code.sandbox import spawned
from grader.code.sandbox.conversation import Limits, SandboxError, Worker, WorkerEndedError
from grader.code.sandbox.layers import Plan
from grader.code.sandbox.paths import Paths
from grader.code.spawner import LADDER, Spawner
from question_bank.diagnostics import InputError
from tests.grader.code.test_sandbox import PROBES, readable

HERE = Path(__file__).parent
BANK = HERE / "submissions" / "exercise-3"
# Torch code, in several styles, and the mistakes that are found in it.
SUBMISSIONS = sorted(
    str(path.relative_to(BANK))
    for verdict in ("right", "wrong")
    for path in (BANK / verdict).iterdir()
    if path.name.startswith(("rnn", "lstm", "normalize"))
)
FEW = ("right/normalize_plain", "wrong/rnn_activation_missing")
SMALL = Limits(wall_s=10, cpu_s=3, memory_mb=300, output_kb=64)


@pytest.fixture(scope="module")
def spawning() -> Iterator[Workshop]:
    shop = Workshop(spawned=True)
    yield shop
    shop.close()


def outcome(result: CodeResult) -> list[tuple[str, str, str | None, float]]:
    # How fast something ran is told, and differs from run to run.
    counted = [check for check in result.checks if not check.id.endswith(".speed")]
    return [(c.id, c.verdict, c.mistake, c.points) for c in counted]


def same_verdicts(name: str, task: CodeAssignment, fork: Workshop, spawning: Workshop) -> None:
    submission = read_submission(BANK / name)
    by_fork, by_spawn = (
        grade_code(submission, task, seed=1, device="cpu", workshop=shop)
        for shop in (fork, spawning)
    )
    assert outcome(by_fork) == outcome(by_spawn)
    assert {c.verdict for c in by_spawn.checks} > {"not_answered"}
    assert by_fork.sandbox_layers == by_spawn.sandbox_layers


@pytest.mark.parametrize("name", FEW)
def test_verdicts_are_those_of_forked_workers(
    name: str, exercise_3: CodeAssignment, workshop: Workshop, spawning: Workshop
) -> None:
    same_verdicts(name, exercise_3, workshop, spawning)


@pytest.mark.slow
@pytest.mark.parametrize("name", SUBMISSIONS)
def test_all_verdicts_are_those_of_forked_workers(
    name: str, exercise_3: CodeAssignment, workshop: Workshop, spawning: Workshop
) -> None:
    same_verdicts(name, exercise_3, workshop, spawning)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@pytest.mark.parametrize("name", SUBMISSIONS)
def test_verdicts_on_a_gpu_are_those_of_the_cpu(
    name: str, exercise_3: CodeAssignment, workshop: Workshop
) -> None:
    submission = read_submission(BANK / name)
    on_cpu, on_gpu = (
        grade_code(submission, exercise_3, seed=1, device=device, workshop=workshop)
        for device in ("cpu", "cuda")
    )
    assert outcome(on_cpu) == outcome(on_gpu)
    assert on_gpu.device == "cuda"
    assert "GPU memory limit" in on_gpu.missing_layers
    assert not [c.message for c in on_gpu.checks if "So on the CPU" in c.message]


# ------------------------------------------------------------------------------- one worker


@pytest.fixture(scope="module")
def server() -> Iterator[Spawner]:
    found = Spawner("cpu", SMALL)
    yield found
    found.close()


@pytest.fixture
def worker(server: Spawner, tmp_path: Path) -> Iterator[Worker]:
    (tmp_path / "exercise_code").mkdir()
    source = PROBES + f"\nREPOSITORY = {str(HERE.parents[2])!r}\n" + HUNGRY
    (tmp_path / "exercise_code" / "probes.py").write_text(source)
    opened = server.open(readable(tmp_path), SMALL)
    yield opened
    opened.close()


HUNGRY = """
import torch

def large():
    return [bytearray(b"x" * 2**20) for _ in range(2000)]

def endless():
    while True:
        pass

def loud():
    while True:
        print("x" * 10000)

PROBES |= {f.__name__: f for f in (large, endless, loud)}
"""


def ask(worker: Worker, name: str) -> Reply:
    return worker.ask(
        [
            {"do": "call", "target": "exercise_code.probes:run", "args": [name], "as": "out"},
            {"do": "send", "value": Kept("out"), "label": "out"},
        ],
        1,
    )


def test_a_spawned_worker_is_locked_in_like_a_forked_one(worker: Worker, server: Spawner) -> None:
    layers = " ".join(server.hello()["layers"])
    expected: dict[str, Any] = {
        "opens": [], "writable": [], "scratch": 1000, "sockets": 5, "threads": 4,
        "descriptors": 5, "environment": ["HOME", "LANG", "PATH", "TMPDIR"],
        "modules": ["torch", "numpy"],
    }  # fmt: skip
    if "mount namespace" in layers:
        expected |= {"outside": [], "mounts": ["/tmp"]}
    found = {name: ask(worker, name) for name in (*expected, "status", "processes")}
    assert {name: found[name].sent.get("out") for name in expected} == expected
    status = found["status"].sent["out"]
    assert {status[name] for name in ("CapEff", "CapPrm", "CapBnd")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    if "pid namespace" in layers:
        assert len(found["processes"].sent["out"]) == 2


def test_memory_counts_from_the_loaded_torch_on(worker: Worker) -> None:
    raised = ask(worker, "large").raised
    assert raised is not None
    assert raised.type_name == "MemoryError"


def test_time_and_output_are_bounded(server: Spawner, tmp_path: Path) -> None:
    (tmp_path / "exercise_code").mkdir()
    (tmp_path / "exercise_code" / "probes.py").write_text("PROBES = {}\n" + HUNGRY + RUN)
    for name, reason in (("endless", "3 s of CPU time"), ("loud", "64 KiB")):
        with pytest.raises(WorkerEndedError, match=reason):
            ask(server.open(readable(tmp_path), SMALL), name)


RUN = "\ndef run(name):\n    return PROBES[name]()\n"


def test_what_a_worker_printed_while_torch_loaded_is_not_the_submissions(worker: Worker) -> None:
    assert worker.output() == ""


def test_gradients_come_back(worker: Worker) -> None:
    x = np.arange(3, dtype=np.float32)
    steps: list[dict[str, Any]] = [
        {"do": "keep", "value": Tensor(x, grad=True), "as": "x"},
        {"do": "call", "target": "torch:mul", "args": [Kept("x"), Kept("x")], "as": "y"},
        {"do": "gradient", "of": [Kept("y")], "along": [Tensor(x)], "wrt": [Kept("x")], "as": "g"},
        {"do": "send", "value": Kept("g")[0], "label": "g"},
    ]
    assert np.allclose(worker.ask(steps, 1).sent["g"].values, 2 * x * x)


def test_a_spawned_worker_for_own_work_has_nothing_finished(
    server: Spawner, tmp_path: Path
) -> None:
    (tmp_path / "probe.py").write_text(FINISHED)
    found = {}
    for own_work in (True, False, True):
        worker = server.open(readable(tmp_path), SMALL, own_work=own_work)
        found[own_work] = [ask_for(worker, f"probe:{name}") for name in ("layer", "text", "honest")]
        worker.close()
    assert found[False] == ["", "", ""]
    layer, text, honest = found[True]
    assert "torch's rnn_tanh.input is taken away" in layer
    assert "Permission denied" in text
    assert honest == ""


FINISHED = """
import os
import torch

def layer():
    torch.nn.RNN(2, 3)(torch.ones(4, 1, 2))

def text():
    open(os.path.join(torch.__path__[0], "_decomp", "decompositions.py")).close()

def honest():
    import torch.export
    torch.nn.Linear(2, 3)(torch.ones(1, 2)).sum().backward()
"""


def ask_for(worker: Worker, target: str) -> str:
    reply = worker.ask([{"do": "call", "target": target, "args": [], "as": "x"}], 0)
    return reply.raised.text if reply.raised else ""


# ---------------------------------------------------------- where a device is not what it should be


def test_a_device_that_works_behind_no_layers_is_one_clear_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("grader.code.spawner.LADDER", (LADDER[0], LADDER[-1]))
    broken = Spawner("nosuchdevice", SMALL)
    try:
        with pytest.raises(InputError) as caught:
            broken.hello()
    finally:
        broken.close()
    (told,) = caught.value.diagnostics
    assert told.code == "device-fails"
    assert "no worker can compute on nosuchdevice" in told.message
    assert "nosuchdevice" in told.message.partition(":")[2], "the reason is torch's"


def test_layers_that_the_device_cannot_have_are_missing(
    server: Spawner, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[tuple[str, ...]] = []

    def trial(self: Spawner, place: Any) -> str:
        tried.append(self._without)
        if "namespaces" in self._without:
            return ""
        place.worker.close()
        return "the driver says no"

    monkeypatch.setattr(Spawner, "_trial", trial)
    fussy = Spawner("cpu", SMALL)
    try:
        hello = fussy.hello()
    finally:
        fussy.close()
    assert tried == list(LADDER[:3])
    assert "the driver says no" in hello["missing"]["namespaces"]
    assert not [name for name in hello["layers"] if name.endswith(" namespace")]
    assert "seccomp" in hello["layers"]


def test_giving_up_layers_gives_up_those_only() -> None:
    whole = Plan(
        user_namespace=True, namespaces=("mount", "pid"), unprivileged_user=True, landlock=True,
        seccomp=True, own_proc=True,
    )  # fmt: skip
    for names in LADDER:
        left = spawned.reduced(whole, list(names))
        assert left.seccomp == ("seccomp" not in names)
        assert left.landlock == ("landlock" not in names)
        assert left.unprivileged_user == ("unprivileged user" not in names)
        assert left.private_root == left.own_pids == left.own_proc == ("namespaces" not in names)


def test_a_gpus_nodes_are_opened_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = {"nvidia[0-9]*": ["/dev/nvidia0"], "nvidiactl": ["/dev/nvidiactl"]}
    monkeypatch.setattr(Path, "glob", lambda _, pattern: map(Path, nodes.get(pattern, [])))
    plain = Paths(("/lib",), (), ("/lib",))
    assert spawned.with_device(plain, "cpu") == plain
    found = spawned.with_device(plain, "cuda")
    assert found.devices == ("/dev/nvidia0", "/dev/nvidiactl")
    assert set(found.bound) == {"/lib", "/sys"}


def test_what_fails_on_the_device_is_tried_on_the_cpu(
    exercise_3: CodeAssignment, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(Workshop):
        def start_on(self, device: str, kinds: set[Any], limits: Limits) -> Any:
            assert device == "cuda"
            return {**self.start(kinds), "torch": NoMemory()}

    class NoMemory:
        def hello(self) -> dict[str, Any]:
            return workshop.start({"torch"})["torch"].hello()

        def open(self, *_: object, **__: object) -> Worker:
            raise SandboxError("CUDA out of memory")

    monkeypatch.setattr("grader.code.judge.resolve_device", lambda _: "cpu")
    shop = Broken()
    shop._zygotes = workshop._zygotes  # warm ones, which stay open
    for name in FEW:
        submission = read_submission(BANK / name)
        on_gpu = grade_code(submission, exercise_3, seed=1, device="cuda", workshop=shop)
        on_cpu = grade_code(submission, exercise_3, seed=1, device="cpu", workshop=workshop)
        assert outcome(on_gpu) == outcome(on_cpu)
        for there, here in zip(on_gpu.checks, on_cpu.checks, strict=True):
            if not here.id.endswith(".speed"):
                assert there.message.startswith(here.message)
            assert ("So on the CPU" in there.message) == (here.verdict == "right")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_nothing_is_started(exercise_3: CodeAssignment) -> None:
    submission = read_submission(BANK / FEW[0])
    shop = Workshop()
    with pytest.raises(InputError) as caught:
        grade_code(submission, exercise_3, seed=1, device="cuda", workshop=shop)
    assert caught.value.diagnostics[0].code == "no-gpu"
    assert resolve_device("auto") == "cpu"
    assert not shop._zygotes
    assert not shop._spawners
