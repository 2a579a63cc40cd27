"""The folder of an exam: form by form, exam.json last, and never over somebody else's files."""

from __future__ import annotations

import errno
import json
import os

import pytest

from generator.blueprint import load_blueprint
from generator.crew import LostWorker
from generator.files import check_target, seed_of_unfinished, spare_another_exam, write_exam
from generator.make import make_exam
from generator.record import dumps, load_record, loads, other_versions, rebuild, record_of
from generator.unfinished import UNFINISHED
from question_bank.diagnostics import InputError
from question_bank.loader import load_bank


def pretend(form, paper, names):
    return {name: f"%PDF {name} of {form.label} for {paper.form}".encode() for name in names}


@pytest.fixture(scope="module")
def bank(bank_folder):
    return load_bank([bank_folder])


def recorded(bank, seed, forms=1):
    return record_of(make_exam(load_blueprint("mock_exam"), bank, seed=seed, forms=forms))


@pytest.fixture(scope="module")
def made(bank):
    return make_exam(load_blueprint("mock_exam"), bank, seed=11)


@pytest.fixture(scope="module")
def exam(made):
    return record_of(made)


@pytest.fixture(scope="module")
def other(bank):
    return recorded(bank, 12)


@pytest.fixture(scope="module")
def three(bank):
    return recorded(bank, 11, forms=3)


@pytest.fixture
def write(bank):
    def write(record, target, render=pretend, **more):
        return write_exam(record, bank.questions, target, with_render=render, **more)

    return write


def tree(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def names(folder):
    return [path.name for path in folder.iterdir()]


FILES = {"exam.json", "A/exam.pdf", "A/solutions.pdf", "A/key.json", "A/layout.json"}


def test_everything_is_there_and_nothing_else(work, exam, write):
    written = write(exam, work / "new" / "exam")
    assert {str(file.relative_to(work / "new/exam")) for file in written.files} == FILES
    assert tree(work / "new/exam").keys() == FILES
    assert names(work) == ["new"]
    assert names(work / "new") == ["exam"]
    assert (work / "new/exam").stat().st_mode & 0o777 == 0o777 & ~current_umask()


def current_umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_an_earlier_exam_is_replaced_whole(work, three, other, write):
    target = work / "exam"
    write(three, target)
    write(other, target)
    assert json.loads((target / "exam.json").read_text())["seed"] == 12
    assert tree(target).keys() == FILES
    assert names(work) == ["exam"]


def test_another_exam_is_spared(work, exam, three, other, write):
    target = work / "exam"
    spare_another_exam(target, other)
    write(exam, target)
    spare_another_exam(target, exam)
    spare_another_exam(target, three)
    without_a = three.model_copy(update={"forms": three.forms[1:]})
    other_numbers = exam.model_copy(
        update={"forms": (three.forms[1].model_copy(update={"label": "A"}),)}
    )
    for record in (other, without_a, other_numbers):
        with pytest.raises(InputError, match="holds the exam mock_exam-11 with form A") as caught:
            spare_another_exam(target, record)
        assert "--replace" in str(caught.value)


def test_an_empty_folder_is_taken(work, exam, write):
    (work / "exam").mkdir()
    write(exam, work / "exam")
    assert tree(work / "exam").keys() == FILES


@pytest.mark.parametrize(
    "stranger", ["notes.txt", "A/scan.png", "B/exam.pdf", ".hidden", "C"], ids=str
)
def test_a_folder_with_other_files_is_left_alone(work, exam, write, stranger):
    target = work / "exam"
    write(exam, target)
    path = target / stranger
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    before = tree(work)
    with pytest.raises(InputError, match="holds other files"):
        write(exam, target)
    assert tree(work) == before


def test_a_folder_whose_exam_json_is_not_ours_is_left_alone(work):
    (work / "exam").mkdir()
    (work / "exam" / "exam.json").write_text('{"product": "another"}')
    with pytest.raises(InputError, match=r"holds other files \(exam.json\)"):
        check_target(work / "exam")


FAILURES = {
    "ctrl-c": KeyboardInterrupt(),
    "fault": RuntimeError("fault"),
    "full disk": OSError(errno.ENOSPC, "No space left on device"),
    "lost worker": LostWorker("gone"),
    "bad input": InputError(),
}


def failing(failure, at=1):
    """Renders until the form of this number, counted from 1."""
    done = []

    def render(form, paper, names):
        done.append(form.label)
        if len(done) == at:
            raise failure
        return pretend(form, paper, names)

    return render


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_what_ends_before_a_form_is_finished_leaves_everything_as_it_was(
    work, exam, other, write, failure
):
    target = work / "exam"
    write(exam, target)
    before = tree(work)
    for place in (target, work / "new"):
        with pytest.raises(InputError if isinstance(failure, OSError) else type(failure)):
            write(other, place, failing(failure))
        assert tree(work) == before
        assert names(work) == ["exam"]


@pytest.mark.parametrize("failure", [f for n, f in FAILURES.items() if n != "bad input"], ids=str)
@pytest.mark.parametrize("standing", [False, True], ids=["new", "replaced"])
def test_what_is_finished_stays_and_the_same_exam_goes_on(
    work, three, other, write, failure, standing
):
    target, undisturbed = work / "exam", work / "undisturbed"
    if standing:
        write(other, target)
    with pytest.raises(InputError if isinstance(failure, OSError) else type(failure)):
        write(three, target, failing(failure, at=3))
    folder = work / ".exam.making" if standing else target
    assert sorted(names(folder)) == ["A", "B", UNFINISHED]
    assert (target / "exam.json").exists() is standing
    assert seed_of_unfinished(target, "mock_exam") == 11
    told, rendered = [], []

    def render(form, paper, wanted):
        rendered.append(form.label)
        return pretend(form, paper, wanted)

    written = write(three, target, render, progress=lambda done, total: told.append((done, total)))
    assert written.resumed == 2
    assert rendered == ["C"]
    assert told == [(2, 3), (3, 3)]
    write(three, undisturbed)
    assert tree(target) == tree(undisturbed)
    assert sorted(names(work)) == ["exam", "undisturbed"]


def test_bad_input_leaves_nothing_of_what_was_finished(work, three, write):
    with pytest.raises(InputError):
        write(three, work / "exam", failing(InputError(), at=3))
    assert names(work) == []


def test_a_form_of_which_a_file_is_missing_is_made_again(work, three, write):
    target = work / "exam"
    with pytest.raises(KeyboardInterrupt):
        write(three, target, failing(KeyboardInterrupt(), at=3))
    (target / "A" / "key.json").unlink()
    (target / ".part-C").mkdir()
    (target / ".part-C" / "exam.pdf").write_bytes(b"%PDF to")
    assert write(three, target).resumed == 1
    write(three, work / "undisturbed")
    assert tree(target) == tree(work / "undisturbed")


def test_another_exam_does_not_go_on_where_one_was_stopped(work, three, other, write):
    target = work / "exam"
    with pytest.raises(KeyboardInterrupt):
        write(three, target, failing(KeyboardInterrupt(), at=2))
    before = tree(work)
    with pytest.raises(InputError, match="what is finished of another exam") as caught:
        write(other, target)
    assert "mock_exam-11" in str(caught.value)
    assert tree(work) == before
    write(other, target, replace=True)
    assert tree(target).keys() == FILES


def test_two_commands_do_not_fill_one_folder(work, three, write):
    target = work / "exam"

    def render(form, paper, wanted):
        with pytest.raises(InputError, match="is being filled by another command"):
            write(three, target)
        return pretend(form, paper, wanted)

    write(three, target, render)
    assert "exam.json" in names(target)


def test_a_failed_swap_puts_the_old_exam_back(work, exam, other, write, monkeypatch):
    target = work / "exam"
    write(exam, target)
    before = tree(work)
    rename = os.rename

    def fails_on_the_new_one(self, to):
        if str(self).endswith(".making"):
            raise OSError(errno.EIO, "Input/output error")
        rename(self, to)

    monkeypatch.setattr("pathlib.Path.rename", fails_on_the_new_one)
    with pytest.raises(InputError, match="Input/output error"):
        write(other, target)
    assert {name: data for name, data in tree(work).items() if name.startswith("exam/")} == before


def test_a_file_in_the_way_is_refused(work):
    (work / "file").write_text("x")
    for target in (work / "file", work / "file" / "exam"):
        with pytest.raises(InputError, match="not a folder"):
            check_target(target)


def test_a_link_is_followed(work, exam, other, write):
    (work / "real").mkdir()
    (work / "link").symlink_to(work / "real")
    for record in (exam, other):
        write(record, work / "link")
        assert (work / "link").is_symlink()
        assert tree(work / "real").keys() == FILES


def test_the_record_makes_the_same_exam_again(made, exam, bank):
    assert loads(dumps(exam), "exam.json") == exam
    again = rebuild(loads(dumps(exam), "exam.json"), bank, "exam.json")
    assert again == made


def test_other_versions_are_named(exam):
    assert other_versions(exam) == ()
    versions = {**exam.versions, "weasyprint": "1.2", "gone": "3"}
    del versions["mathra"]
    said = other_versions(exam.model_copy(update={"versions": versions}))
    assert [line.partition(",")[0] for line in said] == [
        "gone 3",
        "mathra missing",
        "weasyprint 1.2",
    ]


def test_the_record_holds_neither_answers_nor_dates_nor_places(exam, bank_folder):
    text = dumps(exam)
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
    assert all(set(question) == {"number", "id", "seed", "work"} for question in questions)
    assert str(bank_folder) not in text


def edited(exam, change):
    data = json.loads(dumps(exam))
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
        (lambda d: d.update(verdict="comparable"), "not-an-exam"),
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


def test_another_bank_is_accepted_when_told(made, exam, bank):
    text = edited(exam, lambda data: data.update(bank_version="other"))
    assert rebuild(loads(text, "exam.json"), bank, "exam.json", any_bank=True) == made


def test_a_folder_is_no_record(work):
    with pytest.raises(InputError, match=r"name the exam\.json in it"):
        load_record(work)
