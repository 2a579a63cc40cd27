"""Forward passes of small networks, softmax and exact output weights (lecture 3)."""

from __future__ import annotations

from fractions import Fraction

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
