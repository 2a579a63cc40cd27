"""Hints by steps: from where to look to the first steps of the solution, and never the answer itself.

A hint is taken from what the author wrote. Steps of the worked solution are shown one by one, up to the one that
would complete the answer; a chain of equations ends before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from question_bank.answers import answer_type
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.key import KeyPart, KeyQuestion
from question_bank.schema import Question
from question_bank.wording import counted
from templates.ascii_text import to_ascii
from templates.mathematics import MathError
from templates.richtext import to_terminal

MOST_STEPS = 3
# As far as two printed numbers may lie apart to be the same one, rounded.
ROUNDED = 0.006
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(?:/(\d+(?:\.\d+)?))?(%?)")
_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_SENTENCE = re.compile(r"(?<=[.!?:])\s+(?=[A-Z$\\*])")
_BLOCK = re.compile(r"\n\s*\n|\n(?=\s*(?:-|\d+\.) )")
_MARKER = re.compile(r"^\s*(?:-|\d+\.) +")
_OPERATION = re.compile(r"[+*/]|\\(?:frac|cdot|times|sum|sqrt)|(?<=[\w}]) *-")
_DISPLAY = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)


def hints_for(question: Question, key: KeyQuestion, part: KeyPart) -> tuple[str, ...]:
    """The hints for one answer, as Markdown, from the vaguest on."""
    found = [_where_to_look(question)]
    if isinstance(part.key, MultipleChoiceKey):
        found += _about_options(part.key)
    elif answer_type(part.key.type).by_person:
        if part.rubric:
            found.append(
                f"{counted(len(part.rubric), 'thing')} earn{'s' * (len(part.rubric) == 1)} points."
            )
    else:
        found += _steps(part.solution or key.solution, part)
    return tuple(found)


def _where_to_look(question: Question) -> str:
    goals = "; ".join(question.objectives)
    agreed = f" Agreed here: {question.convention}." if question.convention else ""
    return f"This is about: {goals}.{agreed} Look at: {question.source}."


def _about_options(key: MultipleChoiceKey) -> Iterator[str]:
    right = sum(option.correct for option in key.options)
    yield f"{right or 'None'} of the {len(key.options)} options {'is' if right == 1 else 'are'} right."
    for letter, option in zip(key.letters, key.options, strict=True):
        if not option.correct and option.why and right:
            yield f"{letter}) is not right. {option.why}"
            return


def _steps(solution: str, part: KeyPart) -> Iterator[str]:
    guard = _Guard(part)
    for count, step in enumerate(_pieces(solution)):
        if count == MOST_STEPS or not _typesets(step):
            return
        if guard.gives_away(step):
            shorter = _before_the_answer(step, guard)
            if shorter is not None:
                yield shorter
            return
        guard.show(step)
        yield step


def _pieces(solution: str) -> Iterator[str]:
    """Sentences and displayed formulas, in order, up to the first table or listing: those show results throughout."""
    place = 0
    for display in [*_DISPLAY.finditer(solution), None]:
        between = solution[place : display.start() if display else None]
        for block in _BLOCK.split(between):
            if block.lstrip().startswith(("|", "```")):
                return
            sentences = _SENTENCE.split(_MARKER.sub("", block).strip())
            yield from (s for s in map(str.strip, sentences) if len(s) > 1)
        if display:
            yield display[0]
            place = display.end()


def _before_the_answer(step: str, guard: _Guard) -> str | None:
    """A displayed chain `a = b = c` up to the last link without the answer; None where nothing is left of it."""
    display = _DISPLAY.fullmatch(step)
    if display is None or r"\begin" in display[1] or r"\qquad" in display[1]:
        return None
    links = _top_level(display[1])
    while len(links) > 1:
        links = links[:-1]
        text = f"$${'='.join(links).strip()} = \\;?$$"
        if _typesets(text) and not guard.gives_away(text):
            # One link alone without an operation, such as the name of what is asked for, says nothing.
            return text if len(links) > 1 or _OPERATION.search(links[0]) else None
    return None


def _top_level(formula: str) -> list[str]:
    """The formula at its equals signs outside of braces."""
    links, depth = [""], 0
    for letter in formula:
        depth += (letter == "{") - (letter == "}")
        if letter == "=" and depth == 0:
            links.append("")
        else:
            links[-1] += letter
    return links


def _typesets(text: str) -> bool:
    try:
        to_terminal(text)
    except (MathError, ValueError):
        return False
    return True


class _Guard:
    """Knows the right answer, and what was shown so far: all numbers of an answer together give it away."""

    def __init__(self, part: KeyPart) -> None:
        kind = answer_type(part.key.type)
        written = kind.written(part.key)
        self._texts = {_bare(written), _bare(to_terminal(kind.render(part.key)))} - {""}
        self._wanted = _numbers(written)
        # A formula can be written in many ways: nothing that equals something is shown.
        self._formula = part.key.type in ("expression", "equation") or not self._wanted
        self._shown: list[float] = []

    def show(self, step: str) -> None:
        self._shown += _numbers(to_terminal(step))

    def gives_away(self, step: str) -> bool:
        shown = to_terminal(step)
        text = _bare(shown)
        if any(answer in text for answer in self._texts) or (self._formula and "=" in text):
            return True
        seen = [*self._shown, *_numbers(shown)]
        return bool(self._wanted) and all(
            any(abs(number - other) <= ROUNDED * max(number, 0.1) for other in seen)
            for number in self._wanted
        )


def _numbers(text: str) -> list[float]:
    """The sizes of the numbers of a text: 3/20 as 0.15 and by its own two numbers, 15 % as 0.15 and 15."""
    found = [float(_WORDS.index(word)) for word in re.findall(r"[a-z]+", text) if word in _WORDS]
    for whole, below, percent in _NUMBER.findall(_bare(to_ascii(text))):
        if below and float(below):
            found.append(float(whole) / float(below))
        if percent:
            found.append(float(whole) / 100)
        if not below:
            found.append(float(whole))
    return found


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text).replace("−", "-")
