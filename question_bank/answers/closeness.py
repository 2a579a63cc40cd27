"""Whether two numbers are the same but for rounding, and how a number is shown back."""

from __future__ import annotations

import math
from fractions import Fraction

Real = int | Fraction | float
# Irrational values and fractions without a short decimal form may be given rounded to about three digits.
ROUNDING = 0.005
# What exact arithmetic in floats may lose.
NOISE = 1e-9
# A number of so many digits, or decimals, is written out, and not rounded.
DIGITS, DECIMALS = 3, 4


def close(value: Real, expected: Real, tolerance: float) -> bool:
    """Exactly equal, or within the tolerance; floats may differ by rounding noise."""
    if value == expected:
        return True
    exact = not isinstance(value, float) and not isinstance(expected, float)
    if exact and tolerance == 0:
        return False
    difference = abs(float(value) - float(expected))
    return difference <= tolerance * (1 + NOISE) + NOISE * max(abs(float(expected)), 1e-12)


def rounds_off(
    value: Real, expected: Real, *, exact: bool = False, place: Fraction | None = None
) -> bool | None:
    """Whether a typed number is the right one, or that one rounded to about three digits; None where it may be.

    An `exact` term, such as 2/3, is not rounded; but a fraction for an irrational number is. `place` is one unit of the
    last digit, where it is known. A decimal of up to three digits may be off by what three digits lose at most. Who
    types more, and is off by one in the third digit, has rounded on the way; what is further off may be that, or a slip.
    """
    if close(value, expected, 0):
        return True
    off = abs(float(value) - float(expected))
    if off > ROUNDING * abs(float(expected)) * (1 + NOISE):
        return False
    meant = exact and (isinstance(value, float) or _is_rational(expected))
    if meant or off > rounding(expected) * (1 + NOISE):
        return False
    if place is None and not isinstance(value, float):
        place = _last_place(Fraction(value))
    few = place is not None and abs(value) < place * 10**DIGITS
    third: float = 10.0 ** (math.floor(math.log10(abs(float(expected)))) + 1 - DIGITS)
    return True if few or off <= third * (1 + NOISE) else None


def in_three_digits(value: Real, expected: Real) -> bool:
    """Whether a decimal is a number of more digits, rounded to three of them or cut off behind the third."""
    if isinstance(value, (int, float)) or isinstance(expected, float) or expected in (0, value):
        return False
    third: Fraction = Fraction(10) ** (math.floor(math.log10(abs(float(expected)))) + 1 - DIGITS)
    return (value / third).denominator == 1 and abs(value - expected) < third


def agrees(value: Real, expected: Real, tolerance: float | None) -> bool | None:
    """`rounds_off` for a number of which the value alone is known, where no tolerance is given.

    What has no end in decimals was typed as a fraction.
    """
    if tolerance is not None:
        return close(value, expected, tolerance)
    if isinstance(value, float):
        return rounds_off(value, expected)
    return rounds_off(value, expected, exact=_written_out(Fraction(value)) is None)


def rounding(expected: Real) -> float:
    """How far a rounded answer may be off where the author says nothing."""
    return 0.0 if _is_short(expected) else ROUNDING * abs(float(expected))


def _is_rational(number: Real) -> bool:
    """Whether it is a fraction, and not an irrational number cut off at the end of a float, as pi is."""
    return not isinstance(number, float) and Fraction(number).denominator < 10**12


def _is_short(number: Real) -> bool:
    """Whether the number can be written out in three digits, or in four decimals."""
    if isinstance(number, float):
        return False
    written = _written_out(Fraction(number))
    if written is None:
        return number == 0
    digits, decimals = written
    return decimals <= DECIMALS or abs(digits) < 10**DIGITS


def _last_place(number: Fraction) -> Fraction | None:
    """One unit of the last digit of a number that ends in decimals; None for one that does not, and for 0."""
    written = _written_out(number)
    return None if written is None else Fraction(10) ** -written[1]


def _written_out(number: Fraction) -> tuple[int, int] | None:
    """A number that ends in decimals as its digits, the last of them not 0, and the decimals among them.

    3/8 is 375 with 3 decimals, 1200 is 12 with -2; None for a number that has no end, and for 0.
    """
    rest, twos, fives = number.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1 or number == 0:
        return None
    decimals = max(twos, fives)
    digits = number.numerator * 10**decimals // number.denominator
    while digits % 10 == 0:
        digits, decimals = digits // 10, decimals - 1
    return digits, decimals


def near(value: Real, other: Real) -> bool:
    """Whether one number is the other but for rounding."""
    return close(value, other, ROUNDING * abs(float(other)))


def plain_echo(value: Real) -> str:
    """A number as it is shown back to the one who typed it."""
    value = whole(value)
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def whole(value: Real) -> Real:
    """A fraction that is a whole number as that."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value
