"""The sentences that an export adds for students, in English and German."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class ExportWords:
    """What stands beside a question in another system; `{}` takes what it is about.

    Nothing here depends on the key: whether a number is whole, or several boxes are right, is for the student
    to find out.
    """

    shares: str
    decimals: str
    rounded: str
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
    shares=(
        "Each right box that is checked earns a share of the points, each wrong one takes points away,"
        " down to 0 points."
    ),
    decimals="Only decimals with a point can be typed here, also where the question speaks of a fraction: 0.667 for 2/3.",
    rounded=(
        "Type whole numbers as they are, and others with at least three significant digits"
        " unless the question says otherwise."
    ),
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
    shares=(
        "Jedes richtige Kästchen, das angekreuzt ist, gibt einen Anteil an den Punkten, jedes falsche nimmt"
        " Punkte weg, bis auf 0 Punkte."
    ),
    decimals=(
        "Hier lassen sich nur Dezimalzahlen mit Punkt eingeben, auch wo die Frage von einem Bruch spricht:"
        " 0.667 für 2/3."
    ),
    rounded=(
        "Geben Sie ganze Zahlen ein, wie sie sind, und andere mit mindestens drei signifikanten Stellen,"
        " wenn die Frage nichts anderes sagt."
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
