"""Difficulty, discrimination, reliability: against their formulas, whatever the order of students."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from grader.analysis.items import item_statistics, rest_shares
from grader.analysis.reliability import alpha, reliabilities, with_interval
from grader.analysis.responses import State, responses_of
from tests.grader.analysis.classes import (
    able_class,
    choice,
    form,
    items,
    number,
    question,
    report,
    responses,
)

SCORES = st.tuples(st.integers(10, 24), st.integers(2, 6)).flatmap(
    lambda shape: arrays(float, shape, elements=st.sampled_from([0.0, 1.0]))
)


def statistics(found):
    return item_statistics(found, rest_shares(found))


@settings(max_examples=25)
@given(SCORES)
def test_discrimination_is_the_correlation_with_the_other_items(scores):
    for place, own in enumerate(statistics(responses(scores))):
        others = np.delete(scores, place, axis=1).sum(axis=1)
        if scores[:, place].std() == 0 or others.std() == 0:
            assert own.discrimination is None
        else:
            direct = np.corrcoef(scores[:, place], others)[0, 1]
            assert own.discrimination.value == pytest.approx(direct, abs=1e-9)


@settings(max_examples=15)
@given(SCORES, st.randoms())
def test_the_order_of_students_is_nothing(scores, random):
    order = list(range(len(scores)))
    random.shuffle(order)
    for one, other in zip(
        statistics(responses(scores)), statistics(responses(scores[order])), strict=True
    ):
        assert one.difficulty.value == pytest.approx(other.difficulty.value, abs=1e-12)
        assert one.difficulty.low == pytest.approx(other.difficulty.low, abs=1e-12)
        assert one.spread == pytest.approx(other.spread, abs=1e-12)
        if one.discrimination is not None:
            assert one.discrimination.value == pytest.approx(other.discrimination.value, abs=1e-12)


@given(SCORES)
def test_alpha_is_the_formula_over_the_covariances(scores):
    k, covariance = scores.shape[1], np.cov(scores.T)
    assume(covariance.sum() > 1e-9)
    direct = k / (k - 1) * (1 - np.trace(covariance) / covariance.sum())
    assert alpha(scores) == pytest.approx(direct, abs=1e-9)


@given(SCORES, st.floats(0.5, 20))
def test_alpha_does_not_depend_on_the_unit(scores, unit):
    found = alpha(scores)
    assume(found is not None)
    assert alpha(unit * scores) == pytest.approx(found, abs=1e-9)


def test_parallel_items_have_alpha_one_and_independent_ones_none():
    column = np.array([[0.0], [1.0], [1.0], [0.0], [1.0]])
    assert alpha(np.repeat(column, 4, axis=1)) == pytest.approx(1)
    assert alpha(np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)) == pytest.approx(0)
    assert alpha(np.ones((5, 3))) is None


def test_alphas_interval_holds_it_19_times_of_20():
    # Three items, each the ability and an error of the same size: alpha is 0.75.
    draw, hits = np.random.default_rng(5), 0
    for _ in range(400):
        scores = draw.normal(size=(40, 1)) + draw.normal(size=(40, 3))
        value = alpha(scores)
        assert value is not None
        found = with_interval(value, 40, 3)
        hits += found.low <= 0.75 <= found.high
    assert 0.92 <= hits / 400 <= 0.98


def test_reliability_of_a_class():
    scores = able_class(200, np.linspace(-1, 1, 12), seed=1)
    scores[:, 3] = np.random.default_rng(2).integers(0, 2, 200)  # tells nobody apart
    (found,) = reliabilities(responses(scores))
    assert found.alpha.value == pytest.approx(alpha(scores))
    total = scores.sum(axis=1).std(ddof=1)
    assert found.sem == pytest.approx(total * np.sqrt(1 - found.alpha.value))
    assert max(found.without, key=found.without.get) == "item_03"
    assert found.without["item_03"] == pytest.approx(alpha(np.delete(scores, 3, axis=1)))


def test_reliability_is_told_by_form_and_of_all_that_ask_the_same():
    a, b = form("A", items(4)), form("B", items(4)[::-1])
    other = form("C", items(3))
    scores = able_class(60, [0, 0, 0, 0], seed=3)
    papers = [
        report(key, {str(n + 1): "ab"[int(v)] for n, v in enumerate(row)}, f"w{place}")
        for place, row in enumerate(scores)
        for key in [(a, b)[place % 2]]
    ]
    found = reliabilities(responses_of(papers, [a, b], own_forms=False))
    assert [r.forms for r in found] == [("A", "B"), ("A",), ("B",)]
    # The same question is the same column, wherever a form prints it.
    turned = np.where((np.arange(60) % 2 == 1)[:, None], scores[:, ::-1], scores)
    assert found[0].alpha.value == pytest.approx(alpha(turned))
    papers += [report(other, {"1": "b"}, f"v{n}") for n in range(12)]
    found = reliabilities(responses_of(papers, [a, b, other], own_forms=False))
    assert [r.forms for r in found] == [("A",), ("B",), ("C",)]


@pytest.mark.parametrize(
    ("scores", "says"),
    [
        (np.ones((9, 4)), "an alpha needs at least 10 papers that are marked in full"),
        (np.ones((12, 4)), "all papers have the same points"),
        (np.ones((12, 1)), "an alpha needs at least two questions that are marked"),
    ],
)
def test_why_there_is_no_alpha(scores, says):
    (found,) = reliabilities(responses(scores))
    assert (found.alpha, found.why_not) == (None, says)


def test_what_is_left_out_and_what_was_not_reached():
    nothing = np.nan
    found = responses(
        [
            [1, nothing, 1, 1, 1],  # left out the second
            [1, 1, nothing, nothing, nothing],  # saw the third, and not the last two
            [1, 1, 1, 1, nothing],  # saw the last
            [nothing] * 5,  # an empty paper: not analysed
        ]
    )
    names = [[State(value).name for value in row] for row in found.state]
    assert names == [
        ["MARKED", "NOT_ANSWERED", "MARKED", "MARKED", "MARKED"],
        ["MARKED", "MARKED", "NOT_ANSWERED", "NOT_REACHED", "NOT_REACHED"],
        ["MARKED", "MARKED", "MARKED", "MARKED", "NOT_ANSWERED"],
    ]
    assert found.notes == ("1 paper has no answer at all and is left out",)
    own = statistics(found)
    # What was left out counts 0; what was not reached counts for nobody.
    assert [o.difficulty.value for o in own] == pytest.approx([1, 2 / 3, 2 / 3, 1, 1 / 2])
    assert (own[4].answered, own[4].not_answered, own[4].not_reached) == (1, 1, 1)
    # It costs points all the same.
    assert found.percent() == pytest.approx([80, 40, 80])


def test_the_rest_of_a_part_is_without_its_question():
    parts = [
        ("a", 2.0, {"type": "numeric", "value": "1"}),
        ("b", 2.0, {"type": "numeric", "value": "2"}),
    ]
    key = form("A", [question("long", parts), number("one", "3"), number("two", "4", points=3.0)])
    papers = [report(key, {"1a": "1", "1b": "0", "2": "3", "3": "0"}, "w1")]
    found = responses_of(papers, [key], own_forms=False)
    assert [item.id for item in found.items] == ["long.a", "long.b", "one", "two"]
    assert rest_shares(found)[0] == pytest.approx([1 / 4, 2 / 7, 3 / 5])


def test_marks_that_are_not_there_yet():
    words = ("", 4.0, {"type": "text", "lines": 3})
    key = form("A", [question("why", [words]), *items(3)])
    papers = [
        report(key, {"1": "because", "2": "b", "3": "b", "4": "ab"[n % 2]}, f"w{n}")
        for n in range(12)
    ]
    papers.append(report(key, {"2": "a", "3": "a", "4": "a"}, "x"))  # left the open one out
    found = responses_of(papers, [key], own_forms=False)
    assert found.open.tolist() == [True, False, False, False]
    own = statistics(found)
    assert (own[0].difficulty, own[0].pending) == (None, 13)
    # Nobody's points depend on what most wait for, nor does it take papers from alpha.
    assert found.percent()[-1] == 0
    assert found.complete().all()
    (reliability,) = reliabilities(found)
    assert (reliability.students, reliability.questions) == (13, 3)


def test_one_students_open_answer_costs_the_others_nothing():
    key = form("A", items(3))
    papers = [
        report(key, {"1": "b", "2": "ab"[n % 2], "3": "ab"[n % 3 == 0]}, f"w{n}") for n in range(12)
    ]
    papers.append(report(key, {"1": "z", "2": "b", "3": "b"}, "x"))  # cannot be read
    found = responses_of(papers, [key], own_forms=False)
    assert not found.open.any()
    assert found.complete().tolist() == [True] * 12 + [False]
    assert statistics(found)[0].pending == 1
    assert reliabilities(found)[0].students == 12


def test_questions_of_some_forms_alone():
    a, b = (
        form("A", [*items(2), choice("only_a", "*x|y")]),
        form("B", [number("only_b", "5"), *items(2)]),
    )
    papers = [report(a, {"1": "b", "2": "b", "3": "a"}, f"a{n}") for n in range(3)]
    papers += [report(b, {"1": "4", "2": "b", "3": "a"}, f"b{n}") for n in range(2)]
    found = responses_of(papers, [a, b], own_forms=False)
    own = dict(zip([item.id for item in found.items], statistics(found), strict=True))
    assert {name: one.difficulty.n for name, one in own.items()} == {
        "item_00": 5, "item_01": 5, "only_a": 3, "only_b": 2,
    }  # fmt: skip
    assert own["item_01"].by_form["A"].value == 1
    assert own["item_01"].by_form["B"].value == 0
    assert found.items[0].labels == {"A": "1", "B": "2"}


def test_thirds_are_those_of_the_rest():
    scores = able_class(90, np.linspace(-1, 1, 8), seed=4)
    own = statistics(responses(scores))[2]
    rest = np.delete(scores, 2, axis=1).sum(axis=1)
    order = np.argsort(rest + 1e-9 * np.arange(90))
    spread = scores[order[-30:], 2].mean() - scores[order[:30], 2].mean()
    assert own.spread == pytest.approx(spread, abs=0.1)
    assert stats.pearsonr(scores[:, 2], rest).statistic == pytest.approx(own.discrimination.value)
