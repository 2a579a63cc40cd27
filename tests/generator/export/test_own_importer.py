"""The importer of `question-bank import` was written for other people's files; it reads ours as well."""

from __future__ import annotations

from collections import Counter

import pytest

from authoring.importing.gift import read_gift
from authoring.importing.moodle_xml import read_moodle_xml


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
