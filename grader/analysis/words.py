"""The analysis in sentences: what an instructor reads first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from grader.analysis.abilities import Abilities
from grader.analysis.analysis import Analysis, not_reached_at_end
from grader.analysis.items import CEILING, FLOOR
from grader.analysis.names import figure, label, listed, percent
from grader.analysis.numbers import FEWEST
from grader.analysis.reliability import Reliability
from question_bank.wording import counted

GOOD, FAIR = 0.8, 0.7  # of alpha
CLEAR = 0.05
MOST_NAMED = 6


def summary(found: Analysis) -> tuple[str, ...]:
    """The exam in some sentences."""
    return tuple(
        sentence
        for part in (_papers, _keys, _waiting, _reliability, _forms, _extremes, _time)
        for sentence in part(found)
    )


def _papers(found: Analysis) -> Iterator[str]:
    responses, scores = found.responses, found.scores
    forms = len(responses.forms)
    if responses.own_forms:
        on = ", each on a form of its own"
    else:
        on = f" on {counted(forms, 'form')}" if forms > 1 else ""
    spread = "" if scores.deviation is None else f", standard deviation {scores.deviation:.0f}"
    yield (
        f"{counted(responses.students, 'paper')}{on}: {scores.mean:.0f} % of the points on average"
        f" (median {scores.median:.0f} %{spread})."
    )
    decided = scores.passed + scores.failed
    if decided:
        rest = f"; {scores.open} wait for marks" if scores.open else ""
        yield f"{scores.passed} of {decided} passed{rest}."
    if responses.students < FEWEST:
        yield (
            f"With fewer than {FEWEST} papers only shares and counts can be told: no discrimination, no alpha,"
            " no test between forms."
        )


def _waiting(found: Analysis) -> Iterator[str]:
    responses = found.responses
    if responses.open.any():
        names = [label(i) for i, o in zip(responses.items, responses.open, strict=True) if o]
        points = sum(i.points for i, o in zip(responses.items, responses.open, strict=True) if o)
        yield (
            f"{_named(names)} ({counted(points, 'point')}) still {'waits' if len(names) == 1 else 'wait'} for marks"
            " on most papers and do not count here: mark with grade --review, and analyse again."
        )


def _keys(found: Analysis) -> Iterator[str]:
    sure = [s for s in found.suspicions if s.strength == "strong"]
    if sure:
        one = len(sure) == 1
        names = _named([label(s.item) for s in sure])
        yield f"{'One key looks' if one else f'{len(sure)} keys look'} wrong: {names}. Look there before results are out."
    elif found.responses.students >= FEWEST:
        yield "No key looks wrong."


def _reliability(found: Analysis) -> Iterator[str]:
    first = found.reliability[0]
    if first.alpha is None:
        yield f"Reliability is not told: {first.why_not}."
        return
    word = "high" if first.alpha.value >= GOOD else "fair" if first.alpha.value >= FAIR else "low"
    yield (
        f"Reliability is {word}: Cronbach's alpha {figure(first.alpha.value)}"
        f" (95 % interval {figure(first.alpha.low)} to {figure(first.alpha.high)})."
    )
    if first.sem is not None:
        yield from _near_the_mark(found, first)


def _near_the_mark(found: Analysis, first: Reliability) -> Iterator[str]:
    """How many results could have come out on the other side of the pass mark."""
    responses = found.responses
    full = float(np.nanmedian(np.nansum(responses.full, axis=1)))
    yield f"A paper's points are certain to about ± {first.sem:.1f} of {full:g} (standard error of measurement)."
    if responses.open.any() or not full or first.sem is None:
        return
    near = np.abs(found.scores.percent - 100 * responses.pass_share) < 100 * first.sem / full
    if near.any():
        yield f"{counted(int(near.sum()), 'paper')} {'is' if near.sum() == 1 else 'are'} closer than that to the pass mark."


def _forms(found: Analysis) -> Iterator[str]:
    forms = found.forms
    if forms is None:
        return
    if forms.chance is None or forms.effect is None:
        yield f"The forms are not compared: {forms.why_not}."
        return
    ordered = sorted(forms.forms, key=lambda form: form.mean)
    gap = ordered[-1].mean - ordered[0].mean
    figures = f"p = {forms.chance:.3f}, {forms.effect_name} {abs(forms.effect):.2f}"
    if forms.chance < CLEAR:
        yield (
            f"Form {ordered[0].form} came out {gap:.1f} percentage points below form {ordered[-1].form}"
            f" ({figures}): harder, or other students."
        )
    else:
        yield f"The forms do not differ measurably: {gap:.1f} percentage points ({figures})."
    apart = [d for d in found.differences if d.differs]
    if apart:
        places = {item.id: label(item) for item in found.responses.items}
        names = _named([places[d.item] for d in apart])
        yield f"{names} {'behaves' if len(apart) == 1 else 'behave'} differently on the forms, for students of like ability."


def _extremes(found: Analysis) -> Iterator[str]:
    known = [
        (item, own.difficulty.value)
        for item, own in zip(found.responses.items, found.statistics, strict=True)
        if own.difficulty is not None and not item.void
    ]
    easy = [label(item) for item, p in known if p >= CEILING]
    hard = [label(item) for item, p in known if p <= FLOOR]
    if easy:
        yield f"Nearly everybody solves {_named(easy)}: little is learnt from it."
    if hard:
        yield f"Hardly anybody solves {_named(hard)}."


def _time(found: Analysis) -> Iterator[str]:
    late = not_reached_at_end(found.responses)
    if late >= CLEAR:
        yield f"{percent(late)} of the students did not reach the end of the paper: time may have been short."
    elif found.responses.students >= FEWEST:
        yield "Nearly all students reached the end of the paper."


def _named(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return listed(names) if more <= 0 else f"{', '.join(names[:MOST_NAMED])} and {more} more"


def model_words(model: Abilities) -> tuple[str, ...]:
    """What has to be said about the model that was fitted."""
    steps = f"{model.steps} steps"
    found = [
        "Graded response model (2PL where a question is right or wrong), marginal maximum likelihood with weak priors: "
        + (
            f"it converged after {steps}."
            if model.converged
            else f"it did not converge in {steps}; take its figures as rough."
        )
    ]
    if model.reliability is not None:
        found.append(f"Reliability of the abilities: {figure(model.reliability)}.")
    if model.caution:
        found.append(f"{model.caution[:1].upper()}{model.caution[1:]}.")
    if not model.linked:
        found.append(
            "The forms have no question in common: abilities on different forms compare only if chance gave the forms"
            " to the students."
        )
    return tuple(found)
