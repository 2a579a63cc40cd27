"""What every system but ours loses: it cannot compute, read formulas, or follow a student's own values."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations

from generator.export.losses import Loss
from generator.export.responses import Choice, Fields, MenuField, Person
from generator.export.view import View, ViewPart, ViewQuestion

# What a student may have been granted, as a `View` names it.
GRANTED = ("extra_minutes", "large_print", "extra_space")
_READ_BY_PEOPLE = frozenset({"text"})


def loss(
    view: View, question: ViewQuestion, part: ViewPart | None, kind: str, detail: str = ""
) -> Loss:
    """Return a line of the report on a part, or on the whole question."""
    label = str(question.number) if part is None else part.label
    return Loss(view.label, label, question.id, kind, detail)


def shared_losses(view: View, question: ViewQuestion) -> Iterator[Loss]:
    """Yield what is lost of a question in every format that a machine marks."""
    for part in question.parts:
        for kind, detail in _of_part(part):
            yield loss(view, question, part, kind, detail)


def not_granted(view: View, keeps: Collection[str]) -> Iterator[Loss]:
    """Yield what was granted to a student, and a format has no place for."""
    for kind in GRANTED:
        if kind not in keeps and getattr(view, kind) != getattr(View, kind):
            yield Loss(view.label, "", "", kind)


def _of_part(part: ViewPart) -> Iterator[tuple[str, str]]:
    if part.carried:
        yield "carried_forward", ""
    match part.response:
        case Choice(none_right=True):
            yield "none_right", ""
        case Person(kind="numeric"):
            yield "exact", ""
        case Person(kind=kind) if kind not in _READ_BY_PEOPLE:
            yield "by_person", kind
        case Fields() as fields if not isinstance(fields.fields[0], MenuField):
            yield "decimals_only", ""
            if any(accepted.unrounded for accepted in fields.numbers):
                yield "unrounded", ""
            if fields.unit:
                yield "unit", fields.unit
            if fields.digits is not None:
                yield "more_digits", str(fields.digits)
            if any(a.credit * b.credit for a, b in combinations(fields.missteps, 2)):
                yield "mistake_credit", "two mistakes at once earn nothing"
        case _:
            pass
