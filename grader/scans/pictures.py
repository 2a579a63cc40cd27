"""The pages of scans as grey pictures: PDF, TIFF with many pages, photographs.

A file is opened in a process of its own (`picture_worker`), which has little memory and little time. What ends it
costs one page, not the rest of the file; a file that does so again and again is given up.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from grader.scan_paths import PDF
from question_bank.diagnostics import Where, bad_input

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_BYTES = 1 << 30
MOST_PAGES = 50_000  # of one file
STRIKES = 3  # pages on which a file may end its process, or be slow
_WORKER = Path(__file__).with_name("picture_worker.py")


@dataclass(frozen=True)
class Limits:
    """What a file may cost: dots to the inch of a PDF's pages, dots of a picture, MiB, seconds to open and for a page."""

    dpi: float = 200
    most_pixels: int = 9_000_000
    most_decoded: int = 120_000_000
    memory_mb: int = 1024
    open_s: float = 60.0
    page_s: float = 20.0
    slow_s: float = 5.0
    cpu_s: int = 4 * 3600


@dataclass(frozen=True)
class ScanPage:
    """A page of a file, from 1; `picture` is grey (0 black to 255), or None with the `error` that kept it away."""

    file: str
    number: int
    of: int
    picture: NDArray[np.uint8] | None = None
    dpi: float = 0.0
    error: str = ""

    @property
    def name(self) -> str:
        """What people call it: ``scans.pdf, page 3``."""
        return f"{self.file}, page {self.number}" if self.of > 1 else self.file


def pages_of(path: Path, name: str, limits: Limits | None = None) -> Iterator[ScanPage]:
    """The pages of a file, in order, each with its picture or with what kept it away.

    Raises InputError where the file as a whole cannot be read.
    """
    limits = limits or Limits()
    _check(path)
    first, strikes, count = 0, 0, 0
    while True:
        with _Worker(path, first, limits) as worker:
            opened = worker.line(limits.open_s)
            if opened is None or "error" in opened:
                why = (
                    "asks for more than a file of scans may" if opened is None else opened["error"]
                )
                raise bad_input(
                    "bad-scan", str(why), where=Where(str(path)),
                    hint="scan it again, or print it into a new PDF",
                )  # fmt: skip
            count = int(opened["pages"])
            if count > MOST_PAGES:
                raise bad_input(
                    "too-many-pages", f"has {count:,} pages, more than {MOST_PAGES:,}",
                    where=Where(str(path)),
                )  # fmt: skip
            while first < count:
                started = time.monotonic()
                page = worker.page(ScanPage(name, first + 1, count), limits.page_s)
                strikes += page is None or time.monotonic() - started > limits.slow_s
                yield page or ScanPage(
                    name, first + 1, count, error="it asks for more time or memory than a page may have"
                )  # fmt: skip
                first += 1
                if page is None or strikes >= STRIKES:
                    break
        if first >= count:
            return
        if strikes >= STRIKES:
            break
    for number in range(first, count):
        yield ScanPage(name, number + 1, count, error="not read: pages before it took too long")


def _check(path: Path) -> None:
    where = Where(str(path))
    try:
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        raise bad_input("cannot-read", f"cannot be read: {error.strerror}", where=where) from None
    if size > MOST_BYTES:
        raise bad_input(
            "too-large", f"has {size:,} bytes, more than {MOST_BYTES:,}", where=where,
            hint="split it into several files",
        )  # fmt: skip


class _Worker:
    """The process that reads a file, from a page on; a context, because it must be ended."""

    def __init__(self, path: Path, first: int, limits: Limits) -> None:
        order = {
            "path": str(path.resolve()),
            "kind": "pdf" if path.suffix.lower() in PDF else "picture",
            "first": first,
            "dpi": limits.dpi,
            "most_pixels": limits.most_pixels,
            "most_decoded": limits.most_decoded,
            "memory_mb": limits.memory_mb,
            "cpu_s": limits.cpu_s,
        }
        environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(_WORKER), json.dumps(order)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={**os.environ, **environment},
        )
        assert self.process.stdout is not None  # noqa: S101 - it was asked for
        self.out = self.process.stdout.fileno()
        self.ahead = bytearray()

    def line(self, seconds: float) -> dict[str, Any] | None:
        """The next line; None where the process ended, or said nothing in time."""
        end = time.monotonic() + seconds
        while b"\n" not in self.ahead:
            if not self._more(end):
                return None
        text, _, rest = bytes(self.ahead).partition(b"\n")
        self.ahead = bytearray(rest)
        data: dict[str, Any] = json.loads(text)
        return data

    def page(self, blank: ScanPage, seconds: float) -> ScanPage | None:
        """The next page; None where the process did not manage it."""
        import numpy as np

        end = time.monotonic() + seconds
        head = self.line(seconds)
        if head is None:
            return None
        if "error" in head:
            return replace(blank, error=str(head["error"]))
        width, height = int(head["width"]), int(head["height"])
        dots = bytearray(width * height)
        view = memoryview(dots)
        got = min(len(self.ahead), len(dots))
        view[:got] = self.ahead[:got]
        del self.ahead[:got]
        while got < len(dots):
            if not select.select([self.out], [], [], max(0.0, end - time.monotonic()))[0]:
                return None
            read = os.readv(self.out, [view[got:]])
            if not read:
                return None
            got += read
        picture = np.frombuffer(dots, np.uint8).reshape(height, width)
        return replace(blank, picture=picture, dpi=float(head["dpi"]))

    def _more(self, end: float) -> bool:
        if not select.select([self.out], [], [], max(0.0, end - time.monotonic()))[0]:
            return False
        read = os.read(self.out, 1 << 16)
        self.ahead += read
        return bool(read)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
