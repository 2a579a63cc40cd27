"""The end of a session in a terminal: the sums, and what to look at again."""

from __future__ import annotations

from question_bank.wording import counted
from quiz.results import Tally, by_lecture, by_section, outcomes, to_repeat, total
from quiz.screen import Screen, say
from quiz.state import State

MOST_TOPICS = 6  # that are named: more would be no advice


def show_result(screen: Screen, state: State) -> None:
    """The points, by part of an exam and by lecture where there were several, and the topics to repeat."""
    earned = total(state)
    if not outcomes(state) or (state.terms is None and not earned.possible):
        say(screen, "Nothing answered." if not earned.open else "Nothing answered that counts.")
        return
    say(screen)
    exam = state.terms is not None
    say(
        screen,
        f"{earned.earned:g} of {counted(_of(earned, exam), 'point')}{_share(earned, exam)}",
        "bold",
    )
    if state.terms is not None:
        reached = earned.earned >= state.terms.pass_mark
        word = "Passed" if reached else "Not passed"
        say(screen, f"{word}: the pass mark is {state.terms.pass_mark:g}.", "bold")
        if earned.open:
            say(
                screen,
                f"{counted(earned.open, 'point')} open: answers that could not be read, or that nobody marked.",
            )
        for section, part in by_section(state).items():
            say(screen, f"  {section}: {part.earned:g} of {_of(part, exam):g}{_share(part, exam)}")
    lectures = by_lecture(state)
    if len(lectures) > 1:
        for lecture, part in lectures.items():
            say(screen, f"  lecture {lecture:>2}: {part.earned:g} of {_of(part, exam):g}")
    again = to_repeat(state)
    if again:
        say(screen, f"Look again at: {'; '.join(again[:MOST_TOPICS])}.")


def _of(sums: Tally, exam: bool) -> float:
    """What the points are of: in an exam all that there were, in practice what counted."""
    return sums.possible + sums.open if exam else sums.possible


def _share(sums: Tally, exam: bool) -> str:
    whole = _of(sums, exam)
    return f" ({100 * sums.earned / whole:.0f} %)" if whole else ""
