"""A server: one process, threads for what waits on the store, stopped by Ctrl-C or SIGTERM."""

from __future__ import annotations

import contextlib
import logging
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from web.problems import LOGGER

if TYPE_CHECKING:
    from starlette.types import ASGIApp

LOOPBACK = "127.0.0.1"
WAITING = 512
"""Connections that may wait to be taken up: a lecture hall that comes in at once."""
KEEP_OPEN_S = 30
"""How long a connection stays open for its next request; a page is read for longer than the usual 5 s."""
GRACE_S = 2
"""How long open requests may take once the server is to stop."""


def listening(port: int, host: str = LOOPBACK, *, shared: bool = False) -> socket.socket:
    """A socket at this port; 0 takes any that is free. Raises OSError where it is taken.

    shared: other sockets of this user may listen at the same port; who comes is spread over them.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        found.bind((host, port))
        found.listen(WAITING)  # from here on browsers wait instead of being refused
    except BaseException:
        found.close()
        raise
    return found


def serve(
    app: ASGIApp, on: socket.socket, *, proxies: Sequence[str] = (), grace_s: int = GRACE_S
) -> None:
    """Answer requests until Ctrl-C or SIGTERM; open ones are finished, for up to `grace_s` seconds.

    `until_stopped` stands around it.

    proxies: addresses whose word is taken for who is asking (X-Forwarded-For); nobody's, where there are none.
    """
    import uvicorn

    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        # What makes no sense is answered with 400, and is no news: anyone can send it.
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        limit_concurrency=1_000,
        timeout_keep_alive=KEEP_OPEN_S,
        timeout_graceful_shutdown=grace_s,
        backlog=WAITING,
    )
    LOGGER.addHandler(handler := _FaultFile())
    try:
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[on])
    finally:
        LOGGER.removeHandler(handler)


@contextlib.contextmanager
def until_stopped() -> Iterator[None]:
    """Ctrl-C and SIGTERM end what is inside, however early they come, and what stands around it is closed in order."""

    def stop(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    # uvicorn ends its work, and then lets the signal do what it did before.
    before = signal.signal(signal.SIGTERM, stop)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _FaultFile(logging.Handler):
    """Tracebacks go to a file for whoever mends them; the terminal gets its name, once."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._file: Path | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Append a record; the file is made for the first one."""
        try:
            if self._file is None:
                with tempfile.NamedTemporaryFile(
                    prefix="web-fault-", suffix=".log", delete=False
                ) as made:
                    self._file = Path(made.name)
                print(
                    "a page could not be made, which is our own fault; please report it with the "
                    f"log {self._file}",
                    file=sys.stderr,
                )
            with self._file.open("a", encoding="utf-8", errors="backslashreplace") as out:
                out.write(self.format(record) + "\n")
        except OSError:
            self.handleError(record)
