"""The options of a multiple-choice question: what each says, which are right, which are printed, and in what order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.answers.multiple_choice import Option as PrintedOption
from question_bank.derive import value_of, values_under
from question_bank.draws import Source
from question_bank.grammar.exact import EvaluationError, Value
from question_bank.schema import Question
from question_bank.text import fill, tex


@dataclass(frozen=True)
class Shown:
    """An option with the numbers of a draw; `value` is what it shows, None where it is a statement."""

    text: str
    value: Value
    why: str | None
    correct: bool
    mistake: str | None


def choice_key(question: Question, seed: int, values: Mapping[str, Value]) -> MultipleChoiceKey:
    """The printed options: numbers by size, statements in an order that the seed draws where `shuffle` allows it."""
    shown = _printed(question, seed, _shown(question, values))
    if _valued(shown):
        shown.sort(key=_size)
    elif question.shuffle:
        shown = Source(question.id, "order of options", seed).shuffled(shown)
    return MultipleChoiceKey(
        options=tuple(
            PrintedOption(text=one.text, correct=one.correct, why=one.why, mistake=one.mistake)
            for one in shown
        ),
        scheme=question.scoring,
    )


def option_values(question: Question, values: Mapping[str, Value]) -> tuple[Value, ...]:
    """The value that each option shows, in the author's order; None where options are statements."""
    return tuple(one.value for one in _shown(question, values))


def correct_flags(question: Question, values: Mapping[str, Value]) -> tuple[bool, ...]:
    """Which options are right, in the author's order."""
    flags = []
    for option in question.options:
        flag = (
            option.correct if isinstance(option.correct, bool) else value_of(option.correct, values)
        )
        if not isinstance(flag, bool):
            raise EvaluationError(f'correct: "{option.correct}" is neither true nor false')
        flags.append(flag)
    return tuple(flags)


def options_alike(question: Question, values: Mapping[str, Value]) -> str | None:
    """What is said of a draw in which two options read the same."""
    if not question.options:
        return None
    seen = Counter(one.text for one in _shown(question, values))
    twice = [text for text, count in seen.items() if count > 1]
    return "two options say the same" if twice else None


def _shown(question: Question, values: Mapping[str, Value]) -> list[Shown]:
    """The options in the author's order."""
    mistakes = {m.name: m for m in question.mistakes}
    found = []
    for option, correct in zip(question.options, correct_flags(question, values), strict=True):
        mistake = mistakes.get(option.mistake or "")
        seen = values if mistake is None else values_under(question, values, mistake)
        value = None if option.value is None else value_of(option.value, seen)
        text = f"${tex(value)}$" if option.text is None else fill(option.text, seen)
        why = fill(option.why, seen) if option.why else None
        if why is None and mistake is not None:
            why = fill(mistake.why, {**values, "wrong": seen})
        found.append(Shown(text, value, why, correct, option.mistake))
    return found


def _printed(question: Question, seed: int, shown: list[Shown]) -> list[Shown]:
    """The options that are printed: the right ones, and as many wrong ones, drawn by the seed, as there is room for.

    Where numbers are printed by size, the place of the only right one is drawn first, so that it tells nothing.
    """
    if question.printed is None:
        return shown
    right = [one for one in shown if one.correct]
    wrong = Source(question.id, "printed options", seed).shuffled(
        [one for one in shown if not one.correct]
    )
    room = question.printed - len(right)
    if len(right) == 1 and _valued(shown):
        below = [one for one in wrong if _size(one) < _size(right[0])]
        above = [one for one in wrong if _size(one) > _size(right[0])]
        least, most = max(0, room - len(above)), min(room, len(below))
        place = least + Source(question.id, "place of the key", seed).below(most - least + 1)
        wrong = below[:place] + above[: room - place]
    kept = right + wrong[:room]
    return [one for one in shown if one in kept]


def _valued(shown: list[Shown]) -> bool:
    return all(one.value is not None for one in shown)


def _size(one: Shown) -> float:
    return float(one.value)
