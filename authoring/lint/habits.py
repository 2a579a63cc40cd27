"""Habits of a bank's multiple-choice questions by which students guess right without knowing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from authoring.lint.chance import UNLIKELY, at_least, more_than_its_share
from authoring.lint.findings import Finding
from authoring.lint.text import prose
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.schema import Question
from question_bank.variant import Variant
from question_bank.wording import counted

_ABSOLUTE = re.compile(r"\b(always|never|only|all|every|none|impossible|must)\b", re.IGNORECASE)
# With fewer questions, each count of right options is an accident.
FEWEST_SETS = 12
# More than this share of the questions with one count of right options, and students bet on it.
MOST_ALIKE = 0.6


@dataclass(frozen=True)
class OptionSet:
    """The options of one draw as printed. `drawn`: their order is a matter of chance, not the author's."""

    question_id: str
    texts: tuple[str, ...]
    flags: tuple[bool, ...]
    stated: bool
    drawn: bool

    @property
    def right(self) -> int:
        """How many options are right."""
        return sum(self.flags)

    @property
    def tells(self) -> bool:
        """Whether some options are right and some wrong, so that a habit can point at the right ones."""
        return 0 < self.right < len(self.flags)


def option_set(question: Question, variant: Variant) -> OptionSet | None:
    """The options of a variant; None for other types of questions."""
    key = variant.parts[0].answer
    if not isinstance(key, MultipleChoiceKey):
        return None
    return OptionSet(
        question.id,
        tuple(option.text for option in key.options),
        tuple(option.correct for option in key.options),
        stated=all(option.value is None for option in question.options),
        drawn=question.shuffle and any(option.value is None for option in question.options),
    )


@dataclass(frozen=True)
class Tally:
    """How often a habit was seen, how often it were by chance, and how likely so much is by chance."""

    observed: int
    expected: float
    chance: float


def key_longest(sets: Sequence[OptionSet]) -> Tally:
    """How often the longest statement is a right one."""
    hits, chances = 0, []
    for one in sets:
        lengths = [len(prose(text)) for text in one.texts]
        longest = [place for place, n in enumerate(lengths) if n == max(lengths)]
        if one.stated and one.tells and len(longest) == 1:
            hits += one.flags[longest[0]]
            chances.append(one.right / len(one.flags))
    return Tally(hits, sum(chances), at_least(hits, chances))


def single_keys(sets: Sequence[OptionSet]) -> list[OptionSet]:
    """The sets of statements of which exactly one is right."""
    return [one for one in sets if one.stated and one.right == 1]


def key_at(sets: Sequence[OptionSet], place: int) -> Tally:
    """How often the option at a place (from 0) is right."""
    seen = [one for one in sets if one.tells and len(one.flags) > place]
    hits = sum(one.flags[place] for one in seen)
    chances = [one.right / len(one.flags) for one in seen]
    return Tally(hits, sum(chances), at_least(hits, chances))


def absolute_words(sets: Sequence[OptionSet], *, correct: bool) -> tuple[int, int]:
    """How many of the right (or wrong) statements hold an absolute word (always, never, only), and of how many."""
    texts = [
        text
        for one in sets
        if one.stated
        for text, flag in zip(one.texts, one.flags, strict=True)
        if flag == correct
    ]
    return sum(_ABSOLUTE.search(prose(text)) is not None for text in texts), len(texts)


def lint_habits(sets: Sequence[OptionSet]) -> Iterator[Finding]:
    """What makes guessing pay over many questions."""
    longest = key_longest(sets)
    if longest.chance < UNLIKELY:
        says = (
            f"the longest option is right in {counted(longest.observed, 'question')}, by chance in"
        )
        yield Finding("longest-is-right", f"{says} {longest.expected:.1f}", "error")
    ordered = [one for one in sets if not one.drawn]
    places = max((len(one.flags) for one in sets), default=0)
    for place in range(places):
        found = key_at(ordered, place)
        if found.chance * places < UNLIKELY:
            says = f"option {'abcdefgh'[place]} is right in {counted(found.observed, 'question')} whose order"
            says += f" is the author's, by chance in {found.expected:.1f}"
            yield Finding("place-of-the-key", says, "error")
    yield from _absolute(sets)
    yield from _right_counts(sets)


def _absolute(sets: Sequence[OptionSet]) -> Iterator[Finding]:
    wrong, of_wrong = absolute_words(sets, correct=False)
    right, of_right = absolute_words(sets, correct=True)
    if not of_wrong or not of_right:
        return
    total, held = of_wrong + of_right, wrong + right
    least = min(
        more_than_its_share(wrong, of_wrong, held, total),
        more_than_its_share(right, of_right, held, total),
    )
    # Either direction helps those who guess.
    if 2 * least < UNLIKELY:
        says = f"{wrong} of {of_wrong} wrong options hold an absolute word (always, only), and {right} of"
        yield Finding("absolute-words", f"{says} {of_right} right ones", "error")


def _right_counts(sets: Sequence[OptionSet]) -> Iterator[Finding]:
    counts = Counter(one.right for one in sets if one.stated)
    total = sum(counts.values())
    if total < FEWEST_SETS:
        return
    number, often = counts.most_common(1)[0]
    if often > MOST_ALIKE * total:
        says = f"{often} of {counted(total, 'statement question')} have {counted(number, 'right option')}"
        yield Finding("right-counts", f"{says}: students will count on it", "warning")
