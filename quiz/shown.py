"""What a question, its feedback and its solution look like in a terminal."""

from __future__ import annotations

from question_bank.answers import answer_type
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.key import KeyPart
from question_bank.variant import FigureCall
from question_bank.wording import counted
from quiz.events import Asked, Item, Judgement
from quiz.feedback import boxes, feedback, right_answer, solutions
from quiz.figures import figure_file
from quiz.material import Material
from quiz.prose import takes_lines
from quiz.screen import Screen, say, show

_STYLES = {"Right": "bold green", "Wrong": "bold red", "Partly right": "bold yellow"}


def show_question(screen: Screen, material: Material, item: Item, heading: str) -> None:
    """The heading, the text and the figure of a question."""
    variant = material.of(item)
    say(screen)
    worth = counted(variant.points, "point")
    say(screen, f"{heading} ({worth}), lecture {item.lecture}: {item.topic}", "bold")
    say(screen)
    show(screen, variant.text)
    show_figure(screen, variant.figure, f"{item.question}-{item.seed}")


def show_part(screen: Screen, material: Material, item: Item, part: Asked) -> None:
    """The text and figure of a part, its options, and how the answer is written."""
    variant = material.of(item)
    drawn = next(p for p in variant.parts if p.label == part.label)
    say(screen)
    if part.label:
        show(screen, f"{part.label}) ({part.points:g} p) {drawn.text}")
        show_figure(screen, drawn.figure, f"{item.question}-{item.seed}-{part.label}")
    elif drawn.text:
        show(screen, drawn.text)
    key = drawn.answer
    if isinstance(key, MultipleChoiceKey):
        for letter, option in zip(key.letters, key.options, strict=True):
            show(screen, f"{letter}) {option.text}", hanging=3)
        say(screen)
    say(screen, f"Answer: {answer_type(key.type).instruction(key)}", "dim")
    if screen.interactive and takes_lines(key):
        say(
            screen,
            "As many lines as you like; an empty line, or one with a dot alone, ends it.",
            "dim",
        )


def show_mark(
    screen: Screen, part: KeyPart, mark: Judgement, answer: str, *, settled: bool
) -> None:
    """The verdict on an answer, and the slip behind a wrong one."""
    told = feedback(part, mark, settled=settled)
    echo = f" (read as {told.read_as})" if told.read_as else ""
    say(screen, f"{told.verdict}{echo}", _STYLES.get(told.verdict, "bold"))
    if told.slip:
        say(screen, f"Recognised: {told.slip}")
    if told.message:
        show(screen, told.message)
    if settled:
        show_boxes(screen, part, answer)


def show_boxes(screen: Screen, part: KeyPart, answer: str) -> None:
    """Which options are right, which were chosen, and why; nothing for other answers."""
    for box in boxes(part, answer):
        truth = "right" if box.correct else "not right"
        yours = {None: "no answer", True: "chosen", False: "not chosen"}[box.chosen]
        sign = "+" if box.chosen == box.correct else "-"
        why = f" {box.why}" if box.why else ""
        show(screen, f"`{sign}` {box.letter}) is {truth} ({yours}).{why}", hanging=5)


def show_solution(screen: Screen, material: Material, item: Item, part: Asked) -> None:
    """The right answer and the worked solution of a part."""
    key = material.key_part(item, part)
    shown = right_answer(key)
    if shown:
        show(screen, f"Right answer: {shown}")
    for worked in solutions(material.key(item), key):
        say(screen, f"{worked.name}:", "bold")
        show(screen, worked.text)


def show_rubric(screen: Screen, part: KeyPart) -> None:
    """What earns points, where the student marks an answer."""
    say(screen, "Mark your answer yourself:", "bold")
    for line in part.rubric:
        show(screen, f"{line.points:g} p: {line.earns}", hanging=5)


def show_figure(screen: Screen, figure: FigureCall | None, name: str) -> None:
    """What a figure shows, and the file in which it is drawn."""
    if figure is None:
        return
    say(screen)
    show(screen, f"Figure: {' '.join(figure.alt.split())}")
    file = figure_file(figure, name)
    if file is not None:
        say(screen, f"(drawn in {file})", "dim")
