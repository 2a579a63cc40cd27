"""Handing in by page and by program: taken once, with a receipt; nobody sees what is others'."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import io
import re
import sqlite3
import zipfile
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.testclient import TestClient

from classroom.door import Door
from classroom.house import class_app
from classroom.roll import INSTRUCTOR, enrol
from classroom.roster import Entry
from grader.hand_in import desk
from grader.hand_in.desk import HandInDesk
from grader.hand_in.offers import Offer
from grader.hand_in.sending import program_routes
from grader.hand_in.server import hand_in_room, hand_in_site, upload_limits
from grader.hand_in.uploads import Uploads
from grader.intake import Task
from leaderboard.configure import keep_boards
from leaderboard.queue import claim, finish, refuse
from leaderboard.queued import counts, standings_of
from leaderboard.serving.address import Address
from leaderboard.store import submission_content
from question_bank.diagnostics import bad_input
from tests.classroom.conftest import SECRET, opened, passes_for
from web.limits import Limits
from web.problems import Problem

NOW = datetime(2020, 1, 15, 12, 0, tzinfo=UTC)
LARGEST = 2_000
HOSTILE = '"><script>alert(1)</script>\x1b[2J'


class Hand:
    def __init__(self):
        self.moment = NOW

    def __call__(self):
        return self.moment


@pytest.fixture
def hand():
    return Hand()


@pytest.fixture
def store(tmp_path):
    found = opened(f"sqlite:///{tmp_path / 'store.db'}")
    yield found
    found.close()


@pytest.fixture
def passes(store):
    enrol(store, [Entry("w0256", "Ada"), Entry("w0257", "Grace")], NOW)
    enrol(store, [Entry("prof")], NOW, role=INSTRUCTOR)
    return passes_for(store, ["w0256", "w0257", "prof"], NOW)


@pytest.fixture
def server(store, key, hand, passes):
    """Makes browsers of one server; `user` comes in at once."""

    def make(prefix="", *, rate=None, solutions=False, uploads=None):
        place = Address(f"http://x.test{prefix}", "x.test", https=False, prefix=prefix)
        site = hand_in_site(SECRET, place, hand)
        offers = {
            key.assignment: Offer(key.assignment, "Mock exam", Task(keys=(key,))),
            "exercise-3": Offer("exercise-3", "Exercise 3", Task(exercise="exercise-3")),
        }
        limits = rate or Limits(rate=1000, burst=1000)
        taker = HandInDesk(
            store, offers, hand, LARGEST, solutions=solutions, rate=limits,
            uploads=uploads or Uploads(),
        )  # fmt: skip
        door = Door(site, store)
        guard = Limits(rate=1000, burst=1000, files=upload_limits(prefix, LARGEST))
        app = class_app(door, [hand_in_room(door, taker)], guard, more=program_routes(door, taker))

        def browser(user=None):
            client = TestClient(app, base_url="http://x.test")
            if user is not None:
                page = client.get(f"{prefix}/enter?pass={passes[user].signed}").text
                fields = {"form_token": token(page), "pass": passes[user].signed}
                assert client.post(f"{prefix}/enter", data=fields).status_code == 200
            return client

        return browser

    return make


def token(page: str) -> str:
    return re.search(r'name="form_token" value="(\w+)"', page)[1]


def zipped(text="form: A\nanswers: {1: [A, D]}\n") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("answers.yaml", text)
    return out.getvalue()


def send(client, content=None, assignment="exam", name="mine.zip", prefix="", **more):
    page = client.get(f"{prefix}/hand-in/").text
    fields = {"form_token": token(page), "assignment": assignment, **more}
    content = zipped() if content is None else content
    files = {"file": (name, content)} if name else {}
    return client.post(f"{prefix}/hand-in/submissions", data=fields, files=files)


def by_program(client, passes, user="w0256", content=None, assignment="exam", **more):
    content = zipped() if content is None else content
    return client.post(
        "/submissions", data={"assignment": assignment}, files={"file": ("mine.zip", content)},
        auth=(user, passes[user].code), **more,
    )  # fmt: skip


@pytest.fixture
def exam(key):
    return key.assignment


def graded(store, exam, make):
    for held in claim(store, "worker", {exam}, most=10):
        finish(store, held, make(held.receipt.user))


def report(user, exam="exam", solution="SECRET WAY"):
    check = {
        "id": "1", "title": "A choice", "points": 2.0, "max_points": 2.0, "verdict": "right", "message": "fine",
        "mistake": None, "seconds": 0.1, "read_as": None, "topic": None, "solution": solution,
    }  # fmt: skip
    return {
        "schema_version": 1, "user": user, "assignment": exam, "title": "Mock exam", "form": "A", "score": 2.0,
        "submitted_at": NOW.isoformat(), "graded_at": NOW.isoformat(), "max_score": 4.0, "pending_points": 0.0,
        "percent": 50.0, "passed": True, "pass_mark": 2.0, "device": "cpu", "seed": 7, "sandbox": [],
        "versions": {}, "content_sha256": "0" * 64, "missing_layers": [], "notes": [], "checks": [check],
    }  # fmt: skip


def test_a_hand_in_by_page_is_kept_and_has_a_receipt(server, store, exam):
    content = zipped()
    answer = send(server()("w0256"), content, exam)
    assert answer.status_code == 200
    assert str(answer.url).endswith("/hand-in/submissions/1")
    assert hashlib.sha256(content).hexdigest() in answer.text
    assert "2020-01-15 12:00:00 UTC" in answer.text
    assert "waits to be graded, as the next one" in answer.text
    assert submission_content(store, 1) == content


def test_a_hand_in_by_program_has_the_same_receipt_as_json(server, passes, exam):
    content = zipped()
    client = server()()
    answer = by_program(client, passes, content=content, assignment=exam)
    assert answer.status_code == 201
    told = answer.json()
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
    assert (told["number"], told["user"], told["state"], told["ahead"]) == (
        1,
        "w0256",
        "waiting",
        0,
    )
    assert told["received_at"] == NOW.isoformat()
    assert told["timing"] == {"window": "open", "words": "no deadline"}
    auth = ("w0256", passes["w0256"].code)
    assert client.get("/submissions/1", auth=auth).json() == told
    again = by_program(client, passes, content=content, assignment=exam)
    assert (again.status_code, again.json()["again"], again.json()["number"]) == (200, True, 1)


def test_who_waits_reads_how_many_are_before(server, exam):
    browsers = server()
    send(browsers("w0257"), zipped("form: A\nanswers: {1: [A]}\n"), exam)
    assert "1 submission before it" in send(browsers("w0256"), assignment=exam).text


def test_nobody_sees_what_is_others_and_what_is_not_there_looks_the_same(
    server, store, passes, exam
):
    browsers = server()
    ada, grace = browsers("w0256"), browsers("w0257")
    send(ada, assignment=exam)
    graded(store, exam, lambda user: report(user, exam))
    paths = ("", ".json", "/report")
    for path in paths:
        mine = ada.get(f"/hand-in/submissions/1{path}")
        others, none = (
            grace.get(f"/hand-in/submissions/1{path}"),
            grace.get(f"/hand-in/submissions/99{path}"),
        )
        assert mine.status_code == 200
        assert others.status_code == none.status_code == 404
        assert others.text == none.text
        assert browsers("prof").get(f"/hand-in/submissions/1{path}").status_code == 404
        assert browsers().get(f"/hand-in/submissions/1{path}").status_code == 401
    assert "number 1" not in grace.get("/hand-in/").text
    auth = ("w0257", passes["w0257"].code)
    assert browsers().get("/submissions/1", auth=auth).status_code == 404
    assert browsers().get("/submissions/1/report", auth=auth).status_code == 404


@pytest.mark.parametrize(
    "credentials", [None, ("w0256", "2222-2222-2222"), ("nobody", "x"), ("", "")]
)
def test_a_program_without_its_code_hands_in_nothing(server, store, passes, exam, credentials):
    client = server()()
    answer = client.post(
        "/submissions",
        data={"assignment": exam},
        files={"file": ("x.zip", zipped())},
        auth=credentials,
    )
    assert answer.status_code == 401
    assert answer.json()["error"] == "Who are you?"
    # Else browsers would ask for a password, and send it with forms of other sites.
    assert "www-authenticate" not in answer.headers
    assert counts(store) == {}


def test_a_cookie_alone_is_no_code(server, store, exam):
    client = server()("w0256")
    answer = client.post(
        "/submissions", data={"assignment": exam}, files={"file": ("x.zip", zipped())}
    )
    assert answer.status_code == 401
    assert counts(store) == {}


def test_codes_can_be_tried_only_so_often(server, exam):
    client = server()()
    found = {
        client.post("/submissions", data={}, auth=("w0256", f"{n}")).status_code for n in range(12)
    }
    assert found == {401, 429}


def test_a_program_may_ask_as_often_as_it_likes(server, passes, exam):
    client = server()()
    by_program(client, passes, assignment=exam)
    auth = ("w0256", passes["w0256"].code)
    assert {client.get("/submissions/1", auth=auth).status_code for _ in range(12)} == {200}


def test_a_form_without_the_token_of_its_page_is_refused(server, store, exam):
    client = server()("w0256")
    for more in ({"form_token": ""}, {"form_token": "0" * 32}):
        assert send(client, assignment=exam, **more).status_code == 403
    assert counts(store) == {}


def test_a_form_of_another_site_is_refused(server, store, exam):
    client = server()("w0256")
    page = client.get("/hand-in/").text
    answer = client.post(
        "/hand-in/submissions", data={"form_token": token(page), "assignment": exam},
        files={"file": ("x.zip", zipped())}, headers={"origin": "https://evil.test"},
    )  # fmt: skip
    assert answer.status_code == 403
    assert counts(store) == {}


@pytest.mark.parametrize(
    ("what", "status"),
    [("nothing", 400), ("empty", 400), ("another", 400), ("large", 413), ("larger", 413)],
)
def test_what_cannot_be_taken_is_told_and_not_recorded(server, store, passes, exam, what, status):
    content = {"empty": b"", "large": b"x" * (LARGEST + 1), "larger": b"x" * 200_000}.get(what)
    named = {"assignment": "other" if what == "another" else exam}
    client = server()("w0256")
    answer = send(client, content, name="" if what == "nothing" else "mine.zip", **named)
    assert answer.status_code == status
    if what != "nothing":
        assert by_program(client, passes, content=content, **named).status_code == status
    assert counts(store) == {}


def test_what_is_no_submission_is_kept_and_refused_at_once(server, store, exam):
    answer = send(server()("w0256"), b"no zip at all", exam)
    assert "this is not a zip file" in answer.text
    assert "Mend it and hand in again." in answer.text
    assert counts(store) == {"refused": 1}
    assert submission_content(store, 1) == b"no zip at all"


def test_a_hand_in_for_something_else_is_refused_at_once(server, exam):
    assert (
        "holds none of the files of exercise-3"
        in send(server()("w0256"), assignment="exercise-3").text
    )


def test_too_many_hand_ins_of_one_user_are_put_off(server, store, exam):
    browsers = server(rate=Limits(rate=1 / 30, burst=2))
    client = browsers("w0256")
    found = [
        send(client, zipped(f"form: A\nanswers: {{}}\n# {n}"), exam).status_code for n in range(3)
    ]
    assert found == [200, 200, 429]
    assert send(browsers("w0257"), assignment=exam).status_code == 200
    assert counts(store) == {"waiting": 3}


RULE = """\
tabs:
  - name: Exam
    assignment: {exam}
    opens: "2020-01-15 11:00"
    deadline: "2020-01-15 12:00"
    late: {{percent_per_day: 10, until: "2020-01-16 12:00"}}
"""


def test_too_early_is_not_taken_and_too_late_is_kept_and_marked(server, store, hand, exam):
    keep_boards(store, RULE.format(exam=exam), file="b.yaml", by="ada", at=NOW)
    client = server()("w0256")
    found = {}
    for minutes in (-61, 0, 1, 60 * 24 + 1):
        hand.moment = NOW + timedelta(minutes=minutes)
        found[minutes] = send(client, zipped(f"form: A\nanswers: {{}}\n# {minutes}"), exam)
    assert found[-61].status_code == 403
    assert "opens 2020-01-15 11:00:00 UTC" in found[-61].text
    assert "until 2020-01-15 12:00:00 UTC" in found[0].text
    assert "after the deadline; late: 10 % off" in found[1].text
    assert "is kept, and not ranked" in found[1441].text
    assert counts(store) == {"waiting": 3}
    assert [each.receipt.received_at for each in standings_of(store, "w0256")][-1] == NOW


def test_a_receipt_in_the_second_of_the_deadline_shows_what_decided(server, store, hand, exam):
    rule = RULE.replace('    late: {{percent_per_day: 10, until: "2020-01-16 12:00"}}\n', "")
    keep_boards(store, rule.format(exam=exam), file="b.yaml", by="ada", at=NOW)
    hand.moment = NOW + timedelta(seconds=0.4)
    page = send(server()("w0256"), assignment=exam).text
    assert "2020-01-15 12:00:00.4 UTC" in page
    assert "closed since 2020-01-15 12:00:00 UTC" in page


def test_worked_solutions_are_shown_once_nothing_can_count_any_more(server, store, hand, exam):
    keep_boards(store, RULE.format(exam=exam), file="b.yaml", by="ada", at=NOW)
    client = server()("w0256")
    send(client, assignment=exam)
    graded(store, exam, lambda user: report(user, exam))
    page = "/hand-in/submissions/1/report"
    for minutes, there in ((0, False), (60 * 24, False), (60 * 24 + 1, True)):
        hand.moment = NOW + timedelta(minutes=minutes)
        assert ("SECRET WAY" in client.get(page).text) == there
    hand.moment = NOW
    assert "SECRET WAY" in server(solutions=True)("w0256").get(page).text


def test_the_report_may_do_nothing_but_be_looked_at(server, store, exam):
    client = server()("w0256")
    send(client, assignment=exam)
    assert client.get("/hand-in/submissions/1/report").status_code == 404
    graded(store, exam, lambda user: report(user, exam))
    answer = client.get("/hand-in/submissions/1/report")
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "2 of 4 points" in client.get("/hand-in/").text
    assert client.get("/hand-in/submissions/1.json").json()["result"]["score"] == 2.0


def test_hostile_names_and_messages_are_text(server, store, exam):
    client = server()("w0256")
    send(client, assignment=exam, name=f"{HOSTILE}.zip")
    (held,) = claim(store, "w", {exam}, most=1)
    refuse(store, held, [HOSTILE])
    for page in (client.get("/hand-in/").text, client.get("/hand-in/submissions/1").text):
        assert "<script>alert" not in page
        assert "\x1b" not in page


def test_the_instructor_sees_the_queue_and_students_do_not(server, exam):
    browsers = server()
    send(browsers("w0256"), assignment=exam)
    assert "The queue" in browsers("prof").get("/hand-in/").text
    assert "The queue" not in browsers("w0256").get("/hand-in/").text


def test_below_a_prefix_every_address_has_it(server, exam):
    client = server("/dl")("w0256")
    answer = send(client, assignment=exam, prefix="/dl")
    assert str(answer.url).endswith("/dl/hand-in/submissions/1")
    for page in (answer.text, client.get("/dl/hand-in/").text):
        found = re.findall(r'(?:href|src|action)="([^"#][^"]*)"', page)
        assert found
        assert all(each.startswith("/dl/") for each in found), found


def test_the_moment_that_counts_is_that_of_the_last_byte_however_long_the_store_lets_it_wait(
    server, store, hand, passes, exam, monkeypatch
):
    genuine = desk.hand_in

    def wait_for_the_store(*words, **named):
        hand.moment += timedelta(seconds=12)
        return genuine(*words, **named)

    monkeypatch.setattr(desk, "hand_in", wait_for_the_store)
    client = server()("w0256")
    send(client, assignment=exam)
    assert standings_of(store, "w0256")[0].receipt.received_at == NOW
    hand.moment = NOW + timedelta(hours=1)
    by_program(client, passes, "w0257", assignment=exam)
    assert standings_of(store, "w0257")[0].receipt.received_at == NOW + timedelta(hours=1)


def test_who_has_the_right_code_waits_for_nobody_who_writes(server, store, passes, exam):
    client = server()()
    by_program(client, passes, assignment=exam)
    auth = ("w0256", passes["w0256"].code)
    with closing(sqlite3.connect(store.label, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert client.get("/submissions/1", auth=auth).status_code == 200


@pytest.mark.parametrize("code", ["store-busy", "store-unreachable"])
def test_a_store_that_is_away_is_told_as_such(server, store, passes, exam, monkeypatch, code):
    def away(*_words, **_named):
        raise bad_input(code, "another process held the store")

    client = server()("w0256")
    with monkeypatch.context() as patched:
        patched.setattr(desk, "hand_in", away)
        told = by_program(client, passes, assignment=exam)
        page = send(client, assignment=exam)
    assert (told.status_code, page.status_code) == (503, 503)
    assert set(told.json()) == {"error", "message", "cure"}
    assert "this was not" in told.json()["message"]
    assert "our own fault" not in page.text
    assert "Send it again in a minute" in page.text
    assert counts(store) == {}
    assert by_program(client, passes, assignment=exam).status_code == 201


TWO = {"files": [("file", ("a.zip", b"x")), ("file", ("b.zip", b"x"))]}
TORN = {"content": b"--x", "headers": {"content-type": "multipart/form-data; boundary=y"}}
HUGE = {"files": {"file": ("a.zip", b"x" * 200_000)}}
IN_PIECES = {
    "content": iter([b"x" * 50_000] * 4),
    "headers": {"content-type": "multipart/form-data; boundary=x"},
}


@pytest.mark.parametrize(
    ("bad", "status", "says"),
    [
        (TWO, 400, "Too many files"),
        (TORN, 400, ""),
        (HUGE, 413, "At most 65 kB"),
        (IN_PIECES, 413, "At most 65 kB"),
    ],
    ids=["two files", "a torn form", "too large", "too large, in pieces"],
)
def test_a_program_is_always_answered_in_json(server, store, passes, bad, status, says):
    answer = server()().post("/submissions", auth=("w0256", passes["w0256"].code), **bad)
    assert answer.status_code == status
    told = answer.json()
    assert set(told) == {"error", "message", "cure"}
    assert says in told["message"]
    assert counts(store) == {}


# --- uploads under way


def on_its_way(size):
    """A request of which the body has not come yet, nor ever will."""
    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    if size is not None:
        headers.append((b"content-length", str(size).encode()))
    never = asyncio.Event()

    async def receive():
        await never.wait()

    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


@pytest.mark.parametrize(
    ("before", "user", "size", "status"),
    [
        ([("a", 5)], "a", 5, None),
        ([("a", 5), ("a", 5)], "a", 5, 429),
        ([("a", 5), ("a", 5)], "b", 5, None),
        ([("a", 50), ("b", 40)], "c", 10, None),
        ([("a", 50), ("b", 40)], "c", 11, 503),
        ([("a", 50)], "c", None, 503),
        ([], "a", 500, None),
    ],
)
def test_uploads_are_bounded_before_a_byte_of_them_is_read(before, user, size, status):
    """What has no announced size counts as the largest; one that is alone always fits."""
    uploads = Uploads(each=2, room=100)

    async def receive(who, announced):
        async with uploads.receiving(on_its_way(announced), who, 60):
            raise AssertionError

    async def check():
        there = [asyncio.create_task(receive(*each)) for each in before]
        await asyncio.sleep(0)
        last = asyncio.create_task(receive(user, size))
        done, _ = await asyncio.wait([last], timeout=0.05)
        if status is None:
            assert not done
        else:
            problem = last.exception()
            assert isinstance(problem, Problem)
            assert (problem.status, "retry-after" in problem.headers) == (status, True)
        for task in [*there, last]:
            task.cancel()
        await asyncio.gather(*there, last, return_exceptions=True)
        assert uploads == Uploads(each=2, room=100), "whoever goes away makes room"

    asyncio.run(check())


def test_one_upload_too_many_is_told_when_to_come_again(server, passes, store, exam):
    browser = server(uploads=Uploads(each=0))
    answer = by_program(browser(), passes, assignment=exam)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    assert answer.json()["cure"].startswith("Wait until")
    page = send(browser("w0256"), assignment=exam)
    assert (page.status_code, page.headers["retry-after"]) == (429, "30")
    assert counts(store) == {}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_no_fault_and_has_a_cure(server, passes, store, monkeypatch, code, exam):
    def full(*_):
        raise OSError(code, "full")

    browser = server()
    with monkeypatch.context() as patched:
        patched.setattr(UploadFile, "write", full)
        for answer in (
            by_program(browser(), passes, assignment=exam),
            send(browser("w0256"), assignment=exam),
        ):
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
            assert "Send it again in a minute" in answer.text
            assert "our own fault" not in answer.text
    assert counts(store) == {}
    assert by_program(browser(), passes, assignment=exam).status_code == 201


def test_a_disk_that_is_full_afterwards_loses_nothing(server, passes, store, monkeypatch, exam):
    def full(*_):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    assert by_program(server()(), passes, assignment=exam).status_code == 201
    assert counts(store) == {"waiting": 1}


def test_the_rate_is_looked_at_before_the_body(server, passes, monkeypatch, exam):
    browser = server(rate=Limits(rate=1 / 30, burst=1))()
    assert by_program(browser, passes, assignment=exam).status_code == 201

    def read(*_, **__):
        raise AssertionError

    monkeypatch.setattr(Request, "form", read)
    answer = by_program(browser, passes, assignment=exam)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 30
