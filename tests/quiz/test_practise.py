"""Practice in a terminal or through a pipe: marked by the bank's answer types, explained, readable everywhere."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
import yaml

from question_bank.answers import answer_type
from question_bank.diagnostics import InputError
from question_bank.loader import load_bank
from quiz.choose import Wish, by_lecture_and_topic
from quiz.desk import Desk, start
from quiz.material import Material
from quiz.practise import command_in, practise
from quiz.results import outcomes, total
from quiz.screen import screen, show
from quiz.shown import show_figure
from quiz.summary import show_result
from tests.quiz.conftest import AMBIGUOUS, BOXES, KEPT, SUM, WORDS, bank_of
from tests.support import CHAIN

COURSE = Material(load_bank())
FORMULA = """\
id: letters
title: A formula
lecture: 3
topic: formulas
type: short
points: 1
difficulty: 1
objectives: [write a formula]
source: made for the tests
text: Add q and s.
answer: {type: expression, value: q + s, symbols: [q, s]}
solution: $q + s$
verify: {source: made for the tests}
"""

COMMANDS = yaml.safe_load((Path(__file__).parent / "commands.yaml").read_text("utf-8"))


@pytest.fixture(autouse=True)
def figures(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "mockexam" / "figures"


class Keyboard(io.StringIO):
    def isatty(self):
        return True


def sit(material, wish, lines, clock, source=io.StringIO, **more):
    """What came of a session and what was shown, for lines that are typed or come through a pipe."""
    out = io.StringIO()
    desk = Desk(material, clock)
    shown = screen(source("\n".join(lines) + "\n" if lines else ""), out, plain=True, settings={})
    session = practise(desk, start(desk, by_lecture_and_topic(material, wish)), shown, **more)
    show_result(shown, session.state)
    return session.state, out.getvalue()


def of(*texts):
    return Material(bank_of(*texts))


def verdicts(state):
    return [came.verdict for *_, came in outcomes(state)]


def right_answers(state, material):
    lines = []
    for item in state.items:
        for part in item.parts:
            key = material.key_part(item, part)
            kind = answer_type(key.answer["type"])
            lines.append(kind.written(key.key))
            if kind.kind == "text":
                lines.append(f"{part.points:g}")
    return lines


def test_the_same_seed_asks_the_same_and_another_asks_something_else():
    asked = [by_lecture_and_topic(COURSE, Wish(seed=seed)).items for seed in (1, 1, 2)]
    assert asked[0] == asked[1] != asked[2]


def test_a_session_keeps_to_its_lectures():
    items = by_lecture_and_topic(COURSE, Wish(lectures=(3, 9), count=6)).items
    assert {item.lecture for item in items} == {3, 9}
    assert len(items) == 6


def test_what_is_kept_for_exams_is_never_drawn():
    with pytest.raises(
        InputError, match="nothing to practise: the one question of the bank is kept"
    ):
        by_lecture_and_topic(of(KEPT), Wish())
    with pytest.raises(InputError, match="lecture 9"):
        by_lecture_and_topic(of(KEPT, CHAIN), Wish(lectures=(9,)))


def test_right_answers_earn_all_points_in_every_lecture(clock):
    for lecture in range(1, 13):
        wish = Wish(lectures=(lecture,), count=3, seed=5)
        plan = by_lecture_and_topic(COURSE, wish)
        state, shown = sit(COURSE, wish, right_answers(plan, COURSE), clock)
        sums = total(state)
        assert sums.earned == sums.possible > 0, shown
        assert not sums.open


def test_a_slip_is_named_and_the_solution_shown(clock):
    _, shown = sit(of(CHAIN), Wish(), ["5", "7", "14"], clock)
    assert "Recognised: added" in shown
    assert "The two are multiplied, not added." in shown
    assert "Right answer: 6" in shown
    assert "5 of 10 points" in shown


def test_every_option_is_explained(clock):
    _, shown = sit(of(BOXES), Wish(), ["none"], clock)
    assert shown.count("is right (not chosen)") == 2
    assert "is not right (not chosen). It never was." in shown


def test_a_pipe_gives_one_line_to_each_part(clock):
    state, _ = sit(of(CHAIN), Wish(), ["six", "7", ""], clock)
    assert verdicts(state) == ["unreadable", "right", "not_answered"]


def test_a_hint_takes_a_line_of_a_pipe_and_its_answer_the_next(clock):
    state, shown = sit(of(SUM), Wish(), ["?", "1"], clock)
    assert "Hint 1 of 3: This is about: add two numbers." in shown
    assert verdicts(state) == ["wrong"]


def test_the_end_of_a_pipe_ends_the_session(clock):
    state, shown = sit(of(CHAIN), Wish(), ["6"], clock)
    assert (state.phase, verdicts(state)) == ("over", ["right"])
    assert "5 of 5 points" in shown


def test_the_end_of_a_terminal_leaves_the_session_to_be_taken_up_again(clock):
    state, _ = sit(of(CHAIN), Wish(), ["6"], clock, source=Keyboard)
    assert (state.phase, verdicts(state)) == ("asking", ["right"])


def test_free_text_is_marked_with_its_rubric(clock):
    state, shown = sit(of(WORDS), Wish(), ["because", "2"], clock)
    assert "2 p: a reason" in shown
    assert shown.index("Solution:") < shown.index("Mark your answer yourself")
    assert total(state).earned == 2


def test_free_text_that_nobody_marks_does_not_count(clock):
    state, shown = sit(of(WORDS), Wish(), ["because", "many"], clock)
    assert (total(state).possible, total(state).open) == (0, 3)
    assert "Nothing answered that counts." in shown


def test_at_the_keyboard_a_wrong_answer_is_tried_again(clock):
    state, shown = sit(of(CHAIN), Wish(), ["5", "6", "7", "14"], clock, source=Keyboard)
    assert "Try again" in shown
    assert [a.mark.verdict for a in state.parts["1a"].attempts] == ["wrong", "right"]
    assert shown.index("Right answer: 6") > shown.index("Right (read as 6)")


LINES = """\
id: lines
title: Lines
lecture: 2
topic: lines
type: short
points: 2
difficulty: 1
objectives: [find them]
source: made for the tests
text: Which lines are wrong?
answer: {type: set, value: "[2, 5]"}
solution: Lines 2 and 5.
verify: {source: made for the tests}
"""


def test_what_names_the_right_answer_is_not_said_before_the_last_try(clock):
    _, shown = sit(of(LINES), Wish(), ["{2}", "", ""], clock, source=Keyboard)
    before, _, after = shown.partition("Try again")
    assert "Wrong" in before
    assert "5" not in before.partition("Answer:")[2].replace("[2, 5]", "")
    assert "Lines 2 and 5." in after


def test_at_the_keyboard_an_ambiguous_answer_is_asked_about(clock):
    state, shown = sit(of(AMBIGUOUS), Wish(), ["98,816", "1"], clock, source=Keyboard)
    assert "1) 98816" in shown
    assert verdicts(state) == ["right"]
    state, _ = sit(of(AMBIGUOUS), Wish(), ["98,816", "", "98816"], clock, source=Keyboard)
    assert verdicts(state) == ["right"]


def test_an_ambiguous_answer_of_a_pipe_stays_open(clock):
    state, shown = sit(of(AMBIGUOUS), Wish(), ["98,816", "1"], clock)
    assert verdicts(state) == ["needs_person"]
    assert "can be read as 98816 or 98.816" in shown


def test_another_variant_is_asked_next(clock):
    state, shown = sit(of(SUM), Wish(), [":v", "1"], clock)
    assert [item.question for item in state.items] == ["plain_sum"] * 2
    assert "Question 2 of 2" in shown
    assert verdicts(state) == ["not_answered", "wrong"]
    assert total(state).possible == 2


def test_leaving_ends_the_session(clock):
    state, _ = sit(of(CHAIN), Wish(), ["6", "q", "7"], clock)
    assert (state.phase, len(state.parts["1b"].attempts)) == ("over", 0)


def test_confidence_is_asked_for_where_it_is_wanted(clock):
    lines = ["6", "y", "7", "n", "14", ""]
    state, _ = sit(of(CHAIN), Wish(), lines, clock, confidence=True)
    assert [came.sure for *_, came in outcomes(state)] == [True, False, None]


def test_an_answer_whose_confidence_was_not_said_any_more_is_kept(clock):
    state, _ = sit(of(CHAIN), Wish(), ["6"], clock, confidence=True)
    assert verdicts(state) == ["right"]


@pytest.mark.parametrize("case", COMMANDS, ids=lambda case: f"{case['question']}: {case['line']}")
def test_what_a_line_means(case):
    texts = {"numeric": SUM, "boxes": BOXES, "text": WORDS}
    material = of(texts.get(case["question"], FORMULA))
    (item,) = by_lecture_and_topic(material, Wish()).items
    assert command_in(case["line"], material.key_part(item, item.parts[0])) == case["means"]


def with_a_figure():
    wishes = (Wish(lectures=(1, 2, 3, 5, 9), count=6, seed=seed) for seed in range(20))
    return next(w for w in wishes if any(drawn(i) for i in by_lecture_and_topic(COURSE, w).items))


def drawn(item):
    variant = COURSE.variant(item.question, item.seed)
    return [f for f in (variant.figure, *(part.figure for part in variant.parts)) if f]


def test_figures_lie_in_one_folder_and_the_same_one_is_not_drawn_twice(figures, tmp_path, clock):
    wish = with_a_figure()
    items = by_lecture_and_topic(COURSE, wish).items
    for _ in range(2):
        _, shown = sit(COURSE, wish, [""] * sum(len(i.parts) for i in items) * 2, clock)
    files = sorted(figures.iterdir())
    assert len(files) == sum(len(drawn(item)) for item in items) > 0
    for file in files:
        assert f"(drawn in\n{file})" in shown or f"(drawn in {file})" in shown
        assert file.read_text().startswith("<svg")
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == files


def test_a_figure_that_cannot_be_written_is_described(tmp_path, clock):
    (tmp_path / "mockexam").write_text("no folder")
    _, shown = sit(COURSE, with_a_figure(), [""] * 40, clock)
    assert "Figure: " in shown
    assert "(drawn in" not in shown


def test_old_figures_are_removed(figures):
    from quiz.figures import forget_old_figures

    figures.mkdir(parents=True)
    old, new = figures / "old.svg", figures / "new.svg"
    for file in (old, new):
        file.write_text("<svg/>")
    os.utime(old, (0, 0))
    forget_old_figures()
    assert (old.exists(), new.exists()) == (False, True)


def test_no_escape_code_reaches_a_pipe(clock):
    _, shown = sit(of(CHAIN), Wish(), ["\x1b[31m6", "7"], clock)
    assert "\x1b" not in shown


def test_lines_fit_80_columns_and_ascii(clock):
    for lecture in (4, 9, 11):
        wish = Wish(lectures=(lecture,), count=4, seed=2)
        out = io.StringIO()
        desk = Desk(COURSE, clock)
        shown = screen(io.StringIO("\n" * 60), out, plain=True, settings={"LC_ALL": "C"})
        practise(desk, start(desk, by_lecture_and_topic(COURSE, wish)), shown)
        text = out.getvalue()
        assert text.isascii()
        # Rows of tables keep their columns, and a path is never broken.
        long = [line for line in text.splitlines() if len(line) > 79 and "/" not in line]
        assert [line for line in long if "  " not in line.strip()] == []


def test_what_has_its_letter_has_no_dash_before_it():
    out = io.StringIO()
    written = "Lines:\n\n- **a)** before: `x = 1`\n- **b)** after\n\nand\n\n- plain"
    show(screen(io.StringIO(), out, plain=True, settings={}), written)
    lines = out.getvalue().splitlines()
    assert [x for x in lines if x[1:2] in (")", " ")] == ["a) before: x = 1", "b) after", "- plain"]


@pytest.mark.parametrize(
    ("settings", "is_ascii"),
    [
        ({"LC_ALL": "C"}, True),
        ({"LANG": "POSIX"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
        ({"LANG": "de_DE.UTF-8"}, False),
        ({"LC_ALL": "C.UTF-8", "LANG": "C"}, False),
        ({}, False),
        ({"LC_ALL": "C", "PYTHONIOENCODING": "utf-8"}, False),
    ],
)
def test_an_ascii_locale_is_seen(settings, is_ascii):
    assert (
        screen(io.StringIO(), io.StringIO(), plain=True, settings=settings).ascii_only is is_ascii
    )


def test_an_overlong_line_does_not_become_two_answers(clock):
    state, _ = sit(of(CHAIN), Wish(), ["9" * 100_000, "7", "14"], clock)
    assert verdicts(state)[1:] == ["right", "right"]


@pytest.mark.parametrize("end", ["", "."])
def test_words_may_have_several_lines(clock, end):
    state, shown = sit(
        of(WORDS), Wish(), ["first", "  2", "third", end, "1"], clock, source=Keyboard
    )
    assert state.parts["1"].last.text == "first\n  2\nthird"
    assert total(state).earned == 1, "no line of the answer became the mark"
    assert "an empty line, or one with a dot alone, ends it" in shown.replace("\n", " ")


def test_a_short_answer_and_a_pipe_keep_to_one_line(clock):
    state, shown = sit(of(SUM), Wish(), ["1", "2"], clock, source=Keyboard)
    assert [a.text for a in state.parts["1"].attempts] == ["1", "2"]
    assert "dot alone" not in shown
    state, shown = sit(of(WORDS), Wish(), ["first", "2"], clock)
    assert (state.parts["1"].last.text, total(state).earned) == ("first", 2)
    assert "dot alone" not in shown


def test_figures_and_tables_of_the_course_fit_80_columns():
    for question in COURSE.questions:
        variant = COURSE.variant(question, 0)
        out = io.StringIO()
        shown = screen(io.StringIO(), out, plain=True, settings={"LC_ALL": "C"})
        for figure in filter(None, [variant.figure, *(part.figure for part in variant.parts)]):
            show_figure(shown, figure, "made")
        for text in (variant.text, variant.solution, *(part.solution for part in variant.parts)):
            show(shown, text or "")
        wide = [line for line in out.getvalue().splitlines() if len(line) > 79]
        assert [line for line in wide if "/" not in line] == [], question
        assert "%*" not in out.getvalue()
