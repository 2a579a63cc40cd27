"""What a file of boards may say: tabs, the rules of each, and the course total."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Line = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        pattern=r"^[^\r\n\t]+$",
        description="one line of 1 to 100 characters",
    ),
]
Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=60,
        pattern=r"^[^\s/](?:[^\r\n\t/]*[^\s/])?$",
        description="one line of 1 to 60 characters without /, and no blanks at its ends",
    ),
]
Assignment = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern=r"^\S(?:[^\r\n\t]*\S)?$",
        description="the name of an assignment, as `grade --list` or a key has it",
    ),
]
Moment = Annotated[
    Annotated[
        str,
        Field(
            pattern=r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?$",
        ),
    ]
    | None,
    Field(
        description='a time in quotes, like "2020-01-15 23:59" (in time_zone) or "2020-01-15 23:59+01:00"'
    ),
]
Points = Annotated[float, Field(ge=-1_000_000_000, le=1_000_000_000, allow_inf_nan=False)]
SomePoints = Annotated[float, Field(ge=0, le=1_000_000_000, allow_inf_nan=False)]
Percent = Annotated[float, Field(ge=0, le=100, multiple_of=0.01, allow_inf_nan=False)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class LateRule(_Model):
    """What a submission loses for each day begun after the deadline."""

    percent_per_day: Annotated[
        Percent | None, Field(description="of the submission's own points, for each day begun")
    ] = None
    points_per_day: Annotated[
        SomePoints | None, Field(description="points, for each day begun")
    ] = None
    at_most: Annotated[
        SomePoints | None, Field(description="the most that is lost, in the same unit")
    ] = None
    grace_minutes: Annotated[
        int, Field(ge=0, le=100_000, description="so many minutes late cost nothing")
    ] = 0
    until: Moment = None


class PassMark(_Model):
    """The points that pass. A number alone: reached is passed."""

    reach: Points | None = None
    at_least: Points | None = None
    above: Points | None = None
    at_most: Points | None = None
    below: Points | None = None

    @model_validator(mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return {"reach": value}
        return value


class Rules(_Model):
    """The rule of a board. What is left out is taken from the level above; null takes a rule away."""

    counts: Literal["best", "last"] | None = None
    first: Annotated[
        int | None, Field(ge=1, le=1000, description="only the first so many submissions count")
    ] = None
    better: Literal["higher", "lower"] | None = None
    ties: Literal["shared", "by_date"] | None = None
    opens: Moment = None
    deadline: Moment = None
    late: LateRule | None = None
    pass_mark: PassMark | None = None
    hidden_until: Moment = None
    weight: Annotated[
        float | None,
        Field(
            ge=0,
            le=1000,
            multiple_of=0.001,
            allow_inf_nan=False,
            description="its part in the total; 0 leaves it out",
        ),
    ] = None


class PhaseEntry(Rules):
    """A phase of a tab, with a board of its own."""

    name: Name


class TabEntry(Rules):
    """A tab: the board of an assignment, or one for each phase."""

    name: Name
    assignment: Assignment
    about: Line | None = None
    phases: Annotated[tuple[PhaseEntry, ...], Field(strict=False, max_length=20)] = ()


class TotalEntry(_Model):
    """The course total: what is added up over the tabs, each times its weight."""

    name: Name = "Course total"
    adds: Annotated[
        Literal["passes", "points", "percent"],
        Field(description="tabs passed, points, or percent of the full points (then a mean)"),
    ] = "points"
    ties: Literal["shared", "by_date"] = "shared"
    pass_mark: PassMark | None = None
    hidden_until: Moment = None


class Boards(_Model):
    """A file of boards."""

    title: Line = "Leaderboard"
    time_zone: Annotated[
        str, Field(min_length=1, max_length=60, description="like Europe/Berlin")
    ] = "UTC"
    empty_tabs: Annotated[
        bool, Field(description="show tabs for which nothing was handed in, too")
    ] = True
    policy: Rules = Rules()
    tabs: Annotated[tuple[TabEntry, ...], Field(strict=False, max_length=200)] = ()
    total: TotalEntry | None = None
