"""How far a right number may be from the reference: what rounding was measured to cost, check by check.

Measured by benchmarks/float32_envelopes.py, which writes envelopes.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from question_bank.strict_yaml import load_typed, read_text

ENVELOPES = Path(__file__).parent / "envelopes.yaml"


@dataclass(frozen=True)
class Tolerance:
    """|found - expected| <= absolute + relative * |expected| + of_largest * max |expected|.

    For every number; the maximum is over the whole array. Where numbers of an array come from sums
    that cancel, rounding is as large for small ones as for large ones.
    """

    relative: float
    absolute: float
    of_largest: float = 0.0


# The absolute bound is for what should be 0, where float32 leaves some 1e-8.
EXACT = Tolerance(1e-5, 1e-6)
# What two formulas in float64 may differ by, to be told from each other.
CLOSE = Tolerance(1e-5, 1e-7)
# Numbers that were made in float32 by a few operations.
FLOAT32 = Tolerance(2e-4, 2e-5)
MARGIN = 4.0


@cache
def _envelopes() -> Mapping[str, float]:
    found: Mapping[str, float] = load_typed(read_text(ENVELOPES), ENVELOPES.name).data
    return found


def tolerance_of(check: str) -> Tolerance:
    """What rounding may cost in a check: MARGIN times what valid code in float32 was seen to lose.

    A check that was not measured has EXACT.
    """
    return replace(EXACT, of_largest=MARGIN * _envelopes().get(check, 0.0))
