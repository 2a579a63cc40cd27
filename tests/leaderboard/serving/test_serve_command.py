"""`leaderboard serve` as a process: it answers, and it ends when it is asked to."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from tests.leaderboard.conftest import ROOT


def start(home, *words):
    return subprocess.Popen(
        [sys.executable, "-m", "leaderboard.cli", "serve", *words],
        cwd=ROOT,
        env={**os.environ, "MOCKEXAM_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_it_serves_until_it_is_asked_to_end(own_home):
    server = start(own_home, "--port", "0")
    try:
        line = server.stderr.readline()
        root = re.search(r"http://127\.0\.0\.1:\d+/", line)[0]
        with urllib.request.urlopen(root, timeout=20) as answer:
            assert b"Introduction to Deep Learning" in answer.read()
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
        assert "Traceback" not in server.stderr.read()
    finally:
        server.kill()
        server.communicate()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--host", "0.0.0.0"], "--public-url"),
        (["--public-url", "ftp://x"], "is no address of a web page"),
        (["--refresh", "0"], "a number of seconds is a whole number from 2 to 3600"),
        (["--port", "99999"], "a port is a whole number"),
        (["--prefix", "/a b"], "cannot stand in front of addresses"),
    ],
)
def test_misuse_is_told(own_home, words, said):
    given = words if "--port" in words else [*words, "--port", "0"]
    server = start(own_home, *given)
    _, error = server.communicate(timeout=30)
    assert server.returncode == 2
    assert said in error


def test_a_taken_port_is_told(own_home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = start(own_home, "--port", str(port))
        _, error = server.communicate(timeout=30)
    assert server.returncode == 2
    assert f"port {port} of 127.0.0.1 cannot be used" in error
