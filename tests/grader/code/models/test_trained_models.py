"""Saved models through the judge: right ones in every form, wrong ones with their mistakes."""

from __future__ import annotations

import importlib.util
import pickle
import sys
import types
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from grader.archive import Submission
from grader.code import grade_code, load_assignment
from grader.code.hidden import sets
from grader.code.hidden.marks import Marks
from grader.code.judge import CodeResult, Workshop
from grader.code.sandbox.conversation import Worker
from grader.report import Check, report_from
from tests.grader.code.models import students
from tests.grader.code.models.students import (
    DIGITS,
    FILES,
    KEYPOINTS,
    SEGMENTATION,
    SOURCES,
    files,
    importable,
    pickled,
    submission,
    torch_bytes,
    weights,
)

Grade = Callable[[str, Submission], Check]
FULL = {"segmentation": 100.0, "keypoints": 1000.0, "rnn": 100.0}


@pytest.mark.parametrize("kind", sorted(SOURCES))
def test_right_model_has_the_metric_as_its_score(kind: str, grade: Grade) -> None:
    check = grade(kind, submission(kind))
    assert check.verdict == "right", check.message
    assert check.points == FULL[kind]
    assert "the course's pass mark" in check.message
    assert "model.eval()" in check.message


def parallel(model: Any) -> bytes:
    return torch_bytes({f"module.{name}": value for name, value in model.state_dict().items()})


def checkpoint(model: Any) -> bytes:
    return torch_bytes({"epoch": 3, "model_state_dict": model.state_dict(), "loss": 0.5})


def legacy(model: Any) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the class has no source file here
        return torch_bytes(model, _use_new_zipfile_serialization=False)


@pytest.mark.parametrize("save", [weights, parallel, checkpoint, legacy, pickled])
@pytest.mark.parametrize("file", ["models/face_keypoints.p", "models/best.pth"])
def test_every_form_of_a_saved_model(save: Callable[[Any], bytes], file: str, grade: Grade) -> None:
    check = grade("keypoints", submission("keypoints", save=save, file=file))
    assert check.verdict == "right", check.message


def test_class_defined_in_a_notebook_is_found_in_the_files(grade: Grade) -> None:
    def make(module: types.ModuleType) -> Any:
        module.KeypointModel.__module__ = "__main__"
        return module.KeypointModel()

    with pytest.MonkeyPatch.context() as patch, importable("keypoints", KEYPOINTS) as module:
        patch.setattr(sys.modules["__main__"], "KeypointModel", module.KeypointModel, raising=False)
        content = torch_bytes(make(module))
    check = grade("keypoints", files("keypoints", KEYPOINTS, {"models/keypoint.pt": content}))
    assert check.verdict == "right", check.message
    alone = Submission({"models/keypoint.pt": content}, (), "")
    check = grade("keypoints", alone)
    assert check.verdict == "wrong"
    assert "notebook" in check.message


def wrong(old: str, new: str, source: str = SEGMENTATION) -> str:
    assert old in source
    return source.replace(old, new)


SCORES = "-self.scale * (x[:, :1] - self.centres).abs()"
POINTS = "x[:, 0, 0, :30] * self.scale - 1"
ROWS = "self.scale * x.sum(dim=2)[:10].T"
# kind, what forward returns instead, the mistake, what the message says
WRONG = [
    ("segmentation", f"0 * ({SCORES})", "constant-prediction", "same for every image"),
    ("segmentation", f"({SCORES}).transpose(2, 3)", "height-and-width-swapped", "swapped"),
    ("segmentation", f"({SCORES}).roll(1, 1)", "classes-shifted-by-one", "numbered one higher"),
    ("segmentation", f"({SCORES}).roll(5, 1)", None, "Worst on class"),
    ("segmentation", SCORES.replace("x[", "((x + 1) / 2)["), "images-expected-in-minus-one-one", ""),
    ("segmentation", SCORES.replace("x[", "(x / 255)["), "images-expected-in-0-255", "[0, 255]"),
    ("segmentation", f"({SCORES}).permute(0, 2, 3, 1)", None, "belong on axis 1"),
    ("segmentation", f"({SCORES})[:, :, ::8, ::8]", None, "height and width of the image"),
    ("segmentation", f"({SCORES}).argmax(1)", None, "score of every class"),
    ("segmentation", f"({SCORES}) / 0", None, "NaN or infinite"),
    ("segmentation", f"({SCORES}).tolist()", None, "it returned"),
    ("segmentation", f"({SCORES}), x", None, "it returned a tuple"),
    ("segmentation", "None", None, "it returned None"),
    ("segmentation", "self.missing(x)", None, "AttributeError"),
    ("keypoints", f"({POINTS}) * 48 + 48", "keypoints-in-pixels", "pixels"),
    ("keypoints", f"({POINTS}) / 2 + 0.5", "keypoints-in-zero-one", "[0, 1]"),
    (
        "keypoints", f"({POINTS}).view(-1, 15, 2).flip(2).flatten(1)", "x-and-y-swapped", "x, y",
    ),
    (
        "keypoints", f"({POINTS}).view(-1, 15, 2).transpose(1, 2).flatten(1)",
        "coordinates-grouped", "all x first",
    ),
    ("keypoints", f"({POINTS}) * 0", "constant-prediction", "same for every image"),
    ("keypoints", f"({POINTS}) + 0.2", None, "Worst at"),
    ("keypoints", f"({POINTS}).T", None, "other way round"),
    ("keypoints", f"({POINTS}).double() * 1e300 * 1e10", None, "NaN or infinite"),
    ("keypoints", f"({POINTS}).double() * 1e200", None, "score 1/(2 MSE) 0.00"),
    ("keypoints", f"({POINTS}).long()", None, "dtype is int64"),
    ("rnn", "self.scale * x.sum(dim=0)[:, :10]", "images-read-by-columns", "row t"),
    ("rnn", f"({ROWS}).roll(-1, 1)", "classes-shifted-by-one", "numbered one lower"),
    ("rnn", f"({ROWS}).T", None, "other way round"),
    ("rnn", f"({ROWS}).argmax(1)", None, "score of every class"),
    ("rnn", f"-({ROWS})", None, "Worst on digit"),
]  # fmt: skip
FORWARDS = {"segmentation": SCORES, "keypoints": POINTS, "rnn": ROWS}


@pytest.mark.parametrize(("kind", "forward", "mistake", "says"), WRONG)
def test_wrong_model_fails_with_its_mistake(
    kind: str, forward: str, mistake: str | None, says: str, grade: Grade
) -> None:
    source = wrong(f"return {FORWARDS[kind]}", f"return {forward}", SOURCES[kind])
    check = grade(kind, submission(kind, source))
    assert check.verdict == "wrong", check.message
    assert check.mistake == mistake, check.message
    assert says in check.message


def test_left_and_right_swapped(grade: Grade) -> None:
    order = [1, 0, 4, 5, 2, 3, 8, 9, 6, 7, 10, 12, 11, 13, 14]
    forward = f"({POINTS}).view(-1, 15, 2)[:, {order}]"
    check = grade("keypoints", submission("keypoints", wrong(POINTS, forward, KEYPOINTS)))
    assert check.mistake == "left-and-right-swapped"


def test_evaluation_mode_is_set(grade: Grade) -> None:
    source = wrong(POINTS, f"({POINTS}) * (0.0 if self.training else 1.0)", KEYPOINTS)
    assert grade("keypoints", submission("keypoints", source)).verdict == "right"


def test_at_the_mark_is_not_above_it(grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = Marks(100.0, 100.0, "a mark for this test")
    monkeypatch.setattr(sets.HiddenSets, "marks", lambda self, task: marks)
    for kind in ("rnn", "segmentation"):
        check = grade(kind, submission(kind))
        assert (check.verdict, check.points) == ("wrong", 100.0)
        assert "not above the pass mark 100 % (a mark for this test)" in check.message


def test_keypoints_in_pairs_are_accepted(grade: Grade) -> None:
    source = wrong(POINTS, f"({POINTS}).view(-1, 15, 2)", KEYPOINTS)
    assert grade("keypoints", submission("keypoints", source)).verdict == "right"


@pytest.mark.parametrize("kind", sorted(SOURCES))
def test_without_a_model_it_is_not_answered(kind: str, result: Callable[..., CodeResult]) -> None:
    source = {FILES[kind]: SOURCES[kind].encode()}
    for more in ({}, {"models/readme.txt": b"nothing"}):
        found = result(kind, Submission({**source, **more}, (), ""))
        assert {check.verdict for check in found.checks} == {"not_answered"}
        assert found.pass_mark == {"segmentation": 60, "keypoints": 100, "rnn": 97}[kind]


def test_the_better_recurrent_classifier_counts(result: Callable[..., CodeResult]) -> None:
    with importable("rnn", DIGITS) as module:
        good, bad = torch_bytes(module.LSTM_Classifier()), module.RNN_Classifier()
        torch.nn.init.constant_(bad.scale, -1.0)
        worse = torch_bytes(bad)
    handed_in = files("rnn", DIGITS, {"models/lstm.model": good, "models/rnn.model": worse})
    found = {check.id: check for check in result("rnn", handed_in).checks}
    assert found["recurrent_classifier.score"].points == 100
    assert "models/lstm.model" in found["recurrent_classifier.score"].message
    assert found["lstm_classifier.score"].verdict == "right"
    assert found["rnn_classifier.score"].verdict == "wrong"
    assert "pass mark 90 %" in found["rnn_classifier.score"].message
    assert found["rnn_classifier.score"].max_points == 0


def test_unnamed_file_goes_by_its_class(result: Callable[..., CodeResult]) -> None:
    with importable("rnn", DIGITS) as module:
        content = torch_bytes(module.LSTM_Classifier())
    found = result("rnn", files("rnn", DIGITS, {"models/mnist.pt": content})).checks
    verdicts = {check.id: check.verdict for check in found}
    assert verdicts["lstm_classifier.score"] == "right"
    assert verdicts["rnn_classifier.score"] == "not_answered"  # it would load, but is an LSTM


def test_one_pickle_with_both_classifiers(result: Callable[..., CodeResult]) -> None:
    with importable("rnn", DIGITS) as module:
        both = {"rnn_clf": module.RNN_Classifier(), "lstm_clf": module.LSTM_Classifier()}
        content = pickle.dumps(both)
    found = result("rnn", files("rnn", DIGITS, {"models/lstm_and_rnn.p": content})).checks
    assert found[0].verdict == "right"


BATCH_NORM = wrong(
    "self.scale = nn.Parameter(torch.tensor(1.0))",
    "self.scale = nn.Parameter(torch.tensor(1.0))\n"
    "        self.norm = nn.BatchNorm2d(3, track_running_stats=False)",
).replace("x[:, :1]", "(x[:, :1] + 0.1 * self.norm(x)[:, :1])")
DROPOUT = wrong(
    f"return {POINTS}",
    f"return torch.nn.functional.dropout({POINTS}, 0.1)",
    KEYPOINTS,
)
MEMORY = wrong(
    f"return {POINTS}",
    f"self.calls = getattr(self, 'calls', 0) + 1\n        return {POINTS} + 0.001 * self.calls",
    KEYPOINTS,
)
ORDER = wrong(
    f"return {ROWS}",
    f"s = {ROWS}\n        return s + 100 * torch.eye(10)[torch.arange(len(s)) % 10]",
    DIGITS,
)


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("segmentation", BATCH_NORM),
        ("keypoints", DROPOUT),
        ("keypoints", MEMORY),
        ("rnn", ORDER),
    ],
)
def test_what_depends_on_the_batch_is_told(kind: str, source: str, grade: Grade) -> None:
    check = grade(kind, submission(kind, source))
    assert "changes with the images around it" in check.message
    assert "one at a time" in check.message


def test_answers_by_position_in_the_batch_earn_nothing(grade: Grade) -> None:
    check = grade("rnn", submission("rnn", ORDER))
    assert check.verdict == "wrong"
    assert check.mistake == "depends-on-the-batch"
    assert check.points < 20


def test_the_worker_never_gets_the_targets(
    grade: Grade, data: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[np.ndarray[Any, Any]] = []
    texts: list[str] = []
    plain = Worker.ask

    def watched(self: Worker, steps: list[dict[str, Any]], seed: int) -> Any:
        for step in steps:
            value = getattr(step.get("value"), "values", None)
            if isinstance(value, np.ndarray):
                seen.append(value)
            texts.append(repr({k: v for k, v in step.items() if k != "value"}))
        return plain(self, steps, seed)

    monkeypatch.setattr(Worker, "ask", watched)
    for kind in SOURCES:
        grade(kind, submission(kind))
    assert seen
    hidden = sets.HiddenSets(data)
    shapes = {hidden.get(task).inputs.shape[1:] for task in sets.TASKS}
    for array in seen:
        assert array.dtype == np.float32
        assert array.shape[1:] in shapes or array.shape[::2] == (28, 28)
    assert not any(
        str(data) in text or "target" in text.replace("'target': 'ex", "") for text in texts
    )


def test_hidden_inputs_are_not_shown(grade: Grade) -> None:
    source = wrong(
        f"return {POINTS}",
        "if len(x) > 2:\n            print('pixels', x.flatten()[:3].tolist(), flush=True)\n"
        "            raise ValueError(f'pixels {x.flatten()[:9].tolist()}')\n"
        f"        return {POINTS}",
        KEYPOINTS,
    )
    check = grade("keypoints", submission("keypoints", source))
    assert check.verdict == "wrong"
    assert "ValueError" in check.message
    assert "pixels" not in check.message.replace("pixels off", "")
    source = source.replace(
        "raise ValueError(f'pixels {x.flatten()[:9].tolist()}')", "import os; os._exit(3)"
    )
    check = grade("keypoints", submission("keypoints", source))
    assert "exit status 3" in check.message
    assert "pixels" not in check.message


def test_package_that_is_not_installed_waits_for_a_person(grade: Grade) -> None:
    name = "torchvision.models.alexnet"
    module = types.ModuleType(name)
    exec("from torch import nn\nclass AlexNet(nn.Module):\n    pass", module.__dict__)
    with pytest.MonkeyPatch.context() as patch:
        for part in ("torchvision", "torchvision.models"):
            patch.setitem(sys.modules, part, types.ModuleType(part))
        patch.setitem(sys.modules, name, module)
        content = torch_bytes(module.AlexNet())
    if importlib.util.find_spec("torchvision"):
        pytest.skip("torchvision is installed here")
    check = grade(
        "segmentation", files("segmentation", SEGMENTATION, {"models/seg.model": content})
    )
    assert check.verdict == "needs_person", check.message
    assert "torchvision" in check.message
    assert check.points == 0


def test_without_data_the_mark_is_named_as_calibrated(
    result: Callable[..., CodeResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sets.COUNTS, "segmentation", 3)
    found = result("segmentation", submission("segmentation"), own=True)
    assert "not the course's data" in found.checks[0].message
    assert found.hidden["segmentation"].startswith("generated ")
    assert found.pass_mark == sets.HiddenSets().marks("segmentation").mark


def test_weights_that_do_not_fit_say_which(grade: Grade) -> None:
    def other(model: Any) -> bytes:
        return torch_bytes({"scale": torch.zeros(3)})

    check = grade("keypoints", submission("keypoints", save=other))
    assert check.verdict == "wrong"
    assert "scale" in check.message
    assert "do not fit KeypointModel" in check.message


def test_weights_without_their_class(grade: Grade) -> None:
    content = submission("keypoints", save=weights).files["models/keypoints.model"]
    check = grade("keypoints", Submission({"models/keypoints.pt": content}, (), ""))
    assert check.verdict == "wrong"
    assert "keypoint_nn.py" in check.message


def test_only_the_first_by_name_counts(grade: Grade) -> None:
    content = submission("keypoints").files["models/keypoints.model"]
    two = files(
        "keypoints", KEYPOINTS, {"models/keypoint_a.pt": content, "models/keypoint_b.pt": b"x"}
    )
    check = grade("keypoints", two)
    assert check.verdict == "right"
    assert "Not used, as only the first by name counts: models/keypoint_b.pt." in check.message


def test_a_score_must_be_above_its_mark() -> None:
    from datetime import UTC, datetime

    def passed(points: float, *, above: bool) -> bool | None:
        check = Check("a.b", "A", points, 100, "right", "")
        return report_from(
            [check], user=None, assignment="segmentation", title="", form=None,
            submitted_at=datetime.now(UTC), pass_mark=60.0, device="cpu", seed=1,
            content_sha256="", versions={}, above=above,
        ).passed  # fmt: skip

    assert [passed(60.0, above=True), passed(60.01, above=True), passed(60.0, above=False)] == [
        False, True, True,
    ]  # fmt: skip


def test_a_model_check_in_an_exercise_gives_all_points_or_none(
    workshop: Workshop, data: Any
) -> None:
    assignment = load_assignment("keypoints")
    spec = assignment.checks[0].model_copy(update={"points": 10.0})
    exercise = assignment.model_copy(update={"checks": (spec,), "scored_by": "points"})
    found = grade_code(submission("keypoints"), exercise, seed=1, workshop=workshop, data=data)
    assert (found.checks[0].points, found.pass_mark) == (10.0, None)
    bad = submission("keypoints", wrong(POINTS, f"({POINTS}) + 0.2", KEYPOINTS))
    found = grade_code(bad, exercise, seed=1, workshop=workshop, data=data)
    assert found.checks[0].points == 0


def test_same_seed_same_report(result: Callable[..., CodeResult]) -> None:
    handed_in = students.submission("rnn", wrong(ROWS, f"{ROWS} + 40 * x[0].T[:10].T", DIGITS))
    one, two = (result("rnn", handed_in).checks for _ in range(2))
    assert [(c.verdict, c.points, c.message) for c in one] == [
        (c.verdict, c.points, c.message) for c in two
    ]
