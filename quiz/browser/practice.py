"""Practice: a question, its answer, hints, the solution, another variant."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from quiz.actions import Action, Another, Answer, Finish, Hint, Leave, MarkOwn, Show, Skip
from quiz.browser.drafts import drafts_of
from quiz.browser.exam import SURE, exam_page, marking_place
from quiz.browser.fields import answer_text
from quiz.browser.look import practice_look, step_of
from quiz.browser.room import (
    Room,
    came_back,
    form_again,
    item_at,
    number_of,
    progress_at,
    question_place,
    send_back,
    session_at,
    to,
)
from quiz.desk import Desk, Session, act
from quiz.engine import Refused
from quiz.events import Item
from web.forms import Form, posted
from web.problems import problem_of


def practice_routes(room: Room) -> list[Route]:
    """The pages and forms of practice; exams go their own way at the same addresses of a session."""

    def session(request: Request) -> Response:
        """Where the session goes on."""
        found = session_at(room.desk(request), request)
        number, state = number_of(found), found.state
        if state.mode == "exam" and state.phase == "asking":
            return to(request, "question", "question", session=number, number=state.position)
        current = state.current
        if state.phase != "asking" or current is None:
            # A browser would take an earlier address's fragment along.
            return to(request, "result", "content", session=number)
        return to(request, "question", "question", session=number, number=current[0].number)

    def question(request: Request) -> Response:
        desk = room.desk(request)
        found = session_at(desk, request)
        if found.state.mode == "exam":
            return exam_page(room, request, desk, found)
        return _page(room, request, desk, found, item_at(found, request))

    def answer(request: Request, form: Form) -> Response:
        desk = room.desk(request)
        found = session_at(desk, request)
        item, label = _asked(found, request)
        try:
            _check_step(found, label, form)
            action = _action(desk, found, item, label, form)
            found, _ = act(desk, found, action)
        except Refused as refused:
            found = session_at(desk, request)
            return _again(request, desk, found, item, label, form, str(refused))
        typed = any(form.text(name) for name in form.fields if name.startswith("answer-"))
        if isinstance(action, Hint) and typed:
            # Without a script, what was typed would be lost on the way to another page.
            return _again(request, desk, found, item, label, form)
        if isinstance(action, Skip) and found.state.parts[item.labels()[-1]].settled:
            return to(request, "session", "question", session=number_of(found))
        fragment = "hint" if isinstance(action, Hint) else f"said-{label}"
        return to(request, "question", fragment, session=number_of(found), number=item.number)

    def points(request: Request, form: Form) -> Response:
        """The student's own points, in practice and after an exam."""
        desk = room.desk(request)
        found = session_at(desk, request)
        item, label = _asked(found, request)
        own = MarkOwn(label, _number(form.text("points")))
        action: Action = Leave(label) if form.text("do") == "open" else own
        after_exam = found.state.mode == "exam"
        try:
            found, _ = act(desk, found, action)
        except Refused as refused:
            if after_exam:
                number = number_of(found)
                back = send_back(desk, marking_place(number), form, str(refused))
                return to(request, "marking", back=back, session=number)
            return _again(request, desk, found, item, label, form, str(refused))
        if after_exam:
            return to(request, "marking", "own", session=number_of(found))
        return to(
            request,
            "question",
            f"said-{label}",
            session=number_of(found),
            number=item.number,
        )

    def another(request: Request, form: Form) -> Response:
        del form
        desk = room.desk(request)
        found = session_at(desk, request)
        item = item_at(found, request)
        known = {each.number for each in found.state.items}
        found, _ = act(desk, found, Another(item.number))
        (new,) = [each.number for each in found.state.items if each.number not in known]
        return to(request, "question", "question", session=number_of(found), number=new)

    def finish(request: Request, form: Form) -> Response:
        del form
        desk = room.desk(request)
        found = session_at(desk, request)
        if found.state.phase != "over":
            found, _ = act(desk, found, Finish())
        return to(request, "result", session=number_of(found))

    def elsewhere(request: Request) -> Response:
        """A form's address that is asked for by hand, as after a start of the browser: its question."""
        desk = room.desk(request)
        found = session_at(desk, request)
        item, _ = _asked(found, request)
        number = number_of(found)
        return to(request, "question", "question", session=number, number=item.number)

    def form_of(path: str, handler: object, name: str) -> Route:
        return Route(path, posted(room.site, handler), methods=["POST"], name=name)  # type: ignore[arg-type]

    return [
        Route("/s/{session:number}", session, name="session"),
        Route("/s/{session:number}/q/{number:number}", question, name="question"),
        Route("/s/{session:number}/answer/{label}", elsewhere, methods=["GET"]),
        Route("/s/{session:number}/points/{label}", elsewhere, methods=["GET"]),
        form_of("/s/{session:number}/answer/{label}", answer, "answer"),
        form_of("/s/{session:number}/points/{label}", points, "points"),
        form_of("/s/{session:number}/q/{number:number}/another", another, "another"),
        form_of("/s/{session:number}/finish", finish, "finish"),
    ]


def _asked(session: Session, request: Request) -> tuple[Item, str]:
    label = request.path_params["label"]
    found = session.state.find(label)
    if found is None:
        raise problem_of(404)
    return found[0], label


def _check_step(session: Session, label: str, form: Form) -> None:
    """Refuse a form that was made before something else happened to its part."""
    part = session.state.parts[label]
    if part.settled is not None:
        raise Refused("This was settled meanwhile, perhaps in another window.")
    if form.text("step") != step_of(part):
        raise Refused(
            "This was answered meanwhile, perhaps in another window. What you typed just now is still in its field."
        )


def _action(desk: Desk, session: Session, item: Item, label: str, form: Form) -> Action:
    part = session.state.parts[label]
    match form.text("do"):
        case "hint":
            return Hint(label)
        case "solution":
            return Leave(label) if part.attempts else Show(label)
        case "skip":
            return Skip(label)
    sure = SURE.get(form.text("sure"))
    reading = form.whole("reading", 0, 99)
    if reading is not None:
        last = part.attempts[-1] if part.attempts else None
        if last is None or reading >= len(last.mark.ask):
            raise Refused("There is no such reading.")
        return Answer(label, last.text, last.sure, last.mark.ask[reading])
    _, asked = session.state.find(label) or (item, item.parts[0])
    text = answer_text(desk.material.key_part(item, asked).key, label, form)
    return Answer(label, text, sure)


def _typed(desk: Desk, session: Session, label: str, form: Form) -> str:
    """What a form held for a part that is asked no more, as it would be typed."""
    found = session.state.find(label)
    if found is None:
        return ""
    try:
        return answer_text(desk.material.key_part(*found).key, label, form)
    except Refused:
        return ""  # boxes that go not together say nothing


def _number(text: str) -> float:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return -1.0  # is refused, with the range


def _again(
    request: Request,
    desk: Desk,
    session: Session,
    item: Item,
    label: str,
    form: Form,
    refused: str = "",
) -> Response:
    """To the question, which shows what was typed and what is said of it."""
    number = number_of(session)
    place, stood = question_place(number, item.number), step_of(session.state.parts[label])
    back = send_back(desk, place, form, refused, stood, label=label)
    fragment = "refused" if refused else "hint"
    return to(request, "question", fragment, back=back, session=number, number=item.number)


def _page(room: Room, request: Request, desk: Desk, session: Session, item: Item) -> Response:
    state, number = session.state, number_of(session)
    back = came_back(progress_at(desk), request, question_place(number, item.number))
    of = "" if back is None else str(back.more.get("label", ""))
    if back is not None and (of not in state.parts or back.stood != step_of(state.parts[of])):
        back = None  # it has gone on since
    form = form_again(back)
    look = practice_look(desk.material, state, item, form, of)
    places = [each.number for each in state.items]
    here = look.place - 1
    refused = "" if back is None else back.said
    typed = ""
    if refused and form is not None and not any(p.field for p in look.parts if p.label == of):
        typed = _typed(desk, session, of, form)
    return room.render(
        request,
        "question.html",
        session=number,
        look=look,
        draft=drafts_of(room.site, request, session, item),
        refused=refused,
        typed=typed,
        sure="" if form is None else form.text("sure"),
        before=places[here - 1] if here else None,
        after=places[here + 1] if here + 1 < len(places) else None,
        all_done=state.current is None,
        over=state.phase == "over",
        mode=state.mode,
    )
