"""Forms share their questions and differ in numbers, options and order."""

from __future__ import annotations

import pytest

from generator.blueprint import load_blueprint
from generator.draws import variant_seed
from generator.exam import Exam, build_exam, form_labels
from generator.make import make_exam
from generator.order import Pick
from question_bank.diagnostics import InputError
from question_bank.key import dumps, loads
from question_bank.loader import load_bank, parse_question


@pytest.fixture(scope="module")
def exam(bank_folder) -> Exam:
    return make_exam(load_blueprint("mock_exam"), load_bank([bank_folder]), seed=11, forms=3)


def ids(form):
    return [question.variant.question_id for question in form.questions]


def test_forms_hold_the_same_questions_section_by_section(exam):
    for form in exam.forms[1:]:
        for ours, theirs in zip(form.sections, exam.forms[0].sections, strict=True):
            assert {q.variant.question_id for q in ours.questions} == {
                q.variant.question_id for q in theirs.questions
            }


def test_every_parametrised_question_has_other_numbers_on_every_form(exam):
    drawn: dict[str, list[object]] = {}
    for form in exam.forms:
        for question in form.questions:
            if question.variant.parameters:
                drawn.setdefault(question.variant.question_id, []).append(
                    question.variant.parameters
                )
    assert len(drawn) > 10
    for draws in drawn.values():
        assert all(draws.count(draw) == 1 for draw in draws)


def test_options_stand_in_another_order_on_every_form(exam):
    orders: dict[str, list[object]] = {}
    for form in exam.forms:
        for question in form.sections[0].questions:
            texts = [option.text for option in question.variant.parts[0].answer.options]
            orders.setdefault(question.variant.question_id, []).append(texts)
    for found in orders.values():
        assert all(found.count(order) == 1 for order in found)


def test_forms_order_their_questions_differently(exam):
    assert ids(exam.forms[0]) != ids(exam.forms[1])


def test_long_questions_go_from_easy_to_hard(exam):
    for form in exam.forms:
        levels = [question.variant.difficulty for question in form.sections[2].questions]
        assert levels == sorted(levels)


def test_numbers_run_through_the_whole_form_and_parts_are_lettered(exam):
    form = exam.forms[1]
    assert [question.number for question in form.questions] == list(range(1, len(ids(form)) + 1))
    first, last = form.questions[0], form.questions[-1]
    assert [part.label for part in first.parts] == ["1"]
    assert [part.label for part in last.parts] == [f"{last.number}a", f"{last.number}b"]


def test_points_add_up_and_all_lectures_are_there(exam):
    for form in exam.forms:
        assert form.total_points == 90
        assert sum(p.part.points for q in form.questions for p in q.parts) == 90
        assert {question.variant.lecture for question in form.questions} == set(range(1, 13))


def test_the_key_has_the_printed_labels_and_points(exam):
    form = exam.forms[0]
    key = loads(dumps(form.key()), "key.json")
    assert (key.form, key.assignment, key.pass_mark) == ("A", "mock_exam-11", 45)
    assert list(key.labels()) == [part.label for q in form.questions for part in q.parts]
    assert sum(part.points for _, part in key.labels().values()) == key.total_points == 90


SWITCH = """\
id: switch
title: A question with two draws
lecture: 1
topic: t
type: short
points: 1
difficulty: 1
objectives: [o]
source: s
parameters:
  x: {choice: [3, 5]}
text: What is ${{ x }} + 0$?
answer: {type: numeric, value: x}
solution: It is {{ x }}.
"""


def test_a_small_domain_is_used_up_before_a_draw_comes_again():
    question = parse_question(SWITCH, "switch.yaml")
    blueprint = load_blueprint("mock_exam").blueprint
    chosen = [[[], [Pick(question)], []]]
    for seed in range(8):
        exam = build_exam(blueprint, chosen, seed=seed, bank_version="v", forms=3)
        drawn = [form.questions[0].variant.parameters["x"] for form in exam.forms]
        assert set(drawn[:2]) == {3, 5}


TABLE = """
id: table
title: A table
lecture: 1
topic: t
archetype: "1.1"
type: short
points: 1
difficulty: 1
objectives: [o]
source: s
parameters:
  x: {range: [1, 1000]}
  rows: {choice: [[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[9, 1], [2, 3]]]}
text: What is ${{ x }} + {{ rows[0][0] }}$?
answer: {type: numeric, value: "x + rows[0][0]"}
solution: It is {{ x + rows[0][0] }}.
"""


def test_forms_share_no_table_as_long_as_there_are_others():
    question = parse_question(TABLE, "table.yaml")
    blueprint = load_blueprint("mock_exam").blueprint
    for seed in range(8):
        exam = build_exam(
            blueprint, [[[], [Pick(question)], []]], seed=seed, bank_version="v", forms=3
        )
        tables = [str(form.questions[0].variant.parameters["rows"]) for form in exam.forms]
        assert len(set(tables)) == 3


def test_seeds_are_whole_numbers_that_json_keeps():
    seeds = {variant_seed(7, "A", f"q{n}", 0) for n in range(200)}
    assert len(seeds) == 200
    assert all(0 <= seed < 2**48 for seed in seeds)
    # A change of the derivation would change every exam that has been written.
    assert variant_seed(7, "A", "conv_output_size", 0) == 52108188510827


def test_labels_go_on_after_z():
    labels = form_labels(704)
    assert labels[:2] + labels[25:28] + labels[-2:] == ("A", "B", "Z", "AA", "AB", "AAA", "AAB")
    assert len(set(labels)) == 704


@pytest.mark.parametrize("count", [0, -1, 1001])
def test_a_number_of_forms_out_of_range_is_refused(count):
    with pytest.raises(InputError, match="bad-forms"):
        form_labels(count)
