"""HiGHS, called so that a result depends on the program alone: a gap and a count of nodes end the search."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Array = np.ndarray[Any, np.dtype[Any]]

# An exam within this share of the best objective is as good as the best.
GAP = 0.01
# A search for something better ends after so many nodes, on a fast machine as on a slow one.
NODES = 400
# Far beyond what a bank of thousands needs; it keeps a hopeless case from running for ever.
TIME_LIMIT_S = 120.0
# Stands for no upper bound: no sum comes near it.
FAR = 1e9
# What scipy.optimize.milp reports.
OPTIMAL, STOPPED, INFEASIBLE, FAILED = 0, 1, 2, 4


@dataclass(frozen=True)
class Rows:
    """Rows of a program: ``low <= matrix @ x <= high``."""

    matrix: csr_matrix
    low: Array
    high: Array


@dataclass(frozen=True)
class Solution:
    """What the solver found: ``feasible`` is None where it gave up; ``x`` where it found one."""

    feasible: bool | None
    x: Array | None


def feasible_point(rows: Rows) -> Solution:
    """Find any 0-1 solution, or prove that there is none.

    Variables with the same entries in all rows are one variable that counts them: questions that
    no rule tells apart need not be tried one by one.
    """
    columns = rows.matrix.tocsc()
    alike: dict[tuple[bytes, bytes], list[int]] = {}
    for column in range(columns.shape[1]):
        start, end = columns.indptr[column], columns.indptr[column + 1]
        entries = columns.indices[start:end].tobytes(), columns.data[start:end].tobytes()
        alike.setdefault(entries, []).append(column)
    groups = list(alike.values())
    merged = replace(rows, matrix=columns[:, [group[0] for group in groups]].tocsr())
    upper = np.array([len(group) for group in groups], dtype=float)
    found = _solved(np.zeros(len(groups)), merged, upper, len(groups), {})
    if found.x is None:
        return found
    x = np.zeros(columns.shape[1], dtype=np.int64)
    for group, count in zip(groups, found.x, strict=True):
        x[group[:count]] = 1
    return Solution(True, x)


def minimise(cost: Array, rows: Rows, binary: int, nodes: int = NODES) -> Solution:
    """Find a good solution: the first ``binary`` variables are 0 or 1, the others at least 0."""
    limits = {"mip_rel_gap": GAP, "node_limit": nodes}
    upper = _zero_one(cost.size, binary)
    found = _solved(cost, rows, upper, binary, limits)
    if found.feasible is None:
        # Nothing was met within the nodes: whether there is anything is another question.
        return _solved(np.zeros(cost.size), rows, upper, binary, {})
    return found


def optimum(cost: Array, rows: Rows) -> Solution:
    """Find a proven optimum of a 0-1 program; ``x`` is None where it was not reached."""
    upper = _zero_one(cost.size, cost.size)
    return _solved(cost, rows, upper, cost.size, {"mip_rel_gap": 0.0}, proven=True)


def _zero_one(size: int, binary: int) -> Array:
    """Upper bounds: 1 for the first variables, none for the others."""
    upper: Array = np.full(size, np.inf)
    upper[:binary] = 1
    return upper


def _solved(
    cost: Array,
    rows: Rows,
    upper: Array,
    whole: int,
    options: dict[str, Any],
    *,
    proven: bool = False,
) -> Solution:
    # Loaded when there is something to solve: half of all that a command loads.
    from scipy.optimize import Bounds, LinearConstraint, milp

    kinds = np.zeros(cost.size, dtype=int)
    kinds[:whole] = 1
    if not cost.size:
        met = bool(np.all(rows.low <= 0) and np.all(rows.high >= 0))
        return Solution(met, np.zeros(0, dtype=np.int64) if met else None)
    if _out_of_reach(rows, upper):
        return Solution(False, None)
    program = {
        "integrality": kinds,
        "bounds": Bounds(np.zeros(cost.size), upper),
        "constraints": LinearConstraint(rows.matrix, rows.low, rows.high),
    }
    options = {"time_limit": TIME_LIMIT_S, **options}
    with _silent():
        result = milp(cost, options=options, **program)
        if result.status == FAILED:
            # Now and then HiGHS stumbles over its own simplification of a small program.
            result = milp(cost, options={**options, "presolve": False}, **program)
    if result.status == INFEASIBLE:
        return Solution(False, None)
    usable = result.status == OPTIMAL or (result.status == STOPPED and not proven)
    if usable and result.x is not None:
        return Solution(True, np.rint(result.x[:whole]).astype(np.int64))
    return Solution(None, None)


def _out_of_reach(rows: Rows, upper: Array) -> bool:
    """Whether the bounds of the variables alone keep a row from its own bounds."""
    far = np.minimum(upper, FAR)
    most = rows.matrix.maximum(0) @ far
    least = rows.matrix.minimum(0) @ far
    return bool(np.any(most < rows.low) or np.any(least > rows.high))


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Keep what C code prints away from standard output.

    HiGHS prints a line of its own there now and then, whatever its settings: it would end up in
    the JSON that a command prints.
    """
    sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:
        # There is no standard output to protect.
        yield
        return
    # C keeps printed text in a buffer of its own, which is emptied while the output is away.
    empty_buffers = ctypes.CDLL(None).fflush
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        empty_buffers(None)
        os.dup2(nowhere, 1)
        yield
    finally:
        empty_buffers(None)
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
