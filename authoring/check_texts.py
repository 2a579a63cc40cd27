"""Whether what is read of a draw can be printed: its Markdown, its formulas, its figures."""

from __future__ import annotations

import re
from collections.abc import Iterator

from authoring.faults import Fault
from authoring.lint.text import prose
from question_bank.answers import answer_type
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.schema import Question
from question_bank.strict_yaml import Steps
from question_bank.variant import Variant

Text = tuple[Steps, str, str]

# What only a formula holds: a thin space, a fraction, a sign.
_LATEX = re.compile(r"\\(?:[,;:!]|(?:frac|cdot|times|sqrt|ln|mathrm|text|begin)(?![A-Za-z]))")
_EMPHASIS = re.compile(r"(?<!\\)\*\*")


def typeset(question: Question, variant: Variant, shown_before: set[str]) -> Iterator[Fault]:
    """Texts that cannot be typeset, or that show their markup. Those in `shown_before` are not looked at again."""
    from templates.mathematics import MathError
    from templates.richtext import to_browser, to_print, to_terminal

    for at, name, text in texts_of(question, variant):
        if text in shown_before:
            continue
        shown_before.add(text)
        try:
            pages = [str(render(text)) for render in (to_print, to_browser, to_terminal)]
        except MathError as error:
            said = f"{name} does not typeset: {error}"
            near = error.latex[error.column - 1 :] or error.latex
            hint = "mend the formula in this line, or what a value puts into it"
            yield Fault("mathematics", said, said, hint=hint, at=at, near=near)
        else:
            yield from _markup(at, name, text, pages[1])


def _markup(at: Steps, name: str, text: str, page: str) -> Iterator[Fault]:
    """Markup that is printed as it stands, or is lost."""
    outside = prose(text)
    if found := _LATEX.search(outside):
        said = f"{name}: {found[0]} stands outside of a formula, where it is no LaTeX"
        near = outside[found.start() :].split("\n")[0][:40]
        hint = "put it between dollar signs: $...$"
        yield Fault("markup", said, said, hint=hint, at=at, near=near)
    if _EMPHASIS.search(outside) and "**" in re.sub(
        r"<(code|math|pre)\b.*?</\1>", "", page, flags=re.DOTALL
    ):
        said = f"{name}: ** opens or closes nothing, and is printed as it stands"
        line = next(line for line in text.split("\n") if "**" in line)
        near = line[line.index("**") :]
        hint = r"write **word** with no blank inside, or \*\* for two asterisks"
        yield Fault("markup", said, said, hint=hint, at=at, near=near)


def figures(variant: Variant, shown_before: set[str]) -> Iterator[Fault]:
    """Figures that cannot be drawn. Those in `shown_before` are not drawn again."""
    from templates.figures import FigureError, draw

    places = [("figure",), *(("parts", n, "figure") for n in range(len(variant.parts)))]
    shown = [variant.figure, *(part.figure for part in variant.parts)]
    for at, figure in zip(places, shown, strict=True):
        if figure is None or repr(figure) in shown_before:
            continue
        shown_before.add(repr(figure))
        try:
            draw(figure.name, figure.args)
        except FigureError as error:
            said = f"the figure {figure.name}: {error.message}"
            hint = error.hint or "mend its args: `preview` shows what is drawn"
            yield Fault("figure", said, said, hint=hint, at=at)


def texts_of(question: Question, variant: Variant) -> Iterator[Text]:
    """Every Markdown text of a variant: its place in the file, what it is, and how it reads."""
    yield ("text",), "text", variant.text
    yield ("solution",), "solution", variant.solution
    mistakes = [mistake.name for mistake in question.mistakes]
    for number, part in enumerate(variant.parts):
        name = f"part {part.label}" if part.label else "the question"
        place: Steps = ("parts", number) if part.label else ()
        yield (*place, "text"), f"{name}: text", part.text
        yield (*place, "solution"), f"{name}: solution", part.solution
        yield (*place, "answer"), f"{name}: key", answer_type(part.answer.type).render(part.answer)
        for line, earned in enumerate(part.rubric):
            yield (*place, "rubric", line, "earns"), f"{name}: rubric", earned.earns
        for mistake in part.mistakes:
            at = ("mistakes", mistakes.index(mistake.name), "why")
            yield at, f"{name}: mistake {mistake.name}", mistake.why
        if isinstance(part.answer, MultipleChoiceKey):
            for option in part.answer.options:
                yield ("options",), f"{name}: option", option.text
                yield ("options",), f"{name}: reason of an option", option.why or ""
