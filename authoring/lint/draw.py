"""Rules on what a student reads: they look at one draw, with its numbers and words filled in."""

from __future__ import annotations

from collections.abc import Iterator

from authoring.lint.conventions import missing_conventions
from authoring.lint.findings import Finding
from authoring.lint.options import lint_options
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.schema import Question
from question_bank.variant import Variant

# Fewer words than this say that there is a figure, not what is drawn in it.
FEWEST_WORDS_OF_A_FIGURE = 4


def lint_draw(question: Question, variant: Variant) -> Iterator[Finding]:
    """Findings on a variant of the question: wording, options, conventions, figures."""
    yield from missing_conventions(question, variant)
    yield from _alternative_texts(variant)
    for part in variant.parts:
        if isinstance(part.answer, MultipleChoiceKey):
            yield from lint_options(question, variant, part.answer)


def _alternative_texts(variant: Variant) -> Iterator[Finding]:
    for figure in [variant.figure, *(part.figure for part in variant.parts)]:
        if figure is not None and len(figure.alt.split()) < FEWEST_WORDS_OF_A_FIGURE:
            says = f'the figure {figure.name} has no alternative text to speak of: "{figure.alt}"'
            yield Finding("alternative-text", says, "error")
