"""The importer of `question-bank import` was written for other people's files; it reads ours as well."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from authoring.importing.gift import read_gift
from authoring.importing.moodle_xml import read_moodle_xml
from authoring.importing.question_file import Course, Imported, question_files
from question_bank.answers.numeric import number_in
from question_bank.loader import parse_question
from question_bank.variant import instantiate

READERS = {"moodle": read_moodle_xml, "gift": read_gift}
COURSE = Course(lecture=3, source="a file", use="exam")


@pytest.mark.parametrize("which", ["sample", "bank"])
def test_moodle_xml_is_read_question_by_question(which, exported):
    text = exported(which, "moodle").content.decode()
    items = list(read_moodle_xml(text, "exam.xml"))
    assert len(items) == text.count("<question type=") - text.count('<question type="category">')
    # Cloze alone has no counterpart there.
    assert all("cloze" in item.lost[0] for item in items if item.kind == "other")
    for item in items:
        if item.kind in ("choice", "numeric", "words"):
            assert max(answer.weight for answer in item.answers) > 0


@pytest.mark.parametrize("which", ["sample", "bank"])
def test_gift_is_read_question_by_question(which, exported):
    text = exported(which, "gift").content.decode()
    items = list(read_gift(text, "exam.gift"))
    kinds = Counter(item.kind for item in items)
    assert kinds["other"] == 0
    assert kinds["choice"] > 0
    assert kinds["numeric"] > 0
    assert kinds["essay"] > 0


@pytest.mark.parametrize("format_name", READERS)
def test_a_whole_exam_comes_back_with_its_keys(format_name, exported, bank_form):
    """What was exported is imported as questions that can be drawn, with the same right options and numbers."""
    text = exported("bank", format_name).content.decode()
    found = list(question_files(list(READERS[format_name](text, "exam")), COURSE, frozenset()))
    left_out = [one.why for one in found if not isinstance(one, Imported)]
    assert all('questions of type "cloze"' in why for why in left_out)
    keys = {
        f"{question.number}{part.label}": part.key
        for question in bank_form.key().questions
        for part in question.parts
    }
    compared: Counter[str] = Counter()
    for made in found:
        if not isinstance(made, Imported):
            continue
        question = parse_question(made.text, "f.yaml", made.id)
        number, place = re.findall(r"^A-0*([1-9][0-9]*[a-z]?)(\.[0-9]+)? ", question.title)[0]
        key, back = keys[number], instantiate(question, 1).parts[0].answer
        compared[f"{back.type}{' of a list' if place else ''}"] += 1
        if place:
            continue  # one number of an answer that has several
        if back.type == "multiple_choice":
            right = [option.correct for option in key.options]
            assert [o.correct for o in question.options] == [*right, not any(right)]
        elif back.type == "numeric":
            tolerance = max(back.tolerance, key.tolerance)
            assert float(number_in(back.value)) == pytest.approx(
                float(number_in(key.value)), abs=tolerance, rel=1e-5
            )
    assert compared["multiple_choice"] > 50
    assert compared["numeric"] > 50
    assert compared["text"] > 20
