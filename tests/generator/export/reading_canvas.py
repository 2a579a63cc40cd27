"""Reads a package as Canvas's importer does, and marks as its classic quizzes do.

Boxes: each right one that is checked earns a share, each wrong one takes as much away, down to 0. Numbers: exact
decimals between two ends. Blanks: texts without blanks around them and without case; each right one a share.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from decimal import Decimal, InvalidOperation

from tests.generator.export.reading import Answer, Place, Places, form_and_label
from tests.generator.export.reading_qti import files_of

NS = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"
LONGEST_COMMENT, LONGEST_TEXT = 5 * 1024, 16 * 1024


def read_canvas(content: bytes) -> Places:
    files = files_of(content)
    places: Places = {}
    for name, data in files.items():
        folder, _, file = name.partition("/")
        if file != f"{folder}.xml":
            continue
        assert f"{folder}/assessment_meta.xml" in files
        root = ET.fromstring(data)
        for element in root.iter():
            element.tag = element.tag.removeprefix(NS)
        for item in root.iter("item"):
            key = form_and_label(item.get("title"))
            assert key not in places
            places[key] = place_of(item)
    return places


def metadata(item) -> dict[str, str]:
    fields = item.find("itemmetadata/qtimetadata")
    return {f.findtext("fieldlabel"): f.findtext("fieldentry") or "" for f in fields}


def place_of(item) -> Place:
    told = metadata(item)
    most = float(told["points_possible"])
    assert len(item.findtext("presentation/material/mattext").encode()) <= LONGEST_TEXT
    for comment in item.iter("itemfeedback"):
        assert len(comment.findtext(".//mattext").encode()) <= LONGEST_COMMENT
    return READERS[told["question_type"]](item, most)


def answers_of(item):
    for condition in item.iter("respcondition"):
        if condition.find("setvar") is not None:
            yield condition.find("conditionvar")


def multiple_answers(item, most) -> Place:
    ids = [label.get("ident") for label in item.iter("response_label")]
    (condition,) = answers_of(item)
    together = condition.find("and")
    right = {e.text for e in together.findall("varequal")}
    wrong = {e.text for e in together.findall("not/varequal")}
    assert right | wrong == set(ids)
    assert not right & wrong
    letters = [*"abcdefgh"[: len(ids) - 1], "none"]
    by_letter = dict(zip(letters, ids, strict=True))

    def earned(answer: Answer) -> float:
        chosen = {by_letter[letter] for letter in answer}
        return max(0.0, (len(chosen & right) - len(chosen & wrong)) / max(len(right), 1))

    return Place("boxes", len(ids), most, earned)


def numerical(item, most) -> Place:
    ranges = []
    for condition in answers_of(item):
        exact = condition.find("or/varequal")
        inner = condition if exact is None else condition.find("or/and")
        low, high = Decimal(inner.findtext("vargte")), Decimal(inner.findtext("varlte"))
        assert exact is None or low == Decimal(exact.text) == high
        ranges.append((low, high))

    def earned(answer: Answer) -> float:
        try:
            typed = Decimal(answer[0])
        except InvalidOperation:
            return 0.0
        return float(any(low <= typed <= high for low, high in ranges))

    return Place("number", 1, most, earned)


def short_answer(item, most) -> Place:
    (condition,) = answers_of(item)
    right = {each.text.strip().lower() for each in condition.findall("varequal")}
    return Place("line", 1, most, lambda answer: float(answer.strip().lower() in right))


def gaps(kind):
    def read(item, most) -> Place:
        text = item.findtext("presentation/material/mattext")
        right: dict[str, set[str]] = {}
        labels = {}
        for box in item.iter("response_lid"):
            assert f"[{box.findtext('material/mattext')}]" in text
            right[box.get("ident")] = set()
            for label in box.iter("response_label"):
                labels[box.get("ident"), label.get("ident")] = label.findtext("material/mattext")
        for condition in answers_of(item):
            equal = condition.find("varequal")
            response = equal.get("respident")
            right[response].add(labels[response, equal.text].strip().lower())

        def earned(answer: Answer) -> float:
            hits = [
                typed.strip().lower() in wanted
                for typed, wanted in zip(answer, right.values(), strict=True)
            ]
            return sum(hits) / len(hits)

        return Place(kind, len(right), most, earned)

    return read


READERS = {
    "multiple_answers_question": multiple_answers,
    "numerical_question": numerical,
    "short_answer_question": short_answer,
    "fill_in_multiple_blanks_question": gaps("gaps"),
    "multiple_dropdowns_question": gaps("menus"),
    "essay_question": lambda _item, most: Place("person", 1, most, lambda _: None),
}
