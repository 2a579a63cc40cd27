"""What takes long goes through a gate: so many at once, so many waiting, and pages beside it are not held up.

Who waits holds no thread: otherwise those who wait for their exam to be put together would keep the threads that
everybody's pages need.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from web.problems import Problem
from web.visitors import Visitor


@dataclass(frozen=True)
class Gate:
    """Requests with this method to addresses of the room that begin like this: how many at once, how many may wait.

    each: how many of one user, waiting or inside, so that nobody fills the gate alone.
    """

    method: str
    path: str
    at_once: int
    waiting: int
    each: int = 2


def gated(app: ASGIApp, gates: Sequence[Gate]) -> ASGIApp:
    """The app behind its gates. Raises Problem for whoever would have to wait behind too many."""
    opened = [(gate, asyncio.Semaphore(gate.at_once)) for gate in gates]
    waiting = dict.fromkeys(gates, 0)
    here: Counter[tuple[Gate, str]] = Counter()

    async def pass_through(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", "")) if "path" in scope else ""
        for gate, turns in opened:
            if scope.get("method") == gate.method and path.startswith(gate.path):
                mine = gate, _who(scope)
                if here[mine] >= gate.each:
                    raise Problem(
                        429,
                        "One thing after the other",
                        "What you asked for before is not ready yet, and takes some seconds. Nothing is lost.",
                        cure="Go back and try again in a moment.",
                    )
                if turns.locked() and waiting[gate] >= gate.waiting:
                    raise Problem(
                        503,
                        "Many are at it just now",
                        "This takes some seconds for each, and several are waiting. Nothing is lost.",
                        cure="Go back and try again in a moment.",
                    )
                here[mine] += 1
                try:
                    waiting[gate] += 1
                    try:
                        await turns.acquire()
                    finally:
                        waiting[gate] -= 1
                    try:
                        await app(scope, receive, send)
                    finally:
                        turns.release()
                finally:
                    here[mine] -= 1
                    if not here[mine]:
                        del here[mine]
                return
        await app(scope, receive, send)

    return pass_through


def _who(scope: Scope) -> str:
    """Whoever is signed in, else the address that they come from."""
    visitor = scope.get("state", {}).get("visitor")
    if isinstance(visitor, Visitor):
        return visitor.user
    return f"at {(scope.get('client') or ('',))[0]}"
