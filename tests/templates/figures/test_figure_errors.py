"""Wrong names and arguments end in one FigureError that names the value and, where it can, the cure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from templates.figures import FigureError, describe, draw

CASES = yaml.safe_load((Path(__file__).parent / "errors.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[c["message"] for c in CASES])
@pytest.mark.parametrize("what", [draw, describe])
def test_is_refused_with_a_reason(what: Any, case: dict[str, Any]) -> None:
    if what is describe and case.get("when") == "drawn":
        pytest.skip("only the drawing can know")
    with pytest.raises(FigureError) as caught:
        what(case["figure"], case["args"])
    assert case["message"] in caught.value.message
    assert case.get("hint", "") in (caught.value.hint or "")


def test_too_many_values_are_refused() -> None:
    points = [[k, k] for k in range(1100)]
    with pytest.raises(FigureError, match="2201 values"):
        draw("scatter", {"classes": [{"label": "A", "points": points}]})
