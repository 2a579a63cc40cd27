"""Every figure of the table draws, stays inside its frame, keeps lines off labels, and says what it shows."""

from __future__ import annotations

import hashlib
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from templates import figures
from templates.figures import FigureError, describe, draw, names

HERE = Path(__file__).parent
CASES = yaml.safe_load((HERE / "figures.yaml").read_text(encoding="utf-8"))
EACH = pytest.mark.parametrize(
    "case", CASES, ids=[f"{index}-{case['figure']}" for index, case in enumerate(CASES)]
)
TEXT_WIDTH_PT = 482.0
"""Of an A4 page with margins of 20 mm."""


def test_the_table_has_every_figure() -> None:
    assert {case["figure"] for case in CASES} == set(names())


@EACH
def test_is_plain_vector_drawing(case: dict[str, Any], geometry: SimpleNamespace) -> None:
    svg = draw(case["figure"], case["args"])
    drawing = geometry.read(svg)
    assert {shape.tag for shape in drawing.shapes} <= {"path", "rect", "circle"}
    # nothing that could refer elsewhere, run, or collide with another figure on the page
    assert not re.search(
        r"<(script|style|image|use|text|a|defs)\b| (id|href|class|style|on\w+)=", svg
    )
    assert not re.search(r"nan|inf\b|e-\d", re.sub(r'(aria|data)-label="[^"]*"', "", svg))
    thin = [s.stroke_width for s in drawing.shapes if s.stroke and s.stroke_width < 0.5]
    assert not thin


@EACH
def test_stays_inside_its_frame_and_the_page(
    case: dict[str, Any], geometry: SimpleNamespace
) -> None:
    drawing = geometry.read(draw(case["figure"], case["args"]))
    left, top, right, bottom = drawing.view
    for shape in drawing.shapes:
        x0, y0, x1, y1 = shape.box
        assert left - 0.01 <= x0, shape
        assert x1 <= right + 0.01, shape
        assert top - 0.01 <= y0, shape
        assert y1 <= bottom + 0.01, shape
    assert drawing.width == pytest.approx(right - left, abs=0.02)
    assert drawing.height == pytest.approx(bottom - top, abs=0.02)
    assert drawing.width <= TEXT_WIDTH_PT


@EACH
def test_no_line_runs_through_a_label(case: dict[str, Any], geometry: SimpleNamespace) -> None:
    drawing = geometry.read(draw(case["figure"], case["args"]))
    assert geometry.touched_labels(drawing) == []


@EACH
def test_description_says_what_is_drawn_and_no_more(case: dict[str, Any]) -> None:
    text = describe(case["figure"], case["args"])
    for part in case.get("says", []):
        assert part in text
    for part in case.get("silent", []):
        assert part not in text
    assert "$" not in text
    assert "\\" not in text
    assert "aria-label=" in draw(case["figure"], case["args"])


def test_alternative_text_of_the_author_wins() -> None:
    svg = draw("lstm_cell", {}, alt='the "cell" & <gates>')
    root = ET.fromstring(svg)
    assert root.attrib["aria-label"] == 'the "cell" & <gates>'
    assert root.attrib["role"] == "img"


def test_same_bytes_in_every_process() -> None:
    script = (
        "import hashlib, sys, yaml; from templates.figures import draw; "
        "cases = yaml.safe_load(open(sys.argv[1], encoding='utf-8')); "
        "print(hashlib.sha256(''.join(draw(c['figure'], c['args']) for c in cases)"
        ".encode()).hexdigest())"
    )
    here = hashlib.sha256("".join(draw(c["figure"], c["args"]) for c in CASES).encode())
    root = Path(figures.__file__).parents[2]
    for seed in ("0", "4711"):
        done = subprocess.run(
            [sys.executable, "-c", script, str(HERE / "figures.yaml")],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == here.hexdigest()


def test_draw_and_describe_take_the_same_arguments() -> None:
    for name in names():
        module = figures._module(name)
        assert inspect.signature(module.draw).parameters == (
            inspect.signature(module.describe).parameters
        )
        for parameter in inspect.signature(module.draw).parameters.values():
            assert parameter.kind is inspect.Parameter.KEYWORD_ONLY


def balanced(text: str) -> str:
    """The text up to the brace that closes its first one."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "{") - (letter == "}")
        if depth == 0:
            return text[: at + 1]
    return text


def documented() -> list[tuple[str, dict[str, Any]]]:
    """The examples in the package's docstring: name and arguments."""
    found: list[tuple[str, dict[str, Any]]] = []
    for entry in re.finditer(
        r"\n(\w+) \([\d., ]+\):.*?(?=\n\w|\Z)", figures.__doc__ or "", re.DOTALL
    ):
        text, at = entry.group(), 0
        while start := re.compile(r"(?<= {4})\{").search(text, at):
            example = balanced(text[start.start() :])
            found.append((entry.group(1), yaml.safe_load(example)))
            at = start.start() + len(example)
    return found


def test_every_figure_is_documented_with_its_arguments() -> None:
    assert {name for name, _ in documented()} == set(names())
    text = figures.__doc__ or ""
    for name in names():
        entry = re.search(rf"\n{name} \(.*?(?=\n\w|\Z)", text, re.DOTALL)
        assert entry
        for parameter in inspect.signature(figures._module(name).draw).parameters:
            assert re.search(rf"\b{parameter}\b", entry.group()), f"{name}: {parameter}"


@pytest.mark.parametrize(("name", "args"), documented())
def test_documented_examples_draw(
    name: str, args: dict[str, Any], geometry: SimpleNamespace
) -> None:
    drawing = geometry.read(draw(name, args))
    assert geometry.touched_labels(drawing) == []


WEIGHT = st.integers(-9, 9)


@settings(max_examples=25, deadline=None)
@given(st.data(), st.integers(1, 3), st.integers(1, 3), st.integers(1, 2))
def test_weights_of_small_networks_never_collide(
    geometry: SimpleNamespace, data: st.DataObject, first: int, second: int, third: int
) -> None:
    def matrix(rows: int, columns: int) -> list[list[int]]:
        return [[data.draw(WEIGHT) for _ in range(columns)] for _ in range(rows)]

    sizes = [first, second, third]
    args = {
        "layers": [[f"${c}_{k}$" for k in range(n)] for c, n in zip("xhy", sizes, strict=True)],
        "weights": [matrix(second, first), matrix(third, second)],
        "biases": [[data.draw(WEIGHT) for _ in range(n)] for n in (second, third)],
    }
    drawing = geometry.read(draw("network", args))
    assert geometry.touched_labels(drawing) == []


@settings(max_examples=40, deadline=None)
@given(st.data(), st.integers(1, 4), st.integers(1, 6))
def test_wires_never_run_through_a_node(
    geometry: SimpleNamespace, data: st.DataObject, inputs: int, operations: int
) -> None:
    nodes: list[dict[str, Any]] = [
        {"id": f"i{k}", "label": f"$x_{k}$", "value": data.draw(WEIGHT)} for k in range(inputs)
    ]
    for k in range(operations):
        known = [node["id"] for node in nodes]
        operands = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=2, unique=True))
        op = "exp" if len(operands) == 1 else data.draw(st.sampled_from(["+", "*", "max"]))
        value = data.draw(WEIGHT)
        nodes.append({"id": f"o{k}", "op": op, "inputs": operands, "value": value})
    drawing = geometry.read(draw("computational_graph", {"nodes": nodes}))
    assert geometry.touched_labels(drawing) == []


@pytest.mark.parametrize("case", [c for c in CASES if c["figure"] in {"u_net", "residual_block"}])
def test_arrows_between_blocks_end_at_a_block(
    geometry: SimpleNamespace, case: dict[str, Any]
) -> None:
    shapes = geometry.read(draw(case["figure"], case["args"])).shapes
    heads = [s for s in shapes if s.tag == "path" and not s.stroke and s.label is None]
    labels = [s.box for s in shapes if s.label is not None]
    assert heads
    for head in heads:
        tip = head.points[0]
        blocks = [s for s in shapes[1:] if s.tag in {"rect", "circle"} and s.stroke]
        near = [b for b in blocks if _reaches(b.box, tip, 1.0)]
        # the last arrow points at the label of the output instead
        assert near or any(_reaches(box, tip, 8.0) for box in labels), tip


def _reaches(box: tuple[float, ...], point: tuple[float, float], margin: float) -> bool:
    x, y = point
    inside_x = box[0] - margin <= x <= box[2] + margin
    return inside_x and box[1] - margin <= y <= box[3] + margin


def test_pixels_are_numbered_whole(geometry: SimpleNamespace) -> None:
    svg = draw("boxes", {"boxes": [{"label": "A", "corners": [1, 1, 4, 3]}]})
    printed = {s.label for s in geometry.read(svg).shapes if s.label and s.label[0].isdigit()}
    assert printed == {"0", "1", "2", "3", "4", "5"}


def test_a_touched_label_is_found(geometry: SimpleNamespace) -> None:
    # the judge of the tests above must itself be able to say no
    svg = draw("network", {"layers": [["a"], ["b"]], "weights": [[[5]]]})
    broken = svg.replace("</svg>", '<path d="M-50 0L150 0" fill="none" stroke="#111111"/></svg>')
    assert geometry.touched_labels(geometry.read(svg)) == []
    assert len(geometry.touched_labels(geometry.read(broken))) == 3


def test_a_label_that_does_not_typeset_is_refused() -> None:
    with pytest.raises(FigureError, match="does not typeset"):
        draw("lstm_cell", {"x": r"$\frac{1}$"})
