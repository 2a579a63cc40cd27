"""Reads GIFT as Moodle's importer does: escapes first, then structure. Marks as Moodle's question types do."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import defaultdict

from tests.generator.export.reading import Answer, Place, Places, form_and_label
from tests.generator.export.reading_moodle import legal, number_share, rounded

AWAY = 0xE000
ESCAPED = {sign: chr(AWAY + place) for place, sign in enumerate("~=#{}:\\n")}
BACK = {away: ("\n" if sign == "n" else sign) for sign, away in ESCAPED.items()}


def read_gift(content: bytes) -> Places:
    found = defaultdict(list)
    for block in re.split(r"\n\s*\n", content.decode()):
        if block.startswith("$CATEGORY:") or not block.strip():
            continue
        name, text, inside = pieces(block)
        key, _, entry = name.partition(" ")[0].partition(".")
        well_formed(text)
        found[form_and_label(key)].append((int(entry or 0), inside))
    return {key: place(entries) for key, entries in found.items()}


def pieces(block: str):
    away = re.sub(r"\\(.)", lambda sign: ESCAPED[sign[1]], block.strip())
    match = re.fullmatch(r"::(.*?)::\[html\](.*?)\{(.*)\}", away, re.DOTALL)
    assert match, block[:200]
    assert "{" not in match[3]
    return tuple(back(piece) if place < 2 else piece for place, piece in enumerate(match.groups()))


def back(text: str) -> str:
    return "".join(BACK.get(sign, sign) for sign in text)


def well_formed(text: str) -> None:
    ET.fromstring(f"<div>{text}</div>")


def place(entries) -> Place:
    if len(entries) > 1:
        entries.sort()
        assert [number for number, _ in entries] == list(range(1, len(entries) + 1))
        single = [question(inside) for _, inside in entries]
        assert {one.kind for one in single} == {"number"}

        def earned(answer: Answer) -> float:
            got = [one.earned([typed]) for one, typed in zip(single, answer, strict=True)]
            return rounded(sum(got) / len(single))

        return Place("gaps", len(single), len(single), earned)
    return question(entries[0][1])


def question(inside: str) -> Place:
    answers, _, general = inside.partition("####")
    well_formed(back(general))
    answers = answers.strip()
    if not answers:
        return Place("person", 1, 1, lambda _: None)
    if answers.startswith("#"):
        return numerical(answers[1:])
    entries = [
        (sign, *weighed(body)) for sign, body in re.findall(r"([=~])([^=~]*)", answers, re.DOTALL)
    ]
    if all("->" in body for _, _, body in entries):
        return matching(entries)
    if all(sign == "=" for sign, _, _ in entries):
        return words(entries)
    return boxes(entries)


def weighed(body: str):
    body, _, feedback = body.strip().partition("#")
    well_formed(back(feedback))
    found = re.match(r"%(-?[0-9.]+)%", body)
    return (legal(found[1]), back(body[found.end() :])) if found else (None, back(body))


def numerical(text: str) -> Place:
    answers = []
    for body in re.findall(r"=([^=]*)", text):
        share, number = weighed(body)
        value, _, tolerance = number.partition(":")
        answers.append((float(value), float(tolerance or 0), share))
    return Place("number", 1, 1, lambda answer: rounded(number_share(answer[0], answers)))


def boxes(entries) -> Place:
    shares = [share for _, share, _ in entries]
    by_letter = dict(zip([*"abcdefgh"[: len(shares) - 1], "none"], shares, strict=True))

    def earned(answer: Answer) -> float:
        return rounded(min(1.0, max(0.0, sum(by_letter[letter] for letter in answer))))

    return Place("boxes", len(shares), 1, earned)


def words(entries) -> Place:
    answers = [(text.lower(), share) for _, share, text in entries]

    def earned(answer: Answer) -> float:
        return next((s for text, s in answers if text == answer.strip().lower()), 0.0)

    return Place("line", 1, 1, earned)


def matching(entries) -> Place:
    pairs = [tuple(side.strip() for side in body.split("->")) for _, _, body in entries]
    asked = [(left, right) for left, right in pairs if left]
    assert len(asked) >= 2
    assert len(pairs) >= 3 or len({right for _, right in pairs}) >= 2

    def earned(answer: Answer) -> float:
        right = [typed == wanted for typed, (_, wanted) in zip(answer, asked, strict=True)]
        return rounded(sum(right) / len(right))

    return Place("menus", len(asked), 1, earned)
