"""Generated hidden sets: the same under the same seed, quick, and what they say they are."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pytest

from grader.code.hidden import digits, sets
from grader.code.hidden.classes import CLASSES, NAMES
from grader.code.hidden.faces import KEYPOINTS, draw_faces
from grader.code.hidden.marks import load_marks
from grader.code.hidden.practice import practice_set
from grader.code.hidden.sets import COUNTS, TASKS, HiddenSets, Task, generate
from grader.code.hidden.shapes import draw_scenes
from question_bank.diagnostics import InputError

SHAPES = {
    "segmentation": ((3, 240, 240), (240, 240)),
    "keypoints": ((1, 96, 96), (30,)),
    "digits": ((28, 28), ()),
}
FEW: dict[Task, int] = {"segmentation": 3, "keypoints": 6, "digits": 50}


def drawn(task: Task, seed: int) -> sets.HiddenSet:
    return generate(task, np.random.default_rng(seed), FEW[task])


@pytest.mark.parametrize("task", TASKS)
def test_same_seed_same_set(task: Task) -> None:
    one, again, other = drawn(task, 1), drawn(task, 1), drawn(task, 2)
    assert np.array_equal(one.inputs, again.inputs)
    assert np.array_equal(one.targets, again.targets)
    assert one.fingerprint == again.fingerprint != other.fingerprint
    assert not np.array_equal(one.inputs, other.inputs)


@pytest.mark.parametrize("task", TASKS)
def test_shapes_ranges_and_types(task: Task) -> None:
    made = drawn(task, 3)
    image, target = SHAPES[task]
    assert made.inputs.shape == (FEW[task], *image)
    assert made.targets.shape == (FEW[task], *target)
    assert made.inputs.dtype == np.float32
    assert 0 <= made.inputs.min() < 0.2
    assert 0.7 < made.inputs.max() <= 1
    assert made.inputs.flags["C_CONTIGUOUS"]


@pytest.mark.parametrize("task", TASKS)
def test_a_set_is_drawn_in_two_seconds(task: Task) -> None:
    generate(task, np.random.default_rng(0), 2)  # reads files, imports
    start = time.process_time()
    generate(task, np.random.default_rng(0), COUNTS[task])
    assert time.process_time() - start < 2 * 2  # twice: the machine may be slow


def test_every_class_and_unlabelled_pixels_occur() -> None:
    _, labels = draw_scenes(np.random.default_rng(4), 36)
    found, counts = np.unique(labels, return_counts=True)
    assert found.tolist() == list(range(-1, 23))
    shares = counts / counts.sum()
    assert 0.01 < shares[0] < 0.1
    assert shares[1:].max() < 0.45


def test_colours_of_classes_differ() -> None:
    assert len(set(CLASSES)) == len(NAMES) == 23


def test_keypoints_follow_from_the_drawing() -> None:
    images, points = draw_faces(np.random.default_rng(5), 60)
    at = {name: points[:, number] for number, name in enumerate(KEYPOINTS)}
    # The face's own left is on the right-hand side of the image.
    assert (at["left_eye_center"][:, 0] > at["right_eye_center"][:, 0] + 5).all()
    assert (at["mouth_left_corner"][:, 0] > at["mouth_right_corner"][:, 0]).all()
    assert (at["mouth_center_bottom_lip"][:, 1] > at["mouth_center_top_lip"][:, 1]).all()
    assert (at["nose_tip"][:, 1] > at["left_eye_center"][:, 1]).mean() > 0.95
    assert points.min() > 0
    assert points.max() < 95
    # Where an eye is said to be, there is a dark pupil: darker than the skin beside it.
    darker = 0
    for image, (x, y) in zip(images, at["left_eye_center"], strict=True):
        pupil = image[round(y) - 1 : round(y) + 2, round(x) - 1 : round(x) + 2].mean()
        below = image[round(y) + 9 : round(y) + 12, round(x) - 1 : round(x) + 2].mean()
        darker += pupil < below
    assert darker > 50


def test_practice_digits_are_other_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    originals, labels = digits._originals()
    marked = np.zeros_like(originals)
    marked[: int(len(marked) * digits.PRACTICE_SHARE)] = 1.0  # full where practice may draw from
    monkeypatch.setattr(digits, "_originals", lambda: (marked, labels))
    practice, _ = digits.draw_digits(np.random.default_rng(1), 50, practice=True)
    hidden, _ = digits.draw_digits(np.random.default_rng(1), 50, practice=False)
    assert practice.any()
    assert not hidden.any()


def test_without_scikit_learn_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(InputError) as caught:
        generate("digits", np.random.default_rng(1), 3)
    (diagnostic,) = caught.value.diagnostics
    assert "pip install 'mockexam[digits]'" in str(diagnostic.hint)
    assert "--data" in str(diagnostic.hint)


def test_hidden_sets_follow_from_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sets.COUNTS, "keypoints", 4)
    prints = []
    for secret in ("one", "one", "two"):
        monkeypatch.setenv("MOCKEXAM_SECRET", secret)
        prints.append(HiddenSets().get("keypoints").fingerprint)
    assert prints[0] == prints[1] != prints[2]
    public = practice_set("keypoints", seed=0, count=4).fingerprint
    assert public not in prints


@pytest.mark.parametrize("task", TASKS)
def test_marks_of_generated_sets_are_named_as_such(task: Task) -> None:
    course, own = load_marks(task, generated=False), load_marks(task, generated=True)
    assert course.mark == {"segmentation": 60, "keypoints": 100, "digits": 97}[task]
    assert course.origin == "the course's pass mark"
    assert "reference network" in own.origin
    assert "not the course's data" in own.origin
    assert course.simple_rnn == (90 if task == "digits" else course.mark)
    assert own.simple_rnn <= own.mark


def test_practice_command_writes_what_the_readers_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from grader.code.hidden import practice
    from grader.code.hidden.read_digits import read_digits
    from grader.code.hidden.read_keypoints import read_keypoints
    from grader.code.hidden.read_segmentation import read_segmentation

    monkeypatch.setattr("sys.argv", ["practice", str(tmp_path), "--count", "3", "--seed", "7"])
    assert practice.main() == 0
    assert "3 images of segmentation" in capsys.readouterr().out
    wanted = {task: practice_set(task, seed=7, count=3) for task in TASKS}
    colours, labels = read_segmentation(tmp_path / "segmentation" / "train.txt")
    assert np.array_equal(labels, wanted["segmentation"].targets)
    assert np.allclose(np.moveaxis(colours, -1, 1) / 255, wanted["segmentation"].inputs)
    grey, points = read_keypoints(tmp_path / "keypoints" / "train.csv")
    assert np.allclose(points.reshape(3, -1) / 48 - 1, wanted["keypoints"].targets, atol=1e-6)
    assert np.allclose(grey / 255, wanted["keypoints"].inputs[:, 0])
    folder = tmp_path / "digits"
    images, numbers = read_digits(
        folder / "train-images-idx3-ubyte.gz", folder / "train-labels-idx1-ubyte.gz"
    )
    assert np.array_equal(numbers, wanted["digits"].targets)
    assert np.allclose(images / 255, wanted["digits"].inputs)
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setattr("sys.argv", ["practice", str(blocked), "--count", "1"])
    assert practice.main() == 2
