"""`quiz --web` in a real Chromium: its server, and a window that begins sessions."""

from __future__ import annotations

from pathlib import Path

from tests.web.chromium import Server, Tab


def practice_server(bank: Path, home: Path, *words: str) -> Server:
    """`quiz --web` over this bank."""
    command = ("quiz.cli", *words, "--web", "--user", "mia", "--bank", str(bank))
    return Server(home, *command)


class PracticeTab(Tab):
    """A window for practice."""

    def begin(
        self, topic: str = "", mode: str = "practice", count: int = 1, lecture: str = ""
    ) -> None:
        self.page.goto(self.server.root + "/")
        if lecture:
            self.page.select_option("[name=lecture]", lecture)
        if topic:
            self.page.select_option("[name=topic]", topic)
        self.page.fill("[name=count]", str(count))
        self.follow(f"button[name=mode][value={mode}]")
        assert "/q/" in self.page.url
