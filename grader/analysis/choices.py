"""Who chose what: the options of multiple choice, and the answers that several students typed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from grader.analysis.numbers import (
    FEWEST,
    Estimate,
    Numbers,
    correlation,
    quantile_groups,
    weighted_mean,
)
from grader.analysis.responses import Responses, State

NOBODY, LEFT_OUT = "none of them", "not answered"
LEAST_SHARE = 0.25  # of the best third that must have given an answer for it to be called theirs
SAID_BY = 3  # an answer that fewer students typed is theirs alone and not shown
MOST_SAID = 12
FOR_FIVE_GROUPS = 60  # students; a curve of fewer has three points


@dataclass(frozen=True)
class Option:
    """An option (or a typed answer, by form) and who chose it.

    `rest` is the mean share of points of its choosers in all other questions, `curve` its share in groups of equal
    size, from the weakest to the best, `upper` its share in the best third; `slope` is the correlation of choosing it
    with that share. `correct` is None for what is no option: leaving all boxes empty by choice, or leaving it out.
    """

    text: str
    letters: Mapping[str, str]
    correct: bool | None
    count: int
    of: int
    rest: float | None
    slope: Estimate | None
    upper: float | None
    curve: tuple[float, ...]
    typed: bool = False
    mistake: str | None = None

    @property
    def share(self) -> float:
        """The share of those who had it before them."""
        return self.count / self.of


def option_statistics(responses: Responses, rest: Numbers, place: int) -> tuple[Option, ...]:
    """The options of a multiple-choice answer in the first form's order, then `none` and what was left out."""
    item, own = responses.items[place], rest[:, responses.question_of[place]]
    if not item.choices:
        return ()
    state, chosen = responses.state[:, place], responses.chosen[:, place]
    seen = np.isin(state, (State.MARKED, State.NOT_ANSWERED))
    named = np.array([found is not None for found in chosen])
    known = seen & (named | (state == State.NOT_ANSWERED))
    found = []
    for number, choice in enumerate(item.choices):
        shown = known & np.array([s is not None and number in s for s in responses.shown[:, place]])
        picked = np.array([c is not None and number in c for c in chosen])
        if shown.any():
            found.append(_option(choice.text, choice.letters, choice.correct, picked, shown, own))
    empty = np.array([c is not None and not c for c in chosen])
    if (known & (empty | item.none_right)).any():
        found.append(_option(NOBODY, {}, item.none_right, empty, known, own))
    left = state == State.NOT_ANSWERED
    if (left & known).any():
        found.append(_option(LEFT_OUT, {}, None, left, known, own))
    return tuple(found)


def best_answer(responses: Responses, rest: Numbers, place: int) -> Mapping[str, frozenset[str]]:
    """The boxes that more of the best third checked together than any others, as letters by form.

    Nothing where the class is too small, or no answer is given by `LEAST_SHARE` of them.
    """
    choices, chosen = responses.items[place].choices, responses.chosen[:, place]
    known = np.array([found is not None for found in chosen])
    known &= responses.state[:, place] == State.MARKED
    by = np.where(known, rest[:, responses.question_of[place]], np.nan)
    if not choices or int((~np.isnan(by)).sum()) < FEWEST:
        return {}
    best = quantile_groups(by, 3)[:, 2]
    weights: dict[frozenset[int], float] = defaultdict(float)
    for row in np.flatnonzero(best):
        weights[frozenset(chosen[row])] += float(best[row])
    whole = min(weights, key=lambda answer: (-weights[answer], sorted(answer)))
    if weights[whole] < LEAST_SHARE * float(best.sum()):
        return {}
    letters = [choices[number].letters for number in whole]
    return {
        form: frozenset(each[form] for each in letters)
        for form in responses.forms
        if all(form in each for each in letters)
    }


def typed_answers(responses: Responses, rest: Numbers, place: int) -> tuple[Option, ...]:
    """The typed answers that several students gave, most frequent first: a recognised slip over all forms, others by form.

    Text that people mark is not shown: it says who wrote it.
    """
    item, own = responses.items[place], rest[:, responses.question_of[place]]
    if item.choices or item.by_person:
        return ()
    shares = responses.shares()[:, place]
    groups: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for row in np.flatnonzero(responses.state[:, place] == State.MARKED):
        said, mistake = responses.said[row, place], responses.mistakes[row, place]
        form = responses.forms[responses.form_of[row]]
        if mistake:
            groups["slip", "", mistake].append(int(row))
        elif said and not responses.own_forms:
            groups["said", form, said].append(int(row))
    seen = np.isin(responses.state[:, place], (State.MARKED, State.NOT_ANSWERED))
    found = []
    for (kind, form, text), rows in groups.items():
        if len(rows) < SAID_BY:
            continue
        picked = np.zeros(responses.students, dtype=bool)
        picked[rows] = True
        base = seen if kind == "slip" else seen & (responses.form_of == responses.forms.index(form))
        right = bool(np.all(shares[rows] >= 1))
        letters = {form: item.labels[form]} if form else {}
        option = _option(text, letters, right, picked, base, own)
        slip = text if kind == "slip" else None
        found.append(replace(option, typed=True, mistake=slip))
    ordered = sorted(found, key=lambda o: (-o.count, o.text, tuple(o.letters)))
    return tuple(ordered[:MOST_SAID])


def _option(
    text: str,
    letters: Mapping[str, str],
    correct: bool | None,
    picked: NDArray[np.bool_],
    shown: NDArray[np.bool_],
    rest: Numbers,
) -> Option:
    yes = np.where(shown, picked.astype(float), np.nan)
    by = np.where(shown, rest, np.nan)
    n = int((~np.isnan(by)).sum())
    choosers = by[picked & shown]
    choosers = choosers[~np.isnan(choosers)]
    upper, curve = None, []
    if n >= FEWEST:
        upper = weighted_mean(yes, quantile_groups(by, 3)[:, 2])
        groups = quantile_groups(by, 5 if n >= FOR_FIVE_GROUPS else 3)
        means = [weighted_mean(yes, group) for group in groups.T]
        curve = [m for m in means if m is not None]
    return Option(
        text=text,
        letters=letters,
        correct=correct,
        count=int((picked & shown).sum()),
        of=int(shown.sum()),
        rest=float(choosers.mean()) if len(choosers) else None,
        slope=correlation(yes, by),
        upper=upper,
        curve=tuple(curve),
    )
