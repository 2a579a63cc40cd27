"""ArUco markers, by which a scanner finds a page's corners, whichever way up the page lies.

The four are the first of OpenCV's dictionary of 4x4 markers (`DICT_4X4_50`): a black frame one module wide
around 4x4 modules.
"""

from __future__ import annotations

MODULES = 6
"""Modules along a side, the black frame included."""

# Row by row from the top left, a bit a module; 1 is white.
_BITS = ("1011010100110010", "0000111110011010", "0011001100101101", "1001100101000110")


def modules(number: int) -> tuple[tuple[bool, ...], ...]:
    """Rows of a marker from the top, frame included; True is black.

    Args:
        number: 0 to 3.
    """
    bits = _BITS[number]
    frame = (True,) * MODULES
    inside = (
        (True, *(bit == "0" for bit in bits[start : start + 4]), True)
        for start in range(0, len(bits), 4)
    )
    return (frame, *inside, frame)
