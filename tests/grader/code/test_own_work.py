"""Own recurrent networks: nothing that honest code has beside them costs a point, and no finished
layer is there to be used (how it is tried stands in attacks.yaml)."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml

from grader.archive import Submission
from grader.code import grade_code
from grader.code.assignment import CodeAssignment
from grader.code.frames import Kept
from grader.code.judge import Workshop
from grader.code.sandbox.conversation import Limits

HERE = Path(__file__).parent
TABLE = yaml.safe_load((HERE / "own_work.yaml").read_text())
FILE = "exercise_code/rnn/rnn_nn.py"
NETWORKS = (HERE / "submissions/exercise-3/right/rnn_with_linear_layers" / FILE).read_text()
OWN = {"rnn.values", "lstm.gradient"}


@pytest.fixture(scope="module")
def own(exercise_3: CodeAssignment) -> CodeAssignment:
    checks = tuple(c for c in exercise_3.checks if c.id in OWN)
    return exercise_3.model_copy(update={"checks": checks})


@pytest.mark.parametrize("place", sorted(TABLE))
def test_honest_code_beside_stays_right(
    place: str, own: CodeAssignment, workshop: Workshop
) -> None:
    found = {}
    for name, text in TABLE[place].items():
        source = text + NETWORKS if place == "top" else NETWORKS + "\n\n" + text
        handed_in = Submission({FILE: source.encode()}, (), "")
        checks = grade_code(handed_in, own, seed=1, workshop=workshop).checks
        found[name] = [c.message for c in checks if c.verdict != "right"]
    assert {name: messages for name, messages in found.items() if messages} == {}


def test_finding_names_the_operator_the_file_and_the_line(
    own: CodeAssignment, workshop: Workshop
) -> None:
    called = "\n\ndef forward(self, x, h=None):\n    return torch.nn.RNN(2, 3)(x)\n\n\nRNN.forward = forward\n"
    source = NETWORKS + called
    line = source[: source.index("return torch.nn.RNN")].count("\n") + 1
    handed_in = Submission({FILE: source.encode()}, (), "")
    first, second = grade_code(handed_in, own, seed=1, workshop=workshop).checks
    assert (first.verdict, second.verdict) == ("needs_person", "right")
    assert f"torch's rnn_tanh.input ({FILE}:{line})" in first.message


def test_every_recurrent_operator_raises_and_other_workers_have_them_all(
    workshop: Workshop, tmp_path: Path
) -> None:
    (tmp_path / "probe.py").write_text(PROBE)
    tmp_path.chmod(0o755)
    server = workshop.start({"torch"})["torch"]
    call = {"do": "call", "target": "probe:left", "args": [], "as": "left"}
    send = {"do": "send", "value": Kept("left"), "label": "left"}
    sent = {}
    for own_work in (True, False, True):
        worker = server.open(tmp_path, Limits(), own_work=own_work)
        reply = worker.ask([call, send], 0)
        worker.close()
        assert reply.raised is None, reply.raised
        sent[own_work] = reply.sent["left"]
    assert sent[True] == []
    here = [n for n in torch._C._dispatch_get_all_op_names() if "lstm" in n and "aten::" in n]
    assert len(sent[False]) > len(here) > 10


PROBE = """
import re
import torch

def left():
    '''Kernels of recurrent operators that are not what was put in their place.'''
    found = []
    for name in torch._C._dispatch_get_all_op_names():
        if re.search("lstm|gru|rnn", name) and "flatten_weight" not in name:
            for line in torch._C._dispatch_dump(name).splitlines():
                head = line.partition(" registered at ")
                if head[1] and not head[0].startswith("debug") and "(inactive)" not in head[0]:
                    if not head[2].startswith("taken away:"):
                        found.append(name + " " + head[0])
    return found[:60]
"""
