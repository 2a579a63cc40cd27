"""Blueprint files: what is shipped, and what is said about a wrong one."""

from __future__ import annotations

import contextlib
import copy
import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.blueprint import (
    for_lectures,
    load_blueprint,
    read_blueprint,
    shipped_blueprints,
)
from generator.blueprint_bank import check_against_bank
from generator.blueprint_schema import Blueprint, json_schema
from generator.heads import heads_of
from question_bank.diagnostics import InputError
from question_bank.loader import load_bank

ERRORS = yaml.safe_load(Path(__file__).with_name("blueprint_errors.yaml").read_text())

SOUND = """\
id: small
title: Small
course: Course
# lines are counted from 1
minutes: 10
points: 8
pass_mark: 4
use: practice
lectures: [1, 2]
sections:
  - {title: One, kind: short, questions: 2}
coverage:
  each_lecture: {questions: {min: 1}}
pins: []
"""


def test_the_sound_blueprint_is_read():
    assert read_blueprint(SOUND, "small.yaml").blueprint.points == 8


@pytest.mark.parametrize("case", ERRORS, ids=lambda case: case["name"])
def test_every_error_comes_with_place_value_and_cure(case):
    text, changes = SOUND, case["change"]
    for old, new in [changes] if isinstance(changes[0], str) else changes:
        assert old in text
        text = text.replace(old, new)
    with pytest.raises(InputError) as refused:
        read_blueprint(text, "small.yaml")
    found = [diagnostic.render() for diagnostic in refused.value.diagnostics]
    assert len(found) == len(case["says"]), found
    for line, beginning in zip(sorted(found), sorted(case["says"]), strict=True):
        assert line.startswith(beginning)
    assert case.get("hint", "") in "\n".join(found)


def test_an_empty_file_is_told_where_to_begin():
    with pytest.raises(InputError) as refused:
        read_blueprint("# nothing yet\n", "small.yaml")
    assert "is empty (begin with a shipped one: mockexam blueprints mock_exam" in str(refused.value)


@given(st.text(max_size=200) | st.sampled_from(["[]", "1", "a: &a [*a]", "\x00", "- - -"]))
def test_any_text_is_a_blueprint_or_an_input_error(text):
    with pytest.raises(InputError):
        read_blueprint(text, "x.yaml")


@pytest.mark.parametrize("name", sorted(shipped_blueprints()))
def test_shipped_blueprints_are_named_after_their_id_and_draw_from_all_lectures(name):
    blueprint = load_blueprint(name).blueprint
    assert blueprint.id == name
    assert blueprint.lectures == tuple(range(1, 13))


def test_the_course_exam_is_the_one_of_the_course():
    blueprint = load_blueprint("mock_exam").blueprint
    assert (blueprint.minutes, blueprint.points, blueprint.use) == (90, 90, "practice")
    assert blueprint.lectures == tuple(range(1, 13))
    assert [(s.kind, s.questions.min, s.points.min) for s in blueprint.sections][0::2] == [
        ("multiple_choice", 9, 18),
        ("long", 4, 36),
    ]


@pytest.mark.parametrize(
    ("name", "minutes", "points", "parts"),
    [
        ("final_exam", 90, 90, [18, None, None]),
        ("retake", 90, 90, [18, None, None]),
        ("short_mock", 31, 31, [10, 12, 9]),
        ("quiz_sheet", 15, 15, [6, 9]),
    ],
)
def test_shipped_blueprints_have_the_points_that_the_course_states(name, minutes, points, parts):
    blueprint = load_blueprint(name).blueprint
    assert (blueprint.minutes, blueprint.points) == (minutes, points)
    exact = [s.points.min if s.points.min == s.points.max else None for s in blueprint.sections]
    assert exact == parts


def test_a_retake_has_the_shape_of_the_final_exam():
    final, retake = (load_blueprint(name).blueprint for name in ("final_exam", "retake"))
    names = {"id": "same", "title": "same"}
    assert final.model_copy(update=names) == retake.model_copy(update=names)


def test_a_sheet_is_for_the_lectures_that_are_named():
    sheet = for_lectures(load_blueprint("quiz_sheet"), [9]).blueprint
    assert (sheet.id, sheet.title, sheet.lectures) == (
        "quiz_sheet-09",
        "Quiz sheet: lecture 9",
        (9,),
    )
    two = for_lectures(load_blueprint("quiz_sheet"), [9, 2, 9]).blueprint
    assert (two.id, two.title, two.lectures) == (
        "quiz_sheet-02-09",
        "Quiz sheet: lectures 2, 9",
        (2, 9),
    )
    # Its record is read again as a blueprint like any other.
    assert for_lectures(read_blueprint(SOUND, "s"), []).blueprint.lectures == (1, 2)


@pytest.mark.parametrize(
    ("name", "lectures", "says"),
    [
        (
            "quiz_sheet",
            [],
            "quiz_sheet is for one lecture at a time (say which: --lecture N, where N is one of 1, 2",
        ),
        ("quiz_sheet", [13], "quiz_sheet has no lecture 13"),
        ("mock_exam", [9], "mock_exam is for its lectures together"),
    ],
)
def test_lectures_that_do_not_go_with_a_blueprint(name, lectures, says):
    with pytest.raises(InputError) as refused:
        for_lectures(load_blueprint(name), lectures)
    assert says in str(refused.value)


def test_the_schema_for_editors_allows_both_ways_to_write_an_amount():
    schema = json_schema()
    number, mapping = schema["$defs"]["Points"]["anyOf"]
    assert number["type"] == "number"
    assert set(mapping["properties"]) == {"min", "max"}
    assert {"quotas", "avoid", "pins", "forms", "comparable"} <= set(schema["properties"])


def test_a_blueprint_survives_the_way_through_json():
    blueprint = load_blueprint("mock_exam").blueprint
    assert Blueprint.model_validate(blueprint.model_dump(mode="json")) == blueprint


def test_a_blueprint_is_found_by_path(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(SOUND)
    assert load_blueprint(str(path)).blueprint.id == "small"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("mock_exma", 'did you mean "mock_exam"?'),
        ("zzz", "shipped: final_exam, mock_exam, quiz_sheet, retake, short_mock"),
    ],
)
def test_an_unknown_name_is_answered_with_the_known_ones(name, hint):
    with pytest.raises(InputError) as refused:
        load_blueprint(name)
    (diagnostic,) = refused.value.diagnostics
    assert diagnostic.code == "no-blueprint"
    assert hint in str(diagnostic.hint)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("pins: []", "pins: [short_01_11]", 'small.yaml:14:8: error[unknown-question]: there is no question "short_01_11" in the bank (did you mean "short_01_1"?)'),
        ("pins: []", "exclude: [nothing]", "small.yaml:14:11: error[unknown-question]"),
        ("pins: []", "pins: [short_03_2]", "small.yaml:14:8: error[bad-pin]: short_03_2 is for use: exam"),
        ("pins: []", "pins: [short_04_1]", "small.yaml:14:8: error[bad-pin]: short_04_1 is of lecture 4"),
        ("questions: 2}", "questions: 2, topics: [topik 1]}", 'small.yaml:11:54: error[unknown-topic]: no question of the bank has the topic "topik 1" (did you mean "topic 1"?)'),
        ("pins: []", "quotas: [{where: {archetypes: [x]}, questions: 1}]", 'small.yaml:14:32: error[unknown-archetype]: no question of the bank has the archetype "x"'),
        ("pins: []", "avoid: [{objectives: [multiplo]}]", 'small.yaml:14:23: error[unknown-objective]: no question of the bank has the objective "multiplo" (did you mean "multiply"?)'),
        ("coverage:", "coverage:\n  topics: {nothing: {points: 1}}", "small.yaml:13:21: error[unknown-topic]"),
    ],
)  # fmt: skip
def test_what_the_bank_does_not_know_is_refused(old, new, says, bank_folder):
    source = read_blueprint(SOUND.replace(old, new), "small.yaml")
    with pytest.raises(InputError) as refused:
        check_against_bank(source, heads_of(load_bank([bank_folder]).questions))
    assert refused.value.diagnostics[0].render().startswith(says)


FAULTY = """\
id: "a/b"
title: Much that is wrong
course: Course
language: fr
minutes: 90
points: 90
pass_mark: 100
use: practice
lectures: [1, 2, 13]
sections:
  - {title: One, kind: short, questons: 3, points: -2}
  - {title: Two, kind: short, questions: {min: 9, max: 8}, topics: [topik 1]}
  - {title: Three, kind: long, questions: 2, points: 8, question_points: {max: 3}}
coverage:
  each_lecture: {points: {min: 2}}
  lectures: {"14": {questions: 1}}
mean_difficulty: {min: 7}
quotas: [{where: 3, questions: 1}, {where: {objectives: [none]}, questions: two}]
pins: [short_01_11, "no id", short_03_2]
avoid: [{}]
"""


def test_all_that_is_wrong_comes_in_one_round(bank_heads):
    with pytest.raises(InputError) as refused:
        read_blueprint(FAULTY, "small.yaml", lambda: bank_heads)
    found = [(d.where.line, d.where.column, d.code) for d in refused.value.diagnostics]
    assert found == [
        (1, 5, "bad-value"),
        (4, 11, "bad-value"),
        (7, 12, "bad-pass-mark"),
        (9, 18, "unknown-lecture"),
        (11, 31, "unknown-key"),
        (11, 52, "bad-value"),
        (12, 42, "empty-range"),
        (12, 69, "unknown-topic"),
        (13, 5, "unreachable-points"),
        (16, 20, "unknown-lecture"),
        (17, 24, "bad-value"),
        (18, 18, "bad-value"),
        (18, 58, "unknown-objective"),
        (18, 77, "bad-value"),
        (19, 8, "unknown-question"),
        (19, 21, "bad-value"),
        (19, 30, "bad-pin"),
        (19, 30, "bad-pin"),
        (20, 9, "empty-filter"),
    ]


def test_a_bank_that_is_broken_waits_until_the_blueprint_is_right(tmp_path):
    with pytest.raises(InputError) as refused:
        read_blueprint(
            SOUND.replace("points: 8", "points: 0"), "small.yaml", lambda: load_bank([tmp_path])
        )
    assert [diagnostic.code for diagnostic in refused.value.diagnostics] == ["bad-value"]


@pytest.fixture(scope="module")
def bank_heads(bank_folder):
    return heads_of(load_bank([bank_folder]).questions)


def places(value, above=()):
    yield above
    entries = value if isinstance(value, list) else ()
    for key, below in value.items() if isinstance(value, dict) else enumerate(entries):
        yield from places(below, (*above, key))


WHOLE = yaml.safe_load(
    SOUND.replace("pins: []", "pins: [short_01_1]")
    + """\
work_minutes: {max: 9}
quotas: [{where: {kind: short, lectures: [1], answers: [numeric]}, questions: {min: 1, max: 2}}]
difficulty: [{levels: [1, 2], points: {max: 9}}]
avoid: [{kind: long}, {topics: [topic 1]}]
exclude: [short_02_1]
comparable: {points: 1}
"""
)
JUNK = st.sampled_from(
    [None, True, -1, 0, 99.9, "x", "a\nb", [], [None], [{}], {}, {"min": 9, "max": 8}, {"x": 1}, "no"]
)  # fmt: skip


@given(
    changes=st.lists(st.tuples(st.sampled_from(list(places(WHOLE))[1:]), JUNK | st.just("gone"))),
    name=st.sampled_from(["pass_mark", "sections", "x"]),
)
def test_whatever_is_wrong_in_a_blueprint_is_an_input_error(changes, name, bank_heads):
    data = copy.deepcopy(WHOLE)
    for path, junk in changes:
        holder = data
        with contextlib.suppress(KeyError, IndexError, TypeError):
            for step in path[:-1]:
                holder = holder[step]
            if junk == "gone":
                del holder[path[-1]]
            else:
                holder[path[-1]] = copy.deepcopy(junk)
    data[name] = data.get(name, 1)
    with contextlib.suppress(InputError):
        read_blueprint(json.dumps(data), "x.yaml", lambda: bank_heads)


def test_the_sound_one_of_these_is_read(bank_heads):
    source = read_blueprint(json.dumps(WHOLE), "x.yaml")
    check_against_bank(source, bank_heads)
    assert source.blueprint.pins == ("short_01_1",)


GERMAN = {
    "final_exam": ("Klausur", ["Mehrfachauswahl", "Kurze Aufgaben", "Lange Aufgaben"]),
    "mock_exam": ("Probeklausur", ["Mehrfachauswahl", "Kurze Aufgaben", "Lange Aufgaben"]),
    "quiz_sheet": ("Kurztest", ["Mehrfachauswahl", "Kurze Aufgaben"]),
    "retake": ("Wiederholungsklausur", ["Mehrfachauswahl", "Kurze Aufgaben", "Lange Aufgaben"]),
    "short_mock": ("Kurze Probeklausur", ["Mehrfachauswahl", "Kurze Aufgaben", "Backpropagation"]),
}


@pytest.mark.parametrize("name", sorted(shipped_blueprints()))
def test_shipped_blueprints_are_german_where_that_is_asked_for(name):
    text = shipped_blueprints()[name].read_text()
    in_file = read_blueprint(text.replace("language: en", "language: de"), "mine.yaml").blueprint
    assert in_file == load_blueprint(name, language="de").blueprint
    assert in_file.language == "de"
    assert (in_file.title, [s.title for s in in_file.sections]) == GERMAN[name]
    assert load_blueprint(name).blueprint == load_blueprint(name, language="en").blueprint
    english = [section.title for section in load_blueprint(name).blueprint.sections]
    assert english[:2] == ["Multiple choice", "Short questions"]


TITLES = [("title: Small", "title: {en: Small, de: Klein}"), ("course: Course", "course: {de: Kurs, en: Course}")]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "says"),
    [(None, ("Small", "Course", "Parts")), ("de", ("Klein", "Kurs", "Teile"))],
)
def test_titles_are_in_the_language_of_the_exam(language, says):
    text = SOUND.replace("title: One", "title: {en: Parts, de: Teile}")
    for old, new in TITLES:
        text = text.replace(old, new)
    blueprint = read_blueprint(text, "s", language=language).blueprint
    assert (blueprint.title, blueprint.course, blueprint.sections[0].title) == says
    # What the record keeps is settled, and read again as it is.
    assert Blueprint.model_validate(blueprint.model_dump(mode="json")) == blueprint


def test_one_title_stands_in_every_language():
    assert read_blueprint(SOUND, "s", language="de").blueprint.title == "Small"


def test_the_schema_for_editors_has_titles_by_language_and_sections_without():
    schema = json_schema()
    section = schema["$defs"]["SectionPlan"]
    assert section["required"] == ["kind"]
    for title in (
        schema["properties"]["title"],
        schema["properties"]["course"],
        section["properties"]["title"],
    ):
        text, each = title["anyOf"]
        assert text["type"] == "string"
        assert set(each["properties"]) == {"en", "de"}
