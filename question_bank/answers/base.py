"""What every answer type is: a few functions over plain data.

An answer type binds an author's spec to a key, reads a typed answer, compares the reading with the key, renders
the key for people, and invents sample answers of which it knows the verdict, so that every question can be
exercised without its author writing tests.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from question_bank.grammar.exact import Value

Verdict = Literal[
    "right", "partly_right", "wrong", "unreadable", "not_answered", "needs_person", "undecided"
]

# How much of an answer the machine reads, and how much a person does: some pages of prose or code.
MAX_ANSWER, MAX_PROSE = 2_000, 20_000


class Model(BaseModel):
    """A frozen record; unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Tolerance = Annotated[
    float,
    Field(ge=0, allow_inf_nan=False, description="how far off a number may be (absolute)"),
]


class Spec(Model):
    """What an author writes under `answer:`."""

    type: str


class Key(Model):
    """The machine-readable right answer of one variant; goes into key.json as it is.

    Fields named in `omitted_when_default` are written only where they say something.
    """

    omitted_when_default: ClassVar[frozenset[str]] = frozenset()

    type: str

    @model_serializer(mode="wrap")
    def _short(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = plain(self)
        fields = type(self).model_fields
        return {
            name: value
            for name, value in data.items()
            if name not in self.omitted_when_default
            or getattr(self, name) != fields[name].get_default(call_default_factory=True)
        }


@dataclass(frozen=True)
class Printed:
    """What the student has before them: texts with the names of what is asked for, the nearest first."""

    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """A typed answer as it was understood; `echo` shows it to the student.

    A `remote` reading counts only where the usual one is not right: 1.234 as one thousand. `named` says that the
    entries of a list came with names, so that another order may be meant: variance = 4, mean = 1. `names` are these
    names, one for each entry (each row of a table), empty where an entry has none; of a formula, what stands in front.
    `converted` holds the entries of a table as they were typed, where some of them are in another unit than is asked for.
    """

    value: Any
    echo: str
    remote: bool = False
    named: bool = False
    names: tuple[str, ...] = ()
    converted: tuple[tuple[Any, ...], ...] = ()


class Unreadable(Exception):
    """The answer cannot be read, which is not the same as wrong: why, and how to write it."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NoKey(Exception):
    """The values of a draw make no key of this type."""


@dataclass(frozen=True)
class Comparison:
    """How much of the points an answer earns; None when it cannot be decided by the machine."""

    fraction: Fraction | None
    message: str


@dataclass(frozen=True)
class Samples:
    """Invented answers with the outcome that they must have."""

    right: tuple[str, ...]
    wrong: tuple[str, ...]
    unreadable: tuple[str, ...]


S = TypeVar("S", bound=Spec)
K = TypeVar("K", bound=Key)


class AnswerType(ABC, Generic[S, K]):
    """One kind of answer. Modules of this package each hold one, named TYPE."""

    kind: ClassVar[str]
    Spec: ClassVar[type[Spec]]
    Key: ClassVar[type[Key]]
    # Whether a person may have to mark it, with a rubric; no second route and no mistake goes with it then.
    by_person: ClassVar[bool] = False
    # Whether the key is a result of computing; else it is a choice among what is printed.
    computed: ClassVar[bool] = True

    @abstractmethod
    def bind(self, spec: S, values: Mapping[str, Value]) -> K:
        """The key for the values of a draw. Raises NoKey, EvaluationError or GrammarError."""

    @abstractmethod
    def names(self, spec: S) -> frozenset[str]:
        """The values that the spec reads."""

    @abstractmethod
    def parse(self, text: str, key: K) -> tuple[Reading, ...]:
        """The ways to read the answer: one, or several where people write in more than one way.

        Raises Unreadable.
        """

    @abstractmethod
    def compare(self, reading: Reading, key: K) -> Comparison:
        """The reading against the key."""

    @abstractmethod
    def render(self, key: K) -> str:
        """The right answer as Markdown, one stretch of a line; empty where there is none to show."""

    @abstractmethod
    def instruction(self, key: K) -> str:
        """One short line that says how to write the answer."""

    @abstractmethod
    def samples(self, key: K) -> Samples:
        """Invented answers: right, wrong, unreadable."""

    @abstractmethod
    def written(self, key: K) -> str:
        """The key as a student would type it; reading it gives full points."""

    def printed(self, key: K) -> str:
        """What is printed below the question for this type: lettered items, as Markdown. Mostly nothing."""
        return ""

    def typed(self, value: Value, key: K) -> str:
        """A computed value as an answer: what a second route found, in place of the key.

        Raises NoKey, EvaluationError or pydantic's ValidationError.
        """
        spec = self.Spec.model_validate({"type": self.kind, "value": "found"})
        return self.written(self.bind(cast(S, spec), {"found": value}))

    def of_value(self, value: Value, key: K) -> Reading | None:
        """A computed value as if it had been typed and read; None where only its text can be read.

        Raises NoKey where the value is none of this type.
        """
        return None

    def of_key(self, key: K) -> Reading | None:
        """The key's own value as if it had been typed and read; None where only its text can be read."""
        return None

    def by_names(self, reading: Reading, key: K, printed: Printed) -> Reading | None:
        """The reading with its entries in the order in which the question asks for their names; None where it is unknown."""
        return None

    def names_another(self, reading: Reading, key: K, printed: Printed) -> bool:
        """Whether the name in front of a right answer is that of something else that the question speaks of."""
        return False

    def carried(self, reading: Reading) -> Value | None:
        """The value that later parts go on with; None when this type cannot be carried forward."""
        return None
