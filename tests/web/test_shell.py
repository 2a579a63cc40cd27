"""The shell: who may ask, from where, how much; what every answer carries; what goes wrong is said in words."""

from __future__ import annotations

import asyncio
import re
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.web.conftest import HOST, Moment, room
from tests.web.own_loop import in_own_loop
from web.guard import guarded
from web.limits import Limits
from web.links import BadSignature, Expired, read_signed, sign
from web.secret import kept_secret
from web.visitors import STAYS

SECRET = b"k" * 32


def token(client) -> str:
    return re.search(r'name="form_token" value="(\w+)"', client.get("/room/page").text)[1]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:9", "127.0.0.1", ""])
def test_a_name_that_is_not_ours_gets_no_answer(client, host):
    answer = client.get("/room/page", headers={"host": host})
    assert answer.status_code == 421
    assert "form_token" not in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": f"http://{HOST}"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": f"https://{HOST}"}, 403),
        ({"origin": "http://127.0.0.1:9999"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://[broken"}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
    ],
)
def test_forms_come_from_our_own_pages(client, headers, status):
    data = {"form_token": token(client), "word": "hello", "many": ["a", "b"]}
    answer = client.post("/room/say", data=data, headers=headers)
    assert answer.status_code == status
    assert ("hello ('a', 'b') {}" in answer.text) == (status == 200)


def test_a_form_needs_its_token_and_it_belongs_to_one_sign_in(client):
    before = token(client)
    client.get("/room/enter?user=mia")
    after = token(client)
    assert before != after
    for wrong in ("", before, after[:-1], "é"):
        answer = client.post("/room/say", data={"form_token": wrong, "word": "no"})
        assert answer.status_code == 403
        assert "reload the page" in answer.text
    assert client.post("/room/say", data={"form_token": after, "word": "yes"}).status_code == 200


def test_files_come_with_a_form_as_many_as_it_has(client):
    data = {"form_token": token(client)}
    one = client.post("/room/say", data=data, files={"zip": ("a.zip", b"12345")})
    assert "{'zip': 5}" in one.text.replace("&#39;", "'")
    two = client.post("/room/say", data=data, files={"zip": ("a", b"1"), "more": ("b", b"2")})
    assert two.status_code == 400


def test_a_body_has_a_limit(client, limits):
    long = {"form_token": token(client), "word": "x" * 3_000}
    answer = client.post("/room/say", data=long)
    assert answer.status_code == 413
    assert "too large" in answer.text

    def pieces():
        for _ in range(30):
            yield b"x" * 100

    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/room/say", content=pieces(), headers=kind).status_code == 413
    limits.files = {"/room/say": 5_000}
    assert client.post("/room/say", data=long).status_code == 200


def test_each_user_has_a_rate(client, limits):
    limits.burst = 3
    client.get("/room/enter?user=mia")
    assert [client.get("/room/who").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert client.get("/room/who").headers["retry-after"] == "1"
    client.cookies.clear()
    client.get("/room/enter?user=tom")
    assert client.get("/room/who").text == "tom"


def test_a_bucket_fills_again_and_few_are_remembered(monkeypatch):
    now = 0.0
    limits = Limits(rate=2, burst=2, seconds=lambda: now)
    assert [limits.wait("a") for _ in range(3)] == [0, 0, 0.5]
    now = 0.5
    assert [limits.wait("a"), limits.wait("a")] == [0, 0.5]
    monkeypatch.setattr("web.limits.MOST_USERS", 2)
    for user in "abc":
        limits.wait(user)
    assert limits.wait("a") == 0  # forgotten, and full


def test_pages_may_load_nothing_from_elsewhere(client):
    for path in ("/room/page", "/nowhere", "/room/broken", "/assets/shell.css"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    page = client.get("/room/page").text
    assert not re.search(r'(?:src|href|action)="(?!/|#)', page)
    assert client.get("/room/page").headers["cache-control"] == "no-store"


def test_assets_are_named_by_their_bytes(client):
    page = client.get("/room/page").text
    for address in re.findall(r'(?:href|src)="(/assets/[^"]+)"', page):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    for missing in ("/assets/nothing.css", "/assets/../site.py", "/assets/%2e%2e%2fsite.py"):
        assert client.get(missing).status_code == 404


def test_the_cookie_says_who_and_cannot_be_made(client, clock):
    answer = client.get("/room/who")
    assert answer.status_code == 401
    assert "sign in" in answer.text
    entered = client.get("/room/enter?user=mia%0Aroot")
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert client.get("/room/who").text == "mia\nroot"
    value = client.cookies["mockexam"]
    for forged in (value[:-1], value[1:], "x", "a.b", "é.é", "x" * 9_000):
        client.cookies.clear()
        answer = client.get("/room/who", headers={"cookie": f"mockexam={forged}".encode()})
        assert answer.status_code == 401
    again = {"cookie": f"mockexam={value}"}
    assert client.get("/room/who", headers=again).status_code == 200
    clock.pass_by(seconds=STAYS.total_seconds())
    assert client.get("/room/who", headers=again).status_code == 401


def test_a_fault_of_ours_is_a_page_without_details(client, caplog):
    answer = client.get("/room/broken")
    assert answer.status_code == 500
    assert "a secret detail" not in answer.text
    word = re.search(r"calls it (\w+)", answer.text)[1]
    assert word in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", "/room/say", 405), ("PUT", "/room/say", 405)],
)
def test_what_is_not_there_is_a_page(client, method, path, status):
    answer = client.request(method, path)
    assert answer.status_code == status
    assert "To the first page" in answer.text


@given(text=st.text(max_size=300), purpose=st.text(max_size=20))
def test_what_is_signed_is_read_again_for_its_purpose_alone(text, purpose):
    clock = Moment()
    signed = sign(SECRET, purpose, text, until=clock.now.replace(hour=10))
    assert read_signed(SECRET, purpose, signed, clock.now) == text
    with pytest.raises(BadSignature):
        read_signed(SECRET, purpose + "x", signed, clock.now)
    with pytest.raises(BadSignature):
        read_signed(b"z" * 32, purpose, signed, clock.now)
    with pytest.raises(Expired):
        read_signed(SECRET, purpose, signed, clock.now.replace(hour=10))


@given(st.text(max_size=100))
def test_nothing_else_is_taken_for_signed(text):
    with pytest.raises(BadSignature):
        read_signed(SECRET, "x", text, Moment().now)


@given(place=st.integers(0, 60), sign_=st.sampled_from("aB9-_.é\n"))
def test_a_changed_letter_breaks_a_signature(place, sign_):
    signed = sign(SECRET, "x", "some text")
    place %= len(signed)
    changed = signed[:place] + sign_ + signed[place + 1 :]
    if changed != signed:
        with pytest.raises(BadSignature):
            read_signed(SECRET, "x", changed, Moment().now)


def test_the_secret_is_made_once_and_is_its_owners(tmp_path):
    file = tmp_path / "new" / "web.secret"
    made = kept_secret(file)
    assert len(made) == 32
    assert kept_secret(file) == made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["web.secret"]
    file.write_bytes(b"short")
    renewed = kept_secret(file)
    assert len(renewed) == 32
    assert kept_secret(file) == renewed


async def send_raw(site, limits, pieces, path="/room/say"):
    """A form that comes piece by piece, as the server sees it; what it answered, and what was logged."""
    app = guarded(Starlette(routes=[Mount("/room", room(site))]), site, limits)
    came, told = iter(pieces), []

    async def receive():
        piece = next(came)
        if piece is None:
            await asyncio.sleep(60)
        return piece

    async def send(message):
        told.append(message)

    scope = {
        "type": "http", "method": "POST", "path": path, "root_path": "", "query_string": b"",
        "headers": [(b"host", HOST.encode()), (b"content-length", b"1000"),
                    (b"content-type", b"application/x-www-form-urlencoded")],
        "client": ("127.0.0.1", 1), "scheme": "http", "server": ("127.0.0.1", 8734),
    }  # fmt: skip
    await app(scope, receive, send)
    return [each["status"] for each in told if each["type"] == "http.response.start"]


PIECE = {"type": "http.request", "body": b"w", "more_body": True}


def test_whoever_goes_away_in_the_middle_is_no_fault_of_ours(site, limits, caplog):
    pieces = [PIECE, {"type": "http.disconnect"}]
    assert 500 not in in_own_loop(send_raw(site, limits, pieces))
    assert caplog.records == []


def test_a_form_must_come_in_its_time(site, limits):
    limits.body_s = 0.01
    assert in_own_loop(send_raw(site, limits, [PIECE, None])) == [408]
    limits.files = {"/room/say": 5_000}
    assert limits.patience("/room/say") > 60


def test_a_form_of_which_nothing_comes_any_more_is_given_up(site, limits):
    limits.files, limits.pause_s = {"/room/say": 5_000}, 0.01
    assert in_own_loop(send_raw(site, limits, [PIECE, PIECE, None])) == [408]
