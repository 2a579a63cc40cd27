"""An answer that takes long holds nobody up but the one who gave it."""

from __future__ import annotations

import threading

from starlette.applications import Starlette
from starlette.testclient import TestClient

from quiz import engine
from tests.quiz.classroom.test_house import answer


def test_while_one_answer_is_marked_others_get_their_pages(browsers, monkeypatch):
    slow, other = browsers("w0256"), browsers("w0257")
    page = slow.get(slow.begin(topic="sums", count="1")).text
    marking, go_on = threading.Event(), threading.Event()
    judged = engine.judged

    def waits(*arguments):
        marking.set()
        assert go_on.wait(60)
        return judged(*arguments)

    monkeypatch.setattr(engine, "judged", waits)
    # One event loop for both, as in one server process.
    with TestClient(Starlette()) as server:
        slow.client.portal = other.client.portal = server.portal
        told: list[int] = []
        one = threading.Thread(target=lambda: told.append(answer(slow, page, "1").status_code))
        one.start()
        assert marking.wait(60)
        assert other.get("practice/").status_code == 200
        assert told == []
        go_on.set()
        one.join()
        slow.client.portal = other.client.portal = None
    assert told == [200]
