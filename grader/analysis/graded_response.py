"""Samejima's graded response model by marginal maximum likelihood; with two categories it is the 2PL.

P(at least category k | ability t) = 1 / (1 + exp(-(a t + c_k))), c_1 > c_2 > ...; ability is N(0, 1) over the
students (Samejima 1969; Bock and Aitkin 1981). Questions that earn parts of their points need no second model, and
those that do not are the 2PL exactly. What a student was not asked, or did not reach, is left out of the likelihood.

The slopes have the prior N(1, 1) and the intercepts N(0, 9): weak, so that a question that everybody solves keeps finite
figures; a slope may be below 0, as a wrong key makes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from grader.analysis.response_curves import derivatives, probabilities

Numbers = NDArray[np.float64]
Categories = NDArray[np.int64]  # students by questions; UNKNOWN where there is no answer

UNKNOWN = -1
NODES = 41
MOST_STEPS = 1000
AT_A_TIME = 256  # students whose derivatives are in memory at once
CLOSE = 1e-4  # the largest change of a parameter in a step, from which on the fit stands
SLOPE_MEAN, SLOPE_VARIANCE, INTERCEPT_VARIANCE = 1.0, 1.0, 9.0


@dataclass(frozen=True)
class Fit:
    """`slopes`, and `intercepts` by question, with their standard errors; `converged` after `steps`.

    `ability` is the mean of what each student's ability may be after the answers (EAP), `spread` its standard
    deviation. `gradient` is the largest slope of the log posterior that is left, by one parameter.
    """

    slopes: Numbers
    intercepts: tuple[Numbers, ...]
    slope_errors: Numbers
    intercept_errors: tuple[Numbers, ...]
    thresholds: tuple[Numbers, ...]
    threshold_errors: tuple[Numbers, ...]
    ability: Numbers
    spread: Numbers
    log_likelihood: float
    converged: bool
    steps: int
    gradient: float


@dataclass(frozen=True)
class _Shape:
    """How the parameters of all questions lie in one row: the slope, then the intercepts, question by question."""

    categories: tuple[int, ...]

    @property
    def starts(self) -> list[int]:
        return [0, *np.cumsum(self.categories).tolist()]

    def split(self, row: Numbers) -> list[Numbers]:
        return [row[a:b] for a, b in pairwise(self.starts)]


@dataclass(frozen=True)
class _Quadrature:
    nodes: Numbers
    log_weights: Numbers


def quadrature(nodes: int = NODES) -> _Quadrature:
    """Gauss and Hermite's nodes and weights for means over N(0, 1)."""
    places, weights = np.polynomial.hermite_e.hermegauss(nodes)
    kept = weights > 0
    return _Quadrature(places[kept], np.log(weights[kept] / weights[kept].sum()))


def fit(answers: Categories, categories: Sequence[int]) -> Fit:
    """Fit the model to answers, categories 0 to categories[j] - 1 of question j, each of which somebody gave."""
    shape, points = _Shape(tuple(categories)), quadrature()
    hot = _one_hot(answers, shape)
    row = _start(answers, shape)
    steps, change = 0, np.inf
    while change >= CLOSE and steps < MOST_STEPS:
        counts, _ = _expected(hot, row, shape, points)
        new = np.concatenate(
            [
                _maximised(own, seen, points.nodes)
                for own, seen in zip(shape.split(row), shape.split(counts), strict=True)
            ]
        )
        change, row, steps = float(np.abs(new - row).max()), new, steps + 1
    return _described(answers, hot, row, shape, points, steps, converged=change < CLOSE)


def _described(
    answers: Categories,
    hot: Numbers,
    row: Numbers,
    shape: _Shape,
    points: _Quadrature,
    steps: int,
    *,
    converged: bool,
) -> Fit:
    counts, (posterior, likelihood) = _expected(hot, row, shape, points)
    gradient = _gradient(row, counts, shape, points)
    covariance = np.linalg.pinv(
        _observed_information(answers, row, counts, posterior, shape, points.nodes)
    )
    errors = np.sqrt(np.maximum(np.diag(covariance), 0))
    ability = posterior @ points.nodes
    spread = np.sqrt(np.maximum(posterior @ points.nodes**2 - ability**2, 0))
    thresholds, threshold_errors = [], []
    for start, own in zip(shape.starts, shape.split(row), strict=False):
        a, c = own[0], own[1:]
        place = -c / a
        # By the delta method: place = -c / a.
        block = covariance[start : start + len(own), start : start + len(own)]
        variance = (
            np.diag(block)[1:] / a**2
            + place**2 * block[0, 0] / a**2
            + 2 * place * block[0, 1:] / a**2
        )
        thresholds.append(place)
        threshold_errors.append(np.sqrt(np.maximum(variance, 0)))
    return Fit(
        slopes=np.array([own[0] for own in shape.split(row)]),
        intercepts=tuple(own[1:] for own in shape.split(row)),
        slope_errors=np.array([own[0] for own in shape.split(errors)]),
        intercept_errors=tuple(own[1:] for own in shape.split(errors)),
        thresholds=tuple(thresholds),
        threshold_errors=tuple(threshold_errors),
        ability=ability,
        spread=spread,
        log_likelihood=likelihood,
        converged=converged,
        steps=steps,
        gradient=float(np.abs(gradient).max()),
    )


def _one_hot(answers: Categories, shape: _Shape) -> Numbers:
    """Students by all categories of all questions: 1 at the answer that was given."""
    hot = np.zeros((len(answers), sum(shape.categories)))
    for place, start in enumerate(shape.starts[:-1]):
        rows = np.flatnonzero(answers[:, place] != UNKNOWN)
        hot[rows, start + answers[rows, place]] = 1.0
    return hot


def _start(answers: Categories, shape: _Shape) -> Numbers:
    """Slopes of 1, and the intercepts that give each category its share at the mean ability."""
    found = []
    for place, count in enumerate(shape.categories):
        given = answers[answers[:, place] != UNKNOWN, place]
        above = np.array([(given >= k).mean() for k in range(1, count)])
        above = np.clip(above, 0.02, 0.98)
        intercepts = np.log(above / (1 - above)) * 1.2
        # Categories that the clipping made alike are kept apart.
        found.append(np.concatenate([[1.0], intercepts - 1e-3 * np.arange(count - 1)]))
    return np.concatenate(found)


def _expected(
    hot: Numbers, row: Numbers, shape: _Shape, points: _Quadrature
) -> tuple[Numbers, tuple[Numbers, float]]:
    """The expected number of students by category and node; what each student's ability may be, and the log-likelihood."""
    logs = np.concatenate([np.log(probabilities(own, points.nodes)) for own in shape.split(row)])
    joint = hot @ logs + points.log_weights
    highest = joint.max(axis=1, keepdims=True)
    weights = np.exp(joint - highest)
    total = weights.sum(axis=1, keepdims=True)
    posterior = weights / total
    return hot.T @ posterior, (posterior, float((highest + np.log(total)).sum()))


def _log_prior(parameters: Numbers) -> float:
    slope = (parameters[0] - SLOPE_MEAN) ** 2 / SLOPE_VARIANCE
    return float(-0.5 * (slope + (parameters[1:] ** 2).sum() / INTERCEPT_VARIANCE))


def _prior_slope(parameters: Numbers) -> Numbers:
    slope = (parameters[0] - SLOPE_MEAN) / SLOPE_VARIANCE
    return -np.concatenate([[slope], parameters[1:] / INTERCEPT_VARIANCE])


def _maximised(parameters: Numbers, counts: Numbers, nodes: Numbers) -> Numbers:
    """The parameters of one question that fit the expected counts best, by two steps of Fisher's scoring."""
    prior = np.diag([1 / SLOPE_VARIANCE, *[1 / INTERCEPT_VARIANCE] * (len(parameters) - 1)])
    best, value = parameters, _objective(parameters, counts, nodes)
    for _ in range(2):
        chances, by = probabilities(best, nodes), derivatives(best, nodes)
        gradient = _gradient_of(best, counts, nodes)
        weights = counts.sum(axis=0) / chances
        curvature = np.einsum("kpq,krq,kq->pr", by, by, weights) + prior
        step = np.linalg.solve(curvature, gradient)
        # Halved until it is better, and the boundaries stand in order.
        for _ in range(12):
            tried = best + step
            if (np.diff(tried[1:]) < 0).all():
                reached = _objective(tried, counts, nodes)
                if reached >= value:
                    best, value = tried, reached
                    break
            step = step / 2
    return best


def _objective(parameters: Numbers, counts: Numbers, nodes: Numbers) -> float:
    return float((counts * np.log(probabilities(parameters, nodes))).sum()) + _log_prior(parameters)


def _gradient(row: Numbers, counts: Numbers, shape: _Shape, points: _Quadrature) -> Numbers:
    """Of the log posterior of all parameters: by Fisher's identity that of the expected counts."""
    pairs = zip(shape.split(row), shape.split(counts), strict=True)
    return np.concatenate([_gradient_of(own, seen, points.nodes) for own, seen in pairs])


def _gradient_of(parameters: Numbers, counts: Numbers, nodes: Numbers) -> Numbers:
    """Of the log posterior of one question's parameters, for these counts."""
    by, chances = derivatives(parameters, nodes), probabilities(parameters, nodes)
    return np.asarray(np.einsum("kq,kpq->p", counts / chances, by)) + _prior_slope(parameters)


def _observed_information(
    answers: Categories,
    row: Numbers,
    counts: Numbers,
    posterior: Numbers,
    shape: _Shape,
    nodes: Numbers,
) -> Numbers:
    """Minus the second derivatives of the log posterior, by Louis (1982).

    They are those of the expected counts, less what is lost because abilities are not seen: for each student the
    covariance, over the abilities that are possible after the answers, of the derivatives.
    """
    found = _curvature(row, counts, shape, nodes)
    by = [
        derivatives(own, nodes) / probabilities(own, nodes)[:, None, :] for own in shape.split(row)
    ]
    for first in range(0, len(answers), AT_A_TIME):
        given, weights = answers[first : first + AT_A_TIME], posterior[first : first + AT_A_TIME]
        scores = np.concatenate(
            [
                np.where((given[:, place] == UNKNOWN)[:, None, None], 0.0, table[given[:, place]])
                for place, table in enumerate(by)
            ],
            axis=1,
        )
        means = np.einsum("npq,nq->np", scores, weights)
        scores *= np.sqrt(weights)[:, None, :]
        flat = scores.transpose(1, 0, 2).reshape(len(row), -1)
        found -= flat @ flat.T - means.T @ means
    return found


def _curvature(row: Numbers, counts: Numbers, shape: _Shape, nodes: Numbers) -> Numbers:
    """Minus the second derivatives of the log prior and of these counts, by differences of the exact first ones."""
    width = 1e-5
    found = np.zeros((len(row), len(row)))
    for start, own, seen in zip(shape.starts, shape.split(row), shape.split(counts), strict=False):
        for place in range(len(own)):
            aside = np.zeros(len(own))
            aside[place] = width
            below, above = (_gradient_of(own + s * aside, seen, nodes) for s in (-1, 1))
            found[start + place, start : start + len(own)] = (below - above) / (2 * width)
    return np.asarray((found + found.T) / 2)
