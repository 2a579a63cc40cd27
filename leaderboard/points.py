"""Points as they are kept: whole millionths, so that sums, ties and comparisons are exact.

A report holds points as JSON numbers, where 0.1 + 0.2 is not 0.3. A millionth of a point is far
finer than anything a grader awards, and coarse enough to swallow what binary floating point adds.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

MILLION = 1_000_000
LARGEST = Decimal(1_000_000_000)  # points; a bound that leaves room for sums in 64 bits


def to_millionths(value: object) -> int:
    """A number of points as whole millionths, rounded half to even.

    Floats are read through their shortest decimal form (93.37 means 93.37). ValueError for what is
    no finite number, or lies outside one billion points.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"not a number of points: {value!r}")  # noqa: TRY004 - bad data, not a bad call
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite() or abs(exact) > LARGEST:
        raise ValueError(f"not a usable number of points: {exact:.6g}")
    return int((exact * MILLION).to_integral_value(ROUND_HALF_EVEN))


def from_millionths(millionths: int) -> Decimal:
    """Points as a decimal, exactly."""
    return Decimal(millionths).scaleb(-6)


def two_decimals(points: Decimal) -> str:
    """Points as printed: `93.37`, rounded half up; never `-0.00`."""
    shown = points.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{abs(shown) if shown == 0 else shown:f}"


def shortest(points: Decimal) -> str:
    """Points without trailing zeros: `50`, `12.5`."""
    text = f"{points:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def printed(millionths: int) -> str:
    """Points as printed, from millionths: as `two_decimals`."""
    hundredths, rest = divmod(abs(millionths), 10_000)
    hundredths += rest >= 5_000
    sign = "-" if millionths < 0 and hundredths else ""
    return f"{sign}{hundredths // 100}.{hundredths % 100:02d}"
