"""The chosen exam meets its blueprint, and a blueprint that cannot be met gets a true reason.

What a blueprint means is written a second time in independent.py, and proven there for tiny banks
by trying everything.
"""

from __future__ import annotations

import ctypes
import itertools
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from generator.assembly import assemble
from generator.blueprint_schema import Blueprint
from generator.heads import Head, PartHead
from generator.infeasible import explain, irreducible
from generator.program import model_of, problem_of
from generator.solver import _silent, feasible_point
from generator.verify import verify_form, verify_forms
from question_bank.diagnostics import InputError
from tests.generator import independent


def question(id: str, **values: object) -> Head:  # noqa: A002 - as blueprints name it
    given_values: dict[str, object] = {
        "lecture": 1,
        "topic": "t1",
        "type": "short",
        "points": 2.0,
        "minutes": 2.0,
        "answers": frozenset({"numeric"}),
    }
    return Head(id=id, **(given_values | values))  # type: ignore[arg-type]


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


def choices(bank: list[Head], blueprint: Blueprint) -> Iterator[list[list[Head]]]:
    """Every way to place questions where they may stand."""
    spots = independent.places(bank, blueprint)
    homes = [[None, *(spot for spot in spots if spot[0].id == head.id)] for head in bank]
    for placed in itertools.product(*homes):
        sections: list[list[Head]] = [[] for _ in blueprint.sections]
        for spot in placed:
            if spot is not None:
                sections[spot[1]].append(spot[0])
        yield sections


def with_parts(head: Head, sizes: list[float]) -> Head:
    parts = tuple(PartHead(size, "numeric") for size in sizes)
    return replace(head, type="long", points=sum(sizes), minutes=sum(sizes), parts=parts)


heads = st.builds(
    Head,
    id=st.just(""),
    lecture=st.integers(1, 2),
    topic=st.sampled_from(["t1", "t2"]),
    type=st.sampled_from(["multiple_choice", "short", "long"]),
    points=st.sampled_from([1.0, 1.5, 2.0, 4.0]),
    minutes=st.sampled_from([1.0, 2.0, 2.25, 5.0]),
    difficulty=st.integers(1, 5),
    use=st.sampled_from(["both", "practice", "both", "practice", "exam"]),
    enemies=st.lists(st.sampled_from(["g", "h", "q0", "q1"]), max_size=1).map(tuple),
    objectives=st.lists(st.sampled_from(["o", "p"]), max_size=2, unique=True).map(tuple),
    archetypes=st.lists(st.sampled_from(["9.10", "9.1"]), max_size=1).map(tuple),
    answers=st.sampled_from([frozenset({"numeric"}), frozenset({"text", "shape"})]),
    stem_figure=st.booleans(),
    parametrised=st.booleans(),
)
long_heads = st.builds(
    with_parts, heads, st.lists(st.sampled_from([1.0, 1.5, 2.0]), min_size=2, max_size=4)
)
banks = st.lists(heads | heads | long_heads, max_size=6).map(
    lambda bank: [replace(head, id=f"q{n}") for n, head in enumerate(bank)]
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
minutes = amounts([1, 2.25, 4.25, 6, 9])
means = st.fixed_dictionaries(
    {}, optional={"min": st.sampled_from([1.5, 2, 2.75]), "max": st.sampled_from([3, 3.25, 4])}
)
amounts_of = {"questions": counts, "points": points, "minutes": minutes}
quotas = st.fixed_dictionaries({}, optional=amounts_of)
filters: dict[str, st.SearchStrategy[object]] = {
    "lectures": st.sampled_from([[1], [2]]),
    "topics": st.sampled_from([["t1"], ["t2"]]),
    "objectives": st.sampled_from([["o"], ["o", "p"]]),
    "archetypes": st.just(["9.10"]),
    "levels": st.sampled_from([[1, 2], [3], [4, 5]]),
    "answers": st.sampled_from([["numeric"], ["shape", "multiple_choice"]]),
    "figure": st.booleans(),
    "parametrised": st.booleans(),
}
kinds = st.sampled_from(["multiple_choice", "short", "long"])
selections = st.fixed_dictionaries({}, optional=filters | {"kind": kinds})
sections = st.fixed_dictionaries(
    {"title": st.just("S"), "kind": kinds},
    optional=amounts_of
    | {"question_points": points, "mean_difficulty": means, "shorten": st.booleans()}
    | {"lectures": filters["lectures"], "levels": filters["levels"], "figure": st.booleans()},
)
plans = st.builds(
    plan,
    minutes=st.sampled_from([3, 6, 20]),
    points=st.sampled_from([2, 3.5, 4, 6, 8]),
    pass_mark=st.just(1),
    lectures=st.sampled_from([[1], [2], [1, 2]]),
    sections=st.lists(sections, min_size=1, max_size=2),
    coverage=st.fixed_dictionaries(
        {},
        optional={
            "each_lecture": quotas,
            "each_topic": quotas,
            "topics": st.dictionaries(st.just("t1"), quotas),
            "objectives": st.dictionaries(st.just("o"), quotas),
        },
    ),
    quotas=st.lists(
        st.fixed_dictionaries(
            {"where": selections}, optional=amounts_of | {"mean_difficulty": means}
        ),
        max_size=1,
    ),
    difficulty=st.lists(
        st.fixed_dictionaries({"levels": st.just([1, 2])}, optional=amounts_of), max_size=1
    ),
    mean_difficulty=means,
    work_minutes=minutes,
    pins=st.lists(st.sampled_from(["q0", "q1"]), max_size=2, unique=True),
    exclude=st.lists(st.sampled_from(["q2", "q3"]), max_size=1),
    avoid=st.lists(selections.filter(bool), max_size=1),
)


@st.composite
def planted(draw: st.DrawFn) -> tuple[list[Head], Blueprint]:
    """A blueprint made from a choice, which most often meets it; enemies and uses may object."""
    bank = draw(banks.filter(bool))
    picked = [head for head in bank if draw(st.booleans())] or bank[:1]
    parts = []
    for kind in sorted({head.type for head in bank}):
        of_kind = [head for head in picked if head.type == kind]
        total = sum(head.points for head in of_kind)
        time = sum(head.minutes for head in of_kind)
        limits = draw(
            st.sampled_from(
                [
                    {},
                    {"questions": len(of_kind)},
                    {"points": total},
                    {"minutes": {"max": time}},
                    {"points": {"max": total}, "questions": {"min": len(of_kind)}},
                ]
            )
        )
        parts.append({"title": kind, "kind": kind} | limits)
    lectures = {
        str(n): {"questions": {"min": sum(head.lecture == n for head in picked)}}
        for n in (1, 2)
        if draw(st.booleans())
    }
    levels = sorted(head.difficulty for head in picked)
    figures = sum(head.figure for head in picked)
    blueprint = plan(
        points=sum(head.points for head in picked),
        minutes=sum(head.minutes for head in picked) + draw(st.sampled_from([0, 0.5, 9])),
        pass_mark=1,
        sections=parts,
        coverage={"each_lecture": {"questions": {"min": 0}}, "lectures": lectures},
        quotas=[{"where": {"figure": True}, "questions": figures}] if draw(st.booleans()) else [],
        mean_difficulty={"min": levels[0], "max": levels[-1]},
        pins=[head.id for head in picked[:1] if draw(st.booleans())],
        exclude=[head.id for head in bank if head not in picked][:1],
    )
    return bank, blueprint


cases = st.tuples(banks, plans) | planted() | planted()

many = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
    # A failing case shows the bank and the blueprint; making it smaller would take many solves.
    phases=[Phase.explicit, Phase.generate],
)


@many
@given(case=cases, seed=st.integers(0, 3), forms=st.sampled_from([1, 1, 2]))
def test_a_result_meets_every_rule_and_a_refusal_names_a_true_reason(case, seed, forms):
    bank, blueprint = case
    if forms > 1:
        blueprint = blueprint.model_copy(update={"forms": "disjoint"})
    try:
        chosen = assemble(bank, blueprint, seed, forms=forms)
    except InputError:
        found = explain(bank, blueprint, problem_of(bank, blueprint, forms=forms))
        assert found.reasons
        for reason in found.reasons:
            on_one = independent.true_reason(reason.demands, blueprint, bank)
            # Where one form cannot be, there is no need to speak of two.
            if forms == 1 or on_one is not None:
                fault = independent.true_reason(reason.demands, blueprint, bank, forms=forms)
                assert fault is None, (reason, fault)
    else:
        made = [choice.sections for choice in chosen]
        assert len(made) == forms
        assert independent.broken(made, blueprint, bank) == set()
        assert verify_forms(made, blueprint, bank=bank) == []


@many
@given(case=cases)
def test_program_checker_and_the_second_writing_agree_on_every_choice(case):
    bank, blueprint = case
    possible = False
    for sections in choices(bank, blueprint):
        broken = independent.broken([sections], blueprint, bank)
        found = {v.demand for v in verify_form(sections, blueprint, bank=bank)}
        assert found == broken
        possible = possible or not broken
    assert feasible_point(model_of(problem_of(bank, blueprint)).rows()).feasible is possible
    every = set(independent.rules(blueprint, bank))
    assert independent.can_hold(every, blueprint, bank) is possible


@given(st.sets(st.sets(st.integers(0, 11), min_size=1, max_size=4).map(frozenset), min_size=1))
def test_an_irreducible_set_clashes_and_no_part_of_it_does(clashes):
    def holds(rules):
        return not any(clash <= set(rules) for clash in clashes)

    rules = sorted({n for clash in clashes for n in clash})
    found = irreducible(holds, rules)
    assert not holds(found)
    assert all(holds([rule for rule in found if rule != spared]) for spared in found)


def test_what_the_solver_prints_stays_away_from_standard_output(capfd):
    libc = ctypes.CDLL(None)
    with _silent():
        libc.printf(b"noise of C\n")
    print("said")
    libc.fflush(None)
    assert capfd.readouterr().out == "said\n"


def can_be(bank, blueprint, forms=1):
    return feasible_point(model_of(problem_of(bank, blueprint, forms=forms)).rows()).feasible


def test_a_question_stands_in_one_section_only():
    twice = [{"title": title, "kind": "short", "questions": 1} for title in ("One", "Two")]
    blueprint = plan(points=4, lectures=[1], sections=twice)
    assert can_be([question("q0")], blueprint) is False
    assert can_be([question("q0"), question("q1")], blueprint) is True


def test_a_question_stands_on_one_of_disjoint_forms_and_a_pin_on_all():
    bank = [question(f"q{n}") for n in range(3)]
    blueprint = plan(points=4, lectures=[1], forms="disjoint")
    assert can_be(bank, blueprint, forms=2) is False
    pinned = plan(points=4, lectures=[1], forms="disjoint", pins=["q0"])
    first, second = assemble(bank, pinned, 1, forms=2)
    shared = {q.id for q in first.questions} & {q.id for q in second.questions}
    assert shared == {"q0"}


def test_forms_are_found_together_where_one_alone_would_spoil_the_others():
    # Two forms of 4 points: 4 + ..., where the first form must not take both questions of 2 points.
    sizes = [1.0, 3.0, 2.0, 2.0]
    bank = [question(f"q{n}", points=size, minutes=size) for n, size in enumerate(sizes)]
    blueprint = plan(points=4, lectures=[1], forms="disjoint")
    for seed in range(6):
        made = assemble(bank, blueprint, seed, forms=2)
        assert all(sum(q.points for q in form.questions) == 4 for form in made)


def test_a_long_question_ends_early_only_where_its_section_says_so():
    whole = with_parts(question("long"), [3.0, 2.0, 4.0, 5.0])
    section = {"title": "Long", "kind": "long", "points": 9}
    cut = plan(points=9, lectures=[1], sections=[section | {"shorten": True}])
    (choice,) = assemble([whole], cut, 1)
    (head,) = choice.questions
    assert (head.ends_after, head.points, head.minutes) == (3, 9, 9)
    assert verify_form(choice.sections, cut, bank=[whole]) == []
    strict = plan(points=9, lectures=[1], sections=[section])
    assert can_be([whole], strict) is False
    assert {v.demand for v in verify_form(choice.sections, strict, bank=[whole])} == {"eligible"}


def big_bank(size: int = 96) -> list[Head]:
    kinds = [
        ("multiple_choice", 2.0),
        ("short", 1.0),
        ("short", 3.0),
        ("long", 9.0),
        ("short", 1.5),
        ("long", 12.0),
    ]
    return [
        question(
            f"q{n:03}",
            lecture=n % 12 + 1,
            topic=f"t{n % 30}",
            type=kinds[n // 12 % 6][0],
            points=kinds[n // 12 % 6][1],
            minutes=kinds[n // 12 % 6][1],
            difficulty=n % 5 + 1,
            work=10 + n % 7,
        )
        for n in range(size)
    ]


def course_exam() -> Blueprint:
    from generator.blueprint import load_blueprint

    return load_blueprint("mock_exam").blueprint


def chosen_for(seed, bank=None, blueprint=None, **options):
    (choice,) = assemble(bank or big_bank(), blueprint or course_exam(), seed, **options)
    return choice


def test_the_course_exam_has_the_shape_that_the_course_states():
    chosen = chosen_for(5)
    multiple_choice, short, long = chosen.sections
    assert [head.points for head in multiple_choice] == [2.0] * 9
    assert all(1 <= head.points <= 4 for head in short)
    assert len(long) == 4
    assert all(8 <= head.points <= 16 for head in long)
    assert sum(head.points for head in chosen.questions) == 90
    assert sum(head.minutes for head in chosen.questions) <= 90
    assert {head.lecture for head in chosen.questions} == set(range(1, 13))


def test_other_seeds_choose_other_exams():
    exams = {tuple(q.id for q in chosen_for(seed).questions) for seed in range(6)}
    assert len(exams) == 6


def test_the_order_of_the_bank_does_not_matter():
    bank = big_bank()
    assert chosen_for(3, bank[::-1]) == chosen_for(3, bank)


def test_the_choice_is_the_same_in_a_process_of_its_own():
    # Another hash seed, another order of sets: nothing of that may reach the choice.
    program = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('t', {__file__!r})\n"
        "t = importlib.util.module_from_spec(spec); sys.modules['t'] = t\n"
        "spec.loader.exec_module(t)\n"
        "print([q.id for q in t.chosen_for(9).questions])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": value, "PYTHONPATH": "."},
            capture_output=True,
            check=True,
        ).stdout
        for value in ("1", "77")
    }
    assert outputs == {f"{[q.id for q in chosen_for(9).questions]}\n".encode()}


def test_excluded_questions_are_out_and_pins_are_in():
    first = [q.id for q in chosen_for(1).questions]
    out = first[::3]
    assert not set(out) & {q.id for q in chosen_for(1, excluded=out).questions}
    absent = next(q.id for q in big_bank() if q.id not in first and q.type == "short")
    pinned = course_exam().model_copy(update={"pins": (absent,)})
    assert absent in [q.id for q in chosen_for(1, blueprint=pinned).questions]


def test_a_practice_exam_never_draws_what_is_kept_for_the_exam():
    bank = [replace(q, use="exam") if n % 7 == 0 else q for n, q in enumerate(big_bank(192))]
    for seed in range(5):
        assert {q.use for q in chosen_for(seed, bank).questions} == {"both"}


def test_topics_and_lectures_are_spread_and_the_time_is_used():
    chosen = chosen_for(2, big_bank(192)).questions
    topics = [head.topic for head in chosen]
    assert max(topics.count(topic) for topic in topics) <= 2
    by_lecture = [sum(q.points for q in chosen if q.lecture == n) for n in range(1, 13)]
    assert max(by_lecture) <= 16
    assert sum(q.minutes for q in chosen) >= 85


def test_disjoint_forms_are_alike():
    blueprint = course_exam().model_copy(update={"forms": "disjoint"})
    forms = [form.questions for form in assemble(big_bank(288), blueprint, 4, forms=3)]

    def apart(measure):
        sums = [sum(measure(head) for head in form) for form in forms]
        return max(sums) - min(sums)

    assert len({head.id for form in forms for head in form}) == sum(map(len, forms))
    bounds = blueprint.comparable
    assert apart(lambda head: head.minutes) <= bounds.minutes
    assert apart(lambda head: head.points * head.difficulty) <= bounds.difficulty * 90
    assert apart(lambda head: head.work) <= bounds.hand_work * sum(h.work for h in forms[0])
    for lecture in range(1, 13):
        assert apart(lambda h, n=lecture: h.points * (h.lecture == n)) <= bounds.lecture_points


@pytest.mark.parametrize(
    ("broken", "demand"),
    [
        ({"minutes": 7}, "exam/minutes/max"),
        ({"work_minutes": {"min": 9}}, "exam/minutes/min"),
        ({"points": 6}, "exam/points/exact"),
        ({"mean_difficulty": {"min": 2.01}}, "exam/difficulty/min"),
        ({"sections": [{"title": "One", "kind": "short", "questions": 4}]}, "section 1/questions/exact"),
        ({"sections": [{"title": "One", "kind": "short", "points": {"max": 7}}]}, "section 1/points/max"),
        ({"sections": [{"title": "One", "kind": "short", "minutes": {"max": 7.5}}]}, "section 1/minutes/max"),
        ({"sections": [{"title": "One", "kind": "short", "mean_difficulty": {"max": 1.5}}]}, "section 1/difficulty/max"),
        ({"sections": [{"title": "One", "kind": "short", "levels": [3]}]}, "eligible"),
        ({"sections": [{"title": "One", "kind": "short", "figure": True}]}, "eligible"),
        ({"sections": [{"title": "One", "kind": "short", "answers": ["text"]}]}, "eligible"),
        ({"coverage": {"each_lecture": {"points": {"max": 5}}}}, "lecture 1/points/max"),
        ({"coverage": {"lectures": {"2": {"questions": {"min": 3}}}}}, "lecture 2/questions/min"),
        ({"coverage": {"topics": {"t2": {"questions": 1}}}}, "topic t2/questions/exact"),
        ({"coverage": {"each_topic": {"questions": {"max": 2}}}}, "topic t1/questions/max"),
        ({"coverage": {"objectives": {"aim": {"points": {"min": 1}}}}}, "objective aim/points/min"),
        ({"quotas": [{"where": {"answers": ["numeric"]}, "points": {"max": 7}}]}, "quota 1/points/max"),
        ({"quotas": [{"where": {"kind": "long"}, "questions": 1}]}, "quota 1/questions/exact"),
        ({"quotas": [{"where": {"lectures": [2]}, "mean_difficulty": {"min": 3}}]}, "quota 1/difficulty/min"),
        ({"difficulty": [{"levels": [4], "points": {"min": 1}}]}, "difficulty 1/points/min"),
        ({"pins": ["q9"]}, "pin q9/questions/exact"),
        ({"exclude": ["q0"]}, "eligible"),
        ({"avoid": [{"levels": [2], "lectures": [2]}]}, "eligible"),
        ({"lectures": [1]}, "eligible"),
        ({"use": "exam"}, "eligible"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_both_checkers_see_each_broken_rule(broken, demand):
    bank = [
        question("q0", points=4.0, minutes=4.0, use="practice"),
        question("q1"),
        question("q2", lecture=2),
    ]
    assert verify_form([bank], plan(), bank=bank) == []
    assert demand in {v.demand for v in verify_form([bank], plan(**broken), bank=bank)}
    assert demand in independent.broken([[bank]], plan(**broken), bank)


@pytest.mark.parametrize(
    ("first", "second", "enemies"),
    [
        (("q1",), (), "enemies q1"),
        ((), ("q0",), "enemies q0"),
        (("group",), ("group",), "enemies group"),
        (("group",), ("other",), None),
        # Both are enemies of a third question: they tell the same secret.
        (("q7",), ("q7",), "enemies q7"),
        # A question of that id need not be there.
        (("gone",), ("gone",), "enemies gone"),
    ],
)
def test_what_makes_two_questions_enemies(first, second, enemies):
    chosen = [question("q0", enemies=first), question("q1", lecture=2, enemies=second)]
    bank = [*chosen, question("q7", type="long")]
    found = verify_form([chosen], plan(points=4), bank=bank)
    assert [v.demand for v in found] == ([enemies] if enemies else [])
    assert can_be(bank, plan(points=4)) is (enemies is None)
