"""The reasons, as people read them. What they claim is proven in test_assembly.py."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
import yaml

from generator.assembly import assemble
from generator.blueprint_schema import Blueprint
from question_bank.diagnostics import InputError

CASES = yaml.safe_load(Path(__file__).with_name("infeasible.yaml").read_text())

SOUND = {
    "id": "small",
    "title": "Small",
    "course": "Course",
    "minutes": 20,
    "points": 16,
    "pass_mark": 8,
    "use": "practice",
    "lectures": [1, 2],
    "sections": [
        {"title": "Short", "kind": "short"},
        {"title": "Long", "kind": "long", "questions": 1},
    ],
}


@dataclass(frozen=True)
class Fake:
    id: str
    lecture: int
    topic: str
    type: Literal["multiple_choice", "short", "long"]
    points: float
    minutes: float
    difficulty: int = 2
    use: Literal["practice", "exam", "both"] = "both"
    enemies: tuple[str, ...] = ()


BANK = [
    Fake("s1", 1, "sums", "short", 2, 2, enemies=("s2",)),
    *(Fake(f"s{n}", 1 if n < 4 else 2, "sums", "short", 2, 2) for n in range(2, 7)),
    Fake("l1", 1, "products", "long", 8, 8),
    Fake("l2", 2, "products", "long", 10, 10),
]


def test_the_unchanged_blueprint_is_feasible():
    assert assemble(BANK, Blueprint.model_validate(SOUND), 1).questions


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_reason_says_what_is_missing(case):
    blueprint = Blueprint.model_validate(SOUND | case.get("blueprint", {}))
    with pytest.raises(InputError) as refused:
        assemble(BANK, blueprint, 1, excluded=case.get("excluded", ()))
    message = str(refused.value)
    for words in case["says"]:
        assert words in message
