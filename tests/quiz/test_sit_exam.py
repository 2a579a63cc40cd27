"""A mock exam: in the exam's parts, against the clock, graded at its end by part and lecture."""

from __future__ import annotations

import io
import re

import pytest

from question_bank.answers import answer_type
from question_bank.diagnostics import InputError
from question_bank.loader import load_bank
from quiz.choose import mock_exam
from quiz.desk import Desk, start
from quiz.engine import Plan
from quiz.events import Terms
from quiz.material import Material, item_of
from quiz.results import by_lecture, by_section, total
from quiz.screen import screen
from quiz.sit_exam import sit_exam
from quiz.summary import show_result

TERMS = Terms(title="Short mock exam", minutes=30, points=17, pass_mark=8)
BLUEPRINT = """\
id: short
title: Short
course: Made for the tests
minutes: 10
points: 2
pass_mark: 1
use: exam
lectures: [9]
sections: [{title: Part, kind: short, points: 2}]
"""


class Keyboard(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def plan(material):
    sections = {"boxes": "Choices", "plain_sum": "Short", "words": "Short", "chain": "Long"}
    items = [
        item_of(number, material.variant(question, 1), section)
        for number, (question, section) in enumerate(sections.items(), start=1)
    ]
    return Plan("exam", 1, "0", tuple(items), TERMS)


def sit(material, plan, lines, clock, source=io.StringIO, **more):
    out = io.StringIO()
    shown = screen(source("\n".join(lines) + "\n"), out, plain=True, settings={})
    desk = Desk(material, clock)
    session = sit_exam(desk, start(desk, plan), shown, **more)
    show_result(shown, session.state)
    return session.state, out.getvalue()


def boxes_key(material, plan):
    key = material.key_part(plan.items[0], plan.items[0].parts[0])
    return answer_type("multiple_choice").written(key.key)


def test_a_pipe_answers_part_by_part_and_its_end_hands_in(material, plan, clock):
    lines = [boxes_key(material, plan), "1", "because", "6", "7", "14"]
    state, shown = sit(material, plan, lines, clock)
    assert state.phase == "over"
    assert (total(state).earned, total(state).open) == (12, 3)
    assert {name: t.earned for name, t in by_section(state).items()} == {
        "Choices": 2,
        "Short": 0,
        "Long": 10,
    }
    assert {n: t.earned for n, t in by_lecture(state).items()} == {2: 0, 4: 10, 9: 2}
    assert "12 of 17 points (71 %)" in shown
    assert "Passed: the pass mark is 8." in shown
    assert "3 points open" in shown


def test_nothing_is_told_before_the_end(material, plan, clock):
    _, shown = sit(material, plan, ["a", "1", "because", "5", "7", "14"], clock)
    before, _, after = shown.partition("Hand in?")
    for secret in ("Right", "Wrong", "Recognised", "Solution", "multiplied, not added"):
        assert secret not in before
        assert secret in after


def test_answers_are_changed_and_taken_back(material, plan, clock):
    lines = ["a", ":b", "-", ":g 4", "5", "7", "14", "n", ":g 4", "6", ":done", "y"]
    state, shown = sit(material, plan, lines, clock, source=Keyboard)
    assert (state.parts["1"].last.text, state.parts["4a"].last.text) == ("", "6")
    assert "Written so far: 5" in shown
    assert total(state).earned == 10


def test_the_overview_says_what_is_open(material, plan, clock):
    _, shown = sit(material, plan, ["a", ":o", ":g 4", "6", ":done", "y"], clock, source=Keyboard)
    assert "1  done     boxes" in shown
    assert "2  open     sums" in shown


def test_free_text_is_marked_after_the_end(material, plan, clock):
    lines = [":g 3", "because", ".", ":done", "y", "2"]
    state, shown = sit(material, plan, lines, clock, source=Keyboard)
    assert "1 answer to mark yourself." in shown
    assert (total(state).earned, total(state).open) == (2, 0)


def test_what_comes_after_the_time_does_not_count(material, plan, clock):
    class Slow(Keyboard):
        def readline(self, *size):
            clock.pass_by(minutes=11)
            return super().readline(*size)

    state, shown = sit(material, plan, ["a", "1", "because", "6"], clock, source=Slow)
    assert (state.parts["2"].last.text, state.parts["3"].last.text) == ("1", "")
    assert "The time is over" in shown
    assert "[30 min]" in shown
    assert "[8 min]" in shown


def test_confidence_is_asked_for_where_it_is_wanted(material, plan, clock):
    lines = ["a", "y", "1", "n", "", "6", ""]
    state, _ = sit(material, plan, lines, clock, confidence=True)
    said = [state.parts[label].last.sure for label in ("1", "2", "3", "4a")]
    assert said == [True, False, None, None]


def test_leaving_an_exam_hands_nothing_in(material, plan, clock):
    state, _ = sit(material, plan, ["a", ":q"], clock, source=Keyboard)
    assert (state.phase, state.parts["1"].written) == ("asking", "a")


def test_the_courses_mock_exam_has_its_parts_and_nothing_that_is_kept_for_exams():
    bank = load_bank()
    plan = mock_exam(Material(bank), 3, "mock_exam")
    assert list(dict.fromkeys(item.section for item in plan.items)) == [
        "Multiple choice",
        "Short questions",
        "Long questions",
    ]
    assert sum(part.points for item in plan.items for part in item.parts) == plan.terms.points == 90
    assert plan == mock_exam(Material(bank), 3, "mock_exam")


def test_a_question_that_an_exam_shortens_is_asked_marked_and_explained_so(material, clock):
    variant = material.variant("chain", 1, 2)
    plan = Plan("exam", 1, "0", (item_of(1, variant, "Long", 2),), TERMS)
    state, shown = sit(material, plan, ["6", "8"], clock)
    assert list(state.parts) == ["1a", "1b"]
    assert (total(state).earned, total(state).possible) == (5, 8)
    assert "Double it." not in shown


def test_a_sheet_for_one_lecture():
    plan = mock_exam(Material(load_bank()), 1, "quiz_sheet", (9,))
    assert {item.lecture for item in plan.items} == {9}
    with pytest.raises(InputError, match="one lecture at a time"):
        mock_exam(Material(load_bank()), 1, "quiz_sheet")


def test_a_blueprint_for_exams_draws_practice_questions_alone(material, tmp_path):
    file = tmp_path / "short.yaml"
    file.write_text(BLUEPRINT)
    for seed in range(8):
        assert [i.question for i in mock_exam(material, seed, str(file)).items] == ["plain_sum"]
    file.write_text(BLUEPRINT + "pins: [kept_for_exams]\n")
    with pytest.raises(InputError, match="kept_for_exams"):
        mock_exam(material, 1, str(file))


@pytest.mark.parametrize(
    "command", [":g 5", ":g 12", ":g 0", ":g abc", ":g", ":g ٣", ":g " + "9" * 5_000]
)
def test_a_question_that_there_is_not_is_said_and_nothing_else_happens(
    material, plan, clock, command
):
    state, shown = sit(material, plan, [command, "a", ":q"], clock, source=Keyboard)
    assert "Questions are numbered 1 to 4" in shown
    assert "Hand in?" not in shown
    assert (state.phase, state.parts["1"].written) == ("asking", "a")


def test_what_is_typed_where_handing_in_is_asked_for_becomes_no_answer_to_another_question(
    material, plan, clock
):
    lines = [":g 4", "", "", "", "14", "7", "", ":q"]
    state, shown = sit(material, plan, lines, clock, source=Keyboard)
    assert shown.count("y hands in; Enter goes on") == 2
    assert not any(part.written for part in state.parts.values())


@pytest.mark.parametrize(
    ("place", "typed", "said"),
    [
        (1, "2", "Kept, but it cannot be read:"),
        (1, "[1,2]", "Kept, but it cannot be read:"),
        (1, "A and c", "Read as a, c"),
        (2, "????x", "Kept, but it cannot be read:"),
        (2, "????", "Kept, but it cannot be read: signs alone are no answer."),
        (2, "24/2", "Read as 12"),
    ],
)
def test_how_an_answer_is_read_is_said_during_the_exam_and_not_whether_it_is_right(
    material, plan, clock, place, typed, said
):
    lines = [f":g {place}", typed, ":q"]
    state, shown = sit(material, plan, lines, clock, source=Keyboard)
    assert said in shown
    assert state.parts[str(place)].written == typed
    assert "Right" not in shown
    assert "Wrong" not in shown


def test_what_cannot_be_read_is_written_anew_or_left(material, plan, clock):
    lines = ["2", "a", "????x", "", ":q"]
    state, shown = sit(material, plan, lines, clock, source=Keyboard)
    assert [state.parts[label].written for label in "12"] == ["a", "????x"]
    assert shown.count("Write it in another way") == 2
    assert "Question 3 of 4" in shown


@pytest.mark.parametrize(
    ("typed", "stands"), [("????", "open"), ("...", "open"), ("?x", "done"), ("12", "done")]
)
def test_signs_alone_are_kept_and_count_as_no_answer(material, plan, clock, typed, stands):
    state, shown = sit(material, plan, [":g 2", typed, "", ":o", ":q"], clock, source=Keyboard)
    assert state.parts["2"].written == typed
    assert re.search(rf"^ +2 +{stands} ", shown, re.MULTILINE), shown


def test_the_echo_says_the_same_whatever_is_right(material, plan, clock):
    said = set()
    for seed in range(6):
        item = item_of(1, material.variant("boxes", seed), "Choices")
        own = Plan("exam", 1, "0", (item, *plan.items[1:]), TERMS)
        _, shown = sit(material, own, ["A; b", ":q"], clock, source=Keyboard)
        said.add(next(line for line in shown.splitlines() if "Read as" in line))
    assert len(said) == 1


def test_an_answer_of_several_lines_in_an_exam(material, plan, clock):
    lines = [":g 3", "because", "  it is so", "14", "", ":g 3", "", ":done", "y", "2"]
    state, shown = sit(material, plan, lines, clock, source=Keyboard)
    assert state.parts["3"].last.text == "because\n  it is so\n14"
    assert (total(state).earned, state.parts["4a"].written) == (2, "")
    assert "an empty line, or one with a dot alone, ends it" in shown.replace("\n", " ")
