"""`quiz`: a session from its beginning, or from where it was left, to its result."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from datetime import datetime
from typing import Any

from question_bank.command_line import DONE, INTERRUPTED
from question_bank.diagnostics import bad_input
from question_bank.loader import load_bank
from question_bank.wording import counted
from quiz.choose import Wish, by_lecture_and_topic, mock_exam, weakest_first, what_is_due
from quiz.desk import Desk, Interrupted, Session, check_exams, resume, start, tidy
from quiz.engine import Plan, Refused
from quiz.figures import forget_old_figures
from quiz.material import Material
from quiz.practise import practise as ask
from quiz.results import by_lecture, by_section, outcomes, total
from quiz.screen import Screen, say
from quiz.sit_exam import sit_exam
from quiz.state import State
from quiz.stats import topic_mastery
from quiz.store import (
    all_attempts,
    all_cards,
    exam_date,
    set_exam_date,
    unfinished,
)
from quiz.summary import show_result
from quiz.surroundings import check_ahead, now, progress_of, screen_of


def practise(arguments: argparse.Namespace) -> int:
    """Ask, mark, explain."""
    out = sys.stderr if arguments.json else sys.stdout
    shown = screen_of(arguments, out)
    material = Material(load_bank(arguments.bank))
    if arguments.exam_date is not None:
        check_ahead(arguments.exam_date)
    progress = None if arguments.no_record else progress_of(arguments)
    if progress is not None and arguments.exam_date is not None:
        set_exam_date(progress, arguments.exam_date)
    forget_old_figures()
    desk = Desk(material, now, progress)
    try:
        return _sit(arguments, desk, shown)
    finally:
        if progress is not None:
            progress.close()


def _sit(arguments: argparse.Namespace, desk: Desk, screen: Screen) -> int:
    session = _left_last(desk) if arguments.resume else _begun(arguments, desk, screen)
    face = sit_exam if session.state.mode == "exam" else ask
    status = DONE
    try:
        session = face(desk, session, screen, confidence=arguments.confidence)
    except Interrupted as stop:
        say(screen)
        session, status = stop.session, INTERRUPTED
    state = session.state
    if state.mode != "exam" or state.phase != "asking":
        show_result(screen, state)
    if state.phase != "over":
        if desk.progress is not None:
            say(screen, "What was answered is kept: quiz --resume goes on.", "bold")
    elif state.mode in ("practice", "exam"):
        # What is due, or weak, is something else the next time.
        again = "--exam --seed" if state.mode == "exam" else "--seed"
        say(screen, f"The same questions again: {again} {state.seed}", "dim")
    if arguments.json:
        print(json.dumps(_data(state), ensure_ascii=False, indent=1))
    return status


def _left_last(desk: Desk) -> Session:
    left = unfinished(desk.progress) if desk.progress is not None else []
    if not left:
        raise bad_input("nothing-left", "no session was left unfinished", hint="quiz starts one")
    return resume(desk, left[0])


def _begun(arguments: argparse.Namespace, desk: Desk, screen: Screen) -> Session:
    running = tidy(desk)
    for each in running:
        until = _local(each.state.deadline)
        say(screen, f"A mock exam still runs, until {until}: quiz --resume", "bold")
    if arguments.exam:
        try:
            check_exams(running)
        except Refused as refused:
            raise bad_input("many-exams", str(refused), hint="quiz --resume goes on") from None
    plan = _plan(arguments, desk)
    if arguments.due:
        say(screen, _due_words(plan, desk))
    return start(desk, plan)


def _plan(arguments: argparse.Namespace, desk: Desk) -> Plan:
    chosen = secrets.randbelow(1_000_000) if arguments.seed is None else arguments.seed
    if arguments.exam:
        return mock_exam(desk.material, chosen, arguments.blueprint, tuple(arguments.lecture or ()))
    wish = Wish(tuple(arguments.lecture or ()), arguments.topic, arguments.count, chosen)
    if arguments.due and desk.progress is not None:
        cards, day = all_cards(desk.progress), exam_date(desk.progress)
        return what_is_due(desk.material, wish, cards, desk.clock(), day)
    if arguments.weakest and desk.progress is not None:
        known = topic_mastery(all_attempts(desk.progress), desk.clock())
        return weakest_first(desk.material, wish, known)
    return by_lecture_and_topic(desk.material, wish)


def _due_words(plan: Plan, desk: Desk) -> str:
    """How many of the questions are due, and how many are new."""
    known = all_cards(desk.progress) if desk.progress is not None else {}
    due = sum(item.question in known for item in plan.items)
    new = len(plan.items) - due
    return (
        f"{counted(due, 'question')} due, {new} new." if new else f"{counted(due, 'question')} due."
    )


def _local(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone():%H:%M}"


def _data(state: State) -> dict[str, Any]:
    earned = total(state)
    found: dict[str, Any] = {
        "mode": state.mode,
        "seed": state.seed,
        "finished": state.phase == "over",
        "earned": earned.earned,
        "possible": earned.possible,
        "asked": len(state.parts),
    }
    if state.terms is not None:
        found["passed"] = earned.earned >= state.terms.pass_mark if state.phase == "over" else None
        found["by_section"] = {name: vars(sums) for name, sums in by_section(state).items()}
    found["by_lecture"] = {str(n): vars(sums) for n, sums in by_lecture(state).items()}
    found["answers"] = [
        {
            "label": f"{item.number}{part.label}",
            "question": item.question,
            "seed": item.seed,
            "answer": came.answer,
            "verdict": came.verdict,
            "points": came.points,
            "max_points": part.points,
            "mistake": came.mistake,
            "read_as": came.read_as,
            "hints": came.hints,
            "sure": came.sure,
        }
        for item, part, came in outcomes(state)
    ]
    return found
