"""The chosen exam meets its blueprint, and a blueprint that cannot be met gets a true reason."""

from __future__ import annotations

import ctypes
import itertools
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.assembly import assemble
from generator.blueprint_schema import Blueprint
from generator.demands import fits
from generator.infeasible import explain
from generator.program import _silent, feasible, problem_of
from generator.verify import verify_assembly
from question_bank.diagnostics import InputError


@dataclass(frozen=True)
class Fake:
    id: str
    lecture: int = 1
    topic: str = "t1"
    type: Literal["multiple_choice", "short", "long"] = "short"
    points: float = 2.0
    minutes: float = 2.0
    difficulty: int = 2
    use: Literal["practice", "exam", "both"] = "both"
    enemies: tuple[str, ...] = ()


def plan(**changes: object) -> Blueprint:
    given_values: dict[str, object] = {
        "id": "small",
        "title": "Small",
        "course": "Course",
        "minutes": 20,
        "points": 8,
        "pass_mark": 4,
        "use": "practice",
        "lectures": [1, 2],
        "sections": [{"title": "One", "kind": "short"}],
    }
    return Blueprint.model_validate(given_values | changes)


def choices(bank: list[Fake], blueprint: Blueprint) -> Iterator[list[list[Fake]]]:
    """Every way to place questions in sections that take them."""
    homes = [
        [None, *(n for n, section in enumerate(blueprint.sections) if fits(question, section))]
        for question in bank
    ]
    for placed in itertools.product(*homes):
        sections: list[list[Fake]] = [[] for _ in blueprint.sections]
        for question, home in zip(bank, placed, strict=True):
            if home is not None:
                sections[home].append(question)
        yield sections


fakes = st.builds(
    Fake,
    id=st.just(""),
    lecture=st.integers(1, 2),
    topic=st.sampled_from(["t1", "t2"]),
    type=st.sampled_from(["multiple_choice", "short", "long"]),
    points=st.sampled_from([1.0, 1.5, 2.0, 4.0]),
    minutes=st.sampled_from([1.0, 2.0, 2.25, 5.0]),
    difficulty=st.integers(1, 2),
    use=st.sampled_from(["both", "practice", "both", "practice", "exam"]),
    enemies=st.lists(st.sampled_from(["g", "h", "q0", "q1"]), max_size=1).map(tuple),
)
banks = st.lists(fakes, max_size=6).map(
    lambda bank: [replace(question, id=f"q{n}") for n, question in enumerate(bank)]
)


def amounts(values: list[float]) -> st.SearchStrategy[object]:
    """An exact amount, a range, or nothing."""
    return st.one_of(
        st.just({}),
        st.sampled_from(values),
        st.fixed_dictionaries({}, optional={"min": st.sampled_from(values)}),
        st.fixed_dictionaries({}, optional={"max": st.sampled_from(values)}),
    )


counts = amounts([1, 2, 3])
points = amounts([1, 1.5, 2, 3, 4, 6])
quotas = st.fixed_dictionaries({}, optional={"questions": counts, "points": points})
sections = st.fixed_dictionaries(
    {"title": st.just("S"), "kind": st.sampled_from(["multiple_choice", "short", "long"])},
    optional={
        "points": points,
        "questions": counts,
        "question_points": points,
        "lectures": st.sampled_from([[1], [2]]),
        "topics": st.sampled_from([["t1"], ["t2"]]),
    },
)
plans = st.builds(
    plan,
    minutes=st.sampled_from([3, 6, 20]),
    points=st.sampled_from([2, 3.5, 4, 6, 8]),
    pass_mark=st.just(1),
    lectures=st.sampled_from([[1], [2], [1, 2]]),
    sections=st.lists(sections, min_size=1, max_size=2),
    coverage=st.fixed_dictionaries(
        {}, optional={"each_lecture": quotas, "topics": st.dictionaries(st.just("t1"), quotas)}
    ),
    difficulty=st.lists(
        st.fixed_dictionaries({"levels": st.just([1]), "points": points}), max_size=1
    ),
    pins=st.lists(st.sampled_from(["q0", "q1"]), max_size=2, unique=True),
    exclude=st.lists(st.sampled_from(["q2", "q3"]), max_size=1),
)


@st.composite
def planted(draw: st.DrawFn) -> tuple[list[Fake], Blueprint]:
    """A blueprint made from a choice, which most often meets it; enemies and uses may object."""
    bank = draw(banks.filter(bool))
    picked = [question for question in bank if draw(st.booleans())] or bank[:1]
    kinds = sorted({question.type for question in bank})
    parts = []
    for kind in kinds:
        of_kind = [question for question in picked if question.type == kind]
        total = sum(question.points for question in of_kind)
        limits = draw(
            st.sampled_from(
                [
                    {},
                    {"questions": len(of_kind)},
                    {"points": total},
                    {"points": {"max": total}, "questions": {"min": len(of_kind)}},
                ]
            )
        )
        parts.append({"title": kind, "kind": kind} | limits)
    lectures = {
        str(n): {"questions": {"min": sum(question.lecture == n for question in picked)}}
        for n in (1, 2)
        if draw(st.booleans())
    }
    blueprint = plan(
        points=sum(question.points for question in picked),
        minutes=sum(question.minutes for question in picked) + draw(st.sampled_from([0, 0.5, 9])),
        pass_mark=1,
        sections=parts,
        coverage={"each_lecture": {"questions": {"min": 0}}, "lectures": lectures},
        pins=[question.id for question in picked[:1] if draw(st.booleans())],
        exclude=[question.id for question in bank if question not in picked][:1],
    )
    return bank, blueprint


cases = st.tuples(banks, plans) | planted() | planted()

many = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@many
@given(case=cases, seed=st.integers(0, 3))
def test_a_result_meets_every_rule_and_a_refusal_names_a_true_reason(case, seed):
    bank, blueprint = case
    ids = [question.id for question in bank]
    try:
        chosen = assemble(bank, blueprint, seed)
    except InputError:
        found = explain(bank, blueprint, problem_of(bank, blueprint))
        assert found.reasons
        for sections in choices(bank, blueprint):
            broken = {v.demand for v in verify_assembly(sections, blueprint, known_ids=ids)}
            assert broken
            if "eligible" in broken:
                continue
            for reason in found.reasons:
                assert broken & reason.demands, (reason, sections)
    else:
        assert verify_assembly(chosen.sections, blueprint, known_ids=ids) == []


@many
@given(case=cases)
def test_the_model_and_the_checker_agree_on_what_can_be_done(case):
    bank, blueprint = case
    ids = [question.id for question in bank]
    possible = any(
        not verify_assembly(sections, blueprint, known_ids=ids)
        for sections in choices(bank, blueprint)
    )
    assert feasible(problem_of(bank, blueprint)) is possible


def test_what_the_solver_prints_stays_away_from_standard_output(capfd):
    libc = ctypes.CDLL(None)
    with _silent():
        libc.printf(b"noise of C\n")
    print("said")
    libc.fflush(None)
    assert capfd.readouterr().out == "said\n"


def test_a_question_stands_in_one_section_only():
    twice = [{"title": title, "kind": "short", "questions": 1} for title in ("One", "Two")]
    blueprint = plan(points=4, lectures=[1], sections=twice)
    assert feasible(problem_of([Fake("q0")], blueprint)) is False
    assert feasible(problem_of([Fake("q0"), Fake("q1")], blueprint)) is True


def big_bank(size: int = 96) -> list[Fake]:
    kinds: list[tuple[Literal["multiple_choice", "short", "long"], float]] = [
        ("multiple_choice", 2.0),
        ("short", 1.0),
        ("short", 3.0),
        ("long", 9.0),
        ("short", 1.5),
        ("long", 12.0),
    ]
    return [
        Fake(
            f"q{n:03}",
            lecture=n % 12 + 1,
            topic=f"t{n % 30}",
            type=kinds[n // 12 % 6][0],
            points=kinds[n // 12 % 6][1],
            minutes=kinds[n // 12 % 6][1],
            difficulty=n % 5 + 1,
        )
        for n in range(size)
    ]


def course_exam() -> Blueprint:
    from generator.blueprint import load_blueprint

    return load_blueprint("mock_exam").blueprint


def test_the_course_exam_has_the_shape_that_the_course_states():
    chosen = assemble(big_bank(), course_exam(), 5)
    multiple_choice, short, long = chosen.sections
    assert [question.points for question in multiple_choice] == [2.0] * 9
    assert all(1 <= question.points <= 4 for question in short)
    assert len(long) == 4
    assert all(8 <= question.points <= 16 for question in long)
    assert sum(question.points for question in chosen.questions) == 90
    assert sum(question.minutes for question in chosen.questions) <= 90
    assert {question.lecture for question in chosen.questions} == set(range(1, 13))


def test_other_seeds_choose_other_exams():
    exams = {
        tuple(q.id for q in assemble(big_bank(), course_exam(), seed).questions)
        for seed in range(6)
    }
    assert len(exams) == 6


def test_the_order_of_the_bank_does_not_matter():
    bank = big_bank()
    forwards = assemble(bank, course_exam(), 3)
    assert assemble(bank[::-1], course_exam(), 3) == forwards


def test_equal_optima_are_settled_by_the_ids(monkeypatch):
    # With equal weights every pair of these is as good as any other: the first ids win.
    monkeypatch.setattr("generator.assembly.weight", lambda *_: 1)
    bank = [Fake(f"q{n}", lecture=n % 2 + 1, topic=f"t{n}") for n in (3, 1, 0, 2)]
    blueprint = plan(points=4)
    chosen = {q.id for q in assemble(bank, blueprint, 0).questions}
    assert chosen == {"q0", "q1"}


def test_the_choice_is_the_same_in_a_process_of_its_own():
    # Another hash seed, another order of sets: nothing of that may reach the choice.
    program = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('t', {__file__!r})\n"
        "t = importlib.util.module_from_spec(spec); sys.modules['t'] = t\n"
        "spec.loader.exec_module(t)\n"
        "print([q.id for q in t.assemble(t.big_bank(), t.course_exam(), 9).questions])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": value},
            capture_output=True,
            check=True,
        ).stdout
        for value in ("1", "77")
    }
    here = [q.id for q in assemble(big_bank(), course_exam(), 9).questions]
    assert outputs == {f"{here}\n".encode()}


def test_excluded_questions_are_out_and_pins_are_in():
    bank = big_bank()
    first = [q.id for q in assemble(bank, course_exam(), 1).questions]
    out = first[::3]
    second = [q.id for q in assemble(bank, course_exam(), 1, excluded=out).questions]
    assert not set(out) & set(second)
    absent = next(q.id for q in bank if q.id not in first and q.type == "short")
    pinned = course_exam().model_copy(update={"pins": (absent,)})
    assert absent in [q.id for q in assemble(bank, pinned, 1).questions]


def test_a_practice_exam_never_draws_what_is_kept_for_the_exam():
    bank = [replace(q, use="exam") if n % 7 == 0 else q for n, q in enumerate(big_bank(192))]
    for seed in range(5):
        assert {q.use for q in assemble(bank, course_exam(), seed).questions} == {"both"}


@pytest.mark.parametrize(
    ("broken", "demand"),
    [
        ({"minutes": 7}, "exam/minutes/max"),
        ({"points": 6}, "exam/points/exact"),
        ({"sections": [{"title": "One", "kind": "short", "questions": 4}]}, "section 1/questions/exact"),
        ({"sections": [{"title": "One", "kind": "short", "points": {"max": 7}}]}, "section 1/points/max"),
        ({"coverage": {"each_lecture": {"points": {"max": 5}}}}, "lecture 1/points/max"),
        ({"coverage": {"lectures": {"2": {"questions": {"min": 3}}}}}, "lecture 2/questions/min"),
        ({"coverage": {"topics": {"t2": {"questions": 1}}}}, "topic t2/questions/exact"),
        ({"difficulty": [{"levels": [4], "points": {"min": 1}}]}, "difficulty 1/points/min"),
        ({"pins": ["q9"]}, "pin q9/questions/exact"),
        ({"exclude": ["q0"]}, "eligible"),
        ({"lectures": [1]}, "eligible"),
        ({"use": "exam"}, "eligible"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_the_checker_sees_each_broken_rule(broken, demand):
    chosen = [
        [
            Fake("q0", points=4, minutes=4, use="practice"),
            Fake("q1", points=2),
            Fake("q2", lecture=2),
        ]
    ]
    assert verify_assembly(chosen, plan()) == []
    assert demand in {v.demand for v in verify_assembly(chosen, plan(**broken))}


@pytest.mark.parametrize(
    ("first", "second", "enemies"),
    [
        (("q1",), (), True),
        ((), ("q0",), True),
        (("group",), ("group",), True),
        (("group",), ("other",), False),
        # Both are enemies of a third question: that makes no enemies of the two.
        (("q7",), ("q7",), False),
    ],
)
def test_what_makes_two_questions_enemies(first, second, enemies):
    chosen = [[Fake("q0", enemies=first), Fake("q1", lecture=2, enemies=second)]]
    found = verify_assembly(chosen, plan(points=4), known_ids=["q0", "q1", "q7"])
    assert [v.demand for v in found] == (["enemies"] if enemies else [])
    bank = [*chosen[0], Fake("q7", type="long")]
    assert feasible(problem_of(bank, plan(points=4))) is not enemies
