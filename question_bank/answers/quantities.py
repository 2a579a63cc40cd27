"""What the names of numbers mean, in English and in German: a variance is no standard deviation, and rows are no columns.

A name that means another quantity than the one whose place its number takes is a doubt, however right the number is. Of
a name that is not known here nothing is said.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache


def _without_marks(text: str) -> str:
    """Without dots on vowels, as names of a question are compared."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


# Families of quantities that are told apart: of one family, a number has one. Words that mean the same stand together.
_FAMILIES = tuple(
    tuple(_without_marks(same).split() for same in family)
    for family in (
        (
            "mean average avg mu expected expectation e erwartungswert mittelwert mittel durchschnitt",
            "deviation std sd sigma stddev stdev stdabw standardabweichung streuung",
            "variance var varianz sigma² sigma^2",
            "median",
        ),
        (
            "smallest minimum min minimal lowest least kleinste kleinster kleinstes minimale",
            "largest maximum max maximal highest greatest biggest größte größter größtes maximale",
        ),
        ("left links linke linker", "right rechts rechte rechter"),
        ("before vorher davor zuvor vor", "after afterwards nachher danach hinterher nach"),
        (
            "rows row zeilen zeile height höhe h",
            "columns column cols col spalten spalte width breite w",
            "channels channel c kanäle kanal filters filter maps map depth tiefe",
            "inputs input eingänge eingang eingaben",
            "outputs output ausgänge ausgang ausgaben",
        ),
        ("derivative ableitung slope steigung gradient",),
    )
)
_AXIS = next(at for at, family in enumerate(_FAMILIES) if "rows" in family[0])
_MEANT: dict[str, set[tuple[int, int]]] = {}
for _family, _quantities in enumerate(_FAMILIES):
    for _which, _same in enumerate(_quantities):
        for _word in _same:
            _MEANT.setdefault(_word, set()).add((_family, _which))
# z', f'(z), dy/dz
_DERIVATIVE = re.compile(r"\A(?:\w+'|d\w*/d\w+|d/d\w+)(?:\s*\(.*\))?\Z")
_DIVIDED = re.compile(r"\s*(?:,|\bx\b|×)\s*")
_WORDS = re.compile(r"[^\W_]+(?:²|\^2)?")
# One letter means a quantity only where it is all of the name.
_SHORTEST = 2

Meaning = frozenset[tuple[int, int]]


@lru_cache(maxsize=1024)
def meaning_of(name: str) -> Meaning:
    """The quantities that a name stands for, as places in the families; empty for a name that says none of them."""
    if _DERIVATIVE.match(name):
        return frozenset(_MEANT["derivative"])
    words = _WORDS.findall((re.sub(r"[(\[].*", "", name) or name).lower())
    if len(words) > 1:
        words = [word for word in words if len(word) >= _SHORTEST]
    return frozenset(place for word in words for place in _MEANT.get(word, ()))


def names_axis(noun: str) -> bool:
    """Whether a noun behind numbers is one for an axis of a shape: channels, Spalten."""
    return bool(noun) and _AXIS in {family for family, _ in meaning_of(_without_marks(noun))}


def words_for(name: str) -> list[str]:
    """Other words, of some letters, for the one quantity that a name stands for."""
    meant = meaning_of(name)
    if len(meant) != 1:
        return []
    ((family, which),) = meant
    return [word for word in _FAMILIES[family][which] if len(word) > _SHORTEST]


@lru_cache(maxsize=256)
def _meanings(asked: str) -> tuple[Meaning, ...]:
    return tuple(map(meaning_of, _DIVIDED.split(asked)))


def means_another(names: Sequence[str], asked: str, same: Callable[[int, int], bool]) -> bool:
    """Whether a name means another quantity than the one that is `asked` for at its place, as in "mean, variance".

    `same` says whether the numbers at two places are one number: names that change places say nothing then.
    """
    wanted = _meanings(asked)
    if len(wanted) != len(names):
        return False
    return any(
        _apart(meaning, wanted[place])
        and not any(
            meaning & other and same(place, index)
            for index, other in enumerate(wanted)
            if index != place
        )
        for place, name in enumerate(names)
        if name and (meaning := meaning_of(name))
    )


def _apart(found: Meaning, wanted: Meaning) -> bool:
    """Whether two names stand for different quantities of one family, and for none that both name."""
    families = {family for family, _ in found} & {family for family, _ in wanted}
    return any(
        not {one for one in found if one[0] == family} & {one for one in wanted if one[0] == family}
        for family in families
    )
