"""The folder of an exam: whole or not at all, and never over somebody else's files."""

from __future__ import annotations

import errno
import json
import os

import pytest

from generator.blueprint import load_blueprint
from generator.files import check_target, new_folder, spare_another_exam, write_exam
from generator.make import make_exam
from generator.record import dumps, load_record, loads, rebuild, record_of
from question_bank.diagnostics import InputError
from question_bank.loader import load_bank


def pretend(form, name):
    return f"%PDF {name} of {form.label}".encode()


@pytest.fixture(scope="module")
def bank(bank_folder):
    return load_bank([bank_folder])


@pytest.fixture(scope="module")
def exam(bank):
    return make_exam(load_blueprint("mock_exam"), bank, seed=11)


@pytest.fixture(scope="module")
def other(bank):
    return make_exam(load_blueprint("mock_exam"), bank, seed=12)


def tree(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def names(folder):
    return [path.name for path in folder.iterdir()]


FILES = {"exam.json", "A/exam.pdf", "A/solutions.pdf", "A/key.json"}


def test_everything_is_there_and_nothing_else(work, exam):
    files = write_exam(exam, work / "new" / "exam", with_render=pretend)
    assert {str(file.relative_to(work / "new/exam")) for file in files} == FILES
    assert tree(work / "new/exam").keys() == FILES
    assert names(work / "new") == ["exam"]
    assert (work / "new/exam").stat().st_mode & 0o777 == 0o777 & ~current_umask()


def current_umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_an_earlier_exam_is_replaced_whole(work, exam, other, bank):
    target = work / "exam"
    two = make_exam(load_blueprint("mock_exam"), bank, seed=5)
    write_exam(two, target, with_render=pretend)
    write_exam(other, target, with_render=pretend)
    assert json.loads((target / "exam.json").read_text())["seed"] == 12
    assert tree(target).keys() == FILES
    assert names(work) == ["exam"]


def test_another_exam_is_spared(work, exam):
    target = work / "exam"
    spare_another_exam(target, "mock_exam-1", ("A",))
    write_exam(exam, target, with_render=pretend)
    here = json.loads((target / "exam.json").read_text())["assignment"]
    spare_another_exam(target, here, ("A",))
    spare_another_exam(target, here, ("A", "B"))
    for assignment, forms in (("mock_exam-1", ("A",)), (here, ("B",))):
        with pytest.raises(InputError, match=f"holds the exam {here} with form A") as caught:
            spare_another_exam(target, assignment, forms)
        assert "--replace" in str(caught.value)


def test_an_empty_folder_is_taken(work, exam):
    (work / "exam").mkdir()
    write_exam(exam, work / "exam", with_render=pretend)
    assert tree(work / "exam").keys() == FILES


@pytest.mark.parametrize(
    "stranger", ["notes.txt", "A/scan.png", "B/exam.pdf", ".hidden", "C"], ids=str
)
def test_a_folder_with_other_files_is_left_alone(work, exam, stranger):
    target = work / "exam"
    write_exam(exam, target, with_render=pretend)
    path = target / stranger
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    before = tree(work)
    with pytest.raises(InputError, match="holds other files"):
        write_exam(exam, target, with_render=pretend)
    assert tree(work) == before


def test_a_folder_whose_exam_json_is_not_ours_is_left_alone(work):
    (work / "exam").mkdir()
    (work / "exam" / "exam.json").write_text('{"product": "another"}')
    with pytest.raises(InputError, match=r"holds other files \(exam.json\)"):
        check_target(work / "exam")


@pytest.mark.parametrize(
    "failure",
    [KeyboardInterrupt(), RuntimeError("fault"), OSError(errno.ENOSPC, "No space left on device")],
    ids=["ctrl-c", "fault", "full disk"],
)
def test_what_ends_early_leaves_everything_as_it_was(work, exam, other, failure):
    target = work / "exam"
    write_exam(exam, target, with_render=pretend)
    before = tree(work)

    def fails(form, name):
        if name == "solutions.pdf":
            raise failure
        return b"%PDF"

    with pytest.raises(InputError if isinstance(failure, OSError) else type(failure)):
        write_exam(other, target, with_render=fails)
    assert tree(work) == before
    with pytest.raises(InputError if isinstance(failure, OSError) else type(failure)):
        write_exam(other, work / "new", with_render=fails)
    assert tree(work) == before
    assert names(work) == ["exam"]


def test_a_failed_swap_puts_the_old_exam_back(work, exam, other, monkeypatch):
    target = work / "exam"
    write_exam(exam, target, with_render=pretend)
    before = tree(work)
    rename = os.rename

    def fails_on_the_new_one(self, to):
        if str(self).endswith(".making"):
            raise OSError(errno.EIO, "Input/output error")
        rename(self, to)

    monkeypatch.setattr("pathlib.Path.rename", fails_on_the_new_one)
    with pytest.raises(InputError, match="Input/output error"):
        write_exam(other, target, with_render=pretend)
    assert tree(work) == before


def test_a_file_in_the_way_is_refused(work):
    (work / "file").write_text("x")
    for target in (work / "file", work / "file" / "exam"):
        with pytest.raises(InputError, match="not a folder"):
            check_target(target)


def test_a_link_is_followed(work, exam):
    (work / "real").mkdir()
    (work / "link").symlink_to(work / "real")
    with new_folder(work / "link") as folder:
        (folder / "exam.json").write_text("x")
    assert (work / "link").is_symlink()
    assert (work / "real" / "exam.json").read_text() == "x"


def test_the_record_makes_the_same_exam_again(exam, bank):
    record = record_of(exam)
    assert loads(dumps(record), "exam.json") == record
    again = rebuild(loads(dumps(record), "exam.json"), bank, "exam.json")
    assert again == exam


def test_the_record_holds_neither_answers_nor_dates_nor_places(exam, bank_folder):
    text = dumps(record_of(exam))
    data = json.loads(text)
    assert set(data) == {
        "product",
        "schema_version",
        "versions",
        "assignment",
        "blueprint",
        "seed",
        "bank_version",
        "excluded",
        "forms",
    }
    questions = [q for s in data["forms"][0]["sections"] for q in s["questions"]]
    assert all(set(question) == {"number", "id", "seed"} for question in questions)
    assert str(bank_folder) not in text


def edited(exam, change):
    data = json.loads(dumps(record_of(exam)))
    change(data)
    return json.dumps(data)


def replace_first(data):
    data["forms"][0]["sections"][0]["questions"][0]["id"] = "choice_99_1"


def drop_one(data):
    data["forms"][0]["sections"][1]["questions"].pop()


def two_of_a_label(data):
    data["forms"].append(data["forms"][0])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: d.update(product="x"), "not-an-exam"),
        (lambda d: d.update(schema_version=2), "exam-version"),
        (lambda d: d.update(extra=1), "bad-exam"),
        (lambda d: d.update(seed=-1), "bad-exam"),
        (lambda d: d["forms"][0].update(label="../A"), "bad-exam"),
        (lambda d: d["forms"][0].update(label="A\n"), "bad-exam"),
        (lambda d: d.update(bank_version="other"), "other-bank"),
        (lambda d: d["forms"][0]["sections"].pop(), "not-its-blueprint"),
        (replace_first, "unknown-question"),
        (drop_one, "not-its-blueprint"),
        (two_of_a_label, "bad-exam"),
    ],
)
def test_a_damaged_record_is_refused(exam, bank, change, code):
    text = edited(exam, change)
    with pytest.raises(InputError) as refused:
        rebuild(loads(text, "exam.json"), bank, "exam.json")
    assert {diagnostic.code for diagnostic in refused.value.diagnostics} == {code}


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "[" * 100_000, '{"a": 1}'])
def test_what_is_no_record_is_refused(text):
    with pytest.raises(InputError, match="not-an-exam"):
        loads(text, "exam.json")


def test_another_bank_is_accepted_when_told(exam, bank):
    text = edited(exam, lambda data: data.update(bank_version="other"))
    assert rebuild(loads(text, "exam.json"), bank, "exam.json", any_bank=True) == exam


def test_a_folder_is_no_record(work):
    with pytest.raises(InputError, match=r"name the exam\.json in it"):
        load_record(work)
