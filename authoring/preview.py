"""`question-bank preview`: a page that shows an author three variants with key, mistakes and figures."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from question_bank.answers import answer_type
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.schema import Question
from question_bank.variant import FigureCall, Part, Variant, instantiate
from question_bank.wording import counted
from templates.environment import environment
from templates.figures import draw
from templates.mathematics_font import mathematics_face

VARIANTS = 3
# So many seeds are tried for variants with numbers of their own.
MOST_SEEDS = 40
# Which letters the font needs is known when the page is there.
_FONT = "@font of formulas@"


@dataclass(frozen=True)
class ShownPart:
    """A part with its key and mistakes as Markdown, ready for the template."""

    part: Part
    figure: Markup | None
    key: str
    instruction: str
    mistakes: list[tuple[str, str, str]]
    options: list[tuple[str, str, bool, str]]


def render_preview(question: Question) -> str:
    """The page's HTML. Raises InputError when the question has no usable draw."""
    variants = _different(question)
    page = (
        environment()
        .get_template("preview/preview.html")
        .render(
            counted=counted,
            question=question,
            variants=[(v, _figure(v.figure), [_part(p) for p in v.parts]) for v in variants],
            font=_FONT,
        )
    )
    return page.replace(_FONT, mathematics_face(page), 1)


def _different(question: Question) -> list[Variant]:
    """The first variants whose numbers differ: three, or as many as there are among the first seeds."""
    found: dict[str, Variant] = {}
    for seed in range(MOST_SEEDS if question.parameters else 1):
        variant = instantiate(question, seed)
        found.setdefault(repr(variant.parameters), variant)
        if len(found) == VARIANTS:
            break
    return list(found.values())


def _part(part: Part) -> ShownPart:
    kind = answer_type(part.answer.type)
    options = []
    if isinstance(part.answer, MultipleChoiceKey):
        options = [
            (letter, option.text, option.correct, option.why or "")
            for letter, option in zip(part.answer.letters, part.answer.options, strict=True)
        ]
    return ShownPart(
        part=part,
        figure=_figure(part.figure),
        key=kind.render(part.answer),
        instruction=kind.instruction(part.answer),
        mistakes=[(m.name, kind.render(m.answer), m.why) for m in part.mistakes],
        options=options,
    )


def _figure(figure: FigureCall | None) -> Markup | None:
    # Our own figures hold no text of others unescaped, no script and no reference.
    return None if figure is None else Markup(draw(figure.name, figure.args, figure.alt))  # noqa: S704
