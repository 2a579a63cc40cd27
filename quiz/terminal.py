"""The quiz in a terminal: pleasant by keyboard, plain through a pipe or for a screen reader."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console
from rich.text import Text

from question_bank.answers import answer_type
from question_bank.answers.marking import Mark
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.diagnostics import printable
from question_bank.variant import FigureCall
from question_bank.wording import counted
from quiz.figures import figure_file, forget_old_figures
from quiz.session import Outcome, Prompt, Session, advance, by_lecture, judge, tally
from templates.richtext import to_terminal

QUIT, SKIP = ("q", "quit", ":q"), ("s", "skip")
TRIES = 3
_WIDTH = 88


class Stopped(Exception):
    """The student has left, or the input has ended."""


@dataclass(frozen=True)
class Face:
    """Where answers come from and where text goes. `interactive`: someone is at the keyboard."""

    source: TextIO
    out: TextIO
    interactive: bool
    console: Console


def face(source: TextIO, out: TextIO, *, plain: bool) -> Face:
    """The face for these streams; colour only on a terminal (NO_COLOR respected), never with `plain`."""
    console = Console(
        file=out,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=True,
        no_color=True if plain else None,
        force_terminal=False if plain else None,
    )
    return Face(source, out, source.isatty(), console)


def play(session: Session, face: Face) -> Session:
    """Ask everything in order. Leaving early, or the end of the input, ends the session where it is."""
    questions = session.prompts[-1].number if session.prompts else 0
    forget_old_figures()
    _say(face, f"{counted(questions, 'question')}. Enter: not answered; s: skip; q: leave.", "dim")
    try:
        while (prompt := session.prompt) is not None:
            session = _ask(session, prompt, questions, face)
    except Stopped:
        _say(face, "")
    return session


def _ask(session: Session, prompt: Prompt, questions: int, face: Face) -> Session:
    if prompt.first:
        _show_question(prompt, questions, face)
    _show_part(prompt, face)
    answer, mark = _answer(session, prompt, face)
    own = None
    if mark.verdict == "needs_person" and answer_type(prompt.part.answer["type"]).by_person:
        _show_solution(prompt, face)
        own = _own_points(prompt, face)
    else:
        _show_mark(prompt, mark, face)
        _show_solution(prompt, face)
    return advance(session, answer, mark, own)


def _show_question(prompt: Prompt, questions: int, face: Face) -> None:
    question = prompt.question
    points = counted(question.points, "point")
    _say(face, "")
    _say(
        face,
        f"Question {prompt.number} of {questions} ({points}), lecture {question.lecture}: {question.topic}",
        "bold",
    )
    _say(face, "")
    _text(face, question.text)
    _show_figure(prompt.variant.figure, f"{question.id}-{question.seed}", face)


def _show_part(prompt: Prompt, face: Face) -> None:
    part = prompt.part
    _say(face, "")
    if part.label:
        _text(face, f"**{part.label})** ({part.points:g} p) {part.text}")
        name = f"{prompt.question.id}-{prompt.question.seed}-{part.label}"
        _show_figure(prompt.figure, name, face)
    elif part.text:
        _text(face, part.text)
    key = part.key
    if isinstance(key, MultipleChoiceKey):
        for letter, option in zip(key.letters, key.options, strict=True):
            _text(face, f"{letter})  {option.text}", hanging=4)
        _say(face, "")


def _show_figure(figure: FigureCall | None, name: str, face: Face) -> None:
    if figure is None:
        return
    _say(face, "")
    _text(face, f"Figure: {figure.alt}")
    file = figure_file(figure, name)
    if file is not None:
        _say(face, f"(drawn in {file})", "dim")


def _answer(session: Session, prompt: Prompt, face: Face) -> tuple[str, Mark]:
    kind = answer_type(prompt.part.answer["type"])
    instruction = kind.instruction(prompt.part.key)
    _say(face, f"Answer: {instruction}", "dim")
    for attempt in range(TRIES):
        answer = _line(face, "> ")
        if answer.lower() in SKIP:
            answer = ""
        mark = judge(session, answer)
        # Someone at the keyboard may write it again; lines of a pipe belong to the questions in order.
        again = face.interactive and attempt < TRIES - 1
        ambiguous = mark.verdict == "needs_person" and not kind.by_person
        if not (again and (mark.verdict == "unreadable" or ambiguous)):
            break
        _text(face, mark.message)
    return answer, mark


def _line(face: Face, prompt: str) -> str:
    face.out.write(prompt)
    face.out.flush()
    line = face.source.readline(10_000)
    if not face.interactive:
        # A pipe does not echo what it answers.
        face.out.write(printable(line) if line.endswith("\n") else printable(line) + "\n")
    if not line or line.strip().lower() in QUIT:
        raise Stopped
    return line.strip()


_STYLES = {"right": "bold green", "wrong": "bold red", "partly_right": "bold yellow"}


def _show_mark(prompt: Prompt, mark: Mark, face: Face) -> None:
    word = mark.verdict.replace("_", " ").capitalize()
    echo = f" (read as {printable(mark.read_as)})" if mark.read_as else ""
    _say(face, f"{word}{echo}", _STYLES.get(mark.verdict, "bold"))
    if mark.mistake:
        _say(face, f"Recognised: {mark.mistake.replace('_', ' ').replace('+', ' and ')}")
    if mark.verdict not in ("right", "not_answered") or mark.message.startswith("follows"):
        _text(face, mark.message)
    key = prompt.part.key
    if isinstance(key, MultipleChoiceKey):
        _show_boxes(key, mark, face)


def _show_boxes(key: MultipleChoiceKey, mark: Mark, face: Face) -> None:
    chosen = mark.reading.value if mark.reading is not None else frozenset()
    for letter, option in zip(key.letters, key.options, strict=True):
        box = "right" if option.correct else "not right"
        yours = ("chosen" if letter in chosen else "not chosen") if mark.reading else "no answer"
        sign = "+" if (letter in chosen) == option.correct and mark.reading else "-"
        why = f" {option.why}" if option.why else ""
        _text(face, f"{sign} {letter}) is {box} ({yours}).{why}", hanging=5)


def _show_solution(prompt: Prompt, face: Face) -> None:
    part = prompt.part
    kind = answer_type(part.answer["type"])
    shown = kind.render(part.key)
    if shown and part.answer["type"] != "multiple_choice":
        _text(face, f"Right answer: {shown}")
    # The solution of the whole question comes with its last part.
    last = prompt.question.parts[-1] == part
    for text in (part.solution, prompt.question.solution if last else ""):
        if text:
            _say(face, "Solution:", "bold")
            _text(face, text)


def _own_points(prompt: Prompt, face: Face) -> float | None:
    _say(face, "Mark your answer yourself:", "bold")
    for line in prompt.part.rubric:
        _text(face, f"{line.points:g} p: {line.earns}", hanging=5)
    for _ in range(TRIES):
        text = _line(face, f"points (0 to {prompt.part.points:g})> ")
        try:
            points = float(text.replace(",", "."))
        except ValueError:
            points = -1.0
        if 0 <= points <= prompt.part.points:
            return points
        if not text or not face.interactive:
            return None
        _say(face, f"a number from 0 to {prompt.part.points:g}, or Enter to leave it open")
    return None


def print_result(session: Session, face: Face) -> None:
    """The sums, by lecture where there were several, and what to look at again."""
    outcomes = session.outcomes
    if not outcomes:
        _say(face, "Nothing answered.")
        return
    total = tally(outcomes)
    share = f" ({100 * total.earned / total.possible:.0f} %)" if total.possible else ""
    _say(face, "")
    _say(face, f"{total.earned:g} of {counted(total.possible, 'point')}{share}", "bold")
    lectures = by_lecture(outcomes)
    if len(lectures) > 1:
        for lecture, part in lectures.items():
            _say(face, f"  lecture {lecture:>2}: {part.earned:g} of {part.possible:g}")
    again = list(dict.fromkeys(_topic(o) for o in outcomes if _lost(o)))
    if again:
        _say(face, f"Look again at: {'; '.join(again)}.")


def _lost(outcome: Outcome) -> bool:
    open_text = outcome.mark.verdict == "needs_person" and not outcome.self_marked
    return not open_text and outcome.points < outcome.prompt.part.points


def _topic(outcome: Outcome) -> str:
    return outcome.prompt.question.topic


def _say(face: Face, text: str, style: str = "") -> None:
    face.console.print(Text(printable(text), style=style))


def _text(face: Face, markdown: str, hanging: int = 0) -> None:
    width = min(face.console.width, _WIDTH) if face.out.isatty() else _WIDTH
    for line in printable(to_terminal(markdown)).splitlines():
        # Tables, listings and displayed formulas keep their own lines.
        kept = line.startswith((" ", "|")) or len(line) <= width
        filled = line if kept else textwrap.fill(line, width, subsequent_indent=" " * hanging)
        face.console.print(Text(filled))
