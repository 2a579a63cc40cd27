"""The question file: its schema, as pydantic models. authoring/json_schema.py publishes it for editors."""

from __future__ import annotations

import math
import re
import string
from collections.abc import Iterator
from fractions import Fraction
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    field_validator,
    model_validator,
)

from question_bank.answers import answer_types
from question_bank.answers.base import Spec
from question_bank.answers.multiple_choice import Scheme
from question_bank.draws import Domain

Type = Literal["multiple_choice", "short", "long"]
Use = Literal["practice", "exam", "both"]

if TYPE_CHECKING:
    AnswerSpec = Spec
else:
    # Each answer type brings its own spec: a new one is a new file of question_bank/answers/.
    _SPECS = [kind.Spec for kind in answer_types().values()]
    AnswerSpec = Annotated[reduce(or_, _SPECS), Field(discriminator="type")]


def _as_expression(value: Any) -> Any:
    # A bare number is an expression too.
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    return str(value)


def _halves(points: float) -> float:
    if points <= 0 or not math.isclose(points * 2, round(points * 2)):
        raise ValueError("points are a positive multiple of 0.5")
    return points


def share(value: Any) -> Any:
    """A share of points as an exact fraction in text: "1/2" for 0.5. Raises ValueError beyond 0 and 1."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return value
    try:
        found = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        found = Fraction(-1)
    if not 0 <= found <= 1:
        raise ValueError(f"{value} is no share of points: a fraction from 0 to 1, such as 1/2")
    return str(found)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


NAME = r"[A-Za-z][A-Za-z0-9_]*"
# In place of a validator, which says more: what editors see of it.
_NAMED: dict[str, Any] = {"propertyNames": {"pattern": f"^{NAME}$"}}


def _name(name: str) -> str:
    if not re.fullmatch(NAME, name):
        raise ValueError(f'"{name}" is no name: letters, digits and _ only, a letter first')
    return name


Template = Annotated[
    StrictStr, Field(min_length=1, description="Markdown with $math$ and {{ values }}")
]
Expression = Annotated[
    StrictStr,
    BeforeValidator(_as_expression, json_schema_input_type=StrictStr | StrictInt | float),
    Field(min_length=1, description="an expression of the safe grammar"),
]
Share = Annotated[
    StrictStr, BeforeValidator(share, json_schema_input_type=StrictStr | StrictInt | float)
]
Truth = StrictBool | StrictStr
Points = Annotated[float, Field(strict=True, gt=0, le=30, json_schema_extra={"multipleOf": 0.5})]
ShortText = Annotated[StrictStr, Field(min_length=1, max_length=200)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(_Model):
    """A named figure of templates/figures, drawn from values. Expressions stand in `args`."""

    name: StrictStr = Field(description="a module of templates/figures, such as loss_curves")
    args: dict[str, Any] = Field(default_factory=dict, description="expressions, or lists of them")
    alt: Template = Field(description="what is drawn, for those who cannot see it; not the key")


class Mistake(_Model):
    """A named misconception: what is changed (a parameter or `let` overridden) and the sentence that helps."""

    name: Annotated[
        StrictStr,
        Field(
            pattern=r"^[a-z][a-z0-9_]*$",
            description="small letters, digits and _, a letter first",
        ),
    ]
    set: Annotated[
        dict[str, Expression],
        Field(
            min_length=1,
            description="values that are other than they should be: a parameter or a `let`",
        ),
    ]
    why: Template = Field(description="the sentence that helps: Markdown, may hold {{ values }}")
    credit: Share = Field(
        "0", description="share of the part's points that an answer with this mistake earns"
    )


class Condition(_Model):
    """What must hold of an own value that is carried forward, and the sentence that says why."""

    holds: Expression = Field(description="an expression that is true of every possible answer")
    why: Template = Field(description="the sentence that says why, such as: A share is at most 1.")


class Option(_Model):
    """An option of a multiple-choice question: `text`, or `value` (an expression, shown as a number)."""

    text: Template | None = Field(
        None, description="what is printed: Markdown with $math$ and {{ values }}"
    )
    value: Expression | None = Field(
        None, description="in place of `text`: an expression, printed as a number"
    )
    correct: Truth = Field(description="true, false, or an expression that is one of the two")
    mistake: StrictStr | None = Field(None, description="text and value under this named mistake")
    why: Template | None = Field(None, description="why it is right, or wrong")

    @model_validator(mode="after")
    def _shown(self) -> Self:
        if (self.text is None) == (self.value is None):
            raise ValueError("an option has either a text or a value")
        return self


class RubricLine(_Model):
    """What earns points where a person marks."""

    points: Points = Field(description="points that this line earns: a multiple of 0.5")
    earns: Template = Field(description="what earns them")

    _check = field_validator("points")(_halves)


class Source(_Model):
    """Where a statement that is not computed can be checked."""

    source: ShortText = Field(description="where the statement can be checked: a book, a paper")


Verification = Expression | Source


class Part(_Model):
    """One part of a long question; parts are labelled a, b, c, ... in order."""

    text: Template = Field(description="what this part asks: Markdown with $math$ and {{ values }}")
    points: Points = Field(description="points of this part: a multiple of 0.5")
    answer: AnswerSpec = Field(description="the key of this part, and how an answer to it is read")
    figure: Figure | None = Field(None, description="a figure that is printed with this part")
    carry: dict[str, StrictStr] = Field(
        default_factory=dict,
        description="value: label of the earlier part whose answer takes its place (error carried forward)",
    )
    carry_credit: Share = Field(
        "1", description="share of the points that what follows from an earlier wrong answer earns"
    )
    solution: Template = Field(description="the worked solution, with the numbers of the draw")
    rubric: tuple[RubricLine, ...] = Field(
        (), description="for what a person marks: points, and what earns them"
    )

    _check = field_validator("points")(_halves)


class Question(_Model):
    """One question of the bank, with its parameters still open."""

    id: Annotated[
        StrictStr,
        Field(
            pattern=r"^[a-z][a-z0-9_]{2,60}$",
            description="3 to 61 small letters, digits and _, a letter first; the name of the file",
        ),
    ]
    title: Annotated[
        StrictStr,
        Field(
            min_length=3,
            max_length=70,
            description="printed with long questions only; gives nothing away",
        ),
    ]
    lecture: Annotated[StrictInt, Field(ge=1, le=12, description="the lecture that it belongs to")]
    topic: ShortText = Field(description="the topic of the lecture that it belongs to")
    archetype: Annotated[
        tuple[StrictStr, ...],
        BeforeValidator(_listed, json_schema_input_type=StrictStr | tuple[StrictStr, ...]),
    ] = Field((), description='what kind of exam question it is, in quotes: "9.10", or a list')
    type: Type = Field(description="multiple_choice, short or long: the section of the exam")
    points: Points = Field(description="a multiple of 0.5; left out where `parts` have points")
    minutes: Annotated[
        float,
        Field(strict=True, gt=0, le=40, description="working time; about a minute for a point"),
    ]
    difficulty: Annotated[
        StrictInt, Field(ge=1, le=5, description="1 (recall) to 5 (few will manage)")
    ]
    objectives: Annotated[
        tuple[ShortText, ...],
        BeforeValidator(_listed, json_schema_input_type=ShortText | tuple[ShortText, ...]),
        Field(min_length=1, description="what a student shows by answering"),
    ]
    source: ShortText = Field(description="the lecture and its topic, or a paper")
    convention: ShortText | None = Field(
        None, description="the convention that the text prints, where books differ"
    )
    use: Use = Field("both", description="practice, exam or both; the quiz never shows `exam`")
    enemies: tuple[StrictStr, ...] = Field(
        (),
        description="names of groups of which at most one question is in an exam; a question's id is the group of it"
        " and all that name it",
    )
    parameters: dict[str, Domain] = Field(
        default_factory=dict,
        description="what is drawn: a name and its domain each",
        json_schema_extra=_NAMED,
    )
    require: tuple[Expression, ...] = Field((), description="conditions that a draw must meet")
    few_draws: ShortText | None = Field(
        None, description="why there are fewer than 50 draws, where the closed form has no more"
    )
    let: dict[str, Expression] = Field(
        default_factory=dict,
        description="derived values in order, one step of the hand computation a line",
        json_schema_extra=_NAMED,
    )
    possible: tuple[Condition, ...] = Field(
        (), description="what any answer fulfils that can be carried forward to a later part"
    )
    text: Template = Field(description="what is asked: Markdown with $math$ and {{ values }}")
    figure: Figure | None = Field(None, description="a figure that is drawn from the values")
    options: tuple[Option, ...] = Field(
        (), description="of a multiple-choice question: 2 to 8, any number of them right"
    )
    printed: Annotated[StrictInt, Field(ge=3, le=7)] | None = Field(
        None,
        description="how many options a paper shows: the right ones, and wrong ones that the seed draws (default: all)",
    )
    shuffle: StrictBool = Field(
        True, description="false where the order of options carries meaning"
    )
    scoring: Scheme = Field(
        "all_or_nothing", description="how the boxes of a multiple-choice question earn its points"
    )
    answer: AnswerSpec | None = Field(
        None, description="the key of a question without parts, and how an answer to it is read"
    )
    parts: tuple[Part, ...] = Field((), description="of a long question: two or more, in order")
    mistakes: tuple[Mistake, ...] = Field(
        (), description="named slips: what they change, and the sentence that helps"
    )
    solution: Template | None = Field(
        None, description="the worked solution, with the numbers of the draw"
    )
    rubric: tuple[RubricLine, ...] = Field(
        (), description="for what a person marks: points, and what earns them"
    )
    verify: dict[str, Verification] = Field(
        default_factory=dict,
        description='a second route to the key of each part ("" for a question without parts)',
    )

    _check = field_validator("points")(_halves)

    @property
    def parametrised(self) -> bool:
        """Whether variants differ in more than the order of options."""
        return bool(self.parameters)

    @property
    def has_figure(self) -> bool:
        """Whether a figure is drawn with the question or a part of it."""
        return self.figure is not None or any(part.figure for part in self.parts)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the parts; one empty label for a question without parts."""
        return tuple(string.ascii_lowercase[: len(self.parts)]) if self.parts else ("",)

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, data: Any) -> Any:
        return filled_in(data) if isinstance(data, dict) else data

    @field_validator("parameters", "let")
    @classmethod
    def _names(cls, values: dict[str, Any]) -> dict[str, Any]:
        for name in values:
            _name(name)
        return values

    @model_validator(mode="after")
    def _shape(self) -> Self:
        faults = [message for _, message in self.shape_faults()]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def shape_faults(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """What the sections contradict each other in: the keys that it is about, and the contradiction."""
        ways = [bool(self.options), self.answer is not None, bool(self.parts)]
        if ways.count(True) != 1:
            yield (
                ("options", "answer", "parts"),
                "a question has exactly one of options, answer, parts",
            )
        if (self.type == "multiple_choice") != bool(self.options):
            yield ("type", "options"), "options belong to type multiple_choice, and only to it"
        if self.scoring != "all_or_nothing" and not self.options:
            yield ("scoring",), "scoring is about the boxes of a multiple-choice question"
        if self.printed is not None:
            right = [option.correct for option in self.options]
            if not all(isinstance(flag, bool) for flag in right):
                yield (
                    ("printed", "options"),
                    "printed needs options that are right in each draw or in none",
                )
            elif not right.count(True) <= self.printed < len(right):
                yield (
                    ("printed", "options"),
                    "printed is fewer than the options, and no fewer than the right ones",
                )
        if self.options and not 2 <= len(self.options) <= 8:
            yield ("options",), "a multiple-choice question has 2 to 8 options"
        if self.type == "long" and len(self.parts) < 2:
            yield ("type", "parts"), "a long question has at least two parts"
        if self.parts and self.points != sum(part.points or 0 for part in self.parts):
            says = "points is not the sum of the parts' points (leave it out)"
            yield ("points", "parts"), says
        if not self.parts and self.solution is None:
            yield ("parts", "solution"), "a solution is missing"


# Where one of these is left out, it comes from the keys named beside it (see `filled_in`).
DERIVED = {"minutes": ("points", "parts"), "points": ("parts",)}


def filled_in(data: dict[str, Any]) -> dict[str, Any]:
    """What can be derived need not be written: points of the parts, minutes, the one verified key."""
    data = dict(data)
    parts = data.get("parts")
    if isinstance(parts, list) and "points" not in data:
        points = [p["points"] for p in parts if isinstance(p, dict) and "points" in p]
        if len(points) == len(parts) and all(isinstance(p, (int, float)) for p in points):
            data["points"] = sum(points)
    if "minutes" not in data and isinstance(data.get("points"), (int, float)):
        data["minutes"] = data["points"]
    verify = data.get("verify")
    if isinstance(verify, str) or (isinstance(verify, dict) and set(verify) == {"source"}):
        data["verify"] = {"": verify}
    return data
