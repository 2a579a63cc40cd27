"""Rules on a whole bank: what no question shows alone."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from authoring.lint.cues import echoed_words
from authoring.lint.findings import Finding
from authoring.lint.habits import OptionSet, lint_habits, option_set
from authoring.lint.pairs import MOST_ALIKE, Weights, declared, gives_away, likeness, paper
from authoring.lint.text import content_words
from question_bank.schema import Question
from question_bank.variant import Variant
from question_bank.wording import counted

TYPES = ("multiple_choice", "short", "long")
# A smaller folder is a part of a bank: its shares say nothing.
FEWEST_QUESTIONS = 30
# The exam takes its three sections from the three types.
LEAST_SHARE = 0.15
# A word is rare when at most so many questions have it.
RARE = 2


def lint_bank(
    questions: Sequence[Question], variants: Mapping[str, Variant]
) -> Iterator[tuple[str | None, Finding]]:
    """Findings, each with the id of the question that it is shown at (None: the bank as a whole).

    Args:
        questions: every question of the bank.
        variants: one draw of each question by id; what has no draw is left out (and found elsewhere).
    """
    drawn = [(q, variants[q.id]) for q in questions if q.id in variants]
    sets = [found for q, v in drawn if (found := option_set(q, v)) is not None]
    for finding in lint_habits(sets):
        yield None, finding
    yield from _shares(questions)
    yield from _pairs(drawn)
    yield from _echoes(drawn, sets)


def _shares(questions: Sequence[Question]) -> Iterator[tuple[str | None, Finding]]:
    if len(questions) < FEWEST_QUESTIONS:
        return
    for kind in TYPES:
        own = sum(question.type == kind for question in questions)
        if own < LEAST_SHARE * len(questions):
            says = f"{own} of {counted(len(questions), 'question')} are {kind.replace('_', ' ')}"
            yield None, Finding("shares", f"{says}: exams need all three types", "warning")


def _pairs(drawn: Sequence[tuple[Question, Variant]]) -> Iterator[tuple[str | None, Finding]]:
    papers = [paper(variant, question.enemies) for question, variant in drawn]
    weights = Weights([one.printed for one in papers])
    for a, b in itertools.combinations(papers, 2):
        if declared(a, b):
            continue
        alike = likeness(a.printed, b.printed, weights)
        if alike > MOST_ALIKE:
            says = f"reads nearly like {b.question_id} ({alike:.0%}): name a group of `enemies` in both"
            yield a.question_id, Finding("twins", says, "error")
        for teller, asked in ((a, b), (b, a)):
            told = gives_away(teller, asked)
            if told is not None:
                says = f"its text gives away {told} of {asked.question_id}: name a group of `enemies` in both"
                yield teller.question_id, Finding("gives-away", says, "error")


def _echoes(
    drawn: Sequence[tuple[Question, Variant]], sets: Sequence[OptionSet]
) -> Iterator[tuple[str | None, Finding]]:
    found = Counter(word for question, variant in drawn for word in content_words(variant.text))
    rare = {word for word, n in found.items() if n <= RARE}
    stems = {variant.question_id: variant.text for _, variant in drawn}
    subject = {q.id: content_words(f"{q.title} {q.topic}") for q, _ in drawn}
    for one in sets:
        if one.stated:
            # Nobody is helped by the word that the whole question is about.
            own = rare - subject[one.question_id]
            for finding in echoed_words(stems[one.question_id], one.texts, one.flags, own):
                yield one.question_id, finding
