"""Labels of graphs that meet in their last point stand in the order of the graphs, beside samples of their lines."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from templates.figures import draw, in_twos


def read(geometry: SimpleNamespace, heights: list[float], **args: Any) -> list[Any]:
    functions = [{"points": [[0, 0], [0.5, h], [1, 1]]} for h in heights]
    asked = {"functions": functions, "x_range": [0, 1], "y_range": [0, 1], **args}
    return list(geometry.read(draw("function_plot", asked)).shapes)


@pytest.mark.parametrize("heights", [[0.6, 0.8], [0.8, 0.6], [0.5, 0.9, 0.7], [0.9, 0.7, 0.8]])
def test_the_upper_graph_has_the_upper_label(
    heights: list[float], geometry: SimpleNamespace
) -> None:
    shapes = read(geometry, heights)
    tops = {s.label: s.box[1] for s in shapes if s.label and s.label in "ABC"}
    letters = sorted(tops, key=tops.__getitem__)
    assert letters == ["ABC"[k] for k in sorted(range(len(heights)), key=lambda k: -heights[k])]


def test_lines_at_zero_are_drawn_inside_the_plot_alone(geometry: SimpleNamespace) -> None:
    def grey(low: float, high: float) -> int:
        points = [[low, 0.2], [high, 0.8]]
        asked = {"functions": [{"points": points}], "x_range": [low, high], "y_range": [0, 1]}
        shapes = geometry.read(draw("function_plot", asked)).shapes
        return sum(s.stroke not in {None, "none", "#111111"} for s in shapes)

    assert grey(-6, 0) == grey(1, 3) == 0
    assert grey(-1, 1) == 1


def test_the_numbers_stand_at_marked_points(geometry: SimpleNamespace) -> None:
    plain, marked = read(geometry, [0.6]), read(geometry, [0.6], marked=True)
    assert "0.5" not in {s.label for s in plain}
    assert "0.5" in {s.label for s in marked}


def test_panels_stand_two_in_a_row_where_asked() -> None:
    functions = [{"points": [[0, 0], [1, n]]} for n in range(1, 5)]
    args = {"functions": functions, "x_range": [0, 1], "layout": "panels"}
    twos = in_twos("function_plot", args)
    assert twos is not None

    def width(asked: Any) -> float:
        return float(draw("function_plot", asked).split('width="')[1].split("pt")[0])

    assert width(twos) < 0.6 * width(args)
    assert in_twos("scatter", {}) is None
    # What stands between two panels belongs to their row.
    assert in_twos("grids", {"grids": [], "between": ["*"]}) is None
