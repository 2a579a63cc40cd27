"""A layer's slip costs points once, where it is made: not again in the networks that use the layer.

layer_slips.yaml has the slips; docs/decisions says why it is so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.archive import Submission, read_submission
from grader.code import grade_code, load_assignment
from grader.code.judge import Workshop

HERE = Path(__file__).parent
RIGHT = HERE / "submissions" / "exercise-2" / "right" / "net_course_style"
LAYERS = "exercise_code/layers.py"
SLIPS: list[dict[str, Any]] = yaml.safe_load((HERE / "layer_slips.yaml").read_text())
MANY_SEEDS = range(200, 206)


def with_slip(slip: dict[str, Any]) -> Submission:
    files = dict(read_submission(RIGHT).files)
    text = files[LAYERS].decode()
    pairs = (
        zip(slip["find"], slip["replace"], strict=True)
        if isinstance(slip["find"], list)
        else [(slip["find"], slip["replace"])]
    )
    for old, new in pairs:
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    return Submission({**files, LAYERS: text.encode()}, (), "")


def assert_costs_once(slip: dict[str, Any], workshop: Workshop, seed: int) -> None:
    checks = grade_code(
        with_slip(slip), load_assignment("exercise-2"), seed=seed, workshop=workshop
    ).checks
    found = [c for c in checks if c.max_points and c.verdict not in {"right", "not_answered"}]
    waiting = {c.id for c in found if c.verdict == "needs_person"}
    told = {c.id: c.message for c in found}
    must, may = (set(slip.get(key, [])) for key in ("waits", "may_wait"))
    assert must <= waiting <= must | may, told
    assert {c.id for c in found} - waiting == set(slip["loses"]), told


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip["replace"][:40])
def test_a_layers_slip_costs_once(slip: dict[str, Any], workshop: Workshop) -> None:
    assert_costs_once(slip, workshop, 1)


@pytest.mark.slow
@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip["replace"][:40])
def test_a_layers_slip_costs_once_under_every_seed(
    slip: dict[str, Any], workshop: Workshop
) -> None:
    for seed in MANY_SEEDS:
        assert_costs_once(slip, workshop, seed)


def test_the_message_says_whose_fault_it_is(workshop: Workshop) -> None:
    checks = grade_code(
        with_slip(SLIPS[0]), load_assignment("exercise-2"), seed=1, workshop=workshop
    ).checks
    net = next(c for c in checks if c.id == "fully_connected_net.dropout")
    assert "relu_backward" in net.message
    assert "costs nothing here" in net.message
