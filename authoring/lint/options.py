"""Rules on the options of a multiple-choice question and on their fit to the stem."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction

from authoring.lint.cues import convergence
from authoring.lint.findings import Finding
from authoring.lint.grammar import unlike_options
from authoring.lint.text import prose, question_sentences, without_emphasis
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.schema import Question
from question_bank.variant import Variant
from question_bank.wording import counted

_ABOVE = r"(?:of\s+)?(?:(?:the|these)\s+)?(?:above|options|answers|others|statements|them|these)"
_ALL_ABOVE = re.compile(
    rf"\b(all|both|each)\s+(?:of\s+)?(?:the\s+)?above\b|^\s*all\s+{_ABOVE}\b", re.IGNORECASE
)
_NONE_ABOVE = re.compile(rf"\bnone\s+of\s+(?:the\s+)?above\b|^\s*none\s+{_ABOVE}\b", re.IGNORECASE)
_NEGATIVE = re.compile(
    r"\b(not|never|except|cannot|incorrect|false|untrue|wrong)\b|n't\b", re.IGNORECASE
)
_VAGUE = re.compile(
    r"\b(often|usually|sometimes|frequently|rarely|seldom|generally|typically|mostly|occasionally|commonly)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"([+-]?)\s*(?:\\d?frac\{(\d+)\}\{(\d+)\}|(\d+(?:\.\d+)?)(?:\s*/\s*(\d+))?)")
FEWEST_OPTIONS = 3
# The longest option may be this many times the shortest; below so many letters length says nothing.
MOST_UNEVEN = 3
SHORT = 12


def lint_options(question: Question, variant: Variant, key: MultipleChoiceKey) -> Iterator[Finding]:
    """Findings on the printed options of a variant."""
    texts = [option.text for option in key.options]
    flags = [option.correct for option in key.options]
    if len(texts) < FEWEST_OPTIONS:
        says = f"{counted(len(texts), 'option')}: who guesses is right too often"
        yield Finding("few-options", says, "warning")
    yield from _same(texts)
    yield from _above(texts)
    yield from _wording(variant.text, texts)
    yield from _order(question, texts)
    yield from unlike_options(variant.text, texts)
    if all(isinstance(option.correct, bool) for option in question.options):
        # Where the numbers of a draw decide what is right, so do they what it shares with the rest.
        yield from convergence(texts, flags)


def _same(texts: Sequence[str]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for text in texts:
        shown = _as_shown(text)
        if shown in seen:
            yield Finding("same-options", f'two options read the same: "{text}"', "error")
        seen[shown] = text
    numbers = [number for text in texts if (number := number_of(text)) is not None]
    for number, often in Counter(numbers).items():
        if often > 1 and len(seen) == len(texts):
            yield Finding("same-options", f"two options have the value {number}", "error")


def _as_shown(text: str) -> str:
    from templates.mathematics import MathError
    from templates.richtext import to_terminal

    try:
        shown = to_terminal(text)
    except MathError:
        shown = text  # reported where everything is typeset
    return " ".join(shown.split()).rstrip(".;,")


def _above(texts: Sequence[str]) -> Iterator[Finding]:
    if any(_ALL_ABOVE.search(text) for text in texts):
        yield Finding("all-of-the-above", 'an option says "all of the above"', "error")
    if any(_NONE_ABOVE.search(text) for text in texts):
        says = 'an option says "none of the above"; a question may have no right option instead'
        yield Finding("none-of-the-above", says, "warning")


def _wording(stem: str, texts: Sequence[str]) -> Iterator[Finding]:
    asked = " ".join(question_sentences(prose(stem)))
    for where, said in [("the question", asked), *(("an option", prose(t)) for t in texts)]:
        vague = _VAGUE.search(said)
        if vague:
            says = f'{where} holds a vague word of frequency: "{vague[0]}"'
            yield Finding("vague", says, "warning")
    negative = _NEGATIVE.search(" ".join(question_sentences(without_emphasis(prose(stem)))))
    if negative:
        says = f'"{negative[0]}" in the question is not **emphasised**'
        yield Finding("negative-stem", says, "warning")
    lengths = [len(_as_shown(text)) for text in texts]
    if lengths and max(lengths) > MOST_UNEVEN * max(min(lengths), SHORT):
        says = "the longest option is over three times the shortest"
        yield Finding("uneven-options", says, "warning")


def _order(question: Question, texts: Sequence[str]) -> Iterator[Finding]:
    """Options that are numbers are printed by size; those with a `value` are sorted already."""
    found = [number for text in texts if (number := number_of(text)) is not None]
    if len(found) < len(texts) or all(option.value is not None for option in question.options):
        return
    if question.shuffle:
        says = "the options are numbers, and their order is drawn: write them as `value`"
        yield Finding("option-order", says, "warning")
    elif found not in (sorted(found), sorted(found, reverse=True)):
        says = "the options are numbers out of order: sort them"
        yield Finding("option-order", says, "warning")


def number_of(text: str) -> Fraction | None:
    """The number that an option consists of, a unit or percent sign after it aside; None for other texts."""
    bare = re.sub(r"\\[,;:! ]|\\text\{\s*|\$|\*\*", "", text).strip()
    match = _NUMBER.match(bare)
    if match is None or not re.fullmatch(r"\s*(?:\\?%|[A-Za-z]{1,12}\.?)?\s*", bare[match.end() :]):
        return None
    sign, above, below, plain, divisor = match.groups()
    bottom = int(below or divisor or 1)
    if bottom == 0:
        return None
    value = Fraction(above or plain) / bottom
    return -value if sign == "-" else value
