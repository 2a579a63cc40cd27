"""Whether two numbers are the same but for rounding, and how a number is shown back."""

from __future__ import annotations

from fractions import Fraction

Real = int | Fraction | float
# Irrational values and fractions without a short decimal form may be given rounded to about three digits.
ROUNDING = 0.005
# What exact arithmetic in floats may lose.
NOISE = 1e-9


def close(value: Real, expected: Real, tolerance: float) -> bool:
    """Exactly equal, or within the tolerance; floats may differ by rounding noise."""
    if value == expected:
        return True
    exact = not isinstance(value, float) and not isinstance(expected, float)
    if exact and tolerance == 0:
        return False
    difference = abs(float(value) - float(expected))
    return difference <= tolerance * (1 + NOISE) + NOISE * max(abs(float(expected)), 1e-12)


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
