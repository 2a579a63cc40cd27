"""What a format cannot keep, question by question.

The kinds are few and named, so that a reader of the export can be checked against them: where another
system gives other marks for the same answer, a line of one of the kinds with effect "marks" stands here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Effect = Literal["marks", "person", "typing", "feedback", "layout", "changed"]

EFFECTS: MappingProxyType[Effect, str] = MappingProxyType(
    {
        "marks": "other marks for some answers",
        "person": "marked by a person, not by the system",
        "typing": "fewer ways to write an answer",
        "feedback": "less feedback",
        "layout": "shown in another way",
        "changed": "kept, in another form",
    }
)

KINDS: MappingProxyType[str, tuple[Effect, str]] = MappingProxyType(
    {
        "all_or_nothing": (
            "marks",
            "some of the right options alone earn a share; the exam gives points for all boxes right, or none",
        ),
        "list_all_or_nothing": (
            "marks",
            "each right entry earns a share; the exam gives points for all entries right, or none",
        ),
        "per_box": ("marks", "boxes that stay empty as they should earn nothing"),
        "below_zero": ("marks", "wrong choices take points away down to 0, and not below"),
        "other_scheme": (
            "marks",
            "each wrong choice takes away as much as a right one earns",
        ),
        "none_with_others": (
            "marks",
            "the box for none of them, checked together with others, counts as one more wrong box",
        ),
        "one_number": (
            "marks",
            "the same number or letter for all entries earns what it hits; in the exam it earns nothing",
        ),
        "neighbours": (
            "marks",
            "each item in its own place earns a share; the exam counts neighbours that follow one another",
        ),
        "carried_forward": (
            "marks",
            "an answer that follows from an earlier wrong answer earns nothing: no error is carried forward",
        ),
        "more_digits": (
            "marks",
            "more digits than asked for are compared with the same tolerance; the exam is stricter with them",
        ),
        "mistake_credit": ("marks", "a named mistake earns another share of the points"),
        "points": (
            "marks",
            "the system takes other points; set them where the quiz is put together",
        ),
        "by_person": (
            "person",
            "the system cannot mark this kind of answer; it becomes text for a person",
        ),
        "rubric": ("feedback", "the rubric has no place; hand it to those who mark"),
        "exact": (
            "person",
            "the exact value is asked for, and decimals are all that can be typed",
        ),
        "decimals_only": ("typing", "numbers are typed in decimals; 2/3 or ln(2) are not read"),
        "unrounded": (
            "typing",
            "the value may not be rounded: of its decimals, nine digits or more are read as right",
        ),
        "unit": (
            "typing",
            "the number is typed in the unit that the question names; others are not converted",
        ),
        "spelling": ("typing", "only the listed spellings of the answer are read"),
        "mistakes": ("feedback", "the sentences on named mistakes are left out"),
        "mistakes_by_entry": (
            "feedback",
            "the sentence on a named mistake shows at each entry by itself",
        ),
        "why": ("feedback", "the sentences on single options are left out"),
        "too_long": (
            "feedback",
            "the worked solution is longer than the system takes, and is left out",
        ),
        "parts": (
            "layout",
            "each part becomes a question of its own, and repeats the text above it",
        ),
        "entries": ("layout", "each entry becomes a question of its own"),
        "extra_minutes": (
            "layout",
            "the student's extra minutes have no place; grant them where the quiz is set up",
        ),
        "large_print": (
            "layout",
            "the student's large print has no place; the system's own settings enlarge a page",
        ),
        "extra_space": ("layout", "the student's extra space has no place"),
        "figure": ("layout", "the figure stands in the text as data, not as a file"),
        "none_right": (
            "changed",
            "no option is right: the box for none of them is the right one, as an empty answer is no answer",
        ),
    }
)
"""Kind: what it changes, and the sentence on it."""


@dataclass(frozen=True)
class Loss:
    """One thing that the format does not keep of one question, or of one part of it."""

    form: str
    label: str
    question: str
    kind: str
    detail: str = ""

    @property
    def effect(self) -> Effect:
        """Return what it changes."""
        return KINDS[self.kind][0]

    @property
    def message(self) -> str:
        """Return the sentence on it."""
        sentence = KINDS[self.kind][1]
        return f"{sentence} ({self.detail})" if self.detail else sentence

    def data(self) -> dict[str, str]:
        """Return it as plain data."""
        return {
            "form": self.form,
            "label": self.label,
            "question": self.question,
            "effect": self.effect,
            "kind": self.kind,
            "message": self.message,
        }


def report(format_name: str, assignment: str, forms: Sequence[str], losses: Sequence[Loss]) -> str:
    """Write the loss report as JSON: same losses, same text."""
    return dumps(
        {
            "product": "mockexam",
            "report": "losses",
            "schema_version": 1,
            "format": format_name,
            "assignment": assignment,
            "forms": list(forms),
            "kinds": counts(losses),
            "losses": [loss.data() for loss in losses],
        }
    )


def counts(losses: Sequence[Loss]) -> dict[str, int]:
    """Return how many lines there are of each kind, the most frequent first."""
    found = Counter(loss.kind for loss in losses)
    return dict(sorted(found.items(), key=lambda entry: (-entry[1], entry[0])))


def dumps(data: object) -> str:
    """Write JSON as the other files of an exam are written."""
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def in_short(format_name: str, losses: Sequence[Loss]) -> list[str]:
    """Say in a few lines what is not kept, what changes marks first."""
    if not losses:
        return [f"{format_name} keeps everything"]
    lines = [f"what {format_name} does not keep:"]
    for effect, meaning in EFFECTS.items():
        of_effect = [loss for loss in losses if loss.effect == effect]
        if of_effect:
            kinds = ", ".join(f"{kind} {count}" for kind, count in counts(of_effect).items())
            lines.append(f"  {meaning}: {kinds}")
    return lines
