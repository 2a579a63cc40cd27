"""A class at practice: 200 students, each with a request every 5 s, against `quiz serve` on this machine.

    python benchmarks/class_load.py [--students 200] [--seconds 60] [--processes 2]

Half of what they do is looking at a page (a question, the start, the front page), half is answering a formula, which
takes two requests: the form, and the page with what is said of it. Times are those of a client in a process of its
own, which shares the machine's cores with the server; what is printed last is how busy the machine was.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PAGE_LIMIT_MS, GRADED_LIMIT_MS = 200.0, 300.0
EVERY_S = 5.0
FORMULAS, OTHERS = 4, 6
"""Questions of a session: those that are answered, and others that are looked at."""
_TOKEN = re.compile(r'name="form_token" value="(\w+)"')
_FORM = re.compile(r'action="([^"]*/answer/([0-9a-z]+))".*?name="step" value="([^"]*)"', re.DOTALL)


@dataclass
class Browser:
    """A connection that is kept open, with its cookie."""

    port: int
    cookie: str = ""
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def send(
        self, method: str, path: str, form: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        """Status, where it leads, and the page."""
        from urllib.parse import urlencode

        if self.reader is None or self.writer is None or self.reader.at_eof():
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        body = urlencode(form or {}).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        if self.cookie:
            lines.append(f"Cookie: {self.cookie}")
        if method == "POST":
            lines += [
                "Content-Type: application/x-www-form-urlencoded",
                f"Content-Length: {len(body)}",
            ]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        fields = dict(
            line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line
        )
        exact = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        for name, value in exact.items():
            if name.lower() == "set-cookie":
                self.cookie = value.partition(";")[0]
        text = (await self.reader.readexactly(int(fields.get("content-length", "0")))).decode()
        place = next((v for n, v in exact.items() if n.lower() == "location"), "")
        return int(head.split()[1]), place.partition("#")[0], text

    async def follow(self, method: str, path: str, form: dict[str, str] | None = None) -> str:
        """The page in the end. Raises RuntimeError for one that is not there."""
        status, place, text = await self.send(method, path, form)
        while status == 303:
            status, place, text = await self.send("GET", place)
        if status != 200:
            raise RuntimeError(f"{method} {path}: {status}")
        return text


@dataclass
class Times:
    """Milliseconds of everything that was asked for."""

    page: list[float] = field(default_factory=list)
    graded: list[float] = field(default_factory=list)
    requests: int = 0
    failed: list[str] = field(default_factory=list)


def sessions_of_formulas(home: Path, users: list[str]) -> dict[str, tuple[int, dict[str, str]]]:
    """A session for each user over questions that ask for a formula; and an answer, wrong on purpose, for each part."""
    from classroom.place import open_class
    from question_bank.answers.formula_key import ExpressionKey
    from question_bank.loader import load_bank
    from quiz.classroom.command import GROUPS
    from quiz.desk import Desk, start
    from quiz.engine import Plan
    from quiz.material import Material, item_of
    from quiz.store import Progress
    from quiz.surroundings import now

    material = Material(load_bank())
    asked = [
        name
        for name in sorted(material.questions)
        if material.variant(name, 0).parts[0].answer.type == "expression"
    ]
    found = {}
    store = open_class(home, GROUPS)
    for place, user in enumerate(users):
        dice = random.Random(place)  # noqa: S311 - no secret
        chosen = [asked[(place + turn) % len(asked)] for turn in range(FORMULAS)]
        chosen += dice.sample(sorted(set(material.questions) - set(asked)), OTHERS)
        items = tuple(
            item_of(number, material.variant(name, 1000 * place + number))
            for number, name in enumerate(chosen, start=1)
        )
        desk = Desk(material, now, Progress(store, user))
        session = start(desk, Plan("practice", place, material.bank.version, items))
        answers = {}
        for item in items[:FORMULAS]:
            for asked_for in item.parts:
                key = material.key_part(item, asked_for).key
                value = key.value if isinstance(key, ExpressionKey) else "7"
                answers[f"{item.number}{asked_for.label}"] = f"3*({value})"
        if session.kept is None:
            raise AssertionError("a session of the class is kept")
        found[user] = session.kept.number, answers
    store.close()
    return found


async def student(
    browser: Browser,
    link: str,
    session: int,
    answers: dict[str, str],
    begin: float,
    end: float,
    times: Times,
) -> None:
    """One student, from the link to the end of the run."""
    dice = random.Random(session)  # noqa: S311 - no secret
    await asyncio.sleep(max(begin - 12 + 10 * dice.random() - time.monotonic(), 0))
    page = await browser.follow("GET", link)
    token = _TOKEN.search(page)
    signed = link.partition("pass=")[2]
    await browser.follow(
        "POST", "/enter", {"form_token": token[1] if token else "", "pass": signed}
    )
    question = f"/practice/s/{session}/q/"
    page = await browser.follow("GET", f"{question}1")
    at = begin + EVERY_S * dice.random()
    while at < end:
        await asyncio.sleep(max(at - time.monotonic(), 0))
        at += EVERY_S
        form = _FORM.search(page)
        started = time.monotonic()
        try:
            if form is not None and dice.random() < 0.5:
                token = _TOKEN.search(page)
                fields = {"form_token": token[1] if token else "", "step": form[3], "do": "answer"}
                fields[f"answer-{form[2]}"] = answers[form[2]]
                page = await browser.follow("POST", form[1], fields)
                times.graded.append(1000 * (time.monotonic() - started))
                times.requests += 2
                if "said bad" not in page:
                    times.failed.append(f"{form[1]} was not marked wrong")
            else:
                path = dice.choice(
                    [f"{question}{dice.randint(1, FORMULAS + OTHERS)}"] * 3 + ["/practice/", "/"]
                )
                found = await browser.follow("GET", path)
                times.page.append(1000 * (time.monotonic() - started))
                times.requests += 1
                form = _FORM.search(found)
                page = found if form is not None and form[2] in answers else page
        except (OSError, RuntimeError, asyncio.IncompleteReadError) as error:
            times.failed.append(f"{type(error).__name__}: {error}")


async def everybody(
    port: int,
    links: dict[str, str],
    sessions: dict[str, tuple[int, dict[str, str]]],
    seconds: float,
) -> tuple[Times, float, float]:
    """Run all students; their times, and the server's CPU seconds over the measured part."""
    times, begin = Times(), time.monotonic() + 13
    tasks = [
        asyncio.create_task(
            student(Browser(port), links[user], *sessions[user], begin, begin + seconds, times)
        )
        for user in links
    ]
    await asyncio.sleep(begin - time.monotonic())
    cpu = cpu_seconds()
    await asyncio.gather(*tasks)
    return times, cpu, cpu_seconds()


SERVER: list[subprocess.Popen[bytes]] = []


def cpu_seconds() -> float:
    """CPU time of the server and its processes so far."""
    total = 0.0
    for pid in _family(SERVER[0].pid):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def _family(pid: int) -> Iterator[int]:
    yield pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    for child in children:
        yield from _family(int(child))


def at(share: float, values: list[float]) -> float:
    """A percentile."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else float("nan")


def main() -> int:
    """Run it, and print figures beside their limits; 1 where one is passed."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--students", type=int, default=200)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--processes", type=int, default=2)
    options.add_argument("--port", type=int, default=8735)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="class-load-") as folder:
        home = Path(folder)
        users = [f"w{number:04d}" for number in range(1, chosen.students + 1)]
        (home / "class.csv").write_text("\n".join(["user", *users]) + "\n", encoding="utf-8")
        command = [sys.executable, "-m", "quiz.cli", "serve"]
        common = ["--data", str(home), "--port", str(chosen.port)]
        roster = ["--roster", str(home / "class.csv"), "-o", str(home / "links.csv")]
        subprocess.run([*command, "links", *common, *roster], check=True)
        with (home / "links.csv").open(encoding="utf-8", newline="") as table:
            rows = list(csv.DictReader(table))
        links = {row["user"]: "/enter" + row["link"].partition("/enter")[2] for row in rows}
        sessions = sessions_of_formulas(home, users)
        server = subprocess.Popen([*command, *common, "--processes", str(chosen.processes)])
        SERVER.append(server)
        try:
            asyncio.run(Browser(chosen.port).follow("GET", "/")) if _up(chosen.port) else None
            times, before, after = asyncio.run(
                everybody(chosen.port, links, sessions, chosen.seconds)
            )
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)
    return report(times, after - before, chosen.seconds)


def _up(port: int) -> bool:
    """Wait until the server listens."""
    import socket

    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return True
    raise SystemExit("the server did not start")


def report(times: Times, cpu: float, seconds: float) -> int:
    """Print the figures."""
    passed = True
    print(f"{times.requests} requests in {seconds:g} s: {times.requests / seconds:.1f} a second")
    for name, values, limit in (
        ("page", times.page, PAGE_LIMIT_MS),
        ("graded formula, with its page", times.graded, GRADED_LIMIT_MS),
    ):
        p99 = at(0.99, values)
        passed = passed and p99 < limit
        print(
            f"{name:30} {len(values):5}  median {at(0.5, values):6.1f} ms  p90 {at(0.9, values):6.1f}"
            f"  p99 {p99:6.1f}  (limit {limit:g})  max {max(values, default=0):6.1f}"
        )
    print(
        f"server's CPU: {1000 * cpu / max(times.requests, 1):.1f} ms a request, {100 * cpu / seconds:.0f} % of a core"
    )
    print(f"failed: {len(times.failed)} {'; '.join(sorted(set(times.failed))[:3])}")
    print(
        f"load average (1 min, whole machine): {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    return 0 if passed and not times.failed else 1


if __name__ == "__main__":
    sys.exit(main())
