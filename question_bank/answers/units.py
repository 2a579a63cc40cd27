"""Units with prefixes: 98 kB where the key is in B, 250 ms (or milliseconds) where it is in s; nouns behind counts.

kB and MB are powers of 1000, and by many are meant as powers of 1024: both are looked at. KiB is 1024 only. A small b
can be a bit or a byte.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

from question_bank.answers.base import Unreadable
from question_bank.answers.counted import is_counted
from question_bank.answers.decimals import RECURRING, without_percent
from question_bank.grammar.answer_words import CONSTANTS, FUNCTIONS, spelled

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
# In words, in English and in German, without the ending of the plural.
_WORDS = {
    "byte": "B", "bit": "bit", "second": "s", "sekunde": "s", "minute": "min", "hour": "h", "stunde": "h",
    "metre": "m", "meter": "m", "hertz": "Hz", "pixel": "px",
}  # fmt: skip
_PREFIX_WORDS = {
    "": "", "nano": "n", "micro": "u", "mikro": "u", "milli": "m", "centi": "c", "zenti": "c", "kilo": "k",
    "mega": "M", "giga": "G", "tera": "T", "kibi": "Ki", "mebi": "Mi", "gibi": "Gi", "tebi": "Ti",
}  # fmt: skip
_WITHOUT_PREFIX = ("min", "h", "sec", "px")
_TAIL = re.compile(r"(?:(?<=[0-9)}⌋⌉\s])|(?<=\\[,;:! ]))[A-Za-zµμ][A-Za-zµμ]*\Z")
_SMALL_B = re.compile(r"\A([kKmMgGtT]?)b\Z")
_BLANKS = re.compile(r"(?:\s|\\[,;:! ])+\Z")
_NOUN = re.compile(
    r"(?<=[0-9)}⌋⌉½])(?:\s|\\[,;:! ])*((?<![^\W\d_])[^\W\d_]{2,}(?:[ -][^\W\d_]{2,}){0,2})\Z"
)


@dataclass(frozen=True)
class Unit:
    """What a typed number is multiplied with; `remote` where this is not the usual meaning of the unit.

    `noun` says what was counted, where the question names no unit.
    """

    factor: Fraction
    remote: bool = False
    noun: str = ""


PLAIN = Unit(Fraction(1))
PERCENT = Unit(Fraction(1), noun="%")
# What is counted in ones: a plain number is the same.
_COUNTED = ("pixels", "work", "products")


def split_unit(text: str, unit: str | None) -> list[tuple[str, Unit]]:
    """The number without its unit, in each way in which the unit can be meant, the usual one first.

    A number without a unit is in the key's. Raises Unreadable for a unit of something else.
    """
    text = text.strip()
    if not unit:
        return [split_noun(text)]
    if without_percent(f"1 {unit}")[1]:
        bare, percent = without_percent(text)
        # 0.25 may be a quarter of a per cent, or the share that is 25 %.
        share = Unit(Fraction(100), remote=True, noun="%")
        return [(bare, PERCENT)] if percent else [(bare, PERCENT), (bare, share)]
    if _measures(unit) == "time" and re.search(r"[0-9]\s*:\s*[0-9]", text):
        raise Unreadable("can be a ratio, or minutes and seconds", f"give the number in {unit}")
    tail = _TAIL.search(text)
    if tail is None and text.lower().endswith(unit.lower()):
        return [(text[: -len(unit)].rstrip(), PLAIN)]
    if tail is None or tail[0] in CONSTANTS:
        return [(text, PLAIN)]
    units = _bits_or_bytes(tail[0], unit) or _units(tail[0], unit)
    if not units and _known(unit) is None:
        return [(text, PLAIN)]
    if not units:
        raise Unreadable(f'"{tail[0]}" is no unit for this', f"give the number in {unit}")
    number = _BLANKS.sub("", text[: tail.start()])
    return [(number, found) for found in units]


def split_noun(text: str) -> tuple[str, Unit]:
    """The number without the noun behind it, where no unit is asked for: 98816 parameters.

    Raises Unreadable for a unit, which would have to be converted, and for words that may change the number.
    """
    found = _NOUN.search(text)
    words = found[1].lower().replace("-", " ").split() if found else []
    if found is None or without_percent(text)[1] or any(_belongs(word) for word in words):
        return text, PLAIN
    measured = _known(found[1])
    counted = measured is not None and measured[0] in _COUNTED and measured[1] == 1
    if measured is not None and not counted:
        raise Unreadable(f'"{found[1]}" is a unit, and none is asked for', "give the number alone")
    if not counted and not is_counted(words):
        raise Unreadable(f'"{found[1]}" may change the number before it', "give the number alone")
    return text[: found.start()].rstrip(), Unit(Fraction(1), noun=found[1])


def _belongs(word: str) -> bool:
    """Whether a word belongs to the number before it: a term such as 2 pi, 0.6 recurring."""
    return word in RECURRING or word in CONSTANTS or spelled(word) in FUNCTIONS


def _bits_or_bytes(typed: str, unit: str) -> list[Unit]:
    """What a small b can stand for: 8 Mb are megabits, or megabytes in haste. Empty for any other unit.

    Without any capital, mb, bytes are meant.
    """
    found = _SMALL_B.match(typed)
    if found is None or _measures(unit) != "data":
        return []
    prefix = found[1] if found[1] in _PREFIXES and found[1] != "m" else found[1].upper()
    hasty = prefix != found[1]
    in_bits = [replace(way, remote=way.remote or hasty) for way in _units(f"{prefix}bit", unit)]
    return [*_units(f"{prefix}B", unit), *in_bits]


def _units(typed: str, unit: str) -> list[Unit]:
    """A unit in each way in which it can be meant, the usual one first; empty where it is none for this."""
    factors = _factors(typed, unit)
    if _alike(typed, unit):
        # Megabytes of another kind than the question's are megabytes as well.
        factors = list(dict.fromkeys([Fraction(1), *_factors(unit, unit)]))
    return [Unit(factor, index > 0) for index, factor in enumerate(factors)]


def _alike(typed: str, unit: str) -> bool:
    """The key's own unit, in any case and in the singular: MS is ms where nothing else is asked for."""
    if typed != unit and _known(typed) is not None:
        return False  # a unit of its own in this spelling: Ms is no ms
    short, own = typed.lower(), unit.lower()
    return short == own or (len(own) > 3 and short.removesuffix("s") == own.removesuffix("s"))


def _factors(typed: str, unit: str) -> list[Fraction]:
    """How many of `unit` one `typed` is, the usual factor first: several where prefixes can be meant in two ways."""
    left, right = _known(typed), _known(unit)
    if left is None or right is None or left[0] != right[0]:
        return []
    together = list(zip(left[1:], right[1:], strict=True))
    apart = list(product(left[1:], right[1:]))
    return list(dict.fromkeys(a / b for a, b in (*together, *apart)))


def _measures(unit: str) -> str | None:
    known = _known(unit)
    return known[0] if known else None


def _known(unit: str) -> tuple[str, Fraction, Fraction] | None:
    """What the unit measures, and how many plain ones it is: by its prefix, and with prefixes of data as 1024."""
    unit = symbol_of(unit)
    for name in sorted(_UNITS, key=len, reverse=True):
        kind, plain = _UNITS[name]
        prefix = unit.removesuffix(name)
        if not unit.endswith(name):
            continue
        if prefix in _BINARY and kind == "data":
            return kind, Fraction(plain * _BINARY[prefix]), Fraction(plain * _BINARY[prefix])
        if kind == "data" and _PREFIXES.get(prefix, 1) < 1:
            return None  # nobody counts thousandths of a byte: mB is MB in haste
        if prefix in _PREFIXES and (not prefix or name not in _WITHOUT_PREFIX):
            usual = plain * _PREFIXES[prefix]
            meant = _MEANT_BINARY.get(prefix) if kind == "data" else None
            return kind, usual, usual if meant is None else Fraction(plain * meant)
    return None


def symbol_of(unit: str) -> str:
    """A unit in words as its symbol: milliseconds is ms; any other word as it is."""
    word = unit.lower()
    for stem, symbol in _WORDS.items():
        prefix, found, ending = word.partition(stem)
        if found and ending in ("", "s", "n") and prefix in _PREFIX_WORDS:
            return _PREFIX_WORDS[prefix] + symbol
    return unit
