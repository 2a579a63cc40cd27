from __future__ import annotations

import random
from fractions import Fraction

import pytest
import torch

from question_bank.solvers.vision_tasks import iou, task_output_counts, top_k_error


def test_outputs_are_those_of_torch_heads():
    height, width, classes, boxes = 6, 5, 4, 3
    volume = torch.zeros(1, 2, height, width)
    heads = (
        torch.nn.Linear(2, classes)(torch.zeros(1, 2)),
        torch.nn.Linear(2, boxes * (4 + classes))(torch.zeros(1, 2)),
        torch.nn.Conv2d(2, classes, 1)(volume),
    )
    assert task_output_counts(height, width, classes, boxes) == tuple(h.numel() for h in heads)


@pytest.mark.parametrize("sizes", [(0, 5, 4, 3), (6, 0, 4, 3), (6, 5, 0, 3), (6, 5, 4, 0)])
def test_no_output_without_a_size(sizes):
    with pytest.raises(ValueError, match="a whole number from 1"):
        task_output_counts(*sizes)


def test_top_k_error_agrees_with_torch():
    chance = random.Random(3)
    classes = "abcdef"
    for _ in range(30):
        rankings = tuple(tuple(chance.sample(classes, 6)) for _ in range(7))
        labels = tuple(chance.choice(classes) for _ in range(7))
        scores = torch.tensor([[-float(r.index(c)) for c in classes] for r in rankings])
        truth = torch.tensor([classes.index(label) for label in labels])
        for k in (1, 2, 6):
            hits = (scores.topk(k).indices == truth[:, None]).any(dim=1).sum()
            assert top_k_error(rankings, labels, k) == Fraction(7 - int(hits), 7)


@pytest.mark.parametrize(
    ("rankings", "labels", "k"),
    [((("a", "b"),), ("a",), 3), ((("a", "b"),), ("a",), 0), ((("a", "b"),), (), 1), ((), (), 1)],
    ids=["k too large", "k zero", "labels missing", "no samples"],
)
def test_top_k_needs_rankings_of_length_k(rankings, labels, k):
    with pytest.raises(ValueError):
        top_k_error(rankings, labels, k)


def test_iou_counts_cells_of_a_grid():
    chance = random.Random(3)
    for _ in range(50):
        boxes = []
        for _ in range(2):
            left, top = chance.randrange(8), chance.randrange(8)
            boxes.append((left, top, left + chance.randint(1, 6), top + chance.randint(1, 6)))
        cells = [
            {(x, y) for x in range(box[0], box[2]) for y in range(box[1], box[3])} for box in boxes
        ]
        expected = Fraction(len(cells[0] & cells[1]), len(cells[0] | cells[1]))
        assert iou(*boxes) == expected == iou(*reversed(boxes))
    assert iou((0.0, 0.0, 1.0, 1.0), (0.5, 0.0, 1.5, 1.0)) == pytest.approx(1 / 3)


@pytest.mark.parametrize("box", [(0, 0, 0, 1), (0, 2, 1, 1), (0, 0, 1)])
def test_iou_needs_boxes_with_an_area(box):
    with pytest.raises(ValueError, match="right > left"):
        iou((0, 0, 1, 1), box)
