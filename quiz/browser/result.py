"""What came of a session: the sums, and every question with its answers and solutions."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from question_bank.wording import counted
from quiz.browser.look import practice_look, review_look
from quiz.browser.room import Room, item_at, number_of, session_at, to
from quiz.engine import waiting
from quiz.results import Tally, by_lecture, by_section, outcome, to_repeat, total
from quiz.state import State

MOST_TOPICS = 6


@dataclass(frozen=True)
class Sum:
    """A sum of points in words, and as a share from 0 to 100 (None where nothing counts)."""

    name: str
    words: str
    share: float | None


@dataclass(frozen=True)
class Row:
    """One question of the session: what came of it. `tone` is good, bad, open or none."""

    number: int
    place: int
    lecture: int
    topic: str
    words: str
    tone: str


def result_routes(room: Room) -> list[Route]:
    """The result, and one question of it."""

    def result(request: Request) -> Response:
        session = session_at(room.desk(request), request)
        state = session.state
        if state.mode == "exam" and state.phase == "asking":
            return to(request, "session", session=number_of(session))
        exam = state.terms is not None
        sums, whole = total(state), _of(total(state), exam)
        return room.render(
            request,
            "result.html",
            session=number_of(session),
            mode=state.mode,
            terms=state.terms,
            over=state.phase == "over",
            unasked=state.phase == "asking" and state.current is not None,
            by_clock=state.handed_in is not None and state.handed_in == state.deadline,
            waiting=len(waiting(state)) if state.phase == "marking" else 0,
            sum=_sum("", sums, exam) if whole or exam else None,
            passed=exam and state.terms is not None and sums.earned >= state.terms.pass_mark,
            open=sums.open if exam else 0.0,
            sections=[_sum(n, t, exam) for n, t in by_section(state).items()] if exam else [],
            lectures=[
                _sum(f"Lecture {n}", t, exam) for n, t in by_lecture(state).items() if _of(t, exam)
            ],
            again=to_repeat(state)[:MOST_TOPICS],
            rows=rows_of(state),
        )

    def review(request: Request) -> Response:
        desk = room.desk(request)
        session = session_at(desk, request)
        state, item = session.state, item_at(session, request)
        if state.mode == "exam" and state.phase == "asking":
            return to(request, "question", session=number_of(session), number=item.number)
        shown = review_look if state.mode == "exam" else practice_look
        places = [each.number for each in state.items]
        here = places.index(item.number)
        return room.render(
            request,
            "review.html",
            session=number_of(session),
            look=shown(desk.material, state, item),
            before=places[here - 1] if here else None,
            after=places[here + 1] if here + 1 < len(places) else None,
        )

    return [
        Route("/s/{session:number}/result", result, name="result"),
        Route("/s/{session:number}/review/{number:number}", review, name="review"),
    ]


def rows_of(state: State) -> list[Row]:
    """Every question that something came of, in order."""
    found = []
    for item in state.items:
        parts = [state.parts[label] for label in item.labels()]
        if not any(part.attempts or part.settled for part in parts):
            continue
        came = [outcome(a, p) for a, p in zip(item.parts, parts, strict=True)]
        earned = sum(each.points or 0.0 for each in came)
        possible = sum(each.part.points for each in came)
        if all(part.settled == "skipped" for part in parts):
            words, tone = "skipped", "none"
        elif any(each.points is None for each in came):
            words, tone = f"{earned:g} of {possible:g}, some open", "open"
        else:
            words = f"{earned:g} of {counted(possible, 'point')}"
            tone = "good" if earned == possible else "bad" if not earned else "open"
        place = state.place(item.number)
        found.append(Row(item.number, place, item.lecture, item.topic, words, tone))
    return found


def _of(sums: Tally, exam: bool) -> float:
    """What the points are of: in an exam all that there were, in practice what counted."""
    return sums.possible + sums.open if exam else sums.possible


def _sum(name: str, sums: Tally, exam: bool) -> Sum:
    whole = _of(sums, exam)
    words = f"{sums.earned:g} of {counted(whole, 'point')}"
    return Sum(name, words, 100 * sums.earned / whole if whole else None)
