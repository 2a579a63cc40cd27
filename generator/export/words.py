"""The sentences that an export adds for students, in English and German."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class ExportWords:
    """What stands beside a question in another system; `{}` takes what it is about.

    Nothing here depends on the key: whether a number is whole is for the student to find out.
    """

    number: str
    numbers: str
    unit: str
    entries: str
    entry: str
    cell: str
    like: str
    place: str
    digits: str
    part: str
    question: str


_ENGLISH = ExportWords(
    number="Write the number in decimals, with a point and at least three significant digits: 0.667, not 2/3.",
    numbers="Write each number in decimals, with a point and at least three significant digits: 0.667, not 2/3.",
    unit="The number is in {}; leave the unit out.",
    entries="In this order: {}.",
    entry="Entry {}",
    cell="Row {}, column {}",
    like="Write it like {}.",
    place="Place {}",
    digits="Give {} significant digits.",
    part="Part {}",
    question="Question {}",
)
_GERMAN = ExportWords(
    number=(
        "Schreiben Sie die Zahl dezimal, mit Punkt und mindestens drei signifikanten Stellen: 0.667, nicht 2/3."
    ),
    numbers=(
        "Schreiben Sie jede Zahl dezimal, mit Punkt und mindestens drei signifikanten Stellen: 0.667, nicht 2/3."
    ),
    unit="Die Zahl ist in {}; lassen Sie die Einheit weg.",
    entries="In dieser Reihenfolge: {}.",
    entry="Eintrag {}",
    cell="Zeile {}, Spalte {}",
    like="Schreiben Sie es wie {}.",
    place="Platz {}",
    digits="Geben Sie {} signifikante Stellen an.",
    part="Teil {}",
    question="Aufgabe {}",
)

EXPORT_WORDS: Mapping[str, ExportWords] = MappingProxyType({"en": _ENGLISH, "de": _GERMAN})
