"""Reads Moodle XML as Moodle's importer does, and marks as its question types do."""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET

from tests.generator.export.reading import Answer, Place, Places, form_and_label

# question/engine/bank.php: the shares that it knows. Others within 1e-5 count as these.
GRADES = (
    1, 0.9, 0.8333333, 0.8, 0.75, 0.7, 0.6666667, 0.6, 0.5, 0.4, 0.3333333, 0.3, 0.25, 0.2, 0.1666667,
    0.1428571, 0.125, 0.1111111, 0.1, 0.05, 0,
)  # fmt: skip
EPSILON = 1e-14
GAP = re.compile(r"\{([0-9]*):(NUMERICAL|MULTICHOICE):((?:\\\}|[^}])*)\}", re.DOTALL)
NUMBER = re.compile(r"\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\s*")


class NotLegal(Exception):
    """A share of points that Moodle refuses."""


def read_moodle(content: bytes) -> Places:
    root = ET.fromstring(content)
    assert root.tag == "quiz"
    places: Places = {}
    for question in root:
        assert question.tag == "question"
        if question.get("type") == "category":
            continue
        name = question.findtext("name/text")
        key = form_and_label(name)
        assert key not in places, f"two questions are called {key}"
        places[key] = READERS[question.get("type")](question)
    return places


def legal(percent: str) -> float:
    """The share that a percentage stands for."""
    share = float(percent) / 100
    for grade in GRADES:
        if abs(abs(share) - grade) < 1e-5:
            return grade if share >= 0 else -grade
    raise NotLegal(percent)


def rounded(share: float) -> float:
    # Marks are kept with five decimals.
    return round(share, 5)


def points(question) -> float:
    return float(question.findtext("defaultgrade"))


def multichoice(question) -> Place:
    assert question.findtext("single") == "false"
    assert question.findtext("shuffleanswers") == "false"
    shares = [legal(answer.get("fraction")) for answer in question.iter("answer")]
    assert 0.99 < sum(share for share in shares if share > 0) < 1.01
    letters = [*"abcdefgh"[: len(shares) - 1], "none"]
    by_letter = dict(zip(letters, shares, strict=True))

    def earned(answer: Answer) -> float:
        return rounded(min(1.0, max(0.0, sum(by_letter[letter] for letter in answer))))

    return Place("boxes", len(shares), points(question), earned)


def number_share(text: str, answers) -> float:
    if not NUMBER.fullmatch(text):
        return 0.0
    for value, tolerance, share in answers:
        margin = tolerance + EPSILON * max(abs(tolerance), abs(value), EPSILON)
        if value - margin <= float(text) <= value + margin:
            return share
    return 0.0


def numerical(question) -> Place:
    answers = [
        (float(a.findtext("text")), float(a.findtext("tolerance")), legal(a.get("fraction")))
        for a in question.iter("answer")
    ]
    return Place(
        "number", 1, points(question), lambda answer: rounded(number_share(answer[0], answers))
    )


def shortanswer(question) -> Place:
    assert question.findtext("usecase") == "0"
    answers = [
        (a.findtext("text").lower(), legal(a.get("fraction"))) for a in question.iter("answer")
    ]
    assert not any("*" in text for text, _ in answers), "a star stands for anything"

    def earned(answer: Answer) -> float:
        typed = answer.strip().lower()
        return next((share for text, share in answers if text == typed), 0.0)

    return Place("line", 1, points(question), earned)


def essay(question) -> Place:
    return Place("person", 1, points(question), lambda _: None)


def cloze(question) -> Place:
    text = question.findtext("questiontext/text")
    gaps = []
    for weight, kind, alternatives in GAP.findall(text):
        read = numerical_gap if kind == "NUMERICAL" else menu_gap
        gaps.append((int(weight), read(alternatives)))
    assert gaps
    most = sum(weight for weight, _ in gaps)

    def earned(answer: Answer) -> float:
        got = sum(
            weight * share(typed) for (weight, share), typed in zip(gaps, answer, strict=True)
        )
        return rounded(got / most)

    kind = "gaps" if "NUMERICAL" in text else "menus"
    return Place(kind, len(gaps), most, earned)


def alternatives_of(text: str):
    """Share, answer and feedback of each alternative of a gap."""
    for alternative in re.split(r"(?<!\\)~", text):
        found = re.fullmatch(r"(=|%(-?[0-9.]+)%)?(.+?)(?:(?<!\\|&)#(.*))?", alternative, re.DOTALL)
        share = 1.0 if found[1] == "=" else legal(found[2] or "0")
        feedback = html.unescape(found[4] or "")
        if feedback:
            ET.fromstring(f"<div>{feedback}</div>")
        yield share, found[3], feedback


def numerical_gap(text: str):
    answers = []
    for share, answer, _ in alternatives_of(text):
        value, _, tolerance = answer.partition(":")
        answers.append((float(value), float(tolerance or 0), share))
    return lambda typed: number_share(typed, answers)


def menu_gap(text: str):
    answers = {answer: share for share, answer, _ in alternatives_of(text)}
    return lambda typed: answers.get(typed, 0.0)


READERS = {
    "multichoice": multichoice,
    "numerical": numerical,
    "shortanswer": shortanswer,
    "essay": essay,
    "cloze": cloze,
}
