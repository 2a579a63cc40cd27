"""The server as it is started for a class: over the network, killed, stopped, started again; two at once on PostgreSQL."""

from __future__ import annotations

import csv
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from classroom.place import open_class
from quiz.store import Progress, load_session
from tests.quiz.classroom.conftest import postgres_server, token_in
from tests.quiz.classroom.test_house import ANSWER
from tests.quiz.conftest import SUM, bank_folder
from tests.quiz.test_command import CODE, ROOT, run

__all__ = ["bank_folder", "postgres_server"]


class Server:
    """`quiz serve` at a port of its own."""

    def __init__(self, folder: Path, bank: Path, *options: str, **settings: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.line = ["serve", "--data", str(folder / "data"), "--port", str(self.port)]
        self.line += ["--bank", str(bank), *options]
        self.settings, self.log = settings, folder / f"log-{self.port}"
        self.address = f"http://127.0.0.1:{self.port}"

    def start(self) -> Server:
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", CODE, *self.line],
                env={**os.environ, "PYTHONPATH": path, **self.settings},
                stderr=log,
            )
        end = time.monotonic() + 20
        while "stops it" not in self.log.read_text() and time.monotonic() < end:
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        return self

    def stop(self, how: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(30)

    def children(self, without: int | None = None) -> list[int]:
        """Both server processes, once they are there."""
        pid, found = self.process.pid, list[int]()
        end = time.monotonic() + 30
        while (len(found) != 2 or without in found) and time.monotonic() < end:
            time.sleep(0.05)
            found = [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return found


@pytest.fixture
def home(tmp_path) -> Path:
    (tmp_path / "class.csv").write_text("user\nw0256\nw0257\n", encoding="utf-8")
    return tmp_path


def links(home: Path, **settings: str) -> dict[str, str]:
    line = ["serve", "links", "--data", home / "data", "--roster", home / "class.csv"]
    done = run(*line, "--instructor", "prof", **settings)
    assert done.returncode == 0, done.stderr
    rows = csv.DictReader(done.stdout.decode().splitlines())
    return {row["user"]: row["link"].partition("/enter")[2] for row in rows}


@pytest.fixture
def server(home, bank_folder) -> Iterator[Server]:
    made = Server(home, bank_folder(SUM))
    yield made
    made.stop(signal.SIGKILL)


OPEN: list[httpx2.Client] = []


@pytest.fixture(autouse=True)
def closed_clients() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()


def client_of(address: str, **more) -> httpx2.Client:
    OPEN.append(httpx2.Client(base_url=address, follow_redirects=True, timeout=30, **more))
    return OPEN[-1]


def come_in(address: str, link: str) -> httpx2.Client:
    client = client_of(address)
    page = client.get(f"/enter{link}").text
    entered = client.post(
        "/enter", data={"form_token": token_in(page), "pass": link.partition("pass=")[2]}
    )
    assert "Hello" in entered.text
    return client


def begin(client: httpx2.Client, count: int = 1) -> httpx2.Response:
    page = client.get("/practice/").text
    fields = {"form_token": token_in(page), "mode": "practice", "count": str(count)}
    return client.post("/practice/begin", data=fields)


def form_of(page: str, text: str) -> tuple[str, dict[str, str]]:
    action, label, step = ANSWER.search(page).groups()
    fields = {"form_token": token_in(page), "step": step, "do": "answer", f"answer-{label}": text}
    return action, fields


def test_students_go_on_after_a_stop_and_after_a_kill(server, home):
    given = links(home)
    server.start()
    student = come_in(server.address, given["w0256"])
    question = begin(student)
    action, fields = form_of(question.text, "1")
    wrong = student.post(action, data=fields)
    assert 'class="said bad"' in wrong.text
    assert server.stop() == 0
    server.start()
    page = student.get(question.url.path)
    assert 'class="said bad"' in page.text, "the same cookie, the same session, the same answer"
    action, fields = form_of(page.text, "2")
    assert 'class="said bad"' in student.post(action, data=fields).text
    for pid in [server.process.pid, *server.children()]:
        os.kill(pid, signal.SIGKILL)
    server.process.wait()
    server.start()
    again = student.post(action, data=fields).text
    assert "answered meanwhile" in again, "the form was taken before"
    state = kept(home, "w0256").state
    assert [attempt.text for attempt in state.parts["1"].attempts] == ["1", "2"]
    prof = come_in(server.address, given["prof"])
    assert "A sum" in prof.get("/class/").text
    assert student.get("/class/").status_code == 403
    assert "w0256" in prof.get("/class/users.csv").text


def kept(home: Path, user: str, number: int = 1):
    store = open_class(home / "data")
    try:
        return load_session(Progress(store, user), number)
    finally:
        store.close()


def test_a_process_that_dies_is_replaced_and_the_others_go_on(server, home):
    given = links(home)
    server.start()
    before = server.children()
    os.kill(before[0], signal.SIGKILL)
    for _ in range(20):
        # A connection of its own each time: some fall to the place of the one that died, and wait.
        assert httpx2.get(server.address, timeout=30).status_code == 200
    after = server.children(without=before[0])
    assert len({*after, *before}) == 3, "one of two is new"
    assert "started again" in server.log.read_text()
    assert "Hello" in come_in(server.address, given["w0257"]).get("/").text


def runs(pid: int) -> bool:
    """Whether a process is there, and not only its entry, which an idle init leaves."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_nothing_runs_on_where_the_first_process_was_killed(server, home):
    links(home)
    server.start()
    children = server.children()
    server.stop(signal.SIGKILL)
    end = time.monotonic() + 20
    while any(map(runs, children)) and time.monotonic() < end:
        time.sleep(0.1)
    assert not any(map(runs, children))


def test_what_was_taken_before_a_stop_is_kept(server, home):
    given = links(home)
    server.start()
    taken: dict[str, list[str]] = {"w0256": [], "w0257": []}

    def work(user: str) -> None:
        client = come_in(server.address, given[user])
        page = begin(client).text
        for number in range(1, 25):
            action, fields = form_of(page, str(number))
            try:
                answer = client.post(action, data=fields, follow_redirects=False)
                if answer.status_code == 303:
                    taken[user].append(str(number))
                page = client.get(answer.headers["location"].partition("#")[0]).text
            except httpx2.TransportError:
                return

    threads = [threading.Thread(target=work, args=(user,)) for user in taken]
    for thread in threads:
        thread.start()
    while min(map(len, taken.values())) < 3:
        time.sleep(0.01)
    assert server.stop() == 0
    for thread in threads:
        thread.join()
    store = open_class(home / "data")
    for number, user in ((1, "w0256"), (2, "w0257"), (1, "w0257"), (2, "w0256")):
        try:
            state = load_session(Progress(store, user), number).state
        except LookupError:
            continue
        texts = [attempt.text for attempt in state.parts["1"].attempts]
        assert texts[: len(taken[user])] == taken[user]
        assert len(texts) <= len(taken[user]) + 1, "at most one whose answer did not get through"
    store.close()


def test_what_a_client_sends_raw_does_not_get_by(server, home):
    links(home)
    server.start()
    for sent in (
        b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /enter?pass=%0d%0aset-cookie:%20a=b HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
        b"GET /assets/..%2f..%2fclass.secret HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
        b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: 99999999\r\n\r\n",
        b"\x1b[2J / HTTP/1.1\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw:
            raw.sendall(sent.replace(b"PORT", b"%d" % server.port))
            answer = raw.recv(65_536)
        assert re.match(rb"HTTP/1.1 4\d\d ", answer), answer[:80]
        assert b"set-cookie" not in answer.lower()
    for dropped in (
        b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 1000\r\n\r\nx"
        % server.port,
        b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 8\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\nnonsense" % server.port,
    ):
        for _ in range(4):
            with socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw:
                raw.sendall(dropped)
                if b"nonsense" in dropped:
                    assert b" 400 " in raw.recv(65_536)
    assert httpx2.get(server.address, timeout=30).status_code == 200
    assert server.stop() == 0
    assert server.log.read_text().count("\n") == 2, "nothing of it is a fault, and nothing is told"


@pytest.mark.parametrize(("proxies", "seen"), [("()", "127.0.0.1"), ("('127.0.0.1',)", "9.9.9.9")])
def test_only_a_proxy_that_is_named_is_believed(tmp_path, proxies, seen):
    code = f"""
from starlette.responses import PlainTextResponse
from web.server import listening, serve
async def app(scope, receive, send):
    await PlainTextResponse(scope["client"][0])(scope, receive, send)
on = listening(0)
print(on.getsockname()[1], flush=True)
serve(app, on, proxies={proxies})
"""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=env)
    try:
        port = int(server.stdout.readline())
        headers = {"x-forwarded-for": "6.6.6.6, 9.9.9.9"}
        answer = httpx2.get(f"http://127.0.0.1:{port}/", headers=headers, timeout=30)
        assert answer.text == seen
    finally:
        server.terminate()
        server.wait(30)
        server.stdout.close()


def test_two_servers_on_one_postgresql_database(home, bank_folder, request):
    psycopg = pytest.importorskip("psycopg")
    place = request.getfixturevalue("postgres_server")
    name = f"mockexam_{uuid.uuid4().hex}"
    with psycopg.connect(f"{place}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    settings = {"DATABASE_URL": f"{place}/{name}"}
    given, bank = links(home, **settings), bank_folder(SUM)
    one = Server(home, bank, "--processes", "1", **settings)
    two = Server(home, bank, "--processes", "1", **settings)
    try:
        one.start()
        two.start()
        student = come_in(one.address, given["w0256"])
        other = client_of(two.address, cookies=dict(student.cookies))
        question = begin(student)
        page = other.get(question.url.path).text
        forms = [form_of(text, "1") for text in (question.text, page)]
        assert forms[0] == forms[1]
        led_to: list[str] = []

        def send(client: httpx2.Client) -> None:
            action, fields = forms[0]
            sent = client.post(action, data=fields, follow_redirects=False)
            led_to.append(sent.headers["location"])

        threads = [threading.Thread(target=send, args=(client,)) for client in (student, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        refused = [place for place in led_to if "?back=" in place]
        assert len(refused) == 1, "answered twice at the same moment, it counts once"
        assert "another window" in other.get(refused[0].partition("#")[0]).text
        assert 'class="said bad"' in other.get(question.url.path).text
        assert other.get("/").text.count("Hello w0256") == 1
        student.post("/sign-out", data={"form_token": token_in(student.get("/").text)})
        assert "Sign in" in other.get("/").text
    finally:
        one.stop()
        two.stop()
