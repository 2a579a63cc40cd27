"""What takes long waits at its gate, and everything else goes past it."""

from __future__ import annotations

import asyncio

import pytest

from web.gate import Gate, gated
from web.problems import Problem
from web.visitors import Visitor

GATE = Gate("POST", "/begin", at_once=1, waiting=1)


def asked(method="POST", path="/room/begin", root="/room", user=None):
    visitor = None if user is None else Visitor(user, "student", "key")
    state = {"visitor": visitor}
    return {"type": "http", "method": method, "path": path, "root_path": root, "state": state}


class Slow:
    """An app that answers when it is let go; it notes who got in."""

    def __init__(self) -> None:
        self.inside: list[str] = []
        self.go = asyncio.Event()

    async def __call__(self, scope, receive, send) -> None:
        self.inside.append(scope["path"])
        if scope["method"] == "POST" and scope["path"] == "/room/begin":
            await self.go.wait()


def test_one_at_once_one_waits_and_the_others_are_told():
    async def run():
        slow = Slow()
        app = gated(slow, [GATE])
        first, second = (asyncio.create_task(app(asked(), None, None)) for _ in range(2))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert slow.inside == ["/room/begin"]
        with pytest.raises(Problem, match="several are waiting") as told:
            await app(asked(user="mia"), None, None)
        assert told.value.status == 503
        for other in (asked("GET"), asked(path="/room/s/1"), asked(path="/room/s/begin")):
            await app(other, None, None)
        assert len(slow.inside) == 4
        slow.go.set()
        await asyncio.gather(first, second)
        assert len(slow.inside) == 5
        await app(asked(), None, None)

    asyncio.run(run())


def test_whoever_goes_away_gives_up_their_place():
    async def run():
        slow = Slow()
        app = gated(slow, [GATE])
        first, second = (asyncio.create_task(app(asked(), None, None)) for _ in range(2))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        third = asyncio.create_task(app(asked(), None, None))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        slow.go.set()
        await third
        assert len(slow.inside) == 2

    asyncio.run(run())


@pytest.mark.parametrize(("each", "taken"), [(1, 1), (2, 2)])
def test_nobody_fills_a_gate_alone(each, taken):
    async def run():
        slow = Slow()
        app = gated(slow, [Gate("POST", "/begin", at_once=1, waiting=9, each=each)])
        mine = [asyncio.create_task(app(asked(user="mia"), None, None)) for _ in range(6)]
        theirs = asyncio.create_task(app(asked(user="tom"), None, None))
        for _ in range(4):
            await asyncio.sleep(0)
        refused = [each.exception() for each in mine if each.done()]
        assert [type(each) for each in refused] == [Problem] * (6 - taken)
        assert {each.status for each in refused} == {429}
        slow.go.set()
        await theirs
        await asyncio.gather(*mine, return_exceptions=True)
        assert len(slow.inside) == taken + 1
        await app(asked(user="mia"), None, None)
        assert len(slow.inside) == taken + 2, "what is done does not count any more"

    asyncio.run(run())
