"""The signs in which people write one number: decimal commas, digits in groups, powers of ten with x, per cent.

98,816 is a whole number in groups, or a decimal in German; 1.234 is a decimal, and in German a thousand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from question_bank.answers.base import Unreadable

_LABEL = re.compile(
    r"\A(?:[^\W\d]\w*(?: \w+){0,3}:(?:\s+|(?=[-+−]?[0-9]))|(?:->|→)\s*|[*×·⋅]\s*(?=[0-9]))(?=\S)"
)
_BOUND = re.compile(r"[<>≤≥≠!]")
# What goes on after = is the same; after the others it is rounded, or follows.
_JOINED = re.compile(r"(=>|⇒|⟹|≈|~(?=\s*[-+−]?[0-9.])|≃|≅|\\approx(?![A-Za-z])|==?)")
# 2/3 (≈ 0.667): the brackets say it.
_NOTE = re.compile(r"(?<=\s)\(\s*(?:≈|=|~|\\approx(?![A-Za-z]))\s*")
# -5 (= q)
_NAMED = re.compile(r"(?<=[\s0-9])\(\s*=\s*[^\W\d]\w*\s*\)\Z")
_MINUS = re.compile(r"\Aminus\s+(?=[0-9])", re.IGNORECASE)
_SAME = ("=", "==")
_FOLLOWS = ("=>", "⇒", "⟹")
_GROUPED = re.compile(r"\A[-+−]?[1-9][0-9]{0,2}(?:,[0-9]{3})+\Z")
_DOTTED = re.compile(r"\A[-+−]?[1-9][0-9]{0,2}\.[0-9]{3}\Z")
_BLANKS = re.compile(
    r"(?<![0-9.,])[0-9]{1,3}(?:(?:[ \u00a0\u2009\u202f'’_]|\\,)[0-9]{3})+(?![0-9])"
)
_TIMES_TEN = re.compile(r"(?<=[0-9])\s*x\s*(?=10\s*(?:\^|\*\*|[⁰¹²³⁴-⁹⁻]))")
_TIMES = re.compile(r"(?<=[0-9)])\s+x\s+(?=[-+−]?\s*[0-9(])")
_OTHER_LETTER = re.compile(r"[^\W\d_x]")
_DECIMAL_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9]|\([0-9]+\))")
_RATIO = re.compile(r"(?<=[0-9)])\s*:\s*(?=[0-9(])")
_MIXED = re.compile(
    r"\A([-+−]?)\s*([0-9]{1,9})"
    r"(?:\s+([0-9]{1,9})\s*[/⁄]\s*([0-9]{1,9})|\s*\\[dt]?frac\s*(?:\{([0-9]{1,9})\}|([0-9]))\s*(?:\{([0-9]{1,9})\}|([0-9])))\Z"
)
_GERMAN = re.compile(
    r"\A[-+−]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+,[0-9]+\Z|\A[-+−]?[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}\Z"
)
_ENGLISH = re.compile(r"\A[-+−]?[1-9][0-9]{0,2}(?:,[0-9]{3})+\.[0-9]+\Z")
_LITERAL = re.compile(
    r"\A[-+−]?\s*([0-9]{0,40})\.?([0-9]{0,40})(?:[eE]([-+−]?[0-9]{1,3})|\s*[*·×]\s*10\s*\^\s*\(?([-+−]?[0-9]{1,3})\)?)?\Z"
)
_PERCENT = re.compile(r"(?:\s|\\)*(?:%|per ?cent|prozent)\s*\Z", re.IGNORECASE)


# A chain with more terms, or more roundings, is read by a person.
MOST_TERMS, MOST_ROUNDED = 24, 4


# Words behind a decimal of which the last digits repeat, in English and in German.
RECURRING = ("recurring", "repeating", "periode", "periodisch")
_RECURRING = re.compile(
    rf"\A([-+−]?\s*[0-9]*)[.,]([0-9]+)\s*(?:{'|'.join(RECURRING)})\Z", re.IGNORECASE
)
# One digit before dots: cut off there, or repeating. From two of them on, the grammar sees what repeats.
_GOES_ON = re.compile(r"\A([-+−]?\s*[0-9]*)[.,]([0-9])\s*(?:\.\.\.|…)\Z")


@dataclass(frozen=True)
class Way:
    """One way to spell a number in the signs of the grammar; `remote` where it is not the usual one."""

    text: str
    remote: bool = False


@dataclass(frozen=True)
class Group:
    """Terms that claim to be equal; `rounds` where they claim to be what the group before them is, but for rounding."""

    terms: tuple[str, ...]
    rounds: bool = False


def chain(text: str) -> list[Group]:
    """What stands between signs of equality: `W = (35-5)/1 + 2 = 32` is one group, `2/3 ≈ 0.67` are two.

    The last of the last group is the answer. Raises Unreadable where nothing stands there, and for a chain too long.
    """
    text = _NAMED.sub("", _LABEL.sub("", text.strip()))
    text = _NOTE.sub("(", _MINUS.sub("-", text))
    if _BOUND.search(text.replace("=>", "")):
        return [Group((text,))]
    pieces = [piece.strip() for piece in _JOINED.split(text)]
    groups = [Group((pieces[0],))]
    for sign, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if sign in _SAME:
            groups[-1] = replace(groups[-1], terms=(*groups[-1].terms, piece))
        else:
            groups.append(Group((piece,), rounds=sign not in _FOLLOWS))
    if len(pieces) // 2 >= MOST_TERMS or sum(group.rounds for group in groups) > MOST_ROUNDED:
        raise Unreadable("has too many signs of equality", "write the result alone")
    if not groups[-1].terms[-1]:
        raise Unreadable(f'nothing stands right of "{pieces[-2]}"' if pieces[1:] else "is empty")
    return groups


def without_percent(text: str) -> tuple[str, bool]:
    """The number, and whether per cent stood behind it."""
    found = _PERCENT.search(text)
    return (text[: found.start()], True) if found else (text, False)


def with_times(text: str) -> str:
    """2 x 16 as 2*16, where no other letter stands; a size such as 3 x 3 stays as it is, and one in brackets."""
    factors = _TIMES.split(text.strip())
    if len(factors) < 2 or len(set(factors)) == 1 or _OTHER_LETTER.search(text):
        return text
    if any(factor.count("(") != factor.count(")") for factor in factors):
        return text
    return "*".join(factors)


def spellings(text: str) -> list[Way]:
    """The number in each way in which it can be meant, the usual one first."""
    if recurring := _RECURRING.match(text.strip()):
        return _recurring(*recurring.groups())
    if goes_on := _GOES_ON.match(text.strip()):
        repeats = _recurring(*goes_on.groups())
        return [*_spellings(text.strip()), *(replace(way, remote=True) for way in repeats)]
    usual = _spellings(text.strip())
    mixed = _mixed(text.strip())
    if mixed is None:
        return usual
    # 1 100/200 may hold a thousand in groups, and 2\frac{1}{3} a product.
    grouped = "frac" in text or _BLANKS.search(text)
    return [mixed, *(Way(way.text, remote=True) for way in usual)] if grouped else [mixed]


def _spellings(text: str) -> list[Way]:
    text = _TIMES_TEN.sub("*", _BLANKS.sub(lambda m: re.sub(r"[^0-9]", "", m[0]), text))
    text = _RATIO.sub("/", text)
    if _GROUPED.match(text):
        joined = text.replace(",", "")
        both = [joined, text.replace(",", ".")]
        return [Way(spelled) for spelled in (both if text.count(",") == 1 else both[:1])]
    if _DOTTED.match(text):
        return [Way(text), Way(text.replace(".", ""), remote=True)]
    if _GERMAN.match(text):
        return [Way(text.replace(".", "").replace(",", "."))]
    if _ENGLISH.match(text):
        return [Way(text.replace(",", ""))]
    if re.search(r"[A-Za-z]|\((?![0-9]+\)\Z)", text):
        return [Way(text)]
    return [Way(_DECIMAL_COMMA.sub(".", text))]


def _recurring(whole: str, decimals: str) -> list[Way]:
    """0.6 recurring; of several decimals, the last repeats or all of them."""
    ways = (f"{whole or 0}.{decimals[:-1]}({decimals[-1]})", f"{whole or 0}.({decimals})")
    return [Way(way) for way in dict.fromkeys(ways)]


def _mixed(text: str) -> Way | None:
    """`1 1/2` is one and a half."""
    found = _MIXED.match(text)
    if found is None:
        return None
    above, below = found[3] or found[5] or found[6], found[4] or found[7] or found[8]
    if not 0 < int(above) < int(below):
        return None
    return Way(f"{found[1]}({found[2]}+{above}/{below})")


def last_place(text: str) -> Fraction | None:
    """One unit of the last digit of a number that is written out (3.140 has 1/100); None for a term, and for 0."""
    found = _LITERAL.match(text.strip())
    if found is None:
        return None
    whole, decimals = found[1], found[2].rstrip("0")
    if not (whole + decimals).strip("0"):
        return None
    zeros = 0 if decimals else len(whole) - len(whole.rstrip("0"))
    power = int((found[3] or found[4] or "0").replace("−", "-"))
    return Fraction(10) ** (zeros - len(decimals) + power)
