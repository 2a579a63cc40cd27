"""What the person who reviews sees, as text."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from grader.review.groups import Answer, Asked, Group, close_to
from grader.review.session import Session
from grader.wording import points
from leaderboard.marks import PersonsMark
from question_bank.diagnostics import printable
from question_bank.wording import counted
from templates.mathematics import MathError
from templates.richtext import to_terminal

WIDEST = 100
MOST_NAMED = 6
KEYS = (
    "1-9 lines of the rubric   f full   0 nothing   p points   = as before   Enter keep and go on",
    "n note   s solution   - skip   b back   u undo   q leave (all that was kept stays)",
)


def screen(
    session: Session, *, width: int, solution: bool, said: str = "", drawn: Sequence[str] = ()
) -> str:
    """The whole screen for the group that the session stands at; `drawn` are its pictures, as lines."""
    return "\n".join(_lines(session, min(width, WIDEST), solution, said, drawn)) + "\n"


def _lines(
    session: Session, width: int, solution: bool, said: str, drawn: Sequence[str]
) -> Iterator[str]:
    group = session.group
    total = len(session.groups)
    if group is None:
        yield f"That was the last of {total}. {session.left()} still wait."
        yield ""
        yield "b back   u undo   q leave"
        yield said
        return
    asked = group.asked
    same = [g for g in session.groups if g.asked.name == asked.name]
    place = f"{session.at + 1} of {total}; answer {same.index(group) + 1} of {len(same)} to this"
    yield _rule(f"{asked.name}  ({_points(asked.points)})  {place}", width)
    if asked.text:
        yield from _markdown(asked.text, width)
    else:
        yield printable(asked.title)
    if solution:
        yield _rule("solution", width)
        yield from _markdown(asked.solution or "there is none", width)
    yield from _before(group.answers[0], width)
    yield _rule(_who(session, group), width)
    if drawn:
        yield from drawn
    else:
        yield from _wrapped(group.text or "(no text)", width)
    yield from _machine(group, width)
    if group.answers[0].code:
        yield _rule("the code", width)
        yield from (printable(line)[:width] for line in group.answers[0].code)
    yield _rule("", width)
    yield from _rubric(session, asked, width)
    if session.chosen.note:
        yield from _wrapped(f"note: {session.chosen.note}", width)
    chosen = session.points()
    shown = (
        "not marked yet"
        if chosen is None
        else f"{points(float(chosen))} of {_points(asked.points)}"
    )
    kept = "  (kept)" if session.at in session.given else ""
    yield f"points: {shown}{kept}"
    yield from _both(group, asked)
    yield from _marks_so_far(group)
    yield from _hint(session)
    yield ""
    yield from KEYS
    yield said


def _before(answer: Answer, width: int) -> Iterator[str]:
    """The earlier answers that this one builds on, and what follows from them."""
    if not answer.earlier:
        return
    yield _rule("the same student's earlier answers", width)
    for each in answer.earlier:
        outcome = f"  ({each.outcome})" if each.outcome else ""
        yield from _wrapped(f"{each.part}: {each.text.strip() or '(none)'}{outcome}", width)
    if answer.follows:
        yield from _markdown(f"From them follows: {answer.follows}", width)


def _machine(group: Group, width: int) -> Iterator[str]:
    """What the machine has to say, and the right answer."""
    message, right = group.answers[0].message, group.asked.right
    if message or right:
        yield _rule("the machine", width)
    if message:
        yield from _wrapped(message, width)
    if right:
        yield from _markdown(f"Right is: {right}", width)


def _both(group: Group, asked: Asked) -> Iterator[str]:
    """What two persons gave who differ, and the key that takes it."""
    first = group.answers[0]
    for key, mark in zip("az", (first.mark, *first.opinions), strict=False):
        if first.opinions and mark is not None:
            yield f"{key} as {given_in_words(mark, asked)}"


def given_in_words(mark: PersonsMark, asked: Asked) -> str:
    """`ann: 2 of 3 points (names the cause; note: short)`."""
    said = [*mark.earned, *([f"note: {mark.note}"] if mark.note else [])]
    reasons = f" ({'; '.join(map(printable, said))})" if said else ""
    given = "" if mark.points is None else points(float(mark.points))
    return f"{printable(mark.by)}: {given} of {_points(asked.points)}{reasons}"


def _marks_so_far(group: Group) -> Iterator[str]:
    if group.answers[0].opinions:
        return
    given = Counter(
        f"{points(float(mark.points))} by {printable(mark.by)}"
        for mark in (answer.mark for answer in group.answers)
        if mark is not None and mark.points is not None
    )
    if given:
        listed = ", ".join(f"{count} x {what}" for what, count in given.items())
        yield f"marked before: {listed}"


def _who(session: Session, group: Group) -> str:
    users = sorted({answer.user for answer in group.answers})
    named = ", ".join(printable(user) for user in users[:MOST_NAMED])
    rest = f" and {len(users) - MOST_NAMED} more" if len(users) > MOST_NAMED else ""
    forms = sorted({answer.form for answer in group.answers if answer.form is not None})
    several = len({a.form for g in session.groups for a in g.answers}) > 1
    some = f" and {len(forms) - MOST_NAMED} more" if len(forms) > MOST_NAMED else ""
    of = f" (form {', '.join(map(printable, forms[:MOST_NAMED]))}{some})" if several else ""
    what = (
        counted(len(group.answers), "answer")
        if group.answers[0].pictures
        else f"{len(group.answers)} wrote this"
    )
    return f"{what}{of}: {named}{rest}"


def _rubric(session: Session, asked: Asked, width: int) -> Iterator[str]:
    for number, line in enumerate(asked.rubric):
        cross = "x" if number in session.chosen.lines else " "
        head = f"{number + 1} [{cross}] {_points(line.points):>10}  "
        first, *rest = list(_markdown(line.earns, width - len(head))) or [""]
        yield head + first
        yield from (" " * len(head) + more for more in rest)


def _hint(session: Session) -> Iterator[str]:
    group, before = session.group, session.groups[session.at - 1] if session.at else None
    alike = (
        group is not None
        and before is not None
        and before.asked == group.asked
        and session.at - 1 in session.given
        and close_to(before.text, group.text)
    )
    if alike and before is not None:
        earned = session.given[session.at - 1].points
        yield f"much like the answer before, which got {points(float(earned))} (= gives the same)"


def _markdown(text: str, width: int) -> Iterator[str]:
    try:
        plain = to_terminal(text)
    except (MathError, ValueError):
        plain = text
    yield from _wrapped(plain, width)


def _wrapped(text: str, width: int) -> Iterator[str]:
    for line in printable(text).splitlines():
        yield from textwrap.wrap(line, max(width, 20)) or [""]


def _rule(text: str, width: int) -> str:
    head = f"── {text} " if text else ""
    return head + "─" * max(0, width - len(head))


def _points(value: float) -> str:
    return f"{points(value)} point{'s' * (value != 1)}"
