"""`grade --review ASSIGNMENT --web`: the review on pages."""

from __future__ import annotations

from grader.browser.review_room import ReviewDesk, review_room
from grader.browser.serving import serve_room
from grader.review.command import Walk, nothing_left, opened
from question_bank.command_line import DONE
from question_bank.wording import counted


def review_web(assignment: str, by: str, walk: Walk, port: int | None, *, browser: bool) -> int:
    """Serve the review until the person is done.

    Raises InputError without results, where there is nothing to mark anew, or where the port is taken.
    """
    store = opened(assignment)
    try:
        desk = ReviewDesk(store, assignment, by, walk)
        if not desk.session.groups:
            print(nothing_left(assignment, walk))
            return DONE
        serve_room(lambda site: review_room(site, desk), by, port, browser=browser, what="Review")
        session = desk.session
        marked = sum(len(session.groups[index].answers) for index in session.given)
        print(
            f"{counted(marked, 'answer')} marked since the last look, {session.left()} still wait"
        )
    finally:
        store.close()
    return DONE
