"""What was granted to a student, and the languages of a form, in each format."""

from __future__ import annotations

import re

import pytest

from generator.export.exporting import FORMATS, exports
from generator.paper import Paper
from tests.generator.export import forms
from tests.generator.export.reading_qti import files_of

GRANTED = {"extra_minutes": 30, "large_print": True, "extra_space": 1.5}
# How a format writes 120 minutes; what it has no place for is a line of its report.
TIMES = {
    "canvas": ["<time_limit>120</time_limit>", "<fieldentry>120</fieldentry>"],
    "qti21": ['maxTime="7200"'],
    "qti3": ['max-time="7200"'],
    "html": ["120 Minuten (90 und 30 mehr)", '<html lang="de" class="large">'],
}


def made(name, papers):
    form = forms.sample("de")
    (one,) = exports([form], name, {form.label: papers} if papers else {})
    files = files_of(one.content) if one.content[:2] == b"PK" else {"": one.content}
    text = "\n".join(data.decode() for file, data in files.items() if not file.endswith(".png"))
    return one, text


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_what_was_granted_is_kept_or_told(name):
    plain, _ = made(name, None)
    one, text = made(name, Paper("A", **GRANTED))
    for shown in TIMES.get(name, ()):
        assert shown in text
    told = {loss.kind for loss in one.losses} - {loss.kind for loss in plain.losses}
    kept = set(GRANTED) - told
    assert kept == set(FORMATS[name].keeps)
    assert bool(TIMES.get(name)) == ("extra_minutes" in kept)


def test_extra_space_is_more_lines_on_a_page():
    lines = [
        made("html", Paper("A", extra_space=space))[1].count('<span class="line">')
        for space in (1.0, 2.0)
    ]
    assert lines[1] == 2 * lines[0] > 0


def test_no_list_of_a_text_is_drawn_as_lines_to_write_on():
    _, page = made("html", None)
    selectors = re.findall(r"(?m)^\s*([^{}@]*\.line\b[^{}]*)\{", page)
    assert selectors
    assert all(selector.startswith(".space ") for selector in selectors)


@pytest.mark.parametrize("name", ["qti21", "qti3"])
def test_items_say_in_which_language_they_ask(name):
    _, text = made(name, None)
    items = re.findall(r'<(?:qti-assessment-item|assessmentItem)\b[^>]*xml:lang="(\w+)"', text)
    assert set(items) == {"en"}
    boxes = re.findall(r'identifier="none"[^>]*xml:lang="(\w+)"', text)
    assert boxes
    assert set(boxes) == {"de"}


def test_a_page_says_in_which_language_it_asks():
    _, page = made("html", None)
    stems = re.findall(r'<div class="stem"([^>]*)>', page)
    assert stems
    assert set(stems) == {' lang="en"'}
    assert set(re.findall(r'<div class="what none"([^>]*)>', page)) == {""}
