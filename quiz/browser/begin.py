"""The first page: go on, or choose what to practise; and how a session begins."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from question_bank.diagnostics import InputError
from quiz.browser.room import (
    Room,
    Sight,
    came_back,
    form_again,
    in_words,
    number_of,
    progress_at,
    send_back,
    to,
)
from quiz.choose import Wish, by_lecture_and_topic, mock_exam, weakest_first, what_is_due
from quiz.desk import Desk, check_exams, start, tidy
from quiz.engine import Plan, Refused
from quiz.events import Mode
from quiz.schedule import due_at
from quiz.state import State
from quiz.store import all_attempts, all_cards, exam_date, load_session, unfinished
from quiz.written import begun_answers
from web.forms import Form, posted

PLACE = "begin"
"""Where the form of a new session comes back to."""
USUAL = 10
"""Questions, where nobody says how many."""
MOST_LEFT = 5
"""Sessions to go on with that are listed."""
EXAMS = ("mock_exam", "short_mock", "quiz_sheet")
MODES: tuple[Mode, ...] = ("practice", "due", "weakest", "exam")


@dataclass(frozen=True)
class Left:
    """A session to go on with. An exam runs `until` a moment (UTC), or `stands` in words."""

    number: int
    mode: Mode
    title: str
    done: int
    many: int
    stands: str
    until: datetime | None


@dataclass(frozen=True)
class ExamChoice:
    """A mock exam that can be started."""

    name: str
    title: str
    minutes: float
    points: float
    one_lecture: bool


def begin_routes(room: Room) -> list[Route]:
    """The first page, the page of mock exams, and the form behind both."""

    def home(request: Request) -> Response:
        sight = room.sight(request)
        chosen = came_back(sight.progress, request, PLACE)
        return room.render(
            request,
            "home.html",
            chosen=form_again(chosen) or Form({}),
            refused="" if chosen is None else chosen.said,
            left=sessions_left(sight),
            topics=topics_by_lecture(sight),
            due=_due_now(sight),
        )

    def exams(request: Request) -> Response:
        sight = room.sight(request)
        back = came_back(sight.progress, request, PLACE)
        return room.render(
            request,
            "exams.html",
            refused="" if back is None else back.said,
            exams=exam_choices(),
            topics=topics_by_lecture(sight),
            left=[each for each in sessions_left(sight) if each.mode == "exam"],
        )

    def begin(request: Request, form: Form) -> Response:
        desk = room.desk(request)
        exam = form.text("mode") == "exam"
        try:
            running = tidy(desk)
            if exam:
                check_exams(running)
            session = start(desk, plan_of(desk, form))
        except (Refused, InputError) as error:
            back = send_back(desk, PLACE, form, in_words(error))
            return to(request, "exams" if exam else "home", "refused", back=back)
        return to(request, "session", "question", session=number_of(session))

    return [
        Route("/", home, name="home"),
        Route("/exams", exams, name="exams"),
        Route("/begin", posted(room.site, begin), methods=["POST"], name="begin"),
    ]


def topics_by_lecture(sight: Sight) -> dict[int, list[str]]:
    """The topics that can be practised, by lecture."""
    found: dict[int, set[str]] = {}
    for spine in sight.practised.values():
        found.setdefault(spine.lecture, set()).add(spine.topic)
    return {lecture: sorted(found[lecture]) for lecture in sorted(found)}


def exam_choices() -> list[ExamChoice]:
    """The mock exams, as their blueprints describe them."""
    from generator.blueprint import load_blueprint

    found = []
    for name in EXAMS:
        blueprint = load_blueprint(name).blueprint
        found.append(
            ExamChoice(
                name, blueprint.title, blueprint.minutes, blueprint.points, blueprint.per_lecture
            )
        )
    return found


def sessions_left(sight: Sight) -> list[Left]:
    """The sessions to go on with, the latest first."""
    numbers = unfinished(sight.progress)[:MOST_LEFT]
    return [_left(number, load_session(sight.progress, number).state, sight) for number in numbers]


def _left(number: int, state: State, sight: Sight) -> Left:
    parts = state.parts.values()
    exam = state.mode == "exam"
    done = begun_answers(state) if exam else sum(part.settled is not None for part in parts)
    stands, until = "", None
    if state.phase == "marking":
        stands = "to be marked by you"
    elif state.deadline is not None and sight.clock() >= state.deadline:
        stands = "its time is over"
    elif state.deadline is not None:
        until = state.deadline.astimezone(UTC)
    title = state.terms.title if state.terms is not None else ""
    return Left(number, state.mode, title, done, len(parts), stands, until)


def _due_now(sight: Sight) -> int:
    now, exam = sight.clock(), exam_date(sight.progress)
    cards = all_cards(sight.progress)
    return sum(due_at(card, exam) <= now for name, card in cards.items() if name in sight.practised)


def _number(form: Form, name: str, most: int, what: str) -> int | None:
    """A number from 1 on; None where none was chosen. Raises Refused for anything else."""
    if not form.text(name).strip():
        return None
    found = form.whole(name, 1, most)
    if found is None:
        raise Refused(f"{what} is a whole number from 1 to {most}.")
    return found


def plan_of(desk: Desk, form: Form) -> Plan:
    """What the form asks for. Raises InputError and Refused."""
    mode = form.text("mode")
    seed = secrets.randbelow(1_000_000)
    lecture = _number(form, "lecture", 999, "A lecture")
    lectures = () if lecture is None else (lecture,)
    if mode == "exam":
        name = form.text("exam")
        if name not in EXAMS:
            raise Refused("There is no such exam.")
        return mock_exam(desk.material, seed, name, lectures if name == "quiz_sheet" else ())
    if mode not in MODES:
        raise Refused("There is no such way to practise.")
    topic = form.text("topic").strip() or None
    count = _number(form, "count", 100, "How many questions")
    wish = Wish(lectures, topic, USUAL if count is None else count, seed)
    progress, now = progress_at(desk), desk.clock()
    if mode == "due":
        return what_is_due(desk.material, wish, all_cards(progress), now, exam_date(progress))
    if mode == "weakest":
        from quiz.stats import topic_mastery

        return weakest_first(desk.material, wish, topic_mastery(all_attempts(progress), now))
    return by_lecture_and_topic(desk.material, wish)
