"""Whether the forms of an exam are alike: each measured, the largest differences, a verdict.

Everything comes from the record of the exam: the questions of each form, and the hand-work of the
numbers that were drawn for them. A form of a class of students counts like any other.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from generator.draws import drawn_work
from generator.heads import Head, head_of
from generator.record import ExamRecord, RecordedForm
from question_bank.schema import Question
from question_bank.shortened import shortened

SCHEMA_VERSION = 1
# So many questions whose draws differ most in hand-work are named.
UNEVEN_NAMED = 5

MeasureName = Literal["points", "minutes", "hand_work", "difficulty", "lecture_points"]


@dataclass(frozen=True)
class SectionMeasure:
    """One section of a form."""

    title: str
    questions: int
    points: float
    minutes: float


@dataclass(frozen=True)
class FormMeasures:
    """What one form asks for.

    ``hand_work`` is in digits, ``difficulty`` the mean level by points; lectures and topics are in
    points, objectives and answer types in questions.
    """

    label: str
    questions: int
    points: float
    minutes: float
    hand_work: int
    difficulty: float
    figures: int
    sections: tuple[SectionMeasure, ...]
    lectures: dict[str, float]
    topics: dict[str, float]
    objectives: dict[str, int]
    answers: dict[str, int]


@dataclass(frozen=True)
class Difference:
    """How far the forms lie apart in one measure, and whether that is within its tolerance.

    ``lecture`` is given for the points of one lecture: the one in which forms differ most.
    ``difference`` and ``tolerance`` of hand-work are shares of the forms' mean.
    """

    measure: MeasureName
    least: float
    least_form: str
    most: float
    most_form: str
    difference: float
    tolerance: float
    within: bool
    lecture: int | None = None


@dataclass(frozen=True)
class UnevenQuestion:
    """A question that is on every form, with more hand-work on one than on another."""

    id: str
    least: int
    least_form: str
    most: int
    most_form: str


@dataclass(frozen=True)
class Certificate:
    """The forms of an exam side by side."""

    assignment: str
    title: str
    course: str
    language: Literal["en", "de"]
    seed: int
    bank_version: str
    questions: Literal["same", "disjoint"]
    pins: tuple[str, ...]
    forms: tuple[FormMeasures, ...]
    differences: tuple[Difference, ...]
    uneven: tuple[UnevenQuestion, ...]

    @property
    def comparable(self) -> bool:
        """Return whether every measure is within its tolerance."""
        return all(difference.within for difference in self.differences)


def certificate(record: ExamRecord, questions: Mapping[str, Question]) -> Certificate:
    """Measure the forms of an exam.

    Args:
        record: the exam.
        questions: its questions (and others), by id.
    """
    blueprint = record.blueprint
    work = _work(record, questions)
    heads = _heads(record, questions)
    forms = tuple(_measured(form, heads, work) for form in record.forms)
    same = blueprint.forms == "same" or len(forms) == 1
    return Certificate(
        assignment=record.assignment,
        title=blueprint.title,
        course=blueprint.course,
        language=blueprint.language,
        seed=record.seed,
        bank_version=record.bank_version,
        questions="same" if same else "disjoint",
        pins=blueprint.pins,
        forms=forms,
        differences=tuple(_differences(forms, record)),
        uneven=tuple(_uneven(record, work)) if same else (),
    )


def dumps(found: Certificate) -> str:
    """Return the text of certificate.json: the same exam, the same text."""
    data: dict[str, Any] = {
        "product": "mockexam",
        "schema_version": SCHEMA_VERSION,
        "verdict": "comparable" if found.comparable else "not_comparable",
        **asdict(found),
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


Work = Mapping[tuple[str, str], int]


def _work(record: ExamRecord, questions: Mapping[str, Question]) -> Work:
    """The hand-work of each question of each form, by label and id."""
    found = {}
    for form in record.forms:
        for section in form.sections:
            for one in section.questions:
                work = one.work
                if work is None:
                    # A record from before hand-work was kept in it.
                    asked = questions[one.id]
                    if one.ends_after is not None:
                        asked = shortened(asked, one.ends_after)
                    work = drawn_work(asked, one.seed)
                found[form.label, one.id] = work
    return found


def _heads(
    record: ExamRecord, questions: Mapping[str, Question]
) -> dict[tuple[str, int | None], Head]:
    return {
        (one.id, one.ends_after): head_of(questions[one.id], one.ends_after)
        for form in record.forms
        for section in form.sections
        for one in section.questions
    }


def _measured(
    form: RecordedForm, heads: Mapping[tuple[str, int | None], Head], work: Work
) -> FormMeasures:
    sections = [
        [heads[one.id, one.ends_after] for one in section.questions] for section in form.sections
    ]
    asked = [head for section in sections for head in section]
    points = sum(head.points for head in asked)
    levels = sum(head.points * head.difficulty for head in asked)
    return FormMeasures(
        label=form.label,
        questions=len(asked),
        points=points,
        minutes=round(sum(head.minutes for head in asked), 2),
        hand_work=sum(work[form.label, head.id] for head in asked),
        difficulty=round(levels / points, 3) if points else 0.0,
        figures=sum(head.figure for head in asked),
        sections=tuple(
            SectionMeasure(
                section.title,
                len(group),
                sum(head.points for head in group),
                round(sum(head.minutes for head in group), 2),
            )
            for section, group in zip(form.sections, sections, strict=True)
        ),
        lectures=_sums(asked, lambda head: [f"{head.lecture}"], _numerical),
        topics=_sums(asked, lambda head: [head.topic]),
        objectives=dict(sorted(Counter(o for head in asked for o in head.objectives).items())),
        answers=dict(sorted(Counter(a for head in asked for a in head.answers).items())),
    )


def _numerical(name: str) -> int:
    return int(name)


def _sums(
    heads: Iterable[Head],
    names: Callable[[Head], Sequence[str]],
    order: Callable[[str], Any] = str,
) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for head in heads:
        for name in names(head):
            found[name] += head.points
    return dict(sorted(found.items(), key=lambda item: order(item[0])))


def _differences(forms: Sequence[FormMeasures], record: ExamRecord) -> Iterable[Difference]:
    allowed = record.blueprint.comparable
    yield _difference("points", forms, lambda form: form.points, allowed.points)
    yield _difference("minutes", forms, lambda form: form.minutes, allowed.minutes)
    mean = sum(form.hand_work for form in forms) / len(forms)
    yield _difference(
        "hand_work", forms, lambda form: form.hand_work, allowed.hand_work, unit=mean or 1
    )
    yield _difference("difficulty", forms, lambda form: form.difficulty, allowed.difficulty)
    by_lecture = [
        _difference(
            "lecture_points",
            forms,
            lambda form, name=str(lecture): form.lectures.get(name, 0.0),  # type: ignore[misc]
            allowed.lecture_points,
            lecture=lecture,
        )
        for lecture in record.blueprint.lectures
    ]
    yield max(by_lecture, key=lambda difference: difference.difference)


def _difference(
    measure: MeasureName,
    forms: Sequence[FormMeasures],
    value: Callable[[FormMeasures], float],
    tolerance: float,
    *,
    unit: float = 1,
    lecture: int | None = None,
) -> Difference:
    least, most = min(forms, key=value), max(forms, key=value)
    apart = round((value(most) - value(least)) / unit, 6)
    return Difference(
        measure=measure,
        least=value(least),
        least_form=least.label,
        most=value(most),
        most_form=most.label,
        difference=apart,
        tolerance=tolerance,
        within=apart <= tolerance,
        lecture=lecture,
    )


def _uneven(record: ExamRecord, work: Work) -> Iterable[UnevenQuestion]:
    labels = [form.label for form in record.forms]
    found = []
    for name in record.question_ids():
        held = [label for label in labels if (label, name) in work]
        least = min(held, key=lambda label: work[label, name])
        most = max(held, key=lambda label: work[label, name])
        if work[most, name] > work[least, name]:
            found.append(UnevenQuestion(name, work[least, name], least, work[most, name], most))
    return sorted(found, key=lambda one: (one.least - one.most, one.id))[:UNEVEN_NAMED]
