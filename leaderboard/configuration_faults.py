"""What a file of boards contradicts itself in: each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leaderboard.configuration_schema import Boards, LateRule, PassMark, Rules
from leaderboard.moments import Zone, zone_names, zone_of
from question_bank.diagnostics import Diagnostic, did_you_mean
from question_bank.salvage import overlap
from question_bank.schema_errors import Reading
from question_bank.strict_yaml import Steps

TIMES = ("opens", "deadline", "hidden_until")
HIGHER, LOWER = ("at_least", "above"), ("at_most", "below")


def contradictions(reading: Reading[Boards]) -> Iterator[Diagnostic]:
    """Yield what no schema sees: names that come twice, times that do not fit, marks that cannot be.

    Nothing is said about values that the schema has found fault with already.
    """
    boards = reading.value
    try:
        zone: Zone | None = zone_of(boards.time_zone)
    except ValueError as error:
        zone = None
        if _sound(reading, ("time_zone",)):
            hint = did_you_mean(boards.time_zone, zone_names()) or (
                "a name like Europe/Berlin; where a machine has no zones: pip install tzdata"
            )
            yield Diagnostic("bad-zone", str(error), reading.located.where(("time_zone",)), hint)
    yield from _names(reading)
    levels: list[tuple[Steps, Rules]] = [(("policy",), boards.policy)]
    yield from _rules(reading, levels, zone)
    for number, tab in enumerate(boards.tabs):
        own: list[tuple[Steps, Rules]] = [(("tabs", number), tab), *levels]
        yield from _rules(reading, own, zone)
        for place, phase in enumerate(tab.phases):
            yield from _rules(reading, [(("tabs", number, "phases", place), phase), *own], zone)
    yield from _total(reading, zone)


def _sound(reading: Reading[Boards], place: Steps) -> bool:
    return not any(overlap(place, doubt) for doubt in reading.in_doubt)


def _names(reading: Reading[Boards]) -> Iterator[Diagnostic]:
    boards = reading.value
    tabs = [((("tabs", n, "name")), tab.name) for n, tab in enumerate(boards.tabs)]
    lists: list[tuple[str, list[tuple[Steps, str]]]] = [("tab", list(tabs))]
    for n, tab in enumerate(boards.tabs):
        phases: list[tuple[Steps, str]] = [
            (("tabs", n, "phases", m, "name"), phase.name) for m, phase in enumerate(tab.phases)
        ]
        lists.append(("phase", phases))
    for kind, named in lists:
        seen: dict[str, int | None] = {}
        for place, name in named:
            if not _sound(reading, place):
                continue
            where = reading.located.where(place)
            if name in seen:
                message = f'a second {kind} is called "{name}" (first in line {seen[name]})'
                yield Diagnostic("name-twice", message, where, "call it otherwise")
            seen.setdefault(name, where.line)


def _rules(
    reading: Reading[Boards], levels: Sequence[tuple[Steps, Rules]], zone: Zone | None
) -> Iterator[Diagnostic]:
    """Look at one level under those above it; what an upper level says wrong alone is told there."""
    (place, rules), *_ = levels
    own = rules.model_fields_set
    if zone is not None:
        yield from _times(reading, place, rules, zone)
        yield from _order(reading, levels, zone)
    if rules.late is not None and "late" in own:
        yield from _late(reading, (*place, "late"), rules.late)
        if _said(levels, "deadline") is None and len(levels) > 1:
            yield _at(reading, (*place, "late"), "late", "there is no deadline to be late for",
                      'add deadline: "2020-01-15 23:59", or leave late out')  # fmt: skip
    mark = _said(levels, "pass_mark")
    if isinstance(mark, PassMark) and own & {"pass_mark", "better"}:
        # A mark from above is wrong here where this level turns the order round.
        at = (*place, "pass_mark" if "pass_mark" in own else "better")
        yield from _mark(reading, at, mark, _said(levels, "better") == "lower")


def _said(levels: Sequence[tuple[Steps, Rules]], field: str) -> object:
    return next((getattr(r, field) for _, r in levels if field in r.model_fields_set), None)


def _times(
    reading: Reading[Boards], place: Steps, rules: Rules, zone: Zone
) -> Iterator[Diagnostic]:
    places: list[tuple[Steps, str | None]] = [
        ((*place, key), getattr(rules, key)) for key in TIMES if key in rules.model_fields_set
    ]
    if rules.late is not None and "late" in rules.model_fields_set:
        places.append(((*place, "late", "until"), rules.late.until))
    for at, text in places:
        if _sound(reading, at):
            yield from _time(reading, at, text, zone)


def _time(
    reading: Reading[Boards], place: Steps, text: str | None, zone: Zone
) -> Iterator[Diagnostic]:
    try:
        zone.moment(text)
    except ValueError as error:
        cure = 'write it like "2020-01-15 23:59"'
        yield Diagnostic("bad-time", f"{_path(place)}: {error}", reading.located.where(place), cure)


def _order(
    reading: Reading[Boards], levels: Sequence[tuple[Steps, Rules]], zone: Zone
) -> Iterator[Diagnostic]:
    (place, rules), *_ = levels
    own = rules.model_fields_set
    if not own & {"opens", "deadline", "late"}:
        return
    late = _said(levels, "late")
    until = late.until if isinstance(late, LateRule) else None
    given = {
        "opens": _said(levels, "opens"),
        "deadline": _said(levels, "deadline"),
        "late.until": until,
    }
    read: dict[str, int] = {}
    for name, text in given.items():
        try:
            moment = zone.moment(text if isinstance(text, str) else None)
        except ValueError:
            return
        if moment is not None:
            read[name] = moment
    for first, second in (("opens", "deadline"), ("deadline", "late.until")):
        if first in read and second in read and read[second] <= read[first]:
            key = "late" if second == "late.until" and "late" in own else second
            at = (*place, key if key in own else first)
            if _sound(reading, at):
                message = f"{second} ({given[second]}) is not after {first} ({given[first]})"
                yield _at(reading, at, second, message, "put one of the two right")


def _late(reading: Reading[Boards], place: Steps, late: LateRule) -> Iterator[Diagnostic]:
    if not _sound(reading, place):
        return
    ways = [key for key in ("percent_per_day", "points_per_day") if getattr(late, key) is not None]
    if len(ways) != 1:
        message = "says two losses for a day" if ways else "does not say what a day costs"
        yield _at(reading, place, "late", message, "give percent_per_day or points_per_day")
    elif ways == ["percent_per_day"] and late.at_most is not None and late.at_most > 100:
        yield _at(
            reading, (*place, "at_most"), "late", "at_most is above 100 percent", "100 or less"
        )


def _mark(
    reading: Reading[Boards], place: Steps, mark: PassMark, lower: bool
) -> Iterator[Diagnostic]:
    if not _sound(reading, place):
        return
    names = [key for key in PassMark.model_fields if getattr(mark, key) is not None]
    wrong, right = (HIGHER, LOWER) if lower else (LOWER, HIGHER)
    if len(names) != 1:
        yield _at(
            reading, place, "pass-mark", f"needs one of its keys, not {len(names)}",
            f"pass_mark: {{{right[0]}: 50}} or {{{right[1]}: 50}}",
        )  # fmt: skip
    elif names[0] in wrong:
        better = "lower" if lower else "higher"
        yield _at(
            reading, (*place, names[0]), "pass-mark", f"{better} is better here, so {names[0]} cannot pass",
            f"{right[0]} or {right[1]}",
        )  # fmt: skip


def _total(reading: Reading[Boards], zone: Zone | None) -> Iterator[Diagnostic]:
    total = reading.value.total
    if total is None or not _sound(reading, ("total",)):
        return
    if not reading.value.tabs:
        yield _at(
            reading,
            ("total",),
            "total",
            "there is no tab to add up",
            "add tabs, or leave total out",
        )
    if total.pass_mark is not None:
        yield from _mark(reading, ("total", "pass_mark"), total.pass_mark, lower=False)
    if zone is not None:
        yield from _time(reading, ("total", "hidden_until"), total.hidden_until, zone)


def _at(reading: Reading[Boards], place: Steps, code: str, message: str, hint: str) -> Diagnostic:
    return Diagnostic(
        f"bad-{code.replace('.', '-')}",
        f"{_path(place)}: {message}",
        reading.located.where(place),
        hint,
    )


def _path(place: Steps) -> str:
    return ".".join(str(step) for step in place)
