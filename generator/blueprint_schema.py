"""What a blueprint file may say: the data model of an exam that is yet to be chosen.

Amounts of points are multiples of one half; an amount is written as one number (exactly that
many) or as a mapping with ``min`` and ``max`` (either may be missing).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

Kind = Literal["multiple_choice", "short", "long"]

HalfPoints = Annotated[float, Field(ge=0, le=10_000, multiple_of=0.5, allow_inf_nan=False)]
PositiveHalfPoints = Annotated[float, Field(gt=0, le=10_000, multiple_of=0.5, allow_inf_nan=False)]
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
        raise PydanticCustomError("empty_list", "the list is empty")
    return values


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _as_range(value: Any) -> Any:
    """Read the number ``n`` as ``{min: n, max: n}``; anything else is left for the schema."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return {"min": value, "max": value}
    return value


class Points(_Model):
    """An amount of points: exact, or between ``min`` and ``max`` (both included)."""

    min: HalfPoints | None = None
    max: HalfPoints | None = None

    _number = model_validator(mode="before")(_as_range)


class Count(_Model):
    """A number of questions: exact, or between ``min`` and ``max`` (both included)."""

    min: Annotated[int, Field(ge=0, le=10_000)] | None = None
    max: Annotated[int, Field(ge=0, le=10_000)] | None = None

    _number = model_validator(mode="before")(_as_range)


PointsRange = Annotated[
    Points, Field(description="a number of points, or {min: POINTS, max: POINTS}")
]
CountRange = Annotated[
    Count, Field(description="a number of questions, or {min: NUMBER, max: NUMBER}")
]


class Quota(_Model):
    """What one lecture or one topic must contribute; nothing where a field is not given."""

    questions: CountRange = Count()
    points: PointsRange = Points()


class DifficultyQuota(_Model):
    """How many points the questions of some difficulty levels (1-5) must make together."""

    levels: Annotated[tuple[Level, ...], Field(strict=False), AfterValidator(_some)]
    points: PointsRange


class SectionPlan(_Model):
    """One part of the exam: questions of one kind, and how many of them or for how much."""

    title: Line
    kind: Kind
    points: PointsRange = Points()
    questions: CountRange = Count()
    question_points: PointsRange = Points()
    lectures: Annotated[tuple[Lecture, ...], Field(strict=False), AfterValidator(_some)] | None = (
        None
    )
    topics: Annotated[tuple[Line, ...], Field(strict=False), AfterValidator(_some)] | None = None


class Coverage(_Model):
    """What must come from where. ``each_lecture`` holds for every lecture of the blueprint.

    An entry in ``lectures`` (by the lecture's number) replaces ``each_lecture`` for that lecture.
    """

    each_lecture: Quota = Quota(questions=Count(min=1))
    lectures: dict[LectureKey, Quota] = Field(default_factory=dict)
    topics: dict[Line, Quota] = Field(default_factory=dict)


class Blueprint(_Model):
    """What an exam must be: its time, its points, its sections, what it covers and avoids.

    Args:
        id: name of the blueprint; the assignment of an exam begins with it.
        minutes: working time; the chosen questions' minutes stay within it.
        points: the points of the whole exam, met exactly.
        pass_mark: points that pass.
        use: ``practice`` draws questions for ``practice`` and ``both``; ``exam`` draws questions
            for ``exam`` and ``both``.
        lectures: the lectures that questions may come from.
        pins: ids of questions that must be in the exam.
        exclude: ids of questions that must not be in it.
    """

    id: Name
    title: Line
    course: Line
    language: Literal["en", "de"] = "en"
    minutes: Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)]
    points: PositiveHalfPoints
    pass_mark: HalfPoints
    use: Literal["practice", "exam"]
    lectures: Annotated[tuple[Lecture, ...], Field(strict=False), AfterValidator(_some)]
    sections: Annotated[
        tuple[SectionPlan, ...], Field(strict=False, max_length=20), AfterValidator(_some)
    ]
    coverage: Coverage = Coverage()
    difficulty: Annotated[tuple[DifficultyQuota, ...], Field(strict=False)] = ()
    pins: Annotated[tuple[Name, ...], Field(strict=False)] = ()
    exclude: Annotated[tuple[Name, ...], Field(strict=False)] = ()

    @field_validator("lectures")
    @classmethod
    def _ascending(cls, lectures: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(set(lectures)))

    def quota(self, lecture: int) -> Quota:
        """Return what the lecture must contribute."""
        return self.coverage.lectures.get(str(lecture), self.coverage.each_lecture)
