"""Whole numbers that closed forms take: sizes, and steps that are made one by one. ValueError for all others."""

from __future__ import annotations

from fractions import Fraction

# Steps, layers, frames of zeros: each is work, and no exercise has as many.
MOST_STEPS = 1_000


def positive(**values: int) -> None:
    """Each a whole number from 1; named as they are given."""
    _whole(1, values)


def not_negative(**values: int) -> None:
    """Each a whole number from 0; named as they are given."""
    _whole(0, values)


def steps(**values: int) -> None:
    """Each a whole number from 0 to 1000; named as they are given."""
    not_negative(**values)
    for name, value in values.items():
        if value > MOST_STEPS:
            raise ValueError(f"{name} must be at most {MOST_STEPS}, not {value}")


def share_below_one(**values: Fraction | float) -> None:
    """Each a decay rate in [0, 1); named as they are given."""
    for name, value in values.items():
        if not 0 <= value < 1:
            raise ValueError(f"{name} must lie in [0, 1), not {value}")


def _whole(least: int, values: dict[str, int]) -> None:
    for name, value in values.items():
        if value != int(value) or value < least:
            raise ValueError(f"{name} must be a whole number from {least}, not {value}")
