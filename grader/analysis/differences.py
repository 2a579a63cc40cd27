"""Whether the forms were equally hard, as a whole and answer by answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from grader.analysis.numbers import FEWEST, Numbers, holm, quantile_groups
from grader.analysis.responses import Responses

STRATA = 5  # groups of students of like ability, for as many students each as a form needs at least
MOST_BY_CHANCE = 0.05


@dataclass(frozen=True)
class FormResult:
    """The papers of one form, in percent of their points."""

    form: str
    students: int
    mean: float
    deviation: float | None


@dataclass(frozen=True)
class FormDifference:
    """Welch's test of the mean percentages, and how large the difference is.

    `effect` is Hedges' g between two forms, and omega squared among several; `chance` the probability of such
    differences among forms that are equally hard, given to students by chance.
    """

    forms: tuple[FormResult, ...]
    chance: float | None
    effect: float | None
    effect_name: str
    why_not: str | None = None


@dataclass(frozen=True)
class ItemDifference:
    """An answer among students of like ability: `gap` is the hardest form's share below the easiest's.

    `chance` is of the generalised Mantel test, `adjusted` the same among all answers (Holm).
    """

    item: str
    easiest: str
    hardest: str
    gap: float
    chance: float
    adjusted: float

    @property
    def differs(self) -> bool:
        """Whether chance alone hardly explains it."""
        return self.adjusted < MOST_BY_CHANCE


def form_difference(responses: Responses) -> FormDifference | None:
    """The forms' results compared; None where there is one form, or each student has an own one."""
    if responses.own_forms or len(responses.forms) < 2:
        return None
    percent, complete = responses.percent(), responses.complete()
    groups = [
        percent[complete & (responses.form_of == place)] for place in range(len(responses.forms))
    ]
    results = tuple(
        FormResult(
            form,
            len(group),
            float(group.mean()) if len(group) else math.nan,
            float(group.std(ddof=1)) if len(group) > 1 else None,
        )
        for form, group in zip(responses.forms, groups, strict=True)
        if len(group)
    )
    name = "Hedges' g" if len(groups) == 2 else "omega squared"
    if any(len(group) < FEWEST for group in groups):
        why = f"forms are compared where each has at least {FEWEST} papers that are marked in full"
        return FormDifference(results, None, None, name, why)
    if any(float(group.var()) <= 1e-12 for group in groups):
        return FormDifference(results, None, None, name, "on one form all have the same points")
    chance, f, free = welch(groups)
    size = hedges(groups[0], groups[1]) if len(groups) == 2 else omega_squared(f, free, groups)
    return FormDifference(results, chance, size, name)


def welch(groups: Sequence[Numbers]) -> tuple[float, float, float]:
    """Welch's analysis of variance: the chance, F, and its first degrees of freedom."""
    sizes = np.array([len(group) for group in groups], dtype=float)
    means = np.array([group.mean() for group in groups])
    weights = sizes / np.array([group.var(ddof=1) for group in groups])
    k = len(groups)
    middle = float((weights * means).sum() / weights.sum())
    between = float((weights * (means - middle) ** 2).sum()) / (k - 1)
    uneven = float((((1 - weights / weights.sum()) ** 2) / (sizes - 1)).sum())
    f = between / (1 + 2 * (k - 2) / (k**2 - 1) * uneven)
    return float(stats.f.sf(f, k - 1, (k**2 - 1) / (3 * uneven))), f, float(k - 1)


def hedges(a: Numbers, b: Numbers) -> float:
    """Hedges' g: the difference of the means in pooled standard deviations, for few students made smaller."""
    free = len(a) + len(b) - 2
    pooled = ((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / free
    return float((a.mean() - b.mean()) / math.sqrt(float(pooled)) * (1 - 3 / (4 * free - 1)))


def omega_squared(f: float, free: float, groups: Sequence[Numbers]) -> float:
    """The share of the variance that the forms explain, from Welch's F; not below 0."""
    n = sum(len(group) for group in groups)
    return max(0.0, free * (f - 1) / (free * (f - 1) + n))


def item_differences(responses: Responses, rest: Numbers) -> tuple[ItemDifference, ...]:
    """Every answer that at least two forms with enough students ask for, the least by chance first."""
    if responses.own_forms or len(responses.forms) < 2:
        return ()
    shares = responses.shares()
    found = []
    for place, item in enumerate(responses.items):
        by = rest[:, responses.question_of[place]]
        known = ~(np.isnan(shares[:, place]) | np.isnan(by))
        forms = [
            f
            for f in range(len(responses.forms))
            if (known & (responses.form_of == f)).sum() >= FEWEST
        ]
        if len(forms) < 2:
            continue
        rows = known & np.isin(responses.form_of, forms)
        strata = strata_of(by[rows], responses.form_of[rows])
        tested = mantel(shares[rows, place], responses.form_of[rows], strata)
        if tested is None:
            continue
        chance, adjusted = tested
        names = sorted(adjusted, key=lambda f: (adjusted[f], f))
        gap = adjusted[names[-1]] - adjusted[names[0]]
        easiest, hardest = responses.forms[names[-1]], responses.forms[names[0]]
        found.append((item.id, easiest, hardest, gap, chance))
    all_adjusted = holm([row[-1] for row in found])
    results = [
        ItemDifference(*row, adjusted=float(adjusted or 0.0))
        for row, adjusted in zip(found, all_adjusted, strict=True)
    ]
    return tuple(sorted(results, key=lambda d: (d.chance, d.item)))


def strata_of(by: Numbers, forms: NDArray[np.intp]) -> NDArray[np.intp]:
    """Groups of students of like ability, lowest 0: as many as leave each form some students in each, 5 at most."""
    fewest = min(int((forms == form).sum()) for form in np.unique(forms))
    groups = max(1, min(STRATA, fewest // 4))
    return np.asarray(np.argmax(quantile_groups(by, groups), axis=1))


def mantel(
    values: Numbers, forms: NDArray[np.intp], strata: NDArray[np.intp]
) -> tuple[float, dict[int, float]] | None:
    """The generalised Mantel test: within each stratum every student might as well have had another form.

    Returns the chance of such sums by form, and each form's mean, as it would be if all forms had the same share of
    each stratum. None where all values of each stratum are alike.
    """
    names = list(np.unique(forms))
    observed, expected = np.zeros(len(names)), np.zeros(len(names))
    covariance = np.zeros((len(names), len(names)))
    sums, weights = np.zeros(len(names)), np.zeros(len(names))
    for stratum in np.unique(strata):
        own = strata == stratum
        n, value = int(own.sum()), values[own]
        sizes = np.array([(forms[own] == name).sum() for name in names], dtype=float)
        totals = np.array([value[forms[own] == name].sum() for name in names])
        present = sizes > 0
        sums[present] += n * totals[present] / sizes[present]
        weights[present] += n
        if n < 2:
            continue
        observed += totals
        expected += sizes * value.mean()
        spread = float(value.var(ddof=1))
        covariance += spread * (np.diag(sizes) - np.outer(sizes, sizes) / n)
    free = np.linalg.matrix_rank(covariance[:-1, :-1])
    if free == 0 or np.trace(covariance) <= 1e-12:
        return None
    gap = (observed - expected)[:-1]
    distance = float(gap @ np.linalg.pinv(covariance[:-1, :-1]) @ gap)
    adjusted = {int(name): float(s / w) for name, s, w in zip(names, sums, weights, strict=True)}
    return float(stats.chi2.sf(distance, free)), adjusted
