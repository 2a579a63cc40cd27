"""Rules on what only the author can say: minutes, topic, archetype, and texts that state their own key."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from authoring.archetypes import ARCHETYPES
from authoring.lint.findings import Finding
from authoring.placeholders import PLACEHOLDERS
from authoring.topics import TOPICS
from question_bank.diagnostics import did_you_mean
from question_bank.schema import Question
from question_bank.variant import specs

_OUTPUT = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


def lint_file(
    question: Question, written: Collection[str], *, of_course: bool
) -> Iterator[tuple[str, Finding]]:
    """Findings, each with the key of the file that it is about.

    Args:
        question: the question.
        written: the keys that stand in its file.
        of_course: whether it belongs to the course's bank; another bank may have topics of its own, and no archetypes.
    """
    if "minutes" not in written:
        says = "minutes are not given: say how long a student works on it"
        yield "minutes", Finding("no-minutes", says, "warning")
    yield from _placeholders(question)
    yield from _archetypes(question, of_course=of_course)
    if of_course:
        yield from _topic(question)
    yield from _states_its_key(question)


def _placeholders(question: Question) -> Iterator[tuple[str, Finding]]:
    said = {
        "topic": [question.topic],
        "objectives": question.objectives,
        "source": [question.source],
    }
    for key, texts in said.items():
        for text in PLACEHOLDERS.intersection(texts):
            says = f'{key}: "{text}" is still to be done'
            yield key, Finding("placeholder", says, "warning")


def _archetypes(question: Question, *, of_course: bool) -> Iterator[tuple[str, Finding]]:
    if of_course and not question.archetype:
        says = "no archetype is named: which kind of exam question is it?"
        yield "archetype", Finding("archetype", says, "warning")
    for name in question.archetype:
        if name not in ARCHETYPES:
            cure = did_you_mean(name, ARCHETYPES)
            says = f'there is no archetype "{name}"' + (f": {cure}" if cure else "")
            yield "archetype", Finding("archetype", says, "warning")


def _topic(question: Question) -> Iterator[tuple[str, Finding]]:
    known = TOPICS[question.lecture]
    if question.topic not in {*known, *PLACEHOLDERS}:
        cure = did_you_mean(question.topic, known) or f"it has {'; '.join(known)}"
        says = f'lecture {question.lecture} has no topic "{question.topic}": {cure}'
        yield "topic", Finding("topic", says, "warning")


def _states_its_key(question: Question) -> Iterator[tuple[str, Finding]]:
    """A text that prints the very expression that the answer is, or the `let` behind it."""
    keys = {key for key in _computed_keys(question) if key in question.let}
    keys |= {_bare(question.let[key]) for key in keys}
    for place, text in [
        ("text", question.text),
        *(("parts", part.text) for part in question.parts),
    ]:
        for printed in _OUTPUT.findall(text):
            if _bare(printed.split("|")[0]) in keys:
                says = f"a text prints {{{{{printed}}}}}, which is what is asked for"
                yield place, Finding("states-its-key", says, "warning")


def _computed_keys(question: Question) -> Iterator[str]:
    for spec in specs(question):
        yield _bare(str(getattr(spec, "value", "")))
    for option in question.options:
        if option.correct is True and option.mistake is None:
            yield _bare(option.value or "")


def _bare(expression: str) -> str:
    return "".join(expression.split())
