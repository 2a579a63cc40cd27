"""Whether a variant marks what it must: sample answers, and the values that its mistakes lead to."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from authoring.faults import Fault
from question_bank.answers import answer_type
from question_bank.answers.marking import mark
from question_bank.variant import Part, Variant, same


def samples(part: Part) -> Iterator[Fault]:
    """Sample answers that do not get their verdict, and mistakes that would be right."""
    name = f"part {part.label}" if part.label else "the question"
    kind = answer_type(part.answer.type)
    invented = kind.samples(part.answer)
    expected: Mapping[str, tuple[str, ...]] = {
        "right": invented.right,
        "wrong": invented.wrong,
        "unreadable": invented.unreadable,
    }
    for verdict, answers in expected.items():
        for answer in answers:
            found = mark(part.answer, answer, part.mistakes).verdict
            if found != verdict:
                message = f'{name}: the answer "{answer}" is {found}, not {verdict}'
                yield Fault("marking", f"{name}: {found}, not {verdict}", message)
    for mistake in part.mistakes:
        answer = kind.written(mistake.answer)
        found_mark = mark(part.answer, answer, part.mistakes)
        if found_mark.verdict == "right":
            message = f"the mistake {mistake.name} ({answer}) would be marked as right"
            yield Fault("mistake-is-right", f"{name}: {mistake.name}", message)


def shown_first(variant: Variant) -> dict[str, str]:
    """The first part in which each mistake leads to another answer: there it is made."""
    found: dict[str, str] = {}
    for part in variant.parts:
        for mistake in part.mistakes:
            found.setdefault(mistake.name, part.label)
    return found


def coinciding(variant: Variant) -> Iterator[Fault]:
    """Mistakes of one part that lead to the same answer, or to one within the other's tolerance."""
    first = shown_first(variant)
    for part in variant.parts:
        own = [mistake for mistake in part.mistakes if first[mistake.name] == part.label]
        for a, b in itertools.combinations(own, 2):
            if same(a.answer, b.answer) or same(b.answer, a.answer):
                message = f"the mistakes {a.name} and {b.name} lead to the same answer"
                yield Fault("mistakes-coincide", message, message)


def not_shown_where_made(homes: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """Mistakes that in some draws lead to the key of the part in which other draws show them: name, and what is wrong.

    `homes` holds, for each mistake, the parts in which it shows first, each with the first such draw.
    """
    for name, by_part in homes.items():
        home, *others = sorted(by_part)
        for label in others:
            says = f"the mistake {name} shows in part {home}, but leads to its key there"
            yield name, f"{says}{by_part[label]}"
