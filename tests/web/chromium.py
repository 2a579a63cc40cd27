"""A real, headless Chromium in front of a real server; everything that it asks for is written down."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PROGRAM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
# Nothing but pages: no updates, no pings.
SWITCHES = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE_MS = 20_000
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text("utf-8")


class Server:
    """A command of ours that serves pages, as a process of its own, which can be killed and started again at the same port.

    `command` are the words after `python -m`, but for --no-browser and the port; `home` is where it keeps things.
    """

    def __init__(self, home: Path, *command: str, folder: Path | None = None) -> None:
        self.home, self.command, self.folder = home, command, folder or home
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log: Any = None
        self.root = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        env = {**os.environ, "PYTHONPATH": path, "MOCKEXAM_HOME": str(self.home)}
        if self.log is not None:
            self.log.close()
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - open as long as the process runs
        words = [*self.command, "--no-browser", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", *words],
            env=env, stderr=self.log, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd=self.folder,
        )  # fmt: skip
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            found = re.search(r"http://\S+", self.said())
            if found:
                self.address = found[0]
                return
            time.sleep(0.05)
        raise AssertionError(f"did not start: {self.said()}")

    def said(self) -> str:
        """What it wrote so far."""
        self.log.seek(0)
        return self.log.read()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def ended(self) -> int:
        """Its exit status, once it ended by itself."""
        return self.process.wait(30)

    def close(self) -> None:
        """Nothing of it is left."""
        if self.process.poll() is None:
            self.kill()
        self.log.close()


class Tab:
    """One page of a browser, with what it asked for and what went wrong in it."""

    def __init__(self, context: Any, server: Server) -> None:
        self.server = server
        self.asked: list[str] = []
        self.faults: list[str] = []
        context.on("request", lambda request: self.asked.append(request.url))
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._hear)

    def _hear(self, message: Any) -> None:
        # That a form was refused is shown on the page, and no fault.
        if message.type == "error" and "409" not in message.text:
            self.faults.append(message.text)

    def enter(self) -> None:
        self.page.goto(self.server.address)

    def follow(self, selector: str) -> None:
        """Click what leads to a page, and wait until that page stands: what is read next is read there."""
        with self.page.expect_navigation():
            self.page.click(selector)

    def focused(self) -> str:
        """The id of what has the focus."""
        found: str = self.page.evaluate("document.activeElement.id")
        return found

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def reach(self, selector: str) -> None:
        """Tab on until the focus is there; it must come within a page's length."""
        for _ in range(60):
            if self.page.evaluate("sel => document.activeElement.matches(sel)", selector):
                return
            self.press("Tab")
        raise AssertionError(f"{selector} is not reached by Tab")

    def wide(self) -> int:
        """By how many pixels the page is wider than its window."""
        found: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return found

    def barriers(self) -> list[str]:
        """What axe finds on the page as it stands, in this theme."""
        self.page.evaluate(f"window.axe || (() => {{ {AXE} }})()")
        result = self.page.evaluate(
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
        )
        return [
            f"{found['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
            for found in result["violations"]
            for node in found["nodes"]
        ]
