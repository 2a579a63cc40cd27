"""The pages of practice without a script: every answer type, steps, windows, strangers, and what no page may hold."""

from __future__ import annotations

import html
import json
import re

import pytest

from question_bank.diagnostics import bad_input
from quiz.browser.app import practice_app
from quiz.browser.code import rows_of
from quiz.browser.progress import without_open_seeds
from quiz.code_practice import Finding
from quiz.store import exported
from tests.quiz.browser.conftest import ANSWERS, Student, topic_of
from web.own import Passes, own_app


def filled(kind: str, which: str, label: str, mia: Student) -> dict:
    """The fields of an answer; of options the right ones, wherever they were put."""
    fill = ANSWERS[kind][which]
    if fill == "letters":
        boxes = re.findall(r'aria-label="(\w)\) ([^"]*)"', mia.text)
        (letter,) = [letter for letter, text in boxes if "a²" in html.unescape(text)]
        return {f"answer-{label}": [letter]}
    return {name.format(label=label): value for name, value in fill.items()}


def heading(page: str) -> str:
    """The verdict, as it stands on the page."""
    found = re.search(r'id="said-\w+"[^>]*>\s*<h[23]>(.*?)</h[23]>', page, re.DOTALL)
    return re.sub(r"<[^>]+>", "", found[1]).strip() if found else ""


def begin_kind(mia: Student, kind: str) -> int:
    return mia.begin(lecture="3", topic=topic_of(kind), count="1")


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_right_and_a_wrong_answer_of_every_type(mia, kind):
    for which, verdict in (("right", "Right"), ("wrong", "Wrong")):
        session = begin_kind(mia, kind)
        mia.send(f"/s/{session}/answer/1", do="answer", **filled(kind, which, "1", mia))
        assert mia.path == f"/s/{session}/q/1"
        expected = ANSWERS[kind].get(f"{which}_is", verdict)
        assert heading(mia.text).startswith(expected), mia.text


@pytest.mark.parametrize("kind", ANSWERS)
def test_no_page_holds_a_key_before_the_answer_is_in(mia, kind):
    session = begin_kind(mia, kind)
    pages = [mia.text]
    typed = {"do": "answer", **filled(kind, "wrong", "1", mia)}
    for path in ("/", f"/s/{session}/result", f"/s/{session}/review/1", "/progress/practice.json"):
        pages += [mia.see(path)]
    for text in ("1", "x", "1, 2", "[[1", "e^"):
        pages += [mia.echo(f"/s/{session}/echo/1", text).text]
    if ANSWERS[kind]["question"].get("type") != "multiple_choice":
        mia.see(f"/s/{session}/q/1")
        mia.send(f"/s/{session}/answer/1", **typed)
        if "by you" not in heading(mia.text):
            pages.append(mia.text)  # a wrong answer may be tried again
    for secret in (*ANSWERS[kind]["secret"], "Betrayal", '"seed"'):
        assert not [page for page in pages if secret in page], secret
    # One's own data names the questions, and no page does.
    assert not [page for page in pages if f"made_{kind}" in page and '"product"' not in page]


@pytest.mark.parametrize("kind", [kind for kind in ANSWERS if "echo" in ANSWERS[kind]])
def test_what_is_typed_is_read_back_as_mathematics(mia, kind):
    session, echo = begin_kind(mia, kind), ANSWERS[kind]["echo"]
    assert f'data-echo="/s/{session}/echo/1"' in mia.text
    answer = mia.echo(f"/s/{session}/echo/1", echo["typed"]).json()
    assert answer["fault"] == ""
    assert echo["html"] in answer["html"]
    assert "aria-label" in answer["html"]
    unreadable = mia.echo(f"/s/{session}/echo/1", "((2 +* <b>").json()
    assert unreadable["fault"]
    assert unreadable["html"] == ""


def test_the_echo_of_a_list_says_nothing_of_its_length(mia):
    session = begin_kind(mia, "vector")
    echoes = [
        mia.echo(f"/s/{session}/echo/1", text).json()["text"]
        for text in ("1,2", "1,2,3", "1,2,3,4", "0,5 1,5")
    ]
    assert echoes == ["[1, 2]", "[1, 2, 3]", "[1, 2, 3, 4]", "[0.5, 1.5]"]


def test_a_long_question_is_asked_part_by_part_and_carries_errors_forward(mia):
    session = mia.begin(topic="chain rule", count="1")
    assert "Add 1." not in mia.text
    mia.send(f"/s/{session}/answer/1a", **{"do": "answer", "answer-1a": "5"})
    assert "Recognised:" in mia.text
    assert "added" in mia.text
    assert "The two are multiplied" in mia.text
    mia.send(f"/s/{session}/answer/1a", do="solution")
    assert "Right answer:" in mia.text
    assert "Add 1." in mia.text
    mia.send(f"/s/{session}/answer/1b", **{"do": "answer", "answer-1b": "6", "sure": "yes"})
    assert "Right" in mia.text
    assert "follows from your answer" in mia.text.lower() or "Follows" in mia.text
    mia.send(f"/s/{session}/answer/1c", do="skip")
    assert "Nothing" not in mia.text
    mia.see(f"/s/{session}/result")
    mia.send(f"/s/{session}/finish")
    assert "of 8 points" in mia.text


def test_hints_come_one_by_one_and_what_was_typed_stays(mia):
    session = mia.begin(topic="sums", count="1")
    page = mia.send(f"/s/{session}/answer/1", **{"do": "hint", "answer-1": "4+"})
    assert "Hint 1" in page
    assert 'value="4+"' in page
    page = mia.send(f"/s/{session}/answer/1", **{"do": "hint", "answer-1": ""})
    assert "Hint 2" in page
    assert mia.path == f"/s/{session}/q/1"


def test_another_variant_has_other_numbers(mia):
    session = mia.begin(topic="sums", count="1")
    first = re.search(r"What is.*", mia.text)[0]
    mia.send(f"/s/{session}/answer/1", do="solution")
    mia.send(f"/s/{session}/q/1/another")
    assert mia.path == f"/s/{session}/q/2"
    assert re.search(r"What is.*", mia.text)[0] != first


def test_an_answer_with_two_readings_asks_which_is_meant(mia):
    session = mia.begin(topic="large numbers", count="1")
    page = mia.send(f"/s/{session}/answer/1", **{"do": "answer", "answer-1": "98,816"})
    assert "Which is meant?" in page
    readings = dict(re.findall(r'name="reading" value="(\d)"><code>([\d.]+)</code>', page))
    (meant,) = [number for number, text in readings.items() if text == "98816"]
    page = mia.send(f"/s/{session}/answer/1", reading=meant)
    assert heading(page).startswith("Right")


def test_free_text_is_marked_by_the_student_with_the_rubric(mia):
    session = begin_kind(mia, "text")
    mia.send(f"/s/{session}/answer/1", **{"do": "answer", "answer-1": "<script>alert(1)</script>"})
    assert "<script>alert" not in mia.text
    assert "Betrayal by a rubric" in mia.text
    for wrong in ("", "3", "-1", "nan", "many"):
        page = mia.send(f"/s/{session}/points/1", points=wrong)
        assert (mia.status, mia.refused) == (200, True)
        assert "Points are a number from 0 to 2." in html.unescape(page)
    mia.send(f"/s/{session}/points/1", points="1,5")
    assert "1.5 of 2 points" in mia.text


def test_a_stale_form_answers_nothing(mia):
    session = mia.begin(topic="sums", count="1")
    stale = mia.page
    mia.send(f"/s/{session}/answer/1", **{"do": "answer", "answer-1": "1"})
    mia.page = stale
    page = mia.send(f"/s/{session}/answer/1", **{"do": "answer", "answer-1": "2"})
    assert (mia.status, mia.refused) == (200, True)
    assert "answered meanwhile" in page
    assert 'value="2"' in page  # nothing typed is lost
    mia.send(f"/s/{session}/answer/1", do="solution")
    mia.page = stale
    assert "settled meanwhile" in mia.send(
        f"/s/{session}/answer/1", **{"do": "answer", "answer-1": "3"}
    )


def test_two_windows_on_two_questions_do_not_disturb_one_another(mia, student):
    session = mia.begin(lecture="9", count="2")
    other = student()
    other.see(f"/s/{session}/q/2")
    mia.send(f"/s/{session}/answer/1", do="skip")
    other.send(f"/s/{session}/answer/2", do="skip")
    assert other.status == 200
    assert "Finish" in other.see(f"/s/{session}")


def test_sessions_are_their_owners_alone(mia, student):
    session = mia.begin(topic="sums", count="1")
    eve = student("eve")
    for path in ("", "/q/1", "/result", "/review/1", "/overview", "/marking"):
        eve.see(f"/s/{session}{path}")
        assert eve.status == 404, path
    eve.see("/")
    token = eve.hidden("/begin")
    for path in ("answer/1", "points/1", "q/1/another", "finish", "q/1/write", "hand-in", "echo/1"):
        assert eve.http.post(f"/s/{session}/{path}", data=token).status_code == 404, path


def test_without_a_pass_there_is_nothing_to_see(mia, server, student):
    mia.http.cookies.clear()
    for path in ("/", "/exams", "/progress", "/progress/practice.json", "/s/1", "/enter?pass=x"):
        mia.see(path)
        assert mia.status in (401, 403)
        assert "form_token" not in mia.text


def test_a_pass_that_works_once_is_used_up(server):
    passes = Passes()
    app = own_app(server.site, practice_app(server.site, server.desk_of), passes, "mia")
    once = passes.once()
    assert Student(app, f"/enter?pass={once}").path == "/"
    assert Student(app, f"/enter?pass={once}").status == 403
    for _ in range(2):
        assert Student(app, f"/enter?pass={passes.lasting}").path == "/"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"answer-1": "1"}, "place"),
        (
            {"answer-1-a": "1", "answer-1-b": "1", "answer-1-c": "2"},
            "a) and b) have the same place",
        ),
        ({"answer-1-a": "9", "answer-1-b": "x"}, "Nothing was typed."),
    ],
)
def test_places_are_given_once(mia, fields, said):
    session = begin_kind(mia, "ordering")
    page = mia.send(f"/s/{session}/answer/1", do="answer", **fields)
    assert said in page
    assert (mia.status, mia.refused) == (200, True)


def test_none_goes_with_no_other_box(mia):
    session = begin_kind(mia, "multiple_choice")
    page = mia.send(f"/s/{session}/answer/1", **{"do": "answer", "answer-1": ["a", "none"]})
    assert "goes with no other box" in page
    assert page.count(" checked") == 2


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"mode": "practice", "lecture": "77"}, "no practice questions for lecture 77"),
        ({"mode": "practice", "topic": "<b>"}, "no topic holds"),
        ({"mode": "nothing"}, "no such way"),
        ({"mode": "exam", "exam": "../../etc/passwd"}, "no such exam"),
    ],
)
def test_what_cannot_be_practised_is_said(mia, fields, said):
    mia.see("/")
    page = mia.send("/begin", **fields)
    assert (mia.status, mia.refused) in ((400, False), (200, True))
    assert said in page.lower()
    assert "<b>" not in page


@pytest.mark.parametrize(
    "path",
    [
        "/s/99", "/s/1/q/99", "/s/x", "/s/1/q/1/figure/a", "/problem", "/problem?back=x",
        *(f"/s/{long}" for long in ("9" * 18, "9" * 20, "9" * 5_000)), f"/s/1/q/{'9' * 20}",
    ],
)  # fmt: skip
def test_what_is_not_there_is_said(mia, path):
    mia.begin(topic="sums", count="1")
    mia.see(path)
    assert mia.status == 404
    assert "To the first page" in mia.text


def test_the_first_page_offers_what_was_left(mia):
    session = mia.begin(topic="chain rule", count="1")
    mia.see("/")
    assert f'href="/s/{session}"' in mia.text
    assert "0 of 3 answers done" in mia.text
    mia.begin(topic="sums", count="1")  # ends what was left
    mia.see("/")
    assert f'href="/s/{session}"' not in mia.text


def test_what_is_due_and_weakest_topics(mia, clock):
    session = mia.begin(lecture="9", count="2")
    for label in ("1", "2"):
        mia.send(f"/s/{session}/answer/{label}", do="solution")
        mia.see(f"/s/{session}")
    clock.pass_by(days=3)
    assert "What is due (2)" in mia.see("/")
    mia.begin(mode="due", count="2")
    assert "What is due" in mia.text
    mia.see("/")
    mia.begin(mode="weakest", count="1")
    assert "Weakest topics" in mia.text


def test_progress_is_shown_taken_along_and_deleted(mia):
    session = mia.begin(topic="sums", count="1")
    mia.send(f"/s/{session}/answer/1", do="solution")
    page = mia.see("/progress")
    assert "Mastery by lecture" in page
    assert "style-src-attr" in mia.page.headers["content-security-policy"]
    mia.send("/progress/exam", day="2099-02-14")
    assert (mia.status, mia.refused) == (200, False)
    assert "2099-02-14" in mia.text
    for wrong in ("", "tomorrow", "2001-01-01"):
        mia.see("/progress")
        mia.send("/progress/exam", day=wrong)
        assert (mia.status, mia.refused) == (200, True)
    taken = mia.http.get("/progress/practice.json")
    assert "attachment" in taken.headers["content-disposition"]
    assert len(taken.json()["sessions"]) == 1
    mia.see("/progress")
    mia.send("/progress/delete")
    assert (mia.status, mia.refused) == (200, True)
    mia.see("/progress")
    assert "1 session" in mia.send("/progress/delete", sure="delete")
    assert mia.http.get("/progress/practice.json").json()["sessions"] == []


def test_seeds_of_open_sessions_are_not_taken_along(mia, server):
    session = mia.begin(topic="sums", count="1")
    mia.send(f"/s/{session}/answer/1", do="solution")
    mia.send(f"/s/{session}/q/1/another")
    data = exported(server.desk_of("mia").progress)
    assert '"seed"' in json.dumps(data)
    assert '"seed"' not in json.dumps(without_open_seeds(data))
    mia.see(f"/s/{session}/result")
    mia.send(f"/s/{session}/finish")
    assert '"seed"' in mia.http.get("/progress/practice.json").text


def test_a_finished_session_can_be_looked_at(mia):
    session = mia.begin(topic="sums", count="1")
    mia.send(f"/s/{session}/answer/1", do="solution")
    mia.send(f"/s/{session}/finish")
    assert mia.path == f"/s/{session}/result"
    assert "Result" in mia.text
    assert "Solution" in mia.see(f"/s/{session}/review/1")
    assert mia.see(f"/s/{session}/q/1")
    assert (mia.status, mia.refused) == (200, False)


class Pretended:
    """A judge that finds what it is told to."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def run(self, task, code):
        self.seen.append(code)
        if code == "long":
            raise bad_input("too-long", "code is too long", hint="shorten it")
        return (
            Finding("Forward", "right", "", None, 2, 2),
            Finding("Backward", "wrong", "expected <1>, found <2>", "sign-flipped", 0, 2),
        )


def test_code_is_tested_and_stays_in_its_field(server):
    judge = Pretended()
    room = practice_app(server.site, server.desk_of, judge=judge)
    passes = Passes()
    mia = Student(own_app(server.site, room, passes, "mia"), f"/enter?pass={passes.lasting}")
    assert "ReLU layer" in mia.see("/code")
    assert "def relu_forward(x):" in mia.see("/code/relu")
    page = mia.send("/code/relu", code="import os\r\n<b>")
    assert judge.seen == ["import os\n<b>"]
    assert "1 of 2 tests right" in page
    assert "Forward: right" in page
    assert "Backward: wrong" in page
    assert "sign flipped" in page
    assert "expected &lt;1&gt;" in page
    assert mia.shown("/code/relu")["code"] == ["import os\n<b>"]
    page = mia.send("/code/relu", code="long")
    assert (mia.refused, mia.shown("/code/relu")["code"]) == (True, ["long"])
    mia.see("/code/nothing")
    assert mia.status == 404
    mia.http.cookies.clear()
    for path in ("/code", "/code/relu"):
        mia.see(path)
        assert mia.status == 401


def test_what_two_tests_say_in_the_same_words_is_told_once():
    fault = "the file cannot be loaded: line 1: invalid syntax"
    rows = rows_of(
        Finding(title, verdict, message, None, 0, 2)
        for title, verdict, message in (
            ("Forward", "unreadable", fault),
            ("Backward", "unreadable", fault),
            ("Cache", "wrong", "another word"),
            ("Shape", "right", ""),
            ("Type", "right", ""),
        )
    )
    said = [row.message for row in rows]
    assert said == [fault, "The same as with Forward.", "another word", "", ""]


def test_without_a_judge_there_are_no_pages_for_code(mia):
    assert ">Code<" not in mia.see("/")
    mia.see("/code")
    assert mia.status == 404
