"""The judge around the checks: assignments, faults of ours, devices, reproducibility."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch

from grader.archive import Submission, read_submission
from grader.code import grade_code, infer_assignment, judge, list_assignments, load_assignment
from grader.code.assignment import FOLDER, CheckSpec, CodeAssignment, LimitSpec
from grader.code.bench import Bench, CodeTest, Finding, FoundError, large_to_small
from grader.code.compare import Mistake, agree, as_numbers, describe, inputs, require
from grader.code.frames import Array
from grader.code.judge import Workshop
from grader.code.tolerances import EXACT
from question_bank.diagnostics import InputError

BANK = Path(__file__).parent / "submissions" / "exercise-3"
SAMPLE = Path(judge.__file__).parents[1] / "samples" / "exercise-3"
RIGHT = BANK / "right" / "batchnorm_by_axis_sums"


def code(source: str, file: str = "exercise_code/layers.py") -> Submission:
    return Submission({file: source.encode()}, (), "")


def test_the_assignments_load() -> None:
    assert "exercise-3" in list_assignments()
    for name in list_assignments():
        assignment = load_assignment(name)
        assert assignment.id == name
        assert 0 < assignment.pass_mark <= 100


def test_exercise_3_is_worth_100_points(exercise_3: CodeAssignment) -> None:
    assert sum(check.points for check in exercise_3.checks) == 100


def test_unknown_assignment_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        load_assignment("exercise-99")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "unknown-assignment"
    assert "exercise-3" in str(diagnostic.hint)


def test_check_listed_twice_is_refused(exercise_3: CodeAssignment) -> None:
    check = exercise_3.checks[0]
    with pytest.raises(ValueError, match="listed twice"):
        CodeAssignment.model_validate(exercise_3.model_dump() | {"checks": [check, check]})


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"exercise_code/transforms.py": b""}, "exercise-3"),
        ({"exercise_code/layers.py": b"def spatial_batchnorm_forward(x):\n    1\n"}, "exercise-3"),
        ({"exercise_code/layers.py": b"def affine_forward(x):\n    1\n"}, "exercise-2"),
        ({"answers.yaml": b"form: A"}, None),
    ],
)
def test_assignment_is_inferred_only_without_doubt(
    files: dict[str, bytes], expected: str | None
) -> None:
    assert infer_assignment(Submission(files, (), "")) == expected


def test_the_sample_has_right_and_wrong_parts(
    exercise_3: CodeAssignment, workshop: Workshop
) -> None:
    submission = read_submission(SAMPLE)
    assert infer_assignment(submission) == "exercise-3"
    checks = {c.id: c for c in grade_code(submission, exercise_3, seed=1, workshop=workshop).checks}
    assert checks["spatial_batchnorm_forward.values"].mistake == "per-pixel-statistics"
    assert "per pixel instead of per channel" in checks["spatial_batchnorm_forward.values"].message
    assert checks["lstm.values"].mistake == "tanh-missing-on-the-cell-state"
    for name in ("rnn.values", "rnn.gradient", "normalize.image", "normalize.keypoints"):
        assert checks[name].verdict == "right", checks[name].message
    held = {"layers.py", "rnn_nn.py", "transforms.py"}
    assert {Path(file).name for file in submission.files if file.endswith(".py")} >= held
    assert {c.verdict for c in checks.values()} == {"right", "wrong", "not_answered"}


def test_what_is_missing_is_not_answered(exercise_3: CodeAssignment, workshop: Workshop) -> None:
    submission = code("import numpy as np\n\n\ndef other():\n    return 1\n")
    result = grade_code(submission, exercise_3, seed=1, workshop=workshop)
    assert {c.verdict for c in result.checks} == {"not_answered"}
    messages = {c.id: c.message for c in result.checks}
    assert (
        "spatial_batchnorm_forward in exercise_code/layers.py"
        in (messages["spatial_batchnorm_forward.values"])
    )
    assert "no exercise_code/transforms.py" in messages["normalize.image"]


def test_syntax_error_names_the_line(exercise_3: CodeAssignment, workshop: Workshop) -> None:
    result = grade_code(code("x = 1\ndef f(:\n"), exercise_3, seed=1, workshop=workshop)
    first = result.checks[0]
    assert first.verdict == "wrong"
    assert "SyntaxError" in first.message
    assert "exercise_code/layers.py:2" in first.message
    assert "smallest input" not in first.message, "no input matters to a file that cannot be read"


def test_a_missing_return_is_told(exercise_3: CodeAssignment, workshop: Workshop) -> None:
    text = "def spatial_batchnorm_forward(x, gamma, beta, bn_param):\n    out = x\n"
    first = grade_code(code(text), exercise_3, seed=1, workshop=workshop).checks[0]
    assert first.verdict == "wrong"
    assert "returned None" in first.message


def test_our_own_fault_is_undecided_and_sinks_nothing(
    exercise_3: CodeAssignment, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Bench) -> Finding:
        raise ZeroDivisionError

    tests = dict(judge.all_tests())
    name = "spatial_batchnorm_forward.values"
    tests[name] = CodeTest(broken, tests[name].file)
    monkeypatch.setattr(judge, "all_tests", lambda: tests)
    result = grade_code(read_submission(RIGHT), exercise_3, seed=1, workshop=workshop)
    checks = {c.id: c for c in result.checks}
    assert checks[name].verdict == "undecided"
    assert "not yours" in checks[name].message
    assert checks["spatial_batchnorm_backward.gradients"].verdict == "right"


def test_check_without_a_test_is_refused(exercise_3: CodeAssignment, workshop: Workshop) -> None:
    odd = CheckSpec(id="no.such_test", title="Odd", points=1, tests="nothing")
    with pytest.raises(InputError) as caught:
        grade_code(
            read_submission(RIGHT),
            exercise_3.model_copy(update={"checks": (odd,)}),
            seed=1,
            workshop=workshop,
        )
    assert caught.value.diagnostics[0].code == "unknown-check"


def test_devices() -> None:
    assert judge.resolve_device("cpu") == "cpu"
    assert judge.resolve_device("auto") == ("cuda" if torch.cuda.is_available() else "cpu")
    if not torch.cuda.is_available():
        with pytest.raises(InputError) as caught:
            judge.resolve_device("cuda")
        assert caught.value.diagnostics[0].code == "no-gpu"


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_references_on_the_gpu_give_the_same_verdicts(
    exercise_3: CodeAssignment, workshop: Workshop
) -> None:
    submission = read_submission(SAMPLE)
    on_cpu, on_gpu = (
        grade_code(submission, exercise_3, seed=1, device=device, workshop=workshop)
        for device in ("cpu", "cuda")
    )
    assert [(c.id, c.verdict, c.mistake) for c in on_cpu.checks] == [
        (c.id, c.verdict, c.mistake) for c in on_gpu.checks
    ]


def test_a_submission_cannot_tell_a_second_run_by_its_numbers(
    exercise_3: CodeAssignment, workshop: Workshop
) -> None:
    source = (RIGHT / "exercise_code" / "layers.py").read_text() + (
        "\n\n_forward = spatial_batchnorm_forward\n\n\n"
        "def spatial_batchnorm_forward(x, gamma, beta, bn_param):\n"
        "    raise ValueError(f'{x.ravel()[0]:.12f} {np.random.rand():.12f}')\n"
    )
    messages = [
        grade_code(code(source), exercise_3, seed=seed, workshop=workshop).checks[0].message
        for seed in (1, 1, 2)
    ]
    assert messages[0] == messages[1]
    assert messages[0] != messages[2]


def array(values: object, dtype: str = "f8", kind: str = "array") -> Array:
    return Array(np.asarray(values, dtype), kind)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "it is None"),
        (3.0, "it is float 3.0"),
        (array([1, 2, 3], "f8"), "should have shape (2,)"),
        (array([1, 2], "i8"), "dtype is int64"),
        (array([1, np.nan]), "NaN"),
        (array([1, np.inf]), "NaN or infinite"),
        (array([1, 2.1]), "largest error 0.1 at (1,): expected 2, found 2.1"),
        (array([1, 2], kind="tensor"), "should be an array"),
    ],
)
def test_messages_of_the_comparison(value: object, says: str) -> None:
    with pytest.raises(FoundError) as caught:
        require("out", value, torch.tensor([1.0, 2.0]), at="here")
    assert says in caught.value.finding.message
    assert describe(value)


def test_comparison_accepts_what_is_close_and_names_mistakes() -> None:
    require("out", array([1, 2 + 1e-7]), torch.tensor([1.0, 2.0]), at="here")
    doubled = Mistake("doubled", "It is twice as large.", lambda: np.array([2.0, 4.0]))
    with pytest.raises(FoundError) as caught:
        require("out", array([2, 4]), torch.tensor([1.0, 2.0]), at="here", mistakes=[doubled])
    assert caught.value.finding.mistake == "doubled"
    assert not agree(np.array([np.nan]), as_numbers([np.nan]), EXACT), "NaN never passes"


def one_check(exercise_3: CodeAssignment, identifier: str, **changes: object) -> CodeAssignment:
    """Exercise 3 with one check only, changed as given."""
    (spec,) = [check for check in exercise_3.checks if check.id == identifier]
    return exercise_3.model_copy(update={"checks": (spec.model_copy(update=changes),)})


def test_a_mistake_can_leave_a_share_of_the_points(
    exercise_3: CodeAssignment, workshop: Workshop
) -> None:
    submission = read_submission(BANK / "wrong" / "batchnorm_momentum_reversed")
    for partial, verdict, points in (
        ({"momentum-reversed": 0.4}, "partly_right", 2.0),
        ({"eps-forgotten": 0.4}, "wrong", 0.0),
    ):
        assignment = one_check(
            exercise_3, "spatial_batchnorm_forward.running_statistics", partial=partial
        )
        (check,) = grade_code(submission, assignment, seed=1, workshop=workshop).checks
        assert (check.verdict, check.points, check.max_points) == (verdict, points, 5.0)
        assert check.mistake == "momentum-reversed"


def test_a_check_of_no_points_is_told(exercise_3: CodeAssignment, workshop: Workshop) -> None:
    assignment = one_check(exercise_3, "spatial_batchnorm_forward.values", points=0.0)
    (check,) = grade_code(read_submission(RIGHT), assignment, seed=1, workshop=workshop).checks
    assert (check.verdict, check.points, check.max_points) == ("right", 0.0, 0.0)


@pytest.mark.parametrize(
    "change",
    [
        {"points": -1},
        {"partial": {"a-mistake": 1}},
        {"partial": {"a-mistake": 0}},
    ],
)
def test_impossible_points_are_refused(
    exercise_3: CodeAssignment, change: dict[str, object]
) -> None:
    data = exercise_3.model_dump() | {"checks": [exercise_3.checks[0].model_dump() | change]}
    with pytest.raises(ValueError, match="checks"):
        CodeAssignment.model_validate(data)


def test_an_assignment_without_points_is_refused(exercise_3: CodeAssignment) -> None:
    data = exercise_3.model_dump()
    data["checks"] = [check | {"points": 0} for check in data["checks"]]
    with pytest.raises(ValueError, match="no check has points"):
        CodeAssignment.model_validate(data)


def test_the_version_is_the_hash_of_the_file() -> None:
    versions = {name: load_assignment(name).version for name in list_assignments()}
    for name, version in versions.items():
        assert version == hashlib.sha256((FOLDER / f"{name}.yaml").read_bytes()).hexdigest()
    assert len(set(versions.values())) == len(versions)


def test_own_work_is_asked_for_recurrent_layers() -> None:
    for identifier, test in judge.all_tests().items():
        if identifier.startswith(("rnn.", "lstm.")) and not identifier.endswith(".speed"):
            assert test.own_work, identifier


FORWARD = "def spatial_batchnorm_forward(x, gamma, beta, bn_param):\n"


@pytest.mark.parametrize(
    ("source", "verdict", "says"),
    [
        ("import pandas as pd\n" + FORWARD + "    return pd.DataFrame(x), None\n",
         "needs_person", "used pandas.DataFrame, which is not installed"),
        ("import torch\n" + FORWARD + "    return torch.tensor(x), None\n",
         "wrong", "this task is to be written in NumPy"),
        (FORWARD + "    raise ImportError('x was used, but it is not installed')\n",
         "wrong", "raised ImportError"),
        (FORWARD + "    raise ImportError('numpy was used, but it is not installed where "
         "submissions are graded')\n", "wrong", "raised ImportError"),
        ("from exercise_code.layer_utils import *\n" + FORWARD + "    return x, None\n",
         "wrong", "the submission has no exercise_code/layer_utils.py"),
    ],
)  # fmt: skip
def test_packages_that_are_not_there(
    source: str, verdict: str, says: str, exercise_3: CodeAssignment, workshop: Workshop
) -> None:
    assignment = one_check(exercise_3, "spatial_batchnorm_forward.values")
    (check,) = grade_code(code(source), assignment, seed=1, workshop=workshop).checks
    assert (check.verdict, check.points) == (verdict, 0.0)
    assert says in check.message


def test_the_smallest_failing_input_is_told() -> None:
    tried: list[int] = []

    def attempt(size: int) -> None:
        tried.append(size)
        x = np.arange(size, dtype=np.float64)
        wrong = array(x + (size > 1))
        doubled = Mistake("one-more", "One is added.", lambda: x + 1)
        require("out", wrong, x, at=inputs(x=x), mistakes=[doubled])

    with pytest.raises(FoundError) as caught:
        large_to_small(attempt, (20, 10), (4, 2, 1))
    finding = caught.value.finding
    assert tried == [20, 4, 2, 1]
    assert finding.mistake == "one-more"
    assert "x of shape (20,)" in finding.message
    assert finding.message.endswith(
        "The smallest input that fails: out x = [0, 1]: expected [0, 1], found [1, 2]."
    )


def test_nothing_smaller_is_tried_where_it_says_nothing() -> None:
    tried: list[int] = []

    def attempt(size: int) -> None:
        tried.append(size)
        raise FoundError("The code gave no result: it ran too long.")

    with pytest.raises(FoundError) as caught:
        large_to_small(attempt, (20, 10), (4, 2))
    assert tried == [20]
    assert caught.value.finding.message == "The code gave no result: it ran too long."


HANGING = FORWARD + "    while True: x = x + 0\n"
SLOW = "import time\n" + FORWARD + "    time.sleep(0.4)\n    return x, None\n"


@pytest.mark.parametrize(
    ("source", "verdict", "says"),
    [
        (HANGING, "wrong", "has had its 0.5 s with"),
        (SLOW, "undecided", "every call came to an end"),
    ],
)
def test_the_time_of_a_whole_submission_is_bounded(
    source: str, verdict: str, says: str, exercise_3: CodeAssignment, workshop: Workshop
) -> None:
    checks = tuple(c for c in exercise_3.checks if c.id.startswith("spatial"))
    limits = LimitSpec(wall_s=5, cpu_s=1, total_wall_s=0.5, total_cpu_s=20, memory_mb=128)
    task = exercise_3.model_copy(update={"checks": checks, "limits": limits})
    result = grade_code(code("import numpy as np\n" + source), task, seed=1, workshop=workshop)
    last = result.checks[-1]
    assert (last.verdict, last.points) == (verdict, 0), [c.message for c in result.checks]
    assert says in last.message
