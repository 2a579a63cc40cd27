"""The curves of the graded response model: what a question's parameters (slope, intercepts) say at each ability."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

LEAST = 1e-12  # of a probability, so that its logarithm is a number


def probabilities(parameters: Numbers, ability: Numbers) -> Numbers:
    """Categories by abilities, of one question with these parameters (slope, intercepts)."""
    upper = _logistic(parameters[0] * ability[None, :] + parameters[1:, None])
    ones, zeros = np.ones((1, len(ability))), np.zeros((1, len(ability)))
    edges = np.concatenate([ones, upper, zeros])
    return np.asarray(np.maximum(edges[:-1] - edges[1:], LEAST))


def information(parameters: Numbers, ability: Numbers) -> Numbers:
    """Fisher's information of one question on each ability."""
    steps = _slopes(parameters, ability)
    by_ability = parameters[0] * (steps[:-1] - steps[1:])
    return np.asarray((by_ability**2 / probabilities(parameters, ability)).sum(axis=0))


def _logistic(x: Numbers) -> Numbers:
    return np.asarray(0.5 * (1 + np.tanh(x / 2)))


def _slopes(parameters: Numbers, ability: Numbers) -> Numbers:
    """The derivative of each boundary's probability by its argument, with the two outer boundaries, which have none."""
    upper = _logistic(parameters[0] * ability[None, :] + parameters[1:, None])
    none = np.zeros((1, len(ability)))
    return np.concatenate([none, upper * (1 - upper), none])


def derivatives(parameters: Numbers, ability: Numbers) -> Numbers:
    """Of each category's probability by each parameter: categories by parameters by abilities."""
    steps = _slopes(parameters, ability)
    k = len(parameters)
    found = np.zeros((k, k, len(ability)))
    found[:, 0] = ability * (steps[:-1] - steps[1:])
    for c in range(1, k):
        found[c, c] = steps[c]
        found[c - 1, c] = -steps[c]
    return found
