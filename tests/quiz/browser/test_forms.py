"""Forms: each ends in a redirect to a page that says what came of it; and what the server does not take."""

from __future__ import annotations

import pytest

from quiz.desk import MOST_EXAMS, start
from tests.quiz.browser.test_exam_pages import SECTIONS, plan_of
from tests.quiz.browser.test_pages import heading


def test_every_form_ends_in_a_redirect_that_can_be_asked_for_again(mia, server, monkeypatch):
    """So that reload and back button send nothing again: taken, refused, or kept for a hint."""
    sent = []
    post = mia.http.post

    def watched(*words, **more):
        answer = post(*words, **more)
        sent.append((answer.history[0].status_code, answer.url.path))
        assert mia.http.get(str(answer.url)).text == answer.text
        return answer

    monkeypatch.setattr(mia.http, "post", watched)
    session = mia.begin(lecture="9", count="2")
    first = f"/s/{session}/answer/1"
    mia.see(f"/s/{session}/q/1")
    stale = mia.page
    mia.send(first, **{"do": "hint", "answer-1": "4+"})
    mia.send(first, do="solution")
    mia.page = stale
    mia.send(first, **{"do": "answer", "answer-1": "1"})
    assert "settled meanwhile" in mia.text
    mia.see("/")
    mia.send("/begin", lecture="1", mode="practice", topic="sums")
    mia.see("/progress")
    mia.send("/progress/exam", day="never")
    assert "A day is written" in mia.text
    mia.see("/progress")
    mia.send("/progress/delete")
    mia.see("/progress")
    mia.send("/progress/delete", sure="delete")
    assert "1 session" in mia.text
    assert [status for status, _ in sent] == [303] * len(sent)
    assert len(sent) == 8


def test_what_came_back_of_a_form_is_forgotten_once_things_have_gone_on(mia):
    session = mia.begin(topic="sums", count="1")
    stale = mia.page
    mia.send(f"/s/{session}/answer/1", **{"do": "answer", "answer-1": "1"})
    mia.page = stale
    mia.send(f"/s/{session}/answer/1", **{"do": "answer", "answer-1": "222"})
    refused = str(mia.page.url)
    assert "answered meanwhile" in mia.see(refused)
    assert 'value="222"' in mia.text
    mia.send(f"/s/{session}/answer/1", **{"do": "answer", "answer-1": "3"})
    assert "answered meanwhile" not in mia.see(refused)
    assert 'value="3"' in mia.text
    assert (mia.status, mia.refused) == (200, False)


@pytest.mark.parametrize("count", ["-5", "0", "1e9", "100000", "ten", "2.5"])
def test_a_number_of_questions_that_cannot_be_is_said_and_not_exchanged(mia, count):
    mia.see("/")
    mia.send("/begin", mode="practice", topic="sums", count=count)
    assert (mia.status, mia.refused, mia.path) == (200, True, "/")
    assert "How many questions is a whole number from 1 to 100." in mia.text
    assert mia.shown("/begin")["count"] == [count]
    assert mia.begin(topic="sums", count=""), "none at all is the usual number"


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("", "A day is written YYYY-MM-DD."),
        ("31.12.2099", "A day is written YYYY-MM-DD."),
        ("2001-01-01", "The exam&#39;s date 2001-01-01 is past."),
        ("9999-12-31", "The exam&#39;s date 9999-12-31 is more than 1000 years away."),
    ],
)
def test_a_day_that_cannot_be_the_exams_is_refused_where_it_was_typed(mia, day, said):
    mia.see("/progress")
    mia.send("/progress/exam", day=day)
    assert (mia.status, mia.refused, mia.path) == (200, True, "/progress")
    assert said in mia.text
    assert "Not now" not in mia.text
    assert mia.shown("/progress/exam")["day"] == [day]
    assert mia.see("/progress")
    assert mia.shown("/progress/exam")["day"] == [""]


def test_what_came_back_is_ones_own_goes_with_ones_data_and_holds_no_token(mia, student):
    session = mia.begin(topic="sums", count="1")
    mia.send(f"/s/{session}/answer/1", **{"do": "hint", "answer-1": "4+"})
    assert 'value="4+"' not in student("eve").see(str(mia.page.url))
    data = mia.http.get("/progress/practice.json")
    (form,) = data.json()["returned_forms"]
    assert form["value"]["fields"]["answer-1"] == ["4+"]
    assert "form_token" not in data.text
    mia.see("/progress")
    mia.send("/progress/delete", sure="delete")
    assert mia.http.get("/progress/practice.json").json()["returned_forms"] == []


def test_what_was_chosen_is_kept_where_it_cannot_be_practised(mia):
    mia.see("/")
    mia.send("/begin", mode="practice", lecture="4", topic="sums", count="7")
    assert (mia.status, mia.refused, mia.path) == (200, True, "/")
    assert "No topic of lecture 4 holds" in mia.text
    assert "It belongs to lecture 9." in mia.text
    chosen = mia.shown("/begin")
    assert [chosen[name] for name in ("lecture", "topic", "count")] == [["4"], ["sums"], ["7"]]


@pytest.mark.parametrize("points", ["2", "0"])
def test_only_answers_in_words_get_points_of_ones_own_in_practice(mia, points):
    session = mia.begin(topic="sums", count="1")
    page = mia.send(f"/s/{session}/answer/1", **{"do": "answer", "answer-1": "????x"})
    assert heading(page) == "Unreadable"
    token = mia.hidden(f"/s/{session}/answer/1")
    mia.page = mia.http.post(f"/s/{session}/points/1", data={**token, "points": points})
    assert (mia.status, mia.refused) == (200, True)
    assert "no answer that waits for your mark" in mia.text
    assert "of 2 points" not in mia.text
    assert mia.http.get("/progress/practice.json").json()["attempts"][0]["self_marked"] is False


def test_a_session_that_another_one_ended_says_so_and_offers_its_result(mia):
    first = mia.begin(topic="chain rule", count="1")
    page = mia.page
    mia.begin(topic="sums", count="1")
    mia.see(f"/s/{first}/q/1")
    assert "This session is over" in mia.text
    assert f'href="/s/{first}/result"' in mia.text
    assert f"/s/{first}/answer/1a" not in mia.text, "no form that would be refused"
    assert mia.text.count("Not answered.") == 3
    mia.page = page
    mia.send(f"/s/{first}/answer/1a", **{"do": "answer", "answer-1a": "my <6>"})
    assert (mia.text.count("ession is over"), mia.text.count('class="said bad"')) == (1, 1)
    assert '<pre class="scroll">my &lt;6&gt;</pre>' in mia.text


def test_what_was_typed_into_a_part_that_was_settled_elsewhere_is_shown(mia):
    session = mia.begin(topic="boxes", count="1")
    page = mia.page
    mia.send(f"/s/{session}/answer/1", do="solution")
    assert "had typed" not in mia.text
    mia.page = page
    mia.send(f"/s/{session}/answer/1", **{"do": "answer", "answer-1": ["a", "c"]})
    assert "settled meanwhile" in mia.text
    assert '<pre class="scroll">a, c</pre>' in mia.text
    refused = str(mia.page.url)
    assert "had typed" not in mia.see(refused.partition("?")[0])


def test_a_typed_answer_is_in_no_address(mia):
    session = mia.begin(topic="sums", count="1")
    asked = mia.http.get(f"/s/{session}/echo/1", params={"text": "12"})
    assert asked.status_code == 405
    assert mia.http.post(f"/s/{session}/echo/1", data={"text": "12"}).status_code == 403


def test_times_name_their_zone(mia, server, material, clock):
    start(server.desk_of("mia"), plan_of(material, SECTIONS))
    page = mia.see("/")
    assert '<time datetime="2026-11-01T09:30:00+00:00">09:30 UTC</time>' in page
    clock.pass_by(minutes=31)
    assert "its time is over" in mia.see("/")


def test_so_many_mock_exams_and_no_more(mia, server, material):
    for _ in range(MOST_EXAMS):
        start(server.desk_of("mia"), plan_of(material, SECTIONS))
    mia.see("/exams")
    mia.page = mia.http.post(
        "/begin", data={**mia.hidden("/begin"), "mode": "exam", "exam": "short_mock"}
    )
    assert (mia.status, mia.refused, mia.path) == (200, True, "/exams")
    assert "3 mock exams of yours go on already" in mia.text
    assert mia.text.count("Go on<span") == MOST_EXAMS
    assert mia.begin(topic="sums", count="1"), "practice goes on all the same"
