"""What a class answered, as arrays: a row for each student, a column for each answer, whatever form it stood on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from grader.analysis.printed_options import Choice, boxes, choices_of, none_is_right
from grader.report import Check, Report
from leaderboard.report_sums import PENDING
from question_bank.answers import answer_type
from question_bank.key import FormKey, KeyPart, KeyQuestion

Numbers = NDArray[np.float64]
OWN = "each student's own"


class State(IntEnum):
    """What became of an answer. NOT_REACHED: with all that follows it on the paper, and one question before, left out."""

    NOT_ON_FORM = 0
    MARKED = 1
    NOT_ANSWERED = 2
    NOT_REACHED = 3
    PENDING = 4


@dataclass(frozen=True)
class Item:
    """One answer of the exam. `id` is the question's, with its part; `labels` are as printed, by form.

    `corrected`: its key accepts other answers as well since the exam.
    """

    id: str
    question: str
    part: str
    title: str
    kind: str
    lecture: int
    topic: str
    text: str
    points: float
    void: bool
    by_person: bool
    corrected: bool
    labels: Mapping[str, str]
    choices: tuple[Choice, ...] = ()
    none_right: bool = False


@dataclass(frozen=True)
class Responses:
    """Students by answers. `earned` and `full` are points: NaN where the answer is not on the form or waits.

    `chosen` and `shown` hold the places in `choices` that were checked and printed, `said` what was read, `mistakes`
    what was recognised; each None where there is nothing of the kind. `open` are the items that wait for marks on most
    papers: they are pending on all, and what is said of questions and points is said without them.
    """

    assignment: str
    title: str
    items: tuple[Item, ...]
    questions: tuple[str, ...]
    question_of: NDArray[np.intp]
    forms: tuple[str, ...]
    form_of: NDArray[np.intp]
    state: NDArray[np.int8]
    earned: Numbers
    full: Numbers
    chosen: NDArray[np.object_]
    shown: NDArray[np.object_]
    said: NDArray[np.object_]
    mistakes: NDArray[np.object_]
    open: NDArray[np.bool_]
    pass_share: Numbers
    passed: tuple[bool | None, ...]
    own_forms: bool = False
    notes: tuple[str, ...] = field(default=())

    @property
    def students(self) -> int:
        """How many papers there are."""
        return len(self.form_of)

    def shares(self) -> Numbers:
        """The share of its points that each answer earned, 0 where it was left out; NaN where nothing can be said."""
        known = np.isin(self.state, (State.MARKED, State.NOT_ANSWERED)) & (self.full > 0)
        return np.where(known, self.earned / np.where(known, self.full, 1.0), np.nan)

    def of_questions(self) -> tuple[Numbers, Numbers]:
        """Points earned and full points by question; NaN where a part waits or the question is not on the form."""
        earned = np.full((self.students, len(self.questions)), np.nan)
        full = earned.copy()
        for place in range(len(self.questions)):
            own = (self.question_of == place) & ~self.open
            there = (self.state[:, own] != State.NOT_ON_FORM).any(axis=1)
            waits = (self.state[:, own] == State.PENDING).any(axis=1)
            known = there & ~waits
            earned[known, place] = np.nansum(self.earned[np.ix_(known, own)], axis=1)
            full[known, place] = np.nansum(self.full[np.ix_(known, own)], axis=1)
        return earned, full

    def percent(self) -> Numbers:
        """Each student's percentage of the points that are marked on the paper, 0 at least."""
        full = np.nansum(self.full, axis=1)
        earned = np.maximum(np.nansum(self.earned, axis=1), 0.0)
        return np.asarray(100 * earned / np.where(full > 0, full, 1.0))

    def complete(self) -> NDArray[np.bool_]:
        """Whether a student's paper has all its marks, but for the items that are open on most."""
        return np.asarray(~(self.state[:, ~self.open] == State.PENDING).any(axis=1))

    def reached(self) -> NDArray[np.bool_]:
        """Students by questions: whether the student got to it; False where it is not on the form."""
        found = np.zeros((self.students, len(self.questions)), dtype=bool)
        for place in range(len(self.questions)):
            own = self.state[:, self.question_of == place]
            found[:, place] = ((own != State.NOT_ON_FORM) & (own != State.NOT_REACHED)).any(axis=1)
        return found


def responses_of(
    reports: Sequence[Report],
    keys: Sequence[FormKey],
    *,
    own_forms: bool,
    notes: Sequence[str] = (),
) -> Responses:
    """The answers of all reports, each with the key of its form. Papers without a single answer are left out.

    own_forms: each student has a form of their own; forms are then not told apart, nor named.
    """
    by_form = {key.form: key for key in keys}
    empty = [r for r in reports if all(c.verdict == "not_answered" for c in r.checks)]
    # Sums of floats depend on their order: in one that no file name decides, the same papers give the same bytes.
    used = sorted(
        (report for report in reports if report not in empty),
        key=lambda report: (report.content_sha256, str(report.form), report.score),
    )
    names = {key.form: OWN if own_forms else key.form for key in keys}
    printed = sorted({str(report.form) for report in used})
    items = _items([by_form[form] for form in printed], names)
    said = [*notes]
    if empty:
        count = f"{len(empty)} papers have" if len(empty) > 1 else "1 paper has"
        said.append(f"{count} no answer at all and {'are' if len(empty) > 1 else 'is'} left out")
    places = {(item.question, item.part): place for place, item in enumerate(items)}
    forms = tuple(sorted({names[form] for form in printed}))
    questions = tuple(dict.fromkeys(item.question for item in items))
    shape = (len(used), len(items))
    state = np.zeros(shape, dtype=np.int8)
    earned, full = np.full(shape, np.nan), np.full(shape, np.nan)
    chosen, shown, read, mistakes = (np.full(shape, None, dtype=object) for _ in range(4))
    for row, report in enumerate(used):
        key, checks = by_form[str(report.form)], {check.id: check for check in report.checks}
        behind = _not_reached(key, checks)
        for label, (question, part) in key.labels().items():
            check, place = checks.get(label), places[question.id, part.label]
            if check is None:
                continue
            state[row, place] = _state(check, question.number in behind)
            if state[row, place] == State.PENDING:
                continue
            earned[row, place], full[row, place] = check.points, check.max_points
            read[row, place], mistakes[row, place] = check.read_as, check.mistake
            chosen[row, place], shown[row, place] = boxes(check, part, items[place].choices)
    waits = (state == State.PENDING).sum(axis=0)
    is_open = (waits > 0) & (waits >= (state == State.MARKED).sum(axis=0))
    state[:, is_open] = np.where(state[:, is_open] == State.NOT_ON_FORM, 0, State.PENDING)
    earned[:, is_open] = full[:, is_open] = np.nan
    return Responses(
        assignment=keys[0].assignment,
        title=keys[0].title,
        items=items,
        questions=questions,
        question_of=np.array([questions.index(item.question) for item in items], dtype=np.intp),
        forms=forms,
        form_of=np.array([forms.index(names[str(r.form)]) for r in used], dtype=np.intp),
        state=state,
        earned=earned,
        full=full,
        chosen=chosen,
        shown=shown,
        said=read,
        mistakes=mistakes,
        open=is_open,
        pass_share=np.array([r.pass_mark / (r.max_score or 1.0) for r in used], dtype=float),
        passed=tuple(report.passed for report in used),
        own_forms=own_forms,
        notes=tuple(said),
    )


def _items(keys: Sequence[FormKey], names: Mapping[str, str]) -> tuple[Item, ...]:
    """Every answer that one of the forms asks for, each once, in the order of the first form that has it."""
    found: dict[tuple[str, str], list[tuple[FormKey, KeyQuestion, KeyPart]]] = {}
    for key in keys:
        for question, part in key.labels().values():
            found.setdefault((question.id, part.label), []).append((key, question, part))
    return tuple(_item(seen, names) for seen in found.values())


def _item(seen: Sequence[tuple[FormKey, KeyQuestion, KeyPart]], names: Mapping[str, str]) -> Item:
    _, question, part = seen[0]
    own = OWN in names.values()
    return Item(
        id=f"{question.id}.{part.label}" if part.label else question.id,
        question=question.id,
        part=part.label,
        title=question.title + (f", part {part.label}" if part.label else ""),
        kind=part.answer["type"],
        lecture=question.lecture,
        topic=question.topic,
        text=part.text or question.text,
        points=part.points,
        void=all(p.void for _, _, p in seen),
        by_person=answer_type(part.answer["type"]).by_person,
        labels={} if own else {k.form: f"{q.number}{p.label}" for k, q, p in seen},
        none_right=any(none_is_right(p) for _, _, p in seen),
        corrected=any(p.accept for _, _, p in seen),
        choices=choices_of([(None if own else k.form, p) for k, _, p in seen]),
    )


def _state(check: Check, behind: bool) -> State:
    if check.verdict in PENDING:
        return State.PENDING
    if check.verdict == "not_answered":
        return State.NOT_REACHED if behind else State.NOT_ANSWERED
    return State.MARKED


def _not_reached(key: FormKey, checks: Mapping[str, Check]) -> frozenset[int]:
    """The numbers of the questions at the end that were left out, but for the first of them: that one was seen."""
    left: list[int] = []
    for question in reversed(key.questions):
        own = [checks.get(f"{question.number}{part.label}") for part in question.parts]
        if any(check is not None and check.verdict != "not_answered" for check in own):
            break
        left.append(question.number)
    return frozenset(left[:-1])
