"""How long `quiz --web` takes from its start to its first page: python benchmarks/first_page.py [ROUNDS]

A fresh process each time, with an empty data folder; the page is asked for as soon as the address is printed.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from http.cookiejar import CookieJar


def first_page() -> tuple[float, float]:
    """Seconds until the address is printed, and until its page is there."""
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "MOCKEXAM_HOME": home}
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "quiz.cli", "--web", "--no-browser"],
            env=env, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            if process.stderr is None:
                raise AssertionError("stderr is a pipe")
            line = process.stderr.readline()
            printed = time.perf_counter() - start
            found = re.search(r"http://\S+", line)
            if found is None:
                raise SystemExit(line + process.stderr.read())
            opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
            page = opener.open(found[0]).read()
            if b"Practise" not in page:
                raise SystemExit("that is not the first page")
            return printed, time.perf_counter() - start
        finally:
            process.terminate()
            process.communicate()


def main() -> None:
    """Print the median and the range."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    found = [first_page() for _ in range(rounds)]
    for name, values in zip(
        ("address printed", "first page"), zip(*found, strict=True), strict=True
    ):
        low, high = min(values), max(values)
        print(
            f"{name}: {statistics.median(values):.2f} s (from {low:.2f} to {high:.2f}, {rounds} rounds)"
        )


if __name__ == "__main__":
    main()
