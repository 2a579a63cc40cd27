"""The reasons, as people read them. What they claim is proven in test_assembly.py."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from generator.assembly import assemble
from generator.blueprint_schema import Blueprint
from generator.demands import Demand
from generator.heads import Head
from generator.infeasible import _shortest, explain, irreducible
from generator.program import problem_of
from generator.reasons import clash
from question_bank.diagnostics import InputError
from tests.generator import independent

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


def question(name, lecture, topic, kind, size, **more):
    return Head(name, lecture, topic, kind, float(size), float(size), **more)


BANK = [
    question("s1", 1, "sums", "short", 2, enemies=("s2",)),
    *(question(f"s{n}", 1 if n < 4 else 2, "sums", "short", 2) for n in range(2, 7)),
    question("l1", 1, "products", "long", 8, objectives=("multiply",), archetypes=("1.2",)),
    question("l2", 2, "products", "long", 10, difficulty=4),
]


def test_the_unchanged_blueprint_is_feasible():
    (choice,) = assemble(BANK, Blueprint.model_validate(SOUND), 1)
    assert choice.questions


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_reason_says_what_is_missing_and_is_true(case):
    blueprint = Blueprint.model_validate(SOUND | case.get("blueprint", {}))
    excluded, forms = case.get("excluded", ()), case.get("forms", 1)
    with pytest.raises(InputError) as refused:
        assemble(BANK, blueprint, 1, excluded=excluded, forms=forms)
    message = str(refused.value)
    for words in case["says"]:
        assert words in message
    problem = problem_of(BANK, blueprint, excluded, forms)
    for reason in explain(BANK, blueprint, problem, excluded=excluded).reasons:
        args = (reason.demands, blueprint, BANK, excluded)
        assert independent.true_reason(*args, forms=forms) is None


def test_of_several_reasons_the_shortest_is_told():
    clashes = [{"count 1", "count 2", "time"}, {"points 1", "points 2"}]
    names = ["count 1", "count 2", "time", "points 1", "points 2"]
    demands = [SimpleNamespace(name=n, unit=n.split()[0]) for n in names]
    problem = SimpleNamespace(demands=demands)

    def holds(only):
        return not any(clash <= set(only) for clash in clashes)

    assert set(irreducible(holds, names)) == clashes[0]
    assert set(_shortest(problem, names, holds)) == clashes[1]


def test_a_reason_of_many_rules_says_how_many_it_leaves_out():
    names = [f"topic t{n}/questions/min" for n in range(20)]
    demands = [
        Demand(
            name,
            name.partition("/")[0],
            "questions",
            "min",
            1,
            f"at least 1 question on t{n}",
            f"on t{n}",
            lambda *_: True,
            lambda _: True,
        )
        for n, name in enumerate(names)
    ]
    reason = clash(problem_of(BANK, Blueprint.model_validate(SOUND)), demands, [], {})
    assert "; and 9 more rules of the kind" in reason.message
    assert reason.demands == {*names}
