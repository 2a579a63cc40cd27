"""A mock exam without a script: written, changed, handed in or ended by the clock, marked, looked at again."""

from __future__ import annotations

import re

import pytest

from question_bank.answers import answer_type
from quiz.actions import Answer
from quiz.desk import act, resume, start
from quiz.engine import Plan
from quiz.events import Terms
from quiz.material import item_of
from tests.quiz.browser.conftest import ANSWERS

TERMS = Terms(title="Short mock exam", minutes=30, points=17, pass_mark=8)
SECTIONS = {"boxes": "Choices", "plain_sum": "Short", "words": "Short", "chain": "Long"}


def plan_of(material, sections) -> Plan:
    items = [
        item_of(number, material.variant(question, 1), section)
        for number, (question, section) in enumerate(sections.items(), start=1)
    ]
    return Plan("exam", 1, "0", tuple(items), TERMS)


@pytest.fixture
def exam(server, material, mia) -> int:
    session = start(server.desk_of("mia"), plan_of(material, SECTIONS))
    mia.see(f"/s/{session.kept.number}")
    return session.kept.number


def write(mia, exam, number, go="next", **fields):
    mia.see(f"/s/{exam}/q/{number}")
    return mia.send(f"/s/{exam}/q/{number}/write", go=go, **fields)


def right_boxes(material, number=1) -> list[str]:
    item = plan_of(material, SECTIONS).items[number - 1]
    key = material.key_part(item, item.parts[0]).key
    return answer_type("multiple_choice").written(key).split(", ")


def test_a_whole_exam(mia, exam, material):
    assert mia.path == f"/s/{exam}/q/1"
    assert "30 min left" in mia.text
    write(mia, exam, 1, **{"answer-1": right_boxes(material)})
    assert mia.path == f"/s/{exam}/q/2"
    write(mia, exam, 2, **{"answer-2": "1", "sure-2": "yes"})
    write(mia, exam, 3, **{"answer-3": "because\r\nof it"})
    write(mia, exam, 4, **{"answer-4a": "6", "answer-4b": "7", "answer-4c": "14"})
    assert mia.path == f"/s/{exam}/overview"
    assert mia.text.count(">answered<") == 4
    mia.send(f"/s/{exam}/hand-in")
    assert mia.path == f"/s/{exam}/result"
    assert "1 answer to mark yourself" in mia.text
    mia.see(f"/s/{exam}/marking")
    assert "because\nof it" in mia.text
    mia.send(f"/s/{exam}/points/3", points="9")
    assert (mia.status, mia.refused) == (200, True)
    assert "from 0 to 3" in mia.text
    mia.send(f"/s/{exam}/points/3", points="2")
    assert mia.path == f"/s/{exam}/result"
    assert "14 of 17 points" in mia.text
    assert "Passed" in mia.text
    for section in ("Choices", "Short", "Long", "Lecture 2", "Lecture 4", "Lecture 9"):
        assert section in mia.text
    assert "Solution" in mia.see(f"/s/{exam}/review/2")
    assert "0 of 2 points" in mia.text


def test_nothing_is_told_before_the_end(mia, exam, material):
    pages = [write(mia, exam, 2, go="stay", **{"answer-2": "1"})]
    pages += [mia.see(f"/s/{exam}/{path}") for path in ("", "q/1", "q/2", "q/4", "overview")]
    for path in ("result", "review/2", "marking"):
        pages.append(mia.see(f"/s/{exam}/{path}"))
        assert mia.path in (f"/s/{exam}/q/1", f"/s/{exam}/q/2")
    total = material.variant("plain_sum", 1).values["total"]
    for page in pages:
        bare = re.sub(r'value="\w{16,}"', "", page)
        assert "Solution" not in bare
        assert "Wrong" not in bare
        assert "It never was" not in bare
        assert f">{total}<" not in bare
    for label in ("1", "2", "4a"):
        mia.see(f"/s/{exam}/q/1")
        token = mia.hidden(f"/s/{exam}/q/1/write")
        for do in ("hint", "solution", "answer"):
            answer = mia.http.post(
                f"/s/{exam}/answer/{label}", data={**token, "do": do, "step": "0.0"}
            )
            assert "Solution" not in answer.text


def test_what_was_written_comes_back_and_can_be_changed_or_taken_back(mia, exam):
    write(mia, exam, 2, go="stay", **{"answer-2": "12", "sure-2": "no"})
    assert mia.path == f"/s/{exam}/q/2"
    assert 'value="12"' in mia.text
    assert re.search(r'name="sure-2" value="no" checked', mia.text)
    write(mia, exam, 1, go="stay", **{"answer-1": ["none"]})
    assert re.search(r'value="none" data-none checked', mia.text)
    write(mia, exam, 2, go="overview", **{"answer-2": ""})
    assert "with 5 answers open" in mia.text
    assert ">open<" in mia.text


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_type_keeps_what_was_filled_in(mia, server, material, kind):
    session = start(server.desk_of("mia"), plan_of(material, {f"made_{kind}": "All"})).kept.number
    fill = {n.format(label="1"): v for n, v in ANSWERS[kind]["wrong"].items()}
    write(mia, session, 1, go="stay", **fill)
    shown = mia.shown(f"/s/{session}/q/1/write")
    assert {name: shown[name] for name in fill} == {
        name: value if isinstance(value, list) else [value] for name, value in fill.items()
    }


def test_it_is_saved_quietly_while_it_is_written(mia, exam):
    mia.see(f"/s/{exam}/q/2")
    fields = mia.hidden(f"/s/{exam}/q/2/write")
    quiet = {"accept": "application/json"}
    path = f"/s/{exam}/q/2/write"
    first = mia.http.post(path, data={**fields, "answer-2": "1"}, headers=quiet).json()
    assert (first["refused"], first["over"]) == ("", False)
    # Another window, which does not know of it:
    late = mia.http.post(path, data={**fields, "answer-2": "2"}, headers=quiet)
    assert late.status_code == 409
    assert "another window" in late.json()["refused"]
    renewed = {**fields, "base-2": first["bases"]["2"]}
    again = mia.http.post(path, data={**renewed, "answer-2": "2"}, headers=quiet)
    assert again.json()["refused"] == ""
    assert 'value="2"' in mia.see(f"/s/{exam}/q/2")


def test_a_stale_window_loses_nothing(mia, exam):
    mia.see(f"/s/{exam}/q/2")
    stale = mia.page
    write(mia, exam, 2, go="stay", **{"answer-2": "77"})
    mia.page = stale
    page = mia.send(f"/s/{exam}/q/2/write", go="next", **{"answer-2": "88"})
    assert (mia.status, mia.refused) == (200, True)
    assert "changed in another window" in page
    assert "<code>77</code>" in page
    assert 'value="88"' in page
    mia.send(f"/s/{exam}/q/2/write", go="stay", **{"answer-2": "88"})
    assert 'value="88"' in mia.see(f"/s/{exam}/q/2")


def test_the_clock_ends_it_and_what_comes_too_late_is_not_taken(mia, exam, clock):
    write(mia, exam, 2, go="stay", **{"answer-2": "1"})
    clock.pass_by(minutes=31)
    mia.send(f"/s/{exam}/q/2/write", go="next", **{"answer-2": "2"})
    assert mia.path == f"/s/{exam}/result"
    assert "The time is over" in mia.text
    page = mia.see(f"/s/{exam}/review/2")
    assert "<code>1</code>" in page
    assert "<code>2</code>" not in page


def test_the_rest_can_be_left_open(mia, exam):
    write(mia, exam, 3, go="overview", **{"answer-3": "because"})
    mia.send(f"/s/{exam}/hand-in")
    mia.see(f"/s/{exam}/marking")
    mia.send(f"/s/{exam}/finish")
    assert "Not passed" in mia.text
    assert "3 points open" in mia.text


def test_it_can_be_taken_up_again_and_goes_on_beside_practice(mia, exam, student):
    write(mia, exam, 1, go="next", **{"answer-1": ["a"]})
    mia.begin(topic="sums", count="1")
    again = student()
    assert "Short mock exam" in again.text
    again.see(f"/s/{exam}")
    assert again.path == f"/s/{exam}/q/2"


def test_mock_exams_are_offered(mia):
    page = mia.see("/exams")
    assert "90 points in 90 minutes" in page
    assert "31 points in 31 minutes" in page


@pytest.mark.parametrize(
    ("question", "typed", "stands", "said"),
    [
        ("plain_sum", "????", "open", "signs alone are no answer"),
        ("plain_sum", "-", "open", "signs alone are no answer"),
        ("plain_sum", "-3", "answered", ""),
        ("made_set", "{}", "answered", ""),
        ("made_set", "?", "open", "signs alone are no answer"),
        ("words", "????", "answered", ""),
    ],
)
def test_signs_alone_are_no_answer_and_told_so(
    mia, server, material, question, typed, stands, said
):
    exam = start(server.desk_of("mia"), plan_of(material, {question: "One"})).kept.number
    write(mia, exam, 1, **{"answer-1": typed})
    assert mia.path == f"/s/{exam}/overview"
    assert f">{stands}</span>" in mia.text
    assert ("with 1 answer open" in mia.text) == (stands == "open")
    assert mia.echo(f"/s/{exam}/echo/1", typed).json()["fault"] == said
    assert f"{int(stands == 'answered')} of 1" in re.sub(r"<[^>]+>", "", mia.see("/"))
    assert resume(server.desk_of("mia"), exam).state.parts["1"].written == typed


@pytest.fixture
def lines(server, material, mia) -> int:
    """An exam whose one question asks for lines in their places: step, never this, forward."""
    session = start(server.desk_of("mia"), plan_of(material, {"made_pseudo_code": "Code"}))
    return session.kept.number


def test_places_that_are_saved_half_done_stand_there_again(mia, lines):
    write(mia, lines, 1, **{"answer-1-b": "3", "answer-1-c": "2"})
    mia.see(f"/s/{lines}/q/1")
    shown = mia.shown(f"/s/{lines}/q/1/write")
    assert [shown[f"answer-1-{sign}"] for sign in "abc"] == [[""], ["3"], ["2"]]
    write(mia, lines, 1, **{"answer-1-a": "1"})
    assert mia.path == f"/s/{lines}/overview", "no two have the same place"
    mia.see(f"/s/{lines}/q/1")
    shown = mia.shown(f"/s/{lines}/q/1/write")
    assert [shown[f"answer-1-{sign}"] for sign in "abc"] == [["1"], ["3"], ["2"]]


def test_an_answer_that_was_typed_in_a_terminal_is_not_lost_by_looking_at_it(mia, lines, server):
    desk = server.desk_of("mia")
    act(desk, resume(desk, lines), Answer("1", "first the third"))
    write(mia, lines, 1)
    assert resume(desk, lines).state.parts["1"].written == "first the third"
    assert "<code>first the third</code>" in mia.see(f"/s/{lines}/q/1")
    write(mia, lines, 1, **{"answer-1-c": "1"})
    assert resume(desk, lines).state.parts["1"].written == "c"
