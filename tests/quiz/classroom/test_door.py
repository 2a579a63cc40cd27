"""The door: who is let in, as whom, for how long; and what is tried against it."""

from __future__ import annotations

import asyncio
import re

import pytest

from classroom.door import Door
from classroom.roll import all_members, begin_sign_in, enrol, revoke
from classroom.roster import Entry
from leaderboard.serving.address import Address
from quiz.classroom.command import class_site
from tests.quiz.classroom.conftest import SECRET, TEACHER, passes_for, server_for, token_in
from web.limits import Limits
from web.links import sign
from web.site import Site
from web.visitors import Visitor

COOKIE = Site.cookie


def is_in(browser, name="") -> bool:
    page = browser.get("")
    assert page.status_code == 200
    return f"Hello {name}" in page.text


def test_a_link_says_as_whom_and_its_button_lets_in(browsers, passes):
    browser = browsers()
    page = browser.get(f"enter?pass={passes['w0258'].signed}")
    assert "Come in as w0258" in page.text
    assert not is_in(browser), "looking at a link lets nobody in: a messenger's preview looks too"
    browser.enter(passes["w0258"])
    assert is_in(browser, "w0258")


def test_a_name_is_shown_as_text(browsers, passes):
    browser = browsers("w0256")
    page = browser.get("").text
    assert "Hello Ada &lt;b&gt;Lovelace&lt;/b&gt;" in page
    assert "<b>" not in page


def test_user_and_code_let_in(browsers, passes):
    browser = browsers()
    assert browser.post("sign-in", user=" w0257 ", code=passes["w0257"].code).status_code == 200
    assert is_in(browser, "=HYPERLINK(1)")


@pytest.mark.parametrize(
    ("user", "code"),
    [
        ("w0257", "2222-2222-2222"),
        ("nobody", "2222-2222-2222"),
        ("w0257' --", "x"),
        ('"><script>alert(1)</script>', "x"),
        ("w0257\r\nset-cookie: a=b", "x"),
        ("\x1b[31m", "x"),
    ],
)
def test_others_are_told_the_same_whoever_they_name(browsers, user, code):
    browser = browsers()
    answer = browser.post("sign-in", user=user, code=code)
    assert answer.status_code == 403
    assert "do not go together" in answer.text
    assert "set-cookie" not in answer.headers
    assert "<script>alert" not in answer.text
    assert not is_in(browser)


def test_codes_can_be_tried_only_so_often(browsers, passes):
    browser = browsers()
    statuses = [browser.post("sign-in", user="w0257", code="x").status_code for _ in range(10)]
    assert statuses == [403] * 8 + [429] * 2
    assert browser.post("sign-in", user="W0257", code="x").status_code == 429
    assert browser.post("sign-in", user="w0258", code="x").status_code == 403
    browser.enter(passes["w0257"])
    assert is_in(browser), "the link works all the same"


def test_tries_are_counted_over_all_processes_and_come_back(
    own_store, material, clock, passes, browsers
):
    """Two servers on one store, as two processes are; the names of strangers count like all others."""
    both = [server_for(own_store, material, clock, passes)() for _ in range(2)]
    for user in ("w0257", "nobody"):
        tried = [both[n % 2].post("sign-in", user=user, code="x").status_code for n in range(10)]
        assert tried == [403] * 8 + [429] * 2
    clock.pass_by(seconds=21)
    assert both[0].post("sign-in", user="w0257", code="x").status_code == 403
    assert both[1].post("sign-in", user="w0257", code="x").status_code == 429
    clock.pass_by(seconds=161)
    assert both[0].post("sign-in", user="w0258", code="x").status_code == 403
    with own_store.engine.connect() as connection:
        rows = connection.exec_driver_sql("select name from class_tries").scalars().all()
    assert len(rows) == 1, "what may be tried freely again is forgotten"
    assert "w0258" not in rows[0]


@pytest.mark.parametrize("spoil", ["", "x", None])
def test_a_link_that_is_not_good_is_explained(browsers, passes, spoil):
    signed = passes["w0258"].signed[:-3] if spoil is None else spoil
    answer = browsers().get(f"enter?pass={signed}")
    assert answer.status_code == 403
    assert "This link does not work" in answer.text
    assert "ask your instructor" in answer.text


def test_forms_of_other_sites_sign_nobody_in(browsers, passes):
    """A page elsewhere could sign a student in as somebody else, whose answers they would then give."""
    browser = browsers()
    token = token_in(browser.get("").text)
    fields = {"form_token": token, "pass": passes["w0258"].signed}
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        answer = browser.client.post("/enter", data=fields, headers=headers)
        assert answer.status_code == 403
    without = browser.client.post("/enter", data={"pass": passes["w0258"].signed})
    assert without.status_code == 403
    assert not is_in(browser)


def test_a_cookie_that_was_there_before_is_not_taken_over(browsers, passes):
    """Whoever put a cookie into a student's browser must not be signed in with them."""
    attacker, victim = browsers("w0257"), browsers()
    planted = attacker.client.cookies[COOKIE]
    victim.client.cookies.set(COOKIE, planted, domain="127.0.0.1")
    page = victim.get(f"enter?pass={passes['w0256'].signed}").text
    assert "You are signed in as =HYPERLINK(1)" in page
    victim.enter(passes["w0256"])
    assert is_in(victim, "Ada")
    new = [each.value for each in victim.client.cookies.jar if each.value != planted]
    assert len(new) == 1
    assert not is_in(attacker), "coming in as someone else ends what was there before"


def test_each_sign_in_has_a_cookie_of_its_own_that_scripts_cannot_read(browsers, passes):
    cookies = []
    for _ in range(2):
        page = browsers().get(f"enter?pass={passes['w0258'].signed}").text
        answer = browsers().client.post(
            "/enter",
            data={"form_token": token_in(page), "pass": passes["w0258"].signed},
            follow_redirects=False,
        )
        cookies.append(answer.headers["set-cookie"])
    assert cookies[0] != cookies[1]
    assert "HttpOnly" in cookies[0]
    assert "SameSite=lax" in cookies[0]
    assert "Secure" not in cookies[0], "this server is reached by http"


def test_behind_https_cookies_are_secure_and_belong_to_the_prefix(
    own_store, material, clock, passes
):
    address = Address("https://x.example/dl", "x.example", https=True, prefix="/dl")
    browser = server_for(own_store, material, clock, passes, address=address)()
    page = browser.get(f"enter?pass={passes['w0258'].signed}").text
    answer = browser.client.post(
        "/dl/enter",
        data={"form_token": token_in(page), "pass": passes["w0258"].signed},
        follow_redirects=False,
    )
    assert answer.headers["location"] == "/dl/"
    assert "Secure" in answer.headers["set-cookie"]
    assert "Path=/dl/" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"]


def test_signing_out_makes_kept_copies_of_the_cookie_worthless(browsers, passes):
    browser, thief = browsers("w0258"), browsers()
    thief.client.cookies.set(COOKIE, browser.client.cookies[COOKIE])
    assert is_in(thief, "w0258")
    answer = browser.client.post(
        "/sign-out", data={"form_token": token_in(browser.get("").text)}, follow_redirects=False
    )
    assert answer.headers["clear-site-data"] == '"storage"'
    assert not is_in(browser)
    assert not is_in(thief)


def test_revoking_shuts_out_at_once_and_keeps_what_was_answered(browsers, own_store, clock, passes):
    browser = browsers("w0258")
    question = browser.begin()
    revoke(own_store, ["w0258"], clock())
    assert not is_in(browser)
    answer = browser.get(question)
    assert answer.status_code == 401
    assert "What you answered is kept" in answer.text
    browser.enter(passes_for(own_store, ["w0258"], clock())["w0258"])
    assert browser.get(question).status_code == 200


def test_a_cookie_made_by_someone_else_is_nobodys(browsers, clock):
    browser = browsers()
    for text in ("k\ninstructor\nprof", "k\nstudent\nw0256", "\n\n"):
        for secret in (b"t" * 32, SECRET):
            browser.client.cookies.clear()
            browser.client.cookies.set(COOKIE, sign(secret, "visitor", text))
            assert not is_in(browser), "even a well signed one names no sign-in of the store"


def test_what_one_may_do_is_the_stores_business_and_not_the_cookies(browsers, own_store, clock):
    browser = browsers("w0258")
    key = own_store.engine.connect().exec_driver_sql("select key from class_sign_ins").scalar_one()
    browser.client.cookies.clear()
    browser.client.cookies.set(COOKIE, sign(SECRET, "visitor", f"{key}\ninstructor\nw0258"))
    assert is_in(browser, "w0258")
    assert browser.get("class/").status_code == 403


def test_a_room_is_told_the_role_of_the_store(own_store, clock, passes):
    site = class_site(SECRET, Address("http://x", "x", https=False, prefix=""), clock)
    begin_sign_in(own_store, all_members(own_store)["w0258"], "key", clock())
    seen = []

    async def room(scope, receive, send):
        seen.append((scope["state"]["visitor"].role, scope["state"]["member"].user))

    scope = {"type": "http", "state": {"visitor": Visitor("w0258", "instructor", "key")}}
    asyncio.run(Door(site, own_store).watched(room)(scope, None, None))
    assert seen == [("student", "w0258")]


def test_strangers_and_students_do_not_see_the_instructors_pages(browsers):
    for path in ("class/", "class/users", "class/questions.csv", "class/users.csv"):
        assert browsers().get(path).status_code == 401
        refused = browsers("w0258").get(path)
        assert refused.status_code == 403
        assert "w0256" not in refused.text
        assert browsers(TEACHER).get(path).status_code == 200


def test_strangers_see_no_question(browsers):
    browser = browsers("w0258")
    question = browser.begin()
    for path in (question, "practice/", "practice/progress"):
        answer = browsers().get(path)
        assert answer.status_code == 401
        assert "link that you were given" in answer.text


def test_each_user_has_a_limit_and_a_lecture_hall_that_comes_in_a_larger_one(
    own_store, material, clock, passes
):
    limits = Limits(rate=1, burst=20, crowd=10, seconds=lambda: 0.0)
    browser = server_for(own_store, material, clock, passes, limits=limits)
    one, other, stranger = browser("w0257"), browser("w0258"), browser()
    used = [one.get("").status_code for _ in range(25)]
    assert used.count(429) == 6  # the page after signing in was one too
    assert other.get("").status_code == 200
    assert {stranger.get("").status_code for _ in range(100)} == {200}
    assert {stranger.get("").status_code for _ in range(100)} == {200, 429}


def test_names_do_not_pass_into_headers(own_store, material, clock):
    enrol(own_store, [Entry("ä, ö", "x\u2028y")], clock())
    passes = passes_for(own_store, ["ä, ö"], clock())
    browser = server_for(own_store, material, clock, passes)("ä, ö")
    page = browser.get("").text
    assert re.search(r"Hello x\\u2028y", page)
