"""What is drawn at a box and how it is read: a table; and the thresholds that each sheet sets for itself."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from grader.scans.marks import thresholds
from grader.scans.reading import papers_of, read_page
from tests.grader.scans.printed import SHEET
from tests.grader.scans.synthetic import DPI, Hand, Look, Pen, seen

CASES = yaml.safe_load(Path(__file__).with_name("marks.yaml").read_text("utf-8"))


def draw(hand: Hand, case: dict, x: float, y: float, side: float) -> None:
    pen = Pen(case.get("pen", 0.5), 0.9)
    if "draw" in case:
        hand.mark(case["draw"], x, y, side, pen)
    for points in case.get("strokes", []):
        hand.stroke([(x + a * side, y + b * side) for a, b in points], pen)
    if "fill" in case:
        low, high = case["fill"]
        for across in np.arange(low, high, 0.05):
            hand.stroke(
                [(x + across * side, y - 0.46 * side), (x + across * side, y + 0.46 * side)], pen
            )
    if "bare" in case:
        corners = [(x + a * side, y + b * side) for a, b in case["bare"]]
        cv2.fillPoly(hand.page, [np.round(np.array(corners) * DPI / 25.4).astype(np.int32)], 255)
    if "circle" in case:
        start, end = case["circle"]
        turns = np.linspace(start, end, 40)
        hand.stroke(
            [(x + 0.78 * side * math.cos(t), y + 0.78 * side * math.sin(t)) for t in turns], pen
        )


@pytest.mark.parametrize("dpi", [100, 200])
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_how_a_mark_is_read(case, dpi, own, clean) -> None:
    random = np.random.default_rng(3)
    hand = Hand(clean(own, SHEET), random)
    boxes = own.pages[0].boxes
    draw(hand, case, *boxes[1].center, boxes[1].side)
    reading = read_page(seen(hand.page, Look(dpi=dpi, noise=3), random), papers_of([own]))
    assert reading.states[1] == case["read"]
    assert {state for n, state in enumerate(reading.states) if n != 1} == {"empty"}


def test_each_sheet_sets_its_own_thresholds() -> None:
    clean, dirty = np.zeros(20), np.full(20, 0.02)
    thin, heavy = np.full(5, 0.25), np.full(5, 0.6)
    assert (
        thresholds(np.concatenate([clean, thin])).empty
        < thresholds(np.concatenate([dirty, thin])).empty
    )
    assert (
        thresholds(np.concatenate([clean, thin])).marked
        < thresholds(np.concatenate([clean, heavy])).marked
    )
    for fill in (clean, dirty, heavy, np.concatenate([dirty, heavy])):
        found = thresholds(fill)
        assert 0.03 <= found.empty <= 0.06
        assert 0.12 <= found.marked <= 0.2
