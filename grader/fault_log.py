"""Faults of ours while code is graded: to a file for whoever mends them, one line for everybody else."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LOGGER = logging.getLogger("grader.code")


@contextmanager
def faults_told(tell: Callable[[str], None]) -> Iterator[None]:
    """While this is open, tracebacks of the judge go to a file; `tell` gets its name once."""
    handler = _ToFile(tell)
    LOGGER.addHandler(handler)
    try:
        yield
    finally:
        LOGGER.removeHandler(handler)


class _ToFile(logging.Handler):
    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._tell = tell
        self._file: Path | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Append a record; the file is made for the first one."""
        try:
            if self._file is None:
                with tempfile.NamedTemporaryFile(
                    prefix="grade-fault-", suffix=".log", delete=False
                ) as made:
                    self._file = Path(made.name)
                self._tell(
                    "some checks could not be carried out, which is our own fault and costs nobody "
                    f"points; please report it with the log {self._file}"
                )
            with self._file.open("a", encoding="utf-8", errors="backslashreplace") as out:
                out.write(self.format(record) + "\n")
        except OSError:
            self.handleError(record)
