"""What networks for vision tasks put out, and how their rankings are scored (lectures 1 and 10)."""

from __future__ import annotations

from fractions import Fraction

from question_bank.counts import positive


def task_output_counts(height: int, width: int, classes: int, boxes: int) -> tuple[int, int, int]:
    """Output values of a network for (classification, detection, semantic segmentation) of one image.

    One score per class; for detection, each of a fixed number of boxes has four coordinates and one score per
    class (a background class, if any, is counted among the classes); for segmentation, one score per class and
    pixel at full resolution.
    """
    positive(height=height, width=width, classes=classes, boxes=boxes)
    return classes, boxes * (4 + classes), classes * height * width


def top_k_error(rankings: tuple[tuple[str, ...], ...], labels: tuple[str, ...], k: int) -> Fraction:
    """The share of samples whose label is not among the first k classes of their ranking (best first)."""
    if len(rankings) != len(labels) or not labels:
        raise ValueError(f"{len(rankings)} rankings and {len(labels)} labels")
    if k < 1 or any(k > len(ranking) for ranking in rankings):
        raise ValueError(f"k must lie between 1 and the length of each ranking, not {k}")
    misses = sum(label not in ranking[:k] for ranking, label in zip(rankings, labels, strict=True))
    return Fraction(misses, len(labels))


def iou(
    first: tuple[int | Fraction | float, ...], second: tuple[int | Fraction | float, ...]
) -> Fraction | float:
    """Intersection over union of two boxes [left, top, right, bottom], sides parallel to the axes; exact.

    Corners are places on the axes, not numbers of pixels: a box from 0 to 3 is 3 wide.
    """
    for name, box in (("first", first), ("second", second)):
        if len(box) != 4 or box[2] <= box[0] or box[3] <= box[1]:
            raise ValueError(
                f"{name} must be [left, top, right, bottom] with right > left and bottom > top"
            )
    across = max(min(first[2], second[2]) - max(first[0], second[0]), 0)
    along = max(min(first[3], second[3]) - max(first[1], second[1]), 0)
    shared = across * along
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    union = sum(areas) - shared
    return shared / union if isinstance(union, float) else Fraction(shared) / union
