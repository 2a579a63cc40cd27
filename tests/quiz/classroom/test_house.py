"""Rooms under one roof: prefix, doors, and that one student's sessions are nobody else's."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from leaderboard.serving.address import Address
from leaderboard.store import record_result, record_submission
from quiz.store import Progress, all_attempts, load_session
from tests.quiz.classroom.conftest import TEACHER, server_for, token_in

ANSWER = re.compile(r'action="(/[^"]*/answer/(\w+))".*?name="step" value="([^"]*)"', re.DOTALL)


def answer(browser, page: str, text: str, **more):
    action, label, step = ANSWER.search(page).groups()
    fields = {"form_token": token_in(page), "step": step, "do": "answer", f"answer-{label}": text}
    return browser.client.post(action, data=fields | more)


def test_the_front_page_names_the_rooms_of_whoever_asks(browsers):
    student, teacher = browsers("w0258").get("").text, browsers(TEACHER).get("").text
    assert 'href="/practice/"' in student
    assert 'href="/class/"' not in student
    assert 'href="/practice/"' in teacher
    assert 'href="/class/"' in teacher


def test_the_boards_tell_whoever_looks_their_own_ranks_and_no_name(browsers, own_store):
    moment = datetime(2020, 1, 14, tzinfo=UTC)
    for user, score in (("w0256", 80.0), ("w0258", 90.0)):
        mine = {"user": user, "assignment": "exercise-3"}
        number = record_submission(
            own_store, **mine, filename="x.zip", content=user.encode(), received_at=moment
        )
        facts = {"max_score": 100.0, "pending_points": 0.0, "percent": score, "passed": True}
        report = {**mine, "score": score, **facts, "pass_mark": 50.0, "checks": []}
        record_result(own_store, number, report | {"graded_at": moment.isoformat()})
    page = browsers("w0256").get("boards/")
    assert page.status_code == 200
    assert "#2</strong> of 2" in page.text
    assert "Lovelace" not in page.text
    assert browsers().get("boards/").status_code == 401


def test_below_a_prefix_every_address_has_it(own_store, material, clock, passes):
    address = Address("https://x.example/dl", "x.example", https=True, prefix="/dl")
    browser = server_for(own_store, material, clock, passes, address=address)("w0258")
    question = browser.begin(lecture="9")
    for path in ("", "practice/", question, "practice/exams"):
        page = browser.get(path)
        assert page.status_code == 200
        found = re.findall(r'(?:href|src|action)="([^"#][^"]*)"', page.text)
        assert found
        assert all(each.startswith("/dl/") for each in found), found
    sheet = re.search(r'href="(/dl/assets/page.css[^"]*)"', page.text)[1]
    assert browser.client.get(sheet).status_code == 200
    for outside in ("/", "/practice/", "/dl", "/dlx/", "/assets/page.css"):
        answer_outside = browser.client.get(outside)
        assert answer_outside.status_code == 404
        assert "/dl/" in answer_outside.text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "x.example:8734", ""])
def test_other_names_get_no_answer(browsers, host):
    assert browsers().get("", headers={"host": host}).status_code == 421


def test_answers_are_kept_under_the_user_and_not_under_the_name(browsers, own_store):
    browser = browsers("w0256")
    page = browser.get(browser.begin(topic="sums", count="1")).text
    told = answer(browser, page, "1")
    assert told.status_code == 200
    (tried,) = all_attempts(Progress(own_store, "w0256"))
    assert (tried.question, tried.verdict) == ("plain_sum", "wrong")
    with own_store.engine.connect() as connection:
        kept = connection.exec_driver_sql("select event from quiz_events").scalars().all()
    assert kept
    assert not [text for text in kept if "Ada" in text or "03712345" in text]


def test_one_student_can_neither_see_nor_answer_anothers_session(browsers, own_store):
    mine, theirs = browsers("w0256"), browsers("w0257")
    question = mine.begin(topic="sums", count="1")
    page = mine.get(question).text
    own_page = theirs.get(theirs.begin(topic="sums", count="1")).text
    seen = theirs.get(question)
    assert seen.status_code == 404
    action, label, step = ANSWER.search(page).groups()
    for token in (token_in(page), token_in(own_page)):
        fields = {"form_token": token, "step": step, "do": "answer", f"answer-{label}": "1"}
        assert theirs.client.post(action, data=fields).status_code in {403, 404}
    for path in ("finish", "q/1/another", "points/1", "echo/1"):
        target = question.partition("/q/")[0] + f"/{path}"
        assert theirs.post(target, own_page, points="2").status_code == 404
    for path in ("practice/s/1/q/1/figure/whole", "practice/s/1"):
        assert theirs.get(path).status_code == 404
    assert load_session(Progress(own_store, "w0256"), 1).length == 1, "nothing happened to it"


def test_students_find_nothing_of_one_another_on_any_page(browsers):
    for user in ("w0256", "w0257"):
        browser = browsers(user)
        answer(browser, browser.get(browser.begin(topic="sums", count="1")).text, "1")
    browser = browsers("w0258")
    browser.begin()
    for path in ("", "practice/", "practice/exams", "practice/progress"):
        page = browser.get(path)
        assert page.status_code == 200
        for other in ("w0256", "w0257", "Lovelace", "HYPERLINK", "03712345", TEACHER):
            assert other not in page.text


def test_a_form_that_is_sent_again_counts_once(browsers, own_store):
    browser = browsers("w0258")
    page = browser.get(browser.begin(topic="sums", count="1")).text
    assert answer(browser, page, "1").status_code == 200
    again = answer(browser, page, "2")
    assert 'id="refused" role="alert"' in again.text
    assert "answered meanwhile" in again.text
    kept = load_session(Progress(own_store, "w0258"), 1)
    assert [attempt.text for attempt in kept.state.parts["1"].attempts] == ["1"]


def test_a_form_from_before_another_sign_in_is_refused(browsers, passes):
    browser = browsers("w0258")
    page = browser.get(browser.begin(topic="sums", count="1")).text
    browser.enter(passes["w0258"])
    refused = answer(browser, page, "1")
    assert refused.status_code == 403
    assert "out of date" in refused.text


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "'; DROP TABLE quiz_events; --",
        "\x1b[2J",
        "a\r\nb: c",
        "{{ form_token }}",
    ],
)
def test_whatever_is_typed_is_shown_as_text(browsers, own_store, text):
    browser = browsers("w0258")
    page = browser.get(browser.begin(topic="sums", count="1")).text
    told = answer(browser, page, text)
    assert told.status_code == 200
    assert "<script>alert" not in told.text
    assert token_in(page) not in told.text.partition('class="said')[2].partition("</div>")[0]
    assert load_session(Progress(own_store, "w0258"), 1).length >= 1


def test_no_key_reaches_the_browser_before_the_answer_is_in(browsers, own_store, material):
    """Every practice question of the small bank: pages, echoes and headers before an answer."""
    browser = browsers("w0258")
    question = browser.begin(lecture="9", topic="sums", count="1")
    state = load_session(Progress(own_store, "w0258"), 1).state
    (item,) = state.items
    right = material.key(item).parts[0].key.value
    sent = [
        browser.get(question),
        browser.post("practice/s/1/echo/1", browser.get(question).text, text="1"),
        browser.get("practice/s/1"),
    ]
    for each in sent:
        assert each.status_code == 200
        # The length of what is sent is a number that may be any.
        headers = {name: value for name, value in each.headers.items() if name != "content-length"}
        assert not re.search(rf"(?<![\w.]){right}(?!\w)", each.text + str(headers))
    told = answer(browser, sent[0].text, str(right))
    assert re.search(rf"(?<!\w){right}(?!\w)", told.text)
    boxes = browser.get(browser.begin(topic="boxes", count="1")).text
    assert "It never was." not in boxes
    assert "correct" not in boxes
    kept = material.bank.question("kept_for_exams")
    assert kept.use == "exam"
    for path in ("practice/", "practice/exams"):
        assert "kept_for_exams" not in browser.get(path).text
