"""Code of exercise 3 that uses the course's helper packages: real where installed, a person where not."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import pytest

from grader.archive import Submission
from grader.code import grade_code
from grader.code.assignment import CodeAssignment
from grader.code.judge import Workshop
from grader.code.sandbox import host, kinds
from grader.report import Check

WITH_PANDAS = """
import numpy as np
import pandas as pd
from torch.utils.data import Dataset


class FacialKeypointsDataset(Dataset):
    def __init__(self, csv_file, transform=None):
        self.key_pts_frame = pd.read_csv(csv_file)
        self.key_pts_frame.dropna(inplace=True)
        self.key_pts_frame.reset_index(drop=True, inplace=True)
        self.transform = transform

    def __len__(self):
        return self.key_pts_frame.shape[0]

    def __getitem__(self, idx):
        image = np.fromstring(self.key_pts_frame.iloc[idx]['Image'], sep=' ')
        image = image.astype(np.float).reshape(1, 96, 96)
        columns = self.key_pts_frame.columns
        keypoints = self.key_pts_frame[columns[:-1]].iloc[idx].values.astype(np.float)
        sample = {'image': image, 'keypoints': keypoints.reshape(-1, 2)}
        if self.transform:
            sample = self.transform(sample)
        return sample
"""
LABELS_KEPT = WITH_PANDAS.replace(
    "        self.key_pts_frame.reset_index(drop=True, inplace=True)\n", ""
).replace("iloc", "loc")
LAST_COLUMN = WITH_PANDAS.replace(
    "[columns[:-1]].iloc[idx].values", "[columns[-1]].iloc[[idx]].values"
)
REMOVED = WITH_PANDAS.replace(".iloc[idx].values", ".iloc[idx].as_matrix()")
PRETRAINED = """
from torch import nn
from torchvision import models


class SegmentationNN(nn.Module):
    def __init__(self, num_classes=23):
        super().__init__()
        self.features = models.alexnet(pretrained=True).features
        self.head = nn.Conv2d(256, num_classes, 1)

    def forward(self, x):
        return nn.functional.interpolate(self.head(self.features(x)), size=(240, 240))
"""
DATASET = ("length", "items", "transform")


def graded(
    task: CodeAssignment, shop: Workshop, source: str, file: str = "exercise_code/dataloader.py"
) -> dict[str, Check]:
    result = grade_code(Submission({file: source.encode()}, (), ""), task, seed=3, workshop=shop)
    return {check.id: check for check in result.checks if check.verdict != "not_answered"}


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """Workers on a machine where none of the course's packages is installed."""
    kept = tuple(name for name in kinds.PACKAGES["torch"] if name not in kinds.COURSE_PACKAGES)
    monkeypatch.setattr(host, "PACKAGES", {**kinds.PACKAGES, "torch": kept})
    shop = Workshop()
    yield shop
    shop.close()


needs_pandas = pytest.mark.skipif(
    importlib.util.find_spec("pandas") is None, reason="the extra course is not installed"
)


@needs_pandas
def test_with_pandas_the_dataset_is_graded(exercise_3: CodeAssignment, workshop: Workshop) -> None:
    checks = graded(exercise_3, workshop, WITH_PANDAS)
    assert {c.id.partition(".")[2]: c.verdict for c in checks.values()} == dict.fromkeys(
        DATASET, "right"
    ), {c.id: c.message for c in checks.values()}


@needs_pandas
@pytest.mark.parametrize(
    ("source", "mistake"),
    [
        (LABELS_KEPT, "labels-after-dropna"),
        (LAST_COLUMN, "last-column-instead-of-all-but-the-last"),
    ],
)
def test_slips_with_pandas_are_named(
    source: str, mistake: str, exercise_3: CodeAssignment, workshop: Workshop
) -> None:
    check = graded(exercise_3, workshop, source)["facial_keypoints_dataset.items"]
    assert (check.verdict, check.mistake) == ("wrong", mistake), check.message


@needs_pandas
def test_what_pandas_has_removed_goes_to_a_person(
    exercise_3: CodeAssignment, workshop: Workshop
) -> None:
    check = graded(exercise_3, workshop, REMOVED)["facial_keypoints_dataset.items"]
    assert check.verdict == "needs_person", check.message
    assert "to_numpy()" in check.message


def test_without_pandas_a_person_looks(exercise_3: CodeAssignment, bare: Workshop) -> None:
    checks = graded(exercise_3, bare, WITH_PANDAS)
    assert {c.verdict for c in checks.values()} == {"needs_person"}
    assert all("pandas.read_csv" in c.message for c in checks.values())


def test_pretrained_weights_cannot_be_fetched(
    exercise_3: CodeAssignment, workshop: Workshop
) -> None:
    """With torchvision the download fails, without it the stand-in is used: a person either way."""
    checks = graded(exercise_3, workshop, PRETRAINED, "exercise_code/segmentation_nn.py")
    assert checks.keys() == {
        f"segmentation_nn.{of}" for of in ("shapes", "parameters", "independence")
    }
    assert {c.verdict for c in checks.values()} == {"needs_person"}, checks
