"""What every file of a format has to look like, on questions of every type and on the whole bank."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from generator.export.exporting import FORMATS, exports
from tests.generator.export import forms
from tests.generator.export.reading_moodle import NotLegal, legal
from tests.generator.export.reading_qti import files_of
from tests.generator.export.structure import canvas_faults, gift_faults, moodle_faults, qti_faults

FAULTS = {
    "moodle": moodle_faults,
    "gift": gift_faults,
    "qti21": lambda content: qti_faults(content, "2.1"),
    "qti3": lambda content: qti_faults(content, "3.0"),
    "canvas": canvas_faults,
}
# A folder with the schemas of 1EdTech, whose licence lets nobody else hand them out; see docs/exports.md.
SCHEMAS = os.environ.get("MOCKEXAM_SCHEMAS", "")
SCHEMA_FILES = {"qti21": "imsqti_v2p1.xsd", "qti3": "imsqti_asiv3p0_v1p0.xsd"}


@pytest.mark.parametrize("which", ["sample", "bank"])
@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_file_is_as_its_format_is_described(which, name, exported):
    assert list(FAULTS[name](exported(which, name).content)) == []


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_several_forms_stand_in_one_file_side_by_side(name):
    both = [forms.sample(), forms.sample(language="de", label="B")]
    (made,) = exports(both, name)
    assert list(FAULTS[name](made.content)) == []
    assert made.forms == ("A", "B")
    assert {loss.form for loss in made.losses} == {"A", "B"}


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_same_forms_same_bytes(name, sample_form, exported):
    (again,) = exports([sample_form], name)
    first = exported("sample", name)
    assert again.content == first.content
    assert again.losses == first.losses


@pytest.mark.parametrize("name", ["qti21", "qti3", "canvas"])
def test_a_package_bears_no_date(name, exported):
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(exported("sample", name).content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist() == sorted(archive.namelist())


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_names_that_students_may_see_hold_no_seed(name, exported):
    content = exported("sample", name).content
    texts = files_of(content) if content[:2] == b"PK" else {"": content}
    for file, text in texts.items():
        assert str(forms.SEED).encode() not in text
        assert str(forms.SEED) not in file


@pytest.mark.parametrize(
    ("language", "intro", "box"),
    [
        ("en", "check the box", "None of these"),
        ("de", "kreuzen Sie", "Keine davon"),
    ],
)
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_how_to_answer_names_the_box_that_is_there_without_raw_markdown(name, language, intro, box):
    (made,) = exports([forms.sample(language)], name)
    files = files_of(made.content) if made.content[:2] == b"PK" else {"": made.content}
    # Moodle's and Canvas's HTML is text within XML.
    shown = html.unescape("\n".join(data.decode() for data in files.values()))
    shown = shown.replace("<span> </span>", " ")
    sentences = re.findall(rf"{intro} (.*?)(?:\.| an\.)[ <]", shown)
    assert set(sentences) == {f"<strong>{box}</strong>"}
    assert len(sentences) >= (1 if name == "html" else 20)
    assert shown.count(box) - len(sentences) >= 20, "the box itself"


@pytest.mark.parametrize("percent", ["33.3", "66.7", "99", "14.3", "-33", "45"])
def test_other_fractions_are_refused_by_the_reader(percent):
    with pytest.raises(NotLegal):
        legal(percent)


def test_faults_are_found(exported):
    """The checks above can fail: a fraction, a file, a name and an order that are wrong."""
    moodle = exported("sample", "moodle").content
    assert list(moodle_faults(moodle.replace(b'fraction="33.33333"', b'fraction="33.3"')))
    assert list(moodle_faults(moodle.replace(b'<file name="figure-', b'<file name="picture-')))
    gift = exported("sample", "gift").content
    assert list(gift_faults(gift.replace(b"\\=", b"=")))


@pytest.mark.skipif(not SCHEMAS, reason="MOCKEXAM_SCHEMAS names no folder with the schemas")
@pytest.mark.skipif(shutil.which("xmllint") is None, reason="xmllint is not installed")
@pytest.mark.parametrize("which", ["sample", "bank"])
@pytest.mark.parametrize("name", sorted(SCHEMA_FILES))
def test_every_item_is_valid_against_the_schema(which, name, exported, tmp_path):
    schema = next(Path(SCHEMAS).rglob(SCHEMA_FILES[name]))
    for file, data in files_of(exported(which, name).content).items():
        if file.endswith(".xml") and file != "imsmanifest.xml":
            (tmp_path / file.replace("/", "-")).write_bytes(data)
    done = subprocess.run(
        ["xmllint", "--noout", "--nonet", "--schema", schema, *sorted(tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in done.stderr.splitlines() if not line.endswith("validates")]
    assert said == []
