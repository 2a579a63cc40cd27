"""Forms compared: against scipy, against the formula for two forms, and against chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from grader.analysis.analysis import analyse
from grader.analysis.differences import hedges, mantel, omega_squared, strata_of, welch
from grader.analysis.responses import OWN, responses_of
from tests.grader.analysis.classes import able_class, form, items, report

DRAW = np.random.default_rng(7)
GROUPS = [DRAW.normal(mean, sd, n) for mean, sd, n in ((50, 10, 30), (56, 18, 45), (48, 7, 20))]


def test_welch_of_two_groups_is_welchs_t():
    theirs = stats.ttest_ind(GROUPS[0], GROUPS[1], equal_var=False)
    chance, f, free = welch(GROUPS[:2])
    assert (chance, f, free) == pytest.approx((theirs.pvalue, theirs.statistic**2, 1))


def test_welch_of_three_groups():
    # By the formula of Welch (1951), step by step.
    n = np.array([len(g) for g in GROUPS])
    m = np.array([g.mean() for g in GROUPS])
    w = n / np.array([g.var(ddof=1) for g in GROUPS])
    middle = (w * m).sum() / w.sum()
    lam = (((1 - w / w.sum()) ** 2) / (n - 1)).sum()
    f = ((w * (m - middle) ** 2).sum() / 2) / (1 + 2 * 1 / 8 * lam)
    chance, found, free = welch(GROUPS)
    assert (found, free) == pytest.approx((f, 2))
    assert chance == pytest.approx(stats.f.sf(f, 2, 8 / (3 * lam)))


def test_effects():
    a, b = np.array([1.0, 2, 3, 4]), np.array([2.0, 3, 4, 5])
    assert hedges(a, b) == pytest.approx(-1 / np.sqrt(5 / 3) * (1 - 3 / 23))
    assert omega_squared(0.5, 2, GROUPS) == 0
    assert omega_squared(4, 2, GROUPS) == pytest.approx(6 / (6 + 95))


def test_mantel_of_two_forms_is_the_formula():
    forms, strata = np.array([0, 0, 0, 1, 1, 0, 1, 1, 1, 0]), np.array([0] * 5 + [1] * 5)
    values = np.array([1, 0, 1, 0, 0, 1, 0.5, 1, 0, 1])
    gap = variance = 0.0
    for stratum in (0, 1):
        v, f = values[strata == stratum], forms[strata == stratum]
        n, size = len(v), (f == 0).sum()
        gap += v[f == 0].sum() - size * v.mean()
        variance += size * (n - size) / n * v.var(ddof=1)
    chance, adjusted = mantel(values, forms, strata)
    assert chance == pytest.approx(stats.chi2.sf(gap**2 / variance, 1))
    assert adjusted[0] == pytest.approx((1 * 2 / 3 + 1) / 2)


def test_mantel_holds_its_chance():
    draw, low = np.random.default_rng(1), 0
    for _ in range(400):
        ability = draw.normal(size=90)
        forms = draw.integers(0, 3, 90)
        values = (draw.random(90) < 1 / (1 + np.exp(-ability))).astype(float)
        low += mantel(values, forms, strata_of(ability, forms))[0] < 0.05
    assert 0.02 < low / 400 < 0.08


def test_mantel_says_nothing_of_equal_answers():
    assert mantel(np.ones(20), np.arange(20) % 2, np.zeros(20, dtype=int)) is None


def two_forms(students, *, own_forms=False, harder=(), gap=0.0, seed=2):
    """A class on forms A and B; `harder` are the questions that B's students solve less often, by `gap` logits."""
    a, b = form("A", items(10)), form("B", items(10))
    places = np.linspace(-1, 1, 10)
    one = able_class(students, places, seed)
    other = able_class(students, places + gap * np.isin(np.arange(10), harder), seed)
    papers = [
        report(
            (a, b)[n % 2],
            {str(q + 1): "ab"[int(v)] for q, v in enumerate((one, other)[n % 2][n])},
            f"w{n}",
        )
        for n in range(students)
    ]
    return analyse(responses_of(papers, [a, b], own_forms=own_forms))


def test_forms_that_do_not_differ():
    found = two_forms(200)
    assert found.forms.chance > 0.05
    assert found.forms.effect_name == "Hedges' g"
    assert not [d for d in found.differences if d.differs]


def test_one_question_that_is_harder_on_one_form():
    found = two_forms(240, harder=(4,), gap=3.0)
    (differs,) = [d for d in found.differences if d.differs]
    assert (differs.item, differs.hardest, differs.easiest) == ("item_04", "B", "A")
    assert 0.3 < differs.gap < 0.8
    (suspicion,) = [s for s in found.suspicions if s.strength == "strong"]
    assert (suspicion.item.id, suspicion.forms) == ("item_04", ("B",))
    assert suspicion.reasons[0].code == "form"


def test_a_form_that_is_harder_throughout():
    found = two_forms(240, harder=tuple(range(10)), gap=1.0)
    assert found.forms.chance < 0.01
    assert found.forms.effect > 0.3
    # Students of like ability, by the rest of their own paper: no question stands out.
    assert not [s for s in found.suspicions if s.reasons[0].code == "form"]


@pytest.mark.parametrize("students", [6, 18])
def test_forms_with_few_papers_are_not_compared(students):
    found = two_forms(students)
    assert found.forms.chance is None
    assert (
        found.forms.why_not
        == "forms are compared where each has at least 10 papers that are marked in full"
    )
    assert found.differences == ()


def test_students_own_forms_are_not_told_apart():
    found = two_forms(40, own_forms=True)
    assert found.responses.forms == (OWN,)
    assert found.forms is None
    assert found.differences == ()
    assert all(not item.labels for item in found.responses.items)
