"""The words of the certificate, in English and German."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class CertificateWords:
    """What is printed around the numbers; names in braces are filled in."""

    title: str
    decimal: str
    comparable: str
    not_comparable: str
    same: str
    disjoint: str
    pinned: str
    facts: str
    measure: str
    form: str
    least: str
    mean: str
    most: str
    apart: str
    allowed: str
    within: str
    beyond: str
    measures: Mapping[str, str]
    questions: str
    figures: str
    by_section: str
    by_lecture: str
    lecture: str
    by_topic: str
    topic: str
    objectives: str
    most_apart: str
    sentence: str
    of_lecture: str
    of_mean: str
    uneven: str
    uneven_intro: str
    question: str
    hand_work_note: str
    kept: str


ENGLISH = CertificateWords(
    title="Comparability of the forms",
    decimal=".",
    comparable="The forms are comparable: every measure is within its tolerance.",
    not_comparable="The forms are not comparable within the stated tolerances: {measures}.",
    same="The forms hold the same questions with numbers, options and an order of their own.",
    disjoint="No two forms hold a question in common.",
    pinned="No two forms hold a question in common but those that are on every form: {pins}.",
    facts="assignment {assignment}, seed {seed}, bank {bank}",
    measure="Measure",
    form="Form",
    least="least",
    mean="mean",
    most="most",
    apart="apart",
    allowed="allowed",
    within="within",
    beyond="beyond",
    measures=MappingProxyType(
        {
            "points": "Points",
            "minutes": "Working time in minutes",
            "hand_work": "Hand-work in digits",
            "difficulty": "Mean difficulty, 1 to 5, by points",
            "lecture_points": "Points of a lecture",
        }
    ),
    questions="Questions",
    figures="Questions with a figure",
    by_section="Points by section",
    by_lecture="Points by lecture",
    lecture="Lecture",
    by_topic="Points by topic",
    topic="Topic",
    objectives="{count} objectives are asked for; {shared} of them on every form. certificate.json lists them.",
    most_apart="Largest differences",
    sentence="{measure}: {least} on {least_form}, {most} on {most_form}; {apart} apart, {tolerance} allowed.",
    of_lecture="lecture {lecture}",
    of_mean="of the mean",
    uneven="Questions whose numbers differ most in hand-work",
    uneven_intro="Digits moved on the way to the answers, on the form with the least and the form with the most.",
    question="Question",
    hand_work_note=(
        "Hand-work counts the digits that the arithmetic on the way to the answers moves. Draws are taken"
        " from a band around each question's usual hand-work. Difficulty and minutes are the authors'."
    ),
    kept="For the instructor: it names what is asked. Keep it with the keys.",
)

GERMAN = CertificateWords(
    title="Vergleichbarkeit der Varianten",
    decimal=",",
    comparable="Die Varianten sind vergleichbar: Jedes Maß liegt innerhalb seiner Toleranz.",
    not_comparable="Die Varianten sind in den genannten Toleranzen nicht vergleichbar: {measures}.",
    same="Die Varianten enthalten dieselben Aufgaben mit eigenen Zahlen, Antworten und eigener Reihenfolge.",
    disjoint="Keine zwei Varianten haben eine Aufgabe gemeinsam.",
    pinned="Keine zwei Varianten haben eine Aufgabe gemeinsam, außer denen, die auf jeder stehen: {pins}.",
    facts="Prüfung {assignment}, Startwert {seed}, Aufgabensammlung {bank}",
    measure="Maß",
    form="Variante",
    least="kleinste",
    mean="Mittel",
    most="größte",
    apart="Abstand",
    allowed="erlaubt",
    within="innerhalb",
    beyond="außerhalb",
    measures=MappingProxyType(
        {
            "points": "Punkte",
            "minutes": "Bearbeitungszeit in Minuten",
            "hand_work": "Rechenaufwand in Ziffern",
            "difficulty": "Mittlere Schwierigkeit, 1 bis 5, nach Punkten",
            "lecture_points": "Punkte einer Vorlesung",
        }
    ),
    questions="Aufgaben",
    figures="Aufgaben mit Abbildung",
    by_section="Punkte je Teil",
    by_lecture="Punkte je Vorlesung",
    lecture="Vorlesung",
    by_topic="Punkte je Thema",
    topic="Thema",
    objectives="{count} Lernziele werden geprüft, {shared} davon auf jeder Variante. certificate.json nennt sie.",
    most_apart="Größte Unterschiede",
    sentence="{measure}: {least} auf {least_form}, {most} auf {most_form}; Abstand {apart}, erlaubt {tolerance}.",
    of_lecture="Vorlesung {lecture}",
    of_mean="des Mittels",
    uneven="Aufgaben, deren Zahlen sich im Rechenaufwand am meisten unterscheiden",
    uneven_intro="Bewegte Ziffern auf dem Weg zu den Antworten, auf der Variante mit den wenigsten und der mit den meisten.",
    question="Aufgabe",
    hand_work_note=(
        "Der Rechenaufwand zählt die Ziffern, die auf dem Weg zu den Antworten bewegt werden. Zahlen werden aus"
        " einem Band um den üblichen Aufwand jeder Aufgabe gezogen. Schwierigkeit und Minuten nennen die Autoren."
    ),
    kept="Für die Lehrenden: Das Blatt nennt, was gefragt wird. Es gehört zu den Schlüsseln.",
)

WORDS = MappingProxyType({"en": ENGLISH, "de": GERMAN})
