"""Response processing: how an item of QTI counts points, and which sentences it shows."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from fractions import Fraction

from generator.export.numbers import decimal
from generator.export.qti_names import feedback_name, hits_name, outcome_name, response_names
from generator.export.responses import NONE, Choice, Field, Fields, MenuField
from generator.export.view import ViewPart
from generator.export.xml_writing import sub

_MARGIN_DIGITS = 12


def score(processing: ET.Element, part: ViewPart) -> None:
    """Add the rules that mark one part; a part that a person marks has none."""
    if isinstance(part.response, Choice):
        _choice(processing, part, part.response)
    elif isinstance(part.response, Fields):
        _fields(processing, part, part.response)


def total(processing: ET.Element, outcomes: Sequence[str]) -> None:
    """Add the rule that sums what the parts earn."""
    summed = sub(_set(processing, "SCORE"), "sum")
    for name in outcomes:
        sub(summed, "variable", identifier=name)


def show(processing: ET.Element, name: str) -> None:
    """Add the rule that shows a sentence."""
    together = sub(_set(processing, "FEEDBACK"), "multiple")
    sub(together, "variable", identifier="FEEDBACK")
    _value(together, "identifier", name)


def mapping(declared: ET.Element, choice: Choice) -> None:
    """Add whole numbers to the options, from which a share of the points is made; none for all or nothing."""
    weights = _weights(choice)
    if weights is None:
        return
    bounds = {"lowerBound": "0"} if choice.scheme == "partial" else {}
    table = sub(declared, "mapping", defaultValue="0", **bounds)
    for option in choice.options:
        mapped = weights[option.right] if option.letter != NONE else 0
        sub(table, "mapEntry", mapKey=option.letter, mappedValue=str(mapped))


def _weights(choice: Choice) -> tuple[int, int] | None:
    """What a wrong and a right option add."""
    right, wrong = choice.counts
    if choice.scheme == "all_or_nothing":
        return None
    if choice.scheme == "negative" and right and wrong:
        return -right, wrong
    return -1, 1


def _choice(processing: ET.Element, part: ViewPart, choice: Choice) -> None:
    (name,) = response_names(part)
    condition = sub(processing, "responseCondition")
    right = sub(condition, "responseIf")
    _matches(right, name)
    _value(_set(right, outcome_name(part)), "float", decimal(part.points))
    if choice.scheme != "all_or_nothing":
        _partly(condition, part, choice, name)
    for option in choice.options:
        if option.why:
            condition = sub(processing, "responseCondition")
            chosen = sub(condition, "responseIf")
            _chooses(chosen, name, option.letter)
            show(chosen, feedback_name(part, option.letter))


def _partly(condition: ET.Element, part: ViewPart, choice: Choice, name: str) -> None:
    right, wrong = choice.counts
    outcome = outcome_name(part)
    with_none = sub(condition, "responseElseIf")
    _chooses(with_none, name, NONE)
    if choice.scheme == "per_box" and right:
        # "None of these" alone leaves every wrong box as it should be.
        inner = sub(sub(with_none, "responseCondition"), "responseIf")
        same = sub(inner, "match")
        sub(same, "variable", identifier=name)
        _value(sub(same, "multiple"), "identifier", NONE)
        _share(_set(inner, outcome), part.points * wrong, right + wrong)
    else:
        _value(_set(with_none, outcome), "float", "0")
    chosen = sub(condition, "responseElseIf")
    sub(sub(sub(chosen, "not"), "isNull"), "variable", identifier=name)
    shared = sub(_set(chosen, outcome), "divide")
    times = sub(shared, "product")
    counted = times
    if choice.scheme == "per_box":
        counted = sub(times, "sum")
        _value(counted, "float", str(wrong))
    sub(counted, "mapResponse", identifier=name)
    _value(times, "float", decimal(part.points))
    _value(shared, "float", str(_whole(choice)))


def _whole(choice: Choice) -> int:
    """What the numbers of all right options add up to, as `mapping` has them."""
    right, wrong = choice.counts
    if choice.scheme == "per_box":
        return right + wrong
    if choice.scheme == "negative" and right and wrong:
        return right * wrong
    return right or wrong or 1


def _fields(processing: ET.Element, part: ViewPart, fields: Fields) -> None:
    names, count = response_names(part), len(fields.fields)
    outcome, hits = outcome_name(part), hits_name(part)
    for name, field in zip(names, fields.fields, strict=True):
        right = sub(sub(processing, "responseCondition"), "responseIf")
        _is(right, name, field)
        more = sub(_set(right, hits), "sum")
        sub(more, "variable", identifier=hits)
        _value(more, "float", "1")
    condition = sub(processing, "responseCondition")
    all_right = sub(condition, "responseIf")
    _all_hit(all_right, hits, count)
    _value(_set(all_right, outcome), "float", decimal(part.points))
    if fields.by_entry and count > 1:
        alike = sub(condition, "responseElseIf")
        _alike(alike, names, menus=bool(fields.menus))
        _value(_set(alike, outcome), "float", "0")
        rest = sub(condition, "responseElse")
        shared = sub(_set(rest, outcome), "divide")
        times = sub(shared, "product")
        sub(times, "variable", identifier=hits)
        _value(times, "float", decimal(part.points))
        _value(shared, "float", str(count))
    if fields.missteps:
        _missteps(processing, part, fields)


def _missteps(processing: ET.Element, part: ViewPart, fields: Fields) -> None:
    outcome, hits = outcome_name(part), hits_name(part)
    condition = sub(processing, "responseCondition")
    # Who has everything right has made no mistake, whatever else leads there.
    _all_hit(sub(condition, "responseIf"), hits, len(fields.fields))
    for misstep in fields.missteps:
        made = sub(condition, "responseElseIf")
        together = made if len(fields.fields) == 1 else sub(made, "and")
        for name, field in zip(response_names(part), misstep.fields, strict=True):
            _is(together, name, field)
        show(made, feedback_name(part, misstep.name))
        if misstep.credit:
            best = sub(_set(made, outcome), "max")
            sub(best, "variable", identifier=outcome)
            credit = part.points * misstep.credit
            _share(best, Fraction(credit.numerator), credit.denominator)


def _is(parent: ET.Element, name: str, field: Field) -> None:
    """Whether a response is what a field accepts."""
    if isinstance(field, MenuField):
        same = sub(parent, "match")
        sub(same, "variable", identifier=name)
        _value(same, "identifier", field.right)
        return
    accepted = field.accepted
    if accepted.margin:
        margin = decimal(accepted.margin, _MARGIN_DIGITS)
        same = sub(parent, "equal", toleranceMode="absolute", tolerance=f"{margin} {margin}")
    else:
        same = sub(parent, "equal", toleranceMode="exact")
    sub(same, "variable", identifier=name)
    _value(same, "float", decimal(accepted.value))


def _alike(parent: ET.Element, names: Sequence[str], *, menus: bool) -> None:
    together = parent if len(names) == 2 else sub(parent, "and")
    for name in names[1:]:
        same = sub(together, "match") if menus else sub(together, "equal", toleranceMode="exact")
        sub(same, "variable", identifier=names[0])
        sub(same, "variable", identifier=name)


def _all_hit(parent: ET.Element, hits: str, count: int) -> None:
    same = sub(parent, "equal", toleranceMode="exact")
    sub(same, "variable", identifier=hits)
    _value(same, "float", str(count))


def _matches(parent: ET.Element, name: str) -> None:
    same = sub(parent, "match")
    sub(same, "variable", identifier=name)
    sub(same, "correct", identifier=name)


def _chooses(parent: ET.Element, name: str, letter: str) -> None:
    member = sub(parent, "member")
    _value(member, "identifier", letter)
    sub(member, "variable", identifier=name)


def _share(parent: ET.Element, points: Fraction, of: int) -> None:
    shared = sub(parent, "divide")
    _value(shared, "float", decimal(points))
    _value(shared, "float", str(of))


def _set(parent: ET.Element, name: str) -> ET.Element:
    return sub(parent, "setOutcomeValue", identifier=name)


def _value(parent: ET.Element, base_type: str, value: str) -> None:
    sub(parent, "baseValue", value, baseType=base_type)
