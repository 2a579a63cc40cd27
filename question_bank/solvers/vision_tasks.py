"""What networks for vision tasks put out, and how their rankings are scored (lecture 1)."""

from __future__ import annotations

from fractions import Fraction


def task_output_counts(height: int, width: int, classes: int, boxes: int) -> tuple[int, int, int]:
    """Output values of a network for (classification, detection, semantic segmentation) of one image.

    One score per class; for detection, each of a fixed number of boxes has four coordinates and one score per
    class (a background class, if any, is counted among the classes); for segmentation, one score per class and
    pixel at full resolution.
    """
    if min(height, width, classes, boxes) < 1:
        raise ValueError("height, width, classes and boxes must be at least 1")
    return classes, boxes * (4 + classes), classes * height * width


def top_k_error(rankings: tuple[tuple[str, ...], ...], labels: tuple[str, ...], k: int) -> Fraction:
    """The share of samples whose label is not among the first k classes of their ranking (best first)."""
    if len(rankings) != len(labels) or not labels:
        raise ValueError(f"{len(rankings)} rankings and {len(labels)} labels")
    if k < 1 or any(k > len(ranking) for ranking in rankings):
        raise ValueError(f"k must lie between 1 and the length of each ranking, not {k}")
    misses = sum(label not in ranking[:k] for ranking, label in zip(rankings, labels, strict=True))
    return Fraction(misses, len(labels))
