"""Which numbers are right where only decimals can be typed: a value, and how far off it one may be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_UP, Context, Decimal
from fractions import Fraction

from question_bank.answers.closeness import NOISE
from question_bank.answers.numeric import NumericKey, allowed, number_of, tolerance_of

SIGNIFICANT = 15
"""Digits of a value that has no short decimal form: what a double keeps."""
# Digits; who types more has not rounded.
_ROUNDED_TO = 6
_MARGIN_DIGITS = 10
_MOST_DECIMALS = 6


@dataclass(frozen=True)
class Range:
    """The numbers from `value - margin` to `value + margin`, both ends among them; exact."""

    value: Fraction
    margin: Fraction = Fraction(0)

    @property
    def low(self) -> Fraction:
        """Return the smallest right number."""
        return self.value - self.margin

    @property
    def high(self) -> Fraction:
        """Return the largest right number."""
        return self.value + self.margin

    @property
    def unrounded(self) -> bool:
        """Return whether nobody's rounding of the value is right, and the value has no short decimal form."""
        return self.margin < abs(self.value) / 10**_ROUNDED_TO and not is_short(self.value)

    def holds(self, number: Fraction) -> bool:
        """Return whether a number is right."""
        return self.low <= number <= self.high


def accepted(key: NumericKey) -> Range | None:
    """Return the numbers that a key accepts; None where the exact value is asked for.

    Many an exact value has no decimals to type, and a field for those that have would tell them apart.
    """
    if key.between is not None:
        low, high = (Fraction(str(end)) for end in key.between)
        return Range((low + high) / 2, (high - low) / 2)
    if key.exact:
        return None
    return _around(key.value, tolerance_of(key))


def accepted_entry(text: str, tolerance: float | None) -> Range:
    """Return the numbers that one entry of a list accepts, as `accepted`."""
    return _around(text, allowed(number_of(NumericKey(value=text)), tolerance))


def _around(text: str, tolerance: float) -> Range:
    value = Fraction(text)
    if tolerance == 0 and is_short(value):
        return Range(value)
    # The bank lets go what floats may lose; so do we, and round up.
    noise = NOISE * max(abs(float(value)), 1e-12)
    margin = _rounded(Fraction(tolerance) * Fraction(1 + NOISE) + Fraction(noise))
    return Range(value, margin)


def is_short(value: Fraction) -> bool:
    """Return whether the number can be written out in a few decimals."""
    # 0.30000000000000004, of floats, is no short number, though its text ends.
    return any(10**digits % value.denominator == 0 for digits in range(_MOST_DECIMALS + 1))


def _rounded(margin: Fraction) -> Fraction:
    context = Context(prec=_MARGIN_DIGITS, rounding=ROUND_UP)
    return Fraction(context.divide(Decimal(margin.numerator), Decimal(margin.denominator)))


def decimal(value: Fraction, digits: int = SIGNIFICANT) -> str:
    """Write a number in decimals, without an exponent: exact where it ends within `digits`, else rounded."""
    context = Context(prec=max(digits, 1), rounding=ROUND_HALF_EVEN)
    if value.denominator == 1:
        return str(value.numerator)
    written = f"{context.divide(Decimal(value.numerator), Decimal(value.denominator)):f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def significant(value: Fraction, digits: int) -> str:
    """Write a number with so many significant digits, the last ones zeros too: 0.6670 with four."""
    if value == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = Fraction(round(value, places))
    return f"{Decimal(rounded.numerator) / Decimal(rounded.denominator):.{max(places, 0)}f}"
