"""Statistics in a terminal: a line for each lecture, confidence, what is due, predicted points."""

from __future__ import annotations

from question_bank.wording import counted
from quiz.mastery import Range
from quiz.screen import Screen, say
from quiz.stats import Stats

BAR = 20  # characters


def show_stats(screen: Screen, stats: Stats) -> None:
    """The statistics as text that lines up."""
    questions = counted(stats.questions, "question")
    sessions = counted(stats.sessions, "session")
    say(screen, f"{counted(stats.answers, 'answer')} to {questions} in {sessions}", "bold")
    if stats.left:
        say(screen, f"{stats.left} left without an answer: they earn nothing")
    say(screen)
    say(
        screen,
        "Mastery by lecture: the share of points to expect. The range holds four times in five.",
        "bold",
    )
    for lecture in stats.lectures:
        told = f"lecture {lecture.number:>2}  {_bar(screen, lecture.mastery)}  {_percent(lecture.mastery)}"
        begun = lecture.answers or lecture.left
        answers = _answers(lecture.answers) if begun else "   not yet"
        left = f", {lecture.left} left" if lecture.left else ""
        due = f"  {lecture.due} due" if lecture.due else ""
        say(screen, f"  {told}  {answers}{left}{due}")
    weak = [x for x in stats.lectures if x.weakest_topic]
    if weak:
        weakest = min(weak, key=lambda lecture: lecture.mastery.middle)
        say(screen, f"Weakest: lecture {weakest.number}, {weakest.weakest_topic}.")
    _show_prediction(screen, stats)
    _show_calibration(screen, stats)
    say(screen)
    say(screen, "Repetition", "bold")
    say(screen, f"  {counted(stats.due_now, 'question')} due now: quiz --due")
    today = sum(count for _, count in stats.due_days[:1]) - stats.due_now
    if today > 0:
        say(screen, f"  {today} more later today")
    later = [(day, count) for day, count in stats.due_days[1:] if count]
    if later:
        days = ", ".join(f"{day:%d %b}: {count}" for day, count in later)
        say(screen, f"  later: {days}")
    if stats.exam is not None:
        days_left = (stats.exam - stats.at.date()).days
        word = (
            f"in {counted(days_left, 'day')}"
            if days_left > 0
            else "today"
            if days_left == 0
            else "past"
        )
        say(screen, f"  exam: {stats.exam.isoformat()} ({word})")
    else:
        say(screen, "  no date of the exam yet: quiz --exam-date YYYY-MM-DD --stats")
    if stats.mistakes:
        say(screen)
        say(screen, "Slips that came most often", "bold")
        for name, count in stats.mistakes:
            say(screen, f"  {count:>3}  {name.replace('_', ' ')}")


def _show_prediction(screen: Screen, stats: Stats) -> None:
    say(screen)
    say(screen, "Predicted points", "bold")
    found = stats.prediction
    if found is None:
        say(screen, f"  none: {stats.why}")
        return
    low, middle, high = found.points.low, found.points.middle, found.points.high
    say(
        screen,
        f"  {found.title}: {middle:.0f} of {found.possible:g}, four times in five from {low:.0f} to {high:.0f}",
    )
    say(
        screen,
        f"  chance to reach the pass mark of {found.pass_mark:g}: {100 * found.passing:.0f} %",
    )
    say(
        screen,
        "  From the latest answer to each question (after hints by half, older ones by less; what was left without an answer earns nothing): a Beta posterior for each"
        " lecture, and exams that are drawn from the blueprint. With few answers the range is wide.",
        "dim",
    )


def _show_calibration(screen: Screen, stats: Stats) -> None:
    told = [c for c in stats.calibration if c.answers and c.name != "not said"]
    if not told:
        return
    say(screen)
    say(screen, "Confidence: the share of points when you were", "bold")
    for entry in told:
        say(
            screen,
            f"  {entry.name:<9} {_bar(screen, entry.right)}  {_percent(entry.right)}  {_answers(entry.answers)}",
        )


def _answers(count: int) -> str:
    """How many, with the numbers below one another."""
    return " " * (4 - len(str(count))) + counted(count, "answer")


def _percent(value: Range) -> str:
    return f"{100 * value.middle:3.0f} % ({100 * value.low:.0f} to {100 * value.high:.0f})"


def _bar(screen: Screen, value: Range) -> str:
    filled = round(value.middle * BAR)
    full, rest = ("#", ".") if screen.ascii_only else ("█", "░")
    return full * filled + rest * (BAR - filled)
