"""What a blueprint file may say: the data model of an exam that is yet to be chosen.

Amounts of points are multiples of one half; an amount is written as one number (exactly that
many) or as a mapping with ``min`` and ``max`` (either may be missing).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    field_validator,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from generator.blueprint_language import Language, with_languages

Kind = Literal["multiple_choice", "short", "long"]

HalfPoints = Annotated[float, Field(ge=0, le=10_000, multiple_of=0.5, allow_inf_nan=False)]
PositiveHalfPoints = Annotated[float, Field(gt=0, le=10_000, multiple_of=0.5, allow_inf_nan=False)]
Time = Annotated[float, Field(ge=0, le=10_000, multiple_of=0.01, allow_inf_nan=False)]
Mean = Annotated[float, Field(ge=1, le=5, multiple_of=0.01, allow_inf_nan=False)]
Lecture = Annotated[int, Field(ge=1, le=99)]
LectureKey = Annotated[
    str, Field(pattern=r"^[1-9][0-9]?$", description="the number of a lecture, 1 to 99")
]
Level = Annotated[int, Field(ge=1, le=5)]
Line = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern=r"^[^\r\n]+$",
        description="one line of 1 to 200 characters",
    ),
]
Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$",
        description="up to 100 letters, digits, _ . and -, a letter or digit first",
    ),
]


def _some(values: tuple[Any, ...]) -> tuple[Any, ...]:
    # pydantic's own lower limit also complains when an item is wrong, and then counts wrongly.
    if not values:
        raise PydanticCustomError("empty_list", "the list is empty", {"cure": "name at least one"})
    return values


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Range(_Model):
    """An amount: one number (exactly that), or ``min`` and ``max``, both included."""

    @model_validator(mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return {"min": value, "max": value}
        return value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        # Editors learn of the short way to write it, too.
        mapping = handler.resolve_ref_schema(handler(core))
        limits = next(way for way in mapping["properties"]["min"]["anyOf"] if "type" in way)
        return {"anyOf": [limits, dict(mapping)], "description": mapping.get("description", "")}


class Points(_Range):
    """An amount of points: exact, or between ``min`` and ``max`` (both included)."""

    min: HalfPoints | None = None
    max: HalfPoints | None = None


class Count(_Range):
    """A number of questions: exact, or between ``min`` and ``max`` (both included)."""

    min: Annotated[int, Field(ge=0, le=10_000)] | None = None
    max: Annotated[int, Field(ge=0, le=10_000)] | None = None


class Minutes(_Range):
    """An amount of working time: exact, or between ``min`` and ``max`` (both included)."""

    min: Time | None = None
    max: Time | None = None


class MeanDifficulty(_Range):
    """The mean of the levels 1 to 5, weighted by points: exact, or between ``min`` and ``max``."""

    min: Mean | None = None
    max: Mean | None = None


PointsRange = Annotated[
    Points, Field(description="a number of points, or {min: POINTS, max: POINTS}")
]
CountRange = Annotated[
    Count, Field(description="a number of questions, or {min: NUMBER, max: NUMBER}")
]
MinutesRange = Annotated[
    Minutes, Field(description="a number of minutes, or {min: MINUTES, max: MINUTES}")
]
MeanRange = Annotated[MeanDifficulty, Field(description="{min: LEVEL, max: LEVEL}, levels 1 to 5")]

Lectures = Annotated[tuple[Lecture, ...], Field(strict=False), AfterValidator(_some)]
Lines = Annotated[tuple[Line, ...], Field(strict=False), AfterValidator(_some)]
Levels = Annotated[tuple[Level, ...], Field(strict=False), AfterValidator(_some)]


class Filter(_Model):
    """Which questions are meant: those that fit everything given here.

    Of a list, one entry that fits is enough. A question has an answer type if one of its parts has.
    """

    lectures: Lectures | None = None
    topics: Lines | None = None
    objectives: Lines | None = None
    archetypes: Lines | None = None
    levels: Annotated[Levels | None, Field(description="levels of difficulty, 1 to 5")] = None
    answers: Annotated[
        Lines | None, Field(description="answer types, such as [numeric, multiple_choice]")
    ] = None
    figure: Annotated[bool | None, Field(description="true: with a figure; false: without")] = None
    parametrised: Annotated[
        bool | None, Field(description="true: with numbers that are drawn; false: without")
    ] = None


class Selection(Filter):
    """A filter of questions of every kind, or of one."""

    kind: Kind | None = None


class Quota(_Model):
    """What a group of questions must contribute; nothing where a field is not given."""

    questions: CountRange = Count()
    points: PointsRange = Points()
    minutes: MinutesRange = Minutes()


class SelectedQuota(Quota):
    """What the questions that a filter selects must contribute together."""

    where: Selection
    mean_difficulty: MeanRange = MeanDifficulty()


class DifficultyQuota(Quota):
    """What the questions of some difficulty levels (1-5) must make together."""

    levels: Levels


class SectionPlan(Filter):
    """One part of the exam: questions of one kind, and how many of them or for how much.

    ``shorten`` lets its long questions end after one of their parts, two or more of them.
    """

    title: Line
    kind: Kind
    points: PointsRange = Points()
    questions: CountRange = Count()
    minutes: MinutesRange = Minutes()
    mean_difficulty: MeanRange = MeanDifficulty()
    question_points: PointsRange = Points()
    shorten: bool = False


class Coverage(_Model):
    """What must come from where.

    ``each_lecture`` holds for every lecture of the blueprint, ``each_topic`` for every topic that the
    bank has in these lectures. An entry of ``lectures`` or ``topics`` replaces it for that one.
    """

    each_lecture: Quota = Quota(questions=Count(min=1))
    lectures: dict[LectureKey, Quota] = Field(default_factory=dict)
    each_topic: Quota = Quota()
    topics: dict[Line, Quota] = Field(default_factory=dict)
    objectives: dict[Line, Quota] = Field(default_factory=dict)


Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Tolerances(_Model):
    """How far the forms of an exam may lie apart and still count as comparable.

    Args:
        points: points of the whole form.
        minutes: working time of the whole form.
        hand_work: hand-work, as a share of the forms' mean.
        difficulty: mean difficulty by points.
        lecture_points: points of any one lecture.
    """

    points: HalfPoints = 0.0
    minutes: Time = 2.0
    hand_work: Share = 0.1
    difficulty: Annotated[float, Field(ge=0, le=4, allow_inf_nan=False)] = 0.2
    lecture_points: HalfPoints = 6.0


class Blueprint(_Model):
    """What an exam must be: its time, its points, its sections, what it covers and avoids.

    Args:
        id: name of the blueprint; the assignment of an exam begins with it.
        title: as printed; a file may give it, the course and the sections' titles for each language.
        minutes: working time; the chosen questions' minutes stay within it.
        work_minutes: narrower bounds on the chosen questions' minutes.
        points: the points of the whole exam, met exactly.
        pass_mark: points that pass.
        use: ``practice`` draws questions for ``practice`` and ``both``; ``exam`` draws questions
            for ``exam`` and ``both``.
        lectures: the lectures that questions may come from.
        per_lecture: the blueprint is for some of its lectures at a time, which are named when an
            exam is made.
        forms: ``same`` questions with other draws on each form, or ``disjoint`` questions.
        pins: ids of questions that must be in the exam, on disjoint forms in each.
        exclude: ids of questions that must not be in it.
        avoid: questions that fit one of these filters must not be in it.
        comparable: what forms may differ in.
    """

    id: Name
    title: Line
    course: Line
    language: Language = "en"
    minutes: Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)]
    work_minutes: MinutesRange = Minutes()
    points: PositiveHalfPoints
    pass_mark: HalfPoints
    use: Literal["practice", "exam"]
    lectures: Lectures
    per_lecture: bool = False
    forms: Literal["same", "disjoint"] = "same"
    sections: Annotated[
        tuple[SectionPlan, ...], Field(strict=False, max_length=20), AfterValidator(_some)
    ]
    coverage: Coverage = Coverage()
    quotas: Annotated[tuple[SelectedQuota, ...], Field(strict=False)] = ()
    difficulty: Annotated[tuple[DifficultyQuota, ...], Field(strict=False)] = ()
    mean_difficulty: MeanRange = MeanDifficulty()
    pins: Annotated[tuple[Name, ...], Field(strict=False)] = ()
    exclude: Annotated[tuple[Name, ...], Field(strict=False)] = ()
    avoid: Annotated[tuple[Selection, ...], Field(strict=False)] = ()
    comparable: Tolerances = Tolerances()

    @field_validator("lectures")
    @classmethod
    def _ascending(cls, lectures: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(set(lectures)))

    def quota(self, lecture: int) -> Quota:
        """Return what the lecture must contribute."""
        return self.coverage.lectures.get(str(lecture), self.coverage.each_lecture)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a blueprint file, for editors."""
    return with_languages(Blueprint.model_json_schema())
