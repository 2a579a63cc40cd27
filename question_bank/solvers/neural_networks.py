"""Forward passes of small networks, softmax and exact output weights (lecture 3)."""

from __future__ import annotations

from fractions import Fraction

from question_bank.grammar.functions import exp, ln

Real = int | Fraction
Vector = tuple[Real, ...]
Matrix = tuple[Vector, ...]


def dense_layer(weights: Matrix, inputs: Vector, biases: Vector, relu: bool = False) -> Vector:
    """W x + b for one sample, weights[j][i] from input i to unit j; with `relu`, max(W x + b, 0)."""
    if len(weights) != len(biases):
        raise ValueError(f"{len(weights)} rows of weights and {len(biases)} biases")
    sums = []
    for row, bias in zip(weights, biases, strict=True):
        if len(row) != len(inputs):
            raise ValueError(f"{len(row)} weights for {len(inputs)} inputs")
        sums.append(sum((w * x for w, x in zip(row, inputs, strict=True)), start=bias))
    return tuple(max(s, 0) for s in sums) if relu else tuple(sums)


def softmax_of_logs(odds: Vector) -> Vector:
    """Softmax of the logits ln(odds_i), exact: odds_i / sum of all; the odds must be positive."""
    if not odds or any(o <= 0 for o in odds):
        raise ValueError("a logarithm needs positive numbers")
    total = sum(Fraction(o) for o in odds)
    return tuple(Fraction(o) / total for o in odds)


def softmax(logits: tuple[Real | float, ...]) -> tuple[Real | float, ...]:
    """exp(z_i) / sum of exp(z_j), the largest logit subtracted first; exact where all logits are equal."""
    if not logits:
        raise ValueError("softmax needs a logit")
    powers = [exp(z - max(logits)) for z in logits]
    total = sum(powers)
    return tuple(p / total if isinstance(total, float) else Fraction(p) / total for p in powers)


def cross_entropy(logits: tuple[Real | float, ...], label: int) -> Real | float:
    """-ln softmax(logits)[label] of one sample: ln sum exp(z_j) - z_label, natural logarithm, label from 0."""
    if not 0 <= label < len(logits):
        raise ValueError(f"label {label} is none of the {len(logits)} classes, counted from 0")
    largest = max(logits)
    return ln(sum(exp(z - largest) for z in logits)) + largest - logits[label]


def binary_cross_entropy(probability: Real | float, label: int) -> Real | float:
    """-ln p for label 1 and -ln(1 - p) for label 0, natural logarithm."""
    if label not in (0, 1):
        raise ValueError(f"label must be 0 or 1, not {label}")
    if not 0 <= probability <= 1:
        raise ValueError(f"probability must lie between 0 and 1, not {probability}")
    of_label = probability if label else 1 - probability
    if of_label == 0:
        raise ValueError("the loss is infinite: the label has probability 0")
    return -ln(of_label)


def can_fit_outputs(hidden: Matrix, targets: Vector) -> bool:
    """Whether exactly one choice of output weights and bias meets all targets (see output_weights)."""
    try:
        output_weights(hidden, targets)
    except ValueError:
        return False
    return True


def output_weights(hidden: Matrix, targets: Vector) -> Vector:
    """(v_1, ..., v_n, b) with v . h + b equal to the target for each row h of `hidden`; exact.

    ValueError where no weights, or more than one choice of them, fit all rows.
    """
    if len(hidden) != len(targets):
        raise ValueError(f"{len(hidden)} rows and {len(targets)} targets")
    rows = [
        [*map(Fraction, h), Fraction(1), Fraction(t)] for h, t in zip(hidden, targets, strict=True)
    ]
    unknowns = len(rows[0]) - 1
    for column in range(unknowns):
        found = next((r for r in range(column, len(rows)) if rows[r][column] != 0), None)
        if found is None:
            raise ValueError("more than one choice of weights fits")
        rows[column], rows[found] = rows[found], rows[column]
        pivot = rows[column]
        rows[column] = pivot = [entry / pivot[column] for entry in pivot]
        for r, row in enumerate(rows):
            if r != column:
                rows[r] = [a - row[column] * b for a, b in zip(row, pivot, strict=True)]
    if any(row[-1] != 0 for row in rows[unknowns:]):
        raise ValueError("no weights fit all rows")
    return tuple(row[-1] for row in rows[:unknowns])
