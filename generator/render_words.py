"""The words that an exam prints around its questions, in English and German."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Words:
    """What is printed beside the questions in one language; formulas between dollar signs."""

    language: str
    decimal: str
    point: str
    point_many: str
    minutes: str
    form: str
    name: str
    seat: str
    student_number: str
    signature: str
    instructions: str
    one_point_one_minute: str
    no_aids: str
    pen: str
    space: str
    multiple_choice: str
    boxes_points: str
    boxes_differ: str
    scored: Mapping[str, str]
    none_box: str
    pages_before: str
    pages_after: str
    how_to_mark: str
    cross: str
    filled: str
    restored: str
    cross_alt: str
    filled_alt: str
    restored_alt: str
    problems: str
    problem: str
    full_points: str
    your_score: str
    total: str
    scrap: str
    scrap_note: str
    box: str
    box_right: str
    none_of_these: str
    multiple_choice_intro: str
    multiple_choice_each: str
    answer: str
    solutions: str
    right: str
    wrong: str
    mistakes: str

    def number(self, value: float) -> str:
        """Write a number of points or minutes: no needless zeros, the language's decimal sign."""
        return f"{value:g}".replace(".", self.decimal)

    def points(self, value: float) -> str:
        """Write so many points."""
        return f"{self.number(value)} {self.point if value == 1 else self.point_many}"

    def frame(self, minutes: float, points: float) -> str:
        """Write how long the exam takes and what it is worth."""
        return f"{self.number(minutes)} {self.minutes}, {self.points(points)}"


ENGLISH = Words(
    language="en",
    decimal=".",
    point="point",
    point_many="points",
    minutes="minutes",
    form="Form",
    name="Name",
    seat="Seat",
    student_number="Student number",
    signature="Signature",
    instructions="Instructions",
    one_point_one_minute="One point stands for about one minute of work.",
    no_aids="No aids: no calculator, no laptop, no script, no notes.",
    pen="Write with a pen in black or blue, not with a pencil and not in red.",
    space=(
        "Write your answers into the space given and show how you got there. If it does not suffice, go on"
        " under *Additional space* at the end and say so at the problem."
    ),
    multiple_choice="Multiple choice: zero, one or several of the options can be right.",
    boxes_points=(
        "A question earns its {points} if all of its boxes are right (right options checked, all others not)"
        " and 0 points otherwise."
    ),
    boxes_differ="Questions that are scored in another way say so.",
    scored=MappingProxyType(
        {
            "per_box": "Each box that is as it should be earns its share of the points.",
            "partial": (
                "Each right option that is checked earns a share of the points, each wrong one takes as much"
                " away, down to 0 points."
            ),
            "negative": (
                "Each right option that is checked earns a share of the points. Wrong ones that are checked"
                " cost points, all of them together as many as the question is worth."
            ),
        }
    ),
    none_box=(
        "If no option is right, check the box *None of these*. A question without any checked box earns"
        " 0 points."
    ),
    pages_before="Check that your copy is complete: it has",
    pages_after="pages.",
    how_to_mark="How to mark a box",
    cross="A cross: the box is checked.",
    filled="Completely filled: the cross is taken back, the box is not checked.",
    restored="Filled, with a circle around it: checked again.",
    cross_alt="a box with a cross",
    filled_alt="a box that is completely filled",
    restored_alt="a filled box with a circle around it",
    problems="Problems",
    problem="Problem",
    full_points="Full points",
    your_score="Your score",
    total="Total",
    scrap="Additional space",
    scrap_note="Write the number of the problem beside each answer.",
    box="box",
    box_right="box, checked",
    none_of_these="None of these",
    multiple_choice_intro="Zero, one or several options can be right.",
    multiple_choice_each="Each question: {points} if all boxes are right, 0 otherwise.",
    answer="Answer",
    solutions="Solutions",
    right="right",
    wrong="wrong",
    mistakes="Common mistakes",
)

GERMAN = Words(
    language="de",
    decimal=",",
    point="Punkt",
    point_many="Punkte",
    minutes="Minuten",
    form="Bogen",
    name="Name",
    seat="Platz",
    student_number="Matrikelnummer",
    signature="Unterschrift",
    instructions="Hinweise",
    one_point_one_minute="Ein Punkt steht für etwa eine Minute Arbeit.",
    no_aids="Keine Hilfsmittel: kein Taschenrechner, kein Laptop, kein Skript, keine Notizen.",
    pen="Schreiben Sie mit schwarzem oder blauem Stift, nicht mit Bleistift und nicht in Rot.",
    space=(
        "Schreiben Sie Antwort und Rechenweg in den vorgesehenen Platz. Reicht er nicht, schreiben Sie am Ende"
        " unter *Zusätzlicher Platz* weiter und vermerken Sie das bei der Aufgabe."
    ),
    multiple_choice="Mehrfachauswahl: Keine, eine oder mehrere Antworten können richtig sein.",
    boxes_points=(
        "Eine Frage gibt {points}, wenn alle ihre Kästchen stimmen (richtige angekreuzt, alle anderen nicht),"
        " sonst 0 Punkte."
    ),
    boxes_differ="Wo anders gezählt wird, steht es bei der Frage.",
    scored=MappingProxyType(
        {
            "per_box": "Jedes Kästchen, das stimmt, gibt seinen Anteil an den Punkten.",
            "partial": (
                "Jede angekreuzte richtige Antwort gibt einen Anteil an den Punkten, jede angekreuzte falsche"
                " nimmt ebenso viel weg, bis auf 0 Punkte."
            ),
            "negative": (
                "Jede angekreuzte richtige Antwort gibt einen Anteil an den Punkten. Angekreuzte falsche kosten"
                " Punkte, alle zusammen so viele, wie die Frage gibt."
            ),
        }
    ),
    none_box=(
        "Ist keine Antwort richtig, kreuzen Sie *Keine davon* an. Eine Frage ohne angekreuztes Kästchen gibt"
        " 0 Punkte."
    ),
    pages_before="Prüfen Sie, ob Ihr Exemplar vollständig ist: Es hat",
    pages_after="Seiten.",
    how_to_mark="So wird ein Kästchen markiert",
    cross="Ein Kreuz: Das Kästchen ist angekreuzt.",
    filled="Ganz ausgefüllt: Das Kreuz ist zurückgenommen, das Kästchen gilt als leer.",
    restored="Ausgefüllt mit einem Kreis darum: wieder angekreuzt.",
    cross_alt="ein Kästchen mit einem Kreuz",
    filled_alt="ein ganz ausgefülltes Kästchen",
    restored_alt="ein ausgefülltes Kästchen mit einem Kreis darum",
    problems="Aufgaben",
    problem="Aufgabe",
    full_points="Punkte",
    your_score="Erreicht",
    total="Summe",
    scrap="Zusätzlicher Platz",
    scrap_note="Schreiben Sie die Nummer der Aufgabe neben jede Antwort.",
    box="Kästchen",
    box_right="Kästchen, angekreuzt",
    none_of_these="Keine davon",
    multiple_choice_intro="Keine, eine oder mehrere Antworten können richtig sein.",
    multiple_choice_each="Jede Frage: {points}, wenn alle Kästchen stimmen, sonst 0.",
    answer="Ergebnis",
    solutions="Lösungen",
    right="richtig",
    wrong="falsch",
    mistakes="Häufige Fehler",
)

WORDS: Mapping[str, Words] = MappingProxyType({"en": ENGLISH, "de": GERMAN})
