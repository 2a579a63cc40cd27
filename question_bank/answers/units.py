"""Units with prefixes: 98 kB where the key is in B, 250 ms where it is in s.

kB and MB are powers of 1000, and by many are meant as powers of 1024: both are looked at. KiB is 1024 only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from question_bank.answers.base import Unreadable

_PREFIXES = {
    "": Fraction(1), "n": Fraction(1, 10**9), "µ": Fraction(1, 10**6), "μ": Fraction(1, 10**6),
    "u": Fraction(1, 10**6), "m": Fraction(1, 1000), "c": Fraction(1, 100), "k": Fraction(1000),
    "K": Fraction(1000), "M": Fraction(10**6), "G": Fraction(10**9), "T": Fraction(10**12),
}  # fmt: skip
_BINARY = {"Ki": 1024, "Mi": 1024**2, "Gi": 1024**3, "Ti": 1024**4}
_MEANT_BINARY = {"k": 1024, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
# What each unit measures, and how many of the plain one it is.
_UNITS = {
    "B": ("data", 8), "Byte": ("data", 8), "Bytes": ("data", 8), "byte": ("data", 8), "bytes": ("data", 8),
    "bit": ("data", 1), "bits": ("data", 1), "Bit": ("data", 1),
    "s": ("time", 1), "sec": ("time", 1), "min": ("time", 60), "h": ("time", 3600),
    "FLOP": ("work", 1), "FLOPs": ("work", 1), "MAC": ("products", 1), "MACs": ("products", 1),
    "m": ("length", 1), "Hz": ("frequency", 1), "px": ("pixels", 1),
}  # fmt: skip
_WITHOUT_PREFIX = ("min", "h", "sec", "px")
_TAIL = re.compile(r"(?<=[0-9)\s])[A-Za-zµμ][A-Za-zµμ]*\Z")


@dataclass(frozen=True)
class Unit:
    """What a typed number is multiplied with; `remote` where this is not the usual meaning of the unit."""

    factor: Fraction
    remote: bool = False


PLAIN = Unit(Fraction(1))


def split_unit(text: str, unit: str | None) -> list[tuple[str, Unit]]:
    """The number without its unit, in each way in which the unit can be meant, the usual one first.

    A number without a unit is in the key's. Raises Unreadable for a unit of something else.
    """
    text = text.strip()
    if not unit:
        return [(text, PLAIN)]
    tail = _TAIL.search(text)
    if tail is not None and _alike(tail[0], unit):
        return [(text[: tail.start()].rstrip(), PLAIN)]
    if tail is None and text.lower().endswith(unit.lower()):
        return [(text[: -len(unit)].rstrip(), PLAIN)]
    if tail is None or tail[0] in ("e", "pi") or _known(unit) is None:
        return [(text, PLAIN)]
    factors = _factors(tail[0], unit)
    if not factors:
        raise Unreadable(f'"{tail[0]}" is no unit for this', f"give the number in {unit}")
    number = text[: tail.start()].rstrip()
    return [(number, Unit(factor, index > 0)) for index, factor in enumerate(factors)]


def _alike(typed: str, unit: str) -> bool:
    """The key's own unit, in any case and in the singular: mb is MB where nothing else is asked for."""
    if typed != unit and _known(typed) is not None:
        return False  # a unit of its own in this spelling: Ms is no ms
    short, own = typed.lower(), unit.lower()
    return short == own or (len(own) > 3 and short.removesuffix("s") == own.removesuffix("s"))


def _factors(typed: str, unit: str) -> list[Fraction]:
    """How many of `unit` one `typed` is: once, twice where prefixes can be meant in two ways, never if unrelated."""
    left, right = _known(typed), _known(unit)
    if left is None or right is None or left[0] != right[0]:
        return []
    return list(dict.fromkeys(a / b for a, b in zip(left[1:], right[1:], strict=True)))


def _known(unit: str) -> tuple[str, Fraction, Fraction] | None:
    """What the unit measures, and how many plain ones it is: by its prefix, and with prefixes of data as 1024."""
    for name in sorted(_UNITS, key=len, reverse=True):
        kind, plain = _UNITS[name]
        prefix = unit.removesuffix(name)
        if not unit.endswith(name):
            continue
        if prefix in _BINARY and kind == "data":
            return kind, Fraction(plain * _BINARY[prefix]), Fraction(plain * _BINARY[prefix])
        if prefix in _PREFIXES and (not prefix or name not in _WITHOUT_PREFIX):
            usual = plain * _PREFIXES[prefix]
            meant = _MEANT_BINARY.get(prefix) if kind == "data" else None
            return kind, usual, usual if meant is None else Fraction(plain * meant)
    return None
