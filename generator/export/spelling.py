"""How people type what a system compares as text: each spelling that it is to take has to be listed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from generator.export.numbers import Range, decimal, is_short, significant

_DIGITS = range(2, 8)


def of_number(accepted: Range) -> tuple[str, ...]:
    """Return spellings of a right number: as a fraction, and in decimals, with a point or a comma."""
    value = accepted.value
    found: list[str] = []
    if is_short(value):
        found.append(decimal(value))
        if value.denominator == 1 and abs(value) < 10**6:
            found.append(f"{value.numerator}.0")
    if value.denominator != 1 and value.denominator < 10**4:
        found.append(f"{value.numerator}/{value.denominator}")
    if accepted.margin:
        for digits in _DIGITS:
            rounded = significant(value, digits)
            if accepted.holds(Fraction(rounded)):
                found += [rounded, decimal(Fraction(rounded))]
    if accepted.margin and not is_short(value):
        found.append(decimal(value))
    for text in tuple(found):
        found += _others(text)
    return tuple(dict.fromkeys(found))


def _others(text: str) -> list[str]:
    """The same number without the zero before the point, with a comma, with a real minus sign, with a plus."""
    others = [text.replace(".", ",")] if "." in text else []
    if text.startswith(("0.", "-0.")):
        others.append(text.replace("0.", ".", 1))
    if text.startswith("-"):
        others += [form.replace("-", "\u2212", 1) for form in (text, *others)]
    elif text != "0":
        others.append(f"+{text}")
    return others


def of_line(axes: Sequence[int]) -> tuple[str, ...]:
    """Return spellings of a shape: 32x16, 32 x 16, (32, 16)."""
    texts = [str(axis) for axis in axes]
    found = [joint.join(texts) for joint in ("x", " x ", "×", " × ")]
    inner = [", ".join(texts), ",".join(texts)]
    found += inner
    for left, right in (("(", ")"), ("[", "]")):
        found += [f"{left}{each}{right}" for each in inner]
    return tuple(dict.fromkeys(found))
