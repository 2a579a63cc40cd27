"""What takes long goes through a gate: so many at once, so many waiting, and pages beside it are not held up.

Who waits holds no thread: otherwise those who wait for their exam to be put together would keep the threads that
everybody's pages need.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from web.problems import Problem


@dataclass(frozen=True)
class Gate:
    """Requests with this method to addresses of the room that begin like this: how many at once, how many may wait."""

    method: str
    path: str
    at_once: int
    waiting: int


def gated(app: ASGIApp, gates: Sequence[Gate]) -> ASGIApp:
    """The app behind its gates. Raises Problem for whoever would have to wait behind too many."""
    opened = [(gate, asyncio.Semaphore(gate.at_once)) for gate in gates]
    waiting = dict.fromkeys(gates, 0)

    async def pass_through(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", "")) if "path" in scope else ""
        for gate, turns in opened:
            if scope.get("method") == gate.method and path.startswith(gate.path):
                if turns.locked() and waiting[gate] >= gate.waiting:
                    raise Problem(
                        503,
                        "Many are at it just now",
                        "This takes some seconds for each, and several are waiting. Nothing is lost.",
                        cure="Go back and try again in a moment.",
                    )
                waiting[gate] += 1
                try:
                    await turns.acquire()
                finally:
                    waiting[gate] -= 1
                try:
                    await app(scope, receive, send)
                finally:
                    turns.release()
                return
        await app(scope, receive, send)

    return pass_through
