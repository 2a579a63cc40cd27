"""What options and answers are called in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from grader.analysis.choices import NOBODY, Option
from grader.analysis.responses import Item
from leaderboard.untrusted import visible


def called(option: Option, item: Item) -> str:
    """An option by its letter, with the form where forms differ: b, or b (A) / d (B); a typed answer in quotes."""
    if option.mistake:
        return f'the slip "{option.mistake.replace("_", " ")}"'
    if option.text == NOBODY:
        return '"none"'
    letters = option.letters
    if not letters or option.typed:
        return f'"{visible(option.text)}"'
    if len(set(letters.values())) == 1 and letters.keys() == item.labels.keys():
        return next(iter(letters.values()))
    return " / ".join(f"{letter} ({form})" for form, letter in sorted(letters.items()))


def label(item: Item) -> str:
    """An answer by its printed number, with the form where forms differ: 4a, or 4a (A) / 7a (B); else by its id."""
    if not item.labels:
        return item.id
    if len(set(item.labels.values())) == 1:
        return next(iter(item.labels.values()))
    return " / ".join(f"{number} ({form})" for form, number in sorted(item.labels.items()))


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def percent(share: float) -> str:
    """A share as people read it: 76 %."""
    return f"{100 * share:.0f} %"


def figure(value: float, digits: int = 2) -> str:
    """A number with a minus that is as wide as a digit, and no minus before nothing: −0.29."""
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "\N{MINUS SIGN}")
