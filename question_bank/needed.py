"""What leads to the answers of a question, and what of it is left to do: the rest is drawn, printed, or verified with."""

from __future__ import annotations

from collections.abc import Iterator

from question_bank.answers import answer_type
from question_bank.derive import names_read
from question_bank.figure_arguments import expressions_in
from question_bank.schema import Question
from question_bank.text import check_template


def names_needed(question: Question, parts: int | None = None) -> set[str]:
    """The parameters and `let` lines that lead to the answers of the first parts (default: all)."""
    return _leading_to(_asked(question, parts), question)


def lines_of_work(question: Question) -> set[str]:
    """The `let` lines between what the paper shows and what it asks for.

    A value that the text or its figure shows is given, however it was made, unless it is itself asked for. The
    figure of a part shows what earlier parts ask for, so that it gives nothing.
    """
    asked = _asked(question)
    given = set(check_template(question.text))
    if question.figure is not None:
        for _, expression in expressions_in(question.figure.args, ()):
            given |= names_read(expression)
    return _leading_to(asked, question, given - asked) & question.let.keys()


def _leading_to(
    asked: set[str], question: Question, given: set[str] | frozenset[str] = frozenset()
) -> set[str]:
    """What is asked, and all that it is made of, down to what is given; that itself is left out."""
    found = set(asked)
    for name in reversed(question.let):
        if name in found:
            found |= names_read(question.let[name]) - given
    return found


def _asked(question: Question, parts: int | None = None) -> set[str]:
    """The names that the answers read; of a multiple choice, what its options say and whether they are right."""
    found = set(_in_options(question))
    for spec in (question.answer, *(part.answer for part in question.parts[:parts])):
        if spec is not None:
            found |= answer_type(spec.type).names(spec)
    return found


def _in_options(question: Question) -> Iterator[str]:
    for option in question.options:
        for expression in (option.value, option.correct):
            if isinstance(expression, str):
                yield from names_read(expression)
        if option.text is not None:
            yield from check_template(option.text)
