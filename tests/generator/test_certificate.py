"""The certificate measures the forms truly, and says plainly when they are not alike."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace

import pytest

from generator.blueprint import load_blueprint, with_disjoint_forms
from generator.certificate import (
    certificate_files,
    certificate_html,
    certificate_of,
    certificate_pdf,
)
from generator.comparability import certificate, dumps
from generator.draws import Band, band_of, draw_of, draws_of, work_of
from generator.exam import form_labels
from generator.make import make_exam
from generator.record import dumps as record_text
from generator.record import loads, rebuild, record_of
from question_bank.loader import load_bank
from question_bank.variant import instantiate
from templates.overflow import overflows
from templates.pdf import lay_out


@pytest.fixture(scope="module")
def bank():
    return load_bank()


@pytest.fixture(scope="module")
def same(bank):
    return record_of(make_exam(load_blueprint("short_mock"), bank, seed=3, forms=3))


@pytest.fixture(scope="module")
def disjoint(bank):
    source = with_disjoint_forms(load_blueprint("short_mock"))
    return record_of(make_exam(source, bank, seed=3, forms=2))


def test_each_form_is_measured_as_its_key_has_it(same, bank):
    found = certificate(same, bank.questions)
    exam = rebuild(same, bank, "exam.json")
    for measured, form in zip(found.forms, exam.forms, strict=True):
        key = form.key()
        assert measured.points == key.total_points == 31
        assert measured.questions == len(key.questions)
        lectures: dict[str, float] = {}
        for question in form.questions:
            name = str(question.variant.lecture)
            lectures[name] = lectures.get(name, 0) + question.points
        assert measured.lectures == lectures
        assert sum(measured.topics.values()) == 31
        assert measured.hand_work == sum(q.work for q in form.questions)


def test_the_same_questions_differ_in_nothing_but_numbers(same, bank):
    found = certificate(same, bank.questions)
    assert found.questions == "same"
    assert {d.measure for d in found.differences if d.difference} <= {"hand_work"}
    assert found.comparable


def test_disjoint_forms_have_no_question_in_common(disjoint, bank):
    found = certificate(disjoint, bank.questions)
    assert found.questions == "disjoint"
    first, second = (
        {q.id for section in form.sections for q in section.questions} for form in disjoint.forms
    )
    assert not first & second
    assert rebuild(disjoint, bank, "exam.json").forms


def test_the_record_makes_the_same_certificate_again(same, bank):
    again = loads(record_text(same), "exam.json")
    assert dumps(certificate(again, bank.questions)) == dumps(certificate(same, bank.questions))
    # A record from before hand-work was kept in it has the same draws, so the same work.
    old = json.loads(record_text(same))
    for form in old["forms"]:
        for section in form["sections"]:
            for question in section["questions"]:
                del question["work"]
    old_record = loads(json.dumps(old), "exam.json")
    assert dumps(certificate(old_record, bank.questions)) == dumps(
        certificate(same, bank.questions)
    )


def with_work(record, label, work):
    """The record with other work on the first question of a form."""
    forms = []
    for form in record.forms:
        first, *rest = form.sections
        question, *others = first.questions
        changed = question.model_copy(update={"work": work})
        section = first.model_copy(update={"questions": (changed, *others)})
        changed_form = form.model_copy(update={"sections": (section, *rest)})
        forms.append(changed_form if form.label == label else form)
    return record.model_copy(update={"forms": tuple(forms)})


def test_unlike_forms_are_called_so_with_the_form_and_the_amount(same, bank):
    found = certificate(with_work(same, "B", 5_000), bank.questions)
    assert not found.comparable
    (bad,) = [d for d in found.differences if not d.within]
    assert (bad.measure, bad.most_form) == ("hand_work", "B")
    assert json.loads(dumps(found))["verdict"] == "not_comparable"
    html = certificate_html(found)
    assert "not comparable within the stated tolerances: Hand-work in digits." in html
    assert found.uneven[0].most == 5_000
    german = certificate_html(replace(found, language="de"))
    assert "nicht vergleichbar: Rechenaufwand in Ziffern." in german


def test_tolerances_are_the_blueprint_s(same, bank):
    strict = {"hand_work": 0.0}
    bounds = same.blueprint.comparable.model_copy(update=strict)
    blueprint = same.blueprint.model_copy(update={"comparable": bounds})
    found = certificate(same.model_copy(update={"blueprint": blueprint}), bank.questions)
    (work,) = [d for d in found.differences if d.measure == "hand_work"]
    assert work.within is (work.difference == 0)


def test_one_form_is_compared_with_nothing(same, bank):
    one = certificate_of(same.model_copy(update={"forms": same.forms[:1]}), bank.questions)
    assert one is None
    assert certificate_files(one) == {}


def test_many_forms_are_summed_up_on_the_page_and_whole_in_the_data(same, bank):
    forms = tuple(same.forms[0].model_copy(update={"label": label}) for label in form_labels(40))
    found = certificate(same.model_copy(update={"forms": forms}), bank.questions)
    assert len(json.loads(dumps(found))["forms"]) == 40
    html = certificate_html(found)
    assert html.count(">least<") >= 1
    assert ">AN<" not in html


@pytest.mark.parametrize("letters", ["0", "W", "x"])
@pytest.mark.parametrize("length", [1, 8, 17, 39, 48])
def test_nothing_leaves_the_page_however_long_the_ids_are(same, bank, letters, length):
    """Two to six forms: no text beyond the margin, and no line of a table without its last columns."""
    found = certificate(with_work(same, "B", 5_000), bank.questions)
    for count in range(2, 7):
        labels = [(letters * length)[:-1] + "ABCDEF"[number] for number in range(count)]
        measured = [*found.forms, *found.forms][:count]
        forms = tuple(
            replace(form, label=label) for form, label in zip(measured, labels, strict=True)
        )
        uneven = tuple(
            replace(one, least_form=labels[0], most_form=labels[1]) for one in found.uneven
        )
        differences = tuple(
            replace(one, least_form=labels[0], most_form=labels[1]) for one in found.differences
        )
        long = replace(found, forms=forms, uneven=uneven, differences=differences)
        document = lay_out(certificate_html(long), styles=("certificate/certificate.css",))
        assert overflows(document) == (), (count, labels)


def test_few_short_labels_stand_as_columns_side_by_side(same, bank):
    found = certificate(same, bank.questions)
    assert '<div class="two">' in certificate_html(found)
    students = tuple(
        replace(form, label=f"0371234{number}") for number, form in enumerate(found.forms)
    )
    stacked = certificate_html(replace(found, forms=students))
    assert '<div class="stacked">' in stacked
    assert stacked.count('class="number">03712340<') == 4


MARGIN = 18 / 25.4 * 72
WIDTH = 210 / 25.4 * 72


@pytest.mark.parametrize("labels", [
    *(tuple(f"0371234{n}" for n in range(count)) for count in range(2, 8)),
    *(tuple(f"{'a-student-of-a-university-' * 2}"[:47] + f"{n}" for n in range(count)) for count in (2, 3, 6)),
    ("cs2026-03712341-ma", "cs2026-03712342-ma"), form_labels(6),
])  # fmt: skip
def test_nothing_runs_beyond_the_margin_however_long_the_names_of_forms_are(same, bank, labels):
    forms = tuple(same.forms[0].model_copy(update={"label": label}) for label in labels)
    found = certificate(same.model_copy(update={"forms": forms}), bank.questions)
    done = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=certificate_pdf(found), capture_output=True, check=True
    )  # fmt: skip
    ends = [float(x) for x in re.findall(r'xMax="([\d.]+)"', done.stdout.decode())]
    assert max(ends) <= WIDTH - MARGIN + 1


def test_the_table_of_topics_is_not_torn(same, bank):
    """Wherever the table begins and ends: three rows at least on a page, under their heading, and the note beside rows."""
    found = certificate(same, bank.questions)
    for count in range(8, 44, 4):
        topics = {f"topic-{number:02}": 1.0 for number in range(count)}
        forms = tuple(replace(form, topics=topics) for form in found.forms)
        written = certificate_pdf(replace(found, forms=forms))
        done = subprocess.run(
            ["pdftotext", "-layout", "-", "-"], input=written, capture_output=True, check=True
        )
        pages = done.stdout.decode().split("\f")[:-1]
        rows = [len(re.findall(r"^topic-\d\d", page, re.MULTILINE)) for page in pages]
        assert sum(rows) == count
        assert all(shown == 0 or shown >= 3 for shown in rows), rows
        (heading,) = (page for page in pages if "Points by topic" in page)
        assert "topic-00" in heading
        (note,) = (page for page in pages if "certificate.json lists them" in page)
        assert f"topic-{count - 1:02}" in note


def test_the_page_is_the_same_bytes_again(same, bank):
    found = certificate(same, bank.questions)
    assert certificate_pdf(found) == certificate_pdf(found)


def test_draws_have_the_usual_work_and_say_which(bank):
    for name in ("constant_prediction", "optimisers_by_hand", "least_squares_by_hand"):
        question = bank.questions[name]
        band = band_of(question, 7)
        near = max(4, 0.15 * band.usual)
        seeds = draws_of(question, 7, form_labels(4))
        for seed in seeds.values():
            work = work_of(question, instantiate(question, seed).parameters)
            assert abs(work - band.usual) <= near
        drawn = draw_of(question, 7, "w0256", band)
        assert drawn.work == work_of(question, instantiate(question, drawn.seed).parameters)
        assert abs(drawn.work - band.usual) <= near


def test_a_form_has_its_draws_whatever_other_forms_there_are(bank):
    question = bank.questions["least_squares_by_hand"]
    four = draws_of(question, 7, form_labels(4))
    assert draws_of(question, 7, form_labels(2)) == {k: four[k] for k in ("A", "B")}


@pytest.mark.parametrize(
    ("band", "work", "off"),
    [
        (Band(100, varies=True), 109, 0),
        (Band(100, varies=True), 113, 3),
        (Band(100, varies=True, exam=400), 109, 5),
        (Band(100, varies=True, exam=2000), 109, 0),
        (Band(10, varies=True, exam=100), 12, 0),
        (Band(10, varies=False, exam=100), 99, 0),
    ],
)
def test_in_a_class_a_question_with_much_hand_work_has_less_room(band, work, off):
    """Ten per cent of one question, or one of the whole exam, or two digits in any case."""
    assert band.off(work) == off
