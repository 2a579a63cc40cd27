"""`grade --review ASSIGNMENT --points FILE.csv`: points that were written down elsewhere, checked and kept.

Either a line for each answer, or a line for each student with a column for each answer:

    user,question,points,note          user,12,13a,13b
    03712345,13a,1.5,sign missing      03712345,2,"1,5",0

Questions are named as the student's own paper prints them. An empty cell says nothing. Everything that is wrong is told
together; nothing is kept before all of it is right.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from math import gcd
from pathlib import Path

from grader.report import Check, report_of
from grader.review.recording import apply_marks, exact
from leaderboard.decisions import not_withdrawn
from leaderboard.marks import (
    PersonsMark,
    mark_log,
    record_marks,
    record_opinions,
    standing_marks,
    standing_opinions,
)
from leaderboard.report_sums import PENDING
from leaderboard.store import Store, reports
from question_bank.diagnostics import Diagnostic, InputError, Where, bad_input, did_you_mean
from question_bank.strict_yaml import read_text

LONG = ("user", "question", "points", "note")
LONGEST_NOTE = 500
FINEST = 100  # the largest denominator of a step that can be typed


@dataclass(frozen=True)
class Given:
    """A cell of the table: points of a user's answer, as typed, in a line of the file."""

    line: int
    user: str
    question: str
    points: str
    note: str = ""


@dataclass(frozen=True)
class Kept:
    """What a table came to: marks that are new, those that correct one's own, and those that stood already."""

    new: int
    corrected: int
    same: int


@dataclass(frozen=True)
class _Cohort:
    """The submission of each user that counts, its checks by printed label in small letters, and what stands."""

    checks: Mapping[str, Mapping[str, Check]]
    submissions: Mapping[str, int]
    marks: Mapping[tuple[int, str], PersonsMark]
    opinions: Mapping[tuple[int, str], PersonsMark] = field(default_factory=dict)
    # The last mark that this person gave, whoever's stands.
    own: Mapping[tuple[int, str], PersonsMark] = field(default_factory=dict)


def keep_table(
    store: Store, assignment: str, file: Path, by: str, *, step: Fraction, second: bool
) -> Kept:
    """Keep the points of a table, as marks or (`second`) as a second person's opinions. InputError with all that is wrong."""
    cohort = _cohort(store, assignment, by)
    given = read_table(file)
    faults: list[Diagnostic] = []
    found: dict[tuple[int, str], tuple[Given, PersonsMark]] = {}
    now = datetime.now(UTC)
    for each in given:
        where = Where(str(file), each.line)
        mark = _mark(each, cohort, by, now, where, step, second=second)
        if isinstance(mark, Diagnostic):
            faults.append(mark)
            continue
        place = mark.submission, mark.check
        if place in found:
            first = found[place][0].line
            message = (
                f"{each.question} of {each.user} stands here a second time (first in line {first})"
            )
            faults.append(Diagnostic("points-twice", message, where, "keep one of the two"))
        else:
            found[place] = (each, mark)
    if faults:
        raise InputError(*faults)
    before = cohort.opinions if second else cohort.marks
    marks = [mark for _, mark in found.values()]
    new = [mark for mark in marks if (mark.submission, mark.check) not in before]
    changed = [
        mark
        for mark in marks
        if (old := before.get((mark.submission, mark.check))) is not None
        and (old.points, old.note) != (mark.points, mark.note)
    ]
    if second:
        record_opinions(store, [*new, *changed])
    else:
        record_marks(store, [*new, *changed])
        apply_marks(store, assignment, sorted({mark.submission for mark in [*new, *changed]}))
    return Kept(len(new), len(changed), len(marks) - len(new) - len(changed))


def read_table(file: Path) -> tuple[Given, ...]:
    """The cells of a table that say something. InputError with everything that is wrong in its form."""
    text = read_text(file)
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=head.count), strict=True)
    faults: list[Diagnostic] = []
    found: list[Given] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        names = [name.lower() for name in header]
        _check_header(file, names)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                message = f"has {len(cells)} cells; the first line has {len(header)}"
                cure = "quote cells that hold the divider, such as 1,5 between commas"
                faults.append(
                    Diagnostic("ragged", message, Where(str(file), reader.line_num), cure)
                )
                continue
            found += _cells(reader.line_num, names, header, [cell.strip() for cell in cells])
    except csv.Error as error:
        raise bad_input(
            "not-csv", f"is no CSV: {error}", where=Where(str(file), reader.line_num),
            hint="save the table as CSV UTF-8",
        ) from None  # fmt: skip
    if faults:
        raise InputError(*faults)
    if not found:
        raise bad_input("no-points", "holds no points", where=Where(str(file)))
    return tuple(found)


def _check_header(file: Path, names: Sequence[str]) -> None:
    where = Where(str(file), 1)
    if "user" not in names:
        raise bad_input(
            "no-user-column", 'there is no column "user"', where=where,
            hint=f"the first line names the columns: {', '.join(LONG)}; or user and the answers, such as 12,13a,13b",
        )  # fmt: skip
    for name in names:
        if names.count(name) > 1 or not name:
            what = f'"{name}" is there more than once' if name else "a column has no name"
            raise bad_input("column-twice", what, where=where, hint="keep one, with its name")
    if "question" in names or "points" in names:
        missing = [name for name in LONG[:3] if name not in names]
        unknown = [name for name in names if name not in LONG]
        if missing:
            raise bad_input("no-column", f'there is no column "{missing[0]}"', where=where)
        if unknown:
            raise bad_input(
                "unknown-column", f'"{unknown[0]}"', where=where,
                hint=did_you_mean(unknown[0], LONG) or f"known: {', '.join(LONG)}",
            )  # fmt: skip


def _cells(
    line: int, names: Sequence[str], header: Sequence[str], cells: Sequence[str]
) -> Iterator[Given]:
    row = dict(zip(names, cells, strict=True))
    if "question" in row:
        if row["points"]:
            yield Given(line, row["user"], row["question"], row["points"], row.get("note", ""))
        return
    for name, cell in zip(header, cells, strict=True):
        if name.lower() != "user" and cell:
            yield Given(line, row["user"], name, cell)


def _cohort(store: Store, assignment: str, by: str) -> _Cohort:
    submissions = {graded.user: graded.number for graded in not_withdrawn(store, assignment)}
    checks = {
        user: {check.id.lower(): check for check in report_of(reports(store, number)[-1]).checks}
        for user, number in submissions.items()
    }
    opinions = {
        place: each
        for place, several in standing_opinions(store, assignment).items()
        for each in several
        if each.by == by
    }
    own = {(each.submission, each.check): each for each in mark_log(store, assignment) if each.by == by}  # fmt: skip
    return _Cohort(checks, submissions, standing_marks(store, assignment), opinions, own)


def _finer(points: Fraction, step: Fraction) -> str | None:
    """The largest step that allows these points and all that the given one allows; None where none can be typed."""
    both = Fraction(
        gcd(points.numerator * step.denominator, step.numerator * points.denominator),
        points.denominator * step.denominator,
    )
    if both.denominator > FINEST:
        return None
    named = f"{float(both):g}" if Fraction(f"{float(both):g}") == both else str(both)
    return f"--step {named} allows it"


def _mark(
    given: Given,
    cohort: _Cohort,
    by: str,
    now: datetime,
    where: Where,
    step: Fraction,
    *,
    second: bool,
) -> PersonsMark | Diagnostic:
    """The mark that a cell means, or what is wrong with it."""
    number = cohort.submissions.get(given.user)
    if number is None:
        message = f'nobody handed in as "{given.user}"' if given.user else "says no user"
        return Diagnostic("unknown-user", message, where, did_you_mean(given.user, cohort.checks))
    checks = cohort.checks[given.user]
    check = checks.get(given.question.lower())
    if check is None:
        message = f'the paper of {given.user} has no answer "{given.question}"'
        known = f"it has {', '.join(each.id for each in checks.values())}"
        return Diagnostic(
            "unknown-question", message, where, did_you_mean(given.question, checks) or known
        )
    if check.verdict not in PENDING and not check.by_person:
        message = f"the machine decided {check.id} of {given.user}"
        cure = f"decide otherwise with --overrule {check.id} --user {given.user}"
        return Diagnostic("decided", message, where, cure)
    standing = cohort.marks.get((number, check.id))
    if standing is not None and standing.overruled is not None:
        message = f"{standing.by} overruled the machine at {check.id} of {given.user}"
        return Diagnostic("decided", message, where, "change it with --again")
    points = exact(given.points)
    if not second and standing is not None and standing.by != by:
        own = cohort.own.get((number, check.id))
        if own is not None and points is not None and (own.points, own.note) == (_decimal(points), given.note):  # fmt: skip
            return standing  # what this person had given before somebody settled it: a table is taken again
        message = f"{standing.by} marked {check.id} of {given.user} already"
        cure = "leave it out; or, marked without a look at that, add --second"
        return Diagnostic("marked-already", message, where, cure)
    if second and standing is not None and standing.by == by:
        message = f"you marked {check.id} of {given.user} yourself"
        return Diagnostic("own-mark", message, where, "a second mark is somebody else's: --by NAME")
    full = f"{check.max_points:g}"
    if points is None:
        return Diagnostic("no-number", f'"{given.points}" is no number of points', where, "1.5")
    if not 0 <= points <= Fraction(check.max_points).limit_denominator(10_000):
        message = f"{given.points} points for {check.id} of {given.user}, which has 0 to {full}"
        return Diagnostic("out-of-range", message, where, None)
    if points % step:
        message = f"{given.points} points for {check.id} of {given.user} is no multiple of {float(step):g}"
        return Diagnostic("step", message, where, _finer(points, step))
    if len(given.note) > LONGEST_NOTE or any(ord(letter) < 32 for letter in given.note):
        message = f"the note has more than {LONGEST_NOTE} characters, or several lines"
        return Diagnostic("bad-note", message, where, None)
    return PersonsMark(number, check.id, _decimal(points), by, now, (), given.note)


def _decimal(points: Fraction) -> Decimal:
    """Points as they are kept."""
    return Decimal(points.numerator) / Decimal(points.denominator)
