"""The `quiz` command: parses, calls, prints."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from question_bank.command_line import BAD_INPUT, DONE, INTERRUPTED, Parser, run, seed

if TYPE_CHECKING:
    import argparse
    from datetime import date, datetime

    from quiz.desk import Desk, Session
    from quiz.engine import Plan
    from quiz.screen import Screen
    from quiz.state import State
    from quiz.store import Progress

ABOUT = """\
Practise with fresh variants of the bank's questions, in the terminal. Each
answer is marked as `grade` marks it, with the slip behind a wrong one, hints, a
worked solution, and another variant where wanted. Questions that are kept for
exams are never drawn.

What you answer is kept at once, in mockexam.db in the folder MOCKEXAM_HOME
(default: your data folder), or in the database that DATABASE_URL names; nothing
is lost when the terminal goes away. `quiz --resume` goes on.

At the keyboard: ? hint, ?? solution, :s skip, :v another variant, :q leave. In
an exam: :n next, :b back, :g N go to question N, :o overview, :done hand in.
Through a pipe: one answer a line (`quiz --seed 1 < answers.txt`). Figures are
described, and drawn into mockexam/figures in your cache folder (~/.cache, or
XDG_CACHE_HOME) for a browser; after a month they are removed."""

EXAMPLES = """\
examples:
  quiz --lecture 9 -n 5
  quiz --due --exam-date 2099-02-14
  quiz --weakest --confidence
  quiz --exam
  quiz --stats --html progress.html"""


def parser() -> Parser:
    """The command line of `quiz`."""
    top = Parser(prog="quiz", description=ABOUT, epilog=EXAMPLES)
    asked = top.add_argument_group("what is asked")
    asked.add_argument(
        "--lecture", type=int, action="append", metavar="N", help="a lecture (repeatable)"
    )
    asked.add_argument("--topic", metavar="T", help="topics that hold this text")
    asked.add_argument("-n", "--count", type=_count, default=10, metavar="N", help="questions (10)")
    asked.add_argument("--seed", type=seed, metavar="N", help="the same questions again")
    modes = asked.add_mutually_exclusive_group()
    modes.add_argument(
        "--due", action="store_true", help="what is due to be repeated, then what is new"
    )
    modes.add_argument("--weakest", action="store_true", help="the weakest topics first")
    modes.add_argument(
        "--exam", action="store_true", help="a mock exam against the clock, graded at its end"
    )
    modes.add_argument(
        "--resume", action="store_true", help="go on with the session that was left last"
    )
    asked.add_argument(
        "--blueprint",
        default="mock_exam",
        metavar="NAME|FILE",
        help="the exam of --exam, and of the points that --stats predicts (mock_exam)",
    )
    asked.add_argument(
        "--exam-date",
        type=_date,
        metavar="YYYY-MM-DD",
        help="the day of the exam, before which everything is repeated; remembered",
    )
    asked.add_argument(
        "--confidence", action="store_true", help="ask after each answer whether you are sure"
    )
    asked.add_argument(
        "--bank",
        type=Path,
        action="append",
        metavar="DIR",
        help="a folder of questions (repeatable; default: the course's bank)",
    )
    shown = top.add_argument_group("how it is shown")
    shown.add_argument(
        "--plain", action="store_true", help="no colour, for screen readers and logs"
    )
    shown.add_argument(
        "--json", action="store_true", help="results as JSON on stdout; the quiz goes to stderr"
    )
    kept = top.add_argument_group("what is kept")
    kept.add_argument("--user", metavar="NAME", help="whose progress it is (your login name)")
    kept.add_argument("--no-record", action="store_true", help="keep nothing of this session")
    does = kept.add_mutually_exclusive_group()
    does.add_argument(
        "--stats",
        action="store_true",
        help="mastery by lecture, confidence, what is due, predicted points",
    )
    does.add_argument(
        "--export-data", type=Path, metavar="FILE", help="write everything that is kept, as JSON"
    )
    does.add_argument(
        "--delete-data",
        action="store_true",
        help="delete everything that is kept, after a question",
    )
    kept.add_argument("--html", type=Path, metavar="FILE", help="with --stats: a page with plots")
    kept.add_argument("--yes", action="store_true", help="with --delete-data: do not ask")
    top.set_defaults(action=quiz)
    return top


def _count(text: str) -> int:
    import argparse

    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"a count is a whole number from 1 to 1000, not '{text}'")
    return int(text)


def _date(text: str) -> date:
    import argparse
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a date is written YYYY-MM-DD, not '{text}'") from None


def quiz(arguments: argparse.Namespace) -> int:
    """`quiz`: practise, or show and handle what is kept."""
    from question_bank.diagnostics import bad_input

    about_data = arguments.stats or arguments.export_data or arguments.delete_data
    modes = ("due", "weakest", "exam", "resume")
    chosen = [f"--{name}" for name in modes if getattr(arguments, name)]
    if about_data and (chosen or arguments.no_record):
        other = (chosen or ["--no-record"])[0]
        raise bad_input("bad-usage", f"{other} does not go with what is kept; use one of them")
    if arguments.html is not None and not arguments.stats:
        raise bad_input(
            "bad-usage", "--html writes the page of --stats", hint="quiz --stats --html FILE"
        )
    if arguments.no_record and (arguments.due or arguments.weakest or arguments.resume):
        raise bad_input(
            "bad-usage", f"{chosen[0]} needs what is kept, and --no-record keeps nothing"
        )
    if (arguments.exam or arguments.resume) and (arguments.lecture or arguments.topic):
        raise bad_input(
            "bad-usage", f"--lecture and --topic do not go with {chosen[0]}, which has its questions"
        )
    if arguments.stats:
        return stats(arguments)
    if arguments.export_data:
        return export_data(arguments)
    if arguments.delete_data:
        return delete_data(arguments)
    return practise(arguments)


def practise(arguments: argparse.Namespace) -> int:
    """Ask, mark, explain."""
    from question_bank.loader import load_bank
    from quiz.desk import Desk
    from quiz.figures import forget_old_figures
    from quiz.material import Material
    from quiz.store import set_exam_date

    out = sys.stderr if arguments.json else sys.stdout
    screen = _screen(arguments, out)
    material = Material(load_bank(arguments.bank))
    progress = None if arguments.no_record else _progress(arguments)
    if progress is not None and arguments.exam_date is not None:
        _check_ahead(arguments.exam_date)
        set_exam_date(progress, arguments.exam_date)
    forget_old_figures()
    desk = Desk(material, _now, progress)
    try:
        return _sit(arguments, desk, screen)
    finally:
        if progress is not None:
            progress.close()


def _sit(arguments: argparse.Namespace, desk: Desk, screen: Screen) -> int:
    from quiz.desk import resume, start, tidy
    from quiz.practise import practise as ask
    from quiz.screen import say
    from quiz.sit_exam import sit_exam
    from quiz.store import unfinished
    from quiz.summary import show_result

    if arguments.resume:
        from question_bank.diagnostics import bad_input

        left = unfinished(desk.progress) if desk.progress is not None else []
        if not left:
            raise bad_input(
                "nothing-left", "no session was left unfinished", hint="quiz starts one"
            )
        session = resume(desk, left[0])
    else:
        for running in tidy(desk):
            say(
                screen,
                f"A mock exam still runs, until {_local(running.state.deadline)}: quiz --resume",
                "bold",
            )
        plan = _plan(arguments, desk)
        if arguments.due:
            say(screen, _due_words(plan, desk))
        session = start(desk, plan)
    sitting = _Sitting(session)
    status = DONE
    try:
        if session.state.mode == "exam":
            sitting.session = sit_exam(desk, session, screen, confidence=arguments.confidence)
        else:
            sitting.session = ask(desk, session, screen, confidence=arguments.confidence)
    except KeyboardInterrupt:
        say(screen, "")
        status = INTERRUPTED
    state = _latest(desk, sitting.session)
    if state.mode != "exam" or state.phase != "asking":
        show_result(screen, state)
    if state.phase == "over":
        if state.mode != "exam" or not arguments.json:
            say(screen, f"The same questions again: --seed {state.seed}", "dim")
    elif desk.progress is not None:
        say(screen, "What was answered is kept: quiz --resume goes on.", "bold")
    if arguments.json:
        import json

        print(json.dumps(_data(state), ensure_ascii=False, indent=1))
    return status


class _Sitting:
    """The session as far as it came back."""

    def __init__(self, session: Session) -> None:
        self.session = session


def _latest(desk: Desk, session: Session) -> State:
    """The state as it is kept: after Ctrl-C it has gone on beyond what came back."""
    from quiz.store import load_session

    if desk.progress is None or session.kept is None:
        return session.state
    return load_session(desk.progress, session.kept.number).state


def _plan(arguments: argparse.Namespace, desk: Desk) -> Plan:
    import secrets

    from quiz.choose import Wish, by_lecture_and_topic, mock_exam, weakest_first, what_is_due
    from quiz.stats import topic_mastery
    from quiz.store import all_attempts, all_cards, exam_date

    chosen = secrets.randbelow(1_000_000) if arguments.seed is None else arguments.seed
    if arguments.exam:
        return mock_exam(desk.material, chosen, arguments.blueprint)
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
    from question_bank.wording import counted
    from quiz.store import all_cards

    known = all_cards(desk.progress) if desk.progress is not None else {}
    due = sum(item.question in known for item in plan.items)
    new = len(plan.items) - due
    return f"{counted(due, 'question')} due, {new} new." if new else f"{counted(due, 'question')} due."


def stats(arguments: argparse.Namespace) -> int:
    """`quiz --stats`: on the screen, as JSON, or as a page."""
    from question_bank.files import write_whole
    from question_bank.loader import load_bank
    from quiz.show_stats import show_stats
    from quiz.stats import statistics
    from quiz.stats_page import render_stats
    from quiz.store import all_attempts, all_cards, exam_date, set_exam_date

    bank = load_bank(arguments.bank)
    progress = _progress(arguments, must_exist=arguments.exam_date is None)
    if arguments.exam_date is not None:
        _check_ahead(arguments.exam_date)
        set_exam_date(progress, arguments.exam_date)
    found = statistics(
        progress.user,
        all_attempts(progress),
        all_cards(progress),
        bank,
        _now(),
        exam=exam_date(progress),
        blueprint=arguments.blueprint,
    )
    progress.close()
    if arguments.html is not None:
        write_whole(arguments.html, render_stats(found))
        print(f"wrote {arguments.html}", file=sys.stderr)
    elif arguments.json:
        import json
        from dataclasses import asdict

        print(json.dumps(asdict(found), ensure_ascii=False, indent=1, default=str))
    else:
        show_stats(_screen(arguments, sys.stdout), found)
    return DONE


def export_data(arguments: argparse.Namespace) -> int:
    """`quiz --export-data FILE`: everything that is kept of the user."""
    import json

    from question_bank.files import write_whole
    from quiz.store import exported

    progress = _progress(arguments, must_exist=True)
    data = exported(progress)
    progress.close()
    write_whole(arguments.export_data, json.dumps(data, ensure_ascii=False, indent=1) + "\n")
    print(f"wrote {arguments.export_data}", file=sys.stderr)
    return DONE


def delete_data(arguments: argparse.Namespace) -> int:
    """`quiz --delete-data`: after a question, unless --yes."""
    from question_bank.wording import counted
    from quiz.screen import Ended, read, say
    from quiz.store import erase

    progress = _progress(arguments, must_exist=True)
    screen = _screen(arguments, sys.stdout)
    if not arguments.yes:
        say(
            screen,
            f"This deletes all practice of {progress.user} for good. `quiz --export-data FILE` keeps a copy.",
        )
        try:
            sure = read(screen, "Type delete to go on> ") == "delete"
        except Ended:
            sure = False
        if not sure:
            say(screen, "Nothing was deleted.")
            progress.close()
            return BAD_INPUT
    count = erase(progress)
    progress.close()
    say(screen, f"Deleted: {counted(count, 'session')} and everything that belongs to them.")
    return DONE


def _progress(arguments: argparse.Namespace, *, must_exist: bool = False) -> Progress:
    from quiz.store import open_progress

    return open_progress(_user(arguments.user), must_exist=must_exist)


def _user(given: str | None) -> str:
    import getpass

    if given is not None:
        return given
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "student"  # a container's user without a name


def _check_ahead(day: date) -> None:
    from question_bank.diagnostics import bad_input

    if day < _now().date():
        raise bad_input("bad-date", f"the exam's date {day.isoformat()} is past")


def _screen(arguments: argparse.Namespace, out: Any) -> Screen:
    from quiz.screen import screen

    reconfigure = getattr(sys.stdin, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")  # bytes that are no text are an unreadable answer, no fault
    return screen(sys.stdin, out, plain=arguments.plain)


def _now() -> datetime:
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _local(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone():%H:%M}"


def _data(state: State) -> dict[str, Any]:
    from quiz.results import by_lecture, by_section, outcomes, total

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


def main() -> None:
    """Run the command."""
    run(parser())


if __name__ == "__main__":
    main()
