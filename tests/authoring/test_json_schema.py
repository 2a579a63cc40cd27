"""The JSON Schema takes what the loader takes, refuses what it refuses for its form, and says what each key is for."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from authoring.importing.command import _read
from authoring.importing.question_file import Course, Imported, question_files
from authoring.json_schema import PUBLISHED, as_file, json_schema
from authoring.new import new_question, write_new_question
from authoring.topics import TOPICS
from question_bank.loader import COURSE_BANK, shown
from question_bank.loader import question_files as files_of
from question_bank.strict_yaml import load_leniently, load_typed
from templates import figures

TESTS = Path(__file__).parents[1]
GOOD = (COURSE_BANK / "09_cnns/conv_output_size.yaml").read_text()
BAD = yaml.safe_load((TESTS / "question_bank/data/bad_questions.yaml").read_text())
# What the loader refuses for its form; other faults are in what texts and expressions say.
OF_FORM = ("unknown-key", "missing-key", "bad-value", "unknown-answer-type")
SCHEMA = json_schema()
VALID = Draft202012Validator(SCHEMA)


def faults(text):
    data = load_leniently(text, "q.yaml").data
    return [f"{list(e.absolute_path)}: {e.message}" for e in VALID.iter_errors(data)]


def test_it_is_a_schema_and_names_its_dialect():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_file_of_the_bank_is_valid():
    found = {
        shown(file): wrong
        for file in files_of()
        if (wrong := faults(file.read_text(encoding="utf-8")))
    }
    assert not found


@pytest.mark.parametrize("kind", ["short", "multiple_choice", "long"])
def test_every_template_is_valid(kind):
    assert faults(new_question("my_question", kind, 3)) == []


@pytest.mark.parametrize("name", ["importing/sample.xml"])
def test_imported_questions_are_valid(name):
    items = _read(TESTS / "authoring" / name)
    made = list(question_files(items, Course(3, "a book", "exam"), frozenset()))
    texts = [one.text for one in made if isinstance(one, Imported)]
    assert texts
    assert [faults(text) for text in texts] == [[] for _ in texts]


@pytest.mark.parametrize("name", [name for name in BAD if BAD[name][2] in OF_FORM])
def test_a_broken_form_is_not_valid(name):
    old, new, _, _, _, *also = BAD[name]
    text = GOOD.replace(old, new, 1)
    for more in also:
        text = text.replace(more, "", 1)
    assert faults(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("stride: {choice: [1, 2, 3]}", "stride: {choice: [1], range: [1, 3]}"),
        ("points: 2", "points: 0.3"),
        ("points: 2\n", ""),
        ("type: short", "type: multiple_choice"),
        ("type: short", "type: long"),
        ("type: short", "type: short\noptions: []"),
        ("text: |", "figure: {name: loss_curve, alt: Two curves over the epochs.}\ntext: |"),
        ("let:\n", "let:\n  2nd: 3\n"),
        ("verify: torch", "verify: [torch]\n# "),
        ("set: {out: out - 1}", "set: {out: true}"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_not_valid(old, new):
    assert old in GOOD
    assert faults(GOOD.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("text: |", "figure: {name: loss_curves, alt: Two curves over the epochs.}\ntext: |"),
        ("let:\n", "let:\n  half: 0.5\n"),
        ("minutes: 2\n", ""),
        ("topic: convolutions (dimensions)", "topic: my own topic"),
        ("verify: torch_conv2d_size(size, kernel, stride, padding)", "verify: {source: a book}"),
    ],
)
def test_what_an_author_may_also_write_is_valid(old, new):
    assert old in GOOD
    assert faults(GOOD.replace(old, new, 1)) == []


def models():
    return {"question": SCHEMA, **SCHEMA["$defs"]}


@pytest.mark.parametrize("name", models())
def test_every_key_is_described(name):
    assert [k for k, v in models()[name]["properties"].items() if not v.get("description")] == []


def test_editors_propose_topics_archetypes_and_figures():
    fields = SCHEMA["properties"]
    topics = fields["topic"]["anyOf"][0]["enum"]
    assert set(topics) == {topic for topics in TOPICS.values() for topic in topics}
    assert "9.10" in fields["archetype"]["anyOf"][0]["anyOf"][0]["enum"]
    names = SCHEMA["$defs"]["Figure"]["properties"]["name"]["enum"]
    assert names == list(figures.names())


def test_the_published_file_is_the_schema():
    assert PUBLISHED.read_text(encoding="utf-8") == as_file(), (
        "question-bank schema > question_bank/question.schema.json"
    )


def test_a_new_question_tells_the_editor_where_its_schema_is(tmp_path):
    made = write_new_question("my_question", "short", 3, tmp_path / "bank")
    first = made.read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=question.schema.json"
    assert (made.parent / "question.schema.json").read_text() == as_file()
    assert load_typed(made.read_text(), "q.yaml").data["id"] == "my_question"


def test_in_the_course_s_bank_the_schema_is_there_already(monkeypatch, tmp_path):
    published = tmp_path / "question_bank/question.schema.json"
    monkeypatch.setattr("authoring.new.PUBLISHED", published)
    made = write_new_question("my_question", "short", 3, tmp_path / "question_bank/lectures/03")
    assert made.read_text().startswith(
        "# yaml-language-server: $schema=../../question.schema.json\n"
    )
    assert [file.name for file in made.parent.iterdir()] == ["my_question.yaml"]
